"""What happened in an account, out of its transactions and its orders: nothing missed, nothing counted twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import DataError
from rebalkit.model import Action, Transaction
from rebalkit_etrade.records import HistoryRow, ListedOrder, OrderLeg
from rebalkit_etrade.trading.history import happened
from rebalkit_etrade.trading.movements import MOVES, reinvested_in

TODAY = dt.date(2026, 11, 24)


def row(kind: str, quantity: object, day: int = 24, **more: Any) -> HistoryRow:
    fields: dict[str, Any] = {
        "row": "1", "account_id": "1234", "date": dt.date(2026, 11, day), "posted": None, "kind": kind, "symbol": "VTI",
        "security": "EQ", "quantity": None if quantity is None else Decimal(str(quantity)), "price": Decimal(200),
        "amount": Decimal(-1), "fee": None, "description": "", "settles": None,
    }  # fmt: skip
    return HistoryRow(**(fields | more))


def order(filled: int, placed: int, executed: int | None, **more: Any) -> ListedOrder:
    leg: dict[str, Any] = {
        "symbol": "VTI", "security": "EQ", "action": "SELL", "ordered": Decimal(100), "filled": Decimal(filled),
        "average_price": Decimal(200) if filled else None, "commission": None, "fees": None,
    }  # fmt: skip
    legs = more.pop("legs", None) or (OrderLeg(**(leg | more)),)
    status = "EXECUTED" if filled == 100 else "CANCELLED"
    done = None if executed is None else at(executed)
    return ListedOrder(7, 0, at(placed), done, status, "", "LIMIT", None, None, "REGULAR", False, None, None, legs)


def at(day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, tzinfo=NEW_YORK)


def told(rows: Sequence[HistoryRow], orders: Sequence[ListedOrder] = (), **moves: Any) -> list[tuple[str, int, Decimal]]:
    found = happened("1234", rows, orders, TODAY, moves).transactions
    return [(one.action.value, one.date.day, one.quantity) for one in found]


@pytest.mark.parametrize(
    ("rows", "orders", "expected"),
    [
        ([], [order(100, 10, 24)], [("sell", 24, 100)]),  # placed two weeks ago, filled today, not booked yet
        ([], [order(60, 15, None)], [("sell", 24, 60)]),  # cancelled after a part: when it filled is not told
        ([row("Sold", 60, 23), row("Sold", 40, 24)], [order(100, 20, 24)], [("sell", 23, 60), ("sell", 24, 40)]),
        ([row("Sold", -100, 24)], [order(100, 23, 23)], [("sell", 24, 100)]),  # filled in the evening, booked on the next day
        ([row("Sold", 60, 23)], [order(100, 20, 24)], [("sell", 23, 60), ("sell", 24, 40)]),
        ([row("Sold", 100, 19)], [order(100, 20, 24)], [("sell", 19, 100), ("sell", 24, 100)]),  # sold before it was placed
        ([row("Sold", 100, 20)], [order(100, 10, 24), order(100, 20, 20)], [("sell", 20, 100), ("sell", 24, 100)]),
        ([row("Sold", 100, 24)], [order(100, 22, 22)], [("sell", 22, 100), ("sell", 24, 100)]),  # two days later it is another
        ([], [order(0, 24, None)], []),
        # Newest first, as they come: those of the order that was over first are the older ones.
        ([row("Sold", 100, 20), row("Sold", 100, 19)], [order(100, 19, 19), order(100, 20, 20)], [("sell", 19, 100), ("sell", 20, 100)]),
        ([row("Sold", 100, 23)], [order(100, 20, 20)], [("sell", 23, 100)]),  # Friday evening, booked on Monday
        ([], [order(100, 24, 24), order(100, 24, 24)], [("sell", 24, 100), ("sell", 24, 100)]),
        ([row("Bought", 100, 24)], [order(100, 24, 24)], [("buy", 24, 100), ("sell", 24, 100)]),
    ],
)  # fmt: skip
def test_a_fill_counts_once(rows: list[HistoryRow], orders: list[ListedOrder], expected: list[tuple[str, int, int]]) -> None:
    assert told(rows, orders) == expected


def test_a_reinvested_dividend_tells_of_no_order() -> None:
    bought = order(2, 24, 24, action="BUY")
    assert told([row("Dividend Reinvestment", 2)], [bought]) == [("reinvest", 24, 2), ("buy", 24, 2)]
    # Under whatever name: no order buys a part of a share.
    assert told([row("Bought", "2.5")], [bought]) == [("reinvest", 24, Decimal("2.5")), ("buy", 24, 2)]
    assert told([row("Dividend", "2", amount=Decimal(-400))], [bought]) == [("reinvest", 24, 2), ("buy", 24, 2)]


def test_a_dividend_in_dollars_moves_no_shares_whatever_it_was_paid_on() -> None:
    assert told([row("Dividend", 50, amount=Decimal("12.5")), row("Qualified Dividend", None, amount=Decimal(3))]) == []


def test_the_symbols_whose_dividends_are_reinvested() -> None:
    rows = [row("Dividend Reinvestment", 1), row("Bought", "0.5", symbol="BND"), row("Bought", 3, symbol="SCHB")]
    assert reinvested_in(rows) == ("BND", "VTI")


@pytest.mark.parametrize("kind", ["Spun Off", "Stock Split", "Merger", "Sold Short"])
def test_shares_that_moved_in_a_way_that_is_not_known_stop_a_plan_while_they_can_matter(kind: str) -> None:
    with pytest.raises(DataError, match=f"'{kind}' moved 5 VTI") as refused:
        happened("1234", [row(kind, 5, date=TODAY - dt.timedelta(days=61))], (), TODAY, {})
    assert f'moves = {{ "{kind.lower()}" = "…" }}' in refused.value.remedy
    found = happened("1234", [row(kind, 5, date=TODAY - dt.timedelta(days=62))], (), TODAY, {})
    assert found.transactions == ()
    assert "is left out" in found.notes[0]


@pytest.mark.parametrize("move", sorted(MOVES))
def test_the_person_says_what_a_type_means(move: str) -> None:
    found = happened("1234", [row("Spun Off", 5)], (), TODAY, {"spun off": MOVES[move]}).transactions
    assert [one.action.value for one in found] == ([] if move == "none" else [move])


@pytest.mark.parametrize("kind", ["Bought", "Reinvestment", "Spun Off"])
def test_shares_of_nothing_named_are_never_passed_over(kind: str) -> None:
    with pytest.raises(DataError, match="names no security"):
        told([row(kind, 3, symbol=None)])


def test_dollars_of_nothing_named_are_passed_over() -> None:
    assert told([row("Transfer", 0, symbol=None, price=None), row("Anything new", None, symbol=None)]) == []


def test_rows_behind_one_that_is_left_out_count() -> None:
    found = happened("1234", [row("Spun Off", 5, date=dt.date(2026, 1, 5)), row("Sold", 3)], (), TODAY, {})
    assert ([one.quantity for one in found.transactions], len(found.notes)) == ([3], 1)
    assert found.notes[0].startswith("account …1234: the transaction of 2026-01-05 is left out")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"security": "EQ", "symbol": "BAC.PR.K"}, False),
        ({"kind": "Sold To Close"}, False),
        ({"kind": "Buy"}, True),
        ({"date": TODAY - dt.timedelta(days=61)}, True),
        ({"date": TODAY - dt.timedelta(days=62)}, False),
    ],
)
def test_which_options_are_told_of(change: dict[str, Any], told: bool) -> None:
    fields = {"kind": "Bought To Open", "security": "OPTN", "symbol": "VTI"} | change
    option = row(fields.pop("kind"), 1, **fields)
    assert [len(happened("1234", [option], (), TODAY, {}).notes)] == [told]


def test_an_option_without_a_symbol_is_told_of_by_its_words() -> None:
    option = row("Bought To Open", 1, security="OPTN", symbol="VTI JAN 15 '27 $300 CALL", description="VTI CALL")
    assert "option, VTI JAN 15 '27 $300 CALL, on" in happened("1234", [option], (), TODAY, {}).notes[0]
    nameless = row("Bought To Open", 1, security="OPTN", symbol=None, description="VTI CALL")
    assert "option, VTI CALL, on" in happened("1234", [nameless], (), TODAY, {}).notes[0]


@pytest.mark.parametrize(("quantity", "move"), [(1, "receive"), (-1, "deliver"), ("0.5", "receive")])
def test_transfers_go_by_their_sign_and_have_no_price(quantity: object, move: str) -> None:
    (one,) = happened("1234", [row("Transfer", quantity, price=None)], (), TODAY, {}).transactions
    assert (one.action.value, one.price, one.fees) == (move, None, 0)


def test_a_part_of_a_share_that_was_sold_was_sold() -> None:
    assert told([row("Sold", "2.5")]) == [("sell", 24, Decimal("2.5"))]


def test_a_share_that_is_no_ticker_is_not_managed() -> None:
    assert told([row("Bought", 2, symbol="BAC.PR.K")]) == []
    assert reinvested_in([row("Reinvestment", 2, symbol="BAC.PR.K"), row("Reinvestment", 2, symbol=None)]) == ()


def test_a_dividend_that_was_taken_back_or_came_to_nothing_bought_nothing() -> None:
    assert told([row("Dividend", None, amount=Decimal(-3)), row("Dividend", 5, amount=Decimal(0))]) == []


def test_of_an_order_in_several_parts_those_of_shares_count() -> None:
    option = OrderLeg("VTI", "OPTN", "SELL_OPEN", Decimal(1), Decimal(1), Decimal(2), None, None)
    shares = OrderLeg("VTI", "EQ", "BUY", Decimal(100), Decimal(100), Decimal(200), None, None)
    (one,) = happened("1234", (), [order(0, 24, 24, legs=(option, shares))], TODAY, {}).transactions
    assert (one.action.value, one.quantity, one.order, one.fees) == ("buy", 100, "7.0.1", 0)


def test_an_option_that_was_bought_is_told_for_it_counts_for_wash_sales() -> None:
    option = row("Bought To Open", 1, security="OPTN", symbol="VTI")
    found = happened("1234", [option], (), TODAY, {})
    assert found.transactions == ()
    assert "bought an option, VTI, on 2026-11-24" in found.notes[0]


def test_orders_of_options_and_funds_are_no_trades_of_shares() -> None:
    assert told([], [order(5, 24, 24, security="OPTN", action="BUY_OPEN"), order(100, 24, 24, security="MF")]) == []


PARTS = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@given(
    st.lists(
        st.tuples(st.sampled_from(["BUY", "SELL"]), st.integers(1, 20), PARTS, st.integers(0, 4), st.integers(0, 4)),
        max_size=5,
    )
)
def test_however_many_of_the_fills_are_booked_yet_each_share_counts_once(
    lives: list[tuple[str, int, list[int], int, int]],
) -> None:
    """Against the truth: orders that fill in parts on days one after the other, of which the first parts are booked.

    Parts are booked from the oldest day on, and orders do not overlap, for then nothing tells whose a transaction is.
    """
    rows: list[HistoryRow] = []
    orders: list[ListedOrder] = []
    true: dict[str, int] = {"buy": 0, "sell": 0}
    day = dt.date(2026, 9, 1)
    for action, wait, parts, booked, late in lives:
        placed = day
        for number, size in enumerate(parts):
            day += dt.timedelta(days=1 if number else wait)
            true[action.lower()] += size
            if number < booked:
                what = "Bought" if action == "BUY" else "Sold"
                rows.append(row(what, size, date=day + dt.timedelta(days=1 if late == number == len(parts) - 1 else 0)))
        moments = [dt.datetime.combine(one, dt.time(10), NEW_YORK) for one in (placed, day)]
        leg = OrderLeg("VTI", "EQ", action, Decimal(sum(parts)), Decimal(sum(parts)), Decimal(200), None, None)
        orders.append(
            ListedOrder(len(orders), 0, *moments, "EXECUTED", "", "LIMIT", None, None, "REGULAR", False, None, None, (leg,))
        )  # fmt: skip
        day += dt.timedelta(days=2)
    found = happened("1234", rows, orders, day, {}).transactions
    assert {name: sum(int(one.quantity) for one in found if one.action.value == name) for name in true} == true


def test_a_transaction_has_what_the_row_says() -> None:
    (one,) = happened("1234", [row("Sold", -3, fee=Decimal("-0.02"))], (), TODAY, {}).transactions
    assert one == Transaction("1234", TODAY, Action.SELL, "VTI", Decimal(3), Decimal(200), Decimal("0.02"))
