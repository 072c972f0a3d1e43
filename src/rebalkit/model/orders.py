"""Orders: what a plan wants, what a broker is asked, and what it answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from rebalkit.model.lots import LotSale
from rebalkit.money import optional_decimal, to_decimal
from rebalkit.secrets.concealing import said, without_secrets

__all__ = [
    "OpenOrder",
    "OrderPreview",
    "OrderRequest",
    "OrderState",
    "OrderStatus",
    "PlaceResult",
    "Placed",
    "Refused",
    "Side",
    "Unknown",
]


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"


class OrderState(StrEnum):
    """Where an order stands at the broker. All but ``open`` are terminal; a terminal order may be partly filled."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


@frozen
class OpenOrder:
    """An order at the broker that may still fill.

    Attributes:
        order: The broker's order id.
        quantity: Shares not yet filled.
        limit: USD per share; None for a market order.
    """

    order: str
    side: Side
    symbol: str
    quantity: Decimal = field(converter=to_decimal)
    limit: Decimal | None = field(converter=optional_decimal, default=None)


@frozen
class OrderRequest:
    """What a broker is asked to do; made by the core, never by a plugin.

    Attributes:
        client_id: At most 20 letters and digits, minted by the core; the same order always has the same one.
        side: Buy or sell.
        symbol: Ticker.
        quantity: Shares, above 0.
        lots: For a sale the lots to sell, summing to ``quantity``; empty for a buy.
        limit: USD per share; None for a market order.
    """

    client_id: str
    side: Side
    symbol: str
    quantity: Decimal = field(converter=to_decimal)
    lots: tuple[LotSale, ...] = ()
    limit: Decimal | None = field(converter=optional_decimal, default=None)


@frozen
class OrderPreview:
    """A broker's word on a request before it is placed; nothing has been sent to the market.

    Attributes:
        preview: The broker's id of the preview.
        request: The request as the broker understood it.
        estimated: USD that the order would bring (sale) or cost (buy), fees included.
        fees: USD of fees in ``estimated``.
        warnings: The broker's remarks, untrusted text.
        expires: Moment after which it cannot be placed any more; None when it does not expire.
    """

    preview: str
    request: OrderRequest
    estimated: Decimal = field(converter=to_decimal)
    fees: Decimal = field(converter=to_decimal, default=Decimal(0))
    warnings: tuple[str, ...] = field(converter=said, default=())
    expires: dt.datetime | None = None


@frozen
class Placed:
    """The broker has the order under the id ``order``."""

    order: str


@frozen
class Refused:
    """The broker certainly does not have the order: its ``code`` and ``message`` prove it."""

    code: str = field(converter=without_secrets)
    message: str = field(converter=without_secrets)


@frozen
class Unknown:
    """The broker may or may not have the order; ``why`` says what was seen. Never to be treated as a failure."""

    why: str = field(converter=without_secrets)


PlaceResult = Placed | Refused | Unknown


@frozen
class OrderStatus:
    """An order as the broker lists it.

    Attributes:
        order: The broker's order id.
        client_id: The request's client id when the broker echoes it, else None.
        quantity: Shares asked for.
        filled: Shares filled so far.
        average_price: USD per filled share; None while nothing is filled.
        fees: USD charged so far.
        state: Where it stands.
        placed: When it was placed.
        lots: The lots sold so far as the broker reports them; empty for a buy or where it does not say.
        limit: USD per share; None for a market order.
    """

    order: str
    client_id: str | None
    side: Side
    symbol: str
    quantity: Decimal = field(converter=to_decimal)
    filled: Decimal = field(converter=to_decimal)
    average_price: Decimal | None = field(converter=optional_decimal)
    fees: Decimal = field(converter=to_decimal)
    state: OrderState
    placed: dt.datetime
    lots: tuple[LotSale, ...] = ()
    limit: Decimal | None = field(converter=optional_decimal, default=None)
