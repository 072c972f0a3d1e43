"""What became of the orders of a run, out of the journal alone."""

from __future__ import annotations

from decimal import Decimal

from rebalkit.execution.machine import AT_BROKER, IN_DOUBT, OrderPhase
from rebalkit.execution.state import Leg, Run
from rebalkit.model.orders import OrderState
from rebalkit.model.reports import OrderResult

__all__ = ["result_of", "results"]

_STATES = {
    OrderPhase.FILLED: OrderState.FILLED,
    OrderPhase.CANCELLED: OrderState.CANCELLED,
    OrderPhase.EXPIRED: OrderState.EXPIRED,
    OrderPhase.REJECTED_LATE: OrderState.REJECTED,
    **dict.fromkeys(AT_BROKER, OrderState.OPEN),
}


def results(run: Run) -> tuple[OrderResult, ...]:
    """The result of every order of ``run``, in the plan's order."""
    return tuple(result_of(leg) for leg in run.legs.values())


def result_of(leg: Leg) -> OrderResult:
    """What became of one order so far."""
    request = leg.asked
    sent = leg.watermark is not None and leg.phase is not OrderPhase.NOT_PLACED
    asked = request.quantity if sent else Decimal(0)
    state, message = _STATES.get(leg.phase), leg.reason
    if leg.phase in IN_DOUBT:
        message = (
            f"it is not known whether it was placed: {leg.reason}" if leg.reason else "it is not known whether it was placed"
        )
    elif leg.order is not None and state is not OrderState.FILLED:
        message = f"{leg.filled} of {asked} shares were filled"
    return OrderResult(
        request.client_id,
        leg.planned.side,
        leg.planned.symbol,
        leg.planned.quantity,
        asked,
        leg.filled,
        leg.average_price,
        leg.fees,
        state,
        message,
    )
