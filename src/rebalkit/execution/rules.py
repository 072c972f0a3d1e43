"""What every order must respect right before it is sent, whatever was planned."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from rebalkit.money import to_decimal

__all__ = ["ExecutionRules", "Objection"]


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
    """

    collar: Decimal = field(converter=to_decimal, default=Decimal("0.3"))
    max_spread: Decimal = field(converter=to_decimal, default=Decimal(1))
    max_drift: Decimal = field(converter=to_decimal, default=Decimal(1))
    quote_age: int = 60
    plan_age: int = 900
    clock_skew: int = 60
    after_open: int = 300
    before_close: int = 600
    fill_wait: int = 90
    day_turnover: Decimal = field(converter=to_decimal, default=Decimal(100))
    settled_only: bool = False


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
