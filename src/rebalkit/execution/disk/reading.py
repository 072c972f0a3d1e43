"""Looking at a journal without holding it: nothing is written, and nobody is kept from it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import field, frozen

from rebalkit.errors import JournalError
from rebalkit.execution.disk.database import Database
from rebalkit.execution.disk.mirror import read_lines
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.disk.store import compared
from rebalkit.execution.events import Event
from rebalkit.execution.journal import Journal

__all__ = ["Inspection", "inspect", "read_journal"]

_GLANCES = 20
"""Times to look again when a run has written between the look at the one file and the look at the other."""


@frozen
class Inspection:
    """What is left of a journal.

    Attributes:
        path: Its file.
        events: Those that can be trusted: all of them, or where it is damaged the most that are in order in either of its files.
        journal: What they come to.
        problem: What is wrong with it; None when it is whole.
    """

    path: Path
    events: Sequence[Event] = field(repr=False)
    journal: Journal = field(repr=False)
    problem: JournalError | None


def read_journal(path: Path) -> Journal:
    """A journal to look at. Raises JournalError when it is damaged, or its two files do not say the same."""
    return _journal_of(_agreed(path))


def inspect(path: Path) -> Inspection:
    """A journal to look at, even if it is damaged."""
    try:
        events = _agreed(path)
        return Inspection(path, events, _journal_of(events), None)
    except JournalError as problem:
        events = max(_in_order(_or_none(path, _events_at)), _in_order(_or_none(mirror_of(path), _lines_at)), key=len)
        return Inspection(path, events, _journal_of(events), problem)


def _agreed(path: Path) -> Sequence[Event]:
    """The events that both files have. A run may be writing meanwhile, the database first."""
    lines = read_lines(mirror_of(path))
    for _ in range(_GLANCES):
        events = _events_at(path)
        try:
            compared(path, events, lines)
        except JournalError:
            before, lines = lines, read_lines(mirror_of(path))
            if lines == before:
                raise
        else:
            return events
    raise JournalError("events are being written without end", place=str(path), code="journal_not_opened", remedy="Try again.")


def _events_at(path: Path) -> Sequence[Event]:
    try:
        with closing(Database(path, readonly=True)) as database:
            return database.events()
    except JournalError:
        # A program that died while it was writing leaves what the next one is to undo the half of it with. To look at the journal it
        # is undone in a copy.
        begun = Path(f"{path}-journal")
        if not begun.exists():
            raise
        with TemporaryDirectory() as folder:
            for file in (path, begun):
                shutil.copyfile(file, Path(folder, file.name))
            with closing(Database(Path(folder, path.name))) as database:
                return database.events()


def _lines_at(path: Path) -> Sequence[Event]:
    return read_lines(path).events


def _or_none(path: Path, read: Callable[[Path], Sequence[Event]]) -> Sequence[Event]:
    try:
        return read(path)
    except JournalError:
        return ()


def _in_order(events: Sequence[Event]) -> Sequence[Event]:
    """As many of the first ``events`` as can have been written one after the other. If so many can, fewer can."""
    sure, failing = 0, len(events) + 1
    while failing - sure > 1:
        middle = (sure + failing) // 2
        try:
            _journal_of(events[:middle])
        except JournalError:
            failing = middle
        else:
            sure = middle
    return events[:sure]


def _journal_of(events: Sequence[Event]) -> Journal:
    return Journal(_Frozen(events), _no_time)


@frozen
class _Frozen:
    """A store that is only looked at."""

    _events: Sequence[Event]

    def events(self) -> Sequence[Event]:
        return self._events

    def append(self, event: Event) -> None:
        raise JournalError("the journal was opened to be looked at", code="read_only")


def _no_time() -> dt.datetime:
    return dt.datetime.max.replace(tzinfo=dt.UTC)
