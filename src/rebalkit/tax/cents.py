"""Exact amounts as whole cents that add up: where a ledger of fractions becomes the rows of a form."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

__all__ = ["nearest_cent", "whole_cents"]


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
