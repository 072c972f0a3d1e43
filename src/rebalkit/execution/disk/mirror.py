"""The same events as lines of JSON: what a person reads and searches, and the witness that shows when one of the two was lost or changed."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict, frozen

from rebalkit.errors import JournalError
from rebalkit.execution.events import Event, Kind, canonical

__all__ = ["Lines", "Mirror", "line_of", "read_lines"]


@frozen
class Lines:
    """What is in the file.

    Attributes:
        events: The events of the whole lines at its beginning.
        length: How many bytes they take.
        rest: How many bytes are behind them; they are no event.
    """

    events: Sequence[Event] = ()
    length: int = 0
    rest: int = 0


def line_of(event: Event) -> str:
    """``event`` as one line of JSON, without a line end."""
    return canonical(asdict(event, recurse=False))


def read_lines(path: Path) -> Lines:
    """What is in the file; nothing when it is missing. Raises JournalError when it cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Lines()
    except OSError as problem:
        raise _failed(path, "read", problem) from None
    events: list[Event] = []
    length = 0
    for line in content.split(b"\n")[:-1]:
        event = _event(line)
        if event is None:
            break
        events.append(event)
        length += len(line) + 1
    return Lines(events, length, len(content) - length)


def _event(line: bytes) -> Event | None:
    try:
        fields = json.loads(line)
        return Event(**{**fields, "kind": Kind(fields["kind"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


class Mirror:
    """The file, open for adding to it.

    Args:
        path: The file; made when it is missing.
        length: Bytes of it that are whole lines; what is behind them is cut off.
        durable: As of `rebalkit.execution.disk.database.Database`.

    Raises:
        JournalError: It cannot be opened.
    """

    def __init__(self, path: Path, length: int, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            if os.fstat(self._descriptor).st_size != length:
                os.ftruncate(self._descriptor, length)
                os.fsync(self._descriptor)
        except OSError as problem:
            raise _failed(path, "opened", problem) from None

    def append(self, event: Event) -> None:
        """Add a line; it is on the disk once this returns. Raises JournalError when that is not certain."""
        content = f"{line_of(event)}\n".encode()
        try:
            while content:
                content = content[os.write(self._descriptor, content) :]
            if self._durable:
                os.fsync(self._descriptor)
        except OSError as problem:
            raise _failed(self._path, "written", problem) from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _failed(path: Path, what: str, problem: OSError) -> JournalError:
    return JournalError(
        f"the copy of the journal cannot be {what}: {problem.strerror or problem}",
        place=str(path),
        code="journal_not_written" if what == "written" else "journal_not_opened",
        remedy="Nothing is sent without it.",
    )
