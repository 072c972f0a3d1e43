"""The order of a drill: placed once, watched, cancelled, and followed to its end whatever happens in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import BlockedError, BrokerError, DataError, RebalkitError, UnknownOrderState
from rebalkit.model import OrderPreview, OrderRequest, Placed, Refused, Side
from rebalkit.money import plain
from rebalkit_etrade.answers import EtradeError
from rebalkit_etrade.client import Client
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.drill.watching import Watched
from rebalkit_etrade.records import Account, ListedOrder, Message
from rebalkit_etrade.redaction import named
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.wire.pace import Clock

__all__ = ["OrderDrill"]

_STEP, _PATIENCE = 2.0, 90.0
"""Seconds between two looks at the list, and for how long it is looked at."""
_OVER = frozenset({"CANCELLED", "EXECUTED", "DONE_TRADE_EXECUTED", "EXPIRED", "REJECTED"})


@frozen
class OrderDrill:
    """Sends one order and follows it.

    Attributes:
        broker: Previews and places, as in any run.
        client: Asks, over ``wire``.
        wire: Has the answers as they came.
        notebook: Where everything goes.
        clock: Time, for waiting.
        account: The account.
        tell: Tells the person what happens.
    """

    broker: EtradeBroker
    client: Client
    wire: Watched
    notebook: Notebook
    clock: Clock
    account: Account
    tell: Callable[[str], None]

    def run(self, request: OrderRequest, *, twice: bool) -> Decimal:
        """Preview, place, look, cancel, and see the end.

        Args:
            request: The order.
            twice: Send the same placement once more, to see whether it is refused.

        Returns:
            Shares that were traded after all.

        Raises:
            BlockedError: The order was refused.
            UnknownOrderState: Its end could not be seen: it may be open.
        """
        known = {one.order for one in self._orders()}
        held = self._held(request)
        preview = self._previewed(request)
        self.notebook.write("placing", client_id=request.client_id, limit=str(request.limit), known=sorted(known))
        self.tell(f"Placing {request.side.value} 1 {request.symbol} at {request.limit}.")
        started = self.clock.monotonic()
        try:
            if self._placed(preview) and twice:
                self._double(preview)
            mine = self._waited_for(known, request, started)
            waited = f"{self.clock.monotonic() - started:.0f} seconds"
            self.notebook.found("listed_after", waited if mine else f"not after {waited}", "settled")
            if mine:
                self._listed_as(mine[0], request)
                self._held_back(held, request)
        except BlockedError:
            self.notebook.write("ended", how="refused")
            raise
        except BaseException:
            self.tell("Seeing the order off; Ctrl-C once more leaves it to you.")
            self._seen_off(known, request, started)
            raise
        return self._seen_off(known, request, started)

    def _orders(self) -> Sequence[ListedOrder]:
        today = self.broker.today()
        return self.client.orders(self.account.key, today, today + dt.timedelta(days=1))

    def _mine(self, known: Collection[int], request: OrderRequest) -> list[ListedOrder]:
        """Orders that were not there before, and are what was asked for."""
        wanted = (request.symbol, request.side.value.upper(), request.quantity)
        return [
            one
            for one in self._orders()
            if one.order not in known
            and one.limit == request.limit
            and [(leg.symbol, leg.action, leg.ordered) for leg in one.legs] == [wanted]
        ]

    def _previewed(self, request: OrderRequest) -> OrderPreview:
        preview = self.broker.preview(self.account.account_id, request)
        found, content = self.notebook.found, self.wire.content("PreviewOrderResponse")
        timed = "with its moment" if content.has("previewTime") else "without its moment"
        found("preview_id", f"it has, {timed}", "agrees" if content.has("previewTime") else "differs")
        # A preview of another order was refused by the broker.
        found("preview_echo", "symbol, action, shares and limit are the same", "agrees")
        total = content.one("Order").amount_or_none("estimatedTotalAmount") or Decimal(0)
        sign = "above 0" if total > 0 else "below 0" if total < 0 else "0, or missing"
        found("preview_total", sign, "agrees" if (total > 0) == (request.side is Side.BUY) and total else "differs")
        found("preview_remarks", "; ".join(preview.warnings) or "none", "settled")
        return preview

    def _placed(self, preview: OrderPreview) -> bool:
        """Place it, once. Whether it is there: where the answer proves nothing the list will tell. Raises BlockedError for a refusal."""
        result = self.broker.place(self.account.account_id, preview)
        if isinstance(result, Refused):
            raise BlockedError(
                f"E*TRADE refused the order: {result.message}",
                code="drill_refused",
                remedy="There is no order. Look into the notebook.",
            )
        if not isinstance(result, Placed):
            self.tell(f"The answer proves nothing: {result.why}. Looking for the order in the list.")
            return False
        content = self.wire.content("PlaceOrderResponse")
        codes = [str(one.plain().get("code")) for block in content.one("Order").many("messages") for one in block.many("Message")]
        self.notebook.found("placed_code", ", ".join(codes) or "none", "agrees" if codes == ["1026"] else "differs")
        where = [name for name in ("OrderIds", "orderId") if content.has(name)]
        self.notebook.found("placed_number", " and ".join(where), "agrees" if where == ["OrderIds"] else "differs")
        return True

    def _double(self, preview: OrderPreview) -> None:
        result = self.broker.place(self.account.account_id, preview)
        if isinstance(result, Placed):
            self.notebook.found("double", f"a second order, number {result.order}", "settled")
        elif isinstance(result, Refused):
            self.notebook.found("double", f"it is refused: {result.message} ({result.code})", "settled")
        else:
            self.notebook.found("double", f"it proves nothing: {result.why}", "settled")

    def _waited_for(self, known: Collection[int], request: OrderRequest, started: float) -> list[ListedOrder]:
        """The orders in the list; none when they do not show up."""
        while not (mine := self._mine(known, request)) and self.clock.monotonic() - started < _PATIENCE:
            self.clock.sleep(_STEP)
        return mine

    def _listed_as(self, one: ListedOrder, request: OrderRequest) -> None:
        self.notebook.found("listed_as", f"{one.status}, limit {one.limit}", "agrees" if one.status == "OPEN" else "differs")
        there = self.wire.last is not None and request.client_id.encode() in self.wire.last.body
        self.notebook.found("client_id", "it is" if there else "it is not", "differs" if there else "agrees")

    def _held(self, request: OrderRequest) -> Decimal | None:
        """What the order may hold back: cash for investment, or free shares of the lot."""
        try:
            if request.side is Side.BUY:
                return self.client.balance(self.account.key).cash_available
            (position,) = (one for one in self.client.portfolio(self.account.key) if one.symbol == request.symbol)
            lots = self.client.lots(self.account.key, position.position)
            return next(one.available for one in lots if str(one.lot) == request.lots[0].lot)
        except (DataError, ValueError):
            return None

    def _held_back(self, before: Decimal | None, request: OrderRequest) -> None:
        after = self._held(request)
        if before is None or after is None:
            return
        what = "USD of the cash for investment" if request.side is Side.BUY else "shares of availableQty"
        self.notebook.found("held_back", f"it takes {plain(before - after)} {what}", "settled")

    def _seen_off(self, known: Collection[int], request: OrderRequest, started: float) -> Decimal:
        """Cancel what is open and wait for the end. The shares that were traded. Raises UnknownOrderState when that cannot be seen."""
        try:
            mine = self._waited_for(known, request, started)
            if not mine:
                raise BrokerError("the list does not show it", code="not_listed")
            traded = sum((self._cancelled(one) for one in mine), Decimal(0))
        except (RebalkitError, KeyboardInterrupt) as problem:
            raise UnknownOrderState(
                f"the order of the drill may be open: {getattr(problem, 'reason', 'it was not waited for')}",
                place=f"{request.side.value} 1 {request.symbol} at {request.limit}, {named(self.account.account_id)}",
                code="drill_unfinished",
                remedy=f"Look at E*TRADE's page, and cancel it there if it is. The notebook is {self.notebook.path}.",
            ) from problem
        self.notebook.write("ended", how="seen", traded=str(traded))
        return traded

    def _cancelled(self, one: ListedOrder) -> Decimal:
        self.tell(f"Cancelling order {one.order}.")
        started = self.clock.monotonic()
        codes = self._ask_to_cancel(one.order)
        self.notebook.found("cancel_code", codes, "agrees" if codes in ("5011", "4186") else "differs")
        path: list[str] = []
        while True:
            now = next((order for order in self._orders() if order.order == one.order), one)
            seconds = self.clock.monotonic() - started
            if not path or not path[-1].startswith(now.status):
                path.append(f"{now.status} after {seconds:.0f} s")
            if now.status in _OVER:
                break
            if seconds > _PATIENCE:
                raise BrokerError(f"order {one.order} is {now.status} after {seconds:.0f} seconds", code="not_cancelled")
            self.clock.sleep(_STEP)
        self.notebook.found("cancel_path", ", ".join(path), "agrees" if now.status == "CANCELLED" else "differs")
        again = self._ask_to_cancel(one.order)
        self.notebook.found("cancel_again", again, "agrees" if again == "5001" else "differs")
        return sum((leg.filled for leg in now.legs), Decimal(0))

    def _ask_to_cancel(self, order: int) -> str:
        """Ask to cancel; the codes of the answer. An answer that got lost is none: how the order stands is looked at anyway."""
        try:
            return _codes(self.client.cancel(self.account.key, order).messages)
        except EtradeError as problem:
            return problem.number or f"HTTP {problem.status}"
        except (BrokerError, DataError) as problem:
            return f"no answer: {problem.reason}"


def _codes(messages: Sequence[Message]) -> str:
    return ", ".join(one.code or "none" for one in messages) or "none"
