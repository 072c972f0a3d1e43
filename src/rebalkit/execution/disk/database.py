"""The events of a journal in an SQLite file: what the program trusts.

The file has a rollback journal and is synchronised twice for every event (``synchronous=EXTRA``), so that an event which `append` has
returned for is there after a power cut. Triggers keep rows from being changed, indices keep a client id from being sent twice.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rebalkit.errors import JournalError
from rebalkit.execution.events import Event, Kind

__all__ = ["Database"]

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE event (
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT NOT NULL, kind TEXT NOT NULL, leg INTEGER, client_id TEXT,
  body TEXT NOT NULL, previous TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER never_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE UNIQUE INDEX sent_once ON event (client_id) WHERE kind = 'sending';
CREATE UNIQUE INDEX placed_once ON event (client_id) WHERE kind = 'ack';
CREATE UNIQUE INDEX begun_once ON event (run) WHERE kind = 'run_start';
PRAGMA user_version = {_VERSION};
"""


class Database:
    """An open file of events.

    Args:
        path: The file; made when it is missing, unless ``readonly``.
        readonly: Whether nothing is to be written.
        durable: Whether an event must be there after a power cut; else only after the end of this process.

    Raises:
        JournalError: It cannot be opened, is no journal, or one of another version.
    """

    def __init__(self, path: Path, *, readonly: bool = False, durable: bool = True) -> None:
        self._path = path
        with self._failing("cannot be opened", "journal_not_opened"):
            if not readonly and not path.exists():
                # Not by sqlite, which would leave it open to others for a moment.
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            mode = "ro" if readonly else "rw"
            self._open = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=0)
        try:
            self._prepare(readonly, durable)
        except BaseException:
            self._open.close()
            raise

    def _prepare(self, readonly: bool, durable: bool) -> None:
        with self._failing("is damaged", "journal_damaged"):
            if not readonly:
                # One process alone, from the first event to the last; a program that looks into the file meanwhile reads.
                self._open.execute("PRAGMA journal_mode = DELETE")
                self._open.execute(f"PRAGMA synchronous = {'EXTRA' if durable else 'OFF'}")
            version = self._open.execute("PRAGMA user_version").fetchone()[0]
            empty = version == 0 and not self._open.execute("SELECT name FROM sqlite_master").fetchall()
        if empty and not readonly:
            with self._failing("cannot be written", "journal_not_written"):
                self._open.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
        elif version != _VERSION and not empty:
            raise JournalError(
                f"this is a journal of version {version}, and this rebalkit knows version {_VERSION}",
                place=str(self._path),
                code="other_version",
                remedy="Use the version of rebalkit that wrote it. The file was not touched.",
            )

    def events(self) -> Sequence[Event]:
        """All events in order. Raises JournalError when the file is damaged."""
        with self._failing("is damaged", "journal_damaged"):
            if not self._open.execute("SELECT name FROM sqlite_master WHERE name = 'event'").fetchall():
                return []
            rows = self._open.execute(
                "SELECT seq, at, run, kind, leg, client_id, body, previous, hash FROM event ORDER BY seq"
            ).fetchall()
        try:
            return [
                Event(seq, at, run, Kind(kind), leg, client_id, json.loads(body), previous, own)
                for seq, at, run, kind, leg, client_id, body, previous, own in rows
            ]
        except (ValueError, RecursionError) as problem:
            raise self._error(f"is damaged: {problem}", "journal_damaged") from None

    def append(self, event: Event) -> None:
        """Write ``event`` behind the others; it is on the disk once this returns. Raises JournalError when that is not certain."""
        body = json.dumps(event.body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        row = (event.seq, event.at, event.run, event.kind.value, event.leg, event.client_id, body, event.previous, event.hash)
        with self._failing("cannot be written", "journal_not_written"):
            self._open.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._open.close()

    @contextmanager
    def _failing(self, what: str, code: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as problem:
            raise self._error(f"{what}: {problem}", code) from None
        except OSError as problem:
            raise self._error(f"{what}: {problem.strerror or problem}", code) from None

    def _error(self, reason: str, code: str) -> JournalError:
        more = " `rebalkit journal verify` says more." if code == "journal_damaged" else ""
        remedy = f"Nothing is sent without it.{more}"
        return JournalError(f"the journal {reason}", place=str(self._path), code=code, remedy=remedy)
