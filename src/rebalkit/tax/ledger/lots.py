"""A lot in the ledger: a line of shares. Matching takes from the front, selling takes from the front.

No authority says which shares of a lot are meant. From the front in both cases is the convention here, so that the shares whose basis a
wash sale has raised are sold first.

So a lot is two stretches: in front the shares that have replaced a loss, piece by piece, each with its own basis and date; behind them
the fresh ones, which have replaced nothing and share the basis that was paid.

Quantities are micro-units: a unit is a share as it was at the start of the history, before all splits. A basis is ``n / d``
nano-dollars for one unit, a fraction, so that no loss is ever found or missed by rounding.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from rebalkit.tax.trades import Trade

__all__ = ["LONG", "Lot", "Micros", "Piece", "loss_of_unit", "settled"]

Micros = int | Fraction
"""Micro-units; a fraction only where a split left less than a micro-share."""

Piece = tuple[Micros, int, int, int]
"""Shares of a lot that share basis and holding period: micro-units, ``n`` and ``d`` of the basis, the ordinal of the day from which they
are deemed held."""

LONG = 1 << 128
"""A loss a unit whose denominator is longer than this is settled: it is in this fraction of a nano-dollar from then on."""


class Lot:
    """A lot.

    Attributes:
        trade: The trade that brought it and names it.
        account: Where it is now.
        taxable: Whether losses in its account count.
        day: Ordinal of the day on which it was really acquired.
        born: Place in the history of the trade that brought it.
        own: Id of the first fill of the order that bought it: shares of one order were acquired together (Rev. Rul. 56-602).
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
        own: str,
        n: int,
        d: int,
        fresh: Micros,
        pieces: list[Piece] | None,
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


def loss_of_unit(n: int, d: int, pn: int, pd: int) -> tuple[int, int]:
    """The loss of a unit of basis ``n / d`` that brought ``pn / pd``, in nano-dollars over the second number; not above 0 is no loss.

    It is exact, but along a chain of wash sales every sale with fees multiplies the denominator by its shares. One that has grown beyond
    all measure is rounded down, by less than 10⁻⁴⁷ USD a unit; what is disallowed here and what is added there are the same number, so
    that no part of it is lost.
    """
    loss, ld = n * pd - pn * d, d * pd
    return settled(loss, ld) if ld > LONG else (loss, ld)


def settled(loss: int, ld: int) -> tuple[int, int]:
    """``loss / ld`` in lowest terms, and rounded down if these are still longer than `LONG`."""
    common = gcd(loss, ld)
    loss, ld = loss // common, ld // common
    return (loss * LONG // ld, LONG) if ld > LONG else (loss, ld)
