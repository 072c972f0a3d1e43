"""Who bought and who sold what in the last 30 days: the block lists of the rule ``by_ticker``.

The rule is crude on purpose. Whatever was acquired within 30 days of a loss sale, in any account of the same owners, may take the
loss away (26 USC 1091(a); spouse: IRS Publication 550; IRA: Rev. Rul. 2008-5). So nothing of a group may be sold for 30 days after
any of it was acquired, and nothing of it may be bought for 30 days after any of it was sold, however few shares it was.

Acquisitions are purchases, reinvested dividends and shares vested as pay (Reg. 1.1091-1(a), (f)). A lot's own date counts too, since
a history may be incomplete. An open order may fill today, so it counts as filled today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import frozen

from rebalkit.model import Action, IdentityGroups, Side, Snapshot
from rebalkit.model.promises import unseen
from rebalkit.money import plain
from rebalkit.tax.window import FREE_AFTER, WINDOW

__all__ = ["RecentTrade", "RecentTrades"]


@frozen
class RecentTrade:
    """One trade that blocks others.

    Attributes:
        date: Trade date; the day of the plan for an open order.
        account: Where it happened.
        what: ``buy``, ``reinvest``, ``vest``, ``sell``, ``lot`` (a lot of that date without a transaction), ``open buy``, ``open sell``.
        symbol: Ticker.
        quantity: Shares.
    """

    date: dt.date
    account: str
    what: str
    symbol: str
    quantity: Decimal

    def __str__(self) -> str:
        return f"{self.date} {self.what} {plain(self.quantity)} {self.symbol} in {self.account}"


@frozen
class RecentTrades:
    """What was acquired and sold in the 30 days up to a day, by identity group, in all accounts.

    Attributes:
        acquired: By name of the group the acquisitions, oldest first.
        sold: By name of the group the sales, oldest first.
    """

    acquired: Mapping[str, tuple[RecentTrade, ...]]
    sold: Mapping[str, tuple[RecentTrade, ...]]

    @classmethod
    def of(cls, snapshot: Snapshot, groups: IdentityGroups) -> RecentTrades:
        """The trades of the last 30 days before ``snapshot.as_of``, that day included, and the sales that promises in force tell of."""
        acquired: dict[str, list[RecentTrade]] = {}
        sold: dict[str, list[RecentTrade]] = {}
        recorded: set[tuple[dt.date, str, str]] = set()
        first = snapshot.as_of - WINDOW
        for one in snapshot.transactions:
            if one.date < first:
                continue
            trade = RecentTrade(one.date, one.account, one.action.value, one.symbol, one.quantity)
            if one.action.acquires:
                acquired.setdefault(groups.of(one.symbol), []).append(trade)
                recorded.add((one.date, one.account, one.symbol))
            elif one.action is Action.SELL:
                sold.setdefault(groups.of(one.symbol), []).append(trade)
        for trade in _lots(snapshot, first):
            if (trade.date, trade.account, trade.symbol) not in recorded:
                acquired.setdefault(groups.of(trade.symbol), []).append(trade)
        # The sale may be in an account that is not seen, or not on record yet.
        for promise in unseen(snapshot.promises, snapshot.transactions):
            if promise.in_force(snapshot.as_of):
                for group in {groups.of(symbol) for symbol in promise.group}:
                    trade = RecentTrade(promise.sold, promise.account, "sell", promise.group[0], promise.quantity)
                    sold.setdefault(group, []).append(trade)
        for account in snapshot.accounts:
            for order in account.open_orders:
                into = acquired if order.side is Side.BUY else sold
                trade = RecentTrade(snapshot.as_of, account.account, f"open {order.side}", order.symbol, order.quantity)
                into.setdefault(groups.of(order.symbol), []).append(trade)
        return cls(_oldest_first(acquired), _oldest_first(sold))

    def free_to_sell(self, group: str) -> dt.date | None:
        """First day on which a loss of ``group`` may be taken again; None when it may be taken now."""
        trades = self.acquired.get(group)
        return trades[-1].date + FREE_AFTER if trades else None

    def free_to_buy(self, group: str) -> dt.date | None:
        """First day on which ``group`` may be bought again; None when it may be bought now."""
        trades = self.sold.get(group)
        return trades[-1].date + FREE_AFTER if trades else None


def _lots(snapshot: Snapshot, first: dt.date) -> Iterator[RecentTrade]:
    for account in snapshot.accounts:
        for lot in account.lots:
            day = lot.acquired
            if day is not None and day >= first:
                yield RecentTrade(day, account.account, "lot", lot.symbol, lot.quantity)


def _oldest_first(trades: dict[str, list[RecentTrade]]) -> dict[str, tuple[RecentTrade, ...]]:
    return {group: tuple(sorted(found, key=lambda one: (one.date, str(one)))) for group, found in sorted(trades.items())}
