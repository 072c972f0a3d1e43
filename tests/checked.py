"""The sample, its plan, and what all built-in checks say of a plan."""

from __future__ import annotations

from functools import cache
from typing import Any

from attrs import evolve

import rebalkit
from rebalkit.builtin import rebalkit_checks
from rebalkit.model import Finding, Limits, Plan, Report, Severity, Snapshot, Targets, WashPolicy
from rebalkit.plugin import CheckInput
from rebalkit.sample import SAMPLE_AS_OF, sample_folder


@cache
def sample() -> Report:
    """The greedy plan of the sample; nothing stands against it."""
    targets = rebalkit.read_targets(sample_folder() / "targets.toml")
    return rebalkit.plan(rebalkit.read_folder(sample_folder(), targets, as_of=SAMPLE_AS_OF), targets)


def sample_plan() -> Plan:
    """The plan itself."""
    plan = sample().plan
    assert plan is not None
    return plan


def findings_of(
    plan: Plan | None = None,
    snapshot: Snapshot | None = None,
    targets: Targets | None = None,
    *,
    limits: Limits | None = None,
    policy: WashPolicy = WashPolicy(),
    accept_wash: frozenset[str] = frozenset(),
) -> list[Finding]:
    """What all checks say, by default of the sample's plan."""
    report = sample()
    assert report.targets is not None
    given = CheckInput(
        snapshot or report.snapshot,
        targets or report.targets,
        plan or sample_plan(),
        limits or Limits(),
        policy,
        accept_wash,
    )
    return [finding for record in rebalkit_checks() for finding in record.factory()(given)]


def codes(findings: list[Finding], severity: Severity = Severity.BLOCKING) -> set[str]:
    """The codes of those findings that weigh ``severity``."""
    return {one.code for one in findings if one.severity is severity}


def with_order(plan: Plan, index: int, **changes: Any) -> Plan:
    """``plan`` with one order changed."""
    orders = list(plan.orders)
    orders[index] = evolve(orders[index], **changes)
    return evolve(plan, orders=tuple(orders))
