"""What the checks say of a plan: values, never exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from rebalkit.money import optional_decimal, to_decimal
from rebalkit.secrets.concealing import without_secrets

__all__ = ["Finding", "Limits", "Severity"]


class Severity(StrEnum):
    """How much a finding weighs. A plan with a blocking finding cannot be executed."""

    INFO = "info"
    WARNING = "warning"
    BLOCKING = "blocking"


@frozen
class Finding:
    """One thing that a check found.

    Attributes:
        code: Stable name, lower case with underscores.
        severity: How much it weighs.
        message: A sentence for a person: what, why, what to do.
        subject: The symbol, class, lot or account it is about; empty for the plan as a whole.
        details: The numbers behind it, as in `rebalkit.model.plans.Reason`.
    """

    code: str
    severity: Severity
    message: str = field(converter=without_secrets)
    subject: str = ""
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class Limits:
    """What every plan must respect, whatever the strategy.

    Attributes:
        reserve: USD of cash that is never spent.
        max_order: USD that one order may reach; None = no limit.
        max_turnover: Percent of the account (positions and cash) that all orders of a plan together may reach; None = no limit.
    """

    reserve: Decimal = field(converter=to_decimal, default=Decimal(0))
    max_order: Decimal | None = field(converter=optional_decimal, default=None)
    max_turnover: Decimal | None = field(converter=optional_decimal, default=None)
