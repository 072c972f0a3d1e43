"""Orders as the list shows them, in the core's terms."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rebalkit.model import OpenOrder, OrderState, OrderStatus, Side, is_ticker
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import ListedOrder, OrderLeg
from rebalkit_etrade.securities import SECURITIES

__all__ = ["ORDER_DAYS", "is_managed_leg", "is_open", "open_orders_in", "others_open_in", "status_of", "statuses_in"]

ORDER_DAYS = dt.timedelta(days=180)
"""Days back in which an order that is still open, or filled lately, was placed: good-until-cancelled ones end before (general terms)."""
_SHARES_OF_OPTION = 100
"""Shares that one contract is about (documented by the exchanges; contracts on fewer are rare and need less)."""

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

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9 .:/$'-]*")
"""What the symbol of a share, a bond, a fund or an option looks like."""


def statuses_in(orders: Sequence[ListedOrder]) -> list[OrderStatus]:
    """All orders of what can be managed, oldest first.

    Each part and each security of an order of several is one of its own, under a number with a dot.
    """
    found = [status_of(one, number) for one in orders for number, leg in enumerate(one.legs) if is_managed_leg(leg)]
    return sorted(found, key=lambda one: (one.placed, one.order))


def status_of(one: ListedOrder, number: int = 0) -> OrderStatus:
    """One security of an order. Raises DataError for a status or an action that is not known."""
    leg = one.legs[number]
    state = _state(one)
    several = one.part or len(one.legs) > 1
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
    if leg.action.startswith("SELL"):
        return Side.SELL
    raise unreadable(f"order {one.order}", f"its action is {leg.action!r}, which is not known")


def is_managed_leg(leg: OrderLeg) -> bool:
    """Whether it is of a share or fund with a ticker. Raises DataError for a kind or a symbol that is none."""
    if leg.security not in SECURITIES:
        raise unreadable(f"an order for {leg.symbol}", f"its securityType is {leg.security!r}, which is not known")
    if not _SYMBOL.fullmatch(leg.symbol):
        raise unreadable("orders", f"{leg.symbol!r} is no symbol of anything")
    return leg.security == "EQ" and is_ticker(leg.symbol)


def open_orders_in(orders: Iterable[ListedOrder]) -> tuple[OpenOrder, ...]:
    """The orders that may still fill and are of a ticker, those of options on it as so many shares of it: they bind cash and trades."""
    return tuple(_open(orders))


def others_open_in(orders: Iterable[ListedOrder]) -> list[str]:
    """What else may still fill, in words: nobody counts the cash that it binds."""
    return [
        f"order {one.order} for {leg.ordered} {leg.symbol} of the kind {leg.security}"
        for one in orders
        if _state(one) is OrderState.OPEN
        for leg in one.legs
        if not is_managed_leg(leg) and not _is_option(leg)
    ]


def _open(orders: Iterable[ListedOrder]) -> Iterator[OpenOrder]:
    for one in orders:
        for number, leg in enumerate(one.legs):
            if _state(one) is OrderState.OPEN and (is_managed_leg(leg) or _is_option(leg)):
                status = status_of(one, number)
                shares = _SHARES_OF_OPTION if _is_option(leg) else 1
                left = (status.quantity - status.filled) * shares
                yield OpenOrder(status.order, status.side, status.symbol, left, status.limit)


def _is_option(leg: OrderLeg) -> bool:
    return leg.security == "OPTN" and is_ticker(leg.symbol)


def is_open(one: ListedOrder) -> bool:
    """Whether it may still fill, of whatever kind it is. Raises DataError for a status that is not known."""
    return _state(one) is OrderState.OPEN


def _state(one: ListedOrder) -> OrderState:
    state = _STATES.get(one.status)
    if state is None:
        raise unreadable(f"order {one.order}", f"its status is {one.status!r}, which is not known")
    return state
