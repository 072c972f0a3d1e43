"""One order from intent to answer: its price, its size, its checks, and how often it is tried."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import MOMENT, PLAN, Dying, Store, Stub, begun, executor, order, results, stopped
from rebalkit.errors import BlockedError, UnknownOrderState
from rebalkit.execution.answers import answer
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.rules import Objection
from rebalkit.execution.sending import Sender
from rebalkit.model import (
    AccountSnapshot,
    Cash,
    OpenOrder,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    PlaceResult,
    Refused,
    Side,
    Unknown,
)

EXPIRED = Refused("preview_expired", "too old")


def sent(broker: Stub, symbol: str) -> list[OrderRequest]:
    return [one for one in broker.sent if one.symbol == symbol]


def message(made: Executor, number: int) -> str:
    return made.state.legs[number].reason


def without(*symbols: str) -> Any:
    """The plan without the orders for some symbols."""
    return evolve(PLAN, orders=tuple(one for one in PLAN.orders if one.symbol not in symbols))


# How often


def test_an_order_is_sent_at_most_three_times_and_each_time_only_on_a_persons_word() -> None:
    broker, store = Stub(), Store()
    broker.on["place OLD"] = lambda request: Unknown("no answer")
    made = begun(broker, store=store)
    for attempt in (1, 2, 3):
        with pytest.raises(UnknownOrderState):
            list(made.run())
        assert len(sent(broker, "OLD")) == attempt
        answer(made.world, made.state, 0, None)
    list(made.run())
    assert len(sent(broker, "OLD")) == 3
    assert len({one.client_id for one in broker.sent}) == len(broker.sent)
    assert message(made, 0) == "it was not placed 3 times"


def test_an_order_whose_preview_is_always_too_old_is_given_up_after_six_rounds() -> None:
    broker = Stub()
    broker.on["place OLD"] = lambda request: EXPIRED
    made = begun(broker)
    list(made.run())
    assert len(sent(broker, "OLD")) == 6
    assert message(made, 0) == "6 times its preview was too old, or the market had moved, before it could be sent"
    assert made.state.legs[0].ended


@pytest.mark.parametrize(("slept", "previews"), [(30, 1), (30.1, 2)])
def test_what_was_read_counts_for_half_a_minute(slept: float, previews: int) -> None:
    """A machine that slept between reading and sending reads and previews anew."""
    broker, naps = Stub(), itertools.chain([slept], itertools.repeat(0))

    def recheck(request: OrderRequest) -> Sequence[Objection]:
        made.world.clock.sleep(next(naps))
        return ()

    made = begun(broker, plan=without("BIG", "NEW", "BND"), recheck=recheck)
    list(made.run())
    assert (len(broker.seen), len(broker.sent)) == (previews, 1)


def test_an_order_is_given_up_on_a_machine_that_sleeps_each_time() -> None:
    broker = Stub()

    def recheck(request: OrderRequest) -> Sequence[Objection]:
        made.world.clock.sleep(31)
        return ()

    made = begun(broker, plan=without("BIG", "NEW", "BND"), recheck=recheck)
    list(made.run())
    assert (len(broker.seen), broker.sent) == (6, [])
    assert message(made, 0).startswith("6 times its preview was too old, or the market had moved")


# Price


@pytest.mark.parametrize(("price", "why"), [(None, "there is none"), ("0", "bid 0, ask 0")])
def test_an_order_without_a_usable_quote_is_dropped_and_says_what_the_quote_was(price: str | None, why: str) -> None:
    broker = Stub(OLD=price)
    made = begun(broker, plan=without("NEW", "BND"))
    list(made.run())
    assert message(made, 0) == f"no usable quote for OLD: {why}"
    assert [one.symbol for one in broker.sent] == ["BIG"]


class Moving(Stub):
    """Shows prices of ``symbol`` one after the other, and then the last of them for ever."""

    def __init__(self, symbol: str, *prices: str, **more: Any) -> None:
        super().__init__(**more)
        self.symbol, self.shown = symbol, list(prices)

    def quotes(self, symbols: Any) -> Any:
        if self.symbol in symbols:
            self.prices[self.symbol] = self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]
        return super().quotes(symbols)


def test_an_order_is_priced_anew_when_the_bid_has_left_its_limit() -> None:
    broker = Moving("OLD", "100", "110")
    list(begun(broker, plan=without("BIG", "NEW", "BND")).run())
    assert [one.limit for one in broker.seen] == [Decimal("99.70"), Decimal("109.67")]
    assert [one.limit for one in broker.sent] == [Decimal("109.67")]


def test_an_order_is_given_up_in_a_market_that_moves_each_time() -> None:
    broker = Moving("OLD", *["100", "110"] * 20)
    made = begun(broker, plan=without("BIG", "NEW", "BND"))
    list(made.run())
    assert (len(broker.seen), broker.sent) == (6, [])
    assert message(made, 0).startswith("6 times its preview was too old, or the market had moved")


def expiring_once(broker: Stub, symbol: str, then: Callable[[], None] = lambda: None) -> None:
    """Refuse the first order for ``symbol`` for its old preview, and let ``then`` happen meanwhile."""

    def reply(request: OrderRequest) -> PlaceResult:
        if len(sent(broker, symbol)) == 1:
            then()
            return EXPIRED
        return broker.fill(request)

    broker.on[f"place {symbol}"] = reply


def test_an_order_that_was_sent_once_keeps_its_limit_when_the_bid_has_left_it() -> None:
    """Its client id stands for just that order."""
    broker = Stub()
    expiring_once(broker, "OLD", lambda: broker.prices.update(OLD="110"))
    list(begun(broker, plan=without("BIG", "NEW", "BND")).run())
    first, second = broker.sent
    assert first == second
    assert first.limit == Decimal("99.70")


def test_an_order_that_keeps_its_limit_is_still_not_sent_against_another_objection() -> None:
    broker = Stub()
    expiring_once(broker, "OLD", lambda: broker.prices.update(OLD="110"))

    def recheck(request: OrderRequest) -> Sequence[Objection]:
        return (Objection("veto", "a plugin forbids it"),) if broker.sent else ()

    made = begun(broker, plan=without("BIG", "NEW", "BND"), recheck=recheck)
    list(made.run())
    assert len(broker.sent) == 1
    assert message(made, 0) == "a plugin forbids it"


# Size


def test_a_purchase_of_a_single_share_is_a_purchase() -> None:
    broker = Stub("50", NEW="50")
    done = results(broker, plan=without("OLD", "BIG", "BND"))
    assert [(one.symbol, one.filled) for one in done] == [("NEW", 1)]


def test_purchases_spend_no_more_than_the_journal_knows_of() -> None:
    """Dollars that came from elsewhere meanwhile were not in the plan."""
    broker = Stub("1000")
    made = begun(broker, plan=without("OLD", "BIG", "BND"))
    broker.cash = Decimal(100_000)
    (done,) = made.run()
    assert done.filled == 20


def test_the_reserve_is_not_spent() -> None:
    """Nor by the sender, should the sizes be from before it was set."""
    (done,) = results(Stub("1000"), plan=without("OLD", "BIG", "BND"), reserve="101")
    assert done.filled == 17
    store = Dying(Kind.BUYS_SIZED)
    broker = Stub("1000")
    with pytest.raises(GeneratorExit):
        list(begun(broker, plan=without("OLD", "BIG", "BND"), store=store).run())
    (done,) = executor(broker, plan=without("OLD", "BIG", "BND"), store=store, reserve="101").run()
    assert done.filled == 17


class Unsettled(Stub):
    """Shows a part of its cash as unsettled."""

    settled = Decimal(300)

    def snapshot(self, account: str) -> AccountSnapshot:
        settled = min(self.settled, self.cash)
        return evolve(super().snapshot(account), cash=Cash(settled, self.cash - settled))


@pytest.mark.parametrize(("settled", "only", "filled"), [(300, True, 6), (300, False, 20), (5_000, True, 20)])
def test_where_purchases_spend_settled_cash_only_the_rest_is_left(settled: int, only: bool, filled: int) -> None:
    broker = Unsettled("1000")
    broker.settled = Decimal(settled)
    (done,) = results(broker, plan=without("OLD", "BIG", "BND"), settled_only=only)
    assert done.filled == filled


def test_settled_cash_is_spent_once_by_the_journals_own_count() -> None:
    """The account shows 5,000 USD as settled all the time; of the 1,000 before the sales 600 and 60 of fees are spent."""
    broker = Unsettled("1000")
    broker.settled = Decimal(5_000)

    def with_fees(request: OrderRequest) -> PlaceResult:
        placed = broker.fill(request)
        broker.done[-1] = evolve(broker.done[-1], fees=Decimal(60))
        return placed

    broker.on["place NEW"] = with_fees
    plan = evolve(PLAN, orders=(*PLAN.orders[:2], order(Side.BUY, "NEW", 12, "50"), PLAN.orders[3]))
    assert [one.filled for one in results(broker, plan=plan, settled_only=True)] == [100, 10, 12, 4]


def test_a_purchase_that_was_sent_once_is_not_cut_but_dropped_when_the_cash_is_gone() -> None:
    """Under its client id there is only one order, whatever its size would be now."""
    broker = Stub("1000")

    def spent() -> None:
        broker.cash = Decimal(500)

    expiring_once(broker, "NEW", spent)
    made = begun(broker, plan=without("OLD", "BIG", "BND"))
    list(made.run())
    assert len(broker.sent) == 1
    assert message(made, 0) == "it would cost up to 1000.00 USD with fees, and 500 USD may be spent"


# What the broker counts with


class Estimating(Stub):
    """Previews with an amount and fees of its own."""

    estimated, fees = Decimal(0), Decimal(0)

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        return evolve(super().preview(account, request), estimated=self.estimated, fees=self.fees)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("estimated", "fits"),
    [
        ("9970.00", True),
        ("10175.61", True),
        ("10175.62", False),
        ("9764.39", True),
        ("9764.38", False),
        ("-9764.39", True),
        ("0", False),
    ],
)
def test_with_real_money_the_brokers_own_amount_is_near_the_orders(estimated: str, fits: bool, live: bool) -> None:
    """As near as price and quote may have moved, 1 % and 0.3 % of 9,970 USD here, and its fees."""
    broker = Estimating()
    broker.estimated, broker.fees = Decimal(estimated), Decimal("76.00")
    made = begun(broker, plan=without("BIG", "NEW", "BND"), live=live, max_drift=Decimal(1), max_spread=1)
    list(made.run())
    assert len(broker.sent) == (1 if fits or not live else 0)
    if not fits and live:
        assert "the broker counts with" in message(made, 0)


def test_the_orders_of_a_day_are_counted_with_real_money_only() -> None:
    """The sales come to 9,970 and 99.70 USD, of an account of 100,000."""
    plan = without("NEW", "BND")
    assert [one.filled for one in results(Stub(), plan=plan, live=True, day_turnover=Decimal("10.06971"))] == [100, 10]
    with pytest.raises(BlockedError, match="the orders of this day would come to") as caught:
        results(Stub(), plan=plan, live=True, day_turnover=Decimal("10.06"))
    assert caught.value.code == "day_turnover"
    assert [one.filled for one in results(Stub(), plan=plan, day_turnover=Decimal("1"))] == [100, 10]


def test_an_order_that_was_refused_counts_for_nothing_on_its_day() -> None:
    """Only the second sale, of 99.70 USD, is counted."""
    broker = Stub()
    broker.on["place OLD"] = lambda request: Refused("halted", "OLD is halted")
    assert [one.filled for one in results(broker, plan=without("NEW", "BND"), live=True, day_turnover=Decimal("10"))] == [0, 10]


# Others


def status(order: str, quantity: int, filled: int, state: OrderState) -> OrderStatus:
    return OrderStatus(order, None, Side.BUY, "XXX", quantity, filled, Decimal(1), 0, state, MOMENT)


def test_an_order_of_somebody_else_stops_the_run_with_what_may_still_fill_of_it() -> None:
    broker = Stub()
    broker.done.append(status("T1", 10, 4, OrderState.OPEN))
    _, problem = stopped(broker)
    assert problem.code == "foreign_order"
    assert "to buy 6 XXX (its number T1)" in str(problem)
    assert broker.sent == []


@pytest.mark.parametrize("state", [one for one in OrderState if one is not OrderState.OPEN])
def test_an_order_of_somebody_else_that_has_ended_is_no_matter(state: OrderState) -> None:
    broker = Stub()
    broker.done.append(status("T1", 10, 4, state))
    assert [one.filled for one in results(broker)] == [100, 10, 120, 50]


class Showing(Stub):
    """Shows open orders in the account."""

    open_orders: tuple[OpenOrder, ...] = ()

    def snapshot(self, account: str) -> AccountSnapshot:
        return evolve(super().snapshot(account), open_orders=self.open_orders)


def test_an_open_order_that_only_the_account_shows_stops_the_run_unless_it_is_ours() -> None:
    broker = Showing()
    made = begun(broker)
    run = made.run()
    next(run)
    broker.open_orders = (OpenOrder("1", Side.SELL, "OLD", 1, None),)  # ours, which the account shows longer than it is open
    next(run)
    broker.open_orders = (OpenOrder("T1", Side.BUY, "XXX", 3, None),)
    with pytest.raises(BlockedError, match=r"to buy 3 XXX \(its number T1\)"):
        next(run)
    assert len(broker.sent) == 2


# The same order once more


def in_doubt(broker: Stub, **given: Any) -> Executor:
    """A run whose first order was lost on its way, at a broker that refuses a second one of the same client id."""
    lost = iter([True])
    broker.on["place OLD"] = lambda request: Unknown("no answer") if next(lost, False) else broker.fill(request)
    return begun(broker, plan=without("BIG", "NEW", "BND"), **given)


def test_the_same_order_is_sent_once_more_though_the_bid_has_left_its_limit() -> None:
    broker, store = Moving("OLD", "100", "100", "110", dedupes=True), Store()
    made = in_doubt(broker, store=store)
    assert [one.filled for one in made.run()] == [100]
    first, second = broker.sent
    assert first == second
    (answered,) = [one for one in store.kept if one.kind is Kind.ACK]
    assert answered.body["by"] == "answer"


def test_what_stops_a_run_stops_the_same_order_from_being_sent_once_more() -> None:
    broker = Showing(dedupes=True)
    made = in_doubt(broker)
    once = broker.on["place OLD"]

    def lost(request: OrderRequest) -> PlaceResult:
        broker.open_orders = (OpenOrder("T1", Side.BUY, "XXX", 3, None),)
        return once(request)

    broker.on["place OLD"] = lost
    with pytest.raises(BlockedError) as caught:
        list(made.run())
    assert caught.value.code == "foreign_order"
    assert len(broker.sent) == 1


def test_what_drops_an_order_asks_a_person_instead_of_sending_the_same_once_more() -> None:
    broker = Stub(dedupes=True)
    made = in_doubt(broker, recheck=lambda request: (Objection("veto", "a plugin forbids it"),) if broker.sent else ())
    with pytest.raises(UnknownOrderState):
        list(made.run())
    assert len(broker.sent) == 1


@pytest.mark.parametrize("said", [Refused("halted", "OLD is halted"), Unknown("halted: OLD is halted")])
def test_a_no_to_the_same_order_once_more_proves_nothing(said: PlaceResult) -> None:
    """It may be an answer to the first one."""
    broker = Stub(dedupes=True)
    answers = iter([Unknown("no answer"), said])
    broker.on["place OLD"] = lambda request: next(answers)
    made = begun(broker)
    with pytest.raises(UnknownOrderState):
        list(made.run())
    assert len(broker.sent) == 2
    assert message(made, 0).startswith("halted: OLD is halted; the broker lists no such order")


def test_the_same_order_that_landed_at_last_is_found_without_asking_anybody() -> None:
    broker = Stub(dedupes=True)

    def reply(request: OrderRequest) -> PlaceResult:
        if len(broker.sent) == 2:
            broker.fill(request)
        return Unknown("no answer")

    broker.on["place OLD"] = reply
    made = begun(broker, plan=without("BIG", "NEW", "BND"))
    assert [one.filled for one in made.run()] == [100]
    assert len(broker.sent) == 2


def test_neither_the_executor_nor_the_sender_shows_its_broker_or_its_journal() -> None:
    """A broker may hold secrets, and a journal is long."""
    made = begun(Stub())
    assert repr(made) == f"Executor(mandate={made.mandate!r})"
    assert repr(Sender(made.world, made.mandate, made.state, made.recheck)) == f"Sender(mandate={made.mandate!r})"
