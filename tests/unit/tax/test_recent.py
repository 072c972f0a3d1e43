"""Who bought and sold what in the last 30 days, in all accounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from rebalkit.model import AccountKind, AccountSnapshot, Action, Cash, IdentityGroups, Lot, OpenOrder, Side, Snapshot, Transaction
from rebalkit.tax.recent import RecentTrades

AS_OF = dt.date(2025, 3, 31)


def day(back: int) -> dt.date:
    return AS_OF - dt.timedelta(days=back)


def of(
    *history: Transaction, lots: tuple[Lot, ...] = (), theirs: tuple[Lot, ...] = (), orders: tuple[OpenOrder, ...] = ()
) -> RecentTrades:
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), lots)
    other = AccountSnapshot("ira", AccountKind.IRA, Cash(0), theirs, orders)
    groups = IdentityGroups((("SPY", "VOO"),))
    return RecentTrades.of(Snapshot(AS_OF, main, (other,), transactions=history), groups)


def trade(action: Action, symbol: str, back: int) -> Transaction:
    return Transaction("main", day(back), action, symbol, Decimal("2.50"))


def test_the_window_is_30_days_and_today() -> None:
    found = of(*(trade(Action.SELL, "AAA", back) for back in (31, 30, 0)))
    assert [one.date for one in found.sold["AAA"]] == [day(30), AS_OF]
    assert found.free_to_buy("AAA") == AS_OF + dt.timedelta(days=31)
    assert found.free_to_buy("BBB") is None
    assert found.acquired == {}


def test_groups_are_blocked_together_and_say_what_blocks_them() -> None:
    found = of(trade(Action.BUY, "VOO", 5), trade(Action.REINVEST, "SPY", 9))
    assert [str(one) for one in found.acquired["SPY"]] == [
        "2025-03-22 reinvest 2.50 SPY in main",
        "2025-03-26 buy 2.50 VOO in main",
    ]
    assert found.free_to_sell("SPY") == day(5) + dt.timedelta(days=31)


def test_a_lot_counts_by_its_date_once_and_in_every_account() -> None:
    bought = Lot("l", "AAA", Decimal(2), day(3), Decimal(1))
    found = of(trade(Action.BUY, "AAA", 3), lots=(bought,), theirs=(bought, Lot("m", "AAA", Decimal(1), None, None)))
    assert [(one.what, one.account) for one in found.acquired["AAA"]] == [("buy", "main"), ("lot", "ira")]


def test_open_orders_count_as_filled_today() -> None:
    found = of(orders=(OpenOrder("1", Side.BUY, "AAA", Decimal(1)), OpenOrder("2", Side.SELL, "BBB", Decimal(1))))
    assert found.acquired["AAA"][0].what == "open buy"
    assert found.free_to_buy("BBB") == AS_OF + dt.timedelta(days=31)


def test_transfers_and_splits_are_neither() -> None:
    found = of(*(trade(action, "AAA", 1) for action in (Action.RECEIVE, Action.DELIVER, Action.SPLIT)))
    assert (found.acquired, found.sold) == ({}, {})
