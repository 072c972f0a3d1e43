"""The orders of a plan, and the open orders, as the trades that they would be."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.model.plans import Order
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import MICRO, NANO, to_micros
from rebalkit.tax.reconstruct import Reconstruction
from rebalkit.tax.trades import Trade

__all__ = ["OPEN_ORDER", "open_purchases", "trades_of_orders"]

OPEN_ORDER = "open order "
"""What the id of an open order's trade begins with."""


def open_purchases(snapshot: Snapshot) -> list[Trade]:
    """The open orders that buy, in all accounts, as if they filled today: nobody knows when they will."""
    return [
        Trade(
            f"{OPEN_ORDER}{one.order} in {account.account}", snapshot.as_of, account.account, one.symbol, Action.BUY,
            to_micros(one.quantity), order=one.order,
        )
        for account in snapshot.accounts
        for one in account.open_orders
        if one.side is Side.BUY
    ]  # fmt: skip


def trades_of_orders(snapshot: Snapshot, past: Reconstruction, orders: Iterable[Order]) -> list[tuple[Order, Trade]]:
    """Each order with the trade that it would be at its limit: the sales, then the purchases.

    Shares that no lot of the account has, and less than a millionth of a share, are left out: another check forbids such an order.
    """
    account = snapshot.account.account
    symbols = {lot.lot: lot.symbol for lot in snapshot.account.lots}
    taken: dict[tuple[str, str], int] = {}
    sells_first = sorted(orders, key=lambda one: one.side is Side.BUY)
    found = []
    for number, order in enumerate(sells_first, 1):
        name = f"order {number} of this plan"
        if order.side is Side.BUY:
            micros, limit = _floored(order.quantity, MICRO), _floored(order.limit, NANO)
            trade = Trade(name, snapshot.as_of, account, order.symbol, Action.BUY, micros, limit)
        else:
            sold = [(one.lot, _floored(one.quantity, MICRO)) for one in order.lots if symbols.get(one.lot) == order.symbol]
            lots = past.parts(account, sold, taken)
            quote = snapshot.quotes.get(order.symbol)
            price = _floored(min(order.limit, quote.bid) if quote is not None else order.limit, NANO)
            micros = sum([micros for _, micros in lots])
            trade = Trade(name, snapshot.as_of, account, order.symbol, Action.SELL, micros, price, lots=lots)
        if trade.micros > 0 and trade.price >= 0:
            found.append((order, trade))
    return found


def _floored(number: Decimal, scale: int) -> int:
    numerator, denominator = number.as_integer_ratio()
    return numerator * scale // denominator
