"""Books on disk: one file each, replaced as a whole, changed by one process at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rebalkit.errors import BrokerError, DataError, UsageError
from rebalkit.places import alone_at, state_folder, write_private
from rebalkit.serial import dumps, loads
from rebalkit_paper.book import VERSION, Book
from rebalkit_paper.sanity import check

__all__ = ["add", "change", "list_books", "load", "path_of"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
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


def load(name: str) -> Book:
    """The book ``name``.

    Raises:
        UsageError: The name cannot be one.
        DataError: There is no such book, or its file is not what this version writes.
    """
    path = path_of(name)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        others = ", ".join(list_books()) or "none"
        raise DataError(
            f"there is no paper book {name!r}",
            place=str(path),
            remedy=f"Make it with `rebalkit paper new {name} --sample`. Books there are: {others}.",
            code="no_such_book",
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"the book cannot be read: {problem}", place=str(path), code="bad_file") from None
    _refuse_other_versions(text, path)
    book = loads(Book, text, str(path))
    check(book)
    if book.name != name:
        raise DataError(f"this is the book {book.name!r}, not {name!r}", place=str(path), code="bad_book")
    return book


def _refuse_other_versions(text: str, path: Path) -> None:
    with suppress(ValueError):
        value = json.loads(text)
        if isinstance(value, dict) and value.get("version") != VERSION:
            raise DataError(
                f"the book has version {value.get('version')!r}; this rebalkit reads {VERSION}",
                place=str(path),
                code="other_version",
                remedy="Use the version of rebalkit that wrote it, or make the book again with `rebalkit paper new --force`.",
            )


def add(book: Book, *, overwrite: bool = False) -> None:
    """Write the new ``book``.

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
        _write(path, dumps(book))


def change(name: str, action: Callable[[Book], Book]) -> Book:
    """The book ``name`` after ``action``, on disk. What ``action`` raises leaves it as it was.

    Raises:
        DataError: As `load`; or the book after ``action`` cannot be.
        BrokerError: Another process is changing it, or it cannot be written; nothing was changed.
    """
    path = path_of(name)
    if not path.exists():
        load(name)  # says what is missing, and leaves no lock file behind
    with _locked(path):
        before = load(name)
        after = action(before)
        if after != before:
            check(after)
            _write(path, dumps(after))
        return after


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the book at ``path`` alone."""
    with ExitStack() as held:
        try:
            held.enter_context(alone_at(path, _PATIENCE))
        except TimeoutError:
            raise BrokerError(
                "another command is changing this book", place=str(path), remedy="Wait for it to end.", code="book_busy"
            ) from None
        except OSError as problem:
            raise _not_written(path, problem) from None
        yield


def _write(path: Path, text: str) -> None:
    try:
        write_private(path, text)
    except OSError as problem:
        raise _not_written(path, problem) from None


def _not_written(path: Path, problem: OSError) -> BrokerError:
    reason = problem.strerror or str(problem)
    return BrokerError(
        f"the book cannot be written: {reason}", place=str(path), remedy="Nothing was changed.", code="book_not_written"
    )
