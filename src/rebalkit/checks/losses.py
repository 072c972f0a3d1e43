"""The losses that a plan takes, counted from the lots."""

from __future__ import annotations

from decimal import Decimal

from rebalkit.plugin import CheckInput

__all__ = ["losses_by_symbol"]


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
            loss = lot.cost * sale.quantity / lot.quantity - sale.quantity * price
            if loss > 0:
                losses[order.symbol] = losses.get(order.symbol, Decimal(0)) + loss
    return losses
