"""The clock of this machine."""

from __future__ import annotations

import datetime as dt
import time

__all__ = ["SystemClock"]


class SystemClock:
    """Time as it is."""

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds since this machine started, those that it slept included where the system counts them."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot is None else time.clock_gettime(boot)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
