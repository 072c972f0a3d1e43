"""From an approved plan to orders: sells, fills, cash read again, buys sized again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rebalkit.errors import BrokerError, UnknownOrderState
from rebalkit.execution.ids import client_id
from rebalkit.execution.sizing import Sized, affordable, size_buys
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderState, OrderStatus, Placed, Refused, Side
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
    """

    broker: Broker
    plan: Plan
    targets: Targets
    reserve: Decimal
    venue: VenueRules
    veto: Veto
    event: Event

    def previews(self) -> Sequence[OrderPreview]:
        """The broker's word on the sales, before anything is placed. Purchases can be previewed only once their cash is there.

        Raises BrokerError when the broker refuses one.
        """
        return [self.broker.preview(self.plan.account, self._sell_request(order)) for order in self.plan.sells]

    def run(self) -> Iterator[OrderResult]:
        """Place the sales, read the cash, size and place the purchases; gives the result of each order as soon as it has one.

        Raises UnknownOrderState when the broker leaves open whether it has an order; nothing more is placed then, and the result
        that was given last is that order's.
        """
        for order in self.plan.sells:
            yield from self._place(order, self._sell_request(order))
        if not self.plan.buys:
            return
        account = self.broker.snapshot(self.plan.account)
        symbols = {order.symbol for order in self.plan.buys} | {lot.symbol for lot in account.lots}
        quotes = self.broker.quotes(symbols)
        gone = sorted(symbols - set(quotes))
        if gone:
            for order in self.plan.buys:
                yield _not_placed(order, self._leg(order), f"no quote for {', '.join(gone)}")
            return
        for sized in size_buys(self.plan, self.targets, account, quotes, self.reserve, self.venue.share_step):
            yield from self._buy(sized)

    def _buy(self, sized: Sized) -> Iterator[OrderResult]:
        cash = self.broker.snapshot(self.plan.account).cash.total - self.reserve
        quantity = min(sized.quantity, affordable(cash, sized.limit, self.venue.share_step))
        request = OrderRequest(self._leg(sized.order), Side.BUY, sized.order.symbol, quantity, (), sized.limit)
        yield from self._place(sized.order, request)

    def _leg(self, order: Order) -> str:
        return client_id(self.plan.account, self.plan.plan_id, self.plan.orders.index(order))

    def _sell_request(self, order: Order) -> OrderRequest:
        return OrderRequest(self._leg(order), Side.SELL, order.symbol, order.quantity, order.lots, tick_down(order.limit))

    def _preview(self, request: OrderRequest) -> OrderPreview:
        """The broker's preview of ``request``; a purchase is cut to the most shares that it accepts and the cash pays, fees included.

        Fees are known only when the broker has seen an order, so that the last share may not fit any more.
        """
        if request.side is Side.SELL:
            return self.broker.preview(self.plan.account, request)
        try:
            return self._affordable_preview(request)
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
        preview = self.broker.preview(self.plan.account, request)
        most = max(preview.estimated, request.quantity * (request.limit or 0) + preview.fees)
        cash = self.broker.snapshot(self.plan.account).cash.total - self.reserve
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
        except BrokerError as problem:
            yield _not_placed(order, client, str(problem))
            return
        asked = preview.request.quantity
        answer = self.broker.place(self.plan.account, preview)
        if isinstance(answer, Refused):
            yield _not_placed(order, client, f"{answer.code}: {answer.message}", asked)
        elif isinstance(answer, Placed):
            status = self._ended(answer.order)
            message = "" if status.state is OrderState.FILLED else f"{status.filled} of {status.quantity} shares were filled"
            yield OrderResult(
                client, order.side, order.symbol, order.quantity, asked,
                status.filled, status.average_price, status.fees, status.state, message,
            )  # fmt: skip
        else:
            yield _not_placed(order, client, f"it is not known whether it was placed: {answer.why}", asked)
            raise UnknownOrderState(
                f"it is not known whether the order to {order.side} {asked} {order.symbol} was placed: {answer.why}",
                code="unknown_order",
                remedy=f"Look for client id {client} at the broker before anything else is done.",
            )

    def _ended(self, order: str) -> OrderStatus:
        """The terminal state of ``order``: what a simulated broker did not fill at once is cancelled, and what filled is taken."""
        since = self.plan.as_of - dt.timedelta(days=1)
        status = next(one for one in self.broker.orders(self.plan.account, since) if one.order == order)
        self.event(status)
        if status.state is OrderState.OPEN:
            status = self.broker.cancel(self.plan.account, order)
            self.event(status)
        return status


def _not_placed(order: Order, client: str, message: str, asked: Decimal = Decimal(0)) -> OrderResult:
    return OrderResult(client, order.side, order.symbol, order.quantity, asked, Decimal(0), None, Decimal(0), None, message)
