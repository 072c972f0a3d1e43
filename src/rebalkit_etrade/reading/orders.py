"""Orders, previews, placements, cancellations."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rebalkit_etrade.reading.fields import Fields, unreadable
from rebalkit_etrade.records import CancelAnswer, ListedOrder, Message, OrderLeg, PlaceAnswer, PreviewAnswer

__all__ = ["cancelled_in", "orders_in", "placed_in", "preview_in"]


def orders_in(answer: Fields) -> tuple[tuple[ListedOrder, ...], str]:
    """The orders of one page of an ``OrdersResponse``, newest first, and its marker, empty on the last page."""
    orders = tuple(
        _part(one, part, detail) for one in answer.some("Order") for part, detail in enumerate(one.some("OrderDetail"))
    )
    return orders, answer.label("marker")


def _part(one: Fields, part: int, detail: Fields) -> ListedOrder:
    events = one.one("Events").many("Event") if one.has("Events") else []
    legs = tuple(_leg(leg, events) for leg in detail.some("Instrument"))
    limit, stop = detail.amount_or_none("limitPrice"), detail.amount_or_none("stopPrice")
    return ListedOrder(
        order=one.whole("orderId"),
        part=part,
        placed=detail.moment("placedTime"),
        executed=detail.moment_or_none("executedTime"),
        status=detail.text("status").upper(),
        term=detail.text_or("orderTerm").upper(),
        price_type=detail.text("priceType").upper(),
        limit=limit or None,
        stop=stop or None,
        session=detail.text_or("marketSession").upper(),
        all_or_none=detail.flag("allOrNone"),
        replaces=detail.whole_or_none("replacesOrderId") or None,
        replaced_by=detail.whole_or_none("replacedByOrderId") or None,
        legs=legs,
    )


def _leg(one: Fields, events: Sequence[Fields]) -> OrderLeg:
    product = one.one("Product")
    # The page of one order has another name for it, and no filled shares (observed in the sandbox).
    ordered = one.amount("orderedQuantity" if one.has("orderedQuantity") or not events else "quantity")
    filled = _never_filled(one, events) if events and not one.has("filledQuantity") else one.amount("filledQuantity")
    average = one.amount_or_none("averageExecutionPrice")
    security = product.text("securityType").upper()
    # Of a fund the order may be in dollars; of an option that ends worthless the price is 0 (observed).
    if security == "EQ" and not 0 <= filled <= ordered:
        raise unreadable(one.place, f"{filled} of {ordered} shares cannot be filled")
    if security == "EQ" and filled and not average:
        raise unreadable(one.place, f"{filled} shares are filled at no price")
    return OrderLeg(
        symbol=product.text("symbol").upper(),
        security=security,
        action=one.text("orderAction").upper(),
        ordered=ordered,
        filled=filled,
        average_price=average if filled else None,
        commission=one.amount_or_none("estimatedCommission"),
        fees=one.amount_or_none("estimatedFees"),
    )


def _never_filled(one: Fields, events: Sequence[Fields]) -> Decimal:
    """0, when no event tells of filled shares; how they add up where some do is not known."""
    if any(leg.amount_or_none("filledQuantity") for event in events for leg in event.many("Instrument")):
        raise unreadable(one.place, "its filled shares are told by its events only: look into the list of orders")
    return Decimal(0)


def preview_in(answer: Fields) -> PreviewAnswer:
    """The preview of a ``PreviewOrderResponse``."""
    order, number = answer.one("Order"), _only_id(answer, "PreviewIds", "previewId")
    if number <= 0:
        raise unreadable(answer.place, f"{number} is no number of a preview")
    return PreviewAnswer(
        preview=number,
        total=order.amount_or_none("estimatedTotalAmount"),
        commission=order.amount_or_none("estimatedCommission"),
        fees=order.amount_or_none("estimatedFees"),
        messages=_messages(order),
        at=answer.moment_or_none("previewTime"),
        order=order.plain(),
        account_id=answer.label("accountId"),
    )


def placed_in(answer: Fields) -> PlaceAnswer:
    """The placement of a ``PlaceOrderResponse``; the number may stand at the top, too (documented)."""
    order = answer.one("Order")
    listed = answer.has("OrderIds")
    number = _only_id(answer, "OrderIds", "orderId") if listed else answer.whole("orderId")
    if number <= 0:
        raise unreadable(answer.place, f"{number} is no number of an order")
    if listed and answer.has("orderId") and answer.whole("orderId") != number:
        raise unreadable(answer.place, f"the order is {number} and {answer.whole('orderId')} at once")
    return PlaceAnswer(number, _messages(order), answer.moment_or_none("placedTime"), answer.label("accountId"))


def cancelled_in(answer: Fields) -> CancelAnswer:
    """The answer to a cancellation, a ``CancelOrderResponse``."""
    return CancelAnswer(answer.whole("orderId"), _messages(answer))


def _only_id(answer: Fields, listed: str, name: str) -> int:
    found = [one.whole(name) for one in answer.many(listed)]
    if len(found) != 1:
        raise unreadable(answer.place, f"{listed} holds {len(found)} numbers instead of one")
    return found[0]


def _messages(one: Fields) -> tuple[Message, ...]:
    if not one.has("messages"):
        return ()
    return tuple(
        Message(message.label("code") or None, message.text_or("description"), message.text_or("type").upper())
        for message in one.one("messages").many("Message")
    )
