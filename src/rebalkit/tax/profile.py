"""The rates of one person in one year, and what a year's gains cost or its deduction saves at them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from attrs import frozen

from rebalkit.config.profile import FilingStatus, ProfileConfig
from rebalkit.errors import ConfigError
from rebalkit.money import CENT
from rebalkit.tax.netting import LIMIT, LIMIT_SEPARATE, Netting
from rebalkit.tax.rates import LONG_RATES, NET_INVESTMENT_RATE, NET_INVESTMENT_THRESHOLDS, ORDINARY_RATES, YEARS

__all__ = ["TaxEstimate", "TaxProfile", "deduction_limit", "tax_of"]


def deduction_limit(said: ProfileConfig | None) -> Decimal:
    """USD of net loss that a year may deduct, as the person ``said`` or by 26 USC 1211(b).

    Who says nothing has the limit of everyone who does not file separately.
    """
    if said is None:
        return LIMIT
    if said.loss_limit is not None:
        return said.loss_limit
    return LIMIT_SEPARATE if said.status is FilingStatus.SEPARATE else LIMIT


@frozen
class TaxProfile:
    """Rates of one year, in percent of the next dollar of gain.

    Attributes:
        year: Tax year.
        status: Filing status.
        short_rate: Federal, on short-term gains, which are taxed like other income; a deduction saves as much.
        long_rate: Federal, on long-term gains.
        net_investment_rate: Of the tax on net investment income; None = not said whether it is due, and not counted.
        state_rate: Of the state, on gains of both terms and on the deduction; None = not said, and not counted.
        sources: Where each rate comes from, for a person.
    """

    year: int
    status: FilingStatus
    short_rate: Decimal
    long_rate: Decimal
    net_investment_rate: Decimal | None
    state_rate: Decimal | None
    sources: tuple[str, ...]

    @classmethod
    def of(cls, said: ProfileConfig, year: int, place: str = "tax.profile") -> TaxProfile:
        """The rates of ``year`` that follow from what the person ``said``.

        Raises:
            ConfigError: At ``place``, when a federal rate is neither set nor follows from an income and the tables of that year.
        """
        sources = []
        if said.short_rate is not None and said.long_rate is not None:
            short, long = said.short_rate, said.long_rate
            sources.append("Federal rates: set")
        else:
            short, long = _derived(said, year, place)
            sources.append(f"Federal rates at a taxable income of ${said.income:,f}: {YEARS[year].source}")
        net_investment = said.net_investment_rate
        if net_investment is None:
            net_investment = _net_investment(said)
            threshold = f"{_threshold(said):,f}"
            sources.append(
                "Net investment income tax: not counted, the profile does not say whether magi is above the threshold"
                if net_investment is None
                else f"Net investment income tax: 26 USC 1411, threshold ${threshold}"
            )
        else:
            sources.append("Net investment income tax: set")
        sources.append("State tax: not counted, the profile has no state_rate" if said.state_rate is None else "State rate: set")
        return cls(year, said.status, short, long, net_investment, said.state_rate, tuple(sources))


def _derived(said: ProfileConfig, year: int, place: str) -> tuple[Decimal, Decimal]:
    if said.income is None:
        raise ConfigError(
            "without an income the federal rates are unknown", place=place, code="no_rates",
            remedy="Set income, or both short_rate and long_rate.",
        )  # fmt: skip
    if year not in YEARS:
        raise ConfigError(
            f"there are no brackets of {year}, only of {', '.join(map(str, YEARS))}", place=place, code="no_brackets",
            remedy="Set short_rate and long_rate.",
        )  # fmt: skip
    table = YEARS[year]
    short = ORDINARY_RATES[sum(said.income >= end for end in table.ordinary[said.status])]
    long = LONG_RATES[sum(said.income >= end for end in table.long[said.status])]
    return (short if said.short_rate is None else said.short_rate), (long if said.long_rate is None else said.long_rate)


def _net_investment(said: ProfileConfig) -> Decimal | None:
    """The rate on the next dollar. Adjusted gross income is never below taxable income, so a high one of these decides alone."""
    threshold = _threshold(said)
    if said.magi is not None:
        return NET_INVESTMENT_RATE if said.magi >= threshold else Decimal(0)
    return NET_INVESTMENT_RATE if said.income is not None and said.income >= threshold else None


def _threshold(said: ProfileConfig) -> Decimal:
    if said.net_investment_threshold is not None:
        return said.net_investment_threshold
    return Decimal(NET_INVESTMENT_THRESHOLDS[said.status])


@frozen
class TaxEstimate:
    """What a year's gains cost; below 0 what its deduction saves. USD in whole cents.

    Attributes:
        federal_short: Federal, on the net short-term gain, or what the deduction saves.
        federal_long: Federal, on the net long-term gain.
        net_investment: On both; None = not counted.
        state: On both, or what the deduction saves; None = not counted.
        total: Of those that are counted.
    """

    federal_short: Decimal
    federal_long: Decimal
    net_investment: Decimal | None
    state: Decimal | None
    total: Decimal


def tax_of(netting: Netting, profile: TaxProfile) -> TaxEstimate:
    """The tax on the net gains of a year, or what its deduction saves, at the rates of ``profile``.

    An estimate at the rates of the next dollar: it does not follow a gain across the end of a bracket or threshold, counts no
    saving of net investment income tax for a deduction, and knows nothing of credits, of the alternative minimum tax, or of states
    that tax the terms differently or limit the deduction otherwise. What is carried over saves nothing in this year.
    """
    gains = netting.short_gain + netting.long_gain
    federal_short = _part(netting.short_gain - netting.deduction, profile.short_rate)
    federal_long = _part(netting.long_gain, profile.long_rate)
    net_investment = None if profile.net_investment_rate is None else _part(gains, profile.net_investment_rate)
    state = None if profile.state_rate is None else _part(gains - netting.deduction, profile.state_rate)
    total = federal_short + federal_long + (net_investment or 0) + (state or 0)
    return TaxEstimate(federal_short, federal_long, net_investment, state, total)


def _part(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate / 100).quantize(CENT, ROUND_HALF_EVEN)
