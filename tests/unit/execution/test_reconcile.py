"""An answer that never came: what the broker shows decides, and where it shows nothing, a person. Never a second order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import MOMENT, NIL, Store, Stub, begun, executor, raising, results
from rebalkit.errors import BrokerError, LoginRequired, UnknownOrderState, UsageError
from rebalkit.execution.answers import answer
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.machine import OrderPhase
from rebalkit.model import OrderRequest, OrderState, OrderStatus, Placed, Refused, Side, Unknown

ALL = [100, 10, 120, 50]


def lost(broker: Stub, then: Any = None) -> Callable[[OrderRequest], Any]:
    """The order lands, and the answer does not come."""

    def reply(request: OrderRequest) -> Any:
        broker.fill(request)
        return then or Unknown("no answer in 30 s")

    return reply


def stranger(broker: Stub, symbol: str = "OLD", quantity: int = 100, side: Side = Side.SELL, **more: Any) -> OrderStatus:
    """Somebody else's order at the broker."""
    one = OrderStatus(f"S{len(broker.done)}", None, side, symbol, quantity, quantity, "100", NIL, OrderState.FILLED, MOMENT)
    return evolve(one, **more)


def asked(broker: Stub, store: Store | None = None) -> Executor:
    """The executor after its run ended with a question to a person about the last order that was sent."""
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState):
        list(made.run())
    (leg,) = [one for one in made.state.legs.values() if one.phase is OrderPhase.NEEDS_PERSON]
    assert leg.asked == broker.sent[-1]
    return made


@pytest.mark.parametrize("echoes", [True, False])
@pytest.mark.parametrize("symbol", ["OLD", "BIG", "NEW", "BND"])
def test_f001_an_order_that_landed_is_found_and_not_sent_again(symbol: str, echoes: bool) -> None:
    broker, store = Stub(echoes=echoes), Store()
    broker.on[f"place {symbol}"] = lost(broker)
    assert [one.filled for one in results(broker, store=store)] == ALL
    assert len(broker.sent) == 4
    (found,) = [one for one in store.kept if one.kind is Kind.ACK and one.body["by"] != "answer"]
    assert found.body["by"] == ("client_id" if echoes else "watermark")


@pytest.mark.parametrize("echoes", [True, False])
def test_f002_an_order_of_which_nothing_is_seen_is_for_a_person(echoes: bool) -> None:
    broker = Stub(echoes=echoes)
    broker.on["place BIG"] = lambda request: Unknown("no answer in 30 s")
    made = asked(broker)
    assert len(broker.sent) == 2
    assert made.world.clock.monotonic() >= 60


def test_f002_a_broker_that_certainly_refuses_doubles_is_sent_the_same_again() -> None:
    broker, store = Stub(echoes=True, dedupes=True), Store()
    replies = iter([Unknown("no answer in 30 s")])
    broker.on["place BIG"] = lambda request: next(replies, None) or broker.fill(request)
    assert [one.filled for one in results(broker, store=store)] == ALL
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "BIG", "NEW", "BND"]
    assert broker.sent[1] == broker.sent[2]
    assert [one.kind for one in store.kept if one.leg == 1 and one.kind.startswith("sending")] == [
        Kind.SENDING,
        Kind.SENDING_AGAIN,
    ]


@pytest.mark.parametrize(
    "second", [Refused("duplicate_client_id", "we have it"), Refused("cash", "too little"), Unknown("again nothing"), None]
)
def test_f008_what_the_second_sending_brings_proves_nothing_unless_it_is_the_order(second: Any) -> None:
    broker = Stub(echoes=True, dedupes=True)
    broker.on["place BIG"] = lambda request: Unknown("no answer") if len(broker.sent) == 2 else second
    asked(broker)
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG", "BIG"]


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("failure", [BrokerError("500"), ConnectionResetError("reset"), ValueError("<html>")])
def test_f003_f004_f035_a_call_that_fails_after_it_was_made_is_unknown(landed: bool, failure: Exception) -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Any:
        if landed:
            broker.fill(request)
        raise failure

    broker.on["place OLD"] = reply
    if landed:
        assert [one.filled for one in results(broker)] == ALL
    else:
        asked(broker)
    assert len([one for one in broker.sent if one.symbol == "OLD"]) == 1


