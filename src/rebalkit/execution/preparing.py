"""The broker's word on an order before it is placed, and the most shares of a purchase that the cash pays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from rebalkit.errors import BrokerError, LoginRequired, UnknownOrderState
from rebalkit.execution.reading import read
from rebalkit.execution.world import World
from rebalkit.model.orders import OrderPreview, OrderRequest
from rebalkit.money import CENT, plain

__all__ = ["affordable_preview", "previewed"]


def previewed(world: World, account: str, request: OrderRequest) -> OrderPreview:
    """The broker's preview of exactly ``request``. Raises BrokerError when it refuses it or took it for another order."""
    preview = read(world, lambda: world.broker.preview(account, request))
    if preview.request != request:
        raise BrokerError(
            f"the broker took the order for another one: {_said(preview.request)} instead of {_said(request)}",
            code="preview_differs",
        )
    return preview


def affordable_preview(world: World, account: str, request: OrderRequest, cash: Decimal, step: Decimal) -> OrderPreview:
    """The preview of a purchase, cut to the most shares, in steps, that the broker accepts and ``cash`` USD pay.

    Fees are known only when the broker has seen an order, so that the last share may not fit any more.

    Raises BrokerError when not even one step fits.
    """

    def affordable(quantity: Decimal) -> OrderPreview:
        preview = previewed(world, account, evolve(request, quantity=quantity))
        most = worst_cost(preview)
        if most > cash:
            raise BrokerError(
                f"it would cost up to {plain(most)} USD with fees, and {plain(cash)} USD may be spent", code="cash_short"
            )
        return preview

    return _largest(affordable, request.quantity, step)


def _largest(attempt: Callable[[Decimal], OrderPreview], quantity: Decimal, step: Decimal) -> OrderPreview:
    """What ``attempt`` gives for the most shares, at most ``quantity``, that it does not refuse."""
    try:
        return attempt(quantity)
    except (LoginRequired, UnknownOrderState):
        raise
    except BrokerError as problem:
        reason = problem
    best = None
    fits, refused = Decimal(0), (quantity / step).to_integral_value()
    while refused - fits > 1:
        half = (fits + refused) // 2
        try:
            best, fits = attempt(half * step), half
        except (LoginRequired, UnknownOrderState):
            raise
        except BrokerError as problem:
            reason, refused = problem, half
    if best is None:
        raise reason
    return best


def worst_cost(preview: OrderPreview) -> Decimal:
    """USD that a purchase costs at most: what the broker estimates, or all shares at the limit with fees."""
    request = preview.request
    assert request.limit is not None
    at_limit = (request.quantity * request.limit).quantize(CENT, "ROUND_CEILING") + preview.fees
    return max(preview.estimated, at_limit)


def _said(request: OrderRequest) -> str:
    lots = f"{len(request.lots)} lots, client id {request.client_id}"
    return f"{request.side} {request.quantity} {request.symbol} at {request.limit}, {lots}"
