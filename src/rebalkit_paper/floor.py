"""A book while it trades: indexed by account and symbol, so that an order touches only what it is about.

It is the same book as the plain `rebalkit_paper.book.Book`, in another form: one can be made of the other at any moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import chain

from attrs import evolve

from rebalkit.errors import DataError
from rebalkit.model import OrderRequest, OrderState, Transaction
from rebalkit_paper.book import ORDER_PREFIX, Book, PaperOrder, clock_of, unknown_account
from rebalkit_paper.holder import Holder

__all__ = ["Floor"]


class Floor:
    """A book that trades.

    Attributes:
        name: Name of the book.
        today: The paper day, in New York.
        counter: Number of the next order.
        fills: How orders fill.
        quotes: Quote of each symbol that has one.
        orders: All orders by id, oldest first.
        clients: Id of the order of each client id.
    """

    def __init__(self, book: Book) -> None:
        """Open ``book``, which `rebalkit_paper.sanity.check` finds sound, for trading."""
        self._opened = book
        self.name = book.name
        self.today = book.today
        self.counter = book.counter
        self.fills = book.fills
        self.quotes = dict(book.quotes)
        self.orders: dict[str, PaperOrder] = {}
        self.clients: dict[str, str] = {}
        self._holders = {one.account: Holder(one) for one in book.accounts}
        self._transactions: list[Transaction] = []
        for order in book.orders:
            self.put_order(order)
        self.note(book.transactions)

    @property
    def book(self) -> Book:
        """The book as it is now, as a plain value."""
        return evolve(
            self._opened,
            counter=self.counter,
            accounts=tuple(one.account for one in self._holders.values()),
            quotes=dict(self.quotes),
            orders=tuple(self.orders.values()),
            transactions=tuple(self._transactions),
        )

    @property
    def now(self) -> dt.datetime:
        """The book's clock, in New York."""
        return clock_of(self.today, self.counter)

    @property
    def holders(self) -> Iterable[Holder]:
        """All accounts."""
        return self._holders.values()

    def holder(self, account: str) -> Holder:
        """The account called ``account``. Raises BrokerError when there is none."""
        try:
            return self._holders[account]
        except KeyError:
            raise unknown_account(self.name, account, self._holders) from None

    def transactions(self, account: str, since: dt.date) -> list[Transaction]:
        """What happened in ``account`` from ``since`` on, oldest first."""
        return [one for one in self._transactions if one.account == account and one.date >= since]

    def transactions_of(self, account: str, symbols: Iterable[str]) -> list[Transaction]:
        """What happened to ``symbols`` in ``account``, oldest first."""
        happened = self.holder(account).happened
        return [self._transactions[place] for place in sorted(chain.from_iterable(happened.get(one, ()) for one in set(symbols)))]

    def next_order(self, account: str, request: OrderRequest) -> PaperOrder:
        """``request`` as an order of which nothing has filled, under the next number; the book does not have it yet."""
        return PaperOrder(f"{ORDER_PREFIX}{self.counter}", account, request, OrderState.OPEN, self.now)

    def take_order(self, account: str, request: OrderRequest) -> PaperOrder:
        """Take ``request`` as the next order; nothing of it has filled."""
        order = self.next_order(account, request)
        if order.order in self.orders or self.holder(account).has_lot(order.order):
            reason = f"the number {self.counter} of the next order is taken"
            raise DataError(reason, place=f"paper book {self.name}", code="bad_book")
        self.counter += 1
        self.put_order(order)
        return order

    def put_order(self, order: PaperOrder) -> None:
        """Take in how ``order`` stands now."""
        self.orders[order.order] = order
        self.clients.setdefault(order.request.client_id, order.order)
        self._holders[order.account].put_order(order)

    def note(self, transactions: Iterable[Transaction]) -> None:
        """Add ``transactions`` to what happened."""
        for one in transactions:
            self._holders[one.account].happened.setdefault(one.symbol, []).append(len(self._transactions))
            self._transactions.append(one)
