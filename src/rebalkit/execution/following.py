"""From the moment the broker has an order to its end: what fills is taken, what does not in time is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from rebalkit.errors import BlockedError, LoginRequired, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.reading import PATIENCE, listed_orders, read_part
from rebalkit.execution.state import Leg, Run
from rebalkit.execution.world import World
from rebalkit.model.orders import OrderState, OrderStatus, Side
from rebalkit.money import plain
from rebalkit.serial import to_plain

__all__ = ["check_lots_sold", "follow", "refuse_late_fills"]

Event = Callable[[OrderStatus], None]

_POLL = 5.0
"""Seconds between two looks, once the first quick ones are over."""
_CANCEL_WAIT = 60.0
"""Seconds that a broker has to end an order after it was asked to cancel it."""

_ENDS = {
    OrderState.CANCELLED: Kind.CANCELLED,
    OrderState.EXPIRED: Kind.EXPIRED,
    OrderState.REJECTED: Kind.REJECTED,
    OrderState.FILLED: Kind.FILLED,
}


def follow(world: World, run: Run, number: int, fill_wait: float, event: Event) -> None:
    """Look at the order until it has ended; cancel what has not filled after ``fill_wait`` seconds, or when a person wants to stop.

    It is in doubt again where the list shows that the number the broker answered with is another order's.

    Raises:
        UnknownOrderState: The broker does not say how it ended. It may still fill.
    """
    clock = world.clock
    deadline = clock.monotonic() + fill_wait
    last_look = deadline + _CANCEL_WAIT
    waits = _waits()
    while True:
        status = _status(world, run, number)
        if run.legs[number].phase is OrderPhase.UNKNOWN:
            return
        if status is not None:
            _take_in(world, run, number, status, event)
        leg = run.legs[number]
        if leg.ended:
            return
        now = clock.monotonic()
        if now >= last_look:
            raise _still_open(
                leg, "the broker does not list it" if status is None else "the broker keeps it open after it was cancelled"
            )
        if now >= deadline or world.asked_to_stop():
            deadline, last_look = now + _POLL, min(last_look, now + _CANCEL_WAIT)
            _cancel(world, run, number, event)
            if run.legs[number].ended:
                return
        clock.sleep(next(waits))


def _waits() -> Iterator[float]:
    yield from PATIENCE[1:4]
    while True:
        yield _POLL


def _status(world: World, run: Run, number: int) -> OrderStatus | None:
    """What the broker's list says of the order; None while it does not show it, or shows less than it did."""
    leg = run.legs[number]
    for one in listed_orders(world, run):
        if one.order == leg.order:
            if _is_another(leg, one) and leg.only_answered:
                reason = f"the broker answered with the number {one.order}, which is another order: {_said(one)}"
                world.journal.record(Kind.UNKNOWN, run.run, number, leg.asked.client_id, reason=reason)
                return None
            _refuse_another(leg, one)
            # A list may come late: what has filled stays filled, and an order is filled only with all of its shares.
            behind = one.filled < leg.filled or (one.state is OrderState.FILLED and one.filled < one.quantity)
            return None if behind else one
    return None


def _is_another(leg: Leg, status: OrderStatus) -> bool:
    request = leg.asked
    same = (status.side, status.symbol, status.quantity) == (request.side, request.symbol, request.quantity)
    return not same or status.client_id not in (request.client_id, None)


def _refuse_another(leg: Leg, status: OrderStatus) -> None:
    if _is_another(leg, status) or status.filled > status.quantity:
        raise _still_open(leg, f"the broker lists another order under its number: {_said(status)}")


def _take_in(world: World, run: Run, number: int, status: OrderStatus, event: Event) -> None:
    """Record what is new in ``status``, and tell of it."""
    leg = run.legs[number]
    state = status.state
    if state is OrderState.OPEN and status.filled == status.quantity:
        state = OrderState.FILLED
    if state is not OrderState.OPEN:
        kind = _ENDS[state]
    elif status.filled > leg.filled:
        kind = Kind.FILL
    elif leg.phase is OrderPhase.ACKED:
        kind = Kind.OPEN
    else:
        return
    record_fill(world, run, number, kind, status)
    event(status)


