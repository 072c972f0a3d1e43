"""Purchases sized from the cash that is there, and cut to what the broker takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import DAY, NIL, PLAN, Store, Stub, begun, executor, order, raising
from rebalkit.errors import BrokerError, UnknownOrderState
from rebalkit.execution.answers import answer
from rebalkit.execution.preparing import affordable_preview, previewed, worst_cost
from rebalkit.execution.results import results
from rebalkit.execution.sizing import affordable, size_buys
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    AssetClass,
    Cash,
    Lot,
    OrderPreview,
    OrderRequest,
    OrderState,
    Quote,
    Side,
    Targets,
    Unknown,
)


def sized(
    cash: str,
    *,
    lots: tuple[tuple[str, int], ...] = (),
    weights: tuple[str, str] = ("60", "40"),
    prices: tuple[str, str] = ("50", "70"),
    asks: tuple[str, str] | None = None,
    shares: tuple[int, int] = (1000, 1000),
    reserve: str = "0",
    step: str = "1",
) -> list[tuple[Decimal, Decimal]]:
    """Shares and limits of purchases of NEW, a stock, and BND, a bond."""
    targets = Targets((AssetClass("Stocks", weights[0], ["NEW"]), AssetClass("Bonds", weights[1], ["BND"])))
    plan = evolve(PLAN, orders=(order(Side.BUY, "NEW", shares[0], prices[0]), order(Side.BUY, "BND", shares[1], prices[1])))
    held = tuple(Lot(f"lot {symbol}", symbol, quantity, None, None) for symbol, quantity in lots)
    account = AccountSnapshot("main", AccountKind.TAXABLE, Cash(cash), held)
    quotes = {name: Quote(name, ask, ask, DAY) for name, ask in zip(("NEW", "BND"), asks or prices, strict=True)}
    found = size_buys(plan, targets, account, quotes, Decimal(reserve), Decimal(step))
    return [(one.quantity, one.limit) for one in found]


def test_what_the_cash_pays_for_stays_as_planned_to_the_cent() -> None:
    assert sized("1900", shares=(10, 20)) == [(10, 50), (20, 70)]
    assert sized("1899.99", shares=(10, 20)) != [(10, 50), (20, 70)]


def test_cash_that_falls_short_is_spread_as_the_targets_say() -> None:
    assert [shares for shares, _ in sized("5000")] == [60, 28]
    assert [shares for shares, _ in sized("5000", reserve="1000")] == [48, 22]
    assert [shares for shares, _ in sized("5000", lots=(("NEW", 20),))] == [52, 34]
    assert [shares for shares, _ in sized("8000", weights=("62.5", "37.5"))] == [100, 42]
    assert [shares for shares, _ in sized("5000", prices=("1", "1"), shares=(9999, 9999))] == [3000, 2000]
    assert [shares for shares, _ in sized("5000", step="0.001")] == [60, Decimal("28.571")]


def test_the_cash_is_spread_by_every_digit_of_the_targets() -> None:
    """Of 100,000 shares at a dollar each digit of a weight is some."""
    targets = Targets(
        (AssetClass("Stocks", "33.25", ["NEW"]), AssetClass("Bonds", "33.5", ["BND"]), AssetClass("Gold", "33.25", ["GLD"]))
    )
    plan = evolve(PLAN, orders=(order(Side.BUY, "NEW", 99_999, "1"), order(Side.BUY, "BND", 99_999, "1")))
    account = AccountSnapshot("main", AccountKind.TAXABLE, Cash(100_000))
    quotes = {name: Quote(name, 1, 1, DAY) for name in ("NEW", "BND")}
    found = size_buys(plan, targets, account, quotes, Decimal(0), Decimal(1))
    assert [one.quantity for one in found] == [49_812, 50_187]


def test_nothing_is_bought_with_cash_that_is_not_there() -> None:
    for cash, reserve in (("0", "0"), ("-5", "0"), ("100", "101")):
        assert [shares for shares, _ in sized(cash, reserve=reserve, prices=("0.5", "0.5"))] == [0, 0]


def test_a_limit_is_the_lower_of_the_ask_and_the_plans_price_on_the_tick() -> None:
    assert [limit for _, limit in sized("100", asks=("40", "80"))] == [40, 70]
    assert [limit for _, limit in sized("100", asks=("40.001", "69.999"))] == [Decimal("40.01"), 70]


@pytest.mark.parametrize(
    ("cash", "price", "step", "shares"),
    [
        ("10", "3", "1", "3"),
        ("9", "3", "1", "3"),
        ("8.99", "3", "1", "2"),
        ("0", "3", "1", "0"),
        ("-9", "3", "1", "0"),
        ("1", "3", "0.001", "0.333"),
    ],
)  # fmt: skip
def test_affordable_are_the_most_whole_steps(cash: str, price: str, step: str, shares: str) -> None:
    assert affordable(Decimal(cash), Decimal(price), Decimal(step)) == Decimal(shares)


# Previews


BUY = OrderRequest("C1", Side.BUY, "NEW", "2", (), "50.01")


@pytest.mark.parametrize(
    ("estimated", "fees", "worst"),
    [("0", "0.50", "100.52"), ("100.52", "0.50", "100.52"), ("100.53", "0.50", "100.53"), ("200", "0", "200")],
)
def test_the_worst_that_a_purchase_costs_is_the_brokers_amount_or_the_limit_with_fees(
    estimated: str, fees: str, worst: str
) -> None:
    assert worst_cost(OrderPreview("1", BUY, estimated, fees)) == Decimal(worst)
    rounded = evolve(BUY, quantity=Decimal("1.333"))
    assert worst_cost(OrderPreview("1", rounded, "0", "0")) == Decimal("66.67")


class Capped(Stub):
    """Refuses orders for more than ``most`` shares."""

    most = Decimal(0)

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        if request.quantity > self.most:
            raise BrokerError(f"no more than {self.most}")
        return super().preview(account, request)


@pytest.mark.parametrize(("quantity", "step"), [(2, "1"), (100, "1"), (7, "1"), (3, "0.001")])
def test_a_purchase_is_cut_to_the_most_steps_that_the_broker_takes(quantity: int, step: str) -> None:
    broker = Capped()
    world = executor(broker).world
    request = evolve(BUY, quantity=Decimal(quantity))
    for most in (Decimal(1), Decimal(quantity) - Decimal(step), Decimal(quantity)):
        broker.most = most
        assert affordable_preview(world, "main", request, Decimal(10**6), Decimal(step)).request.quantity == most
    broker.most = NIL
    with pytest.raises(BrokerError, match="no more than 0"):
        affordable_preview(world, "main", request, Decimal(10**6), Decimal(step))


def test_a_preview_of_another_order_says_both() -> None:
    broker = Stub()
    broker.on["preview NEW"] = lambda request: evolve(request, quantity=Decimal(3))
    with pytest.raises(BrokerError) as caught:
        previewed(executor(broker).world, "main", BUY)
    assert caught.value.reason == (
        "the broker took the order for another one: buy 3 NEW at 50.01, 0 lots, client id C1 instead of "
        "buy 2 NEW at 50.01, 0 lots, client id C1"
    )


# Results


def test_the_results_say_what_was_asked_and_what_became_of_it() -> None:
    broker, store = Stub(), Store()
    broker.fills["OLD"] = Decimal(30)
    broker.on["place BIG"] = lambda request: Unknown("no answer")
    made = begun(broker, store=store)
    with pytest.raises(UnknownOrderState):
        list(made.run())

    def told() -> list[Any]:
        return [(one.asked, one.filled, one.state, one.message) for one in results(made.state)]

    sale, doubtful, *planned = told()
    assert sale == (100, 30, OrderState.CANCELLED, "30 of 100 shares were filled")
    assert doubtful[:3] == (10, 0, None)
    assert doubtful[3].startswith("it is not known whether it was placed: no answer")
    assert planned == [(0, 0, None, "")] * 2
    answer(made.world, made.state, 1, None)
    assert told()[1] == (0, 0, None, "a person says that the broker does not have it")
    broker.on.clear()
    broker.on["preview BND"] = raising(BrokerError("BND cannot be traded"))
    list(executor(broker, store=store).run())
    made = executor(broker, store=store)
    assert told()[1] == (10, 10, OrderState.FILLED, "")
    assert told()[3] == (0, 0, None, "BND cannot be traded.")
