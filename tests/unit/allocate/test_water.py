"""`water_fill` on cases small enough to be worked out by hand, and on what it must refuse."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from rebalkit.allocate import water_fill


@pytest.mark.parametrize(
    ("held", "weights", "cash", "expected"),
    [
        pytest.param([0, 0], [60, 40], 1000, [600, 400], id="all cash goes to the targets"),
        pytest.param([500, 500], [50, 50], 0, [500, 500], id="no cash, on target"),
        pytest.param([900, 100], [50, 50], 0, [900, 100], id="no cash, off target: nothing can be done"),
        pytest.param([600, 0], [50, 50], 400, [600, 400], id="one class overweight, the other takes all"),
        pytest.param([600, 0, 0], [30, 30, 40], 300, [600, 105, 195], id="missing money is shared equally"),
        pytest.param([600, 300, 0], [20, 30, 50], 100, [600, 300, 100], id="cash reaches the neediest only"),
        pytest.param([0, 70], [1, 1], 50, [50, 70], id="the second class is reached only above 70"),
        pytest.param([7], [3], 5, [12], id="one class takes everything"),
        pytest.param([0], [1], 0, [0], id="nothing at all"),
        pytest.param([0, 0, 0], [1, 1, 1], 2, [1, 1, 0], id="thirds of two cents: earlier classes first"),
        pytest.param([0, 0], [1, 1], 1, [1, 0], id="a half-cent tie goes to the earlier class"),
        pytest.param([1, 0, 0], [1, 1, 1], 1, [1, 1, 0], id="a half-cent tie among those that are bought"),
        pytest.param([0, 0, 0], [1, 3, 3], 1, [0, 1, 0], id="the larger remainder wins over the earlier class"),
        pytest.param([100, 0, 0], [1, 499, 500], 1, [100, 0, 1], id="a single cent goes where it is missed most"),
    ],
)
def test_by_hand(held: list[int], weights: list[int], cash: int, expected: list[int]) -> None:
    assert water_fill(held, weights, cash) == expected


def test_numbers_beyond_64_bits_and_53_bits_stay_exact() -> None:
    held = [10**40 + 1, 0, 7]
    filled = water_fill(held, [1, 10**30, 10**30], 10**40)
    assert filled == [10**40 + 1, 5 * 10**39 + 4, 5 * 10**39 + 3]


def test_arguments_are_left_as_they_were() -> None:
    held, weights = [1, 2, 3], [5, 5, 90]
    water_fill(held, weights, 1000)
    assert (held, weights) == ([1, 2, 3], [5, 5, 90])


@pytest.mark.parametrize(
    ("held", "weights", "cash"),
    [
        pytest.param([], [], 0, id="no class"),
        pytest.param([], [], 5, id="no class, but cash"),
        pytest.param([1], [1, 2], 0, id="more weights than classes"),
        pytest.param([1, 2], [1], 0, id="fewer weights than classes"),
        pytest.param([1, 2], [1, 2], -1, id="negative cash"),
        pytest.param([1, -2], [1, 2], 0, id="negative holding"),
        pytest.param([1, 2], [1, 0], 0, id="weight of zero"),
        pytest.param([1, 2], [1, -1], 0, id="negative weight"),
    ],
)
def test_refused(held: list[int], weights: list[int], cash: int) -> None:
    with pytest.raises(ValueError, match=r"expected at least one class|must not be negative"):
        water_fill(held, weights, cash)


@pytest.mark.parametrize("wrong", [1.0, Decimal(1), Fraction(1)])
def test_anything_but_integers_is_refused(wrong: Any) -> None:
    for held, weights, cash in [([wrong, 2], [1, 2], 3), ([1, 2], [wrong, 2], 3), ([1, 2], [1, 2], wrong)]:
        with pytest.raises(TypeError, match="plain integers"):
            water_fill(held, weights, cash)
