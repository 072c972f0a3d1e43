"""From an approved plan to orders: sells, fills, cash read again, buys sized again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rebalkit.errors import BlockedError, BrokerError, UnknownOrderState
from rebalkit.execution.ids import client_id
from rebalkit.execution.sizing import Sized, affordable, sell_limit, size_buys
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderState, OrderStatus, Placed, Refused, Side
from rebalkit.model.plans import Order, Plan
from rebalkit.model.reports import OrderResult
from rebalkit.model.snapshots import VenueRules
from rebalkit.model.targets import Targets

if TYPE_CHECKING:
    from rebalkit.plugin import Broker

__all__ = ["Executor", "check_account_unchanged"]

Veto = Callable[[OrderRequest], str | None]
Event = Callable[[OrderStatus], None]


def check_account_unchanged(broker: Broker, plan: Plan, cash_before: Decimal) -> None:
    """Raise BlockedError unless the account still is what ``plan`` was made for: its day, its cash, the lots to sell, no open order."""
    today = broker.today()
    if today != plan.as_of:
        raise BlockedError(
            f"the plan is for {plan.as_of}, but at the broker it is {today}",
            code="plan_stale",
            remedy="Plan again: `rebalkit plan`.",
        )
    account = broker.snapshot(plan.account)
    held = {lot.lot: lot for lot in account.lots}
    for order in plan.sells:
        for sale in order.lots:
            lot = held.get(sale.lot)
            if lot is None or lot.symbol != order.symbol or lot.quantity < sale.quantity:
                raise BlockedError(
                    f"lot {sale.lot} of {order.symbol} is not what it was when the plan was made",
                    code="account_changed",
                    remedy="Plan again: `rebalkit plan`.",
                )
    if account.cash.total != cash_before:
        raise BlockedError(
            f"the cash is {account.cash.total} USD, but was {cash_before} USD when the plan was made",
            code="account_changed",
            remedy="Plan again: `rebalkit plan`.",
        )
    if account.open_orders:
        raise BlockedError(
            f"an order for {account.open_orders[0].symbol} is open at the broker",
            code="open_order",
            remedy="Cancel it or wait until it is filled, then plan again.",
        )


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

    def run(self) -> Sequence[OrderResult]:
        """Place the sales, wait for their end, read the cash, size and place the purchases.

        Raises UnknownOrderState when the broker leaves open whether it has an order; nothing more is placed then.
        """
        results = [self._place(order, self._sell_request(order)) for order in self.plan.sells]
        if not self.plan.buys:
            return results
        account = self.broker.snapshot(self.plan.account)
        symbols = {order.symbol for order in self.plan.buys} | {lot.symbol for lot in account.lots}
        quotes = self.broker.quotes(symbols)
        gone = sorted(symbols - set(quotes))
        if gone:
            return [
                *results,
                *(_not_placed(order, self._leg(order), f"no quote for {', '.join(gone)}") for order in self.plan.buys),
            ]
        for sized in size_buys(self.plan, self.targets, account, quotes, self.reserve, self.venue.share_step):
            results.append(self._buy(sized))
        return results

    def _buy(self, sized: Sized) -> OrderResult:
        cash = self.broker.snapshot(self.plan.account).cash.total - self.reserve
        quantity = min(sized.quantity, affordable(cash, sized.limit, self.venue.share_step))
        request = OrderRequest(self._leg(sized.order), Side.BUY, sized.order.symbol, quantity, (), sized.limit)
        return self._place(sized.order, request)

    def _leg(self, order: Order) -> str:
        return client_id(self.plan.account, self.plan.plan_id, self.plan.orders.index(order))

    def _sell_request(self, order: Order) -> OrderRequest:
        return OrderRequest(self._leg(order), Side.SELL, order.symbol, order.quantity, order.lots, sell_limit(order.limit))

    def _preview(self, request: OrderRequest) -> OrderPreview:
        """The broker's preview of ``request``; a purchase that it refuses is cut to the most shares that it accepts.

        Fees are known only when the broker has seen an order, so that the last share may not fit any more.
        """
        try:
            return self.broker.preview(self.plan.account, request)
        except BrokerError:
            if request.side is Side.SELL:
                raise
        step, best = self.venue.share_step, None
        fits, refused = Decimal(0), (request.quantity / step).to_integral_value()
        reason = BrokerError("not even one share is accepted")
        while refused - fits > 1:
            half = (fits + refused) // 2
            try:
                best, fits = self.broker.preview(self.plan.account, evolve(request, quantity=half * step)), half
            except BrokerError as problem:
                reason, refused = problem, half
        if best is None:
            raise reason
        return best

    def _place(self, order: Order, request: OrderRequest) -> OrderResult:
        if request.quantity <= 0:
            return _not_placed(order, request.client_id, "there is not enough cash for a share")
        vetoed = self.veto(request)
        if vetoed is not None:
            return _not_placed(order, request.client_id, vetoed)
        try:
            preview = self._preview(request)
        except BrokerError as problem:
            return _not_placed(order, request.client_id, str(problem))
        answer = self.broker.place(self.plan.account, preview)
        if isinstance(answer, Refused):
            return _not_placed(order, request.client_id, f"{answer.code}: {answer.message}", preview.request.quantity)
        if not isinstance(answer, Placed):
            raise UnknownOrderState(
                f"it is not known whether the order to {request.side} {request.quantity} {request.symbol} was placed: {answer.why}",
                code="unknown_order",
                remedy=f"Look for client id {request.client_id} at the broker before anything else is done.",
            )
        status = self._ended(answer.order)
        return OrderResult(
            request.client_id, request.side, request.symbol, order.quantity, preview.request.quantity,
            status.filled, status.average_price, status.fees, status.state,
            "" if status.state is OrderState.FILLED else f"{status.filled} of {status.quantity} shares were filled",
        )  # fmt: skip

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
