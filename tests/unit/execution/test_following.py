"""Following an order to its end: when it is looked at, when it is cancelled, and when waiting is over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import PLAN, Stub, begun
from rebalkit.errors import BlockedError, UnknownOrderState
from rebalkit.execution.executor import Executor
from rebalkit.model import OrderRequest, OrderState, OrderStatus

ONE = evolve(PLAN, orders=PLAN.orders[:1])


class Timed:
    """A run of one order that fills in part, at a broker that takes cancellations down and does nothing about them."""

    def __init__(self, **given: Any) -> None:
        self.broker = Stub()
        self.broker.fills["OLD"] = Decimal(30)
        self.cancelled: list[float] = []
        self.broker.on["cancel"] = self._cancel
        self.made: Executor = begun(self.broker, plan=ONE, **given)
        self.ends_at = float("inf")
        self.events: list[OrderStatus] = []
        self.made = evolve(self.made, event=self.events.append)

    @property
    def now(self) -> float:
        return self.made.world.clock.monotonic()

    def _cancel(self, request: OrderRequest) -> Any:
        self.cancelled.append(self.now)
        if self.now >= self.ends_at:
            self.broker.done[0] = evolve(self.broker.done[0], state=OrderState.CANCELLED)
        return self.broker.done[0]


@pytest.mark.parametrize(("fill_wait", "at"), [(0, 0), (1, 1), (2, 3), (8, 8), (9, 13)])
def test_what_has_not_filled_in_time_is_cancelled_at_the_first_look_after_it(fill_wait: int, at: float) -> None:
    """Looks are at 0, 1, 3 and 8 seconds, then every five."""
    timed = Timed(fill_wait=fill_wait)
    timed.ends_at = 0
    (done,) = timed.made.run()
    assert (done.state, done.filled, timed.cancelled) == (OrderState.CANCELLED, 30, [at])


def test_a_cancellation_is_asked_for_every_five_seconds_and_for_a_minute() -> None:
    timed = Timed(fill_wait=1)
    with pytest.raises(UnknownOrderState, match="the broker keeps it open after it was cancelled"):
        list(timed.made.run())
    assert timed.cancelled == [1, *range(8, 61, 5)]
    assert timed.now == 63


def test_a_minute_is_over_when_it_is_over() -> None:
    timed = Timed(fill_wait=8)
    with pytest.raises(UnknownOrderState):
        list(timed.made.run())
    assert (timed.cancelled[0], timed.cancelled[-1], timed.now) == (8, 63, 68)


def test_who_wants_to_stop_has_the_order_cancelled_at_once_and_waits_a_minute_at_most() -> None:
    wishes: list[str] = []
    timed = Timed(fill_wait=1000, stop=lambda: "lunch" if wishes or len(timed.broker.sent) == 1 else "")
    with pytest.raises(UnknownOrderState):
        list(timed.made.run())
    assert (timed.cancelled[0], timed.now) == (0, 63)


def test_an_order_that_ends_after_several_cancellations_has_ended() -> None:
    timed = Timed(fill_wait=1)
    timed.ends_at = 13
    (done,) = timed.made.run()
    assert (done.state, timed.cancelled) == (OrderState.CANCELLED, [1, 8, 13])


@pytest.mark.parametrize("filled", [29, 30, 31, 100])
def test_an_answer_to_a_cancellation_is_taken_unless_it_has_fewer_shares(filled: int) -> None:
    timed = Timed(fill_wait=0)
    done = timed.broker.done

    def reply(request: OrderRequest) -> Any:
        timed.cancelled.append(timed.now)
        said = evolve(done[0], filled=Decimal(filled), state=OrderState.CANCELLED)
        done[0] = evolve(done[0], filled=Decimal(max(filled, 30)), state=OrderState.CANCELLED)
        timed.broker.lots["lot of OLD"] = 100 - done[0].filled
        return said

    timed.broker.on["cancel"] = reply
    (ended,) = timed.made.run()
    assert ended.filled == max(filled, 30)


def test_lots_that_were_not_asked_for_are_told_with_those_that_were() -> None:
    broker = Stub()
    made = begun(broker, plan=evolve(PLAN, orders=PLAN.orders[1:2]))

    def wrong(request: OrderRequest) -> Any:
        placed = broker.fill(request)
        broker.lots |= {"lot of BIG": Decimal(10), "kept": Decimal(0)}
        broker.lots["lot of BIG"] = Decimal(1)
        return placed

    broker.on["place BIG"] = wrong
    started = made.world.clock.monotonic()
    with pytest.raises(BlockedError) as caught:
        list(made.run())
    assert caught.value.code == "wrong_lots"
    assert caught.value.reason == (
        "the sale of 10 BIG was to take 10 of lot lot of BIG, but the account shows that it took 1 of lot kept, 9 of lot lot of BIG"
    )
    assert made.world.clock.monotonic() - started == 68


def test_a_sale_of_which_the_lots_show_nothing_is_told() -> None:
    broker = Stub()
    made = begun(broker, plan=evolve(PLAN, orders=PLAN.orders[1:2]))

    def unseen(request: OrderRequest) -> Any:
        placed = broker.fill(request)
        broker.lots["lot of BIG"] = Decimal(10)
        return placed

    broker.on["place BIG"] = unseen
    with pytest.raises(BlockedError, match="but the account shows that it took none"):
        list(made.run())


def test_a_lot_that_grew_meanwhile_is_no_lot_that_was_sold() -> None:
    """The sums would be right."""
    broker = Stub()
    made = begun(broker, plan=evolve(PLAN, orders=PLAN.orders[1:2]))
    broker.fills["BIG"] = Decimal(8)

    def wrong(request: OrderRequest) -> Any:
        placed = broker.fill(request)
        broker.lots |= {"lot of BIG": Decimal(1), "kept": Decimal(2)}
        return placed

    broker.on["place BIG"] = wrong
    with pytest.raises(BlockedError, match="it took -1 of lot kept, 9 of lot lot of BIG"):
        list(made.run())


def test_shares_that_filled_after_the_end_explain_lots_that_differ() -> None:
    timed = Timed(fill_wait=0)
    done = timed.broker.done

    def reply(request: OrderRequest) -> Any:
        said = done[0] = evolve(done[0], state=OrderState.CANCELLED)
        timed.broker.lots["lot of OLD"] = Decimal(60)
        done[0] = evolve(said, filled=Decimal(40))
        return said

    timed.broker.on["cancel"] = reply
    with pytest.raises(BlockedError) as caught:
        list(timed.made.run())
    assert caught.value.code == "late_fill"


# What is believed of a list and of an answer


def listing(timed: Timed, *changes: dict[str, Any]) -> None:
    """Let the list show the order changed in one way after the other, and then as it is."""
    shown = iter(changes)

    def orders(request: OrderRequest) -> Any:
        change = next(shown, None)
        return [evolve(timed.broker.done[0], **change)] if change is not None else list(timed.broker.done)

    timed.broker.on["orders"] = orders


def told(timed: Timed) -> list[tuple[str, Decimal]]:
    return [(one.state.value, one.filled) for one in timed.events]


def whole(timed: Timed) -> None:
    timed.broker.done[0] = evolve(timed.broker.done[0], filled=Decimal(100), state=OrderState.FILLED)
    timed.broker.lots["lot of OLD"] = Decimal(0)
    timed.broker.cash = Decimal(10_000)


OPEN: dict[str, Any] = {"state": OrderState.OPEN}
FILLED: dict[str, Any] = {"filled": Decimal(100), "state": OrderState.FILLED}


@pytest.mark.parametrize(
    "behind",
    [
        OPEN | {"filled": Decimal(20)},
        {"filled": Decimal(99), "state": OrderState.FILLED},
        {"filled": Decimal(20), "state": OrderState.CANCELLED},
    ],
)
def test_a_list_that_is_behind_is_not_believed(behind: dict[str, Any]) -> None:
    """Shares filled never fall, and an order is filled only with all of its shares."""
    timed = Timed(fill_wait=1000)
    listing(timed, OPEN | {"filled": Decimal(30)}, behind, OPEN | {"filled": Decimal(60)}, FILLED)
    timed.broker.on["place OLD"] = lambda request: (timed.broker.fill(request), whole(timed))[0]
    (done,) = timed.made.run()
    assert (done.state, done.filled, timed.cancelled) == (OrderState.FILLED, 100, [])
    assert told(timed) == [("open", 30), ("open", 60), ("filled", 100)]


def test_an_open_order_with_all_its_shares_is_filled_and_needs_no_cancellation() -> None:
    timed = Timed(fill_wait=1000)
    timed.broker.on["place OLD"] = lambda request: (timed.broker.fill(request), whole(timed))[0]
    listing(timed, *[{"filled": Decimal(100), "state": OrderState.OPEN}] * 50)
    (done,) = timed.made.run()
    assert (done.state, timed.now) == (OrderState.FILLED, 0)


def test_an_order_that_ended_otherwise_with_all_its_shares_ended_as_the_list_says() -> None:
    timed = Timed(fill_wait=1000)
    timed.broker.on["place OLD"] = lambda request: (timed.broker.fill(request), whole(timed))[0]
    listing(timed, *[{"filled": Decimal(100), "state": OrderState.EXPIRED}] * 50)
    (done,) = timed.made.run()
    assert (done.state, done.filled) == (OrderState.EXPIRED, 100)


@pytest.mark.parametrize("answer", [{"order": "X"}, {"filled": Decimal(29)}, {"filled": Decimal(99), "state": OrderState.FILLED}])
def test_an_answer_to_a_cancellation_that_cannot_be_is_not_believed(answer: dict[str, Any]) -> None:
    timed = Timed(fill_wait=0)

    def reply(request: OrderRequest) -> Any:
        timed.cancelled.append(timed.now)
        said = evolve(timed.broker.done[0], **({"state": OrderState.CANCELLED} | answer))
        timed.broker.done[0] = evolve(timed.broker.done[0], state=OrderState.EXPIRED)
        return said

    timed.broker.on["cancel"] = reply
    (done,) = timed.made.run()
    assert (done.state, done.filled, len(timed.cancelled)) == (OrderState.EXPIRED, 30, 1)


def test_an_answer_to_a_cancellation_with_another_order_under_the_number_of_ours_stops_the_run() -> None:
    timed = Timed(fill_wait=0)
    timed.broker.on["cancel"] = lambda request: evolve(timed.broker.done[0], symbol="VTI", state=OrderState.CANCELLED)
    with pytest.raises(UnknownOrderState, match="the broker lists another order under its number: sell 100 VTI, 30 filled"):
        list(timed.made.run())


def test_a_late_fill_of_another_order_under_the_number_of_ours_stops_the_run() -> None:
    timed = Timed(fill_wait=0)
    timed.ends_at = 0
    run = timed.made.run()
    next(run)
    timed.broker.done[0] = evolve(timed.broker.done[0], symbol="VTI", filled=Decimal(40))
    with pytest.raises(UnknownOrderState, match="another order under its number: sell 100 VTI, 40 filled"):
        next(run)


def test_an_answer_to_a_cancellation_that_it_is_filled_is_taken_at_once() -> None:
    timed = Timed(fill_wait=0)

    def reply(request: OrderRequest) -> Any:
        whole(timed)
        return timed.broker.done[0]

    timed.broker.on["cancel"] = reply
    (done,) = timed.made.run()
    assert (done.state, done.filled, timed.now) == (OrderState.FILLED, 100, 0)
