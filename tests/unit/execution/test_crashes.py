"""Death at every step, and at every pair of steps: nothing is lost and nothing is done twice.

A step is every write to the journal, every call of the broker and every wait, each once before and once after it takes effect. What the
broker has is its own record, which the executor cannot write to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen

from execution_stub import NIL, PLAN, Store, Stub, executor
from rebalkit.errors import JournalError, UnknownOrderState, UsageError
from rebalkit.execution.answers import answer
from rebalkit.execution.events import Event
from rebalkit.execution.executor import Executor
from rebalkit.execution.journal import Journal
from rebalkit.execution.machine import IN_DOUBT, OrderPhase, RunPhase
from rebalkit.execution.world import World
from rebalkit.model import OrderRequest, OrderStatus, Plan, Side, Unknown

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


class Died(BaseException):
    """As sudden as a kill: nothing may catch it."""


class Steps:
    """Counts steps, and dies at one of them."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.taken = 0

    def take(self) -> None:
        if self.taken == self.last:
            raise Died
        self.taken += 1

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **named: Any) -> Any:
            self.take()
            result = call(*args, **named)
            self.take()
            return result

        return stepped


class MortalStore:
    def __init__(self, store: Store, steps: Steps) -> None:
        self.events = store.events
        self.append = steps.around(store.append)


