"""What is looked at once a start of the program is over: the journal against the broker's truth."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.execution.events import Kind
from rebalkit.execution.machine import RunPhase
from rebalkit.execution.state import Run, State
from rebalkit.money import to_micros
from rebalkit.testing.simulation.harm import Witness
from rebalkit.testing.simulation.store import MemoryStore
from rebalkit.testing.simulation.venue import Venue

__all__ = ["judged", "mistaken"]

_LAST_LOOK = 1_000
"""Milliseconds before the end of a run of which its last look may not know."""
_NOT_THERE = (Kind.REFUSED, Kind.NOT_PLACED, Kind.DROPPED)


def judged(venue: Venue, store: MemoryStore, state: State, witness: Witness) -> Iterator[str]:
    """Everything that must never be and is, each with the promise that it breaks; ``state`` is what ``store`` comes to."""
    landed = {one.client_id: one for one in venue.orders.values() if one.ours and one.client_id is not None}
    for event in store.kept:
        if event.kind in _NOT_THERE and event.client_id in landed and event.seq > _sent(store, event.client_id):
            yield f"S3 order {landed[event.client_id].order} is at the broker, and the journal says {event.kind.value}"
    for client in landed:
        if not _sent(store, client):
            yield f"S4 order {landed[client].order} is at the broker, and the journal does not know that it was sent"
    for run in state.runs.values():
        yield from _too_much(venue, witness, run)
        yield from _wrong_order(venue, store, run)
        if run.phase is RunPhase.DONE:
            yield from _wrong_fills(venue, store, run)


def _sent(store: MemoryStore, client_id: str | None) -> int:
    sending = (Kind.SENDING, Kind.SENDING_AGAIN)
    return next((one.seq for one in store.kept if one.kind in sending and one.client_id == client_id), 0)


def _too_much(venue: Venue, witness: Witness, run: Run) -> Iterator[str]:
    for leg in run.legs.values():
        filled = sum(
            one.filled for one in venue.orders.values() if one.ours and not one.doubled and witness.leg_of(one) == leg.number
        )
        if filled > to_micros(leg.planned.quantity):
            yield f"S2 leg {leg.number} traded {filled} micro-shares, more than were approved"


def mistaken(venue: Venue, run: Run) -> Iterator[int]:
    """The numbers of orders that the journal takes for somebody else's; an answer counts only once the broker's list bears it out."""
    for leg in run.legs.values():
        if leg.order is not None and leg.listed and venue.orders[leg.order].client_id != leg.asked.client_id:
            yield leg.number


def _wrong_order(venue: Venue, store: MemoryStore, run: Run) -> Iterator[str]:
    """Without an echo of client ids a twin in every respect can be told from ours only when both are in sight."""
    for number in mistaken(venue, run):
        leg = run.legs[number]
        order, found = venue.orders[leg.order or ""], _acknowledged(store, number)
        ours = [one for one in venue.orders.values() if one.client_id == leg.asked.client_id]
        if not order.twin or any(one.shown is not None and one.shown <= found for one in ours):
            yield f"S2 leg {number} is taken for order {order.order}, which is another one"


def _acknowledged(store: MemoryStore, leg: int) -> int:
    """The milliseconds at which the journal took an order of the broker for this one."""
    told = zip(store.kept, store.moments, strict=True)
    return max((moment for event, moment in told if event.kind is Kind.ACK and event.leg == leg), default=0)


def _wrong_fills(venue: Venue, store: MemoryStore, run: Run) -> Iterator[str]:
    """What a run that is done says of its fills is true, but for what came after its last look or was hidden from it."""
    if venue.dice.happened["stale_orders"] or venue.dice.happened["stale_account"]:
        return
    balanced = next(moment for event, moment in zip(store.kept, store.moments, strict=True) if event.kind is Kind.BALANCED)
    for leg in run.legs.values():
        if leg.order is not None:
            order = venue.orders[leg.order]
            if to_micros(leg.filled) != order.filled and order.last_fill < balanced - _LAST_LOOK:
                yield f"S3 leg {leg.number}: the journal has {leg.filled} shares filled, the broker {order.filled} micro-shares"
