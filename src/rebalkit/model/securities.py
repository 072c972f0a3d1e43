"""Symbols and quotes."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from attrs import field, frozen

from rebalkit.errors import DataError
from rebalkit.money import to_decimal

__all__ = ["Quote", "check_symbol", "is_ticker"]

# Tickers of US exchanges: letters and digits, with at most one class or series suffix (BRK.B, BRK-B, BF/B).
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:[./-][A-Z0-9]{1,5})?")


def check_symbol(value: str) -> str:
    """``value`` itself when it is a ticker symbol in capitals.

    Raises DataError otherwise: a symbol travels into orders, files and pages, so nothing else is let in.
    """
    if isinstance(value, str) and _SYMBOL.fullmatch(value):
        return value
    raise DataError(
        f"{value!r} is not a ticker symbol",
        code="bad_symbol",
        remedy="A symbol is 1 to 10 capital letters or digits, with an optional suffix such as BRK.B.",
    )


def is_ticker(value: str) -> bool:
    """Whether ``value`` is a ticker symbol in capitals; those of bonds and of options are none."""
    return _SYMBOL.fullmatch(value) is not None


def _symbol(value: str) -> str:
    return check_symbol(value)


@frozen
class Quote:
    """What one share can be sold and bought for. No sanity is enforced here: the checks report a bad quote.

    Attributes:
        symbol: Ticker.
        bid: USD per share that a sale fetches; holdings are valued at it.
        ask: USD per share that a purchase costs.
        date: Day of the quote in New York; None when the source does not say.
        at: Its moment, aware; None when the source does not say.
        delayed: Whether the source says that it is a delayed one.

    Raises:
        ValueError: A moment without a zone.
    """

    symbol: str = field(converter=_symbol)
    bid: Decimal = field(converter=to_decimal)
    ask: Decimal = field(converter=to_decimal)
    date: dt.date | None = None
    at: dt.datetime | None = field(default=None)
    delayed: bool = False

    @at.validator
    def _aware(self, _: object, moment: dt.datetime | None) -> None:
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"the moment {moment} of a quote has no zone")

    @property
    def sane(self) -> bool:
        """Whether bid > 0 and ask ≥ bid."""
        return 0 < self.bid <= self.ask
