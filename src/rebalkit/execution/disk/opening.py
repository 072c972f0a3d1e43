"""Where journals are, who may open them, and what is refused as a place for one."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rebalkit.errors import BlockedError, JournalError
from rebalkit.execution.disk.database import Database
from rebalkit.execution.disk.mirror import read_lines
from rebalkit.execution.disk.places import refuse_open_to_others, refuse_shared_place
from rebalkit.execution.disk.store import FileStore, compared, mirror_of
from rebalkit.execution.events import Event
from rebalkit.execution.journal import Journal
from rebalkit.places import alone_at, make_private_folder, state_folder

__all__ = ["journal_path", "journals", "open_journal", "read_journal"]


def journal_path(scope: str, account: str) -> Path:
    """The file of the journal of one account; its name tells nothing of the account."""
    name = hashlib.sha256("\x1f".join((scope, account)).encode()).hexdigest()[:16]
    return state_folder() / "journal" / f"{name}.sqlite3"


def journals() -> list[Path]:
    """The files of all journals, by name."""
    folder = state_folder() / "journal"
    return sorted(folder.glob("*.sqlite3")) if folder.is_dir() else []


@contextmanager
def open_journal(scope: str, account: str, now: Callable[[], dt.datetime], *, durable: bool = True) -> Iterator[Journal]:
    """The journal of an account, held alone as long as it is open.

    Args:
        scope: Whose accounts these are.
        account: The account.
        now: The moment, for the events.
        durable: Whether each event must be there after a power cut, as it must where real money moves; else only after the end of this
            process, however it ends.

    Raises:
        BlockedError: Another process holds it.
        JournalError: There is no place for it, it can be read by others, or it is damaged. Nothing may be sent then.
    """
    path = journal_path(scope, account)
    with ExitStack() as held:
        try:
            make_private_folder(path.parent)
            refuse_shared_place(path.parent)
            refuse_open_to_others(path.parent)
            for file in (path, mirror_of(path)):
                if file.exists():
                    refuse_open_to_others(file)
            held.enter_context(alone_at(path, 0))
            _sign(path)
        except TimeoutError:
            raise BlockedError(
                f"{_holder(path)} is trading in this account",
                place=str(path),
                code="locked",
                remedy="Wait for it to end, or stop it with `rebalkit stop`.",
            ) from None
        except OSError as problem:
            raise JournalError(
                f"there is no place for the journal: {problem.strerror or problem}",
                place=str(path.parent),
                code="no_place",
                remedy="Nothing is sent without it. Make the folder writable, or name another one in REBALKIT_HOME.",
            ) from None
        store = FileStore(path, durable=durable)
        held.callback(store.close)
        yield Journal(store, now)


def read_journal(path: Path) -> Journal:
    """A journal to look at; nothing can be written to it, and nobody is kept from it.

    Raises JournalError when it is damaged or its two files do not say the same.
    """
    database = Database(path, readonly=True)
    try:
        events = database.events()
    finally:
        database.close()
    lines, _ = read_lines(mirror_of(path))
    compared(path, events, lines)
    return Journal(_Frozen(events), _no_time)


class _Frozen:
    """A store that is only looked at."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def events(self) -> Sequence[Event]:
        return self._events

    def append(self, event: Event) -> None:
        raise JournalError("the journal was opened to be looked at", code="read_only")


def _no_time() -> dt.datetime:
    return dt.datetime.max.replace(tzinfo=dt.UTC)


def _sign(path: Path) -> None:
    """Leave the name of this process beside the lock, for the message to others; the lock itself is the system's."""
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with open(os.open(_signature(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(holder)


def _holder(path: Path) -> str:
    try:
        return _signature(path).read_text(encoding="utf-8")[:100] or "another process"
    except (OSError, UnicodeDecodeError):
        return "another process"


def _signature(path: Path) -> Path:
    return path.with_suffix(".holder")
