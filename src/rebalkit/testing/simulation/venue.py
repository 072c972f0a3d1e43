"""The truth: what the broker really has, whatever it shows. It knows nothing of the program or its journal, and forbids nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from attrs import define

from rebalkit.calendar import NEW_YORK, session_hours
from rebalkit.model.accounts import Cash
from rebalkit.model.history import Action, Transaction
from rebalkit.model.orders import OrderRequest, OrderState, Side
from rebalkit.money import from_cents, from_micros, to_micros
from rebalkit.testing.simulation.book import Book
from rebalkit.testing.simulation.clock import SimClock
from rebalkit.testing.simulation.faults import Dice
from rebalkit.testing.simulation.market import Market, dollars
from rebalkit.testing.simulation.orders import Piece, SimOrder

__all__ = ["Realised", "Venue"]

_AGAIN = 5_000
"""Milliseconds after which an order that the market does not reach is looked at again."""


@define
class Realised:
    """A sale out of one lot: ``index`` is the place of its transaction, ``cents`` what it gained, ``taxable`` whether that counts."""

    index: int
    taxable: bool
    day: dt.date
    symbol: str
    micros: int
    cents: int


class Venue:
    """All accounts at one broker, its orders, its market.

    Args:
        clock: Time.
        dice: Chance.
        market: Prices.
        books: Accounts by name; the first one is traded.
        fee: Cents that every order with a fill costs.

    Attributes:
        orders: All orders by number, oldest first.
        transactions: All transactions of all accounts, oldest first.
        realised: What sales gained.
        changes: How often somebody else changed something that counts.
        seen_changes: How many of these were in the account as it was shown last.
        seen_cash: The cash that was shown then.
        seen_transactions: By account, before which one all had been shown when its transactions were last asked for.
        on_arrival: Takes in an order that was under way.
    """

    def __init__(self, clock: SimClock, dice: Dice, market: Market, books: Mapping[str, Book], fee: int) -> None:
        self.clock = clock
        self.dice = dice
        self.market = market
        self.books = books
        self.account = next(iter(books))
        self.fee = fee
        self.orders: dict[str, SimOrder] = {}
        self.transactions: list[Transaction] = []
        self.realised: list[Realised] = []
        self.changes = 0
        self.seen_changes = 0
        self.seen_cash = Cash(0)
        self.seen_transactions = dict.fromkeys(books, 0)
        self.version = 0
        self.on_arrival: Callable[[OrderRequest], object] = self.land
        self._numbers = 0
        self._underway: list[tuple[int, OrderRequest]] = []
        self._begin_day()

    @property
    def book(self) -> Book:
        """The account that is traded."""
        return self.books[self.account]

    @property
    def open(self) -> bool:
        """Whether the market is open."""
        return self._opens <= self.clock.milliseconds < self._closes

    @property
    def working(self) -> list[SimOrder]:
        """The orders that may fill."""
        return [one for one in self.orders.values() if one.state is OrderState.OPEN]

    def next_number(self, prefix: str) -> str:
        """A name that there was not."""
        self._numbers += 1
        return f"{prefix}{self._numbers}"

    def land(self, request: OrderRequest, *, ours: bool = True, doubled: bool = False) -> SimOrder:
        """The order arrives."""
        micros = to_micros(request.quantity)
        order = SimOrder(
            self.next_number(""),
            request.client_id if ours else None,
            request.side,
            request.symbol,
            micros,
            int((request.limit or 0) * 10_000),
            [(part.lot, to_micros(part.quantity)) for part in request.lots],
            self.clock.true_now,
            ours,
            doubled,
        )
        self.orders[order.order] = order
        self.version += 1
        if ours:
            self._decide_fate(order)
        return order

    def delay(self, request: OrderRequest, milliseconds: int) -> None:
        """The order is still under way; it arrives later."""
        self._underway.append((self.clock.milliseconds + milliseconds, request))

    def progress(self) -> None:
        """Let happen what time has brought."""
        now = self.clock.milliseconds
        while self._underway and self._underway[0][0] <= now:
            _, request = self._underway.pop(0)
            self.on_arrival(request)
        for order in self.working:
            self._progress(order, now)
        for order in self.orders.values():
            if order.pieces and order.state is not OrderState.OPEN:
                self._fill_due(order, now)
        while now >= self._midnight:
            self._begin_day()

    def _decide_fate(self, order: SimOrder) -> None:
        dice, now = self.dice, self.clock.milliseconds
        if dice.happens("late_listing"):
            if dice.random() < 0.7:
                order.hidden_looks = dice.randrange(1, 13)
            else:
                order.hidden_until = now + dice.randrange(1, 600) * 1000
        if dice.happens("rejected_late"):
            order.reject_at = now + dice.randrange(0, 20_000)
            return
        if dice.happens("wrong_lots") and order.side is Side.SELL:
            order.lots = self._other_lots(order)
        first = now + (dice.randrange(5, 200) * 1000 if dice.happens("slow_fill") else dice.randrange(0, 800))
        if dice.happens("partial") and order.micros > 1:
            cuts = sorted({dice.randrange(1, order.micros) for _ in range(dice.randrange(1, 4))})
            if order.micros % 10**6 == 0 and order.micros > 10**6:
                cuts = sorted({max(1, cut // 10**6) * 10**6 for cut in cuts})
            sizes = [after - before for before, after in zip([0, *cuts], [*cuts, order.micros], strict=True)]
            order.pieces = [Piece(first + number * dice.randrange(1, 60_000), size) for number, size in enumerate(sizes) if size]
        else:
            order.pieces = [Piece(first, order.micros)]
        if dice.happens("unfilled"):
            del order.pieces[dice.randrange(len(order.pieces)) :]

    def _other_lots(self, order: SimOrder) -> list[tuple[str, int]]:
        """Oldest first, whatever was asked for."""
        wanted, taken = order.micros, []
        for name, lot in sorted(self.book.lots.items(), key=lambda one: (one[1].acquired, one[0])):
            if lot.symbol == order.symbol and wanted:
                part = min(lot.micros, wanted)
                taken.append((name, part))
                wanted -= part
        return taken

    def _progress(self, order: SimOrder, now: int) -> None:
        self._fill_due(order, now)
        if order.state is not OrderState.OPEN:
            return
        if order.reject_at is not None and now >= order.reject_at:
            self._end(order, OrderState.REJECTED)
        elif order.cancel_at is not None and now >= order.cancel_at:
            self._end(order, OrderState.CANCELLED)
        elif now >= self._closes:
            self._end(order, OrderState.EXPIRED)

    def _end(self, order: SimOrder, state: OrderState) -> None:
        order.state = state
        order.pieces = [piece for piece in order.pieces if piece.late]
        self.version += 1

    def _fill_due(self, order: SimOrder, now: int) -> None:
        for piece in [one for one in order.pieces if one.at <= now]:
            if piece not in order.pieces:  # the one before it found nothing to sell any more
                continue
            if piece.late or (piece.at < self._closes and self._reached(order)):
                order.pieces.remove(piece)
                self.fill(order, min(piece.micros, order.micros - order.filled))
            elif order.state is OrderState.OPEN:
                piece.at = now + _AGAIN

    def _reached(self, order: SimOrder) -> bool:
        if order.side is Side.BUY:
            return self.market.ask(order.symbol) <= order.limit
        return self.market.bid(order.symbol) >= order.limit

    def fill(self, order: SimOrder, micros: int) -> None:
        """Fill ``micros`` micro-shares at the market, never beyond the limit."""
        if micros <= 0:
            return
        if order.side is Side.BUY:
            self._bought(order, micros, min(order.limit, self.market.ask(order.symbol)))
        else:
            self._sold(order, micros, max(order.limit, self.market.bid(order.symbol)))
        if order.filled == order.micros and order.state is OrderState.OPEN:
            order.state = OrderState.FILLED
        self.version += 1

    def _amounts(self, order: SimOrder, micros: int, price: int) -> tuple[int, int]:
        """Cents of this fill and of its fee, the first fill of an order paying that of all."""
        before, fee = order.cents, 0 if order.fees else self.fee
        order.filled += micros
        order.gross += micros * price
        order.fees += fee
        order.last_fill = self.clock.milliseconds
        return order.cents - before, fee

    def _bought(self, order: SimOrder, micros: int, price: int) -> None:
        cents, fee = self._amounts(order, micros, price)
        lot = f"of order {order.order}"
        self.book.add(lot, order.symbol, micros, self.day, cents + fee)
        self.book.pay(cents + fee)
        self.record(self.account, Action.BUY, order.symbol, micros, price, fee, order.order, lot)

    def _sold(self, order: SimOrder, micros: int, price: int) -> None:
        parts = self._parts(order, micros)
        micros = sum(part for _, part in parts)
        if not micros:
            self._end(order, OrderState.REJECTED)
            return
        cents, fee = self._amounts(order, micros, price)
        self.book.receive(cents - fee)
        left = micros
        for lot, part in parts:
            share, charged = cents * part // left, fee * part // left
            cost = self.book.take(lot, part)
            self.record(self.account, Action.SELL, order.symbol, part, price, charged, order.order, lot)
            index = len(self.transactions) - 1
            self.realised.append(Realised(index, True, self.day, order.symbol, part, share - charged - cost))
            cents, fee, left = cents - share, fee - charged, left - part

    def _parts(self, order: SimOrder, micros: int) -> list[tuple[str, int]]:
        """The lots that the next ``micros`` come from, as far as they are still there: somebody else may have sold them."""
        parts, passed, wanted = [], order.filled, micros
        for lot, asked in order.lots:
            skipped = min(passed, asked)
            passed -= skipped
            held = self.book.lots[lot].micros if lot in self.book.lots else 0
            part = min(asked - skipped, wanted, held)
            wanted -= part
            if part:
                parts.append((lot, part))
        return parts

    def record(
        self,
        account: str,
        action: Action,
        symbol: str,
        micros: int,
        price: int | None,
        fee: int,
        order: str | None,
        lot: str | None,
    ) -> None:
        """Write a transaction of today."""
        told = None if price is None else dollars(price)
        self.transactions.append(
            Transaction(account, self.day, action, symbol, from_micros(micros), told, from_cents(fee), order, lot)
        )
        self.version += 1

    def _begin_day(self) -> None:
        """Work out the hours of the day that it is, and settle what was sold before."""
        now = self.clock.true_now.astimezone(NEW_YORK)
        for book in self.books.values():
            book.settle()
        self.version += 1
        self.day = now.date()
        hours = session_hours(self.day)
        midnight = dt.datetime.combine(self.day + dt.timedelta(days=1), dt.time(0), NEW_YORK)
        self._midnight = self._milliseconds(midnight)
        self._opens, self._closes = (0, 0) if hours is None else (self._milliseconds(hours[0]), self._milliseconds(hours[1]))

    def _milliseconds(self, moment: dt.datetime) -> int:
        return self.clock.milliseconds + int((moment - self.clock.true_now) / dt.timedelta(milliseconds=1))
