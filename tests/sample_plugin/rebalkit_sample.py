"""Warn of plans with many orders: a person has to read each of them before saying yes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rebalkit.model import Finding, Severity
from rebalkit.plugin import Check, CheckInput, CheckRecord, hookimpl

MANY = 50


@hookimpl
def rebalkit_checks() -> Iterable[CheckRecord]:
    """The check that this plugin adds."""
    return [CheckRecord("sample-few-orders", "Warns of plans with many orders", factory=make_check)]


def make_check() -> Check:
    """The check; a plugin whose check needs a library would import it here, when the check is used."""
    return few_orders


def few_orders(looked_at: CheckInput) -> Iterator[Finding]:
    """A warning when the plan has more than ``MANY`` orders."""
    count = len(looked_at.plan.orders)
    if count > MANY:
        message = f"The plan has {count} orders: read them in two sittings, or plan with a larger min_order."
        yield Finding("sample_many_orders", Severity.WARNING, message, details={"orders": count})
