"""A closed terminal and a polite kill, while an order is open, are what Ctrl-C is: a reason to see the order off."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["ended_as_interrupted"]

_SIGNALS = ("SIGTERM", "SIGHUP")
"""Those that end a process by themselves; Windows has no SIGHUP."""


@contextmanager
def ended_as_interrupted() -> Iterator[None]:
    """Let signals that would end the process raise KeyboardInterrupt in the main thread meanwhile."""
    before: dict[signal.Signals, Any] = {}
    try:
        for name in _SIGNALS:
            one = getattr(signal, name, None)
            if one is not None:
                before[one] = signal.signal(one, _interrupt)
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
