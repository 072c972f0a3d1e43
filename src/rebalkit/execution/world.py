"""All that execution gets from outside: one object, so that a simulation can stand in for the whole world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from rebalkit.execution.journal import Journal
    from rebalkit.plugin import Broker

__all__ = ["Chance", "Clock", "World"]


class Clock(Protocol):
    """Time."""

    def now(self) -> dt.datetime:
        """The moment, aware, in UTC. It may jump, as the clocks of machines do."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, for durations. It goes on while the machine sleeps, and never back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Chance(Protocol):
    """Randomness, for waits that must not be in step with others'."""

    def uniform(self, a: float, b: float) -> float:
        """A number between ``a`` and ``b``."""
        ...


@frozen
class World:
    """Network, disk, clock, randomness and the person.

    Attributes:
        broker: The broker; whatever it raises or answers is possible.
        journal: The journal of the account, open.
        clock: Time.
        chance: Randomness.
        asked_to_stop: Why nothing more is to be sent, as a person or a file says; empty while there is no such wish.
    """

    broker: Broker
    journal: Journal
    clock: Clock
    chance: Chance
    asked_to_stop: Callable[[], str]
