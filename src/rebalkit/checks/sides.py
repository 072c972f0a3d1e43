"""No ticker is both bought and sold in one plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rebalkit.checks.findings import blocking, warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_sides"]


def check_sides(given: CheckInput) -> Iterator[Finding]:
    """``both_sides``, ``two_orders`` and ``open_order``."""
    sold = [order.symbol for order in given.plan.sells]
    bought = [order.symbol for order in given.plan.buys]
    traded = {*sold, *bought}
    for symbol in sorted(set(sold) & set(bought)):
        yield blocking("both_sides", f"The plan both buys and sells {symbol}.", symbol)
    for symbols in (sold, bought):
        for symbol in sorted(symbol for symbol, times in Counter(symbols).items() if times > 1):
            yield blocking("two_orders", f"The plan has two orders of one side for {symbol}.", symbol)
    for order in given.snapshot.account.open_orders:
        message = f"An order to {order.side} {order.quantity} {order.symbol} is open at the broker: cancel it, or plan again once it is filled."
        severity = blocking if order.symbol in traded else warning
        yield severity("open_order", message, order.symbol, order=order.order, quantity=str(order.quantity))
