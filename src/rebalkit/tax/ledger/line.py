"""The acquisitions of one identity group in the order in which they replace: earliest real acquisition first (Reg. 1.1091-1(c), (d)).

Before and after the sale, and over all accounts, it is one line. What has nothing fresh left is skipped from then on without being
looked at again, so that finding the next replacement costs the same however long the history is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from rebalkit.tax.ledger.lots import Lot

__all__ = ["Line"]


class Line:
    """Lots in order of acquisition; ties stay in recorded order.

    Attributes:
        lots: The lots.
    """

    __slots__ = ("_low", "_next", "lots")

    def __init__(self, lots: list[Lot]) -> None:
        # A stable sort: trades come in order of their dates, but a lot that was acquired earlier may be recorded later.
        self.lots = sorted(lots, key=lambda lot: lot.day)
        self._number()

    def _number(self) -> None:
        for place, lot in enumerate(self.lots):
            lot.place = place
        self._next = list(range(len(self.lots) + 1))
        self._low = 0
        for place, lot in enumerate(self.lots):
            if not lot.fresh:
                self._next[place] = place + 1

    def insert_behind(self, lot: Lot, part: Lot) -> None:
        """Let ``part``, which was split off ``lot``, stand behind it."""
        if lot.place >= 0:
            self.lots.insert(lot.place + 1, part)
            self._number()

    def join(self, one: Lot, other: Lot) -> None:
        """What is left of ``one`` becomes part of ``other``, a part of the same lot in the same account."""
        pieces = [*(one.pieces or ()), *(other.pieces or ())]
        other.pieces = deque(pieces) if pieces else None
        other.fresh += one.fresh
        one.fresh, one.pieces = 0, None
        if other.place >= 0:
            self._number()

    def behind(self, lot: Lot) -> int:
        """Place of the first acquisition that comes after that of ``lot``."""
        if lot.place >= 0:
            return lot.place + 1
        return bisect_right(self.lots, (lot.day, lot.born), key=lambda one: (one.day, one.born))

    def drop(self, lot: Lot) -> None:
        """Skip ``lot``, which has nothing fresh left, from now on."""
        if lot.place >= 0:
            self._next[lot.place] = lot.place + 1

    def start(self, first: int) -> int:
        """Place of the earliest acquisition on or after the day ``first``. Each call's day is no earlier than the one before."""
        lots, low = self.lots, self._low
        while low < len(lots) and lots[low].day < first:
            low += 1
        self._low = low
        return low

    def at(self, place: int, last: int) -> Lot | None:
        """The first lot at ``place`` or behind it with something fresh, acquired on or before the day ``last``; None if there is none."""
        following = self._next
        while following[place] != place:
            following[place] = place = following[following[place]]
        if place == len(self.lots):
            return None
        lot = self.lots[place]
        return lot if lot.day <= last else None
