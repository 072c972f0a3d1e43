"""A broker in memory that does what it is told, with a clock and a journal of its own, for tests of the executor."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from rebalkit.errors import JournalError, RebalkitError
from rebalkit.execution.events import Event, Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.journal import Journal
from rebalkit.execution.mandate import Mandate
from rebalkit.execution.results import results as results_of
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.world import World
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
    Side,
    Targets,
    TaxSummary,
    VenueRules,
)
from rebalkit.plugin import BrokerCapabilities

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


class Store:
    """A journal in memory."""

    def __init__(self) -> None:
        self.kept: list[Event] = []
        self.full_after: int | None = None

    def events(self) -> list[Event]:
        return list(self.kept)

    def append(self, event: Event) -> None:
        if self.full_after is not None and len(self.kept) >= self.full_after:
            raise JournalError("the disk is full", code="journal_not_written")
        self.kept.append(event)


class Dying(Store):
    """The program dies right after an event of a kind is written."""

    def __init__(self, last: Kind) -> None:
        super().__init__()
        self.last: Kind | None = last

    def append(self, event: Event) -> None:
        super().append(event)
        if event.kind is self.last:
            self.last = None
            raise GeneratorExit


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> dt.datetime:
        return MOMENT + dt.timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Stub:
    """A broker in memory that fills every order at the quote, free of charge, unless a test put something else in its place."""

    def __init__(self, cash: str = "0", *, echoes: bool = False, dedupes: bool = False, **prices: str | None) -> None:
        self.cash = Decimal(cash)
        self.prices = {symbol: price for symbol, price in (PRICES | prices).items() if price is not None}
        self.lots = {"lot of OLD": Decimal(100), "lot of BIG": Decimal(10), "kept": Decimal(1)}
        self.sent: list[OrderRequest] = []
        self.seen: list[OrderRequest] = []
        self.done: list[OrderStatus] = []
        self.fills: dict[str, Decimal] = {}
        self.on: dict[str, Callable[[OrderRequest], Any]] = {}
        self.capabilities = BrokerCapabilities(live=False, places_orders=True, echoes_client_id=echoes, dedupes_client_id=dedupes)

    def snapshot(self, account: str) -> AccountSnapshot:
        lots = [Lot(name, self._symbol(name), shares, None, None) for name, shares in self.lots.items() if shares]
        return AccountSnapshot(account, AccountKind.TAXABLE, Cash(self.cash), tuple(lots))

    def _symbol(self, lot: str) -> str:
        return "BIG" if lot == "kept" else lot.removeprefix("lot of ")

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        return {one: Quote(one, self.prices[one], self.prices[one], DAY, MOMENT) for one in symbols if one in self.prices}

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        self.seen.append(request)
        said = self.on.get(f"preview {request.symbol}", lambda request: request)(request)
        return OrderPreview("1", said, request.quantity * (request.limit or 0))

    def place(self, account: str, preview: OrderPreview) -> Any:
        request = preview.request
        self.sent.append(request)
        if f"place {request.symbol}" in self.on:
            return self.on[f"place {request.symbol}"](request)
        return self.fill(request)

    def fill(self, request: OrderRequest) -> Placed:
        filled = min(request.quantity, self.fills.get(request.symbol, request.quantity))
        price = Decimal(self.prices[request.symbol])
        self.cash += filled * price * (1 if request.side is Side.SELL else -1)
        if request.side is Side.BUY:
            self.lots[f"lot of {request.symbol}"] = self.lots.get(f"lot of {request.symbol}", NIL) + filled
        for part in request.lots:
            self.lots[part.lot] -= filled
        state = OrderState.FILLED if filled == request.quantity else OrderState.OPEN
        number = str(len(self.done) + 1)
        client = request.client_id if self.capabilities.echoes_client_id else None
        self.done.append(
            OrderStatus(number, client, request.side, request.symbol, request.quantity, filled, price, NIL, state, MOMENT)
        )
        return Placed(number)

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        return self.on["orders"](self.sent[-1]) if "orders" in self.on and self.sent else list(self.done)

    def cancel(self, account: str, order: str) -> OrderStatus:
        (place,) = [place for place, one in enumerate(self.done) if one.order == order]
        if "cancel" in self.on:
            return self.on["cancel"](self.sent[-1])
        self.done[place] = evolve(self.done[place], state=OrderState.CANCELLED)
        return self.done[place]


def executor(
    broker: Any,
    plan: Plan = PLAN,
    reserve: str = "0",
    step: str = "1",
    store: Store | None = None,
    recheck: Callable[[OrderRequest], Sequence[Objection]] = lambda request: (),
    stop: Callable[[], str] = lambda: "",
    live: bool = False,
    **limits: Any,
) -> Executor:
    clock = Clock()
    world = World(broker, Journal(store or Store(), clock.now), clock, random.Random(1), stop)
    # A fast market is no matter of most of these tests.
    rules = ExecutionRules(**({"max_drift": 50, "max_spread": 50} | limits))
    mandate = Mandate(plan, TARGETS, "stub", live, Decimal(100_000), Decimal(reserve), VenueRules(Decimal(step)), rules)
    return Executor(world, mandate, recheck, lambda status: None)


def begun(broker: Any, **given: Any) -> Executor:
    made = executor(broker, **given)
    made.begin({"how": "test"})
    return made


def results(broker: Stub, **given: Any) -> list[OrderResult]:
    return list(begun(broker, **given).run())


def stopped(broker: Stub, **given: Any) -> tuple[tuple[OrderResult, ...], RebalkitError]:
    """The results as the journal has them when the run stopped, of what was sent; and why it did."""
    made = begun(broker, **given)
    with pytest.raises(RebalkitError) as caught:
        list(made.run())
    return tuple(one for one in results_of(made.state) if one.asked), caught.value


def raising(problem: Exception) -> Callable[[OrderRequest], Any]:
    def fail(request: OrderRequest) -> Any:
        raise problem

    return fail
