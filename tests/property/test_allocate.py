"""Water-filling and whole shares on ugly accounts: optimality, conservation, and agreement with slow oracles."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from hypothesis import example, given
from hypothesis import strategies as st

from oracles.water_filling import (
    cost_in_cents,
    exact_targets,
    fill_by_steps,
    floor_by_search,
    project_by_clipping,
    project_by_subsets,
    round_by_trial,
)
from rebalkit.allocate import Rounding, water_fill, whole_shares
from rebalkit.money import MICRO, NANO

# Small numbers make ties and classes that hold nothing common; large ones leave 64 bits.
cents = st.one_of(st.integers(0, 5), st.integers(0, 10**4), st.integers(0, 10**9), st.integers(0, 10**25))
weight = st.one_of(st.integers(1, 4), st.integers(1, 100), st.integers(1, 10**12))


@dataclass
class Case:
    held: list[int]
    weights: list[int]
    cash: int


@st.composite
def cases(draw: st.DrawFn, most: int = 30, money: st.SearchStrategy[int] = cents) -> Case:
    size = draw(st.integers(1, most))
    held = draw(st.lists(money, min_size=size, max_size=size))
    weights = draw(st.lists(weight, min_size=size, max_size=size))
    return Case(held, weights, draw(money))


@given(cases(most=6))
@example(Case([0, 0, 0], [1, 1, 1], 2))
@example(Case([0, 1], [1, 1], 2))
@example(Case([5, 5, 0], [1, 1, 1], 0))
def test_exact_and_rounded_answer_agree_with_trying_everything(case: Case) -> None:
    exact = project_by_subsets(case.held, case.weights, case.cash)
    assert exact == project_by_clipping(case.held, case.weights, case.cash), "the two oracles disagree"
    assert water_fill(case.held, case.weights, case.cash) == round_by_trial(exact, sum(case.held) + case.cash)


@given(cases())
def test_conserved_to_the_cent_and_less_than_a_cent_from_exact(case: Case) -> None:
    filled = water_fill(case.held, case.weights, case.cash)
    exact = project_by_clipping(case.held, case.weights, case.cash)
    assert sum(filled) == sum(case.held) + case.cash
    assert all(x >= have for x, have in zip(filled, case.held, strict=True))
    assert all(abs(x - e) < 1 for x, e in zip(filled, exact, strict=True))
    assert all(type(x) is int for x in filled)


@given(cases())
def test_kkt_conditions(case: Case) -> None:
    """Optimality without an oracle: χᵢ − xᵢ is one λ ≥ 0 where something is bought, and at most λ where nothing is.

    The conditions hold to the last digit when nothing is rounded. The exact answer has the denominator Σ weight × the
    number of classes that are bought, so money times Σ weight × n! makes it a whole number of cents.
    """
    scale = sum(case.weights)
    for count in range(2, len(case.held) + 1):
        scale *= count
    held = [scale * value for value in case.held]
    filled = water_fill(held, case.weights, scale * case.cash)
    chi = exact_targets(sum(filled), case.weights)
    short = [aim - x for aim, x in zip(chi, filled, strict=True)]
    bought = {short[i] for i in range(len(held)) if filled[i] > held[i]}
    assert len(bought) == (case.cash > 0), "λ is the same for all that are bought, and nothing is bought for nothing"
    assert all(level >= 0 and level == max(short) for level in bought)
    assert all(x >= have for x, have in zip(filled, held, strict=True))
    assert sum(filled) == scale * (sum(case.held) + case.cash)


@given(cases(), cents)
def test_more_cash_lowers_no_class(case: Case, more: int) -> None:
    """The exact answer never falls. The rounded one may fall by one cent, since each is less than a cent from exact."""
    before = water_fill(case.held, case.weights, case.cash)
    after = water_fill(case.held, case.weights, case.cash + more)
    assert all(b >= a - 1 for a, b in zip(before, after, strict=True))


@given(cases(), cents)
def test_in_two_instalments_it_comes_to_the_same(case: Case, second: int) -> None:
    """The same in fractions, and at most two cents apart in cents.

    Rounding the first instalment moves the exact answer to the second by less than a cent, and each of the two results
    is less than a cent from exact: together less than three.
    """
    first = water_fill(case.held, case.weights, case.cash)
    twice = water_fill(first, case.weights, second)
    once = water_fill(case.held, case.weights, case.cash + second)
    assert all(abs(a - b) <= 2 for a, b in zip(twice, once, strict=True))


@given(cases())
def test_ten_times_the_money_is_ten_times_the_answer_but_for_rounding(case: Case) -> None:
    """Ten times a number less than a cent off is less than ten cents off: together they are less than eleven apart."""
    once = water_fill(case.held, case.weights, case.cash)
    tenfold = water_fill([10 * value for value in case.held], case.weights, 10 * case.cash)
    assert all(abs(b - 10 * a) < 11 for a, b in zip(once, tenfold, strict=True))


@given(cases(), st.integers(2, 10**9))
def test_the_unit_of_the_weights_does_not_matter(case: Case, factor: int) -> None:
    scaled = [factor * w for w in case.weights]
    assert water_fill(case.held, scaled, case.cash) == water_fill(case.held, case.weights, case.cash)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_classes_matters_only_for_ties(case: Case, random: Random) -> None:
    order = list(range(len(case.held)))
    random.shuffle(order)
    filled = water_fill(case.held, case.weights, case.cash)
    shuffled = water_fill([case.held[i] for i in order], [case.weights[i] for i in order], case.cash)
    exact = project_by_clipping(case.held, case.weights, case.cash)
    remainders = [e % 1 for e in exact]
    for place, i in enumerate(order):
        if remainders.count(remainders[i]) == 1 or remainders[i] == 0:
            assert shuffled[place] == filled[i]


@dataclass
class Basket:
    held: list[int]
    filled: list[int]
    weights: list[int]
    prices: list[int]
    step: int

    def amounts(self) -> list[int]:
        return [x - have for x, have in zip(self.filled, self.held, strict=True)]

    def buy(self, rounding: Rounding) -> tuple[list[int], list[int]]:
        return whole_shares(self.held, self.filled, self.weights, self.prices, step=self.step, rounding=rounding)


any_price = st.one_of(
    st.integers(1, 10**6 * NANO),  # up to a million dollars, most with a fraction of a cent
    st.integers(1, 10**5).map(lambda c: c * NANO // 100),  # whole cents
    st.integers(1, 400).map(lambda h: h * NANO // 200),  # half cents
    st.integers(1, NANO // 100),  # below a cent
)
steps = st.sampled_from([MICRO, 1, 10, 1000, MICRO // 4, 100 * MICRO])


@st.composite
def baskets(draw: st.DrawFn, most: int = 12, price: st.SearchStrategy[int] = any_price) -> Basket:
    case = draw(cases(most=most, money=st.one_of(st.integers(0, 5), st.integers(0, 10**5), st.integers(0, 10**9))))
    filled = water_fill(case.held, case.weights, case.cash)
    size = len(filled)
    prices = draw(st.lists(price, min_size=size, max_size=size))
    return Basket(case.held, filled, case.weights, prices, draw(steps))


@given(baskets(), st.sampled_from(["floor", "fill"]))
def test_never_a_cent_more_than_there_is(basket: Basket, rounding: Rounding) -> None:
    quantities, costs = basket.buy(rounding)
    assert costs == [cost_in_cents(q, p) for q, p in zip(quantities, basket.prices, strict=True)]
    assert sum(costs) <= sum(basket.amounts())
    assert all(q >= 0 and q % basket.step == 0 for q in quantities)


@given(baskets())
def test_floor_is_the_most_that_fits(basket: Basket) -> None:
    quantities, _ = basket.buy("floor")
    expected = [floor_by_search(a, p, basket.step) for a, p in zip(basket.amounts(), basket.prices, strict=True)]
    assert quantities == expected


@given(baskets())
def test_fill_only_adds_to_floor_and_leaves_no_step_worth_taking(basket: Basket) -> None:
    """At the end each class either does not get closer by another step or has none that fits into what is left."""
    floored, _ = basket.buy("floor")
    quantities, costs = basket.buy("fill")
    left = sum(basket.amounts()) - sum(costs)
    chi = exact_targets(sum(basket.filled), basket.weights)
    for i, quantity in enumerate(quantities):
        assert quantity >= floored[i]
        price, more = basket.prices[i], quantity + basket.step
        missing = chi[i] - basket.held[i] - Fraction(quantity * price, 10**13)
        falls = 2 * missing > Fraction(basket.step * price, 10**13)
        assert not falls or cost_in_cents(more, price) - costs[i] > left
        if quantity > floored[i]:
            assert 2 * missing > -Fraction(basket.step * price, 10**13), "the last step made the deviation worse"


# At least 20 dollars a step, at most 400 dollars: few enough steps for the oracle, ties and misfits all the time.
few_steps = st.one_of(
    st.sampled_from([20 * NANO, 40 * NANO, 400 * NANO]),
    st.integers(20 * NANO, 400 * NANO),
    st.integers(4000, 80000).map(lambda h: h * NANO // 200),
)
# From one tenth of a cent to 30 dollars: hundreds or thousands of steps, so that most of them are taken in a leap.
many_steps = st.one_of(
    st.sampled_from([NANO // 1000, NANO // 100, NANO // 50, NANO // 200]),
    st.integers(NANO // 1000, NANO // 10),
    st.integers(10 * NANO, 30 * NANO),
)


@given(baskets(most=6, price=few_steps).map(lambda b: Basket(b.held, b.filled, b.weights, b.prices, MICRO)))
@example(Basket([0, 0, 0], [600, 600, 600], [1, 1, 1], [10 * NANO] * 3, MICRO))
@example(Basket([0, 0], [500, 500], [1, 1], [10 * NANO] * 2, MICRO))
def test_fill_agrees_with_one_step_at_a_time(basket: Basket) -> None:
    expected = fill_by_steps(basket.held, basket.filled, basket.weights, basket.prices, basket.step)
    assert basket.buy("fill")[0] == expected


@given(baskets(most=4, price=many_steps).map(lambda b: Basket(b.held, b.filled, b.weights, b.prices, MICRO)))
@example(Basket([10**7, 0, 0], [10**7, 999, 999], [1, 1, 1], [10 * NANO, NANO // 100, NANO // 100], MICRO))
@example(Basket([10**7, 0, 0], [10**7, 999, 999], [1, 1, 2], [10 * NANO, NANO // 100, NANO // 50], MICRO))
@example(Basket([10**7, 0, 0], [10**7, 999, 999], [1, 1, 1], [10 * NANO, NANO // 1000, NANO // 300], MICRO))
def test_fill_agrees_with_one_step_at_a_time_where_it_leaps(basket: Basket) -> None:
    expected = fill_by_steps(basket.held, basket.filled, basket.weights, basket.prices, basket.step)
    assert basket.buy("fill")[0] == expected


@given(baskets())
def test_ten_times_all_money_buys_the_same_shares_where_a_step_costs_whole_cents(basket: Basket) -> None:
    """Prices, holdings and cash times ten: with steps that cost whole cents nothing is rounded, so nothing changes."""
    whole = [max(1, p // NANO) * NANO for p in basket.prices]
    once = whole_shares(basket.held, basket.filled, basket.weights, whole)
    held, filled = [10 * value for value in basket.held], [10 * value for value in basket.filled]
    tenfold = whole_shares(held, filled, basket.weights, [10 * p for p in whole])
    assert tenfold.quantities == once.quantities
    assert tenfold.costs == [10 * cost for cost in once.costs]


@given(baskets())
def test_ten_times_all_quantities_in_steps_of_ten_buys_ten_times_as_much(basket: Basket) -> None:
    """Shares and cash times ten at the same prices, in steps ten times as large, where a step costs whole cents."""
    whole = [max(1, p // NANO) * NANO for p in basket.prices]
    once = whole_shares(basket.held, basket.filled, basket.weights, whole)
    held, filled = [10 * value for value in basket.held], [10 * value for value in basket.filled]
    tenfold = whole_shares(held, filled, basket.weights, whole, step=10 * MICRO)
    assert tenfold.quantities == [10 * q for q in once.quantities]


@given(baskets())
def test_planning_again_after_fill_buys_nothing(basket: Basket) -> None:
    """Exactly nothing where a step costs whole cents: a class whose step still fits misses at most half of it.

    Whole dollars, because rounding the new amounts to cents could be half a step only where a step costs two cents or
    less.
    """
    whole = [max(1, p // NANO) * NANO for p in basket.prices]
    costs = whole_shares(basket.held, basket.filled, basket.weights, whole).costs
    held = [have + cost for have, cost in zip(basket.held, costs, strict=True)]
    filled = water_fill(held, basket.weights, sum(basket.filled) - sum(held))
    assert whole_shares(held, filled, basket.weights, whole).costs == [0] * len(held)
