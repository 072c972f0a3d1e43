"""Settings of the greedy strategy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from rebalkit.money import optional_decimal, to_decimal

__all__ = ["GreedySettings"]


def _not_negative(_: Any, attribute: Attribute[Decimal], value: Decimal) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} must be 0 or more, not {value}")


def _percent(_: Any, attribute: Attribute[Decimal], value: Decimal) -> None:
    if not 0 <= value <= 100:
        raise ValueError(f"{attribute.name} is a percentage of the cost, from 0 to 100, not {value}")


def _wash_rule(_: Any, attribute: Attribute[str], value: str) -> None:
    if value not in ("exact", "by_ticker"):
        raise ValueError(f"{attribute.name} must be 'exact' or 'by_ticker', not {value!r}")


def _rounding(_: Any, attribute: Attribute[str], value: str) -> None:
    if value not in ("fill", "floor"):
        raise ValueError(f"{attribute.name} must be 'fill' or 'floor', not {value!r}")


def _forced(value: dict[str, str | None]) -> dict[str, str | None]:
    return {name: None if symbol is None or symbol.lower() == "none" else symbol for name, symbol in value.items()}


def _amount() -> Any:
    return field(converter=to_decimal, default=Decimal(0), validator=_not_negative)


@frozen
class GreedySettings:
    """What a person may ask of the greedy strategy.

    Attributes:
        max_loss_to_forgo: USD. A symbol is bought only if the losses on it that could otherwise be taken are at most this.
        max_gain_to_realize: USD a symbol and day. Lots of a worse symbol are sold at a gain while their gains stay within this.
        forced_buys: By name of a class the symbol to buy in it whatever its rank, or None (or the text "none") to buy nothing in it.
        min_loss: USD. A losing lot is sold only if it loses at least this, and at least ``min_loss_percent``. None is 0 with
            ``by_ticker``; with ``exact`` it is 20 USD and twice the spread between bid and ask, so that a lot bought a minute ago at the
            ask is not sold at the bid.
        min_loss_percent: Percent of the lot's cost. None is 0 with ``by_ticker`` and 0.5 with ``exact``.
        min_order: USD. No order smaller than this is made.
        wash_rule: ``exact``: what the ledger of all accounts finds clean is allowed, to the share. ``by_ticker``: nothing is sold within
            30 days of its purchase, nothing bought within 30 days of its sale.
        rounding: ``floor`` buys the whole shares that a class's amount pays for; ``fill`` then also spends what is left over.
        allow_underfilled: Whether losing lots are sold also in classes in which nothing is bought.

    Raises:
        ValueError: A value out of its range.
    """

    max_loss_to_forgo: Decimal = _amount()
    max_gain_to_realize: Decimal = _amount()
    forced_buys: dict[str, str | None] = field(factory=dict, converter=_forced)
    min_loss: Decimal | None = field(converter=optional_decimal, default=None, validator=optional(_not_negative))
    min_loss_percent: Decimal | None = field(converter=optional_decimal, default=None, validator=optional(_percent))
    min_order: Decimal = _amount()
    wash_rule: str = field(default="exact", validator=_wash_rule)
    rounding: str = field(default="fill", validator=_rounding)
    allow_underfilled: bool = False
