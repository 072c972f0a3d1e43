"""The wish that nothing more is sent: a file that any process can leave, and Ctrl-C.

Both are looked at right before each order. An order that is at the broker already is seen to its end, so that what is recorded is true.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rebalkit.errors import JournalError
from rebalkit.places import make_private_folder, state_folder, write_private

__all__ = ["ask_to_stop", "clear_stop", "leaving_on_interrupt", "stop_file", "stop_wish", "stopping_on_interrupt"]

_TWICE = 3.0
"""Seconds within which a second Ctrl-C leaves at once."""


def stop_file() -> Path:
    """The file whose existence says that nothing more is to be sent, whatever is in it."""
    return state_folder() / "STOP"


def ask_to_stop(reason: str, now: dt.datetime) -> Path:
    """Leave the wish that no process of this user sends another order; returns its file.

    Args:
        reason: Why, for the person who finds it.
        now: The moment.

    Raises:
        JournalError: It cannot be written, so that nothing has been stopped.
    """
    path = stop_file()
    words = " ".join(reason.split())
    try:
        make_private_folder(path.parent)
        write_private(path, f"since {now.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC{': ' if words else ''}{words}\n")
    except OSError as problem:
        raise _unchanged(
            "it cannot be written", path, problem, f"Make the file {path} by other means, or end the processes."
        ) from None
    return path


def clear_stop() -> bool:
    """Take the wish back; returns whether there was one. Raises JournalError when the file cannot be removed."""
    path = stop_file()
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise _unchanged("it cannot be removed", path, problem, f"Remove {path} by other means.") from None
    return True


def stop_wish() -> str:
    """Why nothing more is to be sent; empty while nobody wishes so. A file that is there but cannot be read counts."""
    path = stop_file()
    if not os.path.lexists(path):
        return ""
    try:
        words = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        words = ""
    return f"`rebalkit stop` {' '.join(words.split())[:200]}".rstrip()


@contextmanager
def stopping_on_interrupt(say: Callable[[str], object], monotonic: Callable[[], float]) -> Iterator[Callable[[], str]]:
    """Turn a first Ctrl-C into a wish to stop, so that the order that is under way is still recorded; gives what says the wish.

    A second one within three seconds of the first is what it always is: KeyboardInterrupt at once.

    Args:
        say: Tells the person what the first one did.
        monotonic: Seconds, for the time between the two.
    """
    pressed: list[float] = []

    def interrupted(number: int, frame: FrameType | None) -> None:
        now = monotonic()
        if pressed and now - pressed[-1] <= _TWICE:
            raise KeyboardInterrupt
        pressed.append(now)
        say("Stopping: nothing more is sent once the present order has ended. Ctrl-C again within 3 seconds leaves at once.")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield lambda: "interrupted by the person (Ctrl-C)" if pressed else ""
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def leaving_on_interrupt() -> Iterator[None]:
    """Let Ctrl-C leave at once while a person is asked: nothing is under way then."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _unchanged(reason: str, path: Path, problem: OSError, remedy: str) -> JournalError:
    return JournalError(f"{reason}: {problem.strerror or problem}", place=str(path), code="stop_not_changed", remedy=remedy)
