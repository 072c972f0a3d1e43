"""Orders as the list shows them, in the core's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rebalkit.model import OpenOrder, OrderState, OrderStatus, Side
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import ListedOrder, OrderLeg
from rebalkit_etrade.tickers import SECURITIES, is_ticker

__all__ = ["open_orders_in", "status_of", "statuses_in"]

_STATES = {
    "OPEN": OrderState.OPEN,
    "PARTIAL": OrderState.OPEN,
    "INDIVIDUAL_FILLS": OrderState.OPEN,
    "CANCEL_REQUESTED": OrderState.OPEN,
    "EXECUTED": OrderState.FILLED,
    "DONE_TRADE_EXECUTED": OrderState.FILLED,
    "CANCELLED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
    "DO_NOT_EXERCISE": OrderState.CANCELLED,
}
"""What each status means (documented, with those seen beside them). Another one is an error: nobody knows whether it may still fill."""


def statuses_in(orders: Sequence[ListedOrder]) -> list[OrderStatus]:
    """All orders, oldest first. Each part and each security of an order of several is one of its own, under a number with a dot."""
    found = [status_of(one, number) for one in orders for number in range(len(one.legs))]
    return sorted(found, key=lambda one: (one.placed, one.order))


def status_of(one: ListedOrder, number: int = 0) -> OrderStatus:
    """One security of an order. Raises DataError for a status or an action that is not known."""
    leg = one.legs[number]
    state = _STATES.get(one.status)
    if state is None:
        raise unreadable(f"order {one.order}", f"its status is {one.status!r}, which is not known")
    if leg.security not in SECURITIES or (leg.security == "EQ" and not is_ticker(leg.symbol)):
        raise unreadable(f"order {one.order}", f"it is for {leg.symbol!r} of the kind {leg.security!r}, which is not known")
    several = one.part or number or len(one.legs) > 1
    fees = (leg.commission or Decimal(0)) + (leg.fees or Decimal(0)) if leg.filled else Decimal(0)
    return OrderStatus(
        order=f"{one.order}.{one.part}.{number}" if several else str(one.order),
        client_id=None,
        side=_side(one, leg),
        symbol=leg.symbol,
        quantity=leg.ordered,
        filled=leg.filled,
        average_price=leg.average_price,
        fees=fees,
        state=state,
        placed=one.placed,
        limit=one.limit,
    )


def _side(one: ListedOrder, leg: OrderLeg) -> Side:
    if leg.action.startswith("BUY"):
        return Side.BUY
    if leg.action.startswith("SELL") or leg.action == "EXCHANGE":
        return Side.SELL
    raise unreadable(f"order {one.order}", f"its action is {leg.action!r}, which is not known")


def open_orders_in(orders: Iterable[ListedOrder]) -> tuple[OpenOrder, ...]:
    """The orders that may still fill, of securities of every kind: all of them bind cash or shares."""
    return tuple(_open(orders))


def _open(orders: Iterable[ListedOrder]) -> Iterator[OpenOrder]:
    for one in orders:
        for number, _ in enumerate(one.legs):
            status = status_of(one, number)
            if status.state is OrderState.OPEN and is_ticker(status.symbol):
                yield OpenOrder(status.order, status.side, status.symbol, status.quantity - status.filled, status.limit)
