"""Finding the shares that replace a loss: those of the group that were or will be acquired within the window, earliest first.

One share replaces one (Reg. 1.1091-1(c), (d)), each share only once (Reg. 1.1091-1(e)). What was bought in the same order as the shares
sold is passed over (Rev. Rul. 56-602). The loss goes into the basis of what replaces (26 USC 1091(d)), and so does the time held (26 USC
1223(3)); into neither in an IRA (Rev. Rul. 2008-5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from rebalkit.model.policy import HoldingMethod, OlderReplacement, WashPolicy
from rebalkit.tax.ledger.found import WashedRow
from rebalkit.tax.ledger.line import Line
from rebalkit.tax.ledger.lots import Lot, Micros
from rebalkit.tax.ledger.units import whole
from rebalkit.tax.trades import Trade

__all__ = ["Matching"]


class Matching:
    """The replacements of one group.

    Args:
        line: Its acquisitions.
        scales: By symbol the shares that a unit is by now; it changes as splits take effect.
        policy: How the rule is read.

    Attributes:
        found: Every replacement, in order.
    """

    def __init__(self, line: Line, scales: Mapping[str, Micros], policy: WashPolicy) -> None:
        self.found: list[WashedRow] = []
        self._line = line
        self._scales = scales
        self._days = policy.window.days
        self._older_count = policy.older_replacement is OlderReplacement.COUNT
        self._added = policy.holding is HoldingMethod.ADDED
        self._holding = _HOLDING[policy.holding]

    def replace(self, trade: Trade, day: int, lot: Lot, micros: Micros, ln: int, ld: int, deemed: int) -> tuple[Micros, Micros]:
        """Find what replaces ``micros`` of ``lot``, sold on ``day`` at a loss of ``ln / ld`` a unit.

        Returns of how many the loss is disallowed, and of how many of these for good.
        """
        # The innermost loop of a long history: whatever it needs again and again is at hand.
        line, last, held = self._line, day + self._days, day - deemed
        place = line.start(day - self._days)
        if not self._older_count:
            place = max(place, line.no_older(lot))
        lots, following, own, end, found = line.lots, line.following, lot.own, len(line.lots), self.found.append
        added, split = self._added, bool(self._scales)
        left: Micros = micros
        permanent: Micros = 0
        factor: Micros = 1
        while left:
            while following[place] != place:
                following[place] = place = following[following[place]]
            if place == end:
                break
            other = lots[place]
            since = other.day
            if since > last:
                break
            if other.own == own:
                place += 1
                continue
            taken = matched = left
            if split:
                factor = self._factor(trade.symbol, other.trade.symbol)
                taken = whole(matched / Fraction(factor))
            fresh = other.fresh
            if fresh <= taken:
                taken = fresh
                matched = taken * factor
                following[place] = place + 1
            other.fresh = fresh - taken
            n, d = other.n, other.d
            if other.taxable:
                since = since - held if added else self._holding(since, day, deemed)
                un, ud = (ln * factor.numerator, ld * factor.denominator) if split else (ln, ld)
                if d == ud:
                    n += un
                else:
                    n, d = n * ud + un * d, d * ud
            else:
                permanent += matched
            if other.pieces is None:
                other.pieces = []
            other.pieces.append((taken, n, d, since))
            left -= matched
            found((trade, lot, other, matched, ln, ld, since))
        return micros - left, permanent

    def _factor(self, symbol: str, other: str) -> Micros:
        """Units of ``symbol`` for each unit of ``other``: a share is replaced by a share, as both were on the day of the sale."""
        return 1 if symbol == other else whole(Fraction(self._scales.get(other, 1)) / self._scales.get(symbol, 1))


def _added(acquired: int, sold: int, deemed: int) -> int:
    return acquired - (sold - deemed)


def _union(acquired: int, sold: int, deemed: int) -> int:
    return _added(acquired, sold, deemed) if acquired >= sold else min(acquired, deemed)


def _date(acquired: int, sold: int, deemed: int) -> int:
    return min(acquired, deemed)


_HOLDING: Mapping[HoldingMethod, Callable[[int, int, int], int]] = {
    HoldingMethod.ADDED: _added,
    HoldingMethod.UNION: _union,
    HoldingMethod.DATE: _date,
}
"""The deemed acquisition of a replacement from its real acquisition, the day of the sale, and the deemed acquisition of what was sold."""
