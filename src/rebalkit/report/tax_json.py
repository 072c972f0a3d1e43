"""The JSON documents of the ledger and the tax year. `rebalkit.report.tax_schema` describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from rebalkit.model import AccountKind
from rebalkit.money import trim
from rebalkit.report.tax_report import TaxReport
from rebalkit.serial import to_plain
from rebalkit.tax.explain import amounts, explain_match, rules_of
from rebalkit.tax.forms import FormRow
from rebalkit.tax.ledger import Match, OpenLot
from rebalkit.tax.position import LONG_AGO

__all__ = ["exact", "form_document", "ledger_document", "year_document"]

_WIDE = Context(prec=60)
_BILLIONTH = Decimal("1e-9")


def ledger_document(
    accounts: Mapping[str, AccountKind],
    rows: Sequence[FormRow],
    matches: Sequence[Match],
    held: Sequence[OpenLot],
    unpriced: frozenset[str],
    notes: Sequence[str],
) -> dict[str, Any]:
    """What was realised, why losses are disallowed, and what is held."""
    return {
        "accounts": _accounts(accounts),
        "realised": [_row(one) for one in rows],
        "matches": [_match(one, amount) for one, amount in zip(matches, amounts(rows, matches), strict=True)],
        "open_lots": [_lot(one, one.lot not in unpriced) for one in held],
        "notes": list(notes),
    }


def form_document(report: TaxReport) -> dict[str, Any]:
    """The rows of Form 8949, and the lines of Schedule D that hold their sums."""
    totals = [line for line in report.lines if line.proceeds is not None]
    return {
        "year": report.year.year,
        "rows": [_row(one) for one in report.year.rows],
        "totals": [to_plain(line) for line in totals],
        "notes": list(report.notes),
    }


def year_document(report: TaxReport) -> dict[str, Any]:
    """The whole tax year."""
    year = report.year
    return {
        "year": year.year,
        "accounts": _accounts(report.accounts),
        "identical": [list(one) for one in report.identical],
        "recognised": {"short": to_plain(year.short), "long": to_plain(year.long)},
        "disallowed": to_plain(year.disallowed),
        "permanent": to_plain(year.permanent),
        "carried_in": {"short": to_plain(year.carried_short), "long": to_plain(year.carried_long)},
        "limit": to_plain(year.limit),
        "netting": to_plain(year.netting),
        "schedule_d": [to_plain(line) for line in report.lines],
        "profile": to_plain(report.profile),
        "tax": to_plain(report.estimate),
        "rows": [_row(one) for one in year.rows],
        "notes": list(report.notes),
    }


def _accounts(accounts: Mapping[str, AccountKind]) -> list[dict[str, Any]]:
    return [{"account": name, "kind": kind.value} for name, kind in accounts.items()]


def _row(row: FormRow) -> dict[str, Any]:
    columns = ("description", "acquired", "sold", "proceeds", "basis", "code", "adjustment", "gain", "permanent")
    keys = ("account", "symbol", "quantity", "sale", "lot", "broker")
    return {
        "part": row.part,
        "box": row.box,
        "term": row.term.value,
        **{key: to_plain(getattr(row, key)) for key in (*columns, *keys)},
        "differs": list(row.differs),
    }


def _match(one: Match, amount: Decimal) -> dict[str, Any]:
    figures = {"quantity": exact(one.quantity), "amount": exact(one.amount)}
    keys = (
        "sale", "loss_lot", "replacement_lot", "symbol", "replacement_symbol", "account", "replacement_account", "sold",
        "replaced_on", "permanent", "deemed_acquired",
    )  # fmt: skip
    rules = [{"rule": rule.name, "words": rule.words, "source": rule.source} for rule in rules_of(one)]
    return {
        **{key: to_plain(getattr(one, key)) for key in keys},
        **figures,
        "explanation": explain_match(one, amount),
        "rules": rules,
    }


def _lot(one: OpenLot, priced: bool) -> dict[str, Any]:
    known = one.acquired != LONG_AGO
    dates = {
        key: to_plain(getattr(one, key)) if known else None for key in ("acquired", "deemed_acquired", "holding_period_start")
    }
    return {
        **{key: getattr(one, key) for key in ("lot", "account", "symbol", "replaced")},
        **dates,
        "quantity": exact(one.quantity),
        "basis": exact(one.basis) if priced else None,
        "added": exact(one.added),
    }


def exact(value: Fraction) -> Any:
    """``value`` to a billionth, without trailing zeros."""
    number = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return to_plain(trim(number.quantize(_BILLIONTH, ROUND_HALF_EVEN, _WIDE)))
