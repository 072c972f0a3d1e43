"""What a planner must know of the wash-sale rule today: which groups must not be bought, and which shares would take a loss away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from math import ceil

from attrs import evolve, field, frozen

from rebalkit.model.orders import Side
from rebalkit.model.policy import WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import MICRO, NANO, from_micros, from_nanos, plain, to_micros, to_nanos
from rebalkit.tax.ledger import Ledger, build_ledger
from rebalkit.tax.outlook import beyond_ledger, exposures, may_replace, recent_lots
from rebalkit.tax.plan_trades import open_purchases
from rebalkit.tax.reconstruct import Reconstruction, reconstruct
from rebalkit.tax.trades import Trade

__all__ = ["Exposed", "Recent", "WashView", "told_once"]


@frozen
class Exposed:
    """A sale whose loss a purchase would take away.

    Attributes:
        symbol: Ticker sold.
        account: Where.
        sold: Trade date; the day of the plan for an open order.
        micros: Micro-shares whose loss is at stake.
        loss: USD in nano-dollars; None when the basis of what was sold is not known, so that it may be any loss.
        free_from: First day on which a purchase takes nothing away.
        what: ``sale``, ``open order`` or ``promise`` (a sale that an earlier run made and that the record does not show).
    """

    symbol: str
    account: str
    sold: dt.date
    micros: int
    loss: int | None
    free_from: dt.date
    what: str = "sale"

    def __str__(self) -> str:
        loss = "an unknown loss" if self.loss is None else f"a loss of {from_nanos(self.loss):,.2f} USD"
        return f"{self.what} of {plain(from_micros(self.micros))} {self.symbol} on {self.sold} in {self.account} at {loss}"


def told_once(exposed: Iterable[Exposed]) -> tuple[tuple[Exposed, ...], tuple[Exposed, ...]]:
    """For a person: each sale once, and those of them whose loss may be higher than is known.

    A doubtful sale (`rebalkit.tax.doubt`) is in ``exposed`` twice: with the loss that the record shows, and with an unknown one.
    """
    exposed = tuple(dict.fromkeys(exposed))
    known = {evolve(one, loss=None): one for one in exposed if one.loss is not None}
    doubted = tuple(known[one] for one in exposed if one in known)
    return tuple(one for one in exposed if one not in known), doubted


@frozen
class Recent:
    """Shares that would take a loss away if it were realised today.

    Attributes:
        symbol: Ticker.
        account: Where they are.
        acquired: Trade date of their acquisition; the day of the plan for an open order.
        micros: Micro-shares that have replaced nothing yet.
        free_from: First day on which they take nothing away.
        taxable: Whether their account is taxable; where not, what they take away is lost for good.
        purchase: Key of the purchase: it takes nothing away from shares of the same purchase.
        trade: The trade of the ledger that brought them; empty for an open order.
        lots: Names of the lots of that account that hold them.
        open_order: Name of the order, where they are not bought yet; None where they are.
    """

    symbol: str
    account: str
    acquired: dt.date
    micros: int
    free_from: dt.date
    taxable: bool
    purchase: object
    trade: str = ""
    lots: tuple[str, ...] = ()
    open_order: str | None = None

    def __str__(self) -> str:
        what = "purchase" if self.open_order is None else "open order"
        return f"{what} of {plain(from_micros(self.micros))} {self.symbol} on {self.acquired} in {self.account}"


@frozen(eq=False, slots=False)
class WashView:
    """The wash-sale rule as it bears on a plan of ``snapshot``. It is worked out when it is first asked.

    Attributes:
        snapshot: The accounts.
        policy: How the rule is read.
    """

    snapshot: Snapshot = field(repr=False)
    policy: WashPolicy = WashPolicy()

    @cached_property
    def past(self) -> Reconstruction:
        """The trades behind the snapshot."""
        return reconstruct(self.snapshot, self.policy)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of those trades."""
        return build_ledger(self.past.trades, self.past.accounts, self.policy)

    def history(self, symbols: Iterable[str]) -> list[Trade]:
        """The trades of the groups of ``symbols``, and their open orders that buy as if they filled today: nobody knows when they will.

        Groups do not touch each other: what is in no group of a plan keeps its figures.
        """
        of = self.policy.groups.of
        groups = {of(symbol) for symbol in symbols}
        return [one for one in (*self.past.trades, *open_purchases(self.snapshot)) if of(one.symbol) in groups]

    @cached_property
    def exposed(self) -> Mapping[str, tuple[Exposed, ...]]:
        """By name of each group that must not be bought the sales whose losses a purchase would take away, the earliest first."""
        snapshot, of, window = self.snapshot, self.policy.groups.of, self.policy.window
        found: dict[str, list[Exposed]] = {}
        for one in exposures(self.ledger, snapshot.as_of):
            micros, loss = ceil(one.quantity * MICRO), ceil(one.loss * NANO)
            found.setdefault(one.group, []).append(Exposed(one.symbol, one.account, one.sold, micros, loss, one.free_from))
        for sale in (*self.past.unknown, *self.past.doubt.sales):
            if sale.sold >= snapshot.as_of - window:
                free = self.policy.free_from(sale.sold)
                exposed = Exposed(sale.symbol, sale.account, sale.sold, sale.micros, None, free)
                found.setdefault(of(sale.symbol), []).append(exposed)
        for account in snapshot.accounts:
            for order in account.open_orders if account.kind.taxable else ():
                if order.side is Side.SELL:
                    free = self.policy.free_from(snapshot.as_of)
                    micros = to_micros(order.quantity)
                    exposed = Exposed(order.symbol, account.account, snapshot.as_of, micros, None, free, "open order")
                    found.setdefault(of(order.symbol), []).append(exposed)
        for promise in self.unseen_promises:
            _told(found, promise, of)
            micros, loss = to_micros(promise.quantity), to_nanos(promise.loss)
            for group in {of(symbol) for symbol in promise.group}:
                exposed = Exposed(
                    promise.group[0], promise.account, promise.sold, micros, loss, promise.free_from, "promise"
                )  # fmt: skip
                found.setdefault(group, []).append(exposed)
        return {group: tuple(sorted(all_of_it, key=lambda one: one.sold)) for group, all_of_it in found.items()}

    @cached_property
    def unseen_promises(self) -> tuple[Promise, ...]:
        """Promises in force as far as the ledger does not know their losses; what it knows, it counts itself."""
        binding = [one for one in self.snapshot.promises if one.in_force(self.snapshot.as_of)]
        return beyond_ledger(binding, self.ledger) if binding else ()

    @cached_property
    def recent(self) -> Mapping[str, tuple[Recent, ...]]:
        """By name of each group the shares that would take away a loss realised today, the earliest acquisition first."""
        snapshot, of = self.snapshot, self.policy.groups.of
        holders: dict[str, list[str]] = {}
        for (_, lot), parts in self.past.lots.items():
            for trade, _ in parts:
                holders.setdefault(trade, []).append(lot)
        found: dict[str, list[Recent]] = {}
        for one in recent_lots(self.ledger, snapshot.as_of):
            free, micros = self.policy.free_from(one.acquired), ceil(one.quantity * MICRO)
            lots = tuple(holders.get(one.lot, ()))
            recent = Recent(one.symbol, one.account, one.acquired, micros, free, one.taxable, one.purchase, one.lot, lots)
            found.setdefault(of(one.symbol), []).append(recent)
        free = self.policy.free_from(snapshot.as_of)
        for account in snapshot.accounts:
            for order in account.open_orders:
                if order.side is Side.BUY:
                    micros, key = to_micros(order.quantity), (account.account, order.order)
                    recent = Recent(
                        order.symbol, account.account, snapshot.as_of, micros, free, account.kind.taxable, key, open_order=order.order
                    )  # fmt: skip
                    found.setdefault(of(order.symbol), []).append(recent)
        return {group: tuple(all_of_it) for group, all_of_it in found.items()}

    def sellable(self, one: Recent) -> tuple[str, ...]:
        """The lots of the planned account that hold ``one``; none where they are somewhere else, or not bought yet."""
        return one.lots if one.account == self.snapshot.account.account else ()

    def taking_away(self, symbol: str, losing: Iterable[str], sold_whole: Iterable[str]) -> tuple[Recent, ...]:
        """What would take away a loss, if lots of the planned account were sold in one order today.

        Args:
            symbol: Ticker of the order.
            losing: Names of the lots in it that are sold at a loss, in whole or in part.
            sold_whole: Names of the lots in it of which nothing is left afterwards.
        """
        recent = self.recent.get(self.policy.groups.of(symbol), ())
        if not recent:
            return ()
        gone, lost = set(sold_whole), {bought for lot in losing for bought in self._purchases[lot]}
        left = [one for one in recent if not ((lots := self.sellable(one)) and gone.issuperset(lots))]
        return tuple(one for one in left if may_replace(self.policy, one.purchase, one.acquired, lost))

    def loses(self, lot: str, price: int) -> bool:
        """Whether some share of a lot of the planned account would, or might, be sold at a loss at ``price`` nano-dollars.

        The basis is that of the ledger: it knows what other accounts' wash sales added, and that the front of a lot may be dearer.
        """
        return lot in self.doubtful or self._dearest.get(lot, 0) * NANO > price

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The lots of the planned account whose basis may be higher than anybody knows."""
        account, purchases = self.snapshot.account.account, self.past.doubt.purchases
        if not purchases:
            return frozenset()
        lots = self.past.lots.items()
        return frozenset(
            lot for (where, lot), parts in lots if where == account and any(trade in purchases for trade, _ in parts)
        )

    @cached_property
    def _dearest(self) -> Mapping[str, Fraction]:
        """Of each lot of the planned account the basis of its dearest share, USD."""
        account = self.snapshot.account.account
        dearest: dict[str, Fraction] = {}
        for one in self.ledger.open_lots:
            if one.account == account:
                dearest[one.lot] = max(dearest.get(one.lot, Fraction(0)), one.basis / one.quantity)
        return {
            lot: max(dearest.get(trade, Fraction(0)) for trade, _ in parts)
            for (where, lot), parts in self.past.lots.items()
            if where == account
        }

    @cached_property
    def _purchases(self) -> Mapping[str, tuple[tuple[object, dt.date], ...]]:
        """Of each lot of the planned account the keys and dates of the purchases that brought it."""
        account = self.snapshot.account.account
        keys = {one.lot: (one.purchase, one.acquired) for one in self.ledger.open_lots if one.account == account}
        return {
            lot: tuple(keys[trade] for trade, _ in parts) for (where, lot), parts in self.past.lots.items() if where == account
        }  # fmt: skip


def _told(found: dict[str, list[Exposed]], promise: Promise, of: Callable[[str], str]) -> None:
    """Take from sales of unknown loss the shares of ``promise``, which knows it."""
    left = to_micros(promise.quantity)
    for group in {of(symbol) for symbol in promise.group}:
        rest = []
        for one in found.get(group, ()):
            if one.loss is None and one.what == "sale" and (one.account, one.sold) == (promise.account, promise.sold):
                taken = min(left, one.micros)
                left -= taken
                one = evolve(one, micros=one.micros - taken)
            rest += [one] if one.micros else []
        found[group] = rest
