"""A journal's events in memory: what was written survives every crash of the program."""

from __future__ import annotations

from collections.abc import Sequence

from rebalkit.errors import JournalError
from rebalkit.execution.events import Event, Kind
from rebalkit.testing.simulation.faults import Dice
from rebalkit.testing.simulation.steps import Steps

__all__ = ["MemoryStore"]

_SENDING = (Kind.SENDING, Kind.SENDING_AGAIN)


class MemoryStore:
    """Where the events of one simulated account are kept.

    Args:
        steps: Counts what is asked.
        dice: Chance.

    Attributes:
        kept: All events that are durable.
        moments: True milliseconds at which each of them was written.
        sending: Digests of the orders that the events say are about to be sent, by client id.
    """

    def __init__(self, steps: Steps, dice: Dice) -> None:
        self._steps = steps
        self._dice = dice
        self.kept: list[Event] = []
        self.moments: list[int] = []
        self.sending: dict[str, str] = {}

    def events(self) -> Sequence[Event]:
        """All events, in order."""
        return tuple(self.kept)

    def append(self, event: Event) -> None:
        """Keep ``event``. Raises JournalError where the disk fails, be it before or after the event is on it."""
        self._steps.step("append", f"{event.kind.value} {event.leg}", effect=True)
        if self._dice.happens("disk_full"):
            raise _failed()
        self.kept.append(event)
        self.moments.append(self._steps.milliseconds)
        if event.kind in _SENDING and event.client_id is not None:
            self.sending[event.client_id] = event.body["request"]
        if self._dice.happens("disk_torn"):
            raise _failed()
        self._steps.step("appended", effect=True)


def _failed() -> JournalError:
    return JournalError("the event cannot be written: no space left on the disk", code="journal_not_written")
