"""The steps of a simulated process: each can be its last, and all together are its trace."""

from __future__ import annotations

from rebalkit.testing.simulation.faults import Dice

__all__ = ["Crash", "Steps"]


_DANGER = 5
"""How much likelier a crash is around something lasting: there it can do harm."""


class Crash(BaseException):
    """The process dies here. What the broker and the disk have stays; all else is gone."""


class Steps:
    """Counts what the program asks of the world outside and ends it where it is told to.

    Args:
        dice: Chance.

    Attributes:
        trace: One line for each step of all starts.
        number: Number of the step in this start, from 1.
        crash_at: The step of this start that is its last; 0 for none.
        effects: Numbers of those steps of this start around which something lasting happens.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.trace: list[str] = []
        self.number = 0
        self.crash_at = 0
        self.effects: list[int] = []
        self.milliseconds = 0

    def start(self, crash_at: int = 0) -> None:
        """A new process begins."""
        self.number = 0
        self.crash_at = crash_at
        self.effects = []

    def step(self, name: str, detail: object = "", *, effect: bool = False) -> None:
        """One step; ``effect`` says that before it or after it something lasting happens. Raises Crash when it is the last one."""
        self.number += 1
        self.trace.append(f"{self.number} {self.milliseconds} {name} {detail}")
        if effect:
            self.effects.append(self.number)
        if self.number == self.crash_at or any(self._dice.happens("crash") for _ in range(_DANGER if effect else 1)):
            self.trace.append("crash")
            raise Crash(f"at step {self.number}: {name}")
