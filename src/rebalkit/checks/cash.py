"""Cash never falls below the reserve, counted from the orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from rebalkit.checks.findings import blocking, warning
from rebalkit.model.findings import Finding
from rebalkit.model.orders import Side
from rebalkit.money import CENT
from rebalkit.plugin import CheckInput

__all__ = ["check_cash"]


def check_cash(given: CheckInput) -> Iterator[Finding]:
    """``cash_below_reserve`` (blocking when the plan buys) and ``cash_negative``."""
    quotes = given.snapshot.quotes
    cash = given.snapshot.account.cash.total
    for order in given.plan.orders:
        quote = quotes.get(order.symbol)
        if quote is None:
            continue  # the quotes check blocks the plan
        if order.side is Side.SELL:
            cash += (order.quantity * min(quote.bid, order.limit)).quantize(CENT, ROUND_FLOOR)
        else:
            # A purchase never pays more than its limit, wherever the quote has gone since.
            cash -= (order.quantity * order.limit).quantize(CENT, ROUND_CEILING)
    reserve = given.limits.reserve
    if cash < reserve and given.plan.buys:
        message = f"After the plan {cash:,} USD of cash would be left, below the reserve of {reserve:,} USD."
        yield blocking("cash_below_reserve", message, after=str(cash), reserve=str(reserve))
    elif cash < reserve:
        message = f"Even without a purchase the cash stays at {cash:,} USD, below the reserve of {reserve:,} USD."
        yield warning("cash_below_reserve", message, after=str(cash), reserve=str(reserve))
    before = given.snapshot.account.cash.total
    if before < Decimal(0):
        yield warning("cash_negative", f"The account's cash is negative: {before:,} USD.", before=str(before))
