"""Time that passes only when somebody waits for it."""

from __future__ import annotations

import datetime as dt

from rebalkit.testing.simulation.faults import Dice
from rebalkit.testing.simulation.steps import Steps

__all__ = ["SimClock"]

_LONGEST_SLEEP = 3 * 3600
_JUMPS = (-3600, -300, -50, -2, 2, 50, 300, 3600)


class SimClock:
    """The true time of the world, and the machine's clock, which may be wrong.

    Args:
        steps: Counts what is asked.
        dice: Chance.
        start: The true moment of the beginning, aware.

    Attributes:
        asleep: Milliseconds that the machine slept, the program with it.
    """

    def __init__(self, steps: Steps, dice: Dice, start: dt.datetime) -> None:
        self._steps = steps
        self._dice = dice
        self._start = start.astimezone(dt.UTC)
        self._skew = dt.timedelta(0)
        self.asleep = 0

    @property
    def milliseconds(self) -> int:
        """True milliseconds since the beginning."""
        return self._steps.milliseconds

    @property
    def true_now(self) -> dt.datetime:
        """The true moment, in UTC."""
        return self._start + dt.timedelta(milliseconds=self._steps.milliseconds)

    def now(self) -> dt.datetime:
        """What the machine's clock says."""
        return self.true_now + self._skew

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self._steps.milliseconds / 1000

    def sleep(self, seconds: float) -> None:
        """Wait. The person may press Ctrl-C meanwhile, the machine may fall asleep, or its clock be put right or wrong."""
        self._steps.step("sleep", f"{seconds:.3f}")
        self.advance(round(seconds * 1000))
        if self._dice.happens("interrupt"):
            raise KeyboardInterrupt
        self.disturb()

    def disturb(self) -> None:
        """What may happen to a machine at any moment."""
        if self._dice.happens("laptop_sleep"):
            slept = self._dice.randrange(20, _LONGEST_SLEEP) * 1000
            self.asleep += slept
            self.advance(slept)
        if self._dice.happens("clock_jump"):
            self.skew(self._dice.choice(_JUMPS))

    def advance(self, milliseconds: int) -> None:
        """Let true time pass."""
        self._steps.milliseconds += milliseconds

    def skew(self, seconds: float) -> None:
        """Let the machine's clock go wrong by so much more."""
        self._skew += dt.timedelta(seconds=seconds)
