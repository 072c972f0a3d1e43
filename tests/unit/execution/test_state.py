"""What events come to: random histories, legal and not, held against what can be said without the program's tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import JournalError
from rebalkit.execution.events import START, Event, Kind, bound
from rebalkit.execution.machine import ENDED, OrderPhase, RunPhase
from rebalkit.execution.state import State
from rebalkit.model import LotSale, OrderRequest, Side
from rebalkit.serial import digest, to_plain

AT = "2026-11-25T15:00:00+00:00"
RUN = "0123456789ab"
OF_ORDERS = [
    Kind.INTENT, Kind.PREVIEWED, Kind.CHECKED, Kind.SENDING, Kind.SENDING_AGAIN, Kind.ACK, Kind.REFUSED, Kind.PREVIEW_EXPIRED,
    Kind.UNKNOWN, Kind.NOT_PLACED, Kind.ASK, Kind.OPEN, Kind.FILL, Kind.CANCELLING, Kind.FILLED, Kind.CANCELLED, Kind.EXPIRED,
    Kind.REJECTED, Kind.LATE_FILL, Kind.DROPPED,
]  # fmt: skip
OF_RUNS = [kind for kind in Kind if kind not in OF_ORDERS and kind is not Kind.RUN_START]
FORWARD = list(RunPhase)


def sale(client_id: str = "SALE1", quantity: int = 10, symbol: str = "OLD") -> OrderRequest:
    return OrderRequest(client_id, Side.SELL, symbol, quantity, (LotSale("lot", quantity),), "9.50")


def purchase(client_id: str = "BUY1", quantity: int = 4) -> OrderRequest:
    return OrderRequest(client_id, Side.BUY, "NEW", quantity, (), "20")


class History:
    """Events, each applied as it is written."""

    def __init__(self, *orders: OrderRequest, run: str = RUN) -> None:
        self.state = State()
        self.events: list[Event] = []
        self.run = run
        self.begin(run, *orders)

    def begin(self, run: str, *orders: OrderRequest, **body: Any) -> None:
        self.run = run
        started: dict[str, Any] = {
            "account": "main", "live": True, "folder": "f", "as_of": "2026-11-25", "orders": [to_plain(one) for one in orders],
            "positions": {"OLD": "10", "NEW": "0"}, "cash": "5",
        }  # fmt: skip
        self.add(Kind.RUN_START, **started | body)

    def add(self, kind: Kind, leg: int | None = None, client_id: str | None = None, **body: Any) -> None:
        previous = self.events[-1].hash if self.events else START
        event = bound(previous, len(self.events) + 1, AT, self.run, kind, leg, client_id, body)
        self.state.apply(event)
        self.events.append(event)

    def of(self, leg: int, kind: Kind, **body: Any) -> None:
        """An event of an order, under the client id that it last had."""
        self.add(kind, leg, self.state.runs[self.run].legs[leg].asked.client_id, **body)

    def intend(self, leg: int, request: OrderRequest, attempt: int = 1) -> None:
        self.add(Kind.INTENT, leg, request.client_id, attempt=attempt, request=to_plain(request))

    def check(self, leg: int, request: OrderRequest, attempt: int = 1) -> None:
        self.intend(leg, request, attempt)
        self.of(leg, Kind.PREVIEWED)
        self.of(leg, Kind.CHECKED)

    def send(self, leg: int, request: OrderRequest, kind: Kind = Kind.SENDING, attempt: int = 1) -> None:
        if kind is Kind.SENDING:
            self.check(leg, request, attempt)
        self.of(leg, kind, **watermark(request))

    def refused(self, words: str, kind: Kind, leg: int | None = None, client_id: str | None = None, **body: Any) -> None:
        """The event cannot be, for the reason ``words``, and leaves everything as it was."""
        before = picture(self.state)
        with pytest.raises(JournalError, match=words) as caught:
            self.add(kind, leg, client_id, **body)
        assert caught.value.code == "impossible_event"
        assert f"event {len(self.events) + 1}" in caught.value.place
        assert picture(self.state) == before


def watermark(request: OrderRequest) -> dict[str, Any]:
    return {"request": digest(request), "orders": ["7"], "position": "10", "lots": {"lot": "10"}, "cash": "5.00"}


def picture(state: State) -> Any:
    """All that is in a state, apart from it; what is in it and never changes is not copied."""
    runs = {
        name: {key: dict(value) if isinstance(value, dict) else value for key, value in asdict(run, recurse=False).items()}
        for name, run in state.runs.items()
    }
    return {name: dict(value) for name, value in vars(state).items()} | {"runs": runs}


def selling(*orders: OrderRequest) -> History:
    history = History(*orders)
    history.add(Kind.APPROVED, how="test")
    history.add(Kind.SELLING)
    return history


def buying(*orders: OrderRequest) -> History:
    """A run without sales whose purchases may be sent."""
    history = selling(*orders)
    history.add(Kind.CASH_READ)
    history.add(Kind.BUYS_SIZED, sizes={str(number): "4" for number in range(len(orders))})
    history.add(Kind.BUYING)
    return history


def test_a_run_is_what_its_first_event_says() -> None:
    history = History(sale(), purchase())
    run = history.state.runs[RUN]
    assert (run.account, run.live, run.folder, run.as_of.isoformat(), run.cash) == ("main", True, "f", "2026-11-25", 5)
    assert run.positions == {"OLD": 10, "NEW": 0}
    assert [leg.planned for leg in run.legs.values()] == [sale(), purchase()]
    assert ([leg.number for leg in run.sells], [leg.number for leg in run.buys]) == ([0], [1])
    assert (run.phase, run.started.isoformat(), run.end, run.stopped, run.sizes) == (RunPhase.DRAFT, AT, "", "", None)
    assert history.state.open_run is run


def test_an_order_is_followed_from_its_intent_to_a_late_fill() -> None:
    history = selling(sale())
    changed = evolve(sale(), limit=Decimal("9.40"))
    history.send(0, changed)
    leg = history.state.runs[RUN].legs[0]
    assert (leg.asked, leg.planned, leg.phase, leg.ended) == (changed, sale(), OrderPhase.SENDING, False)
    assert leg.watermark is not None
    assert "lots" not in repr(leg.watermark)
    assert (leg.watermark.orders, leg.watermark.position, leg.watermark.lots, leg.watermark.cash) == ({"7"}, 10, {"lot": 10}, 5)
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.OPEN, filled="0", price=None, fees="0")
    history.of(0, Kind.FILL, filled="4", price="9.45", fees="0.10")
    history.of(0, Kind.CANCELLING)
    history.of(0, Kind.CANCELLED, filled="6", price="9.44", fees="0.12", reason="as asked")
    history.of(0, Kind.LATE_FILL, filled="7", price="9.43", fees="0.13")
    run = history.state.runs[RUN]
    leg = run.legs[0]
    assert (leg.phase, leg.order, leg.filled, leg.average_price, leg.fees, leg.ended) == (
        OrderPhase.CANCELLED, "8", 7, Decimal("9.43"), Decimal("0.13"), True,
    )  # fmt: skip
    assert (run.moved, run.earned) == ({"OLD": -7}, 7 * Decimal("9.43") - Decimal("0.13"))
    assert history.state.orders == {"8": (RUN, 0)}


def test_shares_of_which_the_price_is_not_known_yet_have_earned_nothing_yet() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.FILL, filled="4", price=None, fees="0.10")
    run = history.state.runs[RUN]
    assert (run.moved, run.earned) == ({"OLD": -4}, Decimal("-0.10"))
    history.of(0, Kind.FILLED, filled="10", price="9.50", fees="0.20")
    assert (run.moved, run.earned) == ({"OLD": -10}, Decimal("94.80"))


def test_an_order_of_which_something_was_seen_is_never_in_doubt_again() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.FILL, filled="4", price="9.50", fees="0")
    history.of(0, Kind.CANCELLING)
    history.refused("the broker's list has shown order 8 as this one", Kind.UNKNOWN, 0, "SALE1", reason="8 is another order")


def test_an_order_that_never_got_a_number_is_not_known_by_an_answer() -> None:
    leg = selling(sale()).state.runs[RUN].legs[0]
    assert (leg.order, leg.only_answered) == (None, False)


def test_the_symbol_that_traded_last_is_the_last_of_those_that_moved() -> None:
    history = selling(sale(), sale("SALE2", symbol="BIG"))
    for number, (client, symbol, order) in enumerate((("SALE1", "OLD", "8"), ("SALE2", "BIG", "9"))):
        history.send(number, sale(client, symbol=symbol))
        history.of(number, Kind.ACK, order=order, by="answer")
        history.of(number, Kind.FILL, filled="4", price="9.50", fees="0")
    run = history.state.runs[RUN]
    assert list(run.moved) == ["OLD", "BIG"]
    history.of(0, Kind.FILL, filled="4", price="9.50", fees="0.10")
    assert list(run.moved) == ["OLD", "BIG"]
    history.of(0, Kind.FILL, filled="5", price="9.50", fees="0.10")
    assert list(run.moved) == ["BIG", "OLD"]


def test_what_only_a_person_can_say_is_kept_until_it_is_said() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.UNKNOWN, reason="silence")
    assert history.state.runs[RUN].legs[0].reason == "silence"
    history.of(0, Kind.ASK, reason="two are alike", candidates=[{"order": "8"}, {"order": "9"}])
    assert history.state.runs[RUN].legs[0].candidates == ({"order": "8"}, {"order": "9"})
    history.of(0, Kind.ACK, order="9", by="person")
    leg = history.state.runs[RUN].legs[0]
    assert (leg.candidates, leg.reason, leg.order) == ((), "", "9")


def test_a_number_that_was_only_answered_is_let_go_when_it_is_another_orders() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.UNKNOWN, reason="8 is another order")
    leg = history.state.runs[RUN].legs[0]
    assert (leg.order, leg.phase, history.state.orders) == (None, OrderPhase.UNKNOWN, {})
    history.of(0, Kind.ACK, order="9", by="watermark")
    history.refused("the broker's list has shown order 9 as this one", Kind.UNKNOWN, 0, "SALE1", reason="9 is another order")


def test_a_second_attempt_has_its_own_client_id_and_the_first_one_stays_known() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.UNKNOWN, reason="silence")
    history.of(0, Kind.NOT_PLACED, reason="not in the list", by="watermark")
    history.refused("attempt 1 cannot follow on attempt 1", Kind.INTENT, 0, "SALE1", attempt=1, request=to_plain(sale()))
    history.refused("attempt 3 cannot follow on attempt 1", Kind.INTENT, 0, "SALE2", attempt=3, request=to_plain(sale("SALE2")))
    history.send(0, sale("SALE2"), attempt=2)
    assert history.state.runs[RUN].legs[0].attempt == 2
    assert history.state.was_sent("SALE1")
    assert history.state.was_sent("SALE2")
    assert not history.state.was_sent("SALE3")


def test_the_same_order_goes_out_once_more_only_as_the_same_order() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.UNKNOWN, reason="silence")
    before = history.state.runs[RUN].legs[0].watermark
    history.of(0, Kind.SENDING_AGAIN, request=digest(sale()))
    assert history.state.runs[RUN].legs[0].watermark == before
    history.of(0, Kind.PREVIEW_EXPIRED, reason="60 s")
    history.check(0, sale())
    history.refused("client id SALE1 was already sent", Kind.SENDING, 0, "SALE1", **watermark(sale()))
    history.of(0, Kind.SENDING_AGAIN, **{**watermark(sale()), "cash": "6"})
    mark = history.state.runs[RUN].legs[0].watermark
    assert mark is not None
    assert mark.cash == 6


def test_a_client_id_that_was_sent_is_never_another_orders() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.PREVIEW_EXPIRED, reason="60 s")
    other = evolve(sale(), limit=Decimal("9.40"))
    history.refused("client id SALE1 was another order's", Kind.INTENT, 0, "SALE1", attempt=1, request=to_plain(other))


def test_an_order_that_was_never_sent_is_not_sent_again() -> None:
    history = selling(sale())
    history.check(0, sale())
    history.refused("client id SALE1 was never sent", Kind.SENDING_AGAIN, 0, "SALE1", **watermark(sale()))


@pytest.mark.parametrize(
    "request_",
    [evolve(sale(), side=Side.BUY, lots=()), evolve(sale(), symbol="NEW"), evolve(sale(), client_id="OTHER")],
    ids=["side", "symbol", "client id"],
)
def test_what_is_intended_is_the_planned_order(request_: OrderRequest) -> None:
    selling(sale()).refused("it is another order", Kind.INTENT, 0, "SALE1", attempt=1, request=to_plain(request_))


def test_what_is_sent_is_what_was_intended() -> None:
    history = selling(sale())
    history.check(0, sale())
    history.refused("not the order that was intended", Kind.SENDING, 0, "SALE1", **watermark(sale(quantity=11)))
    history.refused("not the order that was intended", Kind.SENDING, 0, None, **watermark(sale()))


def test_an_event_under_the_client_id_of_another_order_is_refused() -> None:
    history = selling(sale(), purchase())
    history.send(0, sale())
    history.refused("order 0 is SALE1", Kind.ACK, 0, "BUY1", order="8", by="answer")


def test_an_order_of_the_broker_is_that_of_one_leg() -> None:
    history = selling(sale("A"), sale("B"))
    history.send(0, sale("A"))
    history.of(0, Kind.ACK, order="8", by="answer")
    history.send(1, sale("B"))
    history.refused("the broker's order 8 is another one's", Kind.ACK, 1, "B", order="8", by="answer")


def test_an_order_is_sent_only_in_its_turn_and_not_while_the_run_is_stopped() -> None:
    history = History(sale(), purchase())
    history.check(0, sale())
    history.refused("nothing is sent while the run is draft", Kind.SENDING, 0, "SALE1", **watermark(sale()))
    history.add(Kind.APPROVED, how="test")
    history.refused("nothing is sent while the run is approved", Kind.SENDING, 0, "SALE1", **watermark(sale()))
    history.add(Kind.SELLING)
    history.check(1, purchase())
    history.refused("nothing is sent while the run is selling", Kind.SENDING, 1, "BUY1", **watermark(purchase()))
    history.add(Kind.STOP, code="kill_switch", reason="enough")
    assert history.state.runs[RUN].stopped == "enough"
    history.refused("nothing is sent while the run is stopped", Kind.SENDING, 0, "SALE1", **watermark(sale()))
    history.add(Kind.RESUME)
    assert history.state.runs[RUN].stopped == ""
    history.of(0, Kind.SENDING, **watermark(sale()))


@pytest.mark.parametrize("filled", ["3", "11", "-1"])
def test_shares_that_were_filled_neither_go_away_nor_exceed_the_order(filled: str) -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.FILL, filled="4", price="9.50", fees="0")
    words = f"{filled} shares cannot be filled after 4 of 10"
    history.refused(words, Kind.FILLED, 0, "SALE1", filled=filled, price="9.50", fees="0")
    history.of(0, Kind.FILLED, filled="10", price="9.50", fees="0")


def test_purchases_are_sized_and_sent_after_the_cash() -> None:
    history = buying(purchase())
    run = history.state.runs[RUN]
    assert (run.phase, run.sizes) == (RunPhase.BUYING, {0: 4})
    history.send(0, purchase())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.refused("order 0 has not ended", Kind.BALANCED)
    history.of(0, Kind.FILLED, filled="4", price="19.99", fees="1")
    history.add(Kind.BALANCED)
    history.add(Kind.RUN_END, end="converged")
    assert (run.over, run.end, run.earned, run.moved) == (True, "converged", Decimal("-80.96"), {"NEW": 4})
    assert history.state.open_run is None


def test_the_cash_is_read_when_the_sales_have_ended() -> None:
    history = selling(sale(), purchase())
    history.send(0, sale())
    history.refused("order 0 has not ended", Kind.CASH_READ)
    history.of(0, Kind.REFUSED, reason="no", code="no")
    history.add(Kind.CASH_READ)


def test_a_run_with_an_order_that_has_not_ended_is_not_given_up() -> None:
    history = selling(sale("A"), sale("B"))
    history.of(0, Kind.DROPPED, code="void", reason="")
    history.refused("order 1 has not ended", Kind.VOID, end="stopped", reason="")
    history.of(1, Kind.DROPPED, code="void", reason="")
    history.add(Kind.VOID, end="stopped", reason="")
    assert (history.state.runs[RUN].over, history.state.runs[RUN].end) == (True, "stopped")


def test_one_run_at_a_time_and_each_plan_once() -> None:
    history = History()
    history.refused("the plan was begun already", Kind.RUN_START)
    history.run = "other"
    history.refused(f"the run of plan {RUN} is not over", Kind.RUN_START)
    history.refused("its run never started", Kind.APPROVED)
    history.run = RUN
    history.add(Kind.VOID, end="stopped", reason="")
    history.refused("the plan was begun already", Kind.RUN_START)
    history.begin("other")
    assert history.state.open_run is history.state.runs["other"]


def test_an_order_that_is_not_in_the_plan_or_whose_run_is_over_gets_no_event_but_a_late_fill() -> None:
    history = selling(sale())
    history.refused("the plan has no such order", Kind.INTENT, 1, "B")
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.EXPIRED, filled="0", price=None, fees="0", reason="day over")
    history.add(Kind.VOID, end="stopped", reason="")
    history.refused("its run is over", Kind.OPEN, 0, "SALE1", filled="1", price="9.5", fees="0")
    history.of(0, Kind.LATE_FILL, filled="1", price="9.50", fees="0")
    assert history.state.runs[RUN].legs[0].filled == 1


def test_a_late_fill_is_no_more_than_the_order() -> None:
    history = selling(sale())
    history.send(0, sale())
    history.of(0, Kind.ACK, order="8", by="answer")
    history.of(0, Kind.CANCELLED, filled="9", price="9.50", fees="0")
    history.refused("11 shares", Kind.LATE_FILL, 0, "SALE1", filled="11", price="9.50", fees="0")


def test_a_state_is_made_of_its_events() -> None:
    history = selling(sale())
    history.send(0, sale())
    assert picture(State(history.events)) == picture(history.state)


PLANNED = (sale("S1", 10), sale("S2", 5), purchase("B1", 4), purchase("B2", 2))
steps = st.tuples(
    st.one_of(st.sampled_from(OF_ORDERS), st.sampled_from(OF_RUNS), st.just(Kind.RUN_START)),
    st.integers(0, 4),
    st.integers(1, 2),
    st.integers(0, 11),
    st.booleans(),
)
# A course that gets somewhere, into which the random events fall; taken up again wherever one of them may have stopped it.
SENT = (Kind.INTENT, Kind.PREVIEWED, Kind.CHECKED, Kind.RESUME, Kind.SENDING)
COURSE: Sequence[tuple[Kind, int | None]] = [
    (Kind.APPROVED, None),
    (Kind.SELLING, None),
    *((kind, leg) for leg in (0, 1) for kind in (*SENT, Kind.UNKNOWN, Kind.ACK, Kind.FILLED)),
    (Kind.CASH_READ, None),
    (Kind.BUYS_SIZED, None),
    (Kind.BUYING, None),
    *((kind, leg) for leg in (2, 3) for kind in (*SENT, Kind.ACK, Kind.CANCELLED)),
    (Kind.BALANCED, None),
    (Kind.RUN_END, None),
    (Kind.RUN_START, None),
]
histories = st.lists(st.tuples(st.integers(0, 2), st.lists(steps, max_size=3)), min_size=len(COURSE), max_size=len(COURSE))


def body_of(kind: Kind, request: OrderRequest, attempt: int, number: int) -> dict[str, Any]:
    """What an event of ``kind`` may hold; ``number`` is what varies in it."""
    if kind is Kind.INTENT:
        return {"attempt": attempt, "request": to_plain(request)}
    if kind in (Kind.SENDING, Kind.SENDING_AGAIN):
        return watermark(request)
    if kind is Kind.ACK:
        return {"order": str(number), "by": "answer"}
    if kind is Kind.ASK:
        return {"reason": "", "candidates": []}
    if kind in (Kind.OPEN, Kind.FILL, Kind.FILLED, Kind.CANCELLED, Kind.EXPIRED, Kind.REJECTED, Kind.LATE_FILL):
        return {"filled": str(number), "price": "10", "fees": "0"}
    if kind is Kind.BUYS_SIZED:
        return {"sizes": {"2": "4", "3": "2"}}
    return {"reason": "because", "code": "x", "end": "stopped"}


def attempted(history: History, kind: Kind, leg: int, attempt: int, number: int, foreign: bool) -> None:
    """Write an event if it can be; when it cannot, nothing has changed."""
    before, run = picture(history.state), history.run
    planned = PLANNED[leg % 4]
    request = evolve(planned, client_id=f"{planned.client_id}x{attempt}") if attempt > 1 else planned
    try:
        if kind is Kind.RUN_START:
            history.begin(f"run {number % 3}", *PLANNED)
        elif kind in OF_RUNS:
            history.add(kind, **body_of(kind, request, attempt, number))
        else:
            client_id = "FOREIGN" if foreign else request.client_id
            history.add(kind, leg, client_id, **body_of(kind, request, attempt, number))
    except JournalError:
        assert picture(history.state) == before
        history.run = run


@given(histories)
def test_whatever_comes_only_what_can_be_is_taken_in(course: Sequence[tuple[int, Sequence[Any]]]) -> None:
    history = History(*PLANNED)
    for (kind, leg), (tries, noise) in zip(COURSE, course, strict=True):
        for step in noise:
            attempted(history, *step)
            consistent(history)
        # Under both client ids, for the noise may have begun a second attempt, and with as many shares as there are.
        for attempt in (1, 2)[: max(tries, 1)]:
            shares = int(PLANNED[leg].quantity) if leg is not None else 0
            attempted(history, kind, leg or 0, attempt, len(history.events) + 20 if kind is Kind.ACK else shares, False)
            consistent(history)
    assert picture(State(history.events)) == picture(history.state)


def consistent(history: History) -> None:
    """What must hold of the events that were taken in, said without the program's tables."""
    events, state = history.events, history.state
    sent = [one.client_id for one in events if one.kind is Kind.SENDING]
    assert len(sent) == len(set(sent)), "a client id is sent at first once"
    acked = [(one.run, one.leg) for one in events if one.kind is Kind.ACK]
    assert len(acked) == len(set(acked)), "an order is found once"
    orders = [one.body["order"] for one in events if one.kind is Kind.ACK]
    assert len(orders) == len(set(orders)), "a broker's order is that of one order"
    assert len([run for run in state.runs.values() if not run.over]) <= 1
    last = events[-1]
    run = state.runs[last.run]
    if last.kind in (Kind.SENDING, Kind.SENDING_AGAIN):
        assert last.leg is not None
        assert run.phase is (RunPhase.SELLING if PLANNED[last.leg].side is Side.SELL else RunPhase.BUYING)
        stops = [one.kind is Kind.STOP for one in events if one.run == last.run and one.leg is None]
        assert not stops[-1], "nothing is sent after a stop"
        assert {one.leg for one in events if one.run == last.run and one.kind is Kind.CHECKED} >= {last.leg}
    for leg in run.legs.values():
        shares = [
            Decimal(one.body["filled"]) for one in events if one.run == run.run and one.leg == leg.number and "filled" in one.body
        ]
        assert shares == sorted(shares), "filled shares do not go away"
        assert leg.filled == (shares[-1] if shares else 0) <= leg.planned.quantity
    if FORWARD.index(run.phase) > FORWARD.index(RunPhase.SELLING):
        assert all(leg.phase in ENDED for leg in run.sells)
    if run.phase is RunPhase.BALANCED or run.over:
        assert all(leg.phase in ENDED for leg in run.legs.values())
    moved = {"OLD": -sum(leg.filled for leg in run.sells), "NEW": sum(leg.filled for leg in run.buys)}
    assert all(run.moved.get(symbol, 0) == shares for symbol, shares in moved.items())
    assert run.earned == -10 * (moved["OLD"] + moved["NEW"])
