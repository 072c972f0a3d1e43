"""What is looked at once more right before each order: all accounts, for what the wash-sale rule and the promises say of this one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, frozen

from rebalkit.checks.promises import check_promises
from rebalkit.checks.wash_sale import check_wash_sale
from rebalkit.errors import DataError
from rebalkit.execution.reading import read
from rebalkit.execution.rules import Objection
from rebalkit.execution.world import World
from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.findings import Severity
from rebalkit.model.history import Transaction
from rebalkit.model.orders import OrderRequest, Side
from rebalkit.model.plans import Order, Plan, Reason
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import CENT
from rebalkit.pipeline.promises import Scope, remembered
from rebalkit.pipeline.request import PlanRequest
from rebalkit.plugin import CheckInput, KeepsHistory, ReadsPart

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["OrderCheck"]

T = TypeVar("T")
_CHECKS = (check_wash_sale, check_promises)


@frozen
class OrderCheck:
    """Says what forbids one order of a plan, from fresh reads. Called right before each order is sent.

    Attributes:
        registry: The plugins, which may veto.
        world: The broker.
        request: How the wash-sale rule is read, and what the person allowed.
        plan: The plan.
        scope: Where promises are kept.
        plan_id: Its id.
    """

    registry: Registry = field(repr=False)
    world: World = field(repr=False)
    request: PlanRequest
    plan: Plan
    scope: Scope
    plan_id: str

    def __call__(self, order: OrderRequest) -> Sequence[Objection]:
        """What forbids ``order``.

        Raises:
            BrokerError: The broker cannot be asked; ``LoginRequired`` where the session is over.
            DataError: What it answers contradicts itself, or the promises cannot be read.
        """
        return [*self._vetoes(order), *self._findings(order)]

    def _vetoes(self, order: OrderRequest) -> Iterator[Objection]:
        for provider, answer in self.registry.decide("rebalkit_before_order", plan=self.plan, request=order):
            if isinstance(answer, Exception):
                message = f"the plugin {provider} failed, which counts as a veto: {type(answer).__name__}: {answer}"
                yield Objection("veto", message, details={"plugin": provider})
            elif answer is not None:
                yield Objection("veto", f"vetoed by the plugin {provider}: {answer}", details={"plugin": provider})

    def _findings(self, order: OrderRequest) -> Iterator[Objection]:
        given = CheckInput(
            self._snapshot(order.symbol),
            self.request.targets,
            evolve(self.plan, orders=(_as_planned(order),)),
            self.request.limits,
            self.request.policy,
            frozenset(self.request.accept_wash),
            self.request.wash_budget,
        )
        for check in _CHECKS:
            for one in check(given):
                if one.severity is Severity.BLOCKING:
                    yield Objection(one.code, one.message, details=one.details)

    def _snapshot(self, symbol: str) -> Snapshot:
        """All accounts as they are now, of the symbols that count as one with ``symbol``."""
        world, broker = self.world, self.world.broker
        groups = self.request.policy.groups
        symbols = next((group for group in groups.groups if symbol in group), (symbol,))
        names = [one.account for one in read(world, broker.accounts)]
        asked = partial(_part, broker, symbols) if isinstance(broker, ReadsPart) else broker.snapshot
        accounts = dict(zip(names, self._of_each(names, asked), strict=True))
        traded = accounts.pop(self.plan.account, None)
        if traded is None:
            raise DataError(f"the broker shows no account {self.plan.account!r} any more", code="no_account")
        transactions = self._transactions(names, symbols)
        today = read(world, broker.today)
        begins = self._of_each(names, broker.history_from)
        known = [day for day in begins if day is not None]
        simulated = not broker.capabilities.live
        return Snapshot(
            today,
            traded,
            tuple(accounts.values()),
            {},
            tuple(sorted(transactions, key=lambda one: one.date)),
            max(known) if len(known) == len(begins) else None,
            broker.capabilities.venue,
            (),
            remembered(self._earlier_promises(symbols), today, transactions if simulated else None),
        )

    def _transactions(self, names: Sequence[str], symbols: Sequence[str]) -> Sequence[Transaction]:
        broker = self.world.broker
        if isinstance(broker, ReadsPart):
            each = self._of_each(names, lambda name: broker.part_transactions(name, symbols))
        elif isinstance(broker, KeepsHistory):
            return read(self.world, broker.history)
        else:
            each = self._of_each(names, lambda name: broker.transactions(name, dt.date.min))
        return [one for of_account in each for one in of_account]

    def _of_each(self, names: Iterable[str], question: Callable[[str], T]) -> list[T]:
        return [read(self.world, partial(question, name)) for name in names]

    def _earlier_promises(self, symbols: Sequence[str]) -> Iterator[Promise]:
        """What plans before this one promised of ``symbols``. Its own promises were weighed against its own orders before it was approved."""
        return (one for one in self.scope.load() if one.plan_id != self.plan_id and not set(symbols).isdisjoint(one.group))


def _part(broker: ReadsPart, symbols: Sequence[str], account: str) -> AccountSnapshot:
    return broker.part(account, symbols)


def _as_planned(order: OrderRequest) -> Order:
    limit = order.limit
    if limit is None:
        raise ValueError("an order of a plan has a limit")
    rounding = ROUND_FLOOR if order.side is Side.SELL else ROUND_CEILING
    estimated = (order.quantity * limit).quantize(CENT, rounding)
    return Order(order.side, order.symbol, order.quantity, order.lots, limit, estimated, Reason("rechecked"))
