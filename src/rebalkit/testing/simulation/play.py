"""One simulated life of a plan: begun, interrupted by whatever happens, taken up again, until it is over; then judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen

from rebalkit.errors import JournalError, RebalkitError, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.journal import Journal, Store
from rebalkit.execution.machine import OrderPhase, RunPhase
from rebalkit.execution.state import Run
from rebalkit.plugin import Broker
from rebalkit.testing.simulation.broker import SimBroker
from rebalkit.testing.simulation.judge import judged, mistaken
from rebalkit.testing.simulation.person import answer_truthfully
from rebalkit.testing.simulation.scene import Scene
from rebalkit.testing.simulation.steps import Crash

__all__ = ["Outcome", "Settings", "play"]

_LONGEST = 2 * 3600 * 1000
"""Milliseconds that one start may take, not counting the machine's own sleep."""
_BUGS = frozenset({"illegal_transition", "impossible_event", "journal_damaged"})
_CALM = 6
"""Starts without faults in which a run must come to its end."""


@frozen
class Settings:
    """What kind of lives are played.

    Attributes:
        rates: Just these faults, each at its rate, see `FAULTS`; None = drawn from the seed.
        without: Faults that are never drawn.
        echoes: Whether the broker echoes client ids; None = drawn.
        dedupes: Whether it refuses a second order of one client id; None = drawn.
        person: Whether a person answers questions; None = drawn.
        live: Whether the broker's money is real; None = drawn.
        whole_shares: Whether only whole shares can be bought; None = drawn.
        sells: How many sales the plan has; None = drawn.
        buys: How many purchases; None = drawn.
        restarts: How often the run is taken up while faults go on.
        crash_at: The step at which each start ends; those after the last one end by themselves.
        connect: Puts another broker in front of the scripted one, whose `Venue` stays the truth.
        journal: Makes the journal.
        executor: Makes the executor; called with what `rebalkit.execution.executor.Executor` is.
    """

    rates: Mapping[str, float] | None = None
    without: frozenset[str] = frozenset()
    echoes: bool | None = None
    dedupes: bool | None = None
    person: bool | None = None
    live: bool | None = None
    whole_shares: bool | None = None
    sells: int | None = None
    buys: int | None = None
    restarts: int = 4
    crash_at: Sequence[int] = ()
    connect: Callable[[SimBroker], Broker] = lambda broker: broker
    journal: Callable[[Store, Callable[[], dt.datetime]], Journal] = Journal
    executor: Callable[..., Executor] = Executor


@frozen
class Outcome:
    """What became of one life.

    Attributes:
        seed: Where it came from.
        end: ``done``, ``void``, ``asking`` (a person has to answer and does not), or ``open``.
        stops: The code with which each start ended; empty for one that came to the end.
        violations: What must never happen and did, each with the promise of SAFETY.md that it breaks.
        asked: Whether a person was asked.
        mistaken: Orders that were taken for somebody else's, equal in every respect.
        placed: Orders that reached the broker.
        filled: Those of them that traded.
        dropped: The codes of the reasons for which orders were not sent.
        steps: Steps of each start.
        effects: For each start the numbers of those steps around which something lasting happened.
        happened: How often each fault happened.
        trace: Every step of all starts.
    """

    seed: int
    end: str
    stops: tuple[str, ...]
    violations: tuple[str, ...]
    asked: bool
    mistaken: int
    placed: int
    filled: int
    dropped: tuple[str, ...]
    steps: tuple[int, ...]
    effects: tuple[tuple[int, ...], ...]
    happened: Mapping[str, int]
    trace: tuple[str, ...] = field(repr=False)


def play(seed: int, settings: Settings = Settings()) -> Outcome:
    """Play the life that ``seed`` stands for; the same seed and settings always give the same, to the last step."""
    return _Life(seed, settings).played()


