"""How many shares of each lot may be sold at a loss today without a wash sale, and what stands in the way of the others.

A loss is washed by shares of the group that were acquired in the last 30 days, are still held after the order, have replaced no loss
yet, and were not bought together with the shares sold (26 USC 1091(a); Reg. 1.1091-1(c) to (e); Rev. Rul. 56-602). So of one lot
mostly all may be sold or nothing: not shares are scarce then but a purchase stands in the way. Where the account itself holds that
purchase, selling it in the same order clears it away.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from rebalkit.model.lots import Lot
from rebalkit.money import MICRO, NANO, from_micros, to_nanos
from rebalkit.tax.holding import is_long_term
from rebalkit.tax.ledger import OpenLot
from rebalkit.tax.outlook import may_replace
from rebalkit.tax.wash_view import Recent, WashView

__all__ = ["CleanLot", "CleanView"]


@frozen
class CleanLot:
    """A lot of the planned account, and what of it may be sold at a loss today.

    Attributes:
        lot: Its name.
        symbol: Ticker.
        quantity: Shares held.
        acquired: Trade date on which it was acquired; None when it is not known.
        deemed: The date from which it is deemed held, after earlier wash sales; of its parts the earliest. None with ``acquired``.
        long: Of the parts of the lot, whether each would be sold long-term today; empty when the date is not known.
        basis: USD, with the additions of wash sales in all accounts; None when the cost is not known.
        gain: USD at the bid, a loss below 0; None without cost or quote.
        loses: Whether some share would be sold at a loss; never in an IRA, where a loss counts for nothing. None when that is not known.
        clean: Shares that may be sold at a loss when nothing else is sold: up to that many wash nothing. What is not known to lose
            counts as if it did.
        obstacles: What stands in the way of the others.
        free_from: First day on which nothing of that does any more; None when all may be sold today.
        together: Lots of the same security that must be sold whole, in one order with the whole of this lot, so that nothing is
            washed. Empty: none, the whole lot is clean by itself. None: there are no such lots.
    """

    lot: str
    symbol: str
    quantity: Decimal
    acquired: dt.date | None
    deemed: dt.date | None
    long: frozenset[bool]
    basis: Fraction | None
    gain: Fraction | None
    loses: bool | None
    clean: Decimal
    obstacles: tuple[Recent, ...]
    free_from: dt.date | None
    together: tuple[str, ...] | None


@frozen
class _Sold:
    """Shares that an order takes out of one purchase, all of one basis. ``loses`` counts what is not known as a loss."""

    one: OpenLot
    quantity: Fraction
    loses: bool


class CleanView:
    """What may be sold of the planned account.

    Args:
        view: The rule as it bears on the account.

    Attributes:
        lots: What may be sold of each lot.
    """

    def __init__(self, view: WashView) -> None:
        self._view = view
        self._account = view.snapshot.account
        self._pieces: dict[str, list[OpenLot]] = {}
        for one in view.ledger.open_lots:
            self._pieces.setdefault(one.lot, []).append(one)
        self._there = {trade: sum([one.quantity for one in pieces], Fraction(0)) for trade, pieces in self._pieces.items()}
        self._held = {lot.lot: lot for lot in self._account.lots}
        self._unpriced = {one.id for one in view.past.trades if not one.price and not one.fees}
        self.lots = tuple(self._clean(lot) for lot in self._account.lots)

    def one_order(self, symbol: str) -> tuple[str, ...]:
        """The lots of ``symbol`` that sold whole in one order take as much loss as can be taken without a wash.

        Those that gain are among them only where they clear a recent purchase away.
        """
        losing = [one for one in self.lots if one.symbol == symbol and one.loses and one.together is not None]
        orders = [(one.lot, *(one.together or ())) for one in sorted(losing, key=lambda one: one.gain or Fraction(0))]
        chosen = dict.fromkeys(name for order in orders for name in order)
        if self._against(symbol, self._sold(chosen)):
            # Lots that are parts of the same purchases can stand in each other's way: the largest loss then.
            chosen = dict.fromkeys(orders[0])
        return tuple(one.lot for one in self.lots if one.lot in chosen)

    def _clean(self, lot: Lot) -> CleanLot:
        sold = self._sold([lot.lot])
        clean, obstacles = self._alone(lot, sold)
        known = lot.acquired is not None
        today = self._view.snapshot.as_of
        basis = (
            None if self._unknown(lot) else sum((one.one.basis / one.one.quantity * one.quantity for one in sold), Fraction(0))
        )
        price = self._price(lot.symbol)
        gain = None if basis is None or price is None else Fraction(price, NANO) * Fraction(lot.quantity) - basis
        loses: bool | None = any(one.loses for one in sold)
        if loses and gain is None:
            loses = None
        return CleanLot(
            lot.lot, lot.symbol, lot.quantity, lot.acquired, min(one.one.deemed_acquired for one in sold) if known else None,
            frozenset(is_long_term(one.one.deemed_acquired, today) for one in sold) if known else frozenset(),
            basis, gain, loses, clean, obstacles, max((one.free_from for one in obstacles), default=None), self._together(lot),
        )  # fmt: skip

    def _alone(self, lot: Lot, sold: Sequence[_Sold]) -> tuple[Decimal, tuple[Recent, ...]]:
        """How many shares from the front of ``lot`` are clean, and what washes the next one.

        More shares sold only clear obstacles away, so the first share to be washed is the first of those with one basis.
        """
        before = Fraction(0)
        for number, one in enumerate(sold):
            against = self._against(lot.symbol, sold[: number + 1])
            if against and one.loses:
                return from_micros(int(before * MICRO)), against
            before += one.quantity
        return lot.quantity, ()

    def _together(self, lot: Lot) -> tuple[str, ...] | None:
        chosen = [lot.lot]
        while against := self._against(lot.symbol, self._sold(chosen)):
            more = [
                name for one in against if one.symbol == lot.symbol for name in self._view.sellable(one) if name not in chosen
            ]
            if not more or not all(one.lots for one in against):
                return None
            chosen += dict.fromkeys(more)
        return tuple(name for name in self._held if name in chosen and name != lot.lot)

    def _sold(self, lots: Iterable[str]) -> list[_Sold]:
        """What an order sells that sells ``lots`` whole, in the order in which it takes the shares."""
        taxable = self._account.kind.taxable
        taken: dict[str, Fraction] = defaultdict(Fraction)
        found = []
        for lot in lots:
            bid, unknown = self._price(self._held[lot].symbol), self._unknown(self._held[lot])
            for trade, micros in self._view.past.lots[self._account.account, lot]:
                for one, quantity in _slices(self._pieces[trade], taken[trade], Fraction(micros, MICRO)):
                    loses = bid is None or unknown or one.basis / one.quantity > Fraction(bid, NANO)
                    found.append(_Sold(one, quantity, taxable and loses))
                taken[trade] += Fraction(micros, MICRO)
        return found

    def _against(self, symbol: str, sold: Sequence[_Sold]) -> tuple[Recent, ...]:
        """What takes a loss of ``sold`` away, where nothing else is sold."""
        losing = {(one.one.purchase, one.one.acquired) for one in sold if one.loses}
        taken: dict[str, Fraction] = defaultdict(Fraction)
        for one in sold:
            taken[one.one.lot] += one.quantity
        return tuple(
            one
            for one in self._view.recent.get(self._view.policy.groups.of(symbol), ())
            if self._left(one, taken) and may_replace(self._view.policy, one.purchase, one.acquired, losing)
        )

    def _left(self, one: Recent, taken: Mapping[str, Fraction]) -> bool:
        """Whether some of the shares are still there when so many were taken from the front of each purchase."""
        return one.open_order is not None or self._there[one.trade] > taken.get(one.trade, 0)

    def _price(self, symbol: str) -> int | None:
        quote = self._view.snapshot.quotes.get(symbol)
        return to_nanos(quote.bid) if quote is not None and quote.sane else None

    def _unknown(self, lot: Lot) -> bool:
        """Whether neither the account nor the record tells what ``lot`` cost."""
        parts = self._view.past.lots[self._account.account, lot.lot]
        return lot.cost is None and any(trade in self._unpriced for trade, _ in parts)


def _slices(pieces: Sequence[OpenLot], start: Fraction, quantity: Fraction) -> Iterator[tuple[OpenLot, Fraction]]:
    """What ``quantity`` shares, from the one at ``start`` on, take of each of ``pieces``."""
    end, at = start + quantity, Fraction(0)
    for one in pieces:
        share = min(end, at + one.quantity) - max(start, at)
        if share > 0:
            yield one, share
        at += one.quantity
