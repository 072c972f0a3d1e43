"""Running one vector against this package's ledger, planner's side and netting, and saying in what they disagree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from rebalkit.errors import DataError
from rebalkit.model import AccountKind, IdentityGroups
from rebalkit.model.policy import WashPolicy
from rebalkit.tax.broker_view import broker_disallowed
from rebalkit.tax.ledger import Ledger, Term, build_ledger
from rebalkit.tax.netting import net
from rebalkit.tax.outlook import blockers, effect, exposures
from rebalkit.tax.trades import Trade
from rebalkit.testing.tables import Disagreement, Row, compare_figures, compare_rows
from rebalkit.testing.vector_files import Kind, Vector

__all__ = ["judge"]


def judge(vector: Vector) -> tuple[Disagreement, ...]:
    """What this package computes otherwise than ``vector`` expects; empty when they agree.

    Raises:
        DataError: The ledger refuses the trades, and the vector does not expect that.
    """
    if vector.kind is Kind.NETTING:
        return tuple(_netting(vector.data))
    if vector.kind is Kind.PLANNER:
        return tuple(_planner(vector.data))
    return tuple(_ledger(vector.data))


def _ledger(data: Mapping[str, Any]) -> Iterable[Disagreement]:
    expected, accounts = data["expected"], _accounts(data)
    if "error" in expected:
        try:
            build_ledger(_trades(data["trades"]), accounts, _policy(data))
        except DataError:
            return
        yield Disagreement("expected", "error", "an error", "a ledger")
        return
    trades = _trades(data["trades"])
    ledger = build_ledger(trades, accounts, _policy(data))
    yield from compare_rows("realized", ("trade", "lot"), expected["realized"], _realized(ledger))
    yield from compare_rows("open_lots", ("lot",), expected["open_lots"], _open_lots(ledger))
    yield from compare_rows("matches", ("trade", "loss_lot", "replacement_lot"), expected["matches"], _matches(ledger))
    if "years" in expected:
        years = {f"{year} {term}": figure for year, row in expected["years"].items() for term, figure in row.items()}
        yield from compare_figures("years", years, _years(ledger))
    if "broker_disallowed" in expected:
        yield from compare_figures("broker_disallowed", expected["broker_disallowed"], broker_disallowed(trades, accounts))


def _planner(data: Mapping[str, Any]) -> Iterable[Disagreement]:
    accounts, policy, history = _accounts(data), _policy(data), _trades(data["trades"])
    for index, query in enumerate(data["queries"]):
        place, answer = f"queries[{index}] {query['ask']}", query["answer"]
        if query["ask"] == "effect":
            yield from compare_figures(place, answer, effect(history, _trades(query["trades"]), accounts, policy))
            continue
        as_of = query["as_of"]
        ledger = build_ledger([trade for trade in history if trade.date <= as_of], accounts, policy)
        if query["ask"] == "exposures":
            yield from compare_rows(place, ("group", "trade"), answer, _exposures(ledger, as_of))
        else:
            yield from compare_rows(place, ("lot",), answer, _blockers(ledger, query["lot"], as_of))


def _netting(data: Mapping[str, Any]) -> Iterable[Disagreement]:
    year = net(**data["input"])
    got = {
        "st_net": year.short, "lt_net": year.long, "net": year.net, "deduction": year.deduction,
        "st_carry": year.carry_short, "lt_carry": year.carry_long,
    }  # fmt: skip
    yield from compare_figures("expected", data["expected"], {name: Fraction(figure) for name, figure in got.items()})


def _trades(rows: Iterable[Row]) -> list[Trade]:
    return [
        Trade.of(
            row["id"], row["date"], row["account"], row["symbol"], row["side"], row["quantity"], row["price"], row["fees"],
            lots=[(part["lot"], part["quantity"]) for part in row.get("lots", ())],
            order=row.get("order"), acquired=row.get("acquired"), transfer_of=row.get("transfer_of"),
        )
        for row in rows
    ]  # fmt: skip


def _accounts(data: Mapping[str, Any]) -> dict[str, AccountKind]:
    return {row["id"]: row["kind"] for row in data["accounts"]}


def _policy(data: Mapping[str, Any]) -> WashPolicy:
    return WashPolicy(IdentityGroups(data["groups"]), **data.get("policy", {}))


def _realized(ledger: Ledger) -> list[Row]:
    return [
        {
            "trade": row.sale, "lot": row.lot, "term": row.term.value, "quantity": row.quantity, "proceeds": row.proceeds,
            "basis": row.basis, "gain": row.gain, "disallowed": row.disallowed, "permanent": row.permanent, "recognized": row.recognised,
        }
        for row in ledger.realised
    ]  # fmt: skip


def _open_lots(ledger: Ledger) -> list[Row]:
    return [
        {
            "lot": lot.lot, "account": lot.account, "symbol": lot.symbol, "quantity": lot.quantity, "basis_total": lot.basis,
            "acquired": lot.acquired, "deemed_acquired": lot.deemed_acquired, "holding_period_start": lot.holding_period_start,
        }
        for lot in ledger.open_lots
    ]  # fmt: skip


def _matches(ledger: Ledger) -> list[Row]:
    return [
        {
            "trade": one.sale, "loss_lot": one.loss_lot, "replacement_lot": one.replacement_lot,
            "quantity": one.quantity, "amount": one.amount, "permanent": one.permanent,
        }
        for one in ledger.matches
    ]  # fmt: skip


def _years(ledger: Ledger) -> dict[str, Fraction]:
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in ledger.realised:
        for term in Term:
            sums[f"{row.sold.year} {term.value}"] += row.recognised if row.term is term else 0
    return sums


def _exposures(ledger: Ledger, as_of: dt.date) -> list[Row]:
    return [
        {
            "group": one.group, "trade": one.sale, "quantity": one.quantity, "loss": one.loss,
            "do_not_buy_through": one.through, "clean_from": one.free_from,
        }
        for one in exposures(ledger, as_of)
    ]  # fmt: skip


def _blockers(ledger: Ledger, lot: str, as_of: dt.date) -> list[Row]:
    return [
        {"lot": one.lot, "quantity": one.quantity, "clean_from": one.free_from, "permanent": one.permanent}
        for one in blockers(ledger, lot, as_of)
    ]
