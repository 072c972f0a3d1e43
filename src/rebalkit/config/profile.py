"""What a person says of their own taxes: ``[tax.profile]``. Nothing in it has a default; without it no tax is counted in dollars."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen

from rebalkit.money import plain

__all__ = ["FilingStatus", "ProfileConfig"]

_PERCENT = Decimal(100)


class FilingStatus(StrEnum):
    """How the return is filed. A qualifying surviving spouse has the figures of ``joint`` (26 USC 1(a), 2(a))."""

    SINGLE = "single"
    JOINT = "joint"
    SEPARATE = "separate"
    HEAD = "head"


def _rate(_: Any, __: Attribute[Decimal | None], value: Decimal | None) -> None:
    if value is not None and not 0 <= value < _PERCENT:
        raise ValueError(f"{plain(value)} is no rate: write percent, at least 0 and below 100")


def _amount(_: Any, __: Attribute[Decimal | None], value: Decimal | None) -> None:
    if value is not None and value < 0:
        raise ValueError(f"{plain(value)} is below 0")


@frozen
class ProfileConfig:
    """The declared profile: ``[tax.profile]``. Rates are percents of the next dollar; one that is set goes before one that is derived.

    Attributes:
        status: Filing status.
        income: Taxable income of the year in USD, without the gains and losses that are counted; None = not said.
        magi: Modified adjusted gross income in USD, which decides about the net investment income tax; None = not said.
        short_rate: Federal rate of short-term gains; None = from ``income`` by the brackets of the year.
        long_rate: Federal rate of long-term gains; None = from ``income`` by the thresholds of the year.
        net_investment_rate: Rate of the net investment income tax; None = from ``magi``.
        state_rate: Rate of the state on gains; None = no state tax is counted.
        net_investment_threshold: USD of ``magi`` above which net investment income tax is due; None = as the law has it for ``status``.
        loss_limit: USD of net loss that a year may deduct; None = as the law has it for ``status``.
    """

    status: FilingStatus
    income: Decimal | None = field(default=None, validator=_amount)
    magi: Decimal | None = field(default=None, validator=_amount)
    short_rate: Decimal | None = field(default=None, validator=_rate)
    long_rate: Decimal | None = field(default=None, validator=_rate)
    net_investment_rate: Decimal | None = field(default=None, validator=_rate)
    state_rate: Decimal | None = field(default=None, validator=_rate)
    net_investment_threshold: Decimal | None = field(default=None, validator=_amount)
    loss_limit: Decimal | None = field(default=None, validator=_amount)
