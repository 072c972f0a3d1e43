"""The person at the keyboard, who looks at the broker's own page and says what is there."""

from __future__ import annotations

from rebalkit.errors import JournalError, RebalkitError
from rebalkit.execution.answers import answer
from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.state import Run
from rebalkit.execution.world import World
from rebalkit.testing.simulation.venue import Venue

__all__ = ["answer_truthfully"]


def answer_truthfully(venue: Venue, world: World, run: Run) -> None:
    """Answer every question that the program has asked, and tell of numbers that the broker answered with and that are of other orders.

    What the broker's list does not show yet stays open until the next time.
    """
    for leg in list(run.legs.values()):
        wrong = leg.only_answered and venue.orders[leg.order or ""].client_id != leg.asked.client_id
        if wrong or leg.phase is OrderPhase.NEEDS_PERSON:
            there = [one.order for one in venue.orders.values() if one.client_id == leg.asked.client_id]
            try:
                answer(world, run, leg.number, there[0] if there else None)
            except JournalError:
                raise
            except RebalkitError:
                return
