"""Stages 2 and 3: the strategy's plan, and what the checks say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve

from rebalkit.config import structure_settings
from rebalkit.errors import PlanError, RebalkitError
from rebalkit.model.findings import Finding, Severity
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Report
from rebalkit.model.snapshots import Snapshot
from rebalkit.pipeline.promised import with_promises
from rebalkit.pipeline.request import PlanRequest
from rebalkit.plugin import CheckInput, PlanContext, StrategyRecord
from rebalkit.serial import to_plain

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["check_plan", "make_plan", "plan_report"]

_WEIGHT = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.INFO: 2}


def make_plan(registry: Registry, snapshot: Snapshot, request: PlanRequest) -> Plan:
    """The plan of the request's strategy, bound to ``snapshot``.

    Raises:
        UsageError: An unknown strategy.
        ConfigError: Settings that it does not take.
        PlanError: The account cannot be planned as asked, or the strategy failed.
    """
    record = registry.strategy(request.strategy)
    settings: object = structure_settings(record.settings(), request.strategy_settings, "strategy")
    context = PlanContext.of(snapshot, request.limits, request.policy, request.accept_wash, request.wash_budget)
    plan = _answer(record, settings, snapshot, request, context)
    if not isinstance(plan, Plan):
        raise _unfit(request, f"gave {type(plan).__name__} instead of a plan")
    if (plan.as_of, plan.account) != (snapshot.as_of, snapshot.account.account):
        raise _unfit(request, "planned another day or account than asked")
    bound = evolve(plan, snapshot=snapshot.digest)
    try:
        to_plain(bound)
    except TypeError as problem:
        raise _unfit(request, f"gave a plan that no file can hold: {problem}") from problem
    if not _built_in(record) and _answer(record, settings, snapshot, request, context) != plan:
        raise _unfit(request, "answered the same question differently the second time")
    return bound


def _answer(record: StrategyRecord, settings: object, snapshot: Snapshot, request: PlanRequest, context: PlanContext) -> object:
    """What the strategy says, whatever that is. Raises PlanError when it fails."""
    try:
        return record.factory(settings).plan(snapshot, request.targets, context)
    except RebalkitError:
        raise
    except Exception as problem:
        reason = f"the strategy {request.strategy!r} failed: {type(problem).__name__}: {problem}"
        raise PlanError(reason, code="strategy_failed", remedy="Run again with --debug to see where.") from problem


def _built_in(record: StrategyRecord) -> bool:
    """Whether the strategy comes with rebalkit, whose tests see that it answers alike; others are asked twice."""
    return record.factory.__module__.partition(".")[0] == "rebalkit"


def check_plan(registry: Registry, snapshot: Snapshot, request: PlanRequest, plan: Plan) -> tuple[Finding, ...]:
    """What all registered checks and the plugins say of ``plan``, the weightiest first. A check that fails forbids the plan."""
    given = CheckInput(
        snapshot,
        request.targets,
        plan,
        request.limits,
        request.policy,
        frozenset(request.accept_wash),
        request.wash_budget,
    )
    found: list[Finding] = []
    for record in registry.checks.values():
        try:
            found += _findings(record.name, list(record.factory()(given)))
        except Exception as problem:  # noqa: BLE001 - whatever it raises, a check that did not finish has not passed
            found.append(_failed(record.name, problem))
    for provider, answer in registry.decide("rebalkit_after_plan", snapshot=snapshot, plan=plan):
        if isinstance(answer, Exception):
            found.append(_failed(provider, answer))
        else:
            found += _findings(provider, answer)
    return tuple(sorted(found, key=lambda one: (_WEIGHT[one.severity], one.code, one.subject)))


def plan_report(registry: Registry, snapshot: Snapshot, request: PlanRequest, live: bool | None = None) -> Report:
    """Plan, check, and put together what a report shows; ``live`` is whether orders would move real money, as far as that is known."""
    registry.observe("rebalkit_after_snapshot", snapshot=snapshot)
    plan = make_plan(registry, snapshot, request)
    findings = check_plan(registry, snapshot, request, plan)
    return with_promises(Report(snapshot, request.targets, plan, findings, None, request.limits, request.policy, live=live))


def _unfit(request: PlanRequest, what: str) -> PlanError:
    return PlanError(
        f"the strategy {request.strategy!r} {what}",
        code="strategy_failed",
        remedy="Tell its author, or plan with another strategy.",
    )


def _findings(provider: str, answer: object) -> Iterable[Finding]:
    if answer is None:
        return ()
    if isinstance(answer, (list, tuple)) and all(isinstance(one, Finding) for one in answer):
        return answer
    return [_failed(provider, TypeError(f"it returned {type(answer).__name__} instead of findings"))]


def _failed(name: str, problem: Exception) -> Finding:
    message = f"The check {name!r} failed and so has not passed: {type(problem).__name__}: {problem}"
    return Finding("check_failed", Severity.BLOCKING, message, name)
