"""What others do in the accounts while a run is under way: a person at the broker's page, a dividend, a split."""

from __future__ import annotations

from collections.abc import Sequence

from rebalkit.model.history import Action
from rebalkit.model.orders import OrderRequest, OrderState, Side
from rebalkit.testing.simulation.book import Book, cost_of, proceeds_of
from rebalkit.testing.simulation.market import CENT_PRICE
from rebalkit.testing.simulation.orders import Piece, SimOrder
from rebalkit.testing.simulation.venue import Realised, Venue

__all__ = ["Outside"]

_SHARE = 10**6


class Outside:
    """Lets others act.

    Args:
        venue: Where.
        symbols: What they trade in: what the plan trades and what counts as one with it.
    """

    def __init__(self, venue: Venue, symbols: Sequence[str]) -> None:
        self._venue = venue
        self._symbols = symbols

    def act(self) -> None:
        """Whatever happens at this moment."""
        happens, venue = self._venue.dice.happens, self._venue
        if happens("foreign_order"):
            self._order()
        if happens("foreign_purchase"):
            self._purchase(Action.BUY)
        if happens("reinvestment"):
            self._purchase(Action.REINVEST)
        if happens("foreign_sale"):
            self._sale()
        if happens("dividend"):
            venue.book.receive(venue.dice.randrange(1, 50_000), settled=True)
            venue.changes += 1
        if happens("split"):
            self._split()

    def twin(self, request: OrderRequest) -> None:
        """Somebody places an order that is like ``request``, or nearly."""
        venue, dice = self._venue, self._venue.dice
        order = venue.land(request, ours=False)
        if dice.random() < 0.5:
            order.limit += dice.choice((-CENT_PRICE, CENT_PRICE))
        order.twin = order.is_like(request)
        venue.changes += 1
        if dice.random() < 0.5 and not self._is_committed(order):
            order.pieces = [Piece(venue.clock.milliseconds + dice.randrange(0, 30_000), order.micros)]

    def _is_committed(self, order: SimOrder) -> bool:
        """Whether a person cannot have it filled, for the shares or the cash are bound by other orders."""
        if order.side is Side.SELL:
            return any(self._free(self._venue.book, lot) < micros for lot, micros in order.lots)
        return self._free_cash() < cost_of(order.micros, order.limit) + self._venue.fee

    def _order(self) -> None:
        venue, dice = self._venue, self._venue.dice
        held = [(name, lot) for name, lot in venue.book.lots.items() if lot.symbol in self._symbols]
        if held and dice.random() < 0.7:
            name, lot = dice.choice(held)
            order = self._placed(Side.SELL, lot.symbol, lot.micros, venue.market.bid(lot.symbol) * 2)
            order.lots = [(name, lot.micros)]
        else:
            symbol = dice.choice(self._symbols)
            self._placed(Side.BUY, symbol, dice.randrange(1, 50) * _SHARE, venue.market.bid(symbol) // 2)

    def _placed(self, side: Side, symbol: str, micros: int, limit: int) -> SimOrder:
        venue = self._venue
        order = SimOrder(
            venue.next_number(""),
            None,
            side,
            symbol,
            micros,
            limit // CENT_PRICE * CENT_PRICE,
            [],
            venue.clock.true_now,
            ours=False,
        )
        venue.orders[order.order] = order
        venue.changes += 1
        venue.version += 1
        return order

    def _purchase(self, action: Action) -> None:
        venue, dice = self._venue, self._venue.dice
        book, symbol = dice.choice(list(venue.books.values())), dice.choice(self._symbols)
        micros, price = dice.randrange(1, 30) * _SHARE, venue.market.ask(symbol)
        if action is Action.REINVEST:
            micros //= dice.randrange(2, 1000)
        cents = cost_of(micros, price)
        if book is venue.book and action is Action.BUY and self._free_cash() < cents:
            return
        lot = venue.next_number("other")
        book.add(lot, symbol, micros, venue.day, cents)
        if action is Action.BUY:
            book.pay(cents)
        venue.record(book.account, action, symbol, micros, price, 0, None, lot)
        venue.changes += 1

    def _sale(self) -> None:
        venue, dice = self._venue, self._venue.dice
        book = dice.choice(list(venue.books.values()))
        lots = [(name, lot) for name, lot in book.lots.items() if lot.symbol in self._symbols]
        losing = [one for one in lots if proceeds_of(one[1].micros, venue.market.bid(one[1].symbol)) < one[1].cents]
        if not lots:
            return
        name, lot = dice.choice(losing if losing and dice.random() < 0.8 else lots)
        micros = min(self._free(book, name), dice.randrange(1, lot.micros + 1))
        if lot.micros % _SHARE == 0:
            micros = micros // _SHARE * _SHARE
        if micros <= 0:
            return
        symbol, price = lot.symbol, venue.market.bid(lot.symbol)
        cents = proceeds_of(micros, price)
        gain = cents - book.take(name, micros)
        book.receive(cents)
        venue.record(book.account, Action.SELL, symbol, micros, price, 0, None, name)
        venue.realised.append(Realised(len(venue.transactions) - 1, book.kind.taxable, venue.day, symbol, micros, gain))
        venue.changes += 1

    def _free(self, book: Book, lot: str) -> int:
        """Micro-shares of ``lot`` that no order is about to sell."""
        if lot not in book.lots:
            return 0
        if book is not self._venue.book:
            return book.lots[lot].micros
        bound = sum(
            micros for one in self._venue.orders.values() if self._may_fill(one) for name, micros in one.lots if name == lot
        )
        return book.lots[lot].micros - bound

    def _free_cash(self) -> int:
        bound = sum(
            cost_of(one.micros - one.filled, one.limit) + self._venue.fee
            for one in self._venue.orders.values()
            if one.side is Side.BUY and self._may_fill(one)
        )
        return self._venue.book.cents - bound

    def _may_fill(self, order: SimOrder) -> bool:
        return order.state is OrderState.OPEN or bool(order.pieces)

    def _split(self) -> None:
        """Shares are split before the market opens: at any moment, but only what was not traded on that day."""
        venue, dice = self._venue, self._venue.dice
        symbol, new = dice.choice(self._symbols), dice.choice((2, 3, 10))
        busy = any(one.symbol == symbol for one in venue.orders.values())
        if busy or any(one.symbol == symbol and one.date == venue.day for one in venue.transactions):
            return
        for book in venue.books.values():
            if book.shares(symbol):
                book.split(symbol, new)
                venue.record(book.account, Action.SPLIT, symbol, new * _SHARE, None, 0, None, None)
        venue.market.split(symbol, new)
        venue.changes += 1
