"""Lots: never more than is held, only lots of known basis, orders that sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from rebalkit.checks.findings import blocking
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_lot_sales"]

_FINEST = Decimal("0.000001")


def check_lot_sales(given: CheckInput) -> Iterator[Finding]:
    """``lot_unknown``, ``lot_twice``, ``lot_oversold``, ``lots_do_not_sum``, ``basis_unknown``, ``bad_quantity``, ``quantity_step``."""
    lots = {lot.lot: lot for lot in given.snapshot.account.lots}
    held: dict[str, Decimal] = {}
    for one in lots.values():
        held[one.symbol] = held.get(one.symbol, Decimal(0)) + one.quantity
    sold: dict[str, Decimal] = {}
    for order in given.plan.sells:
        place = f"the sale of {order.symbol}"
        if not _possible(order.quantity) or not all(_possible(sale.quantity) for sale in order.lots):
            message = f"In {place} a quantity is not above 0, or finer than a millionth of a share."
            yield blocking("bad_quantity", message, order.symbol)
        for name, times in Counter(sale.lot for sale in order.lots).items():
            if times > 1:
                yield blocking("lot_twice", f"{place.capitalize()} names lot {name!r} {times} times.", name)
        total = sum((sale.quantity for sale in order.lots), Decimal(0))
        if total != order.quantity:
            message = f"The lots of {place} sum to {total} shares, the order is for {order.quantity}."
            yield blocking("lots_do_not_sum", message, order.symbol, lots=str(total), order=str(order.quantity))
        for sale in order.lots:
            lot = lots.get(sale.lot)
            if lot is None or lot.symbol != order.symbol:
                yield blocking("lot_unknown", f"{place.capitalize()} names a lot {sale.lot!r} that is not held.", sale.lot)
                continue
            if not lot.basis_known:
                message = f"The cost or the date of lot {sale.lot!r} ({order.symbol}) is unknown, so the tax on its sale cannot be known."
                yield blocking("basis_unknown", message, sale.lot, symbol=order.symbol)
            sold[sale.lot] = sold.get(sale.lot, Decimal(0)) + sale.quantity
        if not given.snapshot.venue.fractional_sells and order.quantity % 1 and order.quantity != held.get(order.symbol):
            message = (
                f"The broker sells fractions of a share only when a position is closed, but {place} is for {order.quantity}."
            )
            yield blocking("quantity_step", message, order.symbol, quantity=str(order.quantity))
    for name, quantity in sold.items():
        if quantity > lots[name].quantity:
            message = (
                f"The plan sells {quantity} shares of lot {name!r} ({lots[name].symbol}), which holds {lots[name].quantity}."
            )
            yield blocking("lot_oversold", message, name, sold=str(quantity), held=str(lots[name].quantity))
    step = given.snapshot.venue.share_step
    for order in given.plan.buys:
        if not _possible(order.quantity):
            message = f"The purchase of {order.symbol} is not for more than 0 shares, or finer than a millionth of a share."
            yield blocking("bad_quantity", message, order.symbol)
        elif order.quantity % step:
            message = f"The broker buys in steps of {step} shares, but the purchase of {order.symbol} is for {order.quantity}."
            yield blocking("quantity_step", message, order.symbol, quantity=str(order.quantity), step=str(step))


def _possible(quantity: Decimal) -> bool:
    return quantity > 0 and not quantity % _FINEST