class Mortal:
    """Anything, with a step before and after each call."""

    def __init__(self, inner: Any, steps: Steps, *calls: str) -> None:
        self._inner = inner
        for name in calls:
            setattr(self, name, steps.around(getattr(inner, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@frozen
class Scenario:
    """A plan and a broker."""

    plan: Plan
    broker: Callable[[], Stub]


def part(*numbers: int) -> Plan:
    return evolve(PLAN, orders=tuple(PLAN.orders[number] for number in numbers))


def losing(symbol: str, *, echoes: bool = False, dedupes: bool = False, lands: bool = True) -> Callable[[], Stub]:
    """A broker whose first answer about ``symbol`` is lost."""

    def make() -> Stub:
        broker = Stub(cash="9500", echoes=echoes, dedupes=dedupes)
        said: list[int] = []

        def reply(request: OrderRequest) -> Any:
            if said:
                return broker.fill(request)
            said.append(1)
            if lands:
                broker.fill(request)
            return Unknown("no answer")

        broker.on[f"place {symbol}"] = reply
        return broker

    return make


def partly(**shares: int) -> Callable[[], Stub]:
    def make() -> Stub:
        broker = Stub(cash="9500")
        broker.fills = {symbol: Decimal(count) for symbol, count in shares.items()}
        return broker

    return make


def late(looks: int) -> Callable[[], Stub]:
    """A broker that lists an order some looks after it was placed."""

    def make() -> Stub:
        broker = Stub(cash="9500")
        broker.on["place OLD"] = lambda request: broker.fill(request) and Unknown("no answer")
        seen: list[int] = []

        def listing(request: OrderRequest) -> list[OrderStatus]:
            seen.append(1)
            return list(broker.done) if len(seen) > looks else broker.done[:-1]

        broker.on["orders"] = listing
        return broker

    return make


SCENARIOS = {
    "one sale": Scenario(part(0), Stub),
    "one purchase": Scenario(part(2), lambda: Stub(cash="9500")),
    "two sales": Scenario(part(0, 1), Stub),
    "two purchases": Scenario(part(2, 3), lambda: Stub(cash="9500")),
    "all": Scenario(PLAN, Stub),
    "all, ids echoed": Scenario(PLAN, lambda: Stub(echoes=True)),
    "all, doubles refused": Scenario(PLAN, lambda: Stub(echoes=True, dedupes=True)),
    "part of a sale": Scenario(PLAN, partly(OLD=40)),
    "part of a purchase": Scenario(PLAN, partly(NEW=7)),
    "answer to a sale lost": Scenario(PLAN, losing("OLD")),
    "answer to a sale lost, ids echoed": Scenario(part(0, 3), losing("OLD", echoes=True)),
    "answer to a purchase lost": Scenario(part(0, 2), losing("NEW")),
    "order lost": Scenario(part(0, 2), losing("OLD", lands=False)),
    "order lost, doubles refused": Scenario(part(0, 2), losing("OLD", echoes=True, dedupes=True, lands=False)),
    "listed late": Scenario(part(0, 2), late(9)),
}


def life(scenario: Scenario, store: Store, broker: Stub, last: int | None) -> tuple[str, int]:
    """One life of the program: it begins or takes up the run, and ends or dies. How it ended, and the steps it took."""
    steps = Steps(last)
    world = executor(broker, scenario.plan).world
    clock = Mortal(world.clock, steps, "sleep")
    calls = ("snapshot", "quotes", "preview", "place", "orders", "cancel")
    try:
        mortal = World(
            Mortal(broker, steps, *calls), Journal(MortalStore(store, steps), clock.now), clock, world.chance, lambda: ""
        )
        made = executor(broker, scenario.plan)
        made = Executor(mortal, made.mandate, made.recheck, made.event)
        runs = mortal.journal.state.runs
        if not runs:
            made.begin({})
        elif made.state.over:
            return "over", steps.taken
        elif made.state.phase in (RunPhase.DRAFT, RunPhase.APPROVED):
            made.give_up("it never began")
            return "over", steps.taken
        list(made.run())
        made.finish("converged")
    except Died:
        return "died", steps.taken
    except UnknownOrderState:
        return "asks", steps.taken
    return "over", steps.taken


def told(scenario: Scenario, store: Store, broker: Stub) -> None:
    """A person looks at the broker and says what is there."""
    made = executor(broker, scenario.plan, store=store)
    for leg in list(made.state.legs.values()):
        if leg.phase in IN_DOUBT:
            order = next((number for number, client in broker.clients.items() if client == leg.asked.client_id), None)
            # What the broker does not list yet cannot be taken for the answer; the person says it again later.
            with suppress(UsageError):
                answer(made.world, made.state, leg.number, order)


def lived(scenario: Scenario, deaths: Sequence[int]) -> tuple[Store, Stub, int]:
    """The journal and the broker after as many lives as it takes, the first of which end at the steps ``deaths``."""
    store, broker = Store(), scenario.broker()
    left, longest = list(deaths), 0
    for _ in range(12):
        end, taken = life(scenario, store, broker, left.pop(0) if left else None)
        longest = max(longest, taken)
        if end == "over":
            return store, broker, longest
        if end == "asks":
            told(scenario, store, broker)
    raise AssertionError("it never ends")


def judge(scenario: Scenario, store: Store, broker: Stub) -> None:
    """What the broker has against what was approved and what the journal says."""
    run = executor(broker, scenario.plan, store=store).state
    orders = broker.clients
    assert len(set(orders.values())) == len(orders), "an order was placed twice"
    filled = {one.order: one.filled for one in broker.done}
    for leg in run.legs.values():
        mine = [order for order, client in orders.items() if client in broker.client_ids_of(leg.planned, run.run)]
        assert len(mine) <= 1, f"order {leg.number} was placed twice"
        assert leg.filled == sum((filled[order] for order in mine), NIL), "the journal does not know what filled"
        assert leg.filled <= leg.planned.quantity
    sent = {one.client_id for one in store.kept if one.kind.startswith("sending")}
    assert set(orders.values()) <= sent, "an order was sent that the journal did not have"
    assert broker.cash >= 0
    assert all(shares >= 0 for shares in broker.lots.values())
    if run.phase is RunPhase.DONE and not broker.fills:
        assert all(leg.phase is OrderPhase.FILLED for leg in run.legs.values())
    assert run.phase is RunPhase.DONE or (run.phase is RunPhase.VOID and not broker.sent)


@pytest.mark.parametrize("name", SCENARIOS)
def test_f044_f045_f046_f048_f049_f050_f051_f052_f053_f054_f055_f056_death_at_every_step(name: str) -> None:
    scenario = SCENARIOS[name]
    *_, steps = lived(scenario, [])
    assert steps > 20
    for step in range(steps):
        store, broker, _ = lived(scenario, [step])
        judge(scenario, store, broker)


@pytest.mark.parametrize("name", SCENARIOS)
def test_f061_death_at_every_pair_of_steps(name: str) -> None:
    """A second death while the run is taken up. The normal suite tries a part of the pairs."""
    scenario = SCENARIOS[name]
    *_, steps = lived(scenario, [])
    for first, second in pairs(steps):
        store, broker, _ = lived(scenario, [first, second])
        judge(scenario, store, broker)


def pairs(steps: int) -> Iterator[tuple[int, int]]:
    stride = 1 if LONG else 97
    return ((first, second) for number, first in enumerate(range(steps)) for second in range(number % stride, steps, stride))


def test_a_journal_that_fails_at_any_write_sends_nothing_more_and_loses_nothing() -> None:
    """Disk full at the n-th write, before or after it took effect."""
    scenario = SCENARIOS["all"]
    events = len(lived(scenario, [])[0].kept)
    for place in range(events):
        for kept in (True, False):
            store, broker = Store(), scenario.broker()
            failing = Failing(store, place, kept=kept)
            made = executor(broker, scenario.plan, store=failing)
            with pytest.raises(JournalError):
                whole(made)
            at_failure = len(broker.sent)
            with pytest.raises((JournalError, KeyError)):
                list(made.run())
            assert len(broker.sent) == at_failure
            for _ in range(3):
                end, _ = life(scenario, store, broker, None)
                if end == "asks":
                    told(scenario, store, broker)
            judge(scenario, store, broker)


def whole(made: Executor) -> None:
    made.begin({})
    list(made.run())
    made.finish("converged")


class Failing(Store):
    """A store whose n-th write fails, with or without effect."""

    def __init__(self, store: Store, place: int, *, kept: bool) -> None:
        self._store, self._place, self._kept = store, place, kept
        self.kept = store.kept

    def append(self, event: Event) -> None:
        if len(self._store.kept) == self._place:
            self._place = -1
            if self._kept:
                self._store.append(event)
            raise JournalError("the disk is full", code="journal_not_written")
        self._store.append(event)


def test_these_tests_see_an_executor_that_sends_again() -> None:
    """What a rerun from scratch would do: the judge must find it."""
    scenario = SCENARIOS["one sale"]
    store, broker, _ = lived(scenario, [])
    broker.lots["lot of OLD"] = Decimal(100)
    request = next(executor(broker, scenario.plan).mandate.requests)
    broker.place("main", broker.preview("main", evolve(request, side=Side.SELL)))
    with pytest.raises(AssertionError, match="twice"):
        judge(scenario, store, broker)
