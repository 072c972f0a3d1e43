"""Questions to a broker: which are asked again, after how long, and what is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from execution_stub import DAY, PLAN, Stub, begun, executor
from rebalkit.errors import BrokerError
from rebalkit.execution.reading import PATIENCE, read, read_part, steady_part
from rebalkit.model import AccountSnapshot


class Half:
    """Chance that is always in the middle."""

    def uniform(self, least: float, most: float) -> float:
        assert (least, most) == (0.5, 1.5)
        return 1.25


@pytest.mark.parametrize("failures", range(4))
def test_a_question_without_an_answer_is_asked_three_times_after_longer_and_longer_waits(failures: int) -> None:
    made = executor(Stub())
    world, left = evolve(made.world, chance=Half()), iter(range(failures))

    def question() -> str:
        if next(left, None) is not None:
            raise BrokerError("no answer", code="unreachable")
        return "yes"

    if failures == 3:
        with pytest.raises(BrokerError):
            read(world, question)
    else:
        assert read(world, question) == "yes"
    assert world.clock.monotonic() == [0, 1.25, 1.25 + 3.75, 1.25 + 3.75][failures]


class InParts(Stub):
    """Reads a few symbols at a time."""

    asked: tuple[str, ...] = ()

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        self.asked = tuple(symbols)
        whole = super().snapshot(account)
        return evolve(whole, lots=tuple(lot for lot in whole.lots if lot.symbol in symbols))

    def part_transactions(self, account: str, symbols: Collection[str]) -> Any:
        return []


@pytest.mark.parametrize("broker", [Stub(), InParts()])
def test_a_part_of_an_account_has_the_lots_of_its_symbols_and_all_cash(broker: Stub) -> None:
    part = read_part(executor(broker).world, "main", ("OLD",))
    assert ([lot.symbol for lot in part.lots], part.cash.total) == (["OLD"], 0)
    assert getattr(broker, "asked", ("OLD",)) == ("OLD",)


@pytest.mark.parametrize("right_after", range(8))
def test_an_account_is_waited_for_until_it_shows_what_it_must(right_after: int) -> None:
    """Looks are at 0, 1, 3, 8, 18, 38 and 68 seconds."""
    broker = Stub()
    looks = []

    class Late(Stub):
        def snapshot(self, account: str) -> AccountSnapshot:
            looks.append(made.world.clock.monotonic())
            self.lots["lot of OLD"] = Decimal(100 if len(looks) > right_after else 90)
            return super().snapshot(account)

    broker = Late()
    made = executor(broker)
    shown = steady_part(made.world, "main", {"OLD": Decimal(100)})
    assert looks == [sum(PATIENCE[: number + 1]) for number in range(min(right_after + 1, 7))]
    assert shown.lots[0].quantity == (100 if right_after < 7 else 90)


def test_orders_are_listed_from_the_day_before_that_of_the_plan() -> None:
    """In New York it may be a day earlier than where a broker's day begins."""
    since = []

    class Asked(Stub):
        def orders(self, account: str, day: dt.date) -> Any:
            since.append(day)
            return super().orders(account, day)

    list(begun(Asked(), plan=evolve(PLAN, orders=PLAN.orders[:1])).run())
    assert set(since) == {DAY - dt.timedelta(days=1)}
