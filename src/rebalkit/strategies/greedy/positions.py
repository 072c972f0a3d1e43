"""What is owned, seen as the greedy strategy sees it: which lots lose, which do not, and which cannot be judged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.lots import Holding, LotBook
from rebalkit.model import IdentityGroups
from rebalkit.money import FEMTO_PER_CENT, FEMTO_PER_NANO, from_cents, plain, round_cents

__all__ = ["FEMTO", "Position", "ceil_scaled", "floor_scaled", "positions_of", "usd"]

FEMTO = 10**15
"""Femto-dollars in a dollar."""


@frozen(eq=False)
class Position:
    """One owned symbol.

    A lot at exactly its cost has a gain of 0. A lot of unknown cost or date has no known gain: it is never sold, so it is in
    neither sequence and no loss on it can be forgone.

    Attributes:
        held: The lots.
        bid: Nano-dollars a share.
        group: Its identity group.
        losing: Indices in ``held`` of the lots with a gain below 0, the greatest loss a share first.
        gaining: Indices of the lots with a gain of 0 or more, the least gain a share first.
        loss: Sum of the gains of ``losing`` in femto-dollars, ≤ 0.
    """

    held: Holding
    bid: int
    group: str
    losing: Sequence[int]
    gaining: Sequence[int]
    loss: int

    @property
    def unknown(self) -> int:
        """Number of lots of unknown cost or date."""
        return len(self.held) - len(self.losing) - len(self.gaining)

    def gain(self, index: int) -> int:
        """Gain of the lot at ``index``, one of ``losing`` or ``gaining``, in femto-dollars."""
        cost = self.held.costs[index]
        assert cost is not None
        return self.held.micros[index] * self.bid - cost * FEMTO_PER_NANO

    def gain_of(self, indices: Sequence[int]) -> int:
        """Sum of the gains of the lots at ``indices``."""
        return _gain_of(self.held, self.bid, indices)


def positions_of(book: LotBook, bids: Mapping[str, int], groups: IdentityGroups) -> dict[str, Position]:
    """All positions of the book by symbol."""
    return {held.symbol: _position(held, bids[held.symbol], groups.of(held.symbol)) for held in book}


def _position(held: Holding, bid: int, group: str) -> Position:
    # The book has the dearest lots first, so the losing ones end at one place; lots of unknown cost come last of all.
    micros, costs = held.micros, held.costs
    known = len(held) - costs.count(None)

    def holds_its_cost(index: int) -> bool:
        cost = costs[index]
        return cost is not None and cost * FEMTO_PER_NANO <= micros[index] * bid

    border = bisect_left(range(known), True, key=holds_its_cost)
    losing: Sequence[int] = range(border)
    gaining: Sequence[int] = range(border, known)
    if None in held.acquired:
        losing, gaining = ([index for index in found if held.acquired[index] is not None] for found in (losing, gaining))
    return Position(held, bid, group, losing, gaining, _gain_of(held, bid, losing))


def _gain_of(held: Holding, bid: int, indices: Sequence[int]) -> int:
    if isinstance(indices, range):
        span = slice(indices.start, indices.stop)
        micros, costs = held.micros[span], held.costs[span]
    else:
        micros, costs = tuple(held.micros[i] for i in indices), tuple(held.costs[i] for i in indices)
    return sum(micros) * bid - sum(costs) * FEMTO_PER_NANO  # type: ignore[arg-type]  # lots with a gain have a cost


def floor_scaled(dollars: Decimal, scale: int) -> int:
    """``dollars`` × ``scale``, rounded down, exactly."""
    numerator, denominator = dollars.as_integer_ratio()
    return numerator * scale // denominator


def ceil_scaled(dollars: Decimal, scale: int) -> int:
    """``dollars`` × ``scale``, rounded up, exactly."""
    numerator, denominator = dollars.as_integer_ratio()
    return -(-numerator * scale // denominator)


def usd(femtos: int) -> str:
    """Femto-dollars as USD for the details of a reason, rounded to the cent."""
    return plain(from_cents(round_cents(femtos)))


assert FEMTO == FEMTO_PER_CENT * 100
