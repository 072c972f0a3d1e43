"""Every pair of a phase and an event, held against rules that are written down event by event, while the program goes by phases."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest

from rebalkit.errors import JournalError
from rebalkit.execution.events import Kind
from rebalkit.execution.machine import AT_BROKER, CERTAINLY_NOT_SENT, ENDED, IN_DOUBT, OrderPhase, RunPhase, order_step, run_step

# event: phases that it can follow on > phase after it; "=" leaves the phase as it is.
ORDERS = """
intent          planned intent previewed checked not_placed > intent
previewed       intent previewed checked > previewed
checked         previewed checked > checked
sending         checked > sending
sending_again   checked unknown > sending
ack             sending unknown needs_person > acked
refused         sending > refused
preview_expired sending > intent
unknown         sending unknown needs_person acked cancelling > unknown
not_placed      unknown needs_person > not_placed
ask             unknown needs_person > needs_person
open            acked working > working; partial cancelling > =
fill            acked working partial > partial; cancelling > =
cancelling      acked working partial cancelling > cancelling
filled          acked working partial cancelling > filled
cancelled       acked working partial cancelling > cancelled
expired         acked working partial cancelling > expired
rejected        acked working partial cancelling > rejected_late
late_fill       filled cancelled expired rejected_late > =
dropped         planned intent previewed checked not_placed > dropped
"""
RUNS = """
approved   draft > approved
selling    approved > selling
cash_read  selling > sold; sold sized buying > =
buys_sized sold > sized
buying     sized > buying
balanced   sold buying > balanced
run_end    balanced > done
stop       draft approved selling sold sized buying balanced > =
resume     draft approved selling sold sized buying balanced > =
void       draft approved selling sold sized buying balanced > void
"""


def rules(text: str) -> dict[tuple[str, Kind], str]:
    """What each rule says of a phase and an event; a pair of which none speaks is not there."""
    found: dict[tuple[str, Kind], str] = {}
    for line in text.strip().splitlines():
        event, _, rest = line.partition(" ")
        for rule in rest.split(";"):
            before, _, after = rule.partition(">")
            for phase in before.split():
                assert (phase, Kind(event)) not in found
                found[phase, Kind(event)] = phase if after.strip() == "=" else after.strip()
    return found


@pytest.mark.parametrize("phase", OrderPhase)
@pytest.mark.parametrize("kind", Kind)
def test_an_order_goes_where_the_rules_lead_and_nowhere_else(phase: OrderPhase, kind: Kind) -> None:
    after = rules(ORDERS).get((phase.value, kind))
    if after is not None:
        assert order_step(phase, kind) is OrderPhase(after)
        return
    with pytest.raises(JournalError, match=f"an order that is {phase.value} cannot become {kind.value}") as caught:
        order_step(phase, kind)
    assert caught.value.code == "illegal_transition"


@pytest.mark.parametrize("phase", RunPhase)
@pytest.mark.parametrize("kind", Kind)
def test_a_run_goes_where_the_rules_lead_and_nowhere_else(phase: RunPhase, kind: Kind) -> None:
    after = rules(RUNS).get((phase.value, kind))
    if after is not None:
        assert run_step(phase, kind) is RunPhase(after)
        return
    with pytest.raises(JournalError, match=f"a run that is {phase.value} cannot become {kind.value}") as caught:
        run_step(phase, kind)
    assert caught.value.code == "illegal_transition"


def test_every_event_is_of_an_order_or_of_a_run_and_every_phase_can_be_reached() -> None:
    of_orders, of_runs = rules(ORDERS), rules(RUNS)
    assert {kind for _, kind in of_orders} | {kind for _, kind in of_runs} | {Kind.RUN_START} == set(Kind)
    assert not {kind for _, kind in of_orders} & {kind for _, kind in of_runs}
    assert {*of_orders.values(), "planned"} == {one.value for one in OrderPhase}
    assert {*of_runs.values(), "draft"} == {one.value for one in RunPhase}


def test_every_phase_of_an_order_is_of_one_sort() -> None:
    sorts = (CERTAINLY_NOT_SENT, IN_DOUBT, AT_BROKER, ENDED)
    assert sorted(phase for sort in sorts for phase in sort) == sorted(OrderPhase)


def moves() -> list[tuple[OrderPhase, Kind, OrderPhase]]:
    found = []
    for phase in OrderPhase:
        for kind in Kind:
            with contextlib.suppress(JournalError):
                found.append((phase, kind, order_step(phase, kind)))
    return found


def test_an_order_gets_to_the_broker_only_by_being_sent() -> None:
    into_doubt = {kind for before, kind, after in moves() if before in CERTAINLY_NOT_SENT and after not in CERTAINLY_NOT_SENT}
    assert into_doubt == {Kind.SENDING, Kind.SENDING_AGAIN, Kind.DROPPED}


def test_an_order_that_may_be_at_the_broker_is_free_to_be_sent_again_only_by_proof() -> None:
    out_of_doubt = {kind for before, kind, after in moves() if before in IN_DOUBT and after in CERTAINLY_NOT_SENT}
    assert out_of_doubt == {Kind.NOT_PLACED, Kind.PREVIEW_EXPIRED}
    assert not [one for one in moves() if one[0] in AT_BROKER and one[2] in CERTAINLY_NOT_SENT]


def test_an_order_at_the_broker_is_in_doubt_again_only_before_anything_was_seen_of_it() -> None:
    back = [one for one in moves() if one[0] in AT_BROKER and one[2] in IN_DOUBT]
    assert back == [(phase, Kind.UNKNOWN, OrderPhase.UNKNOWN) for phase in (OrderPhase.ACKED, OrderPhase.CANCELLING)]


def test_what_has_ended_stays_as_it_ended() -> None:
    assert {(kind, before is after) for before, kind, after in moves() if before in ENDED} == {(Kind.LATE_FILL, True)}


OPTIMISED = """
from rebalkit.errors import JournalError
from rebalkit.execution.events import Kind, bound
from rebalkit.execution.machine import OrderPhase, RunPhase, order_step, run_step
from rebalkit.execution.state import State

def refuses(step, *arguments):
    try:
        step(*arguments)
    except JournalError:
        return True
    return False

print(sum(refuses(order_step, phase, kind) for phase in OrderPhase for kind in Kind))
print(sum(refuses(run_step, phase, kind) for phase in RunPhase for kind in Kind))
print(refuses(State().apply, bound("", 1, "", "run", Kind.SENDING, 0, "A", {})), __debug__)
"""


def test_what_is_refused_is_refused_without_assertions_too() -> None:
    ran = subprocess.run([sys.executable, "-O", "-c", OPTIMISED], capture_output=True, text=True, check=True)
    orders, runs = len(OrderPhase) * len(Kind) - len(rules(ORDERS)), len(RunPhase) * len(Kind) - len(rules(RUNS))
    assert ran.stdout.split() == [str(orders), str(runs), "True", "False"]
