"""Faults of brokers and accounts, each by its number (see SAFETY.md), brought about at the executor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import MOMENT, NIL, PLAN, Store, Stub, begun, executor, results, stopped
from rebalkit.errors import JournalError
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.world import World
from rebalkit.model import OrderPreview, OrderRequest, OrderState, OrderStatus, Placed, Quote
from rebalkit.serial import digest, to_plain

ALL = [100, 10, 120, 50]


def changing(broker: Stub, symbol: str, **change: Any) -> None:
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
