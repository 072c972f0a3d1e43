"""Which losing lots lose enough to be worth a trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rebalkit.model import Quote
from rebalkit.money import MICRO
from rebalkit.strategies.greedy.positions import FEMTO, Position, ceil_scaled
from rebalkit.strategies.greedy.settings import GreedySettings
from rebalkit.strategies.valuation import ask_of

__all__ = ["Threshold"]

_LEAST = Decimal(20)
"""USD: a smaller loss saves less tax than its trades cost in care."""

_PERCENT = Decimal("0.5")
"""Percent of the cost: prices move as much between a quote and a fill."""

_CENT = FEMTO // 100
"""Less than a cent is no loss but a cost that was rounded up: what was bought a minute ago would be sold again."""

_SPREADS = 2
"""A sale and the purchase that replaces it each pay half a spread, and so they do when they are switched back."""


class Threshold:
    """The least loss of a lot that is sold, as the settings say it or, where they do not, by the rule.

    Args:
        settings: What the person asked for.
        quotes: Quotes by symbol.
    """

    def __init__(self, settings: GreedySettings, quotes: Mapping[str, Quote]) -> None:
        exact = settings.wash_rule == "exact"
        default, percent = (_LEAST, _PERCENT) if exact else (Decimal(0), Decimal(0))
        asked = ceil_scaled(default if settings.min_loss is None else settings.min_loss, FEMTO)
        self._least = max(asked, _CENT) if exact else asked
        self._percent = percent if settings.min_loss_percent is None else settings.min_loss_percent
        self._spreads = _SPREADS if exact and settings.min_loss is None else 0
        self._quotes = quotes

    def split(self, position: Position) -> tuple[Sequence[int], Sequence[int]]:
        """The losing lots of ``position`` that lose enough, and those that do not."""
        if not position.losing or not (self._least or self._percent):
            return position.losing, ()
        micros, bid = position.held.micros, position.bid
        spread = self._spreads * max(0, ask_of(self._quotes[position.held.symbol]) - bid)
        numerator, denominator = self._percent.as_integer_ratio()
        enough: list[int] = []
        small: list[int] = []
        for index in position.losing:
            loss = -position.gain(index)
            cost = micros[index] * bid + loss
            reached = loss >= self._least and loss >= micros[index] * spread and loss * 100 * denominator >= cost * numerator
            (enough if reached else small).append(index)
        return enough, small


assert FEMTO == MICRO * 10**9
