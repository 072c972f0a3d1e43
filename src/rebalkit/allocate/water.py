"""Water-filling: the closest that buying alone can come to the targets, exact to the cent."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["water_fill"]


def water_fill(held: Sequence[int], weights: Sequence[int], cash: int) -> list[int]:
    """What each class should be worth once ``cash`` is spread over the classes and nothing is sold.

    With T = Σ held + cash and the target χᵢ = T × weightᵢ / Σ weight, the exact answer minimises Σ (xᵢ − χᵢ)² subject
    to Σ xᵢ = T and xᵢ ≥ heldᵢ. It is the Euclidean projection xᵢ = max(heldᵢ, χᵢ − λ) with one λ ≥ 0 for all, found
    in closed form by sorting once. The exact answer is then rounded to cents by largest remainder: every xᵢ is less
    than a cent from exact, never below heldᵢ, and a cent contested by equal remainders goes to the earlier class.

    Args:
        held: What each class is worth now, in cents, ≥ 0.
        weights: The target of each class, > 0, in any common unit, such as percents scaled to integers.
        cash: The money to spread, in cents, ≥ 0.

    Returns:
        What each class should be worth, in cents and in the order of ``held``. The sum is exactly Σ held + cash, so the
        amount to buy is the difference to ``held``.

    Raises:
        ValueError: There is no class, the lengths differ, or a number is out of its range.
        TypeError: A number is not a plain integer.
    """
    classes = len(held)
    if not classes or len(weights) != classes:
        raise ValueError(f"expected at least one class and a weight for each, got {classes} and {len(weights)}")
    if cash < 0 or min(held) < 0 or min(weights) <= 0:
        raise ValueError("money must not be negative and weights must be above 0")
    total = sum(held) + cash
    whole = sum(weights)
    if type(total) is not int or type(whole) is not int:
        raise TypeError("cents and weights must be plain integers")

    # A class is a column whose floor is its excess over its target, counted in cent / whole to stay in integers. Cash
    # is water poured over the floors: it wets the lowest `wet` of them and rises to the level water / wet.
    floors = [value * whole - total * weight for value, weight in zip(held, weights, strict=True)]
    order = sorted(range(classes), key=floors.__getitem__)
    water = cash * whole + floors[order[0]]
    wet = 1
    while wet < classes and floors[order[wet]] * wet < water:
        water += floors[order[wet]]
        wet += 1

    filled = list(held)
    unit = wet * whole
    left = cash
    remainders: list[tuple[int, int]] = []
    for i in order[:wet]:
        cents, rest = divmod(water - wet * floors[i], unit)
        filled[i] += cents
        left -= cents
        remainders.append((-rest, i))
    # The remainders sum to exactly `left` cents and each is below one, so a class without one gets nothing here.
    if left:
        remainders.sort()
        for _, i in remainders[:left]:
            filled[i] += 1
    return filled
