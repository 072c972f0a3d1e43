"""Netting, the limit and the carryovers, against the vectors' figures and against losses met by gains dollar by dollar."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.tax.netting import LIMIT, LIMIT_SEPARATE, Netting, net


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("-2000", "-4000"), ("-2000", "-4000", "-6000", "3000", "0", "3000")),
        (("2000", "0", "6000"), ("-4000", "0", "-4000", "3000", "1000", "0")),
        (("0", "-10000"), ("0", "-10000", "-10000", "3000", "0", "7000")),
        (("-5000", "0", "0", "0", "1500"), ("-5000", "0", "-5000", "1500", "3500", "0")),
        (("-5000", "1000"), ("-5000", "1000", "-4000", "3000", "1000", "0")),
        (("-800", "300"), ("-800", "300", "-500", "500", "0", "0")),
        (("1000", "-5000"), ("1000", "-5000", "-4000", "3000", "0", "1000")),
        (("1000", "500", "200", "900"), ("800", "-400", "400", "0", "0", "0")),
        (("-1000.25", "-2000.50"), ("-1000.25", "-2000.50", "-3000.75", "3000", "0", "0.75")),
        (("0", "0"), ("0", "0", "0", "0", "0", "0")),
    ],
    ids=[
        "short losses are deducted first", "a short-term carryover keeps its character", "a long-term loss", "a separate filer",
        "a short-term loss against a long-term gain", "less than the limit", "a long-term loss against a short-term gain",
        "a gain is left", "cents", "nothing at all",
    ],
)  # fmt: skip
def test_net(given: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert net(*map(Decimal, given)) == Netting(*map(Decimal, expected))


@pytest.mark.parametrize(
    ("given", "short_gain", "long_gain"),
    [
        ((1000, 500), 1000, 500),
        ((-300, 500), 0, 200),
        ((500, -300), 200, 0),
        ((-500, 300), 0, 0),
        ((-500, -300), 0, 0),
        ((0, 700), 0, 700),
    ],
)
def test_what_is_left_of_a_gain_has_a_term(given: tuple[int, int], short_gain: int, long_gain: int) -> None:
    answer = net(*given)
    assert (answer.short_gain, answer.long_gain) == (short_gain, long_gain)


@pytest.mark.parametrize("wrong", [(0, 0, -1), (0, 0, 0, -1), (0, 0, 0, 0, -1)])
def test_a_loss_carried_over_is_written_as_a_positive_number(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="below 0"):
        net(*wrong)


def test_limits_of_the_law() -> None:
    assert (LIMIT, LIMIT_SEPARATE) == (3000, 1500)


def dollar_by_dollar(short: int, long: int, carry_short: int, carry_long: int, limit: int) -> tuple[int, int, int]:
    """Deduction and carryovers, each dollar of loss a token that is met, deducted or kept."""
    losses = {"short": max(-short, 0) + carry_short, "long": max(-long, 0) + carry_long}
    gains = {"short": max(short, 0), "long": max(long, 0)}
    for gain, loss in (("short", "short"), ("long", "long"), ("short", "long"), ("long", "short")):
        while gains[gain] and losses[loss]:
            gains[gain] -= 1
            losses[loss] -= 1
    deducted = 0
    while deducted < limit and (losses["short"] or losses["long"]):
        losses["short" if losses["short"] else "long"] -= 1
        deducted += 1
    return deducted, losses["short"], losses["long"]


@given(
    st.integers(-60, 60), st.integers(-60, 60), st.integers(0, 40), st.integers(0, 40), st.integers(0, 30)
)  # fmt: skip
def test_net_is_what_dollars_do_one_by_one(short: int, long: int, carry_short: int, carry_long: int, limit: int) -> None:
    answer = net(short, long, carry_short, carry_long, limit)
    expected = dollar_by_dollar(short, long, carry_short, carry_long, limit)
    assert (answer.deduction, answer.carry_short, answer.carry_long) == expected
    assert answer.net == short + long - carry_short - carry_long
    # Nothing is lost between this year and the next.
    assert answer.short_gain + answer.long_gain - answer.deduction - answer.carry_short - answer.carry_long == answer.net
