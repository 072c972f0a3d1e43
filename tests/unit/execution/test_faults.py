"""Faults of brokers and accounts, each by its number (see SAFETY.md), brought about at the executor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import DAY, MOMENT, NIL, PLAN, Store, Stub, begun, executor, raising, results, stopped
from rebalkit.errors import BrokerError, JournalError, LoginRequired, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.expected import sent_value
from rebalkit.execution.world import World
from rebalkit.model import OrderPreview, OrderRequest, OrderState, OrderStatus, Placed, Quote, Side, Unknown
from rebalkit.serial import digest, to_plain

ALL = [100, 10, 120, 50]


def changing(broker: Stub, symbol: str, /, **change: Any) -> None:
    """Let the broker list its last order changed, once it has filled an order for ``symbol``."""

    def reply(request: OrderRequest) -> Placed:
        placed = broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], **change)
        return placed

    broker.on[f"place {symbol}"] = reply


def test_f009_a_client_id_never_stands_for_another_order() -> None:
    """Neither another quantity under an id that was sent, nor a sending of something else than was intended, is written."""
    store, broker = Store(), Stub()
    made = begun(broker, store=store)
    run = made.run()
    next(run)
    journal, leg = made.world.journal, made.state.legs[1]
    request = leg.planned
    journal.record(Kind.INTENT, made.state.run, 1, request.client_id, attempt=1, request=to_plain(request))
    other = evolve(request, quantity=Decimal(9))
    before = len(store.kept)
    for kind, body in (
        (Kind.SENDING, {"request": digest(other), "orders": [], "position": "0", "lots": {}, "cash": "0"}),
        (Kind.INTENT, {"attempt": 1, "request": to_plain(evolve(other, client_id=made.state.legs[0].asked.client_id))}),
        (Kind.INTENT, {"attempt": 2, "request": to_plain(other)}),
    ):
        with pytest.raises(JournalError):
            journal.record(kind, made.state.run, 1, request.client_id, **body)
    assert len(store.kept) == before
    assert broker.sent[1:] == []


@pytest.mark.parametrize("end", [OrderState.EXPIRED, OrderState.CANCELLED])
def test_f010_f011_part_of_a_sale_that_filled_is_taken_and_purchases_are_sized_from_it(end: OrderState) -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(50)

    def reply(request: OrderRequest) -> Placed:
        placed = broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], state=end)
        return placed

    broker.on["place OLD"] = reply
    found = results(broker)
    assert (found[0].filled, found[0].state) == (50, end)
    assert sum(one.filled * (one.average_price or 0) for one in found[2:]) <= 50 * 100 + 10 * 10
    assert broker.cash >= 0


def test_f012_fills_that_are_told_twice_or_fewer_than_before_count_once() -> None:
    """A list that goes back is an old one: it is looked at again, and nothing falls."""
    broker, store = Stub(), Store()
    broker.fills["OLD"] = Decimal(60)
    looks = iter(range(1000))

    def listing(request: OrderRequest) -> list[OrderStatus]:
        behind = next(looks) % 3 == 1
        return [evolve(one, filled=one.filled / 2, state=OrderState.OPEN) if behind else one for one in broker.done]

    broker.on["orders"] = listing
    assert [one.filled for one in results(broker, store=store)][:2] == [60, 10]
    told = [Decimal(one.body["filled"]) for one in store.kept if one.leg == 0 and "filled" in one.body]
    assert told == sorted(told)


def test_f015_an_order_that_is_rejected_after_it_was_accepted_is_told_as_such() -> None:
    broker = Stub()
    broker.fills["BIG"] = NIL
    changing(broker, "BIG", state=OrderState.REJECTED)
    found = results(broker)
    assert (found[1].state, found[1].filled) == (OrderState.REJECTED, 0)
    assert found[0].filled == 100


def live(made: Executor) -> Executor:
    """The same executor with a mandate that moves real money."""
    return Executor(made.world, evolve(made.mandate, live=True), made.recheck, made.event)


class Dated(Stub):
    """A broker whose quotes tell their moment, and that counts an order as so many times its price."""

    def __init__(self, times: str) -> None:
        super().__init__(cash="1000")
        self.times = Decimal(times)

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        return {name: evolve(one, at=MOMENT) for name, one in super().quotes(symbols).items()}

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        preview = super().preview(account, request)
        return evolve(preview, estimated=preview.estimated * self.times)


def test_f017_an_order_that_the_broker_counts_otherwise_is_not_sent() -> None:
    for times, sent in (("1.001", 2), ("2", 0), ("0.3", 0)):
        broker, store = Dated(times), Store()
        made = live(executor(broker, evolve(PLAN, orders=PLAN.orders[:2]), store=store))
        made.begin({})
        list(made.run())
        assert len(broker.sent) == sent
        assert [one.body["code"] for one in store.kept if one.kind is Kind.DROPPED] == ["preview_cost"] * (2 - sent)


def test_f021_one_symbol_in_two_positions_counts_together_and_its_lots_apart() -> None:
    broker = Stub()
    broker.lots["more of BIG"] = Decimal(5)
    broker._symbol = lambda lot: "BIG" if lot in ("kept", "more of BIG") else lot.removeprefix("lot of ")  # type: ignore[method-assign]
    assert [one.filled for one in results(broker)] == ALL
    assert broker.lots["more of BIG"] == 5
    assert broker.lots["lot of BIG"] == 0


def test_f040_positions_from_a_cache_are_read_again_and_then_stop_the_run() -> None:
    for reads, complete in ((2, True), (10_000, False)):
        broker = Stub()
        snapshot, old = broker.snapshot, iter(range(reads))

        def stale(account: str, broker: Stub = broker, snapshot: Any = snapshot, old: Any = old) -> Any:
            now = snapshot(account)
            if broker.sent and next(old, None) is not None:
                return evolve(now, lots=tuple(lot for lot in now.lots if lot.lot != "kept"))
            return now

        broker.snapshot = stale  # type: ignore[method-assign]
        if complete:
            assert [one.filled for one in results(broker)] == ALL
        else:
            _, problem = stopped(broker)
            assert problem.code in {"account_changed", "wrong_lots"}
            assert [one.symbol for one in broker.sent] == ["OLD"]


def test_f041_a_machine_that_slept_reads_and_checks_everything_again() -> None:
    """What was read before is not acted on: the order is previewed and checked anew."""
    broker, store = Stub(), Store()
    made = executor(broker, store=store)
    world = made.world
    naps = iter([100.0])

    def sleepy(request: OrderRequest) -> tuple[()]:
        world.clock.sleep(next(naps, 0.0))
        return ()

    made = Executor(World(broker, world.journal, world.clock, world.chance, lambda: ""), made.mandate, sleepy, made.event)
    made.begin({})
    assert [one.filled for one in made.run()] == ALL
    assert [one.kind for one in store.kept if one.leg == 0].count(Kind.PREVIEWED) == 2
    assert [one.kind for one in store.kept if one.leg == 0].count(Kind.CHECKED) == 1


def test_f095_a_symbol_that_changed_in_the_middle_stops_the_run() -> None:
    broker = Stub()

    def renaming(request: OrderRequest) -> Placed:
        placed = broker.fill(request)
        broker.lots["lot of NEWNAME"] = broker.lots.pop("lot of BIG")
        return placed

    broker.on["place OLD"] = renaming
    _, problem = stopped(broker)
    assert problem.code == "account_changed"
    assert [one.symbol for one in broker.sent] == ["OLD"]


def test_an_order_without_a_leg_in_the_plan_cannot_be_written() -> None:
    made = begun(Stub())
    with pytest.raises(JournalError):
        made.world.journal.record(Kind.DROPPED, made.state.run, len(PLAN.orders), "X", code="x", reason="")


@pytest.mark.parametrize(
    "change", [{"symbol": "VTI"}, {"quantity": Decimal(99)}, {"side": Side.BUY}, {"client_id": "X"}], ids=str
)
def test_another_order_under_the_number_that_the_broker_answered_puts_ours_in_doubt(change: dict[str, Any]) -> None:
    broker = Stub()
    changing(broker, "OLD", **change)
    (result,), problem = stopped(broker)
    assert problem.code == "unknown_order"
    assert "the broker answered with the number" in str(problem)
    assert result.filled == 0
    assert [one.symbol for one in broker.sent] == ["OLD"]


@pytest.mark.parametrize(
    "change", [{"symbol": "VTI"}, {"quantity": Decimal(99)}, {"filled": Decimal(101)}, {"side": Side.BUY}], ids=str
)
def test_an_order_that_turns_into_another_one_once_it_was_listed_stops_the_run(change: dict[str, Any]) -> None:
    broker, store = Stub(), Store()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = raising(LoginRequired("log in"))
    made = begun(broker, store=store)
    with pytest.raises(LoginRequired):
        list(made.run())
    del broker.on["cancel"]
    broker.done[0] = evolve(broker.done[0], **change)
    with pytest.raises(UnknownOrderState, match="another order under its number") as caught:
        list(executor(broker, store=store).run())
    assert caught.value.code == "order_still_open"


def test_a_number_that_is_of_an_order_listed_before_the_sending_is_no_answer() -> None:
    broker = Stub()
    theirs = OrderStatus("T1", None, Side.BUY, "XXX", 1, 0, None, 0, OrderState.CANCELLED, MOMENT)
    broker.done.append(theirs)
    broker.on["place OLD"] = lambda request: Placed("T1")
    _, problem = stopped(broker)
    assert problem.code == "unknown_order"
    assert "'T1', which cannot be that of this order" in str(problem)


def test_an_order_that_is_open_with_all_its_shares_filled_is_filled() -> None:
    broker = Stub()
    changing(broker, "OLD", state=OrderState.OPEN)
    assert [one.state for one in results(broker)][:2] == [OrderState.FILLED] * 2


def test_a_session_that_ends_at_a_cancellation_stops_the_run_and_the_next_one_goes_on() -> None:
    broker, store = Stub(), Store()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = raising(LoginRequired("log in"))
    made = begun(broker, store=store)
    with pytest.raises(LoginRequired):
        list(made.run())
    del broker.on["cancel"]
    assert [one.filled for one in executor(broker, store=store).run()][:2] == [30, 10]


def test_a_cancellation_that_is_answered_with_a_filled_order_of_fewer_shares_is_not_believed() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)

    def doubtful(request: OrderRequest) -> OrderStatus:
        told = evolve(broker.done[0], state=OrderState.FILLED)
        broker.done[0] = evolve(broker.done[0], state=OrderState.CANCELLED)
        return told

    broker.on["cancel"] = doubtful
    first = results(broker)[0]
    assert (first.filled, first.state) == (30, OrderState.CANCELLED)


def test_a_session_that_ends_while_a_purchase_is_cut_to_size_stops_the_run() -> None:
    broker = Stub()
    asked: list[int] = []

    def ending(request: OrderRequest) -> OrderRequest:
        asked.append(1)
        raise LoginRequired("log in") if len(asked) > 2 else BrokerError("too many", code="too_many")

    broker.on["preview NEW"] = ending
    _, problem = stopped(broker)
    assert isinstance(problem, LoginRequired)
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG"]


@pytest.mark.parametrize("failure", [BrokerError("down"), LoginRequired("log in")])
def test_an_account_that_cannot_be_read_proves_nothing_about_a_lost_order(failure: BrokerError) -> None:
    broker = Stub(echoes=True, dedupes=True)
    snapshot = broker.snapshot
    broker.on["place OLD"] = lambda request: Unknown("no answer")

    def failing(account: str) -> Any:
        if broker.sent:
            raise failure
        return snapshot(account)

    broker.snapshot = failing  # type: ignore[method-assign]
    _, problem = stopped(broker)
    assert isinstance(problem, LoginRequired if isinstance(failure, LoginRequired) else UnknownOrderState)
    assert len(broker.sent) == 1


def test_what_was_sent_on_another_day_is_no_part_of_this_days_turnover() -> None:
    broker, store = Stub(), Store()
    made = begun(broker, store=store)
    list(made.run())
    made.finish("converged")
    state, run = made.world.journal.state, made.state
    assert sent_value(state, run) == sum(one.quantity * (one.limit or 0) for one in broker.sent)
    assert sent_value(state, evolve(run, as_of=DAY + dt.timedelta(days=1))) == 0
