"""One account while its book trades: lots and transactions by symbol, orders by whether they are open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from attrs import evolve

from rebalkit.errors import DataError
from rebalkit.model import Lot, OrderStatus
from rebalkit.money import from_cents, from_micros, from_nanos, proportional_cents, to_micros, to_nanos, trim
from rebalkit_paper.book import PaperAccount, PaperOrder, Pending
from rebalkit_paper.status import status_of

__all__ = ["Holder"]

_NO_LOTS: Mapping[str, Lot] = {}


class Holder:
    """One account of a book that trades. Only `rebalkit_paper.fills` and `rebalkit_paper.floor` change it.

    Attributes:
        name: Name of the account.
        kind: How it is taxed.
        history_from: First day that the book's transactions cover completely; None when that is not known.
        reinvests: Symbols whose dividends are known to be reinvested.
        settled: Settled cash, USD.
        pending: Proceeds not yet settled, by date.
        open: Orders that may still fill, by id, oldest first.
        happened: By symbol, which of the book's transactions are in this account, oldest first.
    """

    def __init__(self, account: PaperAccount) -> None:
        """Take over what ``account`` holds; its orders and transactions are added one by one."""
        self._opened = account
        self.name = account.account
        self.kind = account.kind
        self.history_from = account.history_from
        self.reinvests = account.reinvests
        self.settled = account.settled
        self.pending = account.pending
        self.open: dict[str, PaperOrder] = {}
        self._lots: dict[str, Lot] = {}
        self._of_symbol: dict[str, dict[str, Lot]] = {}
        self._listed: dict[str, OrderStatus] = {}
        self.happened: dict[str, list[int]] = {}
        for lot in account.lots:
            self._put(lot)

    @property
    def account(self) -> PaperAccount:
        """The account as it is now."""
        return evolve(self._opened, settled=self.settled, pending=self.pending, lots=self.lots)

    @property
    def unsettled(self) -> Decimal:
        """Proceeds not yet settled, USD."""
        return sum((one.amount for one in self.pending), Decimal("0.00"))

    @property
    def lots(self) -> tuple[Lot, ...]:
        """All lots, in the order in which they came."""
        return tuple(self._lots.values())

    def lots_of(self, symbol: str) -> Mapping[str, Lot]:
        """The lots of ``symbol`` by name, in the order in which they came."""
        return self._of_symbol.get(symbol, _NO_LOTS)

    def orders(self, since: dt.date) -> list[OrderStatus]:
        """How the orders placed from ``since`` on stand, oldest first."""
        listed = list(self._listed.values())
        if not listed or listed[0].placed.date() >= since:
            return listed
        return [one for one in listed if one.placed.date() >= since]

    def put_order(self, order: PaperOrder) -> None:
        """Take in how ``order`` stands now."""
        self._listed[order.order] = status_of(order)
        if order.open_micros:
            self.open[order.order] = order
        else:
            self.open.pop(order.order, None)

    def has_lot(self, name: str) -> bool:
        """Whether a lot of that name is held."""
        return name in self._lots

    def add(self, bought: Lot) -> None:
        """Take in ``bought``, which joins what an earlier fill of its order bought, if that is still there."""
        held = self._lots.get(bought.lot)
        if held is None:
            self._put(bought)
        elif held.cost is None or bought.cost is None or held.symbol != bought.symbol:
            raise DataError(f"two lots are named {bought.lot}", place=f"account {self.name}", code="bad_book")
        else:
            self._put(evolve(held, quantity=trim(held.quantity + bought.quantity), cost=held.cost + bought.cost))

    def take(self, name: str, micros: int) -> None:
        """Give away ``micros`` micro-shares of the lot ``name``, with their part of its cost."""
        lot = self._lots[name]
        rest = to_micros(lot.quantity) - micros
        if rest:
            cost = None if lot.cost is None else from_nanos(proportional_cents(to_nanos(lot.cost), [micros, rest])[1])
            self._put(evolve(lot, quantity=from_micros(rest), cost=cost))
            return
        del self._lots[name]
        del self._of_symbol[lot.symbol][name]

    def receive(self, proceeds: Pending) -> None:
        """Take in ``proceeds``, which settle on their day."""
        amounts = {one.date: one.amount for one in self.pending}
        amounts[proceeds.date] = amounts.get(proceeds.date, Decimal("0.00")) + proceeds.amount
        self.pending = tuple(Pending(day, amounts[day]) for day in sorted(amounts))

    def pay(self, cents: int) -> None:
        """Settled cash goes first, then proceeds that have not settled, the earliest first."""
        due = from_cents(cents)
        settled = min(max(self.settled, Decimal("0.00")), due)
        due -= settled
        pending = []
        for one in self.pending:
            part = min(one.amount, due)
            due -= part
            if one.amount > part:
                pending.append(Pending(one.date, one.amount - part))
        self.settled -= settled
        self.pending = tuple(pending)

    def _put(self, lot: Lot) -> None:
        self._lots[lot.lot] = lot
        self._of_symbol.setdefault(lot.symbol, {})[lot.lot] = lot
