"""Stage 4: carry the plan out, then plan again: an account that gives no more orders is the measure of success."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from rebalkit.errors import BlockedError
from rebalkit.execution.executor import Executor
from rebalkit.model.findings import Finding, Severity
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderStatus
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, ExecutionEnd, OrderResult, Report
from rebalkit.pipeline.plan import check_plan, make_plan
from rebalkit.pipeline.promised import promised_by, with_promises
from rebalkit.pipeline.promises import Scope, scope_of
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit.pipeline.unchanged import refuse_changed

if TYPE_CHECKING:
    from rebalkit.plugin import Broker
    from rebalkit.registry import Registry

__all__ = ["execute_run"]

Consent = Callable[[Sequence[OrderPreview]], bool]


def execute_run(registry: Registry, folder: RunFolder, consent: Consent) -> Report | None:
    """Carry out the plan of ``folder`` and keep there what was done.

    At a broker that takes no orders nothing is placed: the report that comes back ends in a ticket, which the caller writes.
    What the plan promises not to buy is kept before the ticket and before the first order.

    Args:
        registry: The plugins, which may veto each order.
        folder: The run.
        consent: Shown the broker's previews of the sales; returns whether to go on.

    Returns:
        The report with what happened; None when consent was not given, and then nothing was placed.

    Raises:
        BlockedError: The plan must not be executed, or the account is no longer what it was made for.
        BrokerError: The broker refuses a preview of a sale. Nothing was placed.
        UnknownOrderState: It is not known whether an order was placed. What is known is in the folder.
        JournalError: The promises cannot be kept. Nothing was placed.
    """
    request, report = folder.request(), folder.report()
    report = _checked_again(registry, request, report)
    plan = _executable(report)
    scope, promised = scope_of(registry, request.source), promised_by(report)
    broker = open_broker(registry, request.source)
    if not broker.capabilities.places_orders:
        report = _dated(report, plan, broker)
        execution = Execution(plan.plan_id, ExecutionEnd.TICKET, (), plan.cash.before, None, None)
        scope.keep(promised, plan.as_of)
        folder.save_execution(execution)
        return with_promises(evolve(report, execution=execution))
    if broker.capabilities.live:
        raise BlockedError(
            "orders that move real money are not placed by this version",
            code="live_refused",
            remedy="It has no journal yet that could prove that no order is sent twice. Place the orders by hand from the report.",
        )
    refuse_changed(registry, broker, request, report, plan)
    executor = _executor(registry, broker, request, report, plan)
    previews = executor.previews()
    folder.save_previews(tuple(previews))
    if not consent(previews):
        return None
    results: list[OrderResult] = []
    stopped = Execution(plan.plan_id, ExecutionEnd.STOPPED, (), plan.cash.before, None, None)
    # Kept before the first order: whatever happens, no later plan buys back what this one may have sold.
    scope.keep(promised, plan.as_of)
    # Written before the first order and after each one: whatever happens, a run that has begun is never begun again.
    folder.save_execution(stopped)
    for result in executor.run():
        results.append(result)
        folder.save_execution(evolve(stopped, orders=tuple(results)))
    execution = _verified(registry, broker, request, plan, results, scope)
    folder.save_execution(execution)
    report = evolve(report, execution=execution)
    scope.drop({one.promise for one in promised} - {one.promise for one in promised_by(report)})
    registry.observe("rebalkit_run_finished", execution=execution)
    return with_promises(report)


def _checked_again(registry: Registry, request: PlanRequest, report: Report) -> Report:
    """``report`` with what the checks say now: what a file says of them is no reason to trade."""
    if report.plan is None:
        return report
    return evolve(report, findings=check_plan(registry, report.snapshot, request, report.plan))


def _executable(report: Report) -> Plan:
    """The plan of ``report``, unless a check stands against it or it was executed already."""
    plan = report.plan
    if plan is None:
        raise ValueError("the folder of a run holds a plan")
    again = "Plan again: `rebalkit plan`."
    if report.execution is not None and report.execution.end is not ExecutionEnd.TICKET:
        raise BlockedError(f"the execution of plan {plan.plan_id} was begun already", code="executed", remedy=again)
    if report.blocked:
        codes = sorted({finding.code for finding in report.findings if finding.severity is Severity.BLOCKING})
        raise BlockedError(
            f"the checks forbid the plan {plan.plan_id} to be executed: {', '.join(codes)}",
            code="blocked",
            remedy="Remove the cause, which `rebalkit report` shows, and plan again.",
        )
    return plan


def _dated(report: Report, plan: Plan, broker: Broker) -> Report:
    """``report`` with a warning where its day is not the broker's: a ticket is read by a person, who can still judge."""
    today = broker.today()
    if today == plan.as_of:
        return report
    message = (
        f"The plan is of {plan.as_of}, but today it is {today}: prices and the 30 days of the wash-sale rule have moved on. "
        "Plan again before you place an order."
    )
    finding = Finding("plan_of_another_day", Severity.WARNING, message, "", {"plan": str(plan.as_of), "today": str(today)})
    return evolve(report, findings=(finding, *report.findings))


def _executor(registry: Registry, broker: Broker, request: PlanRequest, report: Report, plan: Plan) -> Executor:
    def veto(order: OrderRequest) -> str | None:
        for provider, answer in registry.decide("rebalkit_before_order", plan=plan, request=order):
            if isinstance(answer, Exception):
                return f"the plugin {provider} failed, which counts as a veto: {type(answer).__name__}: {answer}"
            if answer is not None:
                return f"vetoed by the plugin {provider}: {answer}"
        return None

    def event(status: OrderStatus) -> None:
        registry.observe("rebalkit_order_event", plan=plan, status=status)

    return Executor(broker, plan, request.targets, request.limits.reserve, report.snapshot.venue, veto, event)


def _verified(
    registry: Registry, broker: Broker, request: PlanRequest, plan: Plan, results: Sequence[OrderResult], scope: Scope
) -> Execution:
    after = take_snapshot(broker, plan.account, request.targets, plan.as_of, promises=scope.load())
    again = make_plan(registry, after, request)
    end = ExecutionEnd.UNFINISHED if again.orders else ExecutionEnd.CONVERGED
    return Execution(plan.plan_id, end, tuple(results), plan.cash.before, after.account.cash.total, again)
