"""The journal of one account: nothing is sent that is not in it, durably, before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from rebalkit.errors import DataError, JournalError
from rebalkit.execution.events import START, Event, Kind, bound
from rebalkit.execution.state import State
from rebalkit.secrets.concealing import without_secrets

__all__ = ["Journal", "Store"]


class Store(Protocol):
    """Where the events of a journal are kept, and nothing else."""

    def events(self) -> Sequence[Event]:
        """All events, in order, as they were written. Raises JournalError where that is not certain."""
        ...

    def append(self, event: Event) -> None:
        """Keep ``event`` behind all others; durable once this returns.

        Raises JournalError when it cannot be written. It may have been, so that nothing more must be appended here.
        """
        ...


class Journal:
    """The events of one account, and what they come to.

    An event that cannot follow on the ones before is refused before it is written. After a failure to write nothing more can be
    recorded: a store that failed once is not asked again whether it has recovered.

    Args:
        store: Where the events are.
        now: The moment, an aware datetime in UTC.

    Attributes:
        state: What the events come to. Only this class changes it.

    Raises:
        JournalError: The events are not those that were written, or cannot have happened.
    """

    def __init__(self, store: Store, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._now = now
        self._head = START
        self._count = 0
        self._failed = False
        self.state = State()
        for event in store.events():
            try:
                self._verify(event)
                self.state.apply(event)
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, DataError) as problem:
                raise _damaged(f"event {event.seq} lacks what an event {event.kind.value} has: {problem}") from None
            self._head, self._count = event.hash, event.seq

    @property
    def head(self) -> str:
        """The hash of the last event; it stands for all of them."""
        return self._head

    @property
    def count(self) -> int:
        """How many events there are."""
        return self._count

    def record(self, kind: Kind, run: str, leg: int | None = None, client_id: str | None = None, /, **body: Any) -> None:
        """Write one event.

        Args:
            kind: What happened.
            run: Id of the plan.
            leg: Number of the order; None for an event of the run.
            client_id: Its client id.
            body: The rest, ready for JSON.

        Raises:
            JournalError: The event cannot be, and was not written; or it could not be written, and then the journal is closed.
        """
        if self._failed:
            raise JournalError(
                "an event before this one could not be written",
                code="journal_closed",
                remedy="Nothing more is sent. See `rebalkit status`.",
            )
        if "reason" in body:  # What brokers and plugins say may quote a secret, and what is written here stays.
            body["reason"] = without_secrets(body["reason"])
        event = bound(self._head, self._count + 1, self._now().isoformat(), run, kind, leg, client_id, body)
        self.state.apply(event)
        try:
            self._store.append(event)
        except BaseException:
            # What the state says may not be on the disk: nobody may act on it any more.
            self._failed = True
            raise
        self._head, self._count = event.hash, event.seq

    def _verify(self, event: Event) -> None:
        if not event.genuine or event.previous != self._head or event.seq != self._count + 1:
            raise _damaged(f"event {event.seq} is not the one that was written after event {self._count}")


def _damaged(reason: str) -> JournalError:
    return JournalError(
        reason,
        code="journal_damaged",
        remedy="Nothing is sent. `rebalkit journal verify` says more; put the file back from a backup of after its last run.",
    )
