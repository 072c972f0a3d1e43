"""The executor against a broker that does what it is told: odd answers, lost orders, other quotes, cash that falls short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from rebalkit.errors import BrokerError, LoginRequired, RebalkitError, UnknownOrderState
from rebalkit.execution.executor import Executor
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    AssetClass,
    Cash,
    CashSummary,
    Lot,
    LotSale,
    Order,
    OrderPreview,
    OrderRequest,
    OrderResult,
    OrderState,
    OrderStatus,
    Placed,
    Plan,
    Quote,
    Reason,
    Refused,
    Side,
    Targets,
    TaxSummary,
    Unknown,
    VenueRules,
)

DAY = dt.date(2025, 4, 8)
MOMENT = dt.datetime(2025, 4, 8, 15, tzinfo=dt.UTC)
NIL = Decimal(0)
TARGETS = Targets((AssetClass("Stocks", 60, ["NEW", "OLD"]), AssetClass("Bonds", 40, ["BND"])))
PRICES = {"OLD": "100", "NEW": "50", "BND": "70", "BIG": "10"}


def order(side: Side, symbol: str, quantity: int, limit: str) -> Order:
    lots = (LotSale(f"lot of {symbol}", quantity),) if side is Side.SELL else ()
    return Order(side, symbol, Decimal(quantity), lots, Decimal(limit), quantity * Decimal(limit), Reason("asked"))


PLAN = Plan(
    DAY,
    "main",
    "hand",
    (),
    (
        order(Side.SELL, "OLD", 100, "100"),
        order(Side.SELL, "BIG", 10, "10"),
        order(Side.BUY, "NEW", 120, "50"),
        order(Side.BUY, "BND", 50, "70"),
    ),
    (),
    TaxSummary(NIL, NIL, NIL, NIL, NIL),
    CashSummary(NIL, NIL, NIL, NIL),
)


class Stub:
    """A broker in memory that fills every order at its limit, free of charge, unless a test put something else in its place."""

    def __init__(self, cash: str = "0", **prices: str | None) -> None:
        self.cash = Decimal(cash)
        self.prices = {symbol: price for symbol, price in (PRICES | prices).items() if price is not None}
        self.sent: list[OrderRequest] = []
        self.seen: list[OrderRequest] = []
        self.done: list[OrderStatus] = []
        self.fills: dict[str, Decimal] = {}
        self.on: dict[str, Callable[[OrderRequest], Any]] = {}

    def snapshot(self, account: str) -> AccountSnapshot:
        return AccountSnapshot(account, AccountKind.TAXABLE, Cash(self.cash), (Lot("kept", "BIG", 1, None, None),))

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        return {one: Quote(one, self.prices[one], self.prices[one]) for one in symbols if one in self.prices}

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        self.seen.append(request)
        said = self.on.get(f"preview {request.symbol}", lambda request: request)(request)
        return OrderPreview("1", said, request.quantity * (request.limit or 0))

    def place(self, account: str, preview: OrderPreview) -> Any:
        request = preview.request
        self.sent.append(request)
        if f"place {request.symbol}" in self.on:
            return self.on[f"place {request.symbol}"](request)
        filled = min(request.quantity, self.fills.get(request.symbol, request.quantity))
        assert request.limit is not None
        self.cash += filled * request.limit * (1 if request.side is Side.SELL else -1)
        state = OrderState.FILLED if filled == request.quantity else OrderState.OPEN
        number = str(len(self.sent))
        self.done.append(
            OrderStatus(number, None, request.side, request.symbol, request.quantity, filled, request.limit, NIL, state, MOMENT)
        )
        return Placed(number)

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        return self.on["orders"](self.sent[-1]) if "orders" in self.on else self.done

    def cancel(self, account: str, order: str) -> OrderStatus:
        (status,) = [one for one in self.done if one.order == order]
        return self.on["cancel"](self.sent[-1]) if "cancel" in self.on else evolve(status, state=OrderState.CANCELLED)


def executor(broker: Any, plan: Plan = PLAN, reserve: str = "0", step: str = "1") -> Executor:
    return Executor(broker, plan, TARGETS, Decimal(reserve), VenueRules(Decimal(step)), lambda request: None, lambda status: None)


def results(broker: Stub, **given: Any) -> list[OrderResult]:
    return list(executor(broker, **given).run())


def stopped(broker: Stub) -> tuple[list[OrderResult], RebalkitError]:
    """The results until the run stopped, and why it did."""
    found: list[OrderResult] = []
    with pytest.raises(RebalkitError) as caught:
        found.extend(executor(broker).run())
    return found, caught.value


def raising(problem: Exception) -> Callable[[OrderRequest], Any]:
    def fail(request: OrderRequest) -> Any:
        raise problem

    return fail


def test_every_order_is_placed_once_sales_first_and_has_a_result() -> None:
    broker = Stub()
    found = results(broker)
    assert [(one.side, one.symbol, one.planned, one.filled, one.state, one.message) for one in found] == [
        (one.side, one.symbol, one.quantity, one.quantity, OrderState.FILLED, "") for one in PLAN.orders
    ]
    assert [one.client_id for one in broker.sent] == [one.client_id for one in found]
    assert len({one.client_id for one in found}) == 4


def test_the_same_plan_has_the_same_client_ids_and_another_plan_others() -> None:
    ids = [client for client, _ in executor(Stub()).legs]
    assert ids == [client for client, _ in executor(Stub()).legs]
    other = executor(Stub(), evolve(PLAN, as_of=DAY + dt.timedelta(days=1)))
    assert not set(ids) & {client for client, _ in other.legs}


def test_two_equal_orders_have_ids_of_their_own() -> None:
    twice = evolve(PLAN, orders=(PLAN.orders[3], PLAN.orders[3]))
    assert len({client for client, _ in executor(Stub(), twice).legs}) == 2


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
def test_an_order_that_the_broker_took_for_another_is_not_placed(change: dict[str, Any]) -> None:
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
    ("answer", "why"),
    [
        (lambda request: Unknown("the line went dead"), "the line went dead"),
        (raising(TimeoutError("no answer")), "TimeoutError: no answer"),
        (raising(BrokerError("odd page")), "odd page"),
        (lambda request: None, "answered with NoneType"),
        (lambda request: Placed("lost"), "does not list it"),
    ],
)
def test_after_an_order_of_which_nothing_certain_is_known_nothing_more_is_placed(
    symbol: str, answer: Callable[[OrderRequest], Any], why: str
) -> None:
    broker = Stub()
    broker.on[f"place {symbol}"] = answer
    found, problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert why in str(problem)
    assert broker.sent[-1].symbol == symbol
    assert [one.symbol for one in found] == [one.symbol for one in broker.sent]
    assert why in found[-1].message
    assert found[-1].client_id in problem.remedy
    assert found[-1].asked == broker.sent[-1].quantity


@pytest.mark.parametrize(
    ("asked", "answer", "why"),
    [
        ("orders", raising(BrokerError("no list today")), "no list today"),
        ("cancel", raising(BrokerError("too late")), "too late"),
        ("cancel", raising(TimeoutError("no answer")), "TimeoutError"),
    ],
)
def test_an_order_that_was_placed_but_of_which_the_end_is_not_seen_stops_the_run(
    asked: str, answer: Callable[[OrderRequest], Any], why: str
) -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on[asked] = answer
    (result,), problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert why in result.message
    assert (result.state, result.filled) == (OrderState.OPEN, Decimal(30) if asked == "cancel" else NIL)
    assert [one.symbol for one in broker.sent] == ["OLD"]


def test_an_order_that_stays_open_after_it_was_cancelled_stops_the_run() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = lambda request: broker.done[-1]
    (result,), problem = stopped(broker)
    assert isinstance(problem, UnknownOrderState)
    assert result.filled == 30
    assert "keeps it open" in result.message


def test_what_filled_while_it_was_being_cancelled_is_taken() -> None:
    broker = Stub()
    broker.fills["OLD"] = Decimal(30)
    broker.on["cancel"] = lambda request: evolve(broker.done[-1], state=OrderState.FILLED, filled=request.quantity)
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
    assert all(0 < one.filled <= one.planned for one in found[2:])
    assert 100 <= broker.cash < 100 + 70 + 50


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
    assert limits["BND"] == Decimal("69.56")


def test_a_purchase_fits_its_step() -> None:
    broker = Stub(cash="333.33")
    found = results(broker, plan=evolve(PLAN, orders=PLAN.orders[2:]), step="0.001")
    assert all(one.asked % Decimal("0.001") == 0 and one.asked > 0 for one in found)
    assert 0 <= broker.cash < 1


def test_a_plan_is_digested_once_however_many_orders_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Plan] = []
    monkeypatch.setattr(Plan, "plan_id", property(lambda plan: taken.append(plan) or "x"))
    plan = evolve(PLAN, orders=tuple(order(Side.SELL, f"S{n}", 1, "10") for n in range(300)))
    made = executor(Stub(), plan)
    assert len(made.previews()) == len(list(made.run())) == 300
    assert len(taken) == 1
