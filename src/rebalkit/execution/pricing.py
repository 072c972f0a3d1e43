"""The limit of an order from the quote of its moment."""

from __future__ import annotations

from decimal import Decimal

from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.orders import Side
from rebalkit.model.securities import Quote
from rebalkit.money import tick_down, tick_up

__all__ = ["limit_price"]


def limit_price(side: Side, planned: Decimal, quote: Quote, rules: ExecutionRules) -> Decimal:
    """USD per share, on the exchange's tick.

    A sale's is the collar below the bid. A purchase's is the collar above the ask, but never above ``planned``, the price that was
    approved: what is approved is never exceeded.
    """
    collar = rules.collar / 100
    if side is Side.SELL:
        return tick_down(quote.bid * (1 - collar))
    return min(tick_up(quote.ask * (1 + collar)), tick_up(planned))
