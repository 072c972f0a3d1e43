"""Parts in cents add up to the rounded whole."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.tax.cents import fitted_cents, nearest_cent, whole_cents

amounts = st.lists(st.fractions(-1000, 1000, max_denominator=10**6), max_size=12)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)], [34, 33, 33]),
        ([Fraction(-1, 3), Fraction(-1, 3), Fraction(-1, 3)], [-33, -33, -34]),
        ([Fraction("0.004"), Fraction("0.004"), Fraction("0.006")], [0, 0, 1]),
        ([Fraction("10.02"), Fraction("0.005")], [1002, 0]),
        ([], []),
    ],
    ids=["thirds", "losses", "the largest remainder gets it", "a tie goes to the even cent", "nothing"],
)
def test_whole_cents(parts: list[Fraction], expected: list[int]) -> None:
    assert whole_cents(parts) == expected


@given(amounts)
def test_parts_add_up_and_none_is_a_cent_off(parts: list[Fraction]) -> None:
    cents = whole_cents(parts)
    assert sum(cents) == nearest_cent(sum(parts, Fraction(0)))
    for one, exact in zip(cents, parts, strict=True):
        assert abs(one - exact * 100) < 1
        assert one == exact * 100 or (exact * 100).denominator > 1


@given(amounts.filter(bool), st.integers(-30, 30))
def test_parts_add_up_to_a_total_that_is_given(parts: list[Fraction], more: int) -> None:
    total = nearest_cent(sum(parts, Fraction(0))) + more
    assert sum(whole_cents(parts, total)) == total


def test_no_parts_hold_nothing() -> None:
    assert whole_cents([], 0) == []
    with pytest.raises(ValueError, match="no parts"):
        whole_cents([], 1)


@given(st.lists(st.tuples(st.fractions(0, 10, max_denominator=10**4), st.integers(0, 1500)), max_size=8), st.data())
def test_fitted_parts_add_up_within_their_bounds(parts: list[tuple[Fraction, int]], data: st.DataObject) -> None:
    most = [top for _, top in parts]
    total = data.draw(st.integers(0, sum(most)))
    cents = fitted_cents([part for part, _ in parts], total, most)
    assert sum(cents) == total
    assert all(0 <= one <= top for one, top in zip(cents, most, strict=True))


def test_parts_without_room_are_refused() -> None:
    with pytest.raises(ValueError, match="3 cents do not fit between 0 and 2"):
        fitted_cents([Fraction(1, 3)], 3, [2])
