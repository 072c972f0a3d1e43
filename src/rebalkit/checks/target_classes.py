"""Targets sum to 100 and every class is in the plan (promise: no class is ever forgotten)."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.checks.findings import blocking
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_target_classes"]


def check_target_classes(given: CheckInput) -> Iterator[Finding]:
    """``targets_sum``, ``class_missing``, ``class_unknown``, ``class_changed``."""
    planned = {one.name: one for one in given.plan.classes}
    total = sum(one.target for one in given.plan.classes)
    if total != 100:
        yield blocking("targets_sum", f"The targets in the plan sum to {total} %, not to 100 %.", total=str(total))
    for wanted in given.targets.classes:
        found = planned.pop(wanted.name, None)
        if found is None:
            yield blocking("class_missing", f"The class {wanted.name!r} of the targets is not in the plan.", wanted.name)
            continue
        if found.target != wanted.target:
            message = f"The plan gives {wanted.name!r} a target of {found.target} %, but the targets say {wanted.target} %."
            yield blocking("class_changed", message, wanted.name, plan=str(found.target), targets=str(wanted.target))
        if found.buy is not None and wanted.rank_of(found.buy) is None:
            message = f"The plan buys {found.buy} for {wanted.name!r}, which the targets do not name among those to buy."
            yield blocking("buy_outside_class", message, wanted.name, symbol=found.buy)
    for name in planned:
        yield blocking("class_unknown", f"The plan has a class {name!r} that is not among the targets.", name)
    buyable = {symbol for one in given.targets.classes for rank in one.buy for symbol in rank}
    for order in given.plan.buys:
        if order.symbol not in buyable:
            message = f"The plan buys {order.symbol}, which no class of the targets names among those to buy."
            yield blocking("buy_outside_targets", message, order.symbol)
