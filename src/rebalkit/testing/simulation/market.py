"""Prices that move while somebody looks, and the quotes that a broker shows of them."""

from __future__ import annotations

import datetime as dt

from attrs import define, evolve

from rebalkit.model.securities import Quote
from rebalkit.money import from_nanos
from rebalkit.testing.simulation.faults import Dice

__all__ = ["CENT_PRICE", "Market", "dollars"]

CENT_PRICE = 100
"""A cent in hundredths of a cent."""
_LEAST = 2 * CENT_PRICE
_OLD = dt.timedelta(minutes=20)


def dollars(price: int) -> str:
    """Hundredths of a cent as text in USD."""
    return str(from_nanos(price * 10**5))


@define
class _Price:
    bid: int
    spread: int


class Market:
    """The true prices, in hundredths of a cent, whole cents each.

    Args:
        dice: Chance.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._prices: dict[str, _Price] = {}
        self._served: dict[str, Quote] = {}

    def list_symbol(self, symbol: str, bid: int, spread: int) -> None:
        """Begin to trade ``symbol``."""
        self._prices[symbol] = _Price(bid, spread)

    @property
    def symbols(self) -> list[str]:
        """Everything that is traded."""
        return sorted(self._prices)

    def bid(self, symbol: str) -> int:
        """What a share can be sold for."""
        return self._prices[symbol].bid

    def ask(self, symbol: str) -> int:
        """What a share can be bought for."""
        price = self._prices[symbol]
        return price.bid + price.spread

    def move(self, symbol: str) -> None:
        """Let the price of ``symbol`` move a little, or jump."""
        price = self._prices[symbol]
        step = price.bid // 4000 // CENT_PRICE + 1
        change = self._dice.randrange(-step, step + 1) * CENT_PRICE
        if self._dice.happens("price_jump"):
            change = price.bid * self._dice.choice((-10, -4, -2, -1, 1, 2, 4, 10)) // 100 // CENT_PRICE * CENT_PRICE
        price.bid = max(_LEAST, price.bid + change)

    def split(self, symbol: str, new: int) -> None:
        """One share of ``symbol`` becomes ``new``."""
        price = self._prices[symbol]
        price.bid = max(_LEAST, price.bid // new // CENT_PRICE * CENT_PRICE)

    def quote(self, symbol: str, day: dt.date, now: dt.datetime) -> Quote | None:
        """What a broker shows; None where there is no quote."""
        if symbol not in self._prices:
            return None
        self.move(symbol)
        dice = self._dice
        quote = Quote(symbol, dollars(self.bid(symbol)), dollars(self.ask(symbol)), day, now)
        if dice.happens("quote_missing"):
            return None
        if dice.happens("quote_zero"):
            return evolve(quote, bid=0) if dice.random() < 0.5 else evolve(quote, ask=0)
        if dice.happens("quote_crossed"):
            return evolve(quote, bid=quote.ask, ask=quote.bid - 1)
        if dice.happens("quote_wide"):
            return evolve(quote, ask=quote.ask * 2)
        if dice.happens("quote_stale"):
            old = self._served.get(symbol, quote)
            return evolve(old, delayed=True) if dice.random() < 0.3 else evolve(old, at=now - _OLD)
        self._served[symbol] = quote
        return quote
