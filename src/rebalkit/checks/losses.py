"""The losses that a plan takes, counted from the lots."""

from __future__ import annotations

from decimal import Context, Decimal

from rebalkit.plugin import CheckInput

__all__ = ["losses_by_symbol"]

_EXACT = Context(prec=60)
"""Wide enough for the value of any lot, to its last digit: whether a sale is a loss never depends on rounding."""


def losses_by_symbol(given: CheckInput) -> dict[str, Decimal]:
    """Of each symbol that is sold at a loss the losses of its lots together, USD, above 0.

    Gains of other lots are not set off: a loss is washed lot by lot (Rev. Rul. 70-231). What has no quote or no cost is left out;
    other checks block such a plan.
    """
    lots = {lot.lot: lot for lot in given.snapshot.account.lots}
    losses: dict[str, Decimal] = {}
    for order in given.plan.sells:
        quote = given.snapshot.quotes.get(order.symbol)
        if quote is None:
            continue
        price = min(quote.bid, order.limit)
        for sale in order.lots:
            lot = lots.get(sale.lot)
            if lot is None or lot.cost is None:
                continue
            if lot.cost > _EXACT.multiply(lot.quantity, price):
                loss = lot.cost * sale.quantity / lot.quantity - sale.quantity * price
                losses[order.symbol] = losses.get(order.symbol, Decimal(0)) + loss
    return losses
