"""Federal brackets and thresholds by year and filing status, each with its source. A year that is not here has none: nothing is guessed.

Checked on 2026-11-24 against copies of the revenue procedures and against each other in several independent programs; the documents
themselves could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from rebalkit.config.profile import FilingStatus

__all__ = ["LONG_RATES", "NET_INVESTMENT_RATE", "NET_INVESTMENT_THRESHOLDS", "ORDINARY_RATES", "YEARS", "YearRates"]

_SINGLE, _JOINT, _SEPARATE, _HEAD = FilingStatus.SINGLE, FilingStatus.JOINT, FilingStatus.SEPARATE, FilingStatus.HEAD

ORDINARY_RATES = tuple(map(Decimal, (10, 12, 22, 24, 32, 35, 37)))
"""Percent, from the lowest bracket up (26 USC 1(j); from 2026 on as made permanent by P.L. 119-21, section 70101)."""

LONG_RATES = tuple(map(Decimal, (0, 15, 20)))
"""Percent of a net capital gain, below, between and above the two thresholds of 26 USC 1(h) and (j)(5)."""

NET_INVESTMENT_RATE = Decimal("3.8")
"""Percent (26 USC 1411(a))."""

NET_INVESTMENT_THRESHOLDS: Mapping[FilingStatus, int] = {_SINGLE: 200_000, _JOINT: 250_000, _SEPARATE: 125_000, _HEAD: 200_000}
"""Modified adjusted gross income in USD above which that tax is due (26 USC 1411(b)); not indexed."""


@frozen
class YearRates:
    """The figures of one year.

    Attributes:
        source: Where they come from.
        ordinary: By status the taxable income in USD at which each bracket of `ORDINARY_RATES` ends; the last has no end.
        long: By status the taxable income at which the rates of 0 and of 15 percent end.
    """

    source: str
    ordinary: Mapping[FilingStatus, tuple[int, ...]]
    long: Mapping[FilingStatus, tuple[int, int]]


YEARS: Mapping[int, YearRates] = {
    2024: YearRates(
        "Rev. Proc. 2023-34, sections 3.01 and 3.03",
        {
            _SINGLE: (11_600, 47_150, 100_525, 191_950, 243_725, 609_350),
            _JOINT: (23_200, 94_300, 201_050, 383_900, 487_450, 731_200),
            _SEPARATE: (11_600, 47_150, 100_525, 191_950, 243_725, 365_600),
            _HEAD: (16_550, 63_100, 100_500, 191_950, 243_700, 609_350),
        },
        {_SINGLE: (47_025, 518_900), _JOINT: (94_050, 583_750), _SEPARATE: (47_025, 291_850), _HEAD: (63_000, 551_350)},
    ),
    2025: YearRates(
        "Rev. Proc. 2024-40, sections 2.01 and 2.03",
        {
            _SINGLE: (11_925, 48_475, 103_350, 197_300, 250_525, 626_350),
            _JOINT: (23_850, 96_950, 206_700, 394_600, 501_050, 751_600),
            _SEPARATE: (11_925, 48_475, 103_350, 197_300, 250_525, 375_800),
            _HEAD: (17_000, 64_850, 103_350, 197_300, 250_500, 626_350),
        },
        {_SINGLE: (48_350, 533_400), _JOINT: (96_700, 600_050), _SEPARATE: (48_350, 300_000), _HEAD: (64_750, 566_700)},
    ),
    2026: YearRates(
        "Rev. Proc. 2025-32, sections 4.01 and 4.03",
        {
            _SINGLE: (12_400, 50_400, 105_700, 201_775, 256_225, 640_600),
            _JOINT: (24_800, 100_800, 211_400, 403_550, 512_450, 768_700),
            _SEPARATE: (12_400, 50_400, 105_700, 201_775, 256_225, 384_350),
            _HEAD: (17_700, 67_450, 105_700, 201_750, 256_200, 640_600),
        },
        {_SINGLE: (49_450, 545_500), _JOINT: (98_900, 613_700), _SEPARATE: (49_450, 306_850), _HEAD: (66_200, 579_600)},
    ),
}
