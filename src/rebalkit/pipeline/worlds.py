"""The world that a broker's orders are carried out in: the real one, or for a simulated broker one whose time is its own."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rebalkit.calendar import NEW_YORK
from rebalkit.execution.disk import journal_path, open_journal
from rebalkit.execution.disk.aside import set_aside
from rebalkit.execution.system_clock import SystemClock
from rebalkit.execution.world import Clock, World
from rebalkit.pipeline.promises import HOUSEHOLD, Scope
from rebalkit.plugin import TellsTime

if TYPE_CHECKING:
    from rebalkit.plugin import Broker

__all__ = ["SimulatedClock", "journal_scope", "open_world"]

_NOON = dt.time(12)


class SimulatedClock:
    """The time of a broker that simulates: its own, and waiting for it takes none."""

    def __init__(self, broker: Broker) -> None:
        """The clock of ``broker``; noon of its day where it tells no time."""
        self._broker = broker
        self._waited = 0.0

    def now(self) -> dt.datetime:
        """The broker's moment."""
        broker = self._broker
        moment = broker.now() if isinstance(broker, TellsTime) else dt.datetime.combine(broker.today(), _NOON, NEW_YORK)
        return moment.astimezone(dt.UTC)

    def monotonic(self) -> float:
        """Seconds that were waited for."""
        return self._waited

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        self._waited += seconds


def journal_scope(scope: Scope, broker: str, live: bool) -> str:
    """Whose accounts share no journal with any other's: those of one broker, or of one book on paper.

    Args:
        scope: Whose promises bind one another there.
        broker: Name of the broker plugin.
        live: Whether its orders move real money.
    """
    if scope != HOUSEHOLD:
        return scope.name
    # All that is real shares its promises; but accounts and orders of two brokers may have one name.
    return broker if live else f"{broker}, simulated"


@contextmanager
def open_world(broker: Broker, scope: str, account: str, wish: Callable[[], str]) -> Iterator[World]:
    """The world of one run; its journal is held alone as long as it is open.

    Args:
        broker: The broker.
        scope: Whose accounts these are (`journal_scope`).
        account: The account.
        wish: Says why nothing more is to be sent; empty while nobody wishes so.

    Raises:
        JournalError: The journal is damaged, cannot be written, or another process holds it.
    """
    simulated = not broker.capabilities.live
    clock: Clock = SimulatedClock(broker) if simulated else SystemClock()
    if simulated and _was_made_anew(broker, scope, account, clock):
        set_aside(scope, account)
    with open_journal(scope, account, clock.now, durable=broker.capabilities.live) as journal:
        yield World(broker, journal, clock, random.Random(), wish)  # noqa: S311 - waits need to be apart, not secret


def _was_made_anew(broker: Broker, scope: str, account: str, clock: Clock) -> bool:
    """Whether the account on paper is another one than that of its journal: it does not know the orders that were placed in that one.

    Made anew, it can look as the old one did, and its plans then have the ids of plans that the journal has carried out.
    """
    if not journal_path(scope, account).exists():
        return False
    with open_journal(scope, account, clock.now, durable=broker.capabilities.live) as journal:
        placed = {order: journal.state.runs[run].legs[leg].asked.client_id for order, (run, leg) in journal.state.orders.items()}
    listed = {one.order: one.client_id for one in broker.orders(account, dt.date.min)} if placed else {}
    return any(listed.get(order, "") not in (client_id, None) for order, client_id in placed.items())
