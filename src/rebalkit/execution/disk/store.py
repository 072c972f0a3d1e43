"""A journal's two files as one store: both must say the same."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from rebalkit.errors import JournalError
from rebalkit.execution.disk.database import Database
from rebalkit.execution.disk.mirror import Lines, Mirror, line_of, read_lines
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.events import Event

__all__ = ["FileStore", "compared"]


def compared(path: Path, events: Sequence[Event], lines: Lines) -> int:
    """How many events the lines lack at their end: none, or the one that was being written when the program died.

    Raises JournalError when the two differ in any other way.
    """
    lacking = len(events) - len(lines.events)
    if list(events[: len(lines.events)]) != list(lines.events):
        reason = f"the journal has {len(events)} events and its copy {len(lines.events)}, and they are not the same"
    elif lacking > 1:
        reason = f"the journal has {len(events)} events, but its copy only {len(lines.events)}"
    elif lines.rest > (len(line_of(events[-1])) + 1 if lacking else 0):
        reason = (
            f"the copy of the journal has {lines.rest} bytes behind its {len(lines.events)} events that are not the journal's"
        )
    else:
        return lacking
    raise JournalError(
        reason,
        place=str(path),
        code="journal_damaged",
        remedy="Nothing is sent. One of the two files was lost, changed or put back from an old copy; `rebalkit journal verify` compares them.",
    )


class FileStore:
    """Both files, open for one run. The caller holds the journal's lock.

    Args:
        path: The database; the lines are beside it.
        durable: As of `rebalkit.execution.disk.database.Database`.

    Raises:
        JournalError: They cannot be opened, or do not say the same.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        with ExitStack() as opened:
            self._database = opened.enter_context(closing(Database(path, durable=durable)))
            self._events = self._database.events()
            lines = read_lines(mirror_of(path))
            # Nothing is written, a new table neither, before it is certain that the two say the same.
            lacking = compared(path, self._events, lines)
            self._database.begin()
            self._mirror = opened.enter_context(closing(Mirror(mirror_of(path), lines.length, durable=durable)))
            if lacking:
                self._mirror.append(self._events[-1])
            self._opened = opened.pop_all()

    def events(self) -> Sequence[Event]:
        """The events that were there when it was opened."""
        return self._events

    def append(self, event: Event) -> None:
        """Write ``event`` to the database, which decides, and then to its copy. Raises JournalError."""
        self._database.append(event)
        self._mirror.append(event)

    def close(self) -> None:
        """Close both files."""
        self._opened.close()
