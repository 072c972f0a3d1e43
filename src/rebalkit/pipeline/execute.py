"""Stage 4: carry the plan out, then plan again: an account that gives no more orders is the measure of success."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rebalkit.errors import BlockedError, UsageError
from rebalkit.execution.executor import Executor, check_account_unchanged
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderStatus
from rebalkit.model.reports import Execution, ExecutionEnd, OrderResult, Report
from rebalkit.pipeline.plan import make_plan
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.snapshot import take_snapshot

if TYPE_CHECKING:
    from rebalkit.plugin import Broker
    from rebalkit.registry import Registry

__all__ = ["execute_plan", "refuse_to_execute", "ticket_execution"]

Consent = Callable[[Sequence[OrderPreview]], bool]


def refuse_to_execute(report: Report, execution: Execution | None) -> None:
    """Raise BlockedError when the plan of ``report`` must not be executed: a check stands against it, or it was executed already."""
    if report.plan is None:
        raise UsageError("there is no plan to execute", code="no_plan")
    if execution is not None:
        raise BlockedError(
            f"the plan {report.plan.plan_id} was executed already", code="executed", remedy="Plan again: `rebalkit plan`."
        )  # fmt: skip
    if report.blocked:
        codes = sorted({finding.code for finding in report.findings if finding.severity == "blocking"})
        raise BlockedError(
            f"the checks forbid the plan {report.plan.plan_id} to be executed: {', '.join(codes)}",
            code="blocked",
            remedy="Remove the cause, which `rebalkit report` shows, and plan again.",
        )


def ticket_execution(report: Report) -> Execution:
    """The execution of a plan whose broker takes no orders: a ticket is left for the person, and nothing is known of its fills."""
    plan = report.plan
    if plan is None:
        raise UsageError("there is no plan to execute", code="no_plan")
    return Execution(plan.plan_id, ExecutionEnd.TICKET, (), plan.cash.before, None, None)


def execute_plan(registry: Registry, broker: Broker, request: PlanRequest, report: Report, consent: Consent) -> Execution | None:
    """Place the orders of the plan of ``report`` at ``broker`` and plan again.

    Args:
        registry: The plugins, which may veto each order.
        broker: Where the orders go; it takes orders and moves no real money.
        request: What the plan was made for.
        report: The plan and its findings.
        consent: Shown the broker's previews of the sales; returns whether to go on.

    Returns:
        What happened; None when consent was not given, and then nothing was placed.

    Raises:
        BlockedError: The plan must not be executed, or the account is no longer what it was made for.
        BrokerError: The broker refuses a preview of a sale. Nothing was placed.
        UnknownOrderState: It is not known whether an order was placed.
    """
    refuse_to_execute(report, None)
    plan = report.plan
    if plan is None or broker.capabilities.live:
        raise BlockedError(
            "orders that move real money are not placed by this version",
            code="live_refused",
            remedy="It has no journal yet that could prove that no order is sent twice. Place the orders by hand from the report.",
        )
    check_account_unchanged(broker, plan, plan.cash.before)

    def veto(order: OrderRequest) -> str | None:
        for provider, answer in registry.decide("rebalkit_before_order", plan=plan, request=order):
            if isinstance(answer, Exception):
                return f"the plugin {provider} failed, which counts as a veto: {type(answer).__name__}: {answer}"
            if answer is not None:
                return f"vetoed by the plugin {provider}: {answer}"
        return None

    def event(status: OrderStatus) -> None:
        registry.observe("rebalkit_order_event", plan=plan, status=status)

    venue = report.snapshot.venue
    executor = Executor(broker, plan, request.targets, request.limits.reserve, venue, veto, event)
    if not consent(executor.previews()):
        return None
    results = executor.run()
    execution = _verified(registry, broker, request, report, tuple(results))
    registry.observe("rebalkit_run_finished", execution=execution)
    return execution


def _verified(
    registry: Registry, broker: Broker, request: PlanRequest, report: Report, results: tuple[OrderResult, ...]
) -> Execution:
    before = report.snapshot
    after = take_snapshot(broker, before.account.account, request.targets, before.as_of)
    again = make_plan(registry, after, request)
    end = ExecutionEnd.UNFINISHED if again.orders else ExecutionEnd.CONVERGED
    plan_id = report.plan.plan_id if report.plan else ""
    return Execution(plan_id, end, results, before.account.cash.total, after.account.cash.total, again)
