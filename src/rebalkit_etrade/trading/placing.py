"""Orders on their way to E*TRADE: what was previewed is what is placed, to the letter, and every answer proves something or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import BrokerError, RebalkitError
from rebalkit.model import OrderPreview, OrderRequest, Placed, PlaceResult, Refused, Side, Unknown
from rebalkit_etrade.answers import EtradeError
from rebalkit_etrade.bodies import place_body, preview_body
from rebalkit_etrade.client import Client
from rebalkit_etrade.reading.fields import Fields
from rebalkit_etrade.records import Account, PreviewAnswer
from rebalkit_etrade.ticket import OrderTicket
from rebalkit_etrade.trading.belonging import refuse_another
from rebalkit_etrade.trading.refusals import judged

__all__ = ["Desk"]

_LIVES = dt.timedelta(seconds=150)
"""How long a preview is used: it can be placed for three minutes (documented)."""


@frozen
class _Previewed:
    """What E*TRADE has seen, and in which account."""

    key: str
    request: OrderRequest
    ticket: OrderTicket


class Desk:
    """Previews and places orders.

    Args:
        client: Asks E*TRADE.
        now: What time it is there.
    """

    def __init__(self, client: Client, now: Callable[[], dt.datetime]) -> None:
        self._client = client
        self._now = now
        self._previewed: dict[str, _Previewed] = {}

    def preview(self, account: Account, request: OrderRequest) -> OrderPreview:
        """E*TRADE's word on an order. Raises BrokerError when it refuses it, or answers for another one."""
        ticket = _ticket(request)
        asked_at = self._now()
        answer = self._client.preview(account.key, ticket)
        refuse_another(account.account_id, answer.account_id, "preview")
        _refuse_another_order(ticket, answer)
        self._previewed[str(answer.preview)] = _Previewed(account.key, request, ticket)
        fees = (answer.commission or Decimal(0)) + (answer.fees or Decimal(0))
        amount = request.quantity * ticket.limit
        estimated = abs(answer.total) if answer.total is not None else amount + (fees if request.side is Side.BUY else -fees)
        warnings = tuple(f"{one.text} ({one.code})" if one.code else one.text for one in answer.messages)
        return OrderPreview(str(answer.preview), request, estimated, fees, warnings, asked_at + _LIVES)

    def place(self, account: Account, preview: OrderPreview) -> PlaceResult:
        """Place what was previewed, once. Never raises: what is not certain is unknown."""
        known = self._previewed.get(preview.preview)
        if known is None or known != _Previewed(account.key, preview.request, known.ticket):
            return Refused("preview_expired", "this session has no preview of just this order")
        if preview.expires is not None and self._now() >= preview.expires:
            return Refused("preview_expired", "the preview is older than two and a half minutes")
        number = int(preview.preview)
        if not _same(preview_body(known.ticket), place_body(known.ticket, number)):
            return Refused("preview_expired", "the order is not the one that was previewed")
        try:
            answer = self._client.place(account.key, known.ticket, number)
            refuse_another(account.account_id, answer.account_id, "placement")
        except EtradeError as problem:
            return judged(problem)
        except RebalkitError as problem:
            return Unknown(problem.reason)
        errors = [one.text for one in answer.messages if one.kind == "ERROR"]
        if errors:
            return Unknown(f"E*TRADE gave the order the number {answer.order} and said: {'; '.join(errors)}")
        return Placed(str(answer.order))


def _ticket(request: OrderRequest) -> OrderTicket:
    if request.limit is None:
        raise BrokerError("E*TRADE is only ever sent limit orders", code="no_limit")
    lots = tuple((int(part.lot), part.quantity) for part in request.lots)
    return OrderTicket(request.client_id, request.side.value.upper(), request.symbol, request.quantity, request.limit, lots)


def _refuse_another_order(ticket: OrderTicket, answer: PreviewAnswer) -> None:
    """Raise BrokerError unless the preview is of the order that was asked about. The service itself does not compare them (observed)."""
    order = Fields(answer.order, "preview")
    instrument = order.one("Instrument")
    lots = [(one.whole("id"), one.amount("size")) for one in instrument.many("Lots") for one in one.many("Lot")]
    compared: dict[str, tuple[object, object]] = {
        "symbol": (instrument.one("Product").text("symbol").upper(), ticket.symbol),
        "action": (instrument.text("orderAction").upper(), ticket.action),
        "shares": (instrument.amount("quantity"), ticket.quantity),
        "limit": (_told(order, "limitPrice", ticket.limit), ticket.limit),
        "stop price": (_told(order, "stopPrice", Decimal(0)), 0),
        "all or none": (order.flag("allOrNone"), False),
        "kind of price": (order.text_or("priceType", "LIMIT").upper(), "LIMIT"),
        "term": (order.text_or("orderTerm", "GOOD_FOR_DAY").upper(), "GOOD_FOR_DAY"),
        "session": (order.text_or("marketSession", "REGULAR").upper(), "REGULAR"),
        "kind of quantity": (instrument.text_or("quantityType", "QUANTITY").upper(), "QUANTITY"),
        "kind of security": (instrument.one("Product").text_or("securityType", "EQ").upper(), "EQ"),
        "lots": (sorted(lots or ticket.lots), sorted(ticket.lots)),
    }
    for name, (told, wanted) in compared.items():
        if told != wanted:
            raise BrokerError(
                f"E*TRADE took the order for another one: the {name} is {told} instead of {wanted}", code="preview_differs"
            )
    errors = [one.text for one in answer.messages if one.kind == "ERROR"]
    if errors:
        raise BrokerError(f"E*TRADE says of the order: {'; '.join(errors)}", code="preview_refused")


def _told(order: Fields, name: str, silent: Decimal) -> Decimal:
    """An amount, ``silent`` where it is not said."""
    told = order.amount_or_none(name)
    return silent if told is None else told


def _same(preview: Mapping[str, Mapping[str, object]], placement: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether the two bodies are equal but for their names and the number of the preview."""
    (previewed,), (placed,) = preview.values(), placement.values()
    return {**previewed} == {name: value for name, value in placed.items() if name != "PreviewIds"}
