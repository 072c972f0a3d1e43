"""What is owned, seen as the greedy strategy sees it: which lots lose, which do not, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Mapping
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
    neither list and no loss on it can be forgone.

    Attributes:
        held: The lots.
        bid: Nano-dollars a share.
        group: Its identity group.
        gains: Gain of each lot in femto-dollars, by its index in ``held``, up to the first lot of unknown cost.
        losing: Indices of the lots with a gain below 0, the greatest loss a share first.
        gaining: Indices of the lots with a gain of 0 or more.
        unknown: Number of lots of unknown cost or date.
        loss: Sum of the gains of ``losing``, ≤ 0.
    """

    held: Holding
    bid: int
    group: str
    gains: list[int]
    losing: list[int]
    gaining: list[int]
    unknown: int
    loss: int


def positions_of(book: LotBook, bids: Mapping[str, int], groups: IdentityGroups) -> dict[str, Position]:
    """All positions of the book by symbol."""
    return {held.symbol: _position(held, bids[held.symbol], groups.of(held.symbol)) for held in book}


def _position(held: Holding, bid: int, group: str) -> Position:
    # This sees every lot there is. Lots of unknown cost come last in a holding, so the gains end where they begin.
    costs = held.costs[: len(held) - held.costs.count(None)]
    gains = [micros * bid - cost * FEMTO_PER_NANO for micros, cost in zip(held.micros, costs, strict=False)]  # type: ignore[operator]
    if None in held.acquired:
        known = [index for index in range(len(gains)) if held.acquired[index] is not None]
        losing = [index for index in known if gains[index] < 0]
        gaining = [index for index in known if gains[index] >= 0]
    else:
        losing = [index for index, gain in enumerate(gains) if gain < 0]
        gaining = [index for index, gain in enumerate(gains) if gain >= 0]
    loss = sum([gains[index] for index in losing])
    return Position(held, bid, group, gains, losing, gaining, len(held) - len(losing) - len(gaining), loss)


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
