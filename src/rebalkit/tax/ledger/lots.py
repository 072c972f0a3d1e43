"""A lot in the ledger: a line of shares. Matching takes from the front, selling takes from the front.

No authority says which shares of a lot are meant. From the front in both cases is the convention here, so that the shares whose basis a
wash sale has raised are sold first.

So a lot is two stretches: in front the shares that have replaced a loss, piece by piece, each with its own basis and date; behind them
the fresh ones, which have replaced nothing and share the basis that was paid.

Quantities are micro-units: a unit is a share as it was at the start of the history, before all splits. A basis is ``n / d``
nano-dollars for one unit, exact, so that no loss is ever found or missed by rounding.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from math import gcd

from rebalkit.tax.trades import Trade

__all__ = ["LONG", "Lot", "Micros", "Piece", "reduced"]

Micros = int | Fraction
"""Micro-units; a fraction only where a split left less than a micro-share."""

Piece = tuple[Micros, int, int, int]
"""Shares of a lot that share basis and holding period: micro-units, ``n`` and ``d`` of the basis, the ordinal of the day from which they
are deemed held."""

LONG = 1 << 192
"""A denominator above this is reduced."""


class Lot:
    """A lot.

    Attributes:
        trade: The trade that brought it and names it.
        account: Where it is now.
        taxable: Whether losses in its account count.
        day: Ordinal of the day on which it was really acquired.
        born: Place in the history of the trade that brought it.
        own: Key of the buy order: shares of one key were acquired together (Rev. Rul. 56-602).
        n: Basis of a fresh unit, over ``d``.
        d: See ``n``.
        fresh: Micro-units that have replaced nothing.
        pieces: Shares that have replaced a loss, front first; None while there were none.
        place: Where in the line of acquisitions of its group it stands; -1 for what is no acquisition.
    """

    __slots__ = ("account", "born", "d", "day", "fresh", "n", "own", "pieces", "place", "taxable", "trade")

    def __init__(
        self,
        trade: Trade,
        taxable: bool,
        day: int,
        born: int,
        own: object,
        n: int,
        d: int,
        fresh: Micros,
        pieces: deque[Piece] | None,
    ) -> None:
        self.trade = trade
        self.account = trade.account
        self.taxable = taxable
        self.day = day
        self.born = born
        self.own = own
        self.n = n
        self.d = d
        self.fresh = fresh
        self.pieces = pieces
        self.place = -1

    @property
    def held(self) -> Micros:
        """Micro-units left."""
        return self.fresh + sum([one[0] for one in self.pieces]) if self.pieces else self.fresh


def reduced(n: int, d: int) -> tuple[int, int]:
    """``n / d`` in lowest terms. Worth its time only once ``d`` is `LONG`, as it becomes along a chain of wash sales."""
    common = gcd(n, d)
    return n // common, d // common
