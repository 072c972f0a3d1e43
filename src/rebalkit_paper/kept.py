"""A book that stays in memory from one order to the next, for as long as nobody else changes its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from attrs import evolve

from rebalkit.serial import to_plain
from rebalkit_paper.actions import Action, Outcome, done
from rebalkit_paper.floor import Floor
from rebalkit_paper.log import append, ends_at
from rebalkit_paper.store import Opened, locked, not_written, opened, path_of, stamp_of, write

__all__ = ["KeptBook"]

_SHORT = 1 << 16
"""Bytes of a log that are always fewer than it is worth to write a book anew for."""


class KeptBook:
    """A book on disk, read when it is needed and has changed since."""

    def __init__(self, name: str) -> None:
        """Open no file yet."""
        self._name = name
        self._opened: Opened | None = None

    @property
    def floor(self) -> Floor:
        """The book as it is on disk now; not to be changed. Raises DataError when it is missing or damaged."""
        held, path = self._opened, path_of(self._name)
        if held is None or stamp_of(path, held.log) != held.stamp:
            held = self._opened = opened(self._name)
        return held.floor

    def act(self, decide: Callable[[Floor], Action | None]) -> Outcome | None:
        """Do what ``decide`` says, with nobody else at the book in between; it is on disk when this returns.

        Args:
            decide: Looks at the book, and says what to do, which is then certainly allowed; None for nothing.
                What it raises leaves the book as it was.

        Raises:
            DataError: The book is missing or damaged, or could not be as it would be.
            BrokerError: Another process is changing it; or it cannot be written, and was not changed. Only after an error of the code
                `rebalkit_paper.log.HALF_WRITTEN` it is not known whether it was.
        """
        with locked(self._name):
            path = path_of(self._name)
            held = self._current(path)
            action = decide(held.floor)
            if action is None:
                return None
            self._opened = None  # if this fails at any point, what is in memory is not what is on disk
            outcome = done(held.floor, action)
            text = json.dumps(to_plain(outcome), separators=(",", ":"), ensure_ascii=False)
            try:
                mark = append(held.log, held.mark, text)
            except OSError as problem:
                raise not_written(path, problem) from None
            self._opened = evolve(held, mark=mark, stamp=stamp_of(path, held.log))
            return outcome

    def _current(self, path: Path) -> Opened:
        """The book as it certainly is on disk, with a log that is not too long."""
        held = self._opened
        # Times of files are coarse: two changes may have one. The ends of the files tell them apart.
        same = held is not None and stamp_of(path, held.log) == held.stamp
        if held is None or not (same and _tail(path, len(held.tail)) == held.tail and ends_at(held.log, held.mark)):
            held = opened(self._name)
        if held.mark.end > max(held.size, _SHORT):
            book = held.floor.book
            write(evolve(book, log=book.log + 1))
            held = opened(self._name)
        self._opened = held
        return held


def _tail(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(-size, 2)
        return file.read()
