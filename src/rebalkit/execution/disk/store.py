"""A journal's two files as one store: both must say the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rebalkit.errors import JournalError
from rebalkit.execution.disk.database import Database
from rebalkit.execution.disk.mirror import Mirror, read_lines
from rebalkit.execution.events import Event

__all__ = ["FileStore", "compared", "mirror_of"]


def mirror_of(path: Path) -> Path:
    """The file of lines beside the database ``path``."""
    return path.with_suffix(".jsonl")


def compared(path: Path, events: Sequence[Event], lines: Sequence[Event]) -> int:
    """How many events the lines lack at their end: none, or the one that was being written when the program died.

    Raises JournalError when the two differ in any other way.
    """
    count = min(len(events), len(lines))
    if len(lines) > len(events) or list(events[:count]) != list(lines):
        reason = f"the journal has {len(events)} events and its copy {len(lines)}, and they are not the same"
    elif len(events) - len(lines) > 1:
        reason = f"the journal has {len(events)} events, but its copy only {len(lines)}"
    else:
        return len(events) - len(lines)
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
        self._database = Database(path, durable=durable)
        try:
            self._events = self._database.events()
            lines, length = read_lines(mirror_of(path))
            lacking = compared(path, self._events, lines)
            self._mirror = Mirror(mirror_of(path), length, durable=durable)
            if lacking:
                self._mirror.append(self._events[-1])
        except BaseException:
            self._database.close()
            raise

    def events(self) -> Sequence[Event]:
        """The events that were there when it was opened."""
        return self._events

    def append(self, event: Event) -> None:
        """Write ``event`` to the database, which decides, and then to its copy. Raises JournalError."""
        self._database.append(event)
        self._mirror.append(event)

    def close(self) -> None:
        """Close both files."""
        self._mirror.close()
        self._database.close()
