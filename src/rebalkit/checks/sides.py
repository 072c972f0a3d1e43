"""No ticker is both bought and sold in one plan."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.checks.findings import blocking, warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_sides"]


def check_sides(given: CheckInput) -> Iterator[Finding]:
    """``both_sides``, ``two_orders`` and ``open_orders``."""
    sold = [order.symbol for order in given.plan.sells]
    bought = [order.symbol for order in given.plan.buys]
    for symbol in sorted(set(sold) & set(bought)):
        yield blocking("both_sides", f"The plan both buys and sells {symbol}.", symbol)
    for symbols in (sold, bought):
        for symbol in sorted({one for one in symbols if symbols.count(one) > 1}):
            yield blocking("two_orders", f"The plan has two orders of one side for {symbol}.", symbol)
    for order in given.snapshot.account.open_orders:
        message = f"An order to {order.side} {order.quantity} {order.symbol} is open at the broker: cancel it, or plan again once it is filled."
        severity = blocking if order.symbol in {*sold, *bought} else warning
        yield severity("open_order", message, order.symbol, order=order.order, quantity=str(order.quantity))
