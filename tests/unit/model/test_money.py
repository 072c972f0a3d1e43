"""Exact numbers: no float, no silent rounding, no lost cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.money import (
    FEMTO_PER_CENT,
    from_cents,
    from_micros,
    from_nanos,
    plain,
    round_cents,
    to_cents,
    to_decimal,
    to_micros,
    to_nanos,
    trim,
)


@pytest.mark.parametrize("value", ["1e400", "NaN", "Infinity", "1,5", "", "abc", 10**15])
def test_what_is_no_reasonable_number_is_refused(value: str | int) -> None:
    with pytest.raises(ValueError, match="not a number"):
        to_decimal(value)


@pytest.mark.parametrize("value", [1.5, True, None, b"1"])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_decimal(value)


@given(st.integers(-(10**15), 10**15))
def test_integers_and_decimals_are_the_same_number(units: int) -> None:
    assert to_cents(from_cents(units)) == units
    assert to_micros(from_micros(units)) == units
    assert to_nanos(from_nanos(units)) == units


@pytest.mark.parametrize(("convert", "finer"), [(to_cents, "0.005"), (to_micros, "0.0000001"), (to_nanos, "0.0000000001")])
def test_a_number_finer_than_the_unit_is_refused_not_rounded(convert: object, finer: str) -> None:
    with pytest.raises(ValueError, match="is finer than"):
        convert(Decimal(finer))  # type: ignore[operator]


@given(st.integers(-(10**20), 10**20))
def test_rounding_to_cents_is_to_the_nearest_and_ties_to_even(femtos: int) -> None:
    assert round_cents(femtos) == round(Fraction(femtos, FEMTO_PER_CENT))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_the_written_form_has_no_exponent_and_no_idle_zero(value: Decimal) -> None:
    text = plain(trim(value))
    assert Decimal(text) == value
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."
