"""Everything around one simulated life of a plan: the broker, the disk, the clock, the person, and what is asked of the program."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from rebalkit.calendar import NEW_YORK
from rebalkit.execution.events import Event
from rebalkit.execution.executor import Executor
from rebalkit.execution.mandate import Mandate
from rebalkit.execution.rules import ExecutionRules
from rebalkit.execution.state import Run, State
from rebalkit.execution.world import World
from rebalkit.model.policy import WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import VenueRules
from rebalkit.money import from_micros
from rebalkit.pipeline.promises import Scope
from rebalkit.pipeline.recheck import OrderCheck
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.plugin import BrokerCapabilities
from rebalkit.registry import Registry
from rebalkit.testing.simulation.broker import QuickSimBroker, SimBroker
from rebalkit.testing.simulation.clock import SimClock
from rebalkit.testing.simulation.faults import Dice
from rebalkit.testing.simulation.harm import Witness
from rebalkit.testing.simulation.household import make_household
from rebalkit.testing.simulation.outside import Outside
from rebalkit.testing.simulation.steps import Steps
from rebalkit.testing.simulation.store import MemoryStore
from rebalkit.testing.simulation.venue import Venue

if TYPE_CHECKING:
    from rebalkit.testing.simulation.play import Settings

__all__ = ["Scene"]

_DAY = dt.date(2026, 3, 10)
_HALF_DAY = dt.date(2026, 11, 27)
_NO_PLUGINS = Registry(())


class _NoPromises(Scope):
    """A household that never promised anything before."""

    def load(self) -> tuple[Promise, ...]:
        """Nothing, without a look at the disk."""
        return ()


class Scene:
    """One world, drawn from its seed.

    Args:
        seed: Where it comes from.
        settings: What is not drawn.

    Attributes:
        person: Whether somebody answers questions.
    """

    def __init__(self, seed: int, settings: Settings) -> None:
        self._settings = settings
        self.dice = dice = Dice(seed)
        dice.choose_faults(settings.without)
        if settings.rates is not None:
            dice.set_rates(settings.rates)
        self.steps = Steps(dice)
        day, start = self._beginning()
        self.clock = SimClock(self.steps, dice, start)
        if dice.happens("clock_skew"):
            self.clock.skew(dice.choice((-7200, -300, -61, -30, 30, 61, 300, 7200)))
        step = dice.choice((10**6, 10**6, 10**6, 1_000))
        if settings.whole_shares is not None:
            step = 10**6 if settings.whole_shares else 1_000
        fee = dice.choice((0, 0, 1, 495))
        home = make_household(dice, day, step, fee, settings.sells, settings.buys)
        self.venue = Venue(self.clock, dice, home.market, home.books, fee)
        self.venue.transactions.extend(home.history)
        self.store = MemoryStore(self.steps, dice)
        self._live = self._drawn(settings.live, 0.8)
        rules = ExecutionRules(day_turnover=400, settled_only=dice.random() < 0.15)
        capabilities = BrokerCapabilities(
            live=self._live,
            places_orders=True,
            venue=VenueRules(from_micros(step)),
            echoes_client_id=self._drawn(settings.echoes, 0.5),
            dedupes_client_id=self._drawn(settings.dedupes, 0.3),
        )
        reserve = from_micros(dice.choice((0, 0, 10**6, 10**8)))
        self._mandate = Mandate(home.plan, home.targets, "simulated", self._live, home.value, reserve, capabilities.venue, rules)
        self.witness = Witness(
            self.venue, self.store, home.plan, self._mandate.plan_id, home.groups, settled_only=rules.settled_only
        )
        outside = Outside(self.venue, home.symbols)
        made = QuickSimBroker if dice.random() < 0.7 else SimBroker
        self._broker = made(self.venue, self.steps, outside, self.witness, capabilities)
        self._front = settings.connect(self._broker)
        self.person = self._drawn(settings.person, 0.7)
        self._request = PlanRequest(Source("simulated"), home.targets, policy=WashPolicy(home.groups))
        self._wish = ""
        self._state = State()
        self._folded: list[Event] = []

    def _drawn(self, wish: bool | None, likely: float) -> bool:
        drawn = self.dice.random() < likely
        return drawn if wish is None else wish

    def _beginning(self) -> tuple[dt.date, dt.datetime]:
        dice, day, minute = self.dice, _DAY, self.dice.randrange(10 * 60, 14 * 60)
        if dice.happens("half_day"):
            day, minute = _HALF_DAY, 13 * 60 - dice.randrange(1, 30)
        elif dice.happens("near_close"):
            minute = 16 * 60 - dice.randrange(1, 30)
        return day, dt.datetime.combine(day, dt.time(minute // 60, minute % 60), NEW_YORK)

    def begin(self, crash_at: int) -> None:
        """A new process: the person has logged in and wishes nothing to stop."""
        self.steps.start(crash_at)
        self._broker.logged_in = True
        self._wish = ""

    def executor(self) -> Executor:
        """The program, over what the disk and the broker have."""
        settings, clock = self._settings, self.clock
        journal = settings.journal(self.store, clock.now)
        world = World(self._front, journal, clock, self.dice, self._wished)
        check = OrderCheck(_NO_PLUGINS, world, self._request, self._mandate.plan, _NoPromises("simulated"), self._mandate.plan_id)
        return settings.executor(world, self._mandate, check, _ignore)

    @property
    def state(self) -> State:
        """What is on the disk, folded; each event once, unless the disk has lost some."""
        kept, count = self.store.kept, len(self._folded)
        if self._folded != kept[:count]:
            self._state, count = State(), 0
        for event in kept[count:]:
            self._state.apply(event)
        self._folded = list(kept)
        return self._state

    @property
    def run(self) -> Run | None:
        """How far the run is, by what is on the disk; None before it has begun."""
        return self.state.runs.get(self._mandate.plan_id)

    def rest(self) -> None:
        """Some minutes pass until the program is started again, time to log in and to look at the broker's page; or a night."""
        hours = self.dice.randrange(12, 30) if self.dice.happens("overnight") else 0
        self.clock.advance((hours * 3600 + self.dice.randrange(120, 900)) * 1000)
        self.venue.progress()

    def _wished(self) -> str:
        if self.dice.happens("kill_switch"):
            self._wish = "the person wants everything to stop"
        return self._wish


def _ignore(status: Any) -> None:
    """Nobody watches the orders."""
