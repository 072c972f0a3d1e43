"""The wash-sale ledger with one object per share, slowly and plainly, to hold the real one against.

A share here is the smallest quantity that divides every quantity of the history. All shares that will ever be acquired stand in one
line from the start, in order of real acquisition; every sale at a loss looks through all of them, share by share, and takes the first
that may replace it:

- one of the same group (26 USC 1091(a); the groups are given), in whatever account (a spouse's and an IRA's too: Rev. Rul. 2008-5),
- that was or will be purchased (not received) within the window of the sale, by real trade dates (Reg. 1.1091-1(a), (f)),
- not in the order that bought the sold share (Rev. Rul. 56-602),
- that has replaced none yet (Reg. 1.1091-1(e)),
- and that is not sold by the time the sale is done; what is acquired later cannot be.

Sales come in recorded order, the fills of one order at once; the shares of an order by real acquisition (Reg. 1.1091-1(b)). The loss goes
into the basis of the replacement and the days held to its holding period (1091(d), 1223(3)), or nowhere when an IRA bought.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import Any

from attrs import define, field

from rebalkit.model import AccountKind, Action, HoldingMethod, OlderReplacement, WashPolicy
from rebalkit.tax.trades import Trade

BRINGS = (Action.BUY, Action.REINVEST, Action.VEST, Action.RECEIVE)
PURCHASES = (Action.BUY, Action.REINVEST, Action.VEST)


@define(eq=False)
class Share:
    """One share, and what became of it. Amounts are USD of this one share."""

    came: Trade
    account: str  # where it is; on the way between two accounts still the one it left
    place: tuple[dt.date, int, int]  # real acquisition; then recorded order; then its place in the lot
    cost: Fraction
    basis: Fraction
    deemed: dt.date
    held: bool = False  # not yet bought, then held, then gone
    gone: bool = False
    sale: Trade | None = None
    proceeds: Fraction = Fraction(0)
    replaces: Share | None = None
    replaced_by: Share | None = None
    history: list[Fraction] = field(factory=list)  # every basis that it ever had

    @property
    def acquired(self) -> dt.date:
        """The day on which it was really acquired."""
        return self.place[0]

    @property
    def loss(self) -> Fraction:
        """USD lost on its sale, 0 or more."""
        return max(Fraction(0), self.basis - self.proceeds)


class Ledger:
    """All trades worked through. ``shares`` are all shares there ever were; ``unit`` how many real shares each of them is."""

    def __init__(
        self,
        trades: Sequence[Trade],
        accounts: Mapping[str, AccountKind],
        policy: WashPolicy = WashPolicy(),
        unit: int | None = None,
    ) -> None:
        """Work through ``trades``, whose quantities must be there to sell, in shares of ``unit`` micro-shares if it is given."""
        self.trades, self.policy = list(trades), policy
        self.taxable = {name for name, kind in accounts.items() if kind in (AccountKind.TAXABLE, AccountKind.SPOUSE_TAXABLE)}
        quantities = [one.micros for one in trades] + [shares for one in trades for _, shares in one.lots]
        micros = unit or reduce(gcd, quantities, 0) or 1
        self.micros = micros
        self.unit = Fraction(micros, 10**6)
        self.shares = sorted(
            (share for number, one in enumerate(trades) for share in self._brought(number, one)), key=lambda s: s.place
        )
        arrivals = {one.transfer_of for one in trades}
        moving: dict[str | None, list[Share]] = {}
        done: set[int] = set()
        for number, trade in enumerate(trades):
            for share in self.shares:
                if share.place[1] == number:
                    share.held = True
            if trade.action is Action.DELIVER:
                moving[trade.id] = self._chosen(trade)
                for share in moving[trade.id]:
                    share.held, share.gone = False, trade.id not in arrivals
            for share in moving.get(trade.transfer_of, ()):
                share.held, share.account = True, trade.account
            if trade.action is Action.SELL and number not in done:
                fills = [
                    (other, one)
                    for other, one in enumerate(trades)
                    if other == number
                    or (
                        trade.order
                        and one.action is Action.SELL
                        and (one.order, one.account, one.symbol) == (trade.order, trade.account, trade.symbol)
                    )
                ]
                done |= {other for other, _ in fills}
                self._sell([one for _, one in fills])

    def _brought(self, number: int, trade: Trade) -> Iterable[Share]:
        if trade.action not in BRINGS or trade.transfer_of is not None:
            return
        shares = trade.micros // self.micros
        cost = Fraction(trade.price, 10**9) * self.unit + Fraction(trade.fees, 10**9) / shares
        acquired = trade.acquired or trade.date
        for place in range(shares):
            yield Share(trade, trade.account, (acquired, number, place), cost, cost, acquired, history=[cost])

    def _chosen(self, trade: Trade) -> list[Share]:
        """The shares that leave with ``trade``: those named, from the front of their lots, or the first that came in."""
        here = [one for one in self.shares if one.held and (one.account, one.came.symbol) == (trade.account, trade.symbol)]
        if not trade.lots:
            chosen = here[: trade.micros // self.micros]
        else:
            chosen = [
                share
                for lot, micros in trade.lots
                for share in [one for one in here if one.came.id == lot][: micros // self.micros]
            ]
        assert len(chosen) * self.micros == trade.micros
        return chosen

    def _sell(self, fills: list[Trade]) -> None:
        sold = []
        for trade in fills:
            price = Fraction(trade.price, 10**9) * self.unit - Fraction(trade.fees, 10**9) / (trade.micros // self.micros)
            for share in self._chosen(trade):
                share.held, share.gone, share.sale, share.proceeds = False, True, trade, price
                sold.append(share)
        for share in sorted(sold, key=lambda one: one.place):
            if share.loss and share.account in self.taxable:
                self._wash(share)

    def _wash(self, lost: Share) -> None:
        for other in self.shares:
            if other.replaces is None and not other.gone and self.replaces(other, lost, lost.sale.date):
                other.replaces, lost.replaced_by = lost, other
                if other.account in self.taxable:
                    other.basis += lost.loss
                    other.history.append(other.basis)
                    other.deemed = self._deemed(other, lost)
                return

    def replaces(self, other: Share, lost: Share, sold: dt.date) -> bool:
        """Whether ``other`` is of a kind, a day and an order that it can replace ``lost``, sold on the day ``sold``."""
        group = self.policy.groups.of
        return (
            group(other.came.symbol) == group(lost.came.symbol)
            and other.came.action in PURCHASES
            and abs((other.acquired - sold).days) <= self.policy.window.days
            and self.order(other.came) != self.order(lost.came)
            and not (self.policy.older_replacement is OlderReplacement.IGNORE and other.acquired < lost.acquired)
        )

    def order(self, bought: Trade) -> str:
        """The id of the first fill of the order of ``bought``; what comes over 180 days after that is of another order."""
        first = bought
        if bought.order:
            for one in self.trades:
                same = (one.order, one.account, one.symbol) == (bought.order, bought.account, bought.symbol)
                if same and one.action in PURCHASES and (first is bought or (one.date - first.date).days > 180):
                    first = one
                if one is bought:
                    break
        return first.id

    def _deemed(self, other: Share, lost: Share) -> dt.date:
        held = (lost.sale.date - lost.deemed).days
        if self.policy.holding is HoldingMethod.DATE:
            return min(other.acquired, lost.deemed)
        if self.policy.holding is HoldingMethod.UNION:
            # The time that the sold share took over itself counts as right before its own.
            held -= max(0, (lost.sale.date - max(lost.deemed, other.acquired)).days)
        return other.acquired - dt.timedelta(days=held)

    def realised(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """By sale, lot and term: what a sale in a taxable account made of the lot."""
        rows: dict[tuple[str, str, str], list[Share]] = defaultdict(list)
        for share in self.shares:
            if share.sale is not None and share.account in self.taxable:
                rows[share.sale.id, share.came.id, term(share.deemed, share.sale.date)].append(share)
        return {key: self._realised(shares) for key, shares in rows.items()}

    def _realised(self, shares: list[Share]) -> dict[str, Any]:
        washed = [one for one in shares if one.replaced_by is not None]
        lost = [one for one in washed if one.replaced_by.account not in self.taxable]
        return {
            "quantity": len(shares) * self.unit,
            "proceeds": sum(one.proceeds for one in shares),
            "basis": sum(one.basis for one in shares),
            "disallowed": sum((one.loss for one in washed), Fraction(0)),
            "permanent": sum((one.loss for one in lost), Fraction(0)),
            "washed": len(washed) * self.unit,
            "exposed": sum(one.loss > 0 and one.replaced_by is None for one in shares) * self.unit,
            "acquired": shares[0].acquired,
            "deemed_acquired": min(one.deemed for one in shares),
            "account": shares[0].account,
            "symbol": shares[0].came.symbol,
            "sold": shares[0].sale.date,
        }

    def open_lots(self) -> dict[tuple[Any, ...], tuple[Fraction, Fraction, Fraction]]:
        """Shares, basis and additions of what is held, by lot, deemed date, basis per share and whether it replaced another."""
        rows: dict[tuple[Any, ...], list[Share]] = defaultdict(list)
        for one in self.shares:
            if one.held:
                what = (one.came.id, one.account, one.came.symbol, one.acquired, one.deemed, one.basis / self.unit)
                rows[(*what, one.replaces is not None)].append(one)
        return {
            key: (len(some) * self.unit, sum(one.basis for one in some), sum((one.basis - one.cost for one in some), Fraction(0)))
            for key, some in rows.items()
        }

    def matches(self) -> dict[tuple[Any, ...], tuple[Fraction, Fraction]]:
        """Shares and USD by sale, loss lot, replacement lot, deemed date of the replacement, and whether the loss is gone for good."""
        rows: dict[tuple[Any, ...], list[Share]] = defaultdict(list)
        for one in self.shares:
            if one.replaced_by is not None:
                other = one.replaced_by
                gone = other.account not in self.taxable
                rows[one.sale.id, one.came.id, other.came.id, other.deemed, gone].append(one)
        return {key: (len(some) * self.unit, sum(one.loss for one in some)) for key, some in rows.items()}

    def disallowed(self) -> dict[str, Fraction]:
        """By sale, where there is any."""
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for (sale, _, _), row in self.realised().items():
            sums[sale] += row["disallowed"]
        return {sale: amount for sale, amount in sums.items() if amount}

    def exposed(self, as_of: dt.date) -> dict[str, tuple[Fraction, Fraction]]:
        """Shares and USD of each loss sale that a purchase on the day ``as_of`` or later could wash."""
        sums: dict[str, tuple[Fraction, Fraction]] = {}
        for one in self.shares:
            if one.sale is None or one.account not in self.taxable or not one.loss or one.replaced_by is not None:
                continue
            if (as_of - one.sale.date).days <= self.policy.window.days:
                shares, loss = sums.get(one.sale.id, (Fraction(0), Fraction(0)))
                sums[one.sale.id] = (shares + self.unit, loss + one.loss)
        return sums

    def blocking(self, lot: str, as_of: dt.date) -> dict[str, Fraction]:
        """Shares by lot that would replace shares of ``lot`` sold at a loss on the day ``as_of``."""
        sold = next(one for one in self.shares if one.came.id == lot)
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for one in self.shares:
            if one.held and one.replaces is None and self.replaces(one, sold, as_of):
                sums[one.came.id] += self.unit
        return dict(sums)


def term(acquired: dt.date, sold: dt.date) -> str:
    """Long from the day after the anniversary; what was acquired on the last day of a month from the first of the 13th month after."""
    year, month = acquired.year + 1, acquired.month
    if acquired.day == calendar.monthrange(acquired.year, month)[1]:
        first = dt.date(year + month // 12, month % 12 + 1, 1)
    else:
        first = dt.date(year, month, acquired.day) + dt.timedelta(days=1)
    return "long" if sold >= first else "short"
