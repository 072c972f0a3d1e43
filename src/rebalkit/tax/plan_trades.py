"""The orders of a plan, and the open orders, as the trades that they would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.model.plans import Order
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import to_micros, to_nanos
from rebalkit.tax.reconstruct import Reconstruction
from rebalkit.tax.trades import Trade

__all__ = ["open_purchases", "order_id", "trades_of_orders"]


def order_id(order: Order) -> str:
    """The id of the trade that ``order`` would be."""
    return f"this plan's {order.side} of {order.symbol}"


def open_purchases(snapshot: Snapshot) -> list[Trade]:
    """The open orders that buy, in all accounts, as if they filled today: nobody knows when they will."""
    return [
        Trade(
            f"open order {one.order} in {account.account}", snapshot.as_of, account.account, one.symbol, Action.BUY,
            to_micros(one.quantity), order=one.order,
        )
        for account in snapshot.accounts
        for one in account.open_orders
        if one.side is Side.BUY
    ]  # fmt: skip


def trades_of_orders(snapshot: Snapshot, past: Reconstruction, orders: Iterable[Order]) -> list[Trade]:
    """The sales, then the purchases, at their limits.

    A lot that is not there, or shares beyond those that are, are left out: another check forbids such an order.
    """
    account = snapshot.account.account
    sells = [one for one in orders if one.side is Side.SELL]
    buys = [one for one in orders if one.side is Side.BUY]
    left = {lot: dict(parts) for (where, lot), parts in past.lots.items() if where == account}
    trades = [_sale(snapshot, one, left) for one in sells]
    trades += [
        Trade(order_id(one), snapshot.as_of, account, one.symbol, Action.BUY, to_micros(one.quantity), to_nanos(one.limit))
        for one in buys
    ]
    return [one for one in trades if one.micros > 0]


def _sale(snapshot: Snapshot, order: Order, left: Mapping[str, dict[str, int]]) -> Trade:
    lots: dict[str, int] = {}
    for sale in order.lots:
        wanted = to_micros(sale.quantity)
        held = left.get(sale.lot, {})
        for trade, there in held.items():
            taken = min(wanted, there)
            if taken > 0:
                held[trade] -= taken
                wanted -= taken
                lots[trade] = lots.get(trade, 0) + taken
    quote = snapshot.quotes.get(order.symbol)
    price = min(order.limit, quote.bid) if quote is not None else order.limit
    return Trade(
        order_id(order), snapshot.as_of, snapshot.account.account, order.symbol, Action.SELL,
        sum(lots.values()), to_nanos(price), lots=tuple(lots.items()),
    )  # fmt: skip
