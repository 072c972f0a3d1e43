"""A lot in the ledger: a line of shares. Matching takes from the front, selling takes from the front.

No authority says which shares of a lot are meant. From the front in both cases is the convention here, so that the shares whose basis a
wash sale has raised are sold first.

So a lot is two stretches: in front the shares that have replaced a loss, piece by piece, each with its own basis and date; behind them
the fresh ones, which have replaced nothing and share the basis that was paid.

Quantities are micro-shares in the shares of the start of the history, before all splits; a basis is ``n / d`` nano-dollars for one
such share, exact, so that no loss is ever found or missed by rounding.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from math import gcd
from typing import NamedTuple

from rebalkit.tax.trades import Trade

__all__ = ["Lot", "Micros", "Piece", "reduced"]

Micros = int | Fraction
"""Micro-shares; a fraction only where a split left less than a micro-share."""

_LONG = 1 << 192


class Piece(NamedTuple):
    """Shares of a lot that share basis and holding period: ``micros`` at ``n / d`` each, deemed held from the day ``deemed``."""

    micros: Micros
    n: int
    d: int
    deemed: int


class Lot:
    """A lot.

    Attributes:
        trade: The trade that brought it and names it.
        account: Where it is now.
        taxable: Whether losses in its account count.
        day: Ordinal of the day on which it was really acquired.
        born: Place in the history of the trade that brought it.
        own: Key of the buy order: shares of one key were acquired together (Rev. Rul. 56-602).
        n: Basis of a fresh share, over ``d``.
        d: See ``n``.
        fresh: Micro-shares that have replaced nothing.
        pieces: Shares that have replaced a loss, front first.
        place: Where in the line of acquisitions of its group it stands; -1 for what is no acquisition.
    """

    __slots__ = ("account", "born", "d", "day", "fresh", "n", "own", "pieces", "place", "taxable", "trade")

    def __init__(
        self, trade: Trade, taxable: bool, day: int, born: int, own: object, n: int, d: int, fresh: Micros, place: int
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
        self.pieces: deque[Piece] | None = None
        self.place = place

    @property
    def held(self) -> Micros:
        """Micro-shares left."""
        return self.fresh + sum([one.micros for one in self.pieces]) if self.pieces else self.fresh

    def take(self, micros: Micros) -> list[Piece]:
        """``micros``, at most what is held, from the front."""
        taken: list[Piece] = []
        pieces = self.pieces
        while micros and pieces:
            first = pieces[0]
            if first.micros <= micros:
                pieces.popleft()
            else:
                pieces[0] = first._replace(micros=first.micros - micros)
                first = first._replace(micros=micros)
            taken.append(first)
            micros -= first.micros
        if micros:
            self.fresh -= micros
            taken.append(Piece(micros, self.n, self.d, self.day))
        return taken

    def replace(self, micros: Micros, n: int, d: int, deemed: int) -> None:
        """The first ``micros`` of the fresh shares have replaced a loss, and have this basis and date from now on."""
        self.fresh -= micros
        if self.pieces is None:
            self.pieces = deque()
        self.pieces.append(Piece(micros, n, d, deemed))


def reduced(n: int, d: int) -> tuple[int, int]:
    """``n / d`` in lowest terms once the terms have grown long, as they do along a chain of wash sales."""
    if d < _LONG:
        return n, d
    common = gcd(n, d)
    return n // common, d // common
