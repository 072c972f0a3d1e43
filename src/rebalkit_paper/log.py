"""The log of a book: what was done since its file was written, a line each, none of which can be changed unseen.

A line is JSON, a space and a check: the first half of the SHA-256 of the check before it and the JSON. The first check before all is that of
the book's file. A last line without an end was being written when the program or the machine stopped; nobody was told that it was there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from rebalkit.errors import BrokerError, DataError

__all__ = ["HALF_WRITTEN", "Mark", "append", "ends_at", "read", "start"]

HALF_WRITTEN = "half_written"
"""Code of the error that a line may or may not be in the log."""

_CHECK = 32
"""Characters of a check."""


@frozen
class Mark:
    """Where a log ends.

    Attributes:
        end: Bytes of its whole lines.
        check: The check of the last line, that of the book's file before the first.
    """

    end: int
    check: str


def start(book: bytes) -> Mark:
    """The mark of the log of a ``book`` to which nothing has happened."""
    return Mark(0, hashlib.sha256(book).hexdigest()[:_CHECK])


def read(path: Path, data: bytes, mark: Mark) -> Iterator[tuple[str, str, Mark]]:
    """The lines in ``data`` of the log at ``path``, which starts at ``mark``: place, text, and the mark after it.

    Raises:
        DataError: A line is not what was written there.
    """
    *lines, torn = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        after = _after(mark, line[: -_CHECK - 1])
        if not _is_whole(line, after):
            raise _damaged(path, number)
        mark = after
        yield f"{path}:{number}", line[: -_CHECK - 1].decode(), mark
    # No writing that stops early leaves a whole line with something else than an end after it.
    if torn and _is_whole(torn[:-1], _after(mark, torn[: -_CHECK - 2])):
        raise _damaged(path, len(lines) + 1)


def _is_whole(line: bytes, after: Mark) -> bool:
    return line[-_CHECK - 1 :] == b" " + after.check.encode()


def _damaged(path: Path, number: int) -> DataError:
    return DataError(
        "this line is not what was written, or does not follow what is before it",
        place=f"{path}:{number}",
        code="bad_log",
        remedy="Bring back the book and its logs together from a copy, or make the book again with --force.",
    )


def _after(mark: Mark, text: bytes) -> Mark:
    check = hashlib.sha256(mark.check.encode() + text).hexdigest()[:_CHECK]
    return Mark(mark.end + len(text) + _CHECK + 2, check)


def ends_at(path: Path, mark: Mark) -> bool:
    """Whether the log at ``path`` is the one that ends at ``mark``, but for a torn line."""
    try:
        with path.open("rb") as file:
            file.seek(max(mark.end - _CHECK - 1, 0))
            tail = file.read()
    except FileNotFoundError:
        return not mark.end
    return b"\n" not in tail if not mark.end else tail.startswith(mark.check.encode() + b"\n") and tail.count(b"\n") == 1


def append(path: Path, mark: Mark, text: str) -> Mark:
    """Write ``text`` as the next line of the log at ``path``, which is held alone and ends at ``mark``; on disk when this returns.

    Raises:
        OSError: It could not be written, and is not there.
        BrokerError: It could not be written for sure, nor taken away again.
    """
    data = text.encode()
    after = _after(mark, data)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.ftruncate(descriptor, mark.end)  # a torn line
        os.lseek(descriptor, mark.end, os.SEEK_SET)
        _write(descriptor, data + b" " + after.check.encode() + b"\n")
        os.fsync(descriptor)
        if not mark.end:
            _sync_folder(path.parent)
    except BaseException:
        _take_back(path, descriptor, mark)
        raise
    finally:
        os.close(descriptor)
    return after


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _take_back(path: Path, descriptor: int, mark: Mark) -> None:
    try:
        os.ftruncate(descriptor, mark.end)
    except OSError as problem:
        raise BrokerError(f"what was written cannot be taken back: {problem}", place=str(path), code=HALF_WRITTEN) from None
    if not mark.end:
        with suppress(OSError):  # an empty log is as good as none
            path.unlink()


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows has no descriptors of folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
