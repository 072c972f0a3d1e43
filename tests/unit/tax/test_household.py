"""From a complete record to the trades of the ledger: what lots are called, fills of one lot, and transfers."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Action, Transaction
from rebalkit.model.history import split_quantity
from rebalkit.serial import dumps, loads
from rebalkit.tax.broker_view import broker_disallowed
from rebalkit.tax.household import trades_of
from rebalkit.tax.ledger import RealisedRow, build_ledger

KINDS = {"a": AccountKind.TAXABLE, "b": AccountKind.TAXABLE, "ira": AccountKind.IRA}


def record(text: str) -> list[Transaction]:
    """``2025-01-02 a buy 10 VOO 400 LOT`` a line; ``-`` stands for no price."""
    found = []
    for line in text.strip().splitlines():
        day, account, action, shares, symbol, *more = line.split()
        price, lot = (*more, None, None)[:2]
        paid = None if price in (None, "-") else price
        found.append(Transaction(account, dt.date.fromisoformat(day), Action(action), symbol, shares, paid, lot=lot))
    return found


def realised(text: str) -> list[RealisedRow]:
    trades = trades_of(record(text), KINDS)
    broker_disallowed(trades, KINDS)  # which must not fail either
    return list(build_ledger(trades, KINDS).realised)


def test_fills_that_name_one_lot_are_one_trade_at_what_they_cost() -> None:
    (row,) = realised("""
2025-01-02 a buy 1 VOO 100 L1
2025-01-02 a buy 2 VOO 101 L1
2025-05-02 a sell 3 VOO 110 L1
""")
    assert (row.lot, row.quantity, row.basis) == ("L1", 3, 302)
    (bought, _) = trades_of(
        record("2025-01-02 a buy 1 VOO 100 L1\n2025-01-02 a buy 2 VOO 100 L1\n2025-01-03 a buy 1 VOO 9"), KINDS
    )
    assert (bought.price, bought.fees, bought.quantity) == (100 * 10**9, 0, 3)


def test_purchases_of_two_days_are_not_fills_of_one_lot() -> None:
    with pytest.raises(DataError, match="used twice"):
        realised("2025-01-02 a buy 1 VOO 100 L1\n2025-01-03 a buy 2 VOO 101 L1")


def test_lots_of_two_accounts_with_one_name_are_told_apart() -> None:
    rows = realised("""
2025-01-02 a buy 1 VOO 100 1
2025-01-02 b buy 1 VOO 200 1
2025-05-02 b sell 1 VOO 300 1
""")
    assert [(row.lot, row.basis) for row in rows] == [("b/1", 200)]


@pytest.mark.parametrize("names", ["deliver 10 VOO - OLD", "deliver 10 VOO"])
def test_a_transferred_lot_is_sold_by_the_name_that_its_new_account_gives_it(names: str) -> None:
    """Also where the delivery names no lot: first in, first out."""
    (row,) = realised(f"""
2024-01-02 a buy 10 VOO 400 OLD
2024-01-03 b buy 10 VOO 100 OTHER
2024-02-01 a {names}
2024-02-02 b receive 10 VOO - NEW
2024-06-03 b sell 6 VOO 420 NEW
""")
    assert (row.lot, row.basis, row.acquired) == ("OLD", 2400, dt.date(2024, 1, 2))


def test_a_lot_received_may_be_several_which_are_sold_in_their_order_and_split() -> None:
    rows = realised("""
2024-01-02 a buy 4 VOO 400
2024-01-03 a buy 6 VOO 300
2024-02-01 a deliver 10 VOO
2024-02-02 b receive 10 VOO - NEW
2024-03-01 b split 2 VOO
2024-06-03 b sell 10 VOO 420 NEW
2024-06-04 b sell 10 VOO 420 NEW
""")
    assert [(row.quantity, row.basis) for row in rows] == [(8, 1600), (2, 300), (10, 1500)]


def test_more_than_was_received_under_a_name_is_refused() -> None:
    with pytest.raises(DataError, match="lot OLD"):
        realised("""
2024-01-02 a buy 10 VOO 400 OLD
2024-02-01 a deliver 10 VOO - OLD
2024-02-02 b receive 10 VOO - NEW
2024-06-03 b sell 12 VOO 420 NEW
""")


@pytest.mark.parametrize("day", ["2024-01-30", "2024-02-01"])
def test_an_arrival_on_record_before_its_delivery_is_put_behind_it(day: str) -> None:
    """Of one day, or dated earlier by the account that received."""
    (row,) = realised(f"""
2024-01-02 a buy 10 VOO 400
{day} b receive 10 VOO
2024-02-01 a deliver 10 VOO
2024-02-01 b sell 10 VOO 390
""")
    assert (row.account, row.basis) == ("b", 4000)


@pytest.mark.parametrize(
    "text",
    ["2024-01-02 b receive 10 VOO\n2024-02-01 a deliver 10 VOO", "2024-02-01 ira deliver 10 VOO\n2024-02-01 b receive 10 VOO",
     "2024-02-01 a deliver 9 VOO\n2024-02-01 b receive 10 VOO"],
    ids=["a month too early", "from an account taxed otherwise", "other shares"],
)  # fmt: skip
def test_what_no_account_sent_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="there is no delivery"):
        build_ledger([one for one in trades_of(record(text), KINDS) if one.action is Action.RECEIVE], KINDS)


def test_a_delivery_is_that_of_one_arrival_only() -> None:
    text = """
2024-01-02 a buy 20 VOO 400
2024-02-01 a deliver 10 VOO
2024-02-01 b receive 10 VOO
2024-03-01 a deliver 10 VOO
2024-03-01 b receive 10 VOO
2024-06-03 b sell 20 VOO 410
"""
    assert sum(row.basis for row in realised(text)) == 8000
    with pytest.raises(DataError, match="there is no delivery"):
        realised(text.replace("2024-03-01 a deliver 10 VOO\n", ""))


def test_prices_of_fills_that_have_no_mean_in_nano_dollars_lose_nothing() -> None:
    first, *_ = trades_of(record("2025-01-02 a buy 1 VOO 100 L1\n2025-01-02 a buy 2 VOO 100.000000001 L1"), KINDS)
    assert Fraction(first.price) * 3 + first.fees == 300 * 10**9 + 2


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_a_split_keeps_its_ratio_through_its_decimal(new: int, old: int) -> None:
    split = Transaction("a", dt.date(2025, 1, 2), Action.SPLIT, "VOO", split_quantity(new, old))
    assert split.ratio == loads(Transaction, dumps(split)).ratio == Fraction(new, old)


def test_a_reverse_split_of_one_for_three_leaves_whole_shares() -> None:
    text = "2025-01-02 a buy 30 VOO 100\n2025-03-03 a split 1 VOO\n2025-05-02 a sell 10 VOO 310"
    bought, split, sold = record(text)
    trades = trades_of([bought, evolve(split, quantity=split_quantity(1, 3)), sold], KINDS)
    ledger = build_ledger(trades, KINDS)
    assert ledger.open_lots == ()
    assert [(row.quantity, row.gain) for row in ledger.realised] == [(10, 100)]
    assert (sold.ratio, evolve(split, quantity="0.3333").ratio) == (None, Fraction(3333, 10_000))
