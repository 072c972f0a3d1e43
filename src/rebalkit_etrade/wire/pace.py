"""A polite pace: so many requests a second, and longer waits when E*TRADE asks for them."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

__all__ = ["Clock", "Pace"]


class Clock(Protocol):
    """Time."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Pace:
    """Spaces requests evenly, over all threads.

    Args:
        per_second: How many there may be in a second.
        clock: Time.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._next = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Wait for the turn of the next request."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._clock.sleep(turn - now)
