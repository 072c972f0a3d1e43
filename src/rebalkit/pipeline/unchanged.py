"""Whether the account still is what a plan was made for. Looked at right before the first order, with everything read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rebalkit.errors import BlockedError
from rebalkit.model.findings import Severity
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Report
from rebalkit.model.snapshots import Snapshot
from rebalkit.pipeline.plan import check_plan
from rebalkit.pipeline.promises import scope_of
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.snapshot import take_snapshot

if TYPE_CHECKING:
    from rebalkit.plugin import Broker
    from rebalkit.registry import Registry

__all__ = ["refuse_changed"]

_FOLLOWS_PRICES = "arithmetic"
"""The finding that a plan's figures do not follow from the quotes: after a move of prices they never do, and need not."""


def refuse_changed(registry: Registry, broker: Broker, request: PlanRequest, report: Report, plan: Plan) -> None:
    """Raise BlockedError unless ``plan`` still fits the account as the broker shows it now, and all checks pass again.

    Those of ``report`` are what the checks say now of the snapshot in it.
    """
    today = broker.today()
    if today != plan.as_of:
        raise _changed(f"the plan is for {plan.as_of}, but at the broker it is {today}", "plan_stale")
    now = take_snapshot(broker, plan.account, request.targets, plan.as_of, promises=scope_of(registry, request.source).load())
    for reason in _differences(report.snapshot, now, plan):
        raise _changed(reason, "account_changed")
    if now == report.snapshot:
        return  # The checks were just asked about this very state.
    findings = check_plan(registry, now, request, plan)
    blocking = [one for one in findings if one.severity is Severity.BLOCKING and one.code != _FOLLOWS_PRICES]
    if blocking:
        raise _changed(f"a check that had passed does not any more: {blocking[0].message}", blocking[0].code)


def _differences(before: Snapshot, now: Snapshot, plan: Plan) -> Iterator[str]:
    if now.account.cash.total != before.account.cash.total:
        yield f"the cash is {now.account.cash.total} USD, but was {before.account.cash.total} USD when the plan was made"
    if now.account.open_orders:
        yield f"an order for {now.account.open_orders[0].symbol} is open at the broker"
    lots_before = {lot.lot: lot for lot in before.account.lots}
    lots_now = {lot.lot: lot for lot in now.account.lots}
    for name in sorted(lots_before.keys() | lots_now.keys()):
        if lots_before.get(name) != lots_now.get(name):
            yield f"lot {name} is not what it was when the plan was made"
    for order in plan.sells:
        for part in order.lots:
            lot = lots_now[part.lot]
            if lot.cost is not None and order.symbol in now.quotes:
                planned = lot.quantity * order.limit - lot.cost
                if (planned < 0) != (lot.quantity * now.quotes[order.symbol].bid < lot.cost):
                    yield f"the price of {order.symbol} has moved so far that lot {part.lot} turns from loss to gain, or back"


def _changed(reason: str, code: str) -> BlockedError:
    return BlockedError(reason, code=code, remedy="Nothing was placed. Plan again: `rebalkit plan`.")
