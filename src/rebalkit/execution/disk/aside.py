"""Putting a journal aside whose account is no more: one on paper that was made anew under its old name."""

from __future__ import annotations

import itertools
from pathlib import Path

from rebalkit.errors import JournalError
from rebalkit.execution.disk.paths import journal_path, mirror_of
from rebalkit.places import alone_at

__all__ = ["set_aside"]


def set_aside(scope: str, account: str) -> Path:
    """Rename the files of a journal that nobody holds, so that the next one begins empty; returns the new name of the first.

    Raises JournalError when that cannot be done.
    """
    path = journal_path(scope, account)
    try:
        with alone_at(path, 0):
            number = next(
                n for n in itertools.count(1) if not _aside(path, n).exists() and not _aside(mirror_of(path), n).exists()
            )
            for file in (mirror_of(path), path):
                if file.exists():
                    file.rename(_aside(file, number))
    except OSError as problem:
        raise JournalError(
            f"the journal cannot be put aside: {problem.strerror or problem}",
            place=str(path),
            code="no_place",
            remedy="Its account on paper was made anew. Move the file away, or make the folder writable.",
        ) from None
    return _aside(path, number)


def _aside(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.old-{number}")
