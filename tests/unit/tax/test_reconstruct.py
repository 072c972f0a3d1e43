"""From a record and lots to trades: what is on record, what the lots add, and what nobody can know."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from rebalkit.model import AccountKind, AccountSnapshot, Action, Cash, IdentityGroups, Lot, Snapshot, Transaction, WashPolicy
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.reconstruct import Reconstruction, UnknownSale, reconstruct

AS_OF = dt.date(2025, 6, 30)
OLD = dt.date(2020, 1, 2)


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def row(
    action: Action, days: int, shares: str, price: str | None = "10", account: str = "main", symbol: str = "AAA", **more: Any
) -> Transaction:
    return Transaction(account, ago(days), action, symbol, Decimal(shares), None if price is None else Decimal(price), **more)


def lot(name: str, shares: str, cost: str | None, acquired: dt.date | None = OLD, symbol: str = "AAA") -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, None if cost is None else Decimal(cost))


def shown(*lots: Lot, record: tuple[Transaction, ...] = (), spouse: tuple[Lot, ...] = (), **more: Any) -> Snapshot:
    others = (
        AccountSnapshot("spouse", AccountKind.SPOUSE_TAXABLE, Cash(0), spouse),
        AccountSnapshot("ira", AccountKind.IRA, Cash(0)),
    )
    return Snapshot(AS_OF, AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), lots), others, {}, record, **more)


def basis(past: Reconstruction, policy: WashPolicy = WashPolicy()) -> dict[str, Fraction]:
    """USD of what is left, by the lot of the account ``main`` that holds it."""
    ledger = build_ledger(past.trades, past.accounts, policy)
    return {
        name: sum((one.basis for one in ledger.open_lots if one.lot in {trade for trade, _ in parts}), Fraction(0))
        for (account, name), parts in past.lots.items()
        if account == "main"
    }


def test_without_a_record_a_lot_was_bought_on_its_day() -> None:
    past = reconstruct(shown(lot("a", "3", "31.0000001"), lot("b", "2", "18", ago(3))))
    assert [(one.date, one.action, one.quantity) for one in past.trades] == [(OLD, Action.BUY, 3), (ago(3), Action.BUY, 2)]
    assert basis(past) == {"a": Fraction("31.0000001"), "b": 18}
    assert (past.unknown, past.differences, past.doubt.sales) == ((), (), ())


def test_a_lot_of_unknown_date_was_no_recent_acquisition() -> None:
    past = reconstruct(shown(lot("a", "3", None, None)))
    assert [one.action for one in past.trades] == [Action.RECEIVE]


def test_a_lot_is_its_purchase_by_name_or_by_day_and_size() -> None:
    record = (row(Action.BUY, 9, "2", "11"), row(Action.BUY, 9, "3", "12"), row(Action.BUY, 9, "3", "13", lot="c"))
    past = reconstruct(
        shown(lot("three", "3", "36", ago(9)), lot("c", "3", "39", ago(9)), lot("two", "2", "22", ago(9)), record=record)
    )
    assert basis(past) == {"three": 36, "c": 39, "two": 22}
    assert len(past.trades) == 3


def test_a_sale_takes_the_lot_that_it_names_and_else_the_first() -> None:
    record = (
        row(Action.BUY, 60, "2", "11", lot="a"),
        row(Action.BUY, 50, "2", "12", lot="b"),
        row(Action.BUY, 40, "2", "13", lot="c"),
        row(Action.SELL, 20, "1", "9", lot="b"),
        row(Action.SELL, 10, "2", "9"),
    )
    past = reconstruct(shown(lot("b", "1", "12", ago(50)), lot("c", "2", "26", ago(40)), record=record))
    assert [(one.lots[0][0].split()[-1], one.quantity) for one in past.trades if one.action is Action.SELL] == [
        ("#2", 1),
        ("#1", 2),
    ]
    assert past.unknown == ()


def test_what_was_there_before_the_record_was_sold_first_and_every_such_sale_is_in_doubt() -> None:
    record = (row(Action.BUY, 60, "2", "8"), row(Action.SELL, 50, "3", "9"), row(Action.SELL, 10, "2", "9"))
    past = reconstruct(shown(record=record))
    assert past.unknown == (UnknownSale("main", "AAA", ago(50), 3_000_000),)
    assert past.doubt.sales[0] == UnknownSale("main", "AAA", ago(10), 2_000_000)
    named = (record[0], row(Action.SELL, 50, "3", "9", lot="gone"), row(Action.SELL, 10, "2", "9"))
    assert reconstruct(shown(record=named)).unknown == (UnknownSale("main", "AAA", ago(50), 3_000_000),)


def test_a_sale_in_an_ira_loses_nothing() -> None:
    past = reconstruct(shown(record=(row(Action.SELL, 5, "1", account="ira"),)))
    assert past.unknown == ()


def test_an_account_that_is_on_record_but_not_shown_is_taken_for_a_taxable_one() -> None:
    past = reconstruct(shown(record=(row(Action.SELL, 5, "1", account="gone"),)))
    assert past.accounts["gone"] is AccountKind.TAXABLE
    assert [one.account for one in past.unknown] == ["gone"]


def test_what_was_bought_and_is_not_shown_counts_as_held() -> None:
    past = reconstruct(shown(record=(row(Action.BUY, 5, "4"),)))
    assert past.differences == (
        f"4 AAA bought on {ago(5)} in account main are not among its lots, and no sale of them is on record",
    )
    assert [one.quantity for one in build_ledger(past.trades, past.accounts).open_lots] == [4]


@pytest.mark.parametrize("ratio", ["2", "0.5"])
def test_a_split_restates_what_was_bought_and_sold_before_it(ratio: str) -> None:
    factor = Decimal(ratio)
    record = (
        row(Action.BUY, 90, "8", "20", lot="a"),
        row(Action.SELL, 80, "4", "19", lot="a"),
        row(Action.SPLIT, 70, ratio, None),
        row(Action.SELL, 60, "1", "30", lot="a"),
    )
    left = 4 * factor - 1
    past = reconstruct(shown(lot("a", str(left), str(left * 20 / factor), ago(90)), lot("older", "6", "60"), record=record))
    assert (past.unknown, past.differences) == ((), ())
    assert basis(past) == {"a": Fraction(left * 20 / factor), "older": 60}
    # A broker that shows more knows of a wash sale before the record: each share that is left bears its part.
    dear = reconstruct(shown(lot("a", str(left), str(left * 20 / factor + 5), ago(90)), record=record))
    assert abs(basis(dear)["a"] - Fraction(left * 20 / factor + 5)) < Fraction(1, 1000)


def test_a_cost_that_the_brokers_own_view_explains_is_no_news() -> None:
    """The household's ledger gives the loss to the spouse's earlier purchase; the broker, who does not see it, to the later one."""
    record = (
        row(Action.BUY, 90, "2", "20", lot="a"),
        row(Action.BUY, 30, "2", "11", "spouse", lot="s"),
        row(Action.SELL, 28, "2", "10", lot="a"),
        row(Action.BUY, 25, "2", "11", lot="b"),
    )
    past = reconstruct(shown(lot("b", "2", "42", ago(25)), record=record, spouse=(lot("s", "2", "22", ago(30)),)))
    assert basis(past) == {"b": 22}
    assert [one.added for one in build_ledger(past.trades, past.accounts).open_lots if one.account == "spouse"] == [20]
    more = reconstruct(shown(lot("b", "2", "45", ago(25)), record=record, spouse=(lot("s", "2", "22", ago(30)),)))
    assert basis(more) == {"b": 25}


def test_parts_of_a_purchase_that_the_broker_shows_apart_cost_together_what_it_cost() -> None:
    record = (row(Action.BUY, 90, "1", "20", lot="a"), row(Action.SELL, 28, "1", "10", lot="a"), row(Action.BUY, 25, "3", "11"))
    past = reconstruct(shown(lot("dear", "1", "21", ago(25)), lot("plain", "2", "22", ago(25)), record=record))
    ledger = build_ledger(past.trades, past.accounts)
    assert sorted((one.quantity, one.basis) for one in ledger.open_lots) == [(1, 21), (2, 22)]


def test_shares_bought_near_a_sale_of_unknown_loss_are_in_doubt() -> None:
    """The purchase took over who knows how much, so neither its sale nor what is left of it is surely a gain."""
    record = (
        row(Action.SELL, 50, "1", "9", "spouse"),
        row(Action.BUY, 45, "4", "8", lot="b"),
        row(Action.SELL, 5, "2", "9", lot="b"),
    )
    past = reconstruct(shown(lot("b", "2", "16", ago(45)), record=record))
    assert [one.sold for one in past.unknown] == [ago(50)]
    assert past.doubt.sales == (UnknownSale("main", "AAA", ago(5), 2_000_000),)
    assert past.doubt.purchases == {past.lots["main", "b"][0][0]}
    far = (row(Action.SELL, 76, "1", "9", "spouse"), *record[1:])
    assert reconstruct(shown(lot("b", "2", "16", ago(45)), record=far)).doubt.sales == ()
    elsewhere = (row(Action.SELL, 50, "1", "9", "spouse", "BBB"), *record[1:])
    assert reconstruct(shown(lot("b", "2", "16", ago(45)), record=elsewhere)).doubt.sales == ()
    group = WashPolicy(IdentityGroups((("AAA", "BBB"),)))
    assert len(reconstruct(shown(lot("b", "2", "16", ago(45)), record=elsewhere), group).doubt.sales) == 1


@pytest.mark.parametrize(("bought", "doubted"), [(70, True), (71, True), (69, False)])
def test_what_was_bought_within_30_days_of_the_beginning_and_sold_is_in_doubt(bought: int, doubted: bool) -> None:
    """It may have replaced what was sold the day before. A source that does not say where its record begins is believed."""
    record = (row(Action.BUY, bought, "1", "8"), row(Action.SELL, 5, "1", "9"))
    snapshot = shown(record=record, history_from=ago(99))
    assert bool(reconstruct(snapshot).doubt.sales) is doubted
    assert reconstruct(evolve(snapshot, history_from=None)).doubt.sales == ()


def test_what_was_sold_of_a_lot_of_unknown_cost_has_an_unknown_basis() -> None:
    past = reconstruct(shown(lot("a", "3", None), record=(row(Action.SELL, 9, "5", lot="a"),)))
    assert past.unknown == (UnknownSale("main", "AAA", ago(9), 5_000_000),)


def test_a_lot_that_only_its_sale_names_is_one_of_those_without_a_name() -> None:
    record = (row(Action.BUY, 40, "5", "9"), row(Action.SELL, 9, "5", "12", lot="whatever"))
    past = reconstruct(shown(lot("rest", "1", "8"), record=record))
    assert (past.unknown, past.differences) == ((), ())
    (sold,) = build_ledger(past.trades, past.accounts).realised
    assert sold.gain == 15


def test_a_split_that_another_account_recorded_is_one_here_too() -> None:
    """The lots of the spouse are in shares of today; what the spouse bought before is in shares of then."""
    record = (row(Action.BUY, 60, "2", "90", account="spouse"), row(Action.SPLIT, 20, "3", None))
    past = reconstruct(shown(lot("a", "9", "90"), record=record, spouse=(lot("s", "6", "180", ago(60)),)))
    ledger = build_ledger(past.trades, past.accounts)
    assert {(one.account, one.quantity, one.basis) for one in ledger.open_lots} == {("main", 9, 90), ("spouse", 6, 180)}


def test_less_than_a_millionth_of_a_share_is_what_a_broker_rounded() -> None:
    """1.234567 shares make 1.8518505 by a split of three for two, which this broker calls 1.851851."""
    record = (row(Action.REINVEST, 60, "1.234567", "9"), row(Action.SPLIT, 20, "1.5", None))
    past = reconstruct(shown(lot("a", "1.851851", "11.11", ago(60)), record=record))
    assert len(past.trades) == 2
    (held,) = build_ledger(past.trades, past.accounts).open_lots
    assert held.quantity == Fraction("1.8518505")


@pytest.mark.parametrize("arrived", ["6", "4"])
def test_shares_that_moved_to_the_spouse_were_bought_once(arrived: str) -> None:
    """6 shares bought 20 days ago replace 6 of 10 sold since, not 12, wherever they are by now."""
    record = (
        row(Action.BUY, 400, "10", "30", lot="old"),
        row(Action.BUY, 20, "6", "11"),
        row(Action.SELL, 10, "10", "10", lot="old"),
        row(Action.DELIVER, 5, "6", None),
    )
    past = reconstruct(shown(record=record, spouse=(lot("s", arrived, f"{int(arrived) * 11}", ago(20)),)))
    ledger = build_ledger(past.trades, past.accounts)
    assert sum(one.quantity for one in ledger.matches) == 6
    assert [(one.account, one.quantity, one.basis) for one in ledger.open_lots] == [("spouse", int(arrived), int(arrived) * 31)]
    assert past.lots["spouse", "s"] == (("main/AAA/buy 2025-06-10 #2", int(arrived) * 10**6),)


def test_a_lot_of_another_day_or_kind_of_account_did_not_move() -> None:
    record = (row(Action.BUY, 20, "6", "11"), row(Action.DELIVER, 5, "6", None))
    past = reconstruct(shown(record=record, spouse=(lot("s", "6", "66", ago(19)),)))
    assert not any(one.transfer_of for one in past.trades)
    sheltered = reconstruct(
        evolve(shown(record=record), others=(AccountSnapshot("ira", AccountKind.IRA, Cash(0), (lot("i", "6", "66", ago(20)),)),))
    )
    assert not any(one.transfer_of for one in sheltered.trades)
