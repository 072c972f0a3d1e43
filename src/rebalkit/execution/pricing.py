"""The limit of an order from the quote of its moment."""

from __future__ import annotations

from decimal import Decimal

from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.orders import Side
from rebalkit.model.securities import Quote
from rebalkit.money import tick_down, tick_up

__all__ = ["highest_purchase", "limit_price", "lowest_sale"]

_LEAST = Decimal("0.0001")
"""USD: the smallest price that an order can name (SEC Rule 612). A limit of 0 would be an order at any price."""


def limit_price(side: Side, planned: Decimal, quote: Quote, rules: ExecutionRules) -> Decimal:
    """USD per share, on the exchange's tick.

    A sale's is the collar below the bid. A purchase's is the collar above the ask, but never above ``planned``, the price that was
    approved: what is approved is never exceeded.
    """
    if side is Side.SELL:
        return lowest_sale(quote, rules)
    return min(highest_purchase(quote, rules), tick_down(planned))


def lowest_sale(quote: Quote, rules: ExecutionRules) -> Decimal:
    """USD per share, on the tick: the collar below the bid."""
    return max(tick_down(quote.bid * (1 - rules.collar / 100)), _LEAST)


def highest_purchase(quote: Quote, rules: ExecutionRules) -> Decimal:
    """USD per share, on the tick: the collar above the ask."""
    return tick_up(quote.ask * (1 + rules.collar / 100))
