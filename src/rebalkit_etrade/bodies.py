"""Bodies of requests. Lists are lists even with one element: E*TRADE refuses objects in their place (observed)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rebalkit.errors import UsageError
from rebalkit.money import plain
from rebalkit_etrade.ticket import OrderTicket

__all__ = ["cancel_body", "place_body", "preview_body"]


def preview_body(ticket: OrderTicket) -> dict[str, Any]:
    """The body of a preview."""
    return {"PreviewOrderRequest": _order(ticket)}


def place_body(ticket: OrderTicket, preview: int) -> dict[str, Any]:
    """The body that places what ``preview`` is of: the very same, with the number of the preview."""
    return {"PlaceOrderRequest": {**_order(ticket), "PreviewIds": [{"previewId": preview}]}}


def cancel_body(order: int) -> dict[str, Any]:
    """The body of a cancellation."""
    return {"CancelOrderRequest": {"orderId": order}}


def _order(ticket: OrderTicket) -> dict[str, Any]:
    """What preview and placement have in common. Elements without a value are left out."""
    instrument: dict[str, Any] = {
        "Product": {"securityType": "EQ", "symbol": ticket.symbol},
        "orderAction": ticket.action,
        "quantityType": "QUANTITY",
        "quantity": _number(ticket.quantity),
    }
    if ticket.lots:
        instrument["Lots"] = {"Lot": [{"id": lot, "size": _number(shares)} for lot, shares in ticket.lots]}
    return {
        "orderType": "EQ",
        "clientOrderId": ticket.client_id,
        "Order": [
            {
                "allOrNone": False,
                "priceType": "LIMIT",
                "limitPrice": _number(ticket.limit),
                "orderTerm": "GOOD_FOR_DAY",
                "marketSession": "REGULAR",
                "Instrument": [instrument],
            }
        ],
    }


def _number(value: Decimal) -> int | float:
    """``value`` as JSON writes it: the shortest digits of a float are just its own. Raises UsageError where they are not."""
    if value == value.to_integral_value():
        return int(value)
    written = float(value)
    if Decimal(repr(written)) != value:
        raise UsageError(f"{plain(value)} has too many digits for an order", place="order", code="bad_order")
    return written
