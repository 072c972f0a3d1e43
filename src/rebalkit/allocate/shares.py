"""From amounts of money to quantities that can be ordered, never spending a cent more than there is."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace
from typing import Literal, NamedTuple

from rebalkit.money import FEMTO_PER_CENT, MICRO

__all__ = ["Buys", "Rounding", "whole_shares"]

Rounding = Literal["floor", "fill"]

# So many steps are handed out one by one before `_Filling._leap` is worth its bisection. An ordinary account needs
# about as many steps as it has classes.
_STEPS_BEFORE_LEAP = 64


class Buys(NamedTuple):
    """What is bought, class by class: ``quantities`` in micro-shares and what they cost, ``costs``, in whole cents."""

    quantities: list[int]
    costs: list[int]


def whole_shares(
    held: Sequence[int],
    filled: Sequence[int],
    weights: Sequence[int],
    prices: Sequence[int],
    *,
    step: int = MICRO,
    rounding: Rounding = "fill",
) -> Buys:
    """The quantities that lift each class from ``held`` towards ``filled``, in multiples of ``step``.

    A buy costs quantity × price, rounded up to the cent. ``floor`` buys in each class the largest quantity whose cost
    is at most filledᵢ − heldᵢ. ``fill`` then spends what this leaves over, all classes together, one step at a time:
    on the class whose squared deviation from its target Σ filled × weightᵢ / Σ weight falls most (the earlier class
    of equals), as long as it falls at all and the cost fits into what is left. The deviation counts what is bought at
    its exact price, not rounded to the cent, so that a step is worth the same wherever its cost happens to be
    rounded.

    The time taken does not depend on how many steps are bought, however small ``step`` or a price is.

    Args:
        held: What each class is worth now, in cents, ≥ 0.
        filled: What each class should be worth, in cents, at least ``held``: the answer of `water_fill`.
        weights: The target of each class, > 0, as given to `water_fill`.
        prices: What one share costs to buy, in nano-dollars, > 0.
        step: The smallest quantity that can be ordered, in micro-shares, > 0. One share unless given.
        rounding: ``floor`` or ``fill``.

    Returns:
        Quantities and costs. The costs sum to at most Σ filled − Σ held.

    Raises:
        ValueError: The lengths differ, or a number or ``rounding`` is out of its range.
        TypeError: A number is not a plain integer.
    """
    if not len(held) == len(filled) == len(weights) == len(prices):
        raise ValueError("expected one value held, one filled, one weight and one price for each class")
    if type(sum(held) + sum(filled) + sum(weights) + sum(prices) + step) is not int:
        raise TypeError("cents, weights, prices and steps must be plain integers")
    if step <= 0 or min(prices, default=1) <= 0 or min(weights, default=1) <= 0 or min(held, default=0) < 0:
        raise ValueError("prices, weights and the step must be above 0, and what is held must not be negative")
    if rounding not in ("floor", "fill"):
        raise ValueError(f"rounding must be 'floor' or 'fill', not {rounding!r}")

    quantities: list[int] = []
    costs: list[int] = []
    left = 0
    for have, want, price in zip(held, filled, prices, strict=True):
        amount = want - have
        if amount < 0:
            raise ValueError("a class must not be filled below what is held")
        # The cost rounded up is at most a whole number of cents exactly when the cost not rounded is.
        quantity = amount * FEMTO_PER_CENT // (price * step) * step
        cost = -(-quantity * price // FEMTO_PER_CENT)
        quantities.append(quantity)
        costs.append(cost)
        left += amount - cost
    if rounding == "fill" and left:
        _Filling(held, sum(filled), weights, prices, step, quantities, costs).spend(left)
    return Buys(quantities, costs)


class _Filling:
    """Spends what flooring left over, changing ``quantities`` and ``costs`` in place.

    The gain of a step is how far it lowers the squared deviation: for a class that is g below its target, a step
    worth d gains d × (2g − d). It is kept times the sum of the weights, in square femto-dollars, so that it is an
    integer. With each step of a class the gain of its next one falls by the same 2d². Hence the steps of all classes
    have one order, the order in which they are handed out, and a long stretch of it can be taken at once.
    """

    def __init__(
        self,
        held: Sequence[int],
        total: int,
        weights: Sequence[int],
        prices: Sequence[int],
        step: int,
        quantities: list[int],
        costs: list[int],
    ) -> None:
        self._prices = prices
        self._step = step
        self._quantities = quantities
        self._costs = costs
        whole = sum(weights)
        self._losses: list[int] = []
        # (−gain of the next step, class): a heap has the largest gain, and of equal gains the earlier class, in front.
        self._open: list[tuple[int, int]] = []
        for i, price in enumerate(prices):
            worth = step * price
            below = (total * weights[i] - held[i] * whole) * FEMTO_PER_CENT - quantities[i] * price * whole
            gain = worth * (2 * below - worth * whole)
            self._losses.append(2 * worth * worth * whole)
            if gain > 0:
                self._open.append((-gain, i))
        heapify(self._open)

    def spend(self, left: int) -> None:
        """Spends up to ``left`` cents.

        After a leap, at most one step a class is handed out before one does not fit, and its class is closed for good:
        what is left only shrinks. So there are at most as many leaps as classes, with a bounded number of steps each.
        """
        heap, prices, quantities, costs = self._open, self._prices, self._quantities, self._costs
        while heap:
            for _ in range(_STEPS_BEFORE_LEAP + len(prices)):
                gain, i = heap[0]
                more = quantities[i] + self._step
                cost = -(-more * prices[i] // FEMTO_PER_CENT)
                spent = cost - costs[i]
                if spent > left:
                    heappop(heap)
                else:
                    quantities[i] = more
                    costs[i] = cost
                    left -= spent
                    gain += self._losses[i]
                    if gain < 0:
                        heapreplace(heap, (gain, i))
                    else:
                        heappop(heap)
                if not heap:
                    return
            left = self._leap(left)

    def _leap(self, left: int) -> int:
        """Hands out all steps above the least gain above which all fit together; returns what is then left."""
        low, high = -1, -self._open[0][0]
        while high - low > 1:
            middle = (low + high) // 2
            if self._cost_above(middle) > left:
                low = middle
            else:
                high = middle
        left -= self._cost_above(high)
        still_open = []
        for gain, i in self._open:
            steps = self._steps_above(high, gain, i)
            self._quantities[i] += steps * self._step
            self._costs[i] = -(-self._quantities[i] * self._prices[i] // FEMTO_PER_CENT)
            gain += steps * self._losses[i]
            if gain < 0:
                still_open.append((gain, i))
        self._open[:] = still_open
        heapify(self._open)
        return left

    def _steps_above(self, least: int, gain: int, i: int) -> int:
        return max(0, (-gain - least - 1) // self._losses[i] + 1)

    def _cost_above(self, least: int) -> int:
        """The cents that all steps gaining more than ``least`` cost together."""
        cents = 0
        for gain, i in self._open:
            quantity = self._quantities[i] + self._steps_above(least, gain, i) * self._step
            cents += -(-quantity * self._prices[i] // FEMTO_PER_CENT) - self._costs[i]
        return cents
