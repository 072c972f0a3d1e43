"""What a person says of an order of which no proof was found."""

from __future__ import annotations

from rebalkit.errors import UsageError
from rebalkit.execution.events import Kind
from rebalkit.execution.machine import IN_DOUBT, OrderPhase
from rebalkit.execution.reading import listed_orders
from rebalkit.execution.state import Leg, Run
from rebalkit.execution.world import World

__all__ = ["answer"]


def answer(world: World, run: Run, number: int, order: str | None) -> None:
    """Record that the order ``number`` of ``run`` is the broker's order ``order``, or that it was not placed when that is None.

    A number that the broker only answered with, and that its list has not shown as this order, may be answered for, too.

    Raises:
        UsageError: The order is not in doubt, or the broker lists no such order, or it is another one.
    """
    leg = run.legs[number]
    request = leg.asked
    if leg.phase not in IN_DOUBT and not leg.only_answered:
        raise UsageError(f"the order {leg.planned.client_id} is not in doubt: it is {leg.phase.value}", code="not_in_doubt")
    if order is None:
        _put_in_doubt(world, run, leg)
        said = "a person says that the broker does not have it"
        world.journal.record(Kind.NOT_PLACED, run.run, number, request.client_id, reason=said, by="person")
        return
    status = next((one for one in listed_orders(world, run) if one.order == order), None)
    if status is None:
        raise UsageError(
            f"the broker lists no order {order!r}", code="no_such_order", remedy="Give its number as the broker shows it."
        )
    if world.journal.state.orders.get(order, (run.run, number)) != (run.run, number):
        raise UsageError(f"the broker's order {order} is another order of this journal", code="order_claimed")
    if (status.side, status.symbol, status.quantity) != (request.side, request.symbol, request.quantity):
        raise UsageError(
            f"the broker's order {order} is to {status.side} {status.quantity} {status.symbol}, "
            f"not to {request.side} {request.quantity} {request.symbol}",
            code="another_order",
        )
    _put_in_doubt(world, run, leg)
    world.journal.record(Kind.ACK, run.run, number, request.client_id, order=order, by="person")


def _put_in_doubt(world: World, run: Run, leg: Leg) -> None:
    """Write down that the order was in doubt before the person spoke, where that is not in the journal yet."""
    if leg.phase is OrderPhase.SENDING:
        reason = "the program ended before an answer was recorded"
    elif leg.only_answered:
        reason = f"the broker answered with the number {leg.order}, which its list has not shown"
    else:
        return
    world.journal.record(Kind.UNKNOWN, run.run, leg.number, leg.asked.client_id, reason=reason)
