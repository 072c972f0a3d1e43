"""The order of a drill: placed once, watched, cancelled, and followed to its end whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import BlockedError, DataError, UnknownOrderState
from rebalkit.model import OrderPreview, OrderRequest, Placed, Refused, Side
from rebalkit.money import plain
from rebalkit_etrade.client import Client
from rebalkit_etrade.drill.following import Following, OrdersSent
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.drill.watching import Watched
from rebalkit_etrade.reading.fields import Fields
from rebalkit_etrade.records import Account, ListedOrder
from rebalkit_etrade.redaction import named
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.wire.pace import Clock

__all__ = ["OrderDrill"]

_ECHOED = ("limitPrice", "priceType", "orderTerm", "marketSession", "allOrNone")
_ECHOED_OF_LEG = ("orderAction", "quantity", "quantityType", "Product", "Lots")


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
            BlockedError: The order was refused, or it was filled while something else went wrong.
            UnknownOrderState: Its end could not be seen: it may be open.
        """
        following = Following(self.client, self.clock, self.account, request)
        sent = OrdersSent(frozenset(one.order for one in following.listed()))
        held = self._held(request)
        preview = self._previewed(request)
        self.notebook.write("placing", client_id=request.client_id, limit=str(request.limit), known=sorted(sent.known))
        try:
            self._tried(following, sent, preview, twice, held)
        except BaseException as problem:
            if not sent.placements:
                self.notebook.write("ended", how="there is no order")
                raise
            traded = self._seen_off(following, sent)
            if traded:
                raise BlockedError(
                    f"the order was filled: {plain(traded)} shares", code="drill_filled", remedy="They were traded; look at them."
                ) from problem
            raise
        return self._seen_off(following, sent)

    def _tried(self, following: Following, sent: OrdersSent, preview: OrderPreview, twice: bool, held: Decimal | None) -> None:
        request = following.request
        self.tell(f"Placing {request.side.value} 1 {request.symbol} at {request.limit}.")
        started = self.clock.monotonic()
        if self._placed(sent, preview) and twice:
            self._double(sent, preview)
        mine = following.shown(sent)
        waited = f"{self.clock.monotonic() - started:.0f} seconds"
        self.notebook.found("listed_after", waited if mine else f"not after {waited}", "settled")
        if mine:
            self._listed_as(mine[0], request)
            self._held_back(held, request)

    def _previewed(self, request: OrderRequest) -> OrderPreview:
        # A preview of another order is refused by the broker; what is told here is which fields it could compare.
        preview = self.broker.preview(self.account.account_id, request)
        found, content = self.notebook.found, self.wire.content("PreviewOrderResponse")
        timed = "with its moment" if content.has("previewTime") else "without its moment"
        found("preview_id", f"it has, {timed}", "agrees" if content.has("previewTime") else "differs")
        order = content.one("Order")
        there = [name for name in _ECHOED if order.has(name)] + [
            name for name in _ECHOED_OF_LEG if order.one("Instrument").has(name)
        ]
        wanted = {"limitPrice", "orderAction", "quantity", "Product"}
        found("preview_echo", f"the same in {', '.join(there)}", "agrees" if wanted <= set(there) else "differs")
        total = order.amount_or_none("estimatedTotalAmount") or Decimal(0)
        sign = "above 0" if total > 0 else "below 0" if total < 0 else "0, or missing"
        found("preview_total", sign, "agrees" if (total > 0) == (request.side is Side.BUY) and total else "differs")
        found("preview_remarks", "; ".join(preview.warnings) or "none", "settled")
        return preview

    def _placed(self, sent: OrdersSent, preview: OrderPreview) -> bool:
        """Place it, once. Whether it is there: where the answer proves nothing the list will tell. Raises BlockedError for a refusal."""
        sent.placements += 1
        result = self.broker.place(self.account.account_id, preview)
        if isinstance(result, Refused):
            sent.placements -= 1
            raise BlockedError(
                f"E*TRADE refused the order: {result.message}",
                code="drill_refused",
                remedy="There is no order. Look into the notebook.",
            )
        if not isinstance(result, Placed):
            self.tell(f"The answer proves nothing: {result.why}. Looking for the order in the list.")
            return False
        sent.numbers.add(int(result.order))
        content = self.wire.content("PlaceOrderResponse")
        codes = _codes_in(content.one("Order"))
        self.notebook.found("placed_code", ", ".join(codes) or "none", "agrees" if codes == ["1026"] else "differs")
        where = [name for name in ("OrderIds", "orderId") if content.has(name)]
        self.notebook.found("placed_number", " and ".join(where), "agrees" if where == ["OrderIds"] else "differs")
        return True

    def _double(self, sent: OrdersSent, preview: OrderPreview) -> None:
        """Place it once more. Where the answer proves nothing a second order is looked for as long as for the first one."""
        sent.placements += 1
        result = self.broker.place(self.account.account_id, preview)
        if isinstance(result, Placed):
            sent.numbers.add(int(result.order))
            self.notebook.found("double", f"a second order, number {result.order}", "settled")
        elif isinstance(result, Refused):
            sent.placements -= 1
            self.notebook.found("double", f"it is refused: {result.message} ({result.code})", "settled")
        else:
            sent.doubtful += self.wire.last is not None and self.wire.last.status == 400
            self.notebook.found("double", f"it proves nothing: {result.why}", "settled")
            self.tell("Looking for a second order for a minute and a half. Look at E*TRADE's page, too.")

    def _listed_as(self, one: ListedOrder, request: OrderRequest) -> None:
        same = one.status == "OPEN" and one.limit == request.limit
        self.notebook.found("listed_as", f"{one.status}, limit {one.limit}", "agrees" if same else "differs")
        if self.wire.last is not None and str(one.order).encode() in self.wire.last.body:
            there = request.client_id.encode() in self.wire.last.body
            self.notebook.found("client_id", "it is" if there else "it is not", "differs" if there else "agrees")

    def _held(self, request: OrderRequest) -> Decimal | None:
        """What the order may hold back: cash for investment, which a margin account does not tell, or free shares of the lot."""
        with suppress(DataError):
            if request.side is Side.BUY:
                return None if self.account.mode == "MARGIN" else self.client.balance(self.account.key).cash_available
            for position in self.client.portfolio(self.account.key):
                if position.symbol == request.symbol and position.long:
                    for lot in self.client.lots(self.account.key, position.position):
                        if str(lot.lot) == request.lots[0].lot:
                            return lot.available
        return None

    def _held_back(self, before: Decimal | None, request: OrderRequest) -> None:
        after = self._held(request)
        if before is None or after is None:
            return
        what = "USD of the cash for investment" if request.side is Side.BUY else "shares of availableQty"
        self.notebook.found("held_back", f"it takes {plain(before - after)} {what}", "settled")

    def _seen_off(self, following: Following, sent: OrdersSent) -> Decimal:
        """Cancel what is open and see its end. The shares that were traded. A first Ctrl-C does not end this.

        Raises UnknownOrderState when the end cannot be seen.
        """
        problem: BaseException | None = None
        for _ in range(2):
            try:
                self.tell("Cancelling what was placed, and seeing its end.")
                return self._ended(following, sent)
            except BaseException as one:  # noqa: BLE001 - whatever it was, the order must not be left in silence
                problem = one
                if not isinstance(one, KeyboardInterrupt):
                    break
        request = following.request
        raise UnknownOrderState(
            f"the order of the drill may be open: {getattr(problem, 'reason', None) or 'it was not waited for'}",
            place=f"{request.side.value} 1 {request.symbol} at {request.limit}, {named(self.account.account_id)}",
            code="drill_unfinished",
            remedy=f"Look at E*TRADE's page, and cancel it there if it is. The notebook is {self.notebook.path}.",
        ) from problem

    def _ended(self, following: Following, sent: OrdersSent) -> Decimal:
        traded = Decimal(0)
        for one in following.to_the_end(sent):
            self.notebook.found("cancel_code", one.codes, "agrees" if one.codes in ("5011", "4186") else "differs")
            self.notebook.found("cancel_path", ", ".join(one.path), "agrees" if one.last.status == "CANCELLED" else "differs")
            again = following.ask_to_cancel(one.number)
            self.notebook.found("cancel_again", again, "agrees" if again == "5001" else "differs")
            traded += sum((leg.filled for leg in one.last.legs), Decimal(0))
        self.notebook.write("ended", how="seen", traded=str(traded))
        return traded


def _codes_in(order: Fields) -> list[str]:
    return [one.label("code") or "none" for block in order.many("messages") for one in block.many("Message")]
