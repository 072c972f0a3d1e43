"""Books on disk: a file that is replaced as a whole, and beside it a log of the orders since; changed by one process at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from attrs import evolve, frozen

from rebalkit.errors import BrokerError, DataError, UsageError
from rebalkit.places import alone_at, state_folder, write_private
from rebalkit.serial import dumps, from_plain, loads
from rebalkit_paper.actions import Outcome, repeated
from rebalkit_paper.book import VERSION, Book
from rebalkit_paper.floor import Floor
from rebalkit_paper.log import Mark, read, start
from rebalkit_paper.sanity import check

__all__ = [
    "Opened",
    "Stamp",
    "add",
    "change",
    "list_books",
    "load",
    "locked",
    "not_written",
    "opened",
    "path_of",
    "stamp_of",
    "write",
]

Stamp = tuple[tuple[int, int, int] | None, ...]
"""What the file system says of a book's file and of its log: time of the last change, size, number; None for a file that is not there."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LOG = re.compile(r"\.([0-9]{1,18})\.log")
_TAIL = 64
_PATIENCE = 10.0
"""Seconds to wait for another process that is changing the same book."""


def path_of(name: str) -> Path:
    """The file of the book ``name``. Raises UsageError when that is not the name of a book."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not the name of a paper book",
            place="name of the book",
            code="bad_book_name",
            remedy="Use 1 to 64 letters, digits, hyphens and underscores, a letter or digit first.",
        )
    return state_folder() / "paper" / f"{name}.json"


def list_books() -> list[str]:
    """The names of all books, in alphabetical order."""
    folder = state_folder() / "paper"
    return sorted(path.stem for path in folder.glob("*.json") if _NAME.fullmatch(path.stem)) if folder.is_dir() else []


@frozen
class Opened:
    """A book as it was read from disk.

    Attributes:
        floor: It, ready to trade.
        log: The file of its log, which need not exist.
        mark: Where the log ends.
        stamp: The files as they were before they were read.
        tail: The last bytes of the book's file, in which the number of its log is.
        size: Bytes of the book's file.
    """

    floor: Floor
    log: Path
    mark: Mark
    stamp: Stamp
    tail: bytes
    size: int


def load(name: str) -> Book:
    """The book ``name``, with all orders in its log. Raises as `opened` does."""
    return opened(name).floor.book


def opened(name: str) -> Opened:
    """The book ``name``.

    Raises:
        UsageError: The name cannot be one.
        DataError: There is no such book, or its file or its log is not what this version writes.
    """
    path = path_of(name)
    while True:
        before = _stamp(path)
        data = _read(path, name)
        book = _parsed(data, path)
        log = _log_of(path, book.log)
        stamp = (before, _stamp(log))
        logged = log.read_bytes() if log.exists() else b""
        later = [number for number in _numbers(path) if number > book.log]
        # Whoever changes the book meanwhile replaces its file first and takes the log away then.
        if _stamp(path) == before:
            break
    if later:
        raise DataError(
            f"there is log {max(later)} of this book, whose file ends before log {book.log}: it is an older copy",
            place=str(path),
            code="bad_log",
            remedy="Bring back the newest file of the book; or take its logs away to go on from this one.",
        )
    check(book)
    if book.name != name:
        raise DataError(f"this is the book {book.name!r}, not {name!r}", place=str(path), code="bad_book")
    floor, mark = Floor(book), start(data)
    for place, text, mark in read(log, logged, mark):  # noqa: B007, B020 - the last mark counts
        repeated(floor, loads(Outcome, text, place), place)
    return Opened(floor, log, mark, stamp, data[-_TAIL:], len(data))


def stamp_of(path: Path, log: Path) -> Stamp:
    """The stamp of the book at ``path`` with its ``log`` now."""
    return _stamp(path), _stamp(log)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        others = ", ".join(list_books()) or "none"
        raise DataError(
            f"there is no paper book {name!r}",
            place=str(path),
            remedy=f"Make it with `rebalkit paper new {name} --sample`. Books there are: {others}.",
            code="no_such_book",
        ) from None
    except OSError as problem:
        raise DataError(f"the book cannot be read: {problem}", place=str(path), code="bad_file") from None


def _parsed(data: bytes, path: Path) -> Book:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as problem:
        raise DataError(f"the book cannot be read: {problem}", place=str(path), code="bad_file") from None
    if isinstance(value, dict) and value.get("version") != VERSION:
        raise DataError(
            f"the book has version {value.get('version')!r}; this rebalkit reads {VERSION}",
            place=str(path),
            code="other_version",
            remedy="Use the version of rebalkit that wrote it, or make the book again with `rebalkit paper new --force`.",
        )
    return from_plain(Book, value, str(path))


def _log_of(path: Path, number: int) -> Path:
    return path.with_suffix(f".{number}.log")


def _numbers(path: Path) -> list[int]:
    """The numbers of all logs that lie beside the book's file."""
    found = (_LOG.fullmatch(one.name.removeprefix(path.stem)) for one in path.parent.glob(f"{path.stem}.*.log"))
    return [int(one[1]) for one in found if one]


def add(book: Book, *, overwrite: bool = False) -> Book:
    """Write the new ``book``; gives it as it is on disk.

    Raises:
        UsageError: There is one of its name and ``overwrite`` is false.
        DataError: The book contradicts itself.
        BrokerError: It cannot be written; nothing was changed.
    """
    path = path_of(book.name)
    check(book)
    with _locked(path):
        if path.exists() and not overwrite:
            raise UsageError(
                f"the paper book {book.name!r} exists",
                place=str(path),
                remedy="Take another name, or replace it with --force.",
                code="book_exists",
            )
        book = evolve(book, log=max(_numbers(path), default=-1) + 1)
        write(book)
        return book


def change(name: str, action: Callable[[Book], Book]) -> Book:
    """The book ``name`` after ``action``, on disk, with nothing left in its log. What ``action`` raises leaves it as it was.

    Raises:
        DataError: As `opened`; or the book after ``action`` cannot be.
        BrokerError: Another process is changing it, or it cannot be written; nothing was changed.
    """
    with locked(name):
        now = opened(name)
        before = now.floor.book
        after = action(before)
        if after == before and not now.mark.end:
            return before
        check(after)
        after = evolve(after, log=before.log + 1)
        write(after)
        return after


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the book ``name`` alone.

    Raises:
        DataError: There is no such book.
        BrokerError: Another process is changing it, or the lock cannot be written.
    """
    path = path_of(name)
    if not path.exists():
        _read(path, name)  # says what is missing, and leaves no lock file behind
    with _locked(path):
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(alone_at(path, _PATIENCE))
        except TimeoutError:
            raise BrokerError(
                "another command is changing this book", place=str(path), remedy="Wait for it to end.", code="book_busy"
            ) from None
        except OSError as problem:
            raise not_written(path, problem) from None
        yield


def write(book: Book) -> None:
    """Put ``book``, which is held alone, in the place of its file; the logs of what was there before are taken away then.

    A log that stays because the program ends in between has a lower number than the book's, and is never read again.

    Raises:
        BrokerError: It cannot be written; nothing was changed.
    """
    path = path_of(book.name)
    try:
        write_private(path, dumps(book))
    except OSError as problem:
        raise not_written(path, problem) from None
    for number in _numbers(path):
        with suppress(OSError):
            _log_of(path, number).unlink()


def not_written(path: Path, problem: OSError) -> BrokerError:
    """The error that ``path`` cannot be written."""
    reason = problem.strerror or str(problem)
    return BrokerError(
        f"the book cannot be written: {reason}", place=str(path), remedy="Nothing was changed.", code="book_not_written"
    )
