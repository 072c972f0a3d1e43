"""Slow and obvious answers to what `rebalkit.allocate` computes, each by another algorithm, in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product
from math import ceil, floor

Exact = list[Fraction]


def exact_targets(total: int, weights: Sequence[int]) -> Exact:
    """χ: ``total`` cents in proportion to ``weights``."""
    return [Fraction(total * weight, sum(weights)) for weight in weights]


def project_by_subsets(held: Sequence[int], weights: Sequence[int], cash: int) -> Exact:
    """The projection by trying every set of classes to buy (2ⁿ of them) and keeping the closest feasible one."""
    chi = exact_targets(sum(held) + cash, weights)
    best: tuple[Fraction, Exact] | None = None
    for size in range(1, len(held) + 1):
        for bought in combinations(range(len(held)), size):
            # Inside the set the cash left after reaching the targets is shared equally: the optimum without bounds.
            shift = (sum(held[i] for i in bought) + cash - sum((chi[i] for i in bought), Fraction(0))) / size
            x = [chi[i] + shift if i in bought else Fraction(held[i]) for i in range(len(held))]
            if all(value >= have for value, have in zip(x, held, strict=True)):
                distance = sum(((value - aim) ** 2 for value, aim in zip(x, chi, strict=True)), Fraction(0))
                if best is None or distance < best[0]:
                    best = distance, x
    assert best is not None
    return best[1]


def project_by_clipping(held: Sequence[int], weights: Sequence[int], cash: int) -> Exact:
    """The projection for many classes: share the cash among all, throw out those that would have to be sold, repeat."""
    chi = exact_targets(sum(held) + cash, weights)
    bought = set(range(len(held)))
    while True:
        shift = (sum(held[i] for i in bought) + cash - sum((chi[i] for i in bought), Fraction(0))) / len(bought)
        too_high = {i for i in bought if chi[i] + shift < held[i]}
        if not too_high:
            return [chi[i] + shift if i in bought else Fraction(held[i]) for i in range(len(held))]
        bought -= too_high


def round_by_trial(exact: Exact, total: int) -> list[int]:
    """Whole cents that sum to ``total``: each number rounded down or up, with the least squared error of all ways.

    Of equally good ones it is that in which earlier numbers are rounded up.
    """
    choices = [sorted({ceil(value), floor(value)}, reverse=True) for value in exact]
    fitting = [list(cents) for cents in product(*choices) if sum(cents) == total]
    return min(fitting, key=lambda cents: sum((c - e) ** 2 for c, e in zip(cents, exact, strict=True)))


def cost_in_cents(quantity: int, price: int) -> int:
    """What ``quantity`` micro-shares cost at ``price`` nano-dollars, rounded up to the cent."""
    return ceil(Fraction(quantity, 10**6) * Fraction(price, 10**9) * 100)


def floor_by_search(amount: int, price: int, step: int) -> int:
    """The largest multiple of ``step`` that costs at most ``amount`` cents, by trying."""
    steps, stride = 0, 1
    while cost_in_cents(stride * step, price) <= amount:
        stride *= 2
    while stride:
        if cost_in_cents((steps + stride) * step, price) <= amount:
            steps += stride
        stride //= 2
    return steps * step


def fill_by_steps(
    held: Sequence[int], filled: Sequence[int], weights: Sequence[int], prices: Sequence[int], step: int
) -> list[int]:
    """Quantities after flooring and then giving one step at a time, with everything worked out again before each."""
    quantities = [floor_by_search(x - have, p, step) for have, x, p in zip(held, filled, prices, strict=True)]
    chi = exact_targets(sum(filled), weights)
    cash = sum(filled) - sum(held)

    def deviation(i: int, quantity: int) -> Fraction:
        return (held[i] + Fraction(quantity * prices[i], 10**13) - chi[i]) ** 2

    while True:
        best, most = None, Fraction(0)
        for i in range(len(held)):
            tried = [quantity + step * (i == j) for j, quantity in enumerate(quantities)]
            fits = sum(cost_in_cents(q, p) for q, p in zip(tried, prices, strict=True)) <= cash
            falls = deviation(i, quantities[i]) - deviation(i, tried[i])
            if fits and falls > most:
                best, most = i, falls
        if best is None:
            return quantities
        quantities[best] += step