@pytest.mark.parametrize("looks", [1, 3, 6])
def test_f007_an_order_that_is_listed_late_is_looked_for_again(looks: int) -> None:
    broker = Stub()
    seen = []

    def listing(request: OrderRequest) -> list[OrderStatus]:
        if broker.sent[-1].symbol == "OLD":
            seen.append(1)
            return list(broker.done) if len(seen) > looks else []
        return list(broker.done)

    broker.on["place OLD"] = lost(broker)
    broker.on["orders"] = listing
    assert [one.filled for one in results(broker)] == ALL
    assert len(broker.sent) == 4


def test_a_list_that_cannot_be_read_for_a_while_is_asked_for_again() -> None:
    broker = Stub()
    tries = iter(range(100))

    def listing(request: OrderRequest) -> list[OrderStatus]:
        if broker.sent[-1].symbol == "OLD" and next(tries) < 4:
            raise BrokerError("down", code="unreachable")
        return list(broker.done)

    broker.on["place OLD"] = lost(broker)
    broker.on["orders"] = listing
    assert [one.filled for one in results(broker)] == ALL


def test_f042_a_session_that_ends_while_looking_ends_the_run_and_the_next_one_finds_the_order() -> None:
    broker, store = Stub(), Store()
    broker.on["place OLD"] = lost(broker)
    broker.on["orders"] = raising(LoginRequired("log in"))
    made = begun(broker, store=store)
    with pytest.raises(LoginRequired):
        list(made.run())
    del broker.on["orders"]
    assert [one.filled for one in executor(broker, store=store).run()] == ALL
    assert len(broker.sent) == 4


def test_f039_two_orders_of_one_client_id_are_for_a_person_who_is_shown_both() -> None:
    broker = Stub(echoes=True)

    def doubled(request: OrderRequest) -> Unknown:
        broker.fills["OLD"] = Decimal(50)
        broker.fill(request)
        broker.fill(request)
        return Unknown("no answer")

    broker.on["place OLD"] = doubled
    (leg, *_) = asked(broker).state.legs.values()
    assert [one["order"] for one in leg.candidates] == ["1", "2"]
    assert "nothing tells which" in leg.reason


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": Decimal(99), "filled": Decimal(99)},
        {"side": Side.BUY},
        {"symbol": "VTI"},
        {"placed": MOMENT - dt.timedelta(seconds=60.001)},
        {"limit": Decimal(1)},
    ],
)
def test_an_order_that_differs_in_anything_is_not_taken_for_ours(other: dict[str, Any]) -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Unknown:
        broker.done.append(stranger(broker, **other))
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    made = asked(broker)
    assert made.state.legs[0].order is None


def test_another_order_under_our_client_id_is_for_a_person_to_judge() -> None:
    broker = Stub(echoes=True)

    def reply(request: OrderRequest) -> Unknown:
        broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], symbol="VTI")
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    leg = asked(broker).state.legs[0]
    assert (leg.order, [one["symbol"] for one in leg.candidates]) == (None, ["VTI"])


def test_strangers_orders_that_are_not_like_ours_are_no_candidates() -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Unknown:
        broker.done += [stranger(broker, order="S1", symbol="VTI"), stranger(broker, order="S2", symbol="VXUS")]
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    leg = asked(broker).state.legs[0]
    assert leg.candidates == ()
    assert leg.reason == "no answer; the broker lists no such order, which is no proof"


def test_an_order_that_is_listed_with_its_limit_is_taken() -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Unknown:
        broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], limit=request.limit)
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    assert [one.filled for one in results(broker)] == ALL


def test_the_brokers_clock_may_be_a_minute_behind_ours() -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Unknown:
        broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], placed=MOMENT - dt.timedelta(seconds=60))
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    assert [one.filled for one in results(broker)] == ALL


def test_an_order_like_ours_that_was_there_before_is_not_taken_for_ours() -> None:
    broker = Stub()
    broker.done.append(stranger(broker))
    broker.on["place OLD"] = lambda request: Unknown("no answer")
    assert asked(broker).state.legs[0].order is None


def test_where_somebody_else_trades_too_a_person_is_asked_and_shown_all_new_orders() -> None:
    broker = Stub()

    def reply(request: OrderRequest) -> Unknown:
        broker.done.append(stranger(broker, symbol="VTI"))
        broker.fill(request)
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    leg = asked(broker).state.legs[0]
    assert {one["symbol"] for one in leg.candidates} == {"VTI", "OLD"}


def test_with_echoed_ids_an_order_without_ours_is_never_ours() -> None:
    broker = Stub(echoes=True)

    def reply(request: OrderRequest) -> Unknown:
        broker.done.append(stranger(broker))
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    assert asked(broker).state.legs[0].candidates == ()


