"""Between the orders: the cash after the sales, the sizes of the purchases, what the account holds at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import PLAN, Dying, Store, Stub, begun, executor
from rebalkit.errors import BlockedError
from rebalkit.execution.events import Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.reading import PATIENCE
from rebalkit.model import AccountSnapshot, Cash, Plan

ALL_OF_IT = sum(PATIENCE)


def only(*symbols: str) -> Plan:
    return evolve(PLAN, orders=tuple(one for one in PLAN.orders if one.symbol in symbols))


def waited(made: Executor) -> float:
    return made.world.clock.monotonic()


class Short(Stub):
    """Shows less cash than there is."""

    short = Decimal(0)

    def snapshot(self, account: str) -> AccountSnapshot:
        shown = super().snapshot(account)
        return evolve(shown, cash=Cash(shown.cash.total - (self.short if self.done else 0)))


@pytest.mark.parametrize(
    ("before", "sales", "short", "waits"),
    [
        ("0", ("OLD", "BIG"), "10.10", False),
        ("0", ("OLD", "BIG"), "10.11", True),
        ("7000", ("OLD", "BIG"), "10.10", False),
        ("7000", ("OLD", "BIG"), "10.11", True),
        ("0", ("BIG",), "1", False),
        ("0", ("BIG",), "1.01", True),
    ],
)
def test_the_cash_is_waited_for_until_it_shows_the_proceeds_but_for_a_thousandth_or_a_dollar(
    before: str, sales: tuple[str, ...], short: str, waits: bool
) -> None:
    """Average prices and fees are told rounded. Sales come to 10,100 and to 100 USD."""
    broker = Short(before)
    broker.short = Decimal(short)
    made = begun(broker, plan=only(*sales, "NEW"))
    run = made.run()
    for _ in sales:
        next(run)
    started = waited(made)
    next(run)
    assert waited(made) - started == (ALL_OF_IT if waits else 0)


def test_cash_that_shows_late_is_taken_as_soon_as_it_shows() -> None:
    broker = Short()
    broker.short = Decimal(5_000)
    made = begun(broker)
    clock: Any = made.world.clock
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            broker.short = Decimal(0)

    run = made.run()
    next(run), next(run)
    clock.sleep = sleep
    next(run)
    assert slept[:2] == [1, 2]
    assert made.state.sizes == {2: 120, 3: 50}
    assert sum(slept) == 3


def test_purchases_are_sized_from_the_journals_cash_where_the_account_shows_more() -> None:
    broker = Stub("1000")
    made = begun(broker, plan=only("NEW"))
    broker.cash = Decimal(100_000)
    list(made.run())
    assert made.state.sizes == {0: 20}


def test_all_purchases_are_dropped_when_one_has_no_quote_even_if_the_program_died_between_two_of_them() -> None:
    broker, store = Stub(BND=None), Dying(Kind.DROPPED)
    with pytest.raises(GeneratorExit):
        list(begun(broker, store=store).run())
    again = executor(broker, store=store)
    list(again.run())
    assert again.state.sizes == {2: 0, 3: 0}
    assert [again.state.legs[number].reason for number in (2, 3)] == ["no usable quote for BND"] * 2
    assert [one.symbol for one in broker.sent] == ["OLD", "BIG"]


def test_a_position_that_differs_at_the_end_is_told_alone_after_a_minute() -> None:
    broker = Stub()
    made = begun(broker)
    run = made.run()
    for _ in range(4):
        next(run)
    del broker.lots["lot of OLD"]
    broker.lots["lot of NEW"] -= 1
    broker.lots["lot of BND"] = Decimal(0)
    started = waited(made)
    with pytest.raises(BlockedError) as caught:
        next(run)
    assert caught.value.reason == "the account does not hold what the orders came to: BND 0 instead of 50, NEW 119 instead of 120"
    assert waited(made) - started == ALL_OF_IT


def test_a_plan_without_purchases_sizes_none_and_asks_for_no_more_than_it_needs() -> None:
    broker, store = Stub(), Store()
    list(begun(broker, plan=only("OLD"), store=store).run())
    phases = [one.kind for one in store.kept if one.leg is None]
    assert phases == [Kind.RUN_START, Kind.APPROVED, Kind.SELLING, Kind.CASH_READ, Kind.BALANCED]
