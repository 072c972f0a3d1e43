"""Exact amounts as whole cents that add up: where a ledger of fractions becomes the rows of a form."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

__all__ = ["fitted_cents", "nearest_cent", "whole_cents"]


def nearest_cent(dollars: Fraction) -> int:
    """``dollars`` as cents, a tie to the even one."""
    return round(dollars * 100)


def whole_cents(parts: Sequence[Fraction], total: int | None = None) -> list[int]:
    """``parts``, in USD, as cents that sum to ``total``; what rounding down leaves over goes to the largest remainders.

    Without ``total`` they sum to the nearest cent of their exact sum, and then each is the cent below or above its exact amount, and
    an amount of whole cents stays what it is. Equal remainders: the earlier part first.

    Raises:
        ValueError: When there is no part, and ``total`` is not 0.
    """
    exact = [part * 100 for part in parts]
    cents = [part.numerator // part.denominator for part in exact]
    left = (round(sum(exact)) if total is None else total) - sum(cents)
    if not cents:
        if left:
            raise ValueError(f"{left} cents cannot be split among no parts")
        return cents
    each, left = divmod(left, len(cents))
    for number in sorted(range(len(cents)), key=lambda one: (cents[one] - exact[one], one))[:left]:
        cents[number] += 1
    return [one + each for one in cents]


def fitted_cents(parts: Sequence[Fraction], total: int, most: Sequence[int]) -> list[int]:
    """``parts``, in USD, as cents from 0 to ``most`` that sum to ``total``: by largest remainder, over those that have room.

    Raises:
        ValueError: When ``total`` is below 0 or above the sum of ``most``.
    """
    if not 0 <= total <= sum(most):
        raise ValueError(f"{total} cents do not fit between 0 and {sum(most)}")
    exact = [part * 100 for part in parts]
    cents = [min(max(part.numerator // part.denominator, 0), top) for part, top in zip(exact, most, strict=True)]
    while left := total - sum(cents):
        step = 1 if left > 0 else -1
        able = [number for number, cent in enumerate(cents) if 0 <= cent + step <= most[number]]
        for number in sorted(able, key=lambda one: ((cents[one] - exact[one]) * step, one))[: abs(left)]:
            cents[number] += step
    return cents
