"""From an approved plan to orders: sells, fills, cash read again, buys sized again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from rebalkit.errors import BrokerError, LoginRequired, UnknownOrderState
from rebalkit.execution.ids import client_id
from rebalkit.execution.sizing import affordable, size_buys
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderState, OrderStatus, Placed, PlaceResult, Refused, Side, Unknown
from rebalkit.model.plans import Order, Plan
from rebalkit.model.reports import OrderResult
from rebalkit.model.snapshots import VenueRules
from rebalkit.model.targets import Targets
from rebalkit.money import tick_down

if TYPE_CHECKING:
    from rebalkit.plugin import Broker

__all__ = ["Executor"]

Veto = Callable[[OrderRequest], str | None]
Event = Callable[[OrderStatus], None]


@frozen
class Executor:
    """Carries out one plan at one broker, each order at most once.

    Attributes:
        broker: Where the orders go.
        plan: The approved plan.
        targets: Its targets, for sizing the purchases again.
        reserve: USD never spent.
        venue: What orders may be.
        veto: Asked before each order; a sentence keeps the order from being placed.
        event: Told of each order's state.
        legs: Every order of the plan, each with its client id.
    """

    broker: Broker
    plan: Plan
    targets: Targets
    reserve: Decimal
    venue: VenueRules
    veto: Veto
    event: Event
    legs: tuple[tuple[str, Order], ...] = field(init=False)

    @legs.default
    def _legs(self) -> tuple[tuple[str, Order], ...]:
        account, plan_id = self.plan.account, self.plan.plan_id
        return tuple((client_id(account, plan_id, number), order) for number, order in enumerate(self.plan.orders))

    def previews(self) -> Sequence[OrderPreview]:
        """The broker's word on the sales, before anything is placed. Purchases can be previewed only once their cash is there.

        Raises BrokerError when the broker refuses one.
        """
        return [self._previewed(request) for _, request in self._sales()]

    def run(self) -> Iterator[OrderResult]:
        """Place the sales, read the cash, size and place the purchases; gives the result of each order as soon as it has one.

        Raises UnknownOrderState when the broker leaves open whether it has an order; nothing more is placed then, and the result
        that was given last is that order's.
        """
        for order, request in self._sales():
            yield from self._place(order, request)
        purchases = [(client, order) for client, order in self.legs if order.side is Side.BUY]
        if not purchases:
            return
        account = self.broker.snapshot(self.plan.account)
        symbols = {order.symbol for _, order in purchases} | {lot.symbol for lot in account.lots}
        quotes = self.broker.quotes(symbols)
        gone = sorted(symbol for symbol in symbols if symbol not in quotes or not quotes[symbol].sane)
        if gone:
            for client, order in purchases:
                yield _not_placed(order, client, f"no usable quote for {', '.join(gone)}")
            return
        sizes = size_buys(self.plan, self.targets, account, quotes, self.reserve, self.venue.share_step)
        for (client, order), sized in zip(purchases, sizes, strict=True):
            quantity = min(sized.quantity, affordable(self._cash(), sized.limit, self.venue.share_step))
            yield from self._place(order, OrderRequest(client, Side.BUY, order.symbol, quantity, (), sized.limit))

    def _sales(self) -> Iterator[tuple[Order, OrderRequest]]:
        for client, order in self.legs:
            if order.side is Side.SELL:
                yield order, OrderRequest(client, Side.SELL, order.symbol, order.quantity, order.lots, tick_down(order.limit))

    def _cash(self) -> Decimal:
        """USD that may be spent now."""
        return self.broker.snapshot(self.plan.account).cash.total - self.reserve

    def _previewed(self, request: OrderRequest) -> OrderPreview:
        """The broker's preview of exactly ``request``. Raises BrokerError when it refuses it or took it for another order."""
        preview = self.broker.preview(self.plan.account, request)
        if preview.request != request:
            raise BrokerError(
                f"the broker took the order for another one: {_said(preview.request)} instead of {_said(request)}",
                code="preview_differs",
            )
        return preview

    def _preview(self, request: OrderRequest) -> OrderPreview:
        """The broker's preview of ``request``; a purchase is cut to the most shares that it accepts and the cash pays, fees included.

        Fees are known only when the broker has seen an order, so that the last share may not fit any more.
        """
        if request.side is Side.SELL:
            return self._previewed(request)
        try:
            return self._affordable_preview(request)
        except (LoginRequired, UnknownOrderState):
            raise
        except BrokerError as problem:
            reason = problem
        step, best = self.venue.share_step, None
        fits, refused = Decimal(0), (request.quantity / step).to_integral_value()
        while refused - fits > 1:
            half = (fits + refused) // 2
            try:
                best, fits = self._affordable_preview(evolve(request, quantity=half * step)), half
            except BrokerError as problem:
                reason, refused = problem, half
        if best is None:
            raise reason
        return best

    def _affordable_preview(self, request: OrderRequest) -> OrderPreview:
        preview = self._previewed(request)
        most = max(preview.estimated, request.quantity * (request.limit or 0) + preview.fees)
        cash = self._cash()
        if most > cash:
            raise BrokerError(f"it would cost up to {most} USD with fees, and {cash} USD may be spent", code="cash_short")
        return preview

    def _place(self, order: Order, request: OrderRequest) -> Iterator[OrderResult]:
        client = request.client_id
        if request.quantity <= 0:
            yield _not_placed(order, client, "there is not enough cash for a share")
            return
        vetoed = self.veto(request)
        if vetoed is not None:
            yield _not_placed(order, client, vetoed)
            return
        try:
            preview = self._preview(request)
        except (LoginRequired, UnknownOrderState):
            raise
        except BrokerError as problem:
            yield _not_placed(order, client, str(problem))
            return
        asked = preview.request.quantity
        answer = self._answer(preview)
        if isinstance(answer, Refused):
            yield _not_placed(order, client, f"{answer.code}: {answer.message}", asked)
        elif isinstance(answer, Placed):
            yield from self._placed(order, client, asked, answer.order)
        else:
            yield _not_placed(order, client, f"it is not known whether it was placed: {answer.why}", asked)
            raise _unknown(order, client, asked, f"was placed: {answer.why}")

    def _answer(self, preview: OrderPreview) -> PlaceResult:
        """What the broker says of the order. Whatever goes wrong once it was sent, the broker may have it."""
        try:
            answer: object = self.broker.place(self.plan.account, preview)
        except Exception as problem:  # noqa: BLE001 - a broker must answer with a value; one that fails has not said no
            return Unknown(_failure(problem))
        if isinstance(answer, (Placed, Refused, Unknown)):
            return answer
        return Unknown(f"the broker answered with {type(answer).__name__}")

    def _placed(self, order: Order, client: str, asked: Decimal, placed: str) -> Iterator[OrderResult]:
        """What became of the order with the broker's id ``placed``: what did not fill at once is cancelled, what filled is taken.

        Raises UnknownOrderState, after the result, when the broker does not say how the order ended.
        """
        status, problem = self._ended(placed)
        if status is None:
            filled, price, fees, state = Decimal(0), None, Decimal(0), OrderState.OPEN
        else:
            filled, price, fees, state = status.filled, status.average_price, status.fees, status.state
        message = problem
        if not problem and state is not OrderState.FILLED:
            message = f"{filled} of {asked} shares were filled"
        yield OrderResult(client, order.side, order.symbol, order.quantity, asked, filled, price, fees, state, message)
        if problem:
            raise _unknown(order, client, asked, f"is still open under the broker's number {placed}: {problem}")

    def _ended(self, placed: str) -> tuple[OrderStatus | None, str]:
        """The last that the broker says of the order, and why that is not its end; empty when it is."""
        status: OrderStatus | None = None
        try:
            since = self.plan.as_of - dt.timedelta(days=1)
            status = next((one for one in self.broker.orders(self.plan.account, since) if one.order == placed), None)
            if status is None:
                return None, "the broker does not list it"
            self.event(status)
            if status.state is OrderState.OPEN:
                status = self.broker.cancel(self.plan.account, placed)
                self.event(status)
        except Exception as problem:  # noqa: BLE001 - the order is at the broker, whatever fails here
            return status, _failure(problem)
        return status, "the broker keeps it open after it was cancelled" if status.state is OrderState.OPEN else ""


def _said(request: OrderRequest) -> str:
    limit = "at the market" if request.limit is None else f"at {request.limit}"
    return f"{request.side} {request.quantity} {request.symbol} {limit}, {len(request.lots)} lots, client id {request.client_id}"


def _failure(problem: Exception) -> str:
    return str(problem) if isinstance(problem, BrokerError) else f"{type(problem).__name__}: {problem}"


def _unknown(order: Order, client: str, asked: Decimal, what: str) -> UnknownOrderState:
    return UnknownOrderState(
        f"it is not known whether the order to {order.side} {asked} {order.symbol} {what}",
        code="unknown_order",
        remedy=f"Look for client id {client} at the broker before anything else is done.",
    )


def _not_placed(order: Order, client: str, message: str, asked: Decimal = Decimal(0)) -> OrderResult:
    return OrderResult(client, order.side, order.symbol, order.quantity, asked, Decimal(0), None, Decimal(0), None, message)
