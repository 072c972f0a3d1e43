"""The acquisitions of one identity group in the order in which they replace: earliest real acquisition first (Reg. 1.1091-1(c), (d)).

Before and after the sale, and over all accounts, it is one line. What has nothing fresh left is skipped from then on without being
looked at again, so that finding the next replacement costs the same however long the history is.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from operator import attrgetter

from rebalkit.tax.ledger.lots import Lot

__all__ = ["Line"]


class Line:
    """Lots in order of acquisition; ties stay in recorded order.

    Attributes:
        lots: The lots.
        following: Of each place itself while its lot has something fresh, else a place behind it on the way to the next such lot.
    """

    __slots__ = ("_first", "_low", "_moved", "following", "lots")

    def __init__(self) -> None:
        self.lots: list[Lot] = []
        self.following = [0]
        self._moved = False
        self._low = 0
        self._first = 0

    def add(self, lot: Lot) -> None:
        """Let ``lot`` stand in line: mostly at the end, but what was acquired earlier may be recorded later."""
        lots = self.lots
        lot.place = len(lots)
        self.following.append(lot.place + 1)
        if lots and lot.day < lots[-1].day:
            insort(lots, lot, key=attrgetter("day"))
            self._moved = True
        else:
            lots.append(lot)

    def _number(self) -> None:
        self.following = following = list(range(len(self.lots) + 1))
        self._moved = False
        # The start of the window is looked for anew; it can only be further behind than it was.
        self._first = 0
        for place, lot in enumerate(self.lots):
            lot.place = place
            if not lot.fresh:
                following[place] = place + 1

    def insert_behind(self, lot: Lot, part: Lot) -> None:
        """Let ``part``, which was split off ``lot``, stand behind it."""
        if lot.place >= 0:
            place = bisect_left(self.lots, lot.day, key=attrgetter("day"))
            while self.lots[place] is not lot:
                place += 1
            self.lots.insert(place + 1, part)
            part.place = place + 1
            self._moved = True

    def join(self, one: Lot, other: Lot) -> None:
        """What is left of ``one`` becomes part of ``other``, a part of the same lot in the same account."""
        pieces = [*(one.pieces or ()), *(other.pieces or ())]
        other.pieces = pieces or None
        other.fresh += one.fresh
        one.fresh, one.pieces = 0, None
        self._moved = True

    def no_older(self, lot: Lot) -> int:
        """Place of the first acquisition that is not of an earlier day than that of ``lot``."""
        return bisect_left(self.lots, lot.day, key=lambda one: one.day)

    def drop(self, lot: Lot) -> None:
        """Skip ``lot``, which has nothing fresh left, from now on."""
        if lot.place >= 0 and not self._moved:
            self.following[lot.place] = lot.place + 1

    def start(self, first: int) -> int:
        """Place of the earliest acquisition on or after the day ``first``. Each call's day is no earlier than the one before."""
        if self._moved:
            self._number()
        if first != self._first:
            self._first = first
            lots, low = self.lots, self._low
            while low < len(lots) and lots[low].day < first:
                low += 1
            self._low = low
        return self._low
