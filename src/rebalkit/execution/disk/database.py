"""The events of a journal in an SQLite file: what the program trusts.

The file has a rollback journal and is synchronised, with its folder, for every event (``synchronous=EXTRA``), so that an event which
`append` has returned for is there after a power cut. Triggers keep rows from being changed, indices keep an order from being sent or
found twice.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rebalkit.errors import JournalError
from rebalkit.execution.events import Event, Kind, canonical

__all__ = ["Database"]

_LEAST = (3, 37)
"""The first SQLite that has strict tables (https://www.sqlite.org/stricttables.html)."""
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT NOT NULL, kind TEXT NOT NULL, leg INTEGER, client_id TEXT,
  body TEXT NOT NULL, previous TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER never_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE UNIQUE INDEX begun_once ON event (run) WHERE kind = 'run_start';
CREATE UNIQUE INDEX sent_once ON event (client_id) WHERE kind = 'sending';
CREATE UNIQUE INDEX placed_once ON event (run, leg) WHERE kind = 'ack';
CREATE UNIQUE INDEX claimed_once ON event (json_extract(body, '$.order')) WHERE kind = 'ack';
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = "seq, at, run, kind, leg, client_id, body, previous, hash"
_PATIENCE = 10.0
"""Seconds to wait for a program that is looking into the file; each takes milliseconds."""
_NOT_READ = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
})  # fmt: skip
"""What SQLite says when it cannot get at what is in the file, of which nothing is known then."""


class Database:
    """An open file of events.

    Args:
        path: The file; made, without a table in it, when it is missing, unless ``readonly``.
        readonly: Whether nothing is to be written.
        durable: Whether an event must be there after a power cut; else only after the end of this process.

    Raises:
        JournalError: It cannot be opened, is no journal, or one of another version.
    """

    def __init__(self, path: Path, *, readonly: bool = False, durable: bool = True) -> None:
        self._path = path
        if sqlite3.sqlite_version_info < _LEAST:
            raise JournalError(
                f"the SQLite of this Python is {sqlite3.sqlite_version}, and a journal needs {'.'.join(map(str, _LEAST))}",
                place=str(path),
                code="old_sqlite",
                remedy="Nothing is sent without a journal. Use a Python with a newer SQLite; those from python.org have one.",
            )
        with self._failing("cannot be opened", "journal_not_opened"):
            if not readonly and not path.exists():
                # Not by sqlite, which would leave it open to others for a moment.
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            mode = "ro" if readonly else "rw"
            self._open = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_PATIENCE
            )
        try:
            self._prepare(readonly, durable)
        except BaseException:
            self._open.close()
            raise

    def _prepare(self, readonly: bool, durable: bool) -> None:
        with self._reading():
            if not readonly:
                self._open.execute("PRAGMA journal_mode = DELETE")
                self._open.execute(f"PRAGMA synchronous = {'EXTRA' if durable else 'OFF'}")
            (version,) = self._open.execute("PRAGMA user_version").fetchone()
            schema = _schema_of(self._open)
            self._empty = not version and not schema
        if self._empty:
            return
        if version != _VERSION:
            raise JournalError(
                f"this is a journal of version {version}, and this rebalkit knows version {_VERSION}",
                place=str(self._path),
                code="other_version",
                remedy="Use the version of rebalkit that wrote it. The file was not touched.",
            )
        with closing(sqlite3.connect(":memory:")) as model:
            model.executescript(_SCHEMA)
            if schema != _schema_of(model):
                raise self._error("is damaged: what keeps its events from being changed is not there", "journal_damaged")

    def events(self) -> Sequence[Event]:
        """All events in order, none in a new file. Raises JournalError when the file is damaged or cannot be read."""
        if self._empty:
            return []
        with self._reading():
            (state,) = self._open.execute("PRAGMA integrity_check(1)").fetchone()
            rows = self._open.execute(f"SELECT {_COLUMNS} FROM event ORDER BY seq").fetchall()  # noqa: S608 - a constant
        if state != "ok":
            raise self._error(f"is damaged: {state}", "journal_damaged")
        try:
            return [
                Event(seq, at, run, Kind(kind), leg, client_id, json.loads(body), previous, own)
                for seq, at, run, kind, leg, client_id, body, previous, own in rows
            ]
        except (ValueError, RecursionError) as problem:
            raise self._error(f"is damaged: {problem}", "journal_damaged") from None

    def begin(self) -> None:
        """Make the table where there is none. Raises JournalError when it cannot be written."""
        if self._empty:
            with self._failing("cannot be written", "journal_not_written"):
                self._open.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
            self._empty = False

    def append(self, event: Event) -> None:
        """Write ``event`` behind the others; it is on the disk once this returns. Raises JournalError when that is not certain."""
        row = (
            event.seq, event.at, event.run, event.kind.value, event.leg, event.client_id, canonical(event.body), event.previous, event.hash,
        )  # fmt: skip
        with self._failing("cannot be written", "journal_not_written"):
            self._open.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as problem:
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF in _NOT_READ:
                raise self._error(f"cannot be read: {problem}", "journal_not_opened") from None
            raise self._error(f"is damaged: {problem}", "journal_damaged") from None

    @contextmanager
    def _failing(self, what: str, code: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as problem:
            raise self._error(f"{what}: {problem}", code) from None
        except OSError as problem:
            raise self._error(f"{what}: {problem.strerror or problem}", code) from None

    def _error(self, reason: str, code: str) -> JournalError:
        more = " `rebalkit journal verify` says more." if code == "journal_damaged" else ""
        remedy = f"Nothing is sent without it.{more}"
        return JournalError(f"the journal {reason}", place=str(self._path), code=code, remedy=remedy)


def _schema_of(connection: sqlite3.Connection) -> set[tuple[str, str | None]]:
    return set(connection.execute("SELECT name, sql FROM sqlite_master"))
