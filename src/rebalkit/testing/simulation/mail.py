"""The way of an order to the broker and of the answer back, with all that gets lost, late, or doubled on it."""

from __future__ import annotations

from typing import Any

from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.model.orders import OrderRequest, OrderState, OrderStatus, Placed, PlaceResult, Refused, Unknown
from rebalkit.testing.simulation.harm import Witness
from rebalkit.testing.simulation.orders import Piece, SimOrder
from rebalkit.testing.simulation.outside import Outside
from rebalkit.testing.simulation.venue import Venue

__all__ = ["Mail"]

_RAISED: tuple[BaseException, ...] = (
    TimeoutError("no answer"),
    ConnectionResetError("the connection was reset"),
    ValueError("no JSON"),
    KeyError("OrderIds"),
    BrokerError("an odd page", code="unreachable"),
    LoginRequired("the session is over"),
    SystemExit(3),
    RecursionError("too deep"),
)


class Mail:
    """Carries orders and cancellations.

    Args:
        venue: Where they go.
        outside: Others, who may place the same.
        witness: Judges what lands.
        dedupes: Whether the broker refuses a second order of one client id.
    """

    def __init__(self, venue: Venue, outside: Outside, witness: Witness, *, dedupes: bool) -> None:
        self._venue = venue
        self._outside = outside
        self._witness = witness
        self._dedupes = dedupes
        self._dice = venue.dice
        venue.on_arrival = self._arrive

    def post(self, request: OrderRequest) -> PlaceResult:
        """Send an order."""
        dice, happens = self._dice, self._dice.happens
        self._witness.sent(request)
        if happens("foreign_twin"):
            self._outside.twin(request)
        if happens("preview_expired"):
            return Refused("preview_expired", "timed out your original order")
        if happens("refused"):
            return Refused("halted", f"{request.symbol} is halted")
        if happens("lost_request"):
            return Unknown("no answer within 30 seconds")
        if happens("late_request"):
            self._venue.delay(request, dice.randrange(1, 50_000))
            return Unknown("no answer within 30 seconds")
        if happens("interrupt_place"):
            if dice.random() < 0.5:
                self._arrive(request)
            raise KeyboardInterrupt
        if happens("server_error"):
            if dice.random() < 0.5:
                self._arrive(request)
            return Unknown(f"the broker answered {dice.choice((500, 502, 503, 504))}")
        if happens("place_raises"):
            if dice.random() < 0.5:
                self._arrive(request)
            raise dice.choice(_RAISED)
        if happens("odd_answer"):
            if dice.random() < 0.5:
                self._arrive(request)
            odd: PlaceResult = self._odd(request)
            return odd
        return self._answered(request)

    def _odd(self, request: OrderRequest) -> Any:
        """An answer from which nothing follows."""
        others = [one.order for one in self._venue.orders.values() if one.client_id != request.client_id]
        return self._dice.choice(
            (None, "OK", Placed(""), {"OrderIds": []}, *(Placed(one) for one in others if self._is_ours(one)))
        )

    def _is_ours(self, order: str) -> bool:
        return self._venue.orders[order].ours

    def _answered(self, request: OrderRequest) -> PlaceResult:
        dice = self._dice
        before = self._known(request)
        order = self._arrive(request)
        if dice.happens("foreign_twin"):
            self._outside.twin(request)
        if dice.happens("doubled_request") and not self._dedupes:
            self._landed(request, doubled=True)
        if dice.happens("lost_reply"):
            return Unknown("no answer within 30 seconds")
        if dice.happens("duplicate_answer") or (before is not None and dice.random() < 0.5):
            return Refused("duplicate_client_id", "this order was placed before")
        return Placed(order.order)

    def _known(self, request: OrderRequest) -> SimOrder | None:
        """The order of this client id that the broker has, where it looks at them."""
        if not self._dedupes:
            return None
        return next((one for one in self._venue.orders.values() if one.client_id == request.client_id), None)

    def _arrive(self, request: OrderRequest) -> SimOrder:
        return self._known(request) or self._landed(request)

    def _landed(self, request: OrderRequest, *, doubled: bool = False) -> SimOrder:
        order = self._venue.land(request, doubled=doubled)
        self._witness.landed(order, request)
        self._venue.progress()
        return order

    def cancel(self, order: SimOrder, echo: bool) -> OrderStatus:
        """Ask to cancel ``order``; ``echo`` says whether the answer shows its client id. Raises BrokerError for some answers."""
        dice, venue = self._dice, self._venue
        now = venue.clock.milliseconds
        if order.state is not OrderState.OPEN:
            if dice.random() < 0.5:
                raise BrokerError(f"the order is {order.state}", code="refused")
            return order.status(echo)
        if dice.happens("cancel_refused"):
            venue.fill(order, order.micros - order.filled)
            raise BrokerError("the order is executed already", code="refused")
        if dice.happens("cancel_lost"):
            if dice.random() < 0.5:
                order.cancel_at = now
                venue.progress()
            raise BrokerError("no answer within 30 seconds", code="unreachable")
        if dice.happens("cancel_slow"):
            if dice.random() < 0.8:
                order.cancel_at = now + dice.randrange(1, 120) * 1000
            return order.status(echo)
        rest = order.micros - order.filled
        order.cancel_at = now
        venue.progress()
        if rest and dice.happens("late_fill"):
            size = dice.randrange(1, rest + 1)
            if rest % 10**6 == 0:
                size = max(10**6, size // 10**6 * 10**6)
            order.pieces = [Piece(now + dice.randrange(1, 300) * 1000, size, late=True)]
        return order.status(echo)
