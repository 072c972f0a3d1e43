"""Gains and losses that sales realise, by term, to the cent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rebalkit.lots import Holding
from rebalkit.money import FEMTO_PER_CENT, FEMTO_PER_NANO, round_cents
from rebalkit.tax.holding import is_long_term

__all__ = ["NOTHING", "Realised", "Split", "realise", "split_of"]


class Realised(NamedTuple):
    """Gains (≥ 0) and losses (≤ 0) of sales in femto-dollars, after the rounding of their orders, and the cost of what was sold.

    An order brings whole cents, rounded down. What the rounding takes is taken from that of the four sums whose lots brought most.
    """

    short_gain: int
    short_loss: int
    long_gain: int
    long_loss: int
    cost: int

    def plus(self, other: Realised) -> Realised:
        """The sums of both."""
        return Realised._make(mine + theirs for mine, theirs in zip(self, other, strict=True))


NOTHING = Realised(0, 0, 0, 0, 0)


class Split(NamedTuple):
    """Gains (≥ 0) and losses (≤ 0) in cents."""

    short_gain: int
    short_loss: int
    long_gain: int
    long_loss: int


def realise(held: Holding, parts: Iterable[tuple[int, int]], bid: int, as_of: dt.date) -> Realised:
    """What selling ``parts`` of ``held`` in one order realises. The date and the cost of every lot sold must be known.

    Part of a lot bears its share of the lot's cost, exact to the femto-dollar.

    Args:
        held: The position.
        parts: Of each lot sold its index in ``held`` and micro-shares.
        bid: Nano-dollars a share.
        as_of: Trade date of the sale.
    """
    micros, costs, acquired = held.micros, held.costs, held.acquired
    gains = [0, 0, 0, 0]
    brought = [0, 0, 0, 0]
    whole_cost = 0
    long: dict[dt.date, int] = {}
    for index, sold in parts:
        cost, day = costs[index], acquired[index]
        assert cost is not None
        assert day is not None
        cost *= FEMTO_PER_NANO
        if sold != micros[index]:
            cost = cost * sold // micros[index]
        proceeds = sold * bid
        gain = proceeds - cost
        column = long.get(day)
        if column is None:
            column = long[day] = 2 if is_long_term(day, as_of) else 0
        if gain < 0:
            column += 1
        gains[column] += gain
        brought[column] += proceeds
        whole_cost += cost
    gains[brought.index(max(brought))] -= sum(brought) % FEMTO_PER_CENT
    return Realised(gains[0], gains[1], gains[2], gains[3], whole_cost)


def split_of(realised: Realised) -> Split:
    """The four sums in whole cents. Together they are the proceeds in cents minus the cost rounded to the cent, exactly.

    Each is rounded down, and the cents that this leaves over go to the largest remainders. Where rounding gave a gain below 0 or a
    loss above 0, that cent belongs to the other of the same term.
    """
    *gains, cost = realised
    total = (sum(gains) + cost) // FEMTO_PER_CENT - round_cents(cost)
    cents = [gain // FEMTO_PER_CENT for gain in gains]
    by_remainder = sorted(range(4), key=lambda column: -(gains[column] % FEMTO_PER_CENT))
    for column in by_remainder[: total - sum(cents)]:
        cents[column] += 1
    return Split(*_signed(cents[:2]), *_signed(cents[2:]))


def _signed(pair: Sequence[int]) -> tuple[int, int]:
    gain, loss = pair
    if gain < 0:
        gain, loss = 0, loss + gain
    if loss > 0:
        gain, loss = gain + loss, 0
    return gain, loss