class _Life:
    def __init__(self, seed: int, settings: Settings) -> None:
        self.seed = seed
        self.settings = settings
        self.scene = Scene(seed, settings)
        self.stops: list[str] = []
        self.found: list[str] = []
        self.steps: list[int] = []
        self.effects: list[tuple[int, ...]] = []
        self.asked = False

    def played(self) -> Outcome:
        scene, settings = self.scene, self.settings
        for number in range(settings.restarts + 1):
            self._start(number)
            if self._over():
                break
            scene.rest()
        else:
            self._calm_down(settings.restarts + 1)
        run = self.scene.run
        if not self._over() and (scene.person or not self._waiting(run)):
            self.found.append("S8 the run has not come to an end although nothing goes wrong any more")
        orders = [one for one in scene.venue.orders.values() if one.ours]
        return Outcome(
            self.seed,
            self._end(run),
            tuple(self.stops),
            tuple(dict.fromkeys([*scene.witness.violations, *self.found])),
            self.asked,
            0 if run is None else len(list(mistaken(scene.venue, run))),
            len(orders),
            sum(one.filled > 0 for one in orders),
            tuple(event.body["code"] for event in scene.store.kept if event.kind is Kind.DROPPED),
            tuple(self.steps),
            tuple(self.effects),
            dict(scene.dice.happened),
            tuple(scene.steps.trace),
        )

    def _calm_down(self, number: int) -> None:
        """Nothing goes wrong any more: the run must end, if need be by being given up once its orders are settled."""
        self.scene.dice.set_rates({})
        for calm in range(_CALM):
            self._start(number + calm, give_up=calm > 0)
            if self._over():
                return
            self.scene.rest()

    def _start(self, number: int, *, give_up: bool = False) -> None:
        """One start of the program."""
        scene, crash_at = self.scene, self.settings.crash_at
        scene.begin(crash_at[number] if number < len(crash_at) else 0)
        began, asleep = scene.clock.milliseconds, scene.clock.asleep
        code = ""
        try:
            self._work(give_up)
        except Crash:
            code = "crash"
        except KeyboardInterrupt:
            code = "interrupted"
        except RebalkitError as problem:
            code = problem.code
            self.asked |= isinstance(problem, UnknownOrderState)
            if isinstance(problem, JournalError) and code in _BUGS:
                self.found.append(f"S8 {problem}")
        except Exception as problem:  # noqa: BLE001 - whatever else comes out is a bug to be told of
            self.found.append(f"S8 {type(problem).__name__}: {problem}")
        scene.steps.trace.append(f"end {code}")
        self.stops.append(code)
        self.steps.append(scene.steps.number)
        self.effects.append(tuple(scene.steps.effects))
        if scene.clock.milliseconds - began - (scene.clock.asleep - asleep) > _LONGEST:
            self.found.append("S8 a start took more than two hours")
        self.found += judged(scene.venue, scene.store, scene.state, scene.witness)

    def _work(self, give_up: bool) -> None:
        executor = self.scene.executor()
        run = executor.world.journal.state.runs.get(executor.mandate.plan_id)
        if run is None:
            executor.previews()
            run = executor.begin({"how": "simulated"})
        elif run.phase is RunPhase.DRAFT:
            executor.give_up("it was never approved")
            return
        elif self.scene.person:
            answer_truthfully(self.scene.venue, executor.world, run)
        if give_up:
            executor.settle()
            executor.give_up("it cannot go on")
            return
        for _ in executor.run():
            pass
        executor.finish("converged")

    def _over(self) -> bool:
        run = self.scene.run
        return run is not None and run.over

    @staticmethod
    def _waiting(run: Run | None) -> bool:
        return run is not None and any(leg.phase is OrderPhase.NEEDS_PERSON for leg in run.legs.values())

    def _end(self, run: Run | None) -> str:
        if run is None:
            return "open"
        if run.over:
            return run.phase.value
        return "asking" if self._waiting(run) else "open"
