"""`whole_shares` on cases small enough to be worked out by hand, on what it must refuse, and on its time."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from rebalkit.allocate import Buys, whole_shares
from rebalkit.money import MICRO, NANO

DOLLAR = 100


def shares(*quantities: int) -> list[int]:
    return [quantity * MICRO for quantity in quantities]


def dollars(*prices: int) -> list[int]:
    return [price * NANO for price in prices]


def test_floor_leaves_less_than_a_share_in_each_class() -> None:
    buys = whole_shares([0, 0], [95_00, 105_00], [1, 1], dollars(20, 50), rounding="floor")
    assert buys == Buys(shares(4, 2), [80_00, 100_00])


def test_fill_gives_a_share_to_the_class_whose_deviation_falls_most() -> None:
    """Left over: 20 $. Classes miss 19, 1 and 0 $; a share of 10 $ lowers 19² to 9², the others would move away."""
    held, filled = [0, 0, 0], [49_00, 31_00, 30_00]
    weights = [49, 31, 30]
    floored = whole_shares(held, filled, weights, dollars(30, 30, 10), rounding="floor")
    assert floored == Buys(shares(1, 1, 3), [30_00, 30_00, 30_00])
    filled_up = whole_shares(held, filled, weights, dollars(30, 30, 10))
    assert filled_up == floored, "30 $ do not fit into 20 $, and a third class on target would be worse off"
    cheaper = whole_shares(held, filled, weights, dollars(15, 30, 10))
    assert cheaper == Buys(shares(3, 1, 3), [45_00, 30_00, 30_00])


def test_fill_may_buy_more_of_a_class_than_its_share_of_the_cash() -> None:
    """Class 0 misses 6 $ of a 10 $ share and class 1 misses 4 $ of one: the 10 $ together buy a share of class 0."""
    buys = whole_shares([0, 0], [16_00, 14_00], [16, 14], dollars(10, 10))
    assert buys == Buys(shares(2, 1), [20_00, 10_00])


def test_fill_stops_where_a_step_would_only_move_the_deviation() -> None:
    """Half a share above is as far as half a share below: the deviation does not fall, so nothing is bought."""
    buys = whole_shares([0, 0], [5_00, 5_00], [1, 1], dollars(10, 10))
    assert buys == Buys(shares(0, 0), [0, 0])


def test_fill_stops_there_after_a_step_that_did_help() -> None:
    """Class 1 misses 15 $, then 5 $ of a 10 $ share: one share helps, the next would not. Class 2 does not fit."""
    buys = whole_shares([100_00, 0, 0], [100_00, 5_00, 95_00], [90, 15, 95], dollars(1, 10, 101))
    assert buys == Buys(shares(0, 1, 0), [0, 10_00, 0])


def test_fill_stops_there_after_a_thousand_steps() -> None:
    """Class 1 misses 1000.5 cents, at a cent a share; the 50 $ that class 2 leaves over would buy far more."""
    prices = [NANO, NANO // 100, 60 * NANO]
    buys = whole_shares([195_001, 0, 0], [195_001, 0, 5_000], [388_001, 2_001, 10_000], prices)
    assert buys == Buys(shares(0, 1000, 0), [0, 1000, 0])


def test_of_equal_gains_the_earlier_class_is_filled() -> None:
    buys = whole_shares([0, 0, 0], [6_00, 6_00, 6_00], [1, 1, 1], dollars(10, 10, 10))
    assert buys == Buys(shares(1, 0, 0), [10_00, 0, 0])


def test_fill_counts_from_the_target_and_not_from_what_the_cash_reaches() -> None:
    """Class 0 is far overweight, so the others stay short of their targets whatever is left over: it is spent."""
    buys = whole_shares([1000_00, 0, 0], [1000_00, 15_00, 15_00], [1, 1, 1], dollars(1, 7, 20))
    assert buys == Buys(shares(0, 4, 0), [0, 28_00, 0])


def test_cost_is_rounded_up_and_still_fits() -> None:
    """A third of a cent more than a dollar: 99 shares cost 99.33 $, and the hundredth would cost 100.34 $."""
    price = 1_003_333_333
    assert whole_shares([0], [100_00], [1], [price]) == Buys(shares(99), [99_33])
    assert whole_shares([0], [100_34], [1], [price]) == Buys(shares(100), [100_34])
    assert whole_shares([0], [100_33], [1], [price]) == Buys(shares(99), [99_33])


def test_half_cent_price() -> None:
    """At 0.5 cent two shares make a cent; an odd number of shares costs as much as the next even one."""
    price = NANO // 200
    assert whole_shares([0], [3], [1], [price]) == Buys(shares(6), [3])


def test_price_above_all_the_money_buys_nothing() -> None:
    assert whole_shares([0, 0], [50, 50], [1, 1], dollars(700_000, 2)) == Buys(shares(0, 0), [0, 0])


def test_fractions_of_a_share_spend_every_cent() -> None:
    buys = whole_shares([0, 0], [33_34, 66_66], [1, 2], dollars(7, 613), step=1)
    assert buys.costs == [33_34, 66_66]
    assert buys.quantities == [4_762_857, 108_743]


def test_no_class_buys_nothing() -> None:
    assert whole_shares([], [], [], []) == Buys([], [])


@pytest.mark.parametrize("rounding", ["floor", "fill"])
def test_nothing_to_spend_buys_nothing(rounding: Any) -> None:
    assert whole_shares([7, 0], [7, 0], [1, 9], dollars(1, 1), rounding=rounding) == Buys(shares(0, 0), [0, 0])


@pytest.mark.parametrize(
    ("prices", "step"),
    [
        pytest.param([700_000 * NANO, 1, 1], MICRO, id="billionths of a dollar beside 700,000 dollars"),
        pytest.param([700_000 * NANO, 3, 10 * NANO], 1, id="millionths of a share"),
        pytest.param([700_000 * NANO, NANO // 100, NANO // 100 + 1], MICRO, id="two classes take cents in turn"),
    ],
)
def test_millions_of_steps_take_no_longer_than_a_few(prices: list[int], step: int) -> None:
    """Up to 10¹⁷ steps are left over; handing them out one by one would take from minutes to centuries."""
    held, filled = [9 * 10**9, 0, 0], [9 * 10**9 + 69_999_999, 10_000_000, 10_000_000]
    started = time.process_time()
    buys = whole_shares(held, filled, [1, 500, 499], prices, step=step)
    assert time.process_time() - started < 0.5
    if step == MICRO:
        assert buys.quantities[0] == 0
        assert sum(buys.costs) == 89_999_999


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"held": [1]}, ValueError),
        ({"filled": [1, 2, 3]}, ValueError),
        ({"weights": [1]}, ValueError),
        ({"prices": []}, ValueError),
        ({"held": [-1, 0]}, ValueError),
        ({"held": [11, 0]}, ValueError),
        ({"weights": [0, 1]}, ValueError),
        ({"prices": [0, NANO]}, ValueError),
        ({"prices": [-NANO, NANO]}, ValueError),
        ({"step": 0}, ValueError),
        ({"step": -MICRO}, ValueError),
        ({"rounding": "ceil"}, ValueError),
        ({"prices": [1.5, NANO]}, TypeError),
        ({"held": [Decimal(0), 0]}, TypeError),
        ({"step": 1.0}, TypeError),
    ],
)
def test_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"held": [0, 0], "filled": [10, 10], "weights": [1, 1], "prices": [NANO, NANO]}
    whole_shares(**good)
    with pytest.raises(error, match=r"expected|must"):
        whole_shares(**(good | change))
