"""The states of an order and of a run, and which event leads from which to which. Pure functions: what is not in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from rebalkit.errors import JournalError
from rebalkit.execution.events import Kind

__all__ = ["AT_BROKER", "CERTAINLY_NOT_SENT", "ENDED", "IN_DOUBT", "OrderPhase", "RunPhase", "order_step", "run_step"]


class OrderPhase(StrEnum):
    """How far an order is, as far as the journal knows."""

    PLANNED = "planned"
    INTENT = "intent"
    PREVIEWED = "previewed"
    CHECKED = "checked"
    SENDING = "sending"
    UNKNOWN = "unknown"
    NEEDS_PERSON = "needs_person"
    NOT_PLACED = "not_placed"
    ACKED = "acked"
    WORKING = "working"
    PARTIAL = "partial"
    CANCELLING = "cancelling"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED_LATE = "rejected_late"
    REFUSED = "refused"
    DROPPED = "dropped"


class RunPhase(StrEnum):
    """How far a run is."""

    DRAFT = "draft"
    APPROVED = "approved"
    SELLING = "selling"
    SOLD = "sold"
    SIZED = "sized"
    BUYING = "buying"
    BALANCED = "balanced"
    DONE = "done"
    VOID = "void"


_O, _R = OrderPhase, RunPhase

CERTAINLY_NOT_SENT = frozenset({_O.PLANNED, _O.INTENT, _O.PREVIEWED, _O.CHECKED, _O.NOT_PLACED})
"""Nothing of the order is at the broker, and it may still be sent."""

IN_DOUBT = frozenset({_O.SENDING, _O.UNKNOWN, _O.NEEDS_PERSON})
"""The broker may have the order or not."""

AT_BROKER = frozenset({_O.ACKED, _O.WORKING, _O.PARTIAL, _O.CANCELLING})
"""The broker has the order, and it may still fill."""

ENDED = frozenset({_O.FILLED, _O.CANCELLED, _O.EXPIRED, _O.REJECTED_LATE, _O.REFUSED, _O.DROPPED})
"""Nothing more will happen to the order."""

_PREPARING: Mapping[Kind, OrderPhase] = {Kind.INTENT: _O.INTENT, Kind.DROPPED: _O.DROPPED}
_ENDINGS: Mapping[Kind, OrderPhase] = {
    Kind.FILLED: _O.FILLED,
    Kind.CANCELLED: _O.CANCELLED,
    Kind.EXPIRED: _O.EXPIRED,
    Kind.REJECTED: _O.REJECTED_LATE,
}
_AT_BROKER: Mapping[Kind, OrderPhase] = {
    Kind.OPEN: _O.WORKING,
    Kind.FILL: _O.PARTIAL,
    Kind.CANCELLING: _O.CANCELLING,
    **_ENDINGS,
}
_FOUND: Mapping[Kind, OrderPhase] = {
    Kind.ACK: _O.ACKED,
    Kind.NOT_PLACED: _O.NOT_PLACED,
    Kind.ASK: _O.NEEDS_PERSON,
    Kind.UNKNOWN: _O.UNKNOWN,
}

_ORDER: Mapping[OrderPhase, Mapping[Kind, OrderPhase]] = {
    _O.PLANNED: _PREPARING,
    _O.INTENT: {**_PREPARING, Kind.PREVIEWED: _O.PREVIEWED},
    _O.PREVIEWED: {**_PREPARING, Kind.PREVIEWED: _O.PREVIEWED, Kind.CHECKED: _O.CHECKED},
    _O.CHECKED: {
        **_PREPARING,
        Kind.PREVIEWED: _O.PREVIEWED,
        Kind.CHECKED: _O.CHECKED,
        Kind.SENDING: _O.SENDING,
        Kind.SENDING_AGAIN: _O.SENDING,
    },
    _O.SENDING: {
        Kind.ACK: _O.ACKED,
        Kind.REFUSED: _O.REFUSED,
        Kind.PREVIEW_EXPIRED: _O.INTENT,
        Kind.UNKNOWN: _O.UNKNOWN,
    },
    _O.UNKNOWN: {**_FOUND, Kind.SENDING_AGAIN: _O.SENDING},
    _O.NEEDS_PERSON: _FOUND,
    _O.NOT_PLACED: _PREPARING,
    # To unknown only while nothing was seen of the order: the number that the broker answered with is another one's, or none.
    _O.ACKED: {**_AT_BROKER, Kind.UNKNOWN: _O.UNKNOWN},
    _O.WORKING: _AT_BROKER,
    _O.PARTIAL: {**_AT_BROKER, Kind.OPEN: _O.PARTIAL},
    _O.CANCELLING: {**_AT_BROKER, Kind.OPEN: _O.CANCELLING, Kind.FILL: _O.CANCELLING, Kind.UNKNOWN: _O.UNKNOWN},
    _O.FILLED: {Kind.LATE_FILL: _O.FILLED},
    _O.CANCELLED: {Kind.LATE_FILL: _O.CANCELLED},
    _O.EXPIRED: {Kind.LATE_FILL: _O.EXPIRED},
    _O.REJECTED_LATE: {Kind.LATE_FILL: _O.REJECTED_LATE},
    _O.REFUSED: {},
    _O.DROPPED: {},
}

_RUN: Mapping[RunPhase, Mapping[Kind, RunPhase]] = {
    _R.DRAFT: {Kind.APPROVED: _R.APPROVED},
    _R.APPROVED: {Kind.SELLING: _R.SELLING},
    _R.SELLING: {Kind.CASH_READ: _R.SOLD},
    _R.SOLD: {Kind.CASH_READ: _R.SOLD, Kind.BUYS_SIZED: _R.SIZED, Kind.BALANCED: _R.BALANCED},
    _R.SIZED: {Kind.CASH_READ: _R.SIZED, Kind.BUYING: _R.BUYING},
    _R.BUYING: {Kind.CASH_READ: _R.BUYING, Kind.BALANCED: _R.BALANCED},
    _R.BALANCED: {Kind.RUN_END: _R.DONE},
    _R.DONE: {},
    _R.VOID: {},
}
_OVER = frozenset({_R.DONE, _R.VOID})


def order_step(phase: OrderPhase, kind: Kind) -> OrderPhase:
    """The phase of an order after the event ``kind``. Raises JournalError where that cannot follow on ``phase``."""
    try:
        return _ORDER[phase][kind]
    except KeyError:
        raise _illegal("an order", phase, kind) from None


def run_step(phase: RunPhase, kind: Kind) -> RunPhase:
    """The phase of a run after the event ``kind``; a stop and a resumption leave it where it is.

    Raises JournalError where that cannot follow on ``phase``.
    """
    if phase not in _OVER:
        if kind in (Kind.STOP, Kind.RESUME):
            return phase
        if kind is Kind.VOID:
            return _R.VOID
    try:
        return _RUN[phase][kind]
    except KeyError:
        raise _illegal("a run", phase, kind) from None


def _illegal(what: str, phase: StrEnum, kind: Kind) -> JournalError:
    return JournalError(
        f"{what} that is {phase.value} cannot become {kind.value}",
        code="illegal_transition",
        remedy="Nothing more is sent. Please report it with the output of `rebalkit journal show`.",
    )
