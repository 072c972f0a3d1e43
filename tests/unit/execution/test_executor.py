"""The executor against a broker that does what it is told: odd answers, lost orders, other quotes, cash that falls short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import DAY, MOMENT, NIL, PLAN, Store, Stub, begun, executor, order, raising, results, stopped
from rebalkit.errors import BlockedError, BrokerError, JournalError, LoginRequired, UnknownOrderState, UsageError
from rebalkit.execution.answers import answer
from rebalkit.execution.events import Kind
from rebalkit.execution.machine import OrderPhase, RunPhase
from rebalkit.execution.rules import Objection
from rebalkit.model import (
    OrderRequest,
    OrderState,
    OrderStatus,
    Placed,
    Plan,
    Refused,
    Side,
    Unknown,
)


def test_every_order_is_placed_once_sales_first_and_has_a_result() -> None:
    broker = Stub()
    found = results(broker)
    assert [(one.side, one.symbol, one.planned, one.filled, one.state, one.message) for one in found] == [
        (one.side, one.symbol, one.quantity, one.quantity, OrderState.FILLED, "") for one in PLAN.orders
    ]
    assert [one.client_id for one in broker.sent] == [one.client_id for one in found]
    assert len({one.client_id for one in found}) == 4


def test_the_same_plan_has_the_same_client_ids_and_another_plan_others() -> None:
    ids = [one.client_id for one in executor(Stub()).mandate.requests]
    assert ids == [one.client_id for one in executor(Stub()).mandate.requests]
    other = executor(Stub(), evolve(PLAN, as_of=DAY + dt.timedelta(days=1))).mandate
    assert not set(ids) & {one.client_id for one in other.requests}


def test_two_equal_orders_have_ids_of_their_own() -> None:
    twice = evolve(PLAN, orders=(PLAN.orders[3], PLAN.orders[3]))
    assert len({one.client_id for one in executor(Stub(), twice).mandate.requests}) == 2


def test_a_refused_preview_of_a_sale_ends_before_anything_is_placed() -> None:
    broker = Stub()
    broker.on["preview BIG"] = raising(BrokerError("BIG is halted"))
    with pytest.raises(BrokerError, match="halted"):
        executor(broker).previews()
    assert [one.symbol for one in broker.seen] == ["OLD", "BIG"]
    assert broker.sent == []


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": Decimal(101)},
        {"symbol": "OLDER"},
        {"side": Side.BUY},
        {"lots": ()},
        {"limit": Decimal(1)},
        {"client_id": "x"},
    ],
)
def test_f018_an_order_that_the_broker_took_for_another_is_not_placed(change: dict[str, Any]) -> None:
    broker = Stub(cash="10000")
    broker.on["preview OLD"] = lambda request: evolve(request, **change)
    with pytest.raises(BrokerError, match="for another one"):
        executor(broker).previews()
    found = results(broker)
    assert [one.symbol for one in broker.sent] == ["BIG", "NEW", "BND"]
    assert found[0].state is None
    assert "for another one" in found[0].message


def test_a_purchase_that_the_broker_would_enlarge_is_not_placed() -> None:
    broker = Stub(cash="100000")
    broker.on["preview NEW"] = lambda request: evolve(request, quantity=request.quantity + 1)
    assert results(broker)[2].asked == 0
    assert "NEW" not in [one.symbol for one in broker.sent]


@pytest.mark.parametrize("symbol", ["OLD", "BIG", "NEW", "BND"])
@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (lambda request: Unknown("the line went dead"), "the line went dead"),
        (raising(TimeoutError("no answer")), "TimeoutError: no answer"),
        (raising(BrokerError("odd page")), "odd page"),
        (raising(SystemExit(3)), "SystemExit"),  # type: ignore[arg-type]
        (lambda request: None, "answered with NoneType"),
        (lambda request: Placed(""), "cannot be that of this order"),
        (lambda request: Refused("duplicate_client_id", "we have it"), "we have it"),
    ],
)
def test_after_an_order_of_which_nothing_certain_is_known_nothing_more_is_placed(
    symbol: str, reply: Callable[[OrderRequest], Any], why: str
) -> None:
    broker = Stub()
    broker.on[f"place {symbol}"] = reply
    found, problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert why in str(problem)
    assert broker.sent[-1].symbol == symbol
    assert [one.symbol for one in found] == [one.symbol for one in broker.sent]
    assert why in found[-1].message
    assert found[-1].client_id in problem.remedy
    assert found[-1].asked == broker.sent[-1].quantity


@pytest.mark.parametrize("symbol", ["OLD", "NEW"])
def test_an_order_whose_answer_was_lost_is_found_by_what_the_broker_lists(symbol: str) -> None:
    broker = Stub()

    def lost(request: OrderRequest) -> Unknown:
        broker.fill(request)
        return Unknown("the line went dead")

    broker.on[f"place {symbol}"] = lost
    assert [one.filled for one in results(broker)] == [100, 10, 120, 50]
    assert len(broker.sent) == 4


def test_an_order_that_the_list_never_shows_stops_the_run() -> None:
    broker = Stub()
    broker.on["orders"] = lambda request: []
    broker.on["cancel"] = raising(BrokerError("no such order"))
    (result,), problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert problem.code == "order_still_open"
    assert "does not list it" in str(problem)
    assert result.state is OrderState.OPEN
    assert [one.symbol for one in broker.sent] == ["OLD"]


def test_a_person_may_say_that_a_number_the_broker_answered_with_is_not_there() -> None:
    broker, store = Stub(), Store()
    broker.on["place OLD"] = lambda request: Placed("77")
    broker.on["cancel"] = raising(BrokerError("no such order"))
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState, match="does not list it") as caught:
        list(made.run())
    assert f"rebalkit resume --not-placed {made.state.legs[0].asked.client_id}" in (caught.value.remedy or "")
    with pytest.raises(UsageError, match="lists no order '78'"):
        answer(made.world, made.state, 0, "78")
    assert made.state.legs[0].order == "77"
    answer(made.world, made.state, 0, None)
    assert made.state.legs[0].phase is OrderPhase.NOT_PLACED
    del broker.on["place OLD"]
    assert [one.filled for one in executor(broker, store=store).run()] == [100, 10, 120, 50]


def test_a_person_may_say_which_order_it_is_that_the_broker_answered_for_with_another_number() -> None:
    broker, store = Stub(), Store()

    def misnamed(request: OrderRequest) -> Placed:
        broker.fill(request)
        return Placed("77")

    broker.on["place OLD"] = misnamed
    broker.on["cancel"] = raising(BrokerError("no such order"))
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState):
        list(made.run())
    answer(made.world, made.state, 0, "1")
    assert (made.state.legs[0].order, made.state.legs[0].listed) == ("1", True)
    assert [one.filled for one in executor(broker, store=store).run()] == [100, 10, 120, 50]


def test_a_number_that_turns_out_as_another_orders_after_the_cancellation_puts_the_order_in_doubt() -> None:
    """The list did not show it until then."""
    broker, store = Stub(), Store()
    theirs = OrderStatus("77", None, Side.BUY, "XXX", 1, 0, None, 0, OrderState.CANCELLED, MOMENT)
    broker.on["place OLD"] = lambda request: Placed("77")
    broker.on["cancel"] = raising(BrokerError("no such order"))
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState, match="does not list it"):
        list(made.run())
    broker.done.append(theirs)
    with pytest.raises(UnknownOrderState, match="the broker answered with the number 77, which is another order"):
        list(executor(broker, store=store).run())


def test_f007_an_order_that_is_listed_late_is_waited_for() -> None:
    broker = Stub()
    looks = iter(range(100))
    broker.on["orders"] = lambda request: broker.done if next(looks) % 4 == 3 else broker.done[:-1]
    assert [one.filled for one in results(broker)] == [100, 10, 120, 50]


@pytest.mark.parametrize("reply", [raising(BrokerError("too late")), raising(TimeoutError("no answer")), lambda request: None])
def test_an_order_that_cannot_be_cancelled_stops_the_run(reply: Callable[[OrderRequest], Any]) -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = reply
    (result,), problem = stopped(broker)
    assert problem.code == "order_still_open"
    assert (result.state, result.filled) == (OrderState.OPEN, 30)
    assert [one.symbol for one in broker.sent] == ["OLD"]


def test_a_list_of_orders_that_cannot_be_read_stops_the_run() -> None:
    broker = Stub()
    broker.on["orders"] = raising(BrokerError("no list today"))
    (result,), problem = stopped(broker)
    assert type(problem) is BrokerError
    assert "no list today" in str(problem)
    assert result.state is OrderState.OPEN


def test_an_order_that_stays_open_after_it_was_cancelled_stops_the_run() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = lambda request: broker.done[-1]
    (result,), problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert result.filled == 30
    assert "keeps it open" in str(problem)


def test_f014_what_filled_while_it_was_being_cancelled_is_taken() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)

    def filling(request: OrderRequest) -> OrderStatus:
        broker.done[0] = evolve(broker.done[0], state=OrderState.FILLED, filled=request.quantity)
        broker.lots["lot of OLD"] = NIL
        return broker.done[0]

    broker.on["cancel"] = filling
    first = results(broker)[0]
    assert (first.filled, first.state, first.message) == (Decimal(100), OrderState.FILLED, "")


@pytest.mark.parametrize("kind", [LoginRequired, UnknownOrderState])
@pytest.mark.parametrize("symbol", ["BIG", "NEW"])
def test_a_session_that_ends_stops_the_run_at_once(kind: type[BrokerError], symbol: str) -> None:
    broker = Stub()
    broker.on[f"preview {symbol}"] = raising(kind("log in again"))
    found, problem = stopped(broker)
    assert type(problem) is kind
    assert symbol not in [one.symbol for one in broker.sent]
    assert [one.symbol for one in found] == [one.symbol for one in broker.sent]


def test_a_refused_preview_of_one_purchase_leaves_the_other() -> None:
    broker = Stub()
    broker.on["preview NEW"] = raising(BrokerError("NEW cannot be bought here"))
    found = results(broker)
    assert found[2].state is None
    assert "cannot be bought" in found[2].message
    assert found[3].filled == 50


def test_a_purchase_is_cut_to_the_most_that_the_broker_takes() -> None:
    def small(request: OrderRequest) -> OrderRequest:
        if request.quantity > 77:
            raise BrokerError("too many")
        return request

    broker = Stub()
    broker.on["preview NEW"] = small
    found = results(broker)
    assert (found[2].planned, found[2].asked, found[2].filled) == (120, 77, 77)
    assert len([one for one in broker.seen if one.symbol == "NEW"]) < 12


def test_cash_that_falls_short_after_the_sales_is_spread_and_never_overspent() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(50)
    found = results(broker, reserve="100")
    assert found[0].state is OrderState.CANCELLED
    assert found[0].message == "50 of 100 shares were filled"
    # Half of OLD is still there, so that its class needs less: 60 % of 10,000 USD are 6,000, of which 5,000 are held.
    assert [one.filled for one in found[2:]] == [20, 50]
    assert broker.cash == 5100 - 20 * 50 - 50 * 70


def test_with_no_cash_at_all_no_purchase_is_placed() -> None:
    broker = Stub()
    broker.on["place OLD"] = broker.on["place BIG"] = lambda request: Refused("halted", "no trading")
    found = results(broker)
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG"]
    assert [one.message for one in found] == ["halted: no trading"] * 2 + ["there is not enough cash for a share"] * 2
    assert broker.cash == 0


@pytest.mark.parametrize("price", ["0", "-1", None])
def test_quotes_that_are_gone_or_cannot_be_right_keep_purchases_from_being_placed(price: str | None) -> None:
    broker = Stub(BND=price)
    found = results(broker)
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG"]
    assert {one.message for one in found[2:]} == {"no usable quote for BND"}


def test_a_price_that_rose_does_not_raise_the_limit_and_one_that_fell_lowers_it() -> None:
    broker = Stub(NEW="55", BND="69.555")
    results(broker)
    limits = {one.symbol: one.limit for one in broker.sent}
    assert limits["NEW"] == 50
    assert limits["BND"] == Decimal("69.77")


def test_a_purchase_fits_its_step() -> None:
    broker = Stub(cash="333.33")
    broker.lots = {"kept": Decimal(1)}
    found = results(broker, plan=evolve(PLAN, orders=PLAN.orders[2:]), step="0.001")
    assert all(one.asked % Decimal("0.001") == 0 and one.asked > 0 for one in found)
    assert 0 <= broker.cash < 1


def test_a_plan_is_digested_once_however_many_orders_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Plan] = []
    monkeypatch.setattr(Plan, "plan_id", property(lambda plan: taken.append(plan) or "x"))
    plan = evolve(PLAN, orders=tuple(order(Side.SELL, f"S{n}", 1, "10") for n in range(30)))
    made = executor(Stub(**{f"S{n}": "10" for n in range(30)}), plan)
    made.world.broker.lots = {f"lot of S{n}": Decimal(1) for n in range(30)}  # type: ignore[attr-defined]
    made.begin({})
    assert len(made.previews()) == len(list(made.run())) == 30
    assert len(taken) == 1


def test_everything_is_written_down_before_it_is_done() -> None:
    """Whatever the broker is asked, the journal was there before."""
    store, broker = Store(), Stub()
    seen: list[tuple[str, Kind]] = []
    broker.on["place OLD"] = lambda request: seen.append(("place", store.kept[-1].kind)) or broker.fill(request)
    broker.fills["OLD"] = Decimal(99)
    broker.on["cancel"] = lambda request: (
        seen.append(("cancel", store.kept[-1].kind)) or evolve(broker.done[0], state=OrderState.CANCELLED)
    )
    made = begun(broker, store=store)
    next(made.run())
    assert seen == [("place", Kind.SENDING), ("cancel", Kind.CANCELLING)]
    assert [one.kind for one in store.kept] == [
        Kind.RUN_START, Kind.APPROVED, Kind.SELLING, Kind.INTENT, Kind.PREVIEWED, Kind.CHECKED, Kind.SENDING, Kind.ACK, Kind.FILL,
        Kind.CANCELLING, Kind.CANCELLED,
    ]  # fmt: skip


@pytest.mark.parametrize("full_after", range(2, 7))
def test_nothing_is_sent_once_something_cannot_be_written(full_after: int) -> None:
    store, broker = Store(), Stub()
    store.full_after = full_after
    _, problem = stopped(broker, store=store)
    assert isinstance(problem, JournalError)
    assert broker.sent == []


def test_f063_an_order_whose_number_cannot_be_written_is_told() -> None:
    store, broker = Store(), Stub()
    store.full_after = 7
    _, problem = stopped(broker, store=store)
    assert isinstance(problem, JournalError)
    assert "under its number 1" in str(problem)
    store.full_after = None
    again = executor(broker, store=store)
    assert [one.filled for one in again.run()] == [100, 10, 120, 50]
    assert len(broker.sent) == 4


def test_objections_drop_an_order_or_stop_the_run() -> None:
    broker = Stub(cash="100000")
    found = results(broker, recheck=lambda request: [Objection("wash_sale", "it washes")] if request.symbol == "NEW" else [])
    assert [one.filled for one in found] == [100, 10, 0, 50]
    assert found[2].message == "it washes"
    broker = Stub()
    _, problem = stopped(broker, recheck=lambda request: [Objection("a", "b"), Objection("halt", "all stands still", stops=True)])
    assert isinstance(problem, BlockedError)
    assert problem.code == "halt"
    assert broker.sent == []


def test_a_wish_to_stop_stops_before_the_next_order_and_the_run_can_be_taken_up() -> None:
    store, broker = Store(), Stub()
    made = begun(broker, store=store, stop=lambda: "the person wants to stop" if broker.sent else "")
    with pytest.raises(BlockedError, match="wants to stop"):
        list(made.run())
    assert [one.symbol for one in broker.sent] == ["OLD"]
    assert made.state.stopped
    again = executor(broker, store=store)
    assert [one.filled for one in again.run()] == [100, 10, 120, 50]
    assert again.state.phase is RunPhase.BALANCED
    again.finish("converged")
    assert (again.state.phase, again.state.end) == (RunPhase.DONE, "converged")


def test_what_a_person_says_of_an_order_in_doubt_is_taken() -> None:
    """Not placed: it is sent under another id. Placed: it is followed to its end."""
    for placed in (False, True):
        store, broker = Store(), Stub()
        broker.on["place OLD"] = lambda request: Unknown("the line went dead")
        made = begun(broker, store=store)
        with pytest.raises(UnknownOrderState):
            list(made.run())
        assert made.state.legs[0].phase is OrderPhase.NEEDS_PERSON
        first = broker.sent.pop()
        del broker.on["place OLD"]
        again = executor(broker, store=store)
        if placed:
            broker.fill(first)
        answer(again.world, again.state, 0, "1" if placed else None)
        assert [one.filled for one in again.run()] == [100, 10, 120, 50]
        assert [one.symbol for one in broker.sent] == (["BIG", "NEW", "BND"] if placed else ["OLD", "BIG", "NEW", "BND"])
        assert first.client_id not in [one.client_id for one in broker.sent]


def test_a_run_is_given_up_only_when_nothing_is_in_doubt() -> None:
    store, broker = Store(), Stub()
    broker.on["place BIG"] = lambda request: Unknown("the line went dead")
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState):
        list(made.run())
    with pytest.raises(UnknownOrderState):
        made.give_up("plan again")
    again = executor(broker, store=store)
    answer(again.world, again.state, 1, None)
    again.settle()
    again.give_up("plan again")
    assert again.state.phase is RunPhase.VOID
    assert [one.phase for one in again.state.legs.values()] == [OrderPhase.FILLED, *[OrderPhase.DROPPED] * 3]
    assert len(broker.sent) == 2


def test_f019_a_sale_that_took_other_lots_stops_the_run() -> None:
    broker = Stub()

    def other_lot(request: OrderRequest) -> Placed:
        placed = broker.fill(request)
        broker.lots["lot of BIG"], broker.lots["kept"] = Decimal(1), NIL
        broker.done[-1] = evolve(broker.done[-1], filled=Decimal(10))
        return placed

    broker.on["place BIG"] = other_lot
    _, problem = stopped(broker)
    assert problem.code == "wrong_lots"
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG"]


def test_f013_a_fill_that_is_told_after_the_end_stops_before_the_purchases() -> None:
    store, broker = Store(), Stub()
    broker.fills["BIG"] = Decimal(4)
    made = begun(broker, store=store)
    run = made.run()
    next(run)
    next(run)
    broker.done[1] = evolve(broker.done[1], filled=Decimal(7))
    broker.lots["lot of BIG"] -= 3
    with pytest.raises(BlockedError) as caught:
        list(run)
    assert caught.value.code == "late_fill"
    assert made.state.legs[1].filled == 7
    assert [one.filled for one in executor(broker, store=store).run()][:2] == [100, 7]


def test_three_refusals_stop_the_run() -> None:
    broker = Stub(cash="100000")
    for symbol in ("OLD", "BIG", "NEW", "BND"):
        broker.on[f"place {symbol}"] = lambda request: Refused("no", "we do not want to")
    _, problem = stopped(broker)
    assert problem.code == "refused_orders"
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "NEW"]


def test_f016_a_preview_that_expired_is_made_again_under_the_same_id() -> None:
    broker = Stub()
    answers = iter([Refused("preview_expired", "too late")])
    broker.on["place OLD"] = lambda request: next(answers, None) or broker.fill(request)
    assert [one.filled for one in results(broker)] == [100, 10, 120, 50]
    assert [one.symbol for one in broker.sent] == ["OLD", "OLD", "BIG", "NEW", "BND"]
    assert broker.sent[0] == broker.sent[1]
