"""Limits on the size of orders and on turnover, off unless set."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rebalkit.checks.findings import blocking
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_limits"]


def check_limits(given: CheckInput) -> Iterator[Finding]:
    """``order_over_limit`` and ``turnover_over_limit``."""
    most = given.limits.max_order
    total = Decimal(0)
    for order in given.plan.orders:
        amount = order.quantity * order.limit
        total += amount
        if most is not None and amount > most:
            message = (
                f"The order to {order.side} {order.symbol} comes to {amount:,.2f} USD, above limits.max_order of {most:,} USD."
            )
            yield blocking("order_over_limit", message, order.symbol, amount=f"{amount:.2f}", limit=str(most))
    percent = given.limits.max_turnover
    if percent is not None:
        quotes, account = given.snapshot.quotes, given.snapshot.account
        worth = account.cash.total + sum(
            (lot.quantity * quotes[lot.symbol].bid for lot in account.lots if lot.symbol in quotes), Decimal(0)
        )
        if total * 100 > percent * worth:
            message = (
                f"The orders come to {total:,.2f} USD in all, above limits.max_turnover of {percent} % of the account "
                f"({percent * worth / 100:,.2f} USD)."
            )
            yield blocking("turnover_over_limit", message, turnover=f"{total:.2f}", limit=str(percent))
