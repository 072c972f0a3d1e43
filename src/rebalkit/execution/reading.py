"""Asking a broker what changes nothing there: such questions may be asked again, and are, a few times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import evolve

from rebalkit.errors import BrokerError, RebalkitError
from rebalkit.execution.state import Run
from rebalkit.execution.world import World
from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.orders import OrderStatus
from rebalkit.model.securities import Quote
from rebalkit.plugin import ReadsPart, TellsTime

__all__ = [
    "PATIENCE",
    "UNREACHABLE",
    "broker_moment",
    "listed_orders",
    "quote_of",
    "read",
    "read_part",
    "shares_of",
    "steady_part",
]

T = TypeVar("T")

PATIENCE = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds to wait before each look at what a broker may show late."""

UNREACHABLE = "unreachable"
"""Code of a `rebalkit.errors.BrokerError` that may be over a moment later; any other one is an answer."""

_AGAIN = (1.0, 3.0)
"""Seconds to wait, more or less, before a question is asked for the second and the third time."""


def read(world: World, question: Callable[[], T]) -> T:
    """The answer to ``question``, which changes nothing at the broker; asked up to three times while the broker cannot be reached.

    Raises:
        LoginRequired: The session is over.
        BrokerError: The broker refuses, could not be reached three times, or its plugin failed.
    """
    for wait in _AGAIN:
        try:
            return _answer(question)
        except BrokerError as problem:
            if problem.code != UNREACHABLE:
                raise
            world.clock.sleep(wait * world.chance.uniform(0.5, 1.5))
    return _answer(question)


def _answer(question: Callable[[], T]) -> T:
    try:
        return question()
    except RebalkitError:
        raise
    except Exception as problem:
        reason = f"the broker's plugin failed: {type(problem).__name__}: {problem}"
        raise BrokerError(reason, code="plugin_failed", remedy="Tell its author.") from problem


def broker_moment(world: World) -> dt.datetime:
    """What time it is at the broker; on this machine where the broker does not tell."""
    broker = world.broker
    return read(world, broker.now) if isinstance(broker, TellsTime) else world.clock.now()


def read_part(world: World, account: str, symbols: Collection[str]) -> AccountSnapshot:
    """The account with the lots of ``symbols`` only; cash and open orders are whole."""
    broker = world.broker
    if isinstance(broker, ReadsPart):
        return read(world, lambda: broker.part(account, symbols))
    whole = read(world, lambda: broker.snapshot(account))
    return evolve(whole, lots=tuple(lot for lot in whole.lots if lot.symbol in symbols))


def steady_part(world: World, account: str, expected: Mapping[str, Decimal]) -> AccountSnapshot:
    """The account with the lots of the symbols in ``expected``, once it shows that many shares; else as it was shown last.

    A broker may show fills in its list of orders before it shows them among the positions.
    """
    shown = read_part(world, account, tuple(expected))
    for wait in PATIENCE[1:]:
        if all(shares_of(shown, symbol) == shares for symbol, shares in expected.items()):
            break
        world.clock.sleep(wait)
        shown = read_part(world, account, tuple(expected))
    return shown


def shares_of(account: AccountSnapshot, symbol: str) -> Decimal:
    """Shares of ``symbol`` in all lots."""
    return sum((lot.quantity for lot in account.lots if lot.symbol == symbol), Decimal(0))


def quote_of(world: World, symbol: str) -> Quote | None:
    """The quote of ``symbol``; None when there is none."""
    return read(world, lambda: world.broker.quotes((symbol,))).get(symbol)


def listed_orders(world: World, run: Run) -> Sequence[OrderStatus]:
    """All orders that the broker lists since the day before that of the plan."""
    since = run.as_of - dt.timedelta(days=1)
    return read(world, lambda: world.broker.orders(run.account, since))
