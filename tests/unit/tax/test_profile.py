"""Rates of a year and what they make of a netting."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalkit.config.profile import FilingStatus, ProfileConfig
from rebalkit.errors import ConfigError
from rebalkit.tax.netting import net
from rebalkit.tax.profile import TaxEstimate, TaxProfile, deduction_limit, tax_of
from rebalkit.tax.rates import LONG_RATES, ORDINARY_RATES, YEARS

D = Decimal


def rates(status: str, income: str | int, year: int = 2026, **more: Decimal) -> tuple[Decimal, Decimal]:
    profile = TaxProfile.of(ProfileConfig(FilingStatus(status), D(income), **more), year)
    return profile.short_rate, profile.long_rate


@pytest.mark.parametrize(
    ("status", "income", "year", "short", "long"),
    [
        ("single", "12399.99", 2026, 10, 0),
        ("single", 12_400, 2026, 12, 0),
        ("single", "49449.99", 2026, 12, 0),
        ("single", 49_450, 2026, 12, 15),
        ("single", 640_600, 2026, 37, 20),
        ("joint", 211_399, 2026, 22, 15),
        ("joint", 613_700, 2026, 35, 20),
        ("separate", 384_350, 2026, 37, 20),
        ("head", 201_750, 2026, 32, 15),
        ("head", 66_199, 2026, 12, 0),
        ("single", 103_350, 2025, 24, 15),
        ("joint", 96_700, 2025, 12, 15),
        ("separate", 375_799, 2025, 35, 20),
        ("head", 250_500, 2025, 35, 15),
        ("single", 609_349, 2024, 35, 20),
        ("joint", 94_049, 2024, 12, 0),
        ("separate", 365_600, 2024, 37, 20),
        ("head", 63_100, 2024, 22, 15),
    ],
)
def test_the_rates_of_the_next_dollar(status: str, income: str | int, year: int, short: int, long: int) -> None:
    assert rates(status, income, year) == (short, long)


def test_a_rate_that_is_set_goes_before_one_that_follows() -> None:
    assert rates("single", 100_000, short_rate=D("30.5")) == (D("30.5"), 15)
    assert rates("single", 100_000, long_rate=D(1)) == (22, 1)


@pytest.mark.parametrize("year", sorted(YEARS))
def test_the_tables_are_whole_and_plausible(year: int) -> None:
    """Every status has every bracket, in order; the joint brackets up to 32 percent are those of a single person doubled (26 USC 1(j))."""
    table = YEARS[year]
    assert table.source.startswith("Rev. Proc. 20")
    assert set(table.ordinary) == set(table.long) == set(FilingStatus)
    for status in FilingStatus:
        ends = table.ordinary[status]
        assert len(ends) == len(ORDINARY_RATES) - 1
        assert list(ends) == sorted(set(ends))
        assert len(table.long[status]) == len(LONG_RATES) - 1
    single, joint, separate = (table.ordinary[FilingStatus(one)] for one in ("single", "joint", "separate"))
    assert joint[:5] == tuple(2 * end for end in single[:5])
    assert joint == tuple(2 * end for end in separate)
    assert table.long[FilingStatus.JOINT][0] == 2 * table.long[FilingStatus.SINGLE][0]


def test_without_an_income_the_federal_rates_must_be_set() -> None:
    with pytest.raises(ConfigError, match=r"tax\.profile: without an income .* both short_rate and long_rate"):
        TaxProfile.of(ProfileConfig(FilingStatus.SINGLE, short_rate=D(10)), 2026)
    both = ProfileConfig(FilingStatus.SINGLE, short_rate=D(10), long_rate=D(0))
    assert TaxProfile.of(both, 1999).short_rate == 10


def test_a_year_without_a_table_is_not_guessed() -> None:
    with pytest.raises(ConfigError, match="no brackets of 2023, only of 2024, 2025, 2026") as raised:
        rates("single", 1, 2023)
    assert raised.value.code == "no_brackets"


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(199_999)), 0),
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(200_000)), D("3.8")),
        (ProfileConfig(FilingStatus.JOINT, D(1), magi=D(249_999)), 0),
        (ProfileConfig(FilingStatus.SEPARATE, D(1), magi=D(125_000)), D("3.8")),
        (ProfileConfig(FilingStatus.HEAD, D(200_000)), D("3.8")),
        (ProfileConfig(FilingStatus.SINGLE, D(199_999)), None),
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(1), net_investment_rate=D("3.8")), D("3.8")),
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(10**6), net_investment_rate=D(0)), 0),
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(220_000), net_investment_threshold=D(220_001)), 0),
        (ProfileConfig(FilingStatus.SINGLE, D(1), magi=D(100), net_investment_threshold=D(100)), D("3.8")),
    ],
)
def test_net_investment_income_tax(said: ProfileConfig, rate: Decimal | None) -> None:
    assert TaxProfile.of(said, 2026).net_investment_rate == rate


def test_every_rate_says_where_it_comes_from() -> None:
    derived = TaxProfile.of(ProfileConfig(FilingStatus.SINGLE, D(150_000)), 2025)
    assert derived.sources == (
        "Federal rates at a taxable income of $150,000: Rev. Proc. 2024-40, sections 2.01 and 2.03",
        "Net investment income tax: not counted, the profile does not say whether magi is above the threshold",
        "State tax: not counted, the profile has no state_rate",
    )
    said = ProfileConfig(
        FilingStatus.SINGLE, short_rate=D(1), long_rate=D(1), net_investment_rate=D(0), state_rate=D(5)
    )  # fmt: skip
    assert TaxProfile.of(said, 2025).sources == ("Federal rates: set", "Net investment income tax: set", "State rate: set")


PROFILE = TaxProfile(2026, FilingStatus.SINGLE, D(24), D(15), D("3.8"), D(5), ())


def test_tax_on_gains_of_both_terms() -> None:
    estimate = tax_of(net(1000, 2000), PROFILE)
    assert estimate == TaxEstimate(D("240.00"), D("300.00"), D("114.00"), D("150.00"), D("804.00"))


def test_a_loss_in_one_term_lowers_the_gain_of_the_other() -> None:
    estimate = tax_of(net(-500, 2000), PROFILE)
    assert (estimate.federal_short, estimate.federal_long, estimate.net_investment) == (0, D("225.00"), D("57.00"))


def test_a_deduction_saves_at_the_ordinary_rate_whatever_its_term() -> None:
    estimate = tax_of(net(0, -10_000), PROFILE)
    assert estimate == TaxEstimate(D("-720.00"), D(0), D(0), D("-150.00"), D("-870.00"))


def test_what_is_not_counted_is_not_zero() -> None:
    estimate = tax_of(net(100, 0), TaxProfile(2026, FilingStatus.SINGLE, D(24), D(15), None, None, ()))
    assert (estimate.net_investment, estimate.state, estimate.total) == (None, None, 24)


def test_only_a_separate_filer_deducts_half_unless_a_limit_is_set() -> None:
    assert [deduction_limit(None), *(deduction_limit(ProfileConfig(one)) for one in FilingStatus)] == [
        3000,
        3000,
        3000,
        1500,
        3000,
    ]
    assert deduction_limit(ProfileConfig(FilingStatus.SEPARATE, loss_limit=D(5000))) == 5000
    assert deduction_limit(ProfileConfig(FilingStatus.JOINT, loss_limit=D(0))) == 0
