"""Taking up a run after the program died right behind a certain event: what is done next follows from the journal alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import Dying, Store, Stub, begun, executor
from rebalkit.errors import BlockedError, BrokerError, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.machine import OrderPhase, RunPhase
from rebalkit.model import OrderState, Unknown

ALL = [100, 10, 120, 50]


def died(broker: Stub, last: Kind) -> Store:
    """What is on the disk after a run that died right after ``last``."""
    store = Dying(last)
    with pytest.raises(GeneratorExit):
        list(begun(broker, store=store).run())
    return store


def kinds(store: Store, *wanted: Kind) -> list[Kind]:
    return [one.kind for one in store.kept if one.kind in wanted]


def test_beginning_tells_how_far_the_run_is() -> None:
    made = executor(Stub())
    run = made.begin({"how": "test"})
    assert run is made.state
    assert (run.phase, run.cash, run.positions["OLD"]) == (RunPhase.APPROVED, 0, 100)


@pytest.mark.parametrize(
    "last",
    [
        Kind.SELLING, Kind.INTENT, Kind.PREVIEWED, Kind.CHECKED, Kind.ACK, Kind.FILLED, Kind.CASH_READ, Kind.BUYS_SIZED, Kind.BUYING,
        Kind.BALANCED,
    ],
)  # fmt: skip
def test_what_is_left_is_done_and_nothing_twice(last: Kind) -> None:
    broker = Stub()
    store = died(broker, last)
    again = executor(broker, store=store)
    assert [one.filled for one in again.run()] == ALL
    assert again.state.phase is RunPhase.BALANCED
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "NEW", "BND"]
    assert kinds(store, Kind.SELLING, Kind.BUYS_SIZED, Kind.BUYING, Kind.BALANCED) == [
        Kind.SELLING, Kind.BUYS_SIZED, Kind.BUYING, Kind.BALANCED,
    ]  # fmt: skip
    assert kinds(store, Kind.RESUME) == [Kind.RESUME]


def test_cash_is_read_again_before_purchases_are_sized_and_not_afterwards() -> None:
    for last, reads in ((Kind.CASH_READ, 2), (Kind.BUYS_SIZED, 1)):
        store = died(broker := Stub(), last)
        list(executor(broker, store=store).run())
        assert len(kinds(store, Kind.CASH_READ)) == reads


def test_purchases_keep_the_sizes_that_were_written_down() -> None:
    broker = Stub()
    store = died(broker, Kind.BUYS_SIZED)
    sizes = executor(broker, store=store).state.sizes
    broker.cash += 10_000
    again = executor(broker, store=store)
    assert [one.filled for one in again.run()] == ALL
    assert again.state.sizes == sizes == {2: 120, 3: 50}


def test_settling_follows_what_is_at_the_broker_and_sends_nothing() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    store = died(broker, Kind.FILL)
    again = executor(broker, store=store)
    again.settle()
    assert again.state.legs[0].phase is OrderPhase.CANCELLED
    assert again.state.legs[0].filled == 30
    assert [one.symbol for one in broker.sent] == ["OLD"]
    assert again.state.phase is RunPhase.SELLING


def test_settling_finds_an_order_whose_answer_was_lost_and_follows_it() -> None:
    broker = Stub()
    store = Store()

    def lost(request: Any) -> Unknown:
        broker.fill(request)
        raise GeneratorExit

    broker.on["place OLD"] = lost
    with pytest.raises(GeneratorExit):
        list(begun(broker, store=store).run())
    again = executor(broker, store=store)
    again.settle()
    assert again.state.legs[0].phase is OrderPhase.FILLED
    assert len(broker.sent) == 1


@pytest.mark.parametrize("dedupes", [True, False])
def test_settling_leaves_in_doubt_what_may_be_sent_again_and_asks_about_the_rest(dedupes: bool) -> None:
    broker = Stub(echoes=True, dedupes=dedupes)
    store = died(broker, Kind.SENDING)
    again = executor(broker, store=store)
    if dedupes:
        again.settle()
        assert again.state.legs[0].phase is OrderPhase.UNKNOWN
        assert broker.sent == []
        assert [one.filled for one in again.run()] == ALL
        assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "NEW", "BND"]
    else:
        with pytest.raises(UnknownOrderState, match="which is no proof"):
            again.settle()
        assert again.state.legs[0].phase is OrderPhase.NEEDS_PERSON


def test_settling_tells_of_fills_after_an_end() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    store = died(broker, Kind.CANCELLED)
    broker.done[0] = evolve(broker.done[0], filled=Decimal(40), state=OrderState.CANCELLED)
    with pytest.raises(BlockedError) as caught:
        executor(broker, store=store).settle()
    assert caught.value.code == "late_fill"


def test_a_run_with_an_order_that_may_still_fill_is_not_given_up() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = lambda request: broker.done[0]
    store = died(broker, Kind.FILL)
    again = executor(broker, store=store)
    with pytest.raises(UnknownOrderState):
        again.give_up("plan again")
    assert not again.state.over


def test_a_stop_is_written_down_with_its_reason_and_taken_back_when_the_run_goes_on() -> None:
    store, broker = Store(), Stub()
    broker.on["orders"] = lambda request: (_ for _ in ()).throw(BrokerError("no list today"))
    made = begun(broker, store=store)
    with pytest.raises(BrokerError):
        list(made.run())
    assert "no list today" in made.state.stopped
    del broker.on["orders"]
    again: Executor = executor(broker, store=store)
    assert [one.filled for one in again.run()] == ALL
    assert again.state.stopped == ""


@pytest.mark.parametrize(("symbol", "results"), [("OLD", 2), ("NEW", 4)])
def test_f013_fills_after_an_end_are_looked_for_before_purchases_are_sized_and_at_the_end(symbol: str, results: int) -> None:
    broker = Stub()
    broker.fills[symbol] = Decimal(30)
    made = begun(broker)
    run = made.run()
    for _ in range(results):
        next(run)
    (place,) = [place for place, one in enumerate(broker.done) if one.symbol == symbol]
    broker.done[place] = evolve(broker.done[place], filled=Decimal(31))
    with pytest.raises(BlockedError) as caught:
        next(run)
    assert caught.value.code == "late_fill"
    assert len(broker.sent) == results


@pytest.mark.parametrize("ended", ["OLD", "NEW"])
def test_f013_a_fill_after_an_end_is_looked_for_before_each_next_order(ended: str) -> None:
    """Its shares and its dollars are not what the next order was counted with."""
    broker = Stub()
    broker.fills[ended] = Decimal(30)
    made = begun(broker)
    run = made.run()
    while not broker.sent or broker.sent[-1].symbol != ended:
        next(run)
    broker.done[-1] = evolve(broker.done[-1], filled=Decimal(31))
    with pytest.raises(BlockedError) as caught:
        next(run)
    assert caught.value.code == "late_fill"
    assert broker.sent[-1].symbol == ended


def test_a_purchase_waits_for_what_was_bought_last_and_is_not_sent_while_the_account_does_not_show_it() -> None:
    """An account as it was before that purchase shows cash that is spent."""
    broker = Stub()
    made = begun(broker)
    run = made.run()
    for _ in range(3):
        next(run)
    del broker.lots["lot of NEW"]
    with pytest.raises(BlockedError, match="the account holds 0 NEW, but by the journal it must be 120") as caught:
        next(run)
    assert caught.value.code == "account_changed"
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "NEW"]


@pytest.mark.parametrize("symbol", ["NEW", "OLD"])
def test_positions_that_are_not_what_was_ordered_are_told_at_the_end(symbol: str) -> None:
    broker = Stub()
    made = begun(broker)
    run = made.run()
    for _ in range(4):
        next(run)
    broker.lots[f"lot of {symbol}"] += 1
    with pytest.raises(BlockedError) as caught:
        next(run)
    assert caught.value.code == "position_differs"
    assert f"{symbol} {121 if symbol == 'NEW' else 1} instead of {120 if symbol == 'NEW' else 0}" in str(caught.value)
    broker.lots[f"lot of {symbol}"] -= 1
    list(made.run())
    assert made.state.phase is RunPhase.BALANCED
