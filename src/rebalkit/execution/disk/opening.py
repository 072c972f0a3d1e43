"""Opening a journal for a run: who may, and where."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rebalkit.errors import BlockedError, JournalError
from rebalkit.execution.disk.paths import journal_path, mirror_of
from rebalkit.execution.disk.places import refuse_open_to_others, refuse_shared_place
from rebalkit.execution.disk.store import FileStore
from rebalkit.execution.journal import Journal
from rebalkit.places import alone_at, make_private_folder

__all__ = ["holder_of", "open_journal"]

_GLANCE = 0.2
"""Seconds that somebody may hold a journal without being told of as trading: whoever looks who holds it does so for a moment."""


@contextmanager
def open_journal(scope: str, account: str, now: Callable[[], dt.datetime], *, durable: bool = True) -> Iterator[Journal]:
    """The journal of an account, held alone as long as it is open.

    Args:
        scope: Whose accounts these are.
        account: The account.
        now: The moment, for the events.
        durable: Whether an event must be there after a power cut, on a disk of this machine; it must for real money. Else it is there
            after the end of this process, and the place may be a shared drive, as homes in schools and firms are.

    Raises:
        BlockedError: Another process holds it.
        JournalError: There is no place for it, it can be read by others, or it is damaged. Nothing may be sent then.
    """
    path = journal_path(scope, account)
    with ExitStack() as held:
        try:
            if durable:
                refuse_shared_place(path.parent)
            make_private_folder(path.parent)
            for place in (path.parent, path, mirror_of(path)):
                if place.exists():
                    refuse_open_to_others(place)
            held.enter_context(alone_at(path, _GLANCE))
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


def holder_of(path: Path) -> str:
    """The process that holds the journal ``path`` at present; empty when none does.

    Raises OSError when that cannot be seen.
    """
    try:
        with alone_at(path, 0):
            return ""
    except TimeoutError:
        return _holder(path)


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
