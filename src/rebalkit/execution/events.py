"""What a journal is made of: events, each bound to the one before it by its hash.

The state of an order or a run is nothing but its events in order; there is no second truth. An event says what has been seen or is
about to be done, never what is hoped for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

__all__ = ["START", "Event", "Kind", "bound", "canonical"]

START = "0" * 64
"""What stands for the hash before the first event."""


class Kind(StrEnum):
    """What happened. The first block is of a run, the second of one order.

    ``run_start``: a plan is about to be carried out; holds its orders and what the account held. ``approved``: how consent was given.
    ``selling``, ``cash_read``, ``buys_sized``, ``buying``, ``balanced``, ``run_end``: the phases, as each is reached. ``stop``: nothing more
    is sent, and why. ``resume``: taken up again. ``void``: given up; what was not sent never will be.

    ``intent``: what is to be ordered. ``previewed``: the broker's word on it. ``checked``: all that was looked at right before sending.
    ``sending``: the last thing written before the call; holds the watermark. ``sending_again``: the same order once more, after proof that it
    was not placed, with a new watermark, or to a broker that certainly refuses a second one. ``ack``: the broker has it. ``refused``: the
    broker certainly has not. ``preview_expired``: it was refused because its preview was too old. ``unknown``: the broker may have it.
    ``not_placed``: proof that it has not. ``ask``: only a person can say. ``open``, ``fill``: seen at the broker, with the shares filled so
    far. ``cancelling``: about to ask for the rest to be cancelled. ``filled``, ``cancelled``, ``expired``, ``rejected``: its end.
    ``late_fill``: more shares than its end had said. ``dropped``: it is not sent.
    """

    RUN_START = "run_start"
    APPROVED = "approved"
    SELLING = "selling"
    CASH_READ = "cash_read"
    BUYS_SIZED = "buys_sized"
    BUYING = "buying"
    BALANCED = "balanced"
    RUN_END = "run_end"
    STOP = "stop"
    RESUME = "resume"
    VOID = "void"

    INTENT = "intent"
    PREVIEWED = "previewed"
    CHECKED = "checked"
    SENDING = "sending"
    SENDING_AGAIN = "sending_again"
    ACK = "ack"
    REFUSED = "refused"
    PREVIEW_EXPIRED = "preview_expired"
    UNKNOWN = "unknown"
    NOT_PLACED = "not_placed"
    ASK = "ask"
    OPEN = "open"
    FILL = "fill"
    CANCELLING = "cancelling"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LATE_FILL = "late_fill"
    DROPPED = "dropped"


@frozen
class Event:
    """One line of a journal.

    Attributes:
        seq: Its number; the first is 1.
        at: When it was written, ISO 8601 in UTC.
        run: Id of the plan that is carried out.
        kind: What happened.
        leg: Number of the order in the plan, from 0; None for an event of the run.
        client_id: The order's client id; None for an event of the run and for an order that never got one.
        body: The rest, ready for JSON: text, whole numbers, truth values, and lists and mappings of these; never a secret.
        previous: Hash of the event before it.
        hash: SHA-256, in hexadecimal, over ``previous`` and all the rest.
    """

    seq: int
    at: str
    run: str
    kind: Kind
    leg: int | None
    client_id: str | None
    body: Mapping[str, Any] = field(repr=False)
    previous: str
    hash: str

    @property
    def genuine(self) -> bool:
        """Whether the hash is the one that the rest has."""
        return self.hash == _hash(self.previous, self.seq, self.at, self.run, self.kind, self.leg, self.client_id, self.body)


def bound(
    previous: str, seq: int, at: str, run: str, kind: Kind, leg: int | None, client_id: str | None, body: Mapping[str, Any]
) -> Event:
    """The event with its hash, behind the one whose hash is ``previous``."""
    return Event(seq, at, run, kind, leg, client_id, body, previous, _hash(previous, seq, at, run, kind, leg, client_id, body))


def canonical(value: Any) -> str:
    """``value`` as JSON in the one form that it has in hashes and files: ASCII, for a broker's words need not be proper Unicode."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _hash(
    previous: str, seq: int, at: str, run: str, kind: Kind, leg: int | None, client_id: str | None, body: Mapping[str, Any]
) -> str:
    rest = canonical([seq, at, run, kind.value, leg, client_id, body])
    return hashlib.sha256(f"{previous}{rest}".encode()).hexdigest()
