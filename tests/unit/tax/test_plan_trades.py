"""Orders and open orders as the trades that they would be."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    Cash,
    Lot,
    LotSale,
    OpenOrder,
    Order,
    Quote,
    Reason,
    Side,
    Snapshot,
    Transaction,
)
from rebalkit.tax.plan_trades import OPEN_ORDER, open_purchases, trades_of_orders
from rebalkit.tax.reconstruct import reconstruct

AS_OF = dt.date(2025, 6, 30)
BOUGHT = dt.date(2025, 6, 1)


def order(side: Side, symbol: str, limit: str, *lots: tuple[str, str], shares: str = "0") -> Order:
    sold = tuple(LotSale(name, Decimal(quantity)) for name, quantity in lots)
    quantity = sum((one.quantity for one in sold), Decimal(shares))
    return Order(side, symbol, quantity, sold, Decimal(limit), Decimal(0), Reason("test"))


def snapshot() -> Snapshot:
    """A lot of two purchases of one day, one of a single purchase, and open orders in two accounts."""
    record = tuple(Transaction("main", BOUGHT, Action.BUY, "AAA", Decimal(2), Decimal(price)) for price in (11, 12))
    lots = (Lot("both", "AAA", Decimal(4), BOUGHT, Decimal(46)), Lot("b", "BBB", Decimal(1), BOUGHT, Decimal(10)))
    mine = (OpenOrder("1", Side.BUY, "CCC", Decimal(3)), OpenOrder("2", Side.SELL, "CCC", Decimal(3)))
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), lots, mine)
    ira = AccountSnapshot("ira", AccountKind.IRA, Cash(0), (), (OpenOrder("1", Side.BUY, "CCC", Decimal("0.5")),))
    return Snapshot(AS_OF, main, (ira,), {"AAA": Quote("AAA", Decimal(10), Decimal(10))}, record)


def trades(*orders: Order) -> list[tuple[Action, str, list[int], int, int]]:
    found = trades_of_orders(snapshot(), reconstruct(snapshot()), orders)
    return [(one.action, one.symbol, [micros for _, micros in one.lots], one.micros, one.price) for _, one in found]


def test_open_orders_that_buy_fill_today_in_every_account() -> None:
    found = open_purchases(snapshot())
    assert [(one.account, one.action, one.quantity, one.date) for one in found] == [
        ("main", Action.BUY, 3, AS_OF),
        ("ira", Action.BUY, Decimal("0.5"), AS_OF),
    ]
    assert len({one.id for one in found}) == 2
    assert all(one.id.startswith(OPEN_ORDER) for one in found)


def test_sales_come_first_at_no_more_than_the_bid() -> None:
    buy, sell = order(Side.BUY, "CCC", "7.5", shares="2"), order(Side.SELL, "AAA", "12", ("both", "1"))
    assert trades(buy, sell) == [
        (Action.SELL, "AAA", [10**6], 10**6, 10 * 10**9),
        (Action.BUY, "CCC", [], 2 * 10**6, 7_500_000_000),
    ]
    assert trades(order(Side.SELL, "AAA", "9", ("both", "1")))[0][-1] == 9 * 10**9
    assert trades(order(Side.SELL, "BBB", "9", ("b", "1")))[0][-1] == 9 * 10**9


def test_a_lot_of_several_purchases_is_sold_from_the_front_and_once() -> None:
    assert trades(order(Side.SELL, "AAA", "9", ("both", "3")))[0][2] == [2 * 10**6, 10**6]
    twice = trades(order(Side.SELL, "AAA", "9", ("both", "3")), order(Side.SELL, "AAA", "9", ("both", "3")))
    assert [one[2] for one in twice] == [[2 * 10**6, 10**6], [10**6]]


def test_what_is_not_there_and_what_is_finer_than_a_share_can_be_is_left_out() -> None:
    """Other checks forbid such orders."""
    assert trades(order(Side.SELL, "AAA", "9", ("none", "1"))) == []
    assert trades(order(Side.SELL, "BBB", "9", ("both", "1"))) == []
    assert trades(order(Side.BUY, "BBB", "9", shares="0.0000001")) == []
    assert trades(order(Side.BUY, "BBB", "-1", shares="1")) == []