def record_fill(world: World, run: Run, number: int, kind: Kind, status: OrderStatus) -> None:
    """Write down how far ``status`` says the order is."""
    request = run.legs[number].asked
    price = None if status.average_price is None else plain(status.average_price)
    world.journal.record(
        kind, run.run, number, request.client_id, filled=plain(status.filled), price=price, fees=plain(status.fees)
    )


def _cancel(world: World, run: Run, number: int, event: Event) -> None:
    leg = run.legs[number]
    assert leg.order is not None
    world.journal.record(Kind.CANCELLING, run.run, number, leg.asked.client_id)
    try:
        status = world.broker.cancel(run.account, leg.order)
    except LoginRequired:
        raise
    except Exception:  # noqa: BLE001 - whatever the answer to a cancellation, the list of orders says how the order stands
        return
    if isinstance(status, OrderStatus) and status.order == leg.order and status.filled >= leg.filled:
        _refuse_another(leg, status)
        if status.state is not OrderState.FILLED or status.filled == status.quantity:
            _take_in(world, run, number, status, event)


def check_lots_sold(world: World, run: Run, number: int) -> None:
    """See that a sale took its shares out of the lots that it named, and out of no others.

    Raises:
        BlockedError: It did not; the sentence says which lots, and that brokers correct it until the trade settles.
    """
    leg = run.legs[number]
    if leg.planned.side is not Side.SELL or not leg.filled:
        return
    assert leg.watermark is not None
    asked = {part.lot: part.quantity for part in leg.asked.lots}
    sold: dict[str, Decimal] = {}
    for wait in PATIENCE:
        world.clock.sleep(wait)
        now = {lot.lot: lot.quantity for lot in read_part(world, run.account, (leg.planned.symbol,)).lots}
        sold = {lot: had - now.get(lot, Decimal(0)) for lot, had in leg.watermark.lots.items()}
        if sum(sold.values(), Decimal(0)) == leg.filled and all(0 <= taken <= asked.get(lot, 0) for lot, taken in sold.items()):
            return
    refuse_late_fills(world, run, listed_orders(world, run))
    told, wanted = (
        ", ".join(f"{plain(shares)} of lot {lot}" for lot, shares in sorted(lots.items()) if shares) or "none"
        for lots in (sold, asked)
    )
    raise BlockedError(
        f"the sale of {plain(leg.filled)} {leg.planned.symbol} was to take {wanted}, but the account shows that it took {told}",
        code="wrong_lots",
        remedy="Ask the broker to correct the lots before the trade settles (one business day after it). Nothing more was sent.",
    )


def refuse_late_fills(world: World, run: Run, listed: Iterable[OrderStatus]) -> None:
    """See in the broker's list that no order filled after its end was recorded.

    Raises BlockedError when one did; the journal knows of it then.
    """
    ended = {leg.order: leg for leg in run.legs.values() if leg.ended}
    late = []
    for status in listed:
        leg = ended.get(status.order)
        if leg is not None and status.filled > leg.filled:
            _refuse_another(leg, status)
            record_fill(world, run, leg.number, Kind.LATE_FILL, status)
            late.append(f"{leg.planned.side} {leg.planned.symbol}: {plain(status.filled)} instead of {plain(leg.filled)} shares")
    if late:
        raise BlockedError(
            f"the broker reports fills after the end of an order: {'; '.join(late)}",
            code="late_fill",
            remedy="They are in the journal now. Look at the account, then `rebalkit resume`.",
        )


def _still_open(leg: Leg, why: str) -> UnknownOrderState:
    request = leg.asked
    answered = (
        f" If that is another one, or none: `rebalkit resume --not-placed {request.client_id}`, or --placed with its number."
    )
    return UnknownOrderState(
        f"it is not known how the order to {request.side} {plain(request.quantity)} {request.symbol} ends: {why}",
        code="order_still_open",
        remedy=f"Look for the broker's order {leg.order} there, then `rebalkit resume`.{answered if leg.only_answered else ''}",
    )


def _said(status: OrderStatus) -> str:
    told = to_plain(status)
    return f"{told['side']} {told['quantity']} {told['symbol']}, {told['filled']} filled"
