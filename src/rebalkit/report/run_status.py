"""How far an execution is, out of the journal alone: in words for a person, and as a document for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rebalkit.execution.machine import AT_BROKER, CERTAINLY_NOT_SENT, IN_DOUBT, OrderPhase, RunPhase
from rebalkit.execution.state import Leg, Run
from rebalkit.money import plain
from rebalkit.report.figures import price, shares
from rebalkit.report.schema_types import CODE, DECIMAL, HASH, NUMBER, PLAN_ID, SIDE, SYMBOL, TEXT, list_of, obj, or_null, said
from rebalkit.report.wording import clean, counted
from rebalkit.serial import to_plain

__all__ = ["JOURNALS", "candidate_words", "leg_words", "next_words", "order_words", "run_document", "run_words"]

_WORDS: Mapping[OrderPhase, str] = {
    OrderPhase.PLANNED: "not begun; certainly not sent",
    OrderPhase.INTENT: "prepared; certainly not sent",
    OrderPhase.PREVIEWED: "previewed; certainly not sent",
    OrderPhase.CHECKED: "checked; certainly not sent",
    OrderPhase.SENDING: "NOT KNOWN whether the broker has it: no answer is on record",
    OrderPhase.UNKNOWN: "NOT KNOWN whether the broker has it",
    OrderPhase.NEEDS_PERSON: "NOT KNOWN whether the broker has it, and only you can say",
    OrderPhase.NOT_PLACED: "certainly not at the broker; may be sent again",
    OrderPhase.ACKED: "at the broker",
    OrderPhase.WORKING: "working at the broker",
    OrderPhase.PARTIAL: "working at the broker, filled in part",
    OrderPhase.CANCELLING: "at the broker, about to be cancelled",
    OrderPhase.FILLED: "filled",
    OrderPhase.CANCELLED: "cancelled",
    OrderPhase.EXPIRED: "expired",
    OrderPhase.REJECTED_LATE: "rejected after the broker had taken it",
    OrderPhase.REFUSED: "refused by the broker",
    OrderPhase.DROPPED: "not sent",
}
_RUN: Mapping[RunPhase, str] = {
    RunPhase.DRAFT: "begun, but not approved",
    RunPhase.APPROVED: "approved; no order was prepared yet",
    RunPhase.SELLING: "selling",
    RunPhase.SOLD: "the sales have ended; the purchases are to be sized from the cash",
    RunPhase.SIZED: "the purchases are sized; none was sent yet",
    RunPhase.BUYING: "buying",
    RunPhase.BALANCED: "all orders have ended; the account is to be planned again",
    RunPhase.DONE: "done",
    RunPhase.VOID: "given up",
}


def order_words(leg: Leg) -> str:
    """What was to be ordered."""
    asked = leg.asked
    limit = "" if asked.limit is None else f" at {price(asked.limit)} or better"
    return f"{asked.side.value} {shares(asked.quantity)} {clean(asked.symbol)}{limit}"


def leg_words(leg: Leg) -> str:
    """How far the order is."""
    parts = [_WORDS[leg.phase]]
    if leg.order is not None:
        told = "the broker answered with the number" if leg.only_answered else "its number there is"
        parts.append(f"{told} {clean(leg.order)}")
    if leg.filled and leg.phase is not OrderPhase.FILLED:
        parts.append(f"{shares(leg.filled)} of {shares(leg.asked.quantity)} shares filled")
    if leg.average_price is not None:
        parts.append(f"at {price(leg.average_price)}")
    words = ", ".join(parts)
    return f"{words}: {clean(leg.reason)}" if leg.reason else words


def run_words(run: Run) -> str:
    """How far the run is, and why it does not go on."""
    words = _RUN[run.phase]
    return f"{words}; stopped: {clean(run.stopped)}" if run.stopped else words


def next_words(run: Run) -> str:
    """What taking it up again would do."""
    legs = run.legs.values()
    doubtful = sum(leg.phase in IN_DOUBT for leg in legs)
    working = sum(leg.phase in AT_BROKER for leg in legs)
    unsent = sum(leg.phase in CERTAINLY_NOT_SENT for leg in legs)
    steps = []
    if doubtful:
        steps.append(
            f"look for {counted(doubtful, 'order')} at the broker by number, client id and what is new there, and ask you where that is no proof"
        )
    if working:
        steps.append(f"see how {counted(working, 'order')} at the broker {'ends' if working == 1 else 'end'}")
    if unsent:
        steps.append(
            f"ask whether to send {counted(unsent, 'order')} that {'is' if unsent == 1 else 'are'} left, or give up what is of an old plan"
        )
    else:
        steps.append("plan the account again and close the run")
    return "; then ".join(steps)


def candidate_words(candidate: Mapping[str, Any]) -> str:
    """An order of the broker that may be the one that was sent."""
    limit = "" if candidate.get("limit") is None else f" at {candidate['limit']}"
    return clean(
        f"{candidate['order']}: {candidate['side']} {candidate['quantity']} {candidate['symbol']}{limit}, {candidate['state']}, "
        f"{candidate['filled']} filled, placed {candidate['placed']}"
    )


def run_document(run: Run) -> dict[str, Any]:
    """``run`` for programs."""
    return {
        "plan_id": run.run,
        "folder": run.folder,
        "as_of": run.as_of.isoformat(),
        "started": run.started.isoformat(),
        "phase": run.phase.value,
        "stopped": run.stopped or None,
        "orders": [_order(leg) for leg in run.legs.values()],
        "unknown": any(leg.phase in IN_DOUBT for leg in run.legs.values()),
        "next": next_words(run),
    }


def _order(leg: Leg) -> dict[str, Any]:
    asked = leg.asked
    return {
        "client_id": asked.client_id,
        "side": asked.side.value,
        "symbol": asked.symbol,
        "quantity": plain(asked.quantity),
        "limit": None if asked.limit is None else plain(asked.limit),
        "phase": leg.phase.value,
        "unknown": leg.phase in IN_DOUBT,
        "order": leg.order,
        "filled": plain(leg.filled),
        "average_price": None if leg.average_price is None else plain(leg.average_price),
        "reason": leg.reason,
        "candidates": [to_plain(dict(one)) for one in leg.candidates],
    }


_ORDER = obj(
    client_id=TEXT,
    side=SIDE,
    symbol=SYMBOL,
    quantity=said(DECIMAL, "Shares that were last to be ordered."),
    limit=said(or_null(DECIMAL), "USD a share."),
    phase=said({"enum": [one.value for one in OrderPhase]}, "How far it is, by the journal."),
    unknown=said({"type": "boolean"}, "Whether it is not known if the broker has it."),
    order=said(or_null(TEXT), "The broker's number of it; null while it is not known to have one."),
    filled=said(DECIMAL, "Shares."),
    average_price=or_null(DECIMAL),
    reason=said(TEXT, "Why it is where it is; empty when there is nothing to say."),
    candidates=said(list_of({"type": "object"}), "Orders of the broker that may be this one, as it listed them."),
)
_OPEN = obj(
    plan_id=PLAN_ID,
    folder=said(TEXT, "The run folder."),
    as_of={"type": "string", "format": "date"},
    started={"type": "string", "format": "date-time"},
    phase=said({"enum": [one.value for one in RunPhase]}, "How far it is, by the journal."),
    stopped=said(or_null(TEXT), "Why it does not go on."),
    orders=list_of(_ORDER),
    unknown={"type": "boolean"},
    next=said(TEXT, "What `rebalkit resume` would do."),
)
JOURNALS = obj(
    journals=list_of(
        obj(
            journal=said(TEXT, "Its file."),
            account=said(or_null(TEXT), "Null when it is damaged or empty."),
            live=said({"enum": [True, False, None]}, "Whether its orders move real money; null when it is not known."),
            state={"enum": ["verified", "damaged"]},
            code=said(or_null(CODE), "What is wrong with it."),
            problem=or_null(TEXT),
            events=NUMBER,
            head=or_null(HASH),
            held_by=said(or_null(TEXT), "The process that is trading with it at present; null when none is."),
            run=said(or_null(_OPEN), "The run that is not over."),
        )
    ),
    stop=said(or_null(TEXT), "Why no order is sent at present (`rebalkit stop`)."),
)