def test_an_order_that_is_on_no_list_but_moved_the_account_is_for_a_person_even_where_doubles_are_refused() -> None:
    broker = Stub(echoes=True, dedupes=True)

    def reply(request: OrderRequest) -> Unknown:
        broker.lots["lot of OLD"] = Decimal(0)
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    leg = asked(broker).state.legs[0]
    assert "holds 0 OLD instead of 100" in leg.reason
    assert len(broker.sent) == 1


def test_f047_a_run_that_died_while_sending_finds_the_order_or_asks() -> None:
    for landed in (True, False):
        broker, store = Stub(), Store()

        def dying(request: OrderRequest, broker: Stub = broker, landed: bool = landed) -> Any:
            if landed:
                broker.fill(request)
            raise GeneratorExit  # as sudden as a kill: nothing in the executor may catch it

        broker.on["place OLD"] = dying
        made = begun(broker, store=store)
        with pytest.raises(GeneratorExit):
            list(made.run())
        assert store.kept[-1].kind is Kind.SENDING
        del broker.on["place OLD"]
        again = executor(broker, store=store)
        if landed:
            assert [one.filled for one in again.run()] == ALL
        else:
            with pytest.raises(UnknownOrderState, match="ended before an answer"):
                list(again.run())
        assert len([one for one in broker.sent if one.symbol == "OLD"]) == 1


def test_f060_an_interruption_inside_the_call_is_unknown_and_leaves_at_once() -> None:
    broker, store = Stub(), Store()

    def interrupted(request: OrderRequest) -> Any:
        broker.fill(request)
        raise KeyboardInterrupt

    broker.on["place OLD"] = interrupted
    made = begun(broker, store=store)
    with pytest.raises(KeyboardInterrupt):
        list(made.run())
    assert [one.kind for one in store.kept[-2:]] == [Kind.UNKNOWN, Kind.STOP]
    del broker.on["place OLD"]
    assert [one.filled for one in executor(broker, store=store).run()] == ALL
    assert len(broker.sent) == 4


def test_an_order_found_after_a_person_was_asked_needs_no_answer() -> None:
    broker, store = Stub(), Store()
    broker.on["place OLD"] = lambda request: Unknown("no answer")
    asked(broker, store)
    broker.fill(broker.sent[0])
    assert [one.filled for one in executor(broker, store=store).run()] == ALL
    assert len(broker.sent) == 4


def test_still_nothing_after_a_person_was_asked_asks_again() -> None:
    broker, store = Stub(echoes=True, dedupes=True), Store()
    broker.on["place OLD"] = lambda request: Unknown("no answer")
    asked(broker, store)
    sent = len(broker.sent)
    again = executor(broker, store=store)
    with pytest.raises(UnknownOrderState):
        list(again.run())
    with pytest.raises(UnknownOrderState):
        again.settle()
    assert len(broker.sent) == sent


@pytest.mark.parametrize(("order", "code"), [("7", "no_such_order"), ("1", "order_claimed"), ("S1", "another_order")])
def test_an_answer_that_cannot_be_is_refused(order: str, code: str) -> None:
    broker, store = Stub(), Store()
    broker.on["place BIG"] = lambda request: Unknown("no answer")
    made = asked(broker, store)
    broker.done.append(stranger(broker))
    with pytest.raises(UsageError) as caught:
        answer(made.world, made.state, 1, order)
    assert caught.value.code == code
    with pytest.raises(UsageError) as caught:
        answer(made.world, made.state, 0, None)
    assert caught.value.code == "not_in_doubt"
    assert made.state.legs[1].phase is OrderPhase.NEEDS_PERSON


def test_an_answer_for_an_order_that_died_while_sending_is_taken() -> None:
    broker, store = Stub(), Store()
    broker.on["place OLD"] = raising(GeneratorExit())  # type: ignore[arg-type]
    with pytest.raises(GeneratorExit):
        list(begun(broker, store=store).run())
    del broker.on["place OLD"]
    again = executor(broker, store=store)
    answer(again.world, again.state, 0, None)
    assert [one.filled for one in again.run()] == ALL
    assert broker.sent[0].client_id != broker.sent[1].client_id


def test_a_number_that_is_another_orders_is_no_proof() -> None:
    broker = Stub()
    broker.on["place BIG"] = lambda request: Placed("1")
    made = asked(broker)
    assert "cannot be that of this order" in made.state.legs[1].reason
