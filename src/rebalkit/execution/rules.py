"""What every order must respect right before it is sent, whatever was planned."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import Attribute, field, frozen

from rebalkit.money import to_decimal

__all__ = ["ExecutionRules", "Objection"]


def _not_negative(_: object, __: Attribute[Any], value: Decimal | int) -> None:
    if value < 0:
        raise ValueError(f"{value} is below 0")


def _some_is_left(_: object, attribute: Attribute[Any], value: Decimal) -> None:
    """A collar of 100 percent would sell at any price."""
    _not_negative(_, attribute, value)
    if value >= 100:
        raise ValueError(f"{value} is not below 100")


@frozen
class ExecutionRules:
    """Limits of an execution: ``[execution]`` in the configuration.

    Attributes:
        collar: Percent that a limit may be worse than the quote: a sale's below the bid, a purchase's above the ask.
        max_spread: Percent of the ask that bid and ask may be apart.
        max_drift: Percent that the price of an order may have moved since the plan.
        quote_age: Seconds that a quote of a live broker may be old.
        plan_age: Seconds that a plan may be old when its first live order is sent.
        clock_skew: Seconds that this machine's clock and a live broker's may differ.
        after_open: Seconds after the market's opening in which no live order is sent.
        before_close: Seconds before its close in which none is.
        fill_wait: Seconds that an order may take to fill; then the rest is cancelled.
        day_turnover: Percent of the account (positions and cash) that the live orders of one day may reach.
        settled_only: Whether purchases spend settled cash only.
        require_export: Folder of portfolios downloaded from the broker's website, the newest of which must be what the broker's API says
            before the first live order; empty = none is required.

    Raises:
        ValueError: A number below 0, or a collar of 100 or more.
    """

    collar: Decimal = field(converter=to_decimal, default=Decimal("0.3"), validator=_some_is_left)
    max_spread: Decimal = field(converter=to_decimal, default=Decimal(1), validator=_not_negative)
    max_drift: Decimal = field(converter=to_decimal, default=Decimal(1), validator=_not_negative)
    quote_age: int = field(default=60, validator=_not_negative)
    plan_age: int = field(default=900, validator=_not_negative)
    clock_skew: int = field(default=60, validator=_not_negative)
    after_open: int = field(default=300, validator=_not_negative)
    before_close: int = field(default=600, validator=_not_negative)
    fill_wait: int = field(default=90, validator=_not_negative)
    day_turnover: Decimal = field(converter=to_decimal, default=Decimal(100), validator=_not_negative)
    settled_only: bool = False
    require_export: str = ""


@frozen
class Objection:
    """Why an order is not sent.

    Attributes:
        code: Stable name, lower case with underscores.
        message: A sentence for a person.
        stops: Whether the whole run stops; else only this order is dropped.
        details: The numbers behind it, ready for JSON, as in `rebalkit.model.plans.Reason`.
    """

    code: str
    message: str
    stops: bool = False
    details: Mapping[str, Any] = field(factory=dict)
