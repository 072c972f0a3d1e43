"""What is in a journal, event by event in plain words, and as a document for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import asdict

from rebalkit.execution.events import Event, Kind, canonical
from rebalkit.execution.state import Run
from rebalkit.report.run_status import run_words
from rebalkit.report.schema_types import CODE, DATE, HASH, NUMBER, PLAN_ID, TEXT, list_of, obj, or_null, said
from rebalkit.report.wording import clean, counted

if TYPE_CHECKING:
    from rebalkit.execution.disk import Inspection

__all__ = ["JOURNAL", "event_words", "events_csv", "events_lines", "journal_document", "journal_words"]

_HAPPENED: Mapping[Kind, str] = {
    Kind.RUN_START: "the plan is about to be carried out",
    Kind.APPROVED: "the plan was approved",
    Kind.SELLING: "the sales begin",
    Kind.CASH_READ: "the cash was read",
    Kind.BUYS_SIZED: "the purchases were sized from the cash",
    Kind.BUYING: "the purchases begin",
    Kind.BALANCED: "all orders have ended",
    Kind.RUN_END: "the run is over",
    Kind.STOP: "stopped: nothing more is sent",
    Kind.RESUME: "taken up again",
    Kind.VOID: "given up",
    Kind.INTENT: "to be ordered",
    Kind.PREVIEWED: "previewed by the broker",
    Kind.CHECKED: "checked right before it is sent",
    Kind.SENDING: "about to be sent",
    Kind.SENDING_AGAIN: "about to be sent once more",
    Kind.ACK: "the broker has it",
    Kind.REFUSED: "the broker refused it",
    Kind.PREVIEW_EXPIRED: "its preview was too old, and the broker did not take it",
    Kind.UNKNOWN: "NOT KNOWN whether the broker has it",
    Kind.NOT_PLACED: "certainly not at the broker",
    Kind.ASK: "only a person can say whether the broker has it",
    Kind.OPEN: "working at the broker",
    Kind.FILL: "filled in part",
    Kind.CANCELLING: "about to be cancelled",
    Kind.FILLED: "filled",
    Kind.CANCELLED: "cancelled",
    Kind.EXPIRED: "expired",
    Kind.REJECTED: "rejected after the broker had taken it",
    Kind.LATE_FILL: "more shares are filled than its end had said",
    Kind.DROPPED: "not sent",
}
_FEW = 6
"""So many things are named; of more only their number is said."""


def event_words(event: Event, run: Run) -> str:
    """What ``event`` of ``run`` says."""
    leg = None if event.leg is None else run.legs[event.leg].planned
    whose = "" if leg is None else f"{event.client_id or leg.client_id} {leg.side.value} {leg.symbol}: "
    details = "; ".join(filter(None, (_detail(name.replace("_", " "), value) for name, value in event.body.items())))
    return clean(f"{whose}{_HAPPENED[event.kind]}{f' ({details})' if details else ''}")


def _detail(name: str, value: Any) -> str:
    if value in (None, "", [], {}) or (name == "request" and isinstance(value, str)):  # a hash that tells a person nothing
        return ""
    if isinstance(value, list | dict) and len(value) > _FEW and not _is_order(value):
        return f"{len(value)} {name}"
    return f"{name} {_words(value)}"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if _is_order(value):
        limit = f" at {value['limit']} or better" if value.get("limit") is not None else ""
        return f"{value['side']} {value['quantity']} {value['symbol']}{limit}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    return str(value)


def _is_order(value: Any) -> bool:
    return isinstance(value, dict) and {"side", "quantity", "symbol"} <= value.keys()


def journal_words(seen: Inspection) -> str:
    """Whether a journal is whole, and how far it goes."""
    events = counted(len(seen.events), "event")
    if seen.problem is None:
        return f"intact: {events}{f', the last one {seen.journal.head}' if seen.events else ''}"
    return f"DAMAGED: {clean(str(seen.problem))} {events[:1].upper()}{events[1:]} can be trusted."


def events_lines(events: Sequence[Event]) -> str:
    """``events`` as JSON Lines, each with the hash by which it is bound to the one before."""
    return "".join(f"{canonical(asdict(one, recurse=False))}\n" for one in events)


def events_csv(events: Sequence[Event]) -> str:
    """``events`` for a spreadsheet."""
    from rebalkit.report.csv_report import table

    return table(
        ("seq", "at", "run", "kind", "leg", "client_id", "body", "previous", "hash"),
        (
            (str(one.seq), one.at, one.run, one.kind.value, None if one.leg is None else str(one.leg), one.client_id,
             canonical(one.body), one.previous, one.hash)
            for one in events
        ),
    )  # fmt: skip


def journal_document(journals: Sequence[Inspection], plan: str = "") -> dict[str, Any]:
    """``journals`` for programs; of the runs of plans whose id begins with ``plan`` the events too, unless that is empty."""
    return {
        "journals": [
            {
                "journal": str(one.path),
                "state": "intact" if one.problem is None else "damaged",
                "code": None if one.problem is None else one.problem.code,
                "problem": None if one.problem is None else str(one.problem),
                "events": len(one.events),
                "head": one.journal.head if one.events else None,
                "runs": [
                    _run(run, [event for event in one.events if event.run == run.run] if plan else None)
                    for run in one.journal.state.runs.values()
                    if run.run.startswith(plan)
                ],
            }
            for one in journals
        ]
    }


def _run(run: Run, events: Sequence[Event] | None) -> dict[str, Any]:
    return {
        "plan_id": run.run,
        "account": run.account,
        "live": run.live,
        "folder": run.folder,
        "as_of": run.as_of.isoformat(),
        "started": run.started.isoformat(),
        "state": run.phase.value,
        "words": run_words(run),
        "orders": len(run.legs),
        "log": None if events is None else [{**asdict(one, recurse=False), "words": event_words(one, run)} for one in events],
    }


_EVENT = obj(
    seq=said(NUMBER, "Its number in the journal; the first is 1."),
    at=said(TEXT, "When it was written, ISO 8601 in UTC."),
    run=PLAN_ID,
    kind=said({"enum": [one.value for one in Kind]}, "What happened."),
    leg=said(or_null(NUMBER), "Number of the order in the plan, from 0; null for an event of the run."),
    client_id=or_null(TEXT),
    body=said({"type": "object"}, "What belongs to the kind of event."),
    previous=said(HASH, "The hash of the event before it."),
    hash=said(HASH, "Over `previous` and all the rest."),
    words=said(TEXT, "The same in plain words."),
)
JOURNAL = obj(
    journals=list_of(
        obj(
            journal=said(TEXT, "Its file."),
            state={"enum": ["intact", "damaged"]},
            code=said(or_null(CODE), "What is wrong with it."),
            problem=or_null(TEXT),
            events=said(NUMBER, "How many can be trusted: all, unless it is damaged."),
            head=said(or_null(HASH), "Hash of the last of them, which stands for all."),
            runs=list_of(
                obj(
                    plan_id=PLAN_ID,
                    account=TEXT,
                    live=said({"type": "boolean"}, "Whether its orders move real money."),
                    folder=said(TEXT, "The run folder."),
                    as_of=DATE,
                    started={"type": "string", "format": "date-time"},
                    state=said(TEXT, "How far it is."),
                    words=said(TEXT, "How far it is, in plain words."),
                    orders=NUMBER,
                    log=said(or_null(list_of(_EVENT)), "Its events, when a plan was named."),
                )
            ),
        )
    )
)
