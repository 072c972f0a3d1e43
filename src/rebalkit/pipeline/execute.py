"""Stage 4: carry the plan out, then plan again: an account that gives no more orders is the measure of success."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from rebalkit.errors import BlockedError
from rebalkit.execution.expected import sent_value
from rebalkit.execution.state import State
from rebalkit.model.findings import Finding, Severity
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, ExecutionEnd, OrderResult, Report
from rebalkit.pipeline.consent import Consent, question_of, refuse_old_plan, refuse_other_money, refuse_too_much, refuse_untrusted
from rebalkit.pipeline.executing import carried_out, checked_again, executor_of
from rebalkit.pipeline.export_check import refuse_unlike_export
from rebalkit.pipeline.promised import promised_by, with_promises
from rebalkit.pipeline.promises import scope_of
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.snapshot import moves_money, open_broker
from rebalkit.pipeline.stopping import stop_wish
from rebalkit.pipeline.unchanged import refuse_changed
from rebalkit.pipeline.worlds import journal_scope, open_world

if TYPE_CHECKING:
    from rebalkit.plugin import Broker
    from rebalkit.registry import Registry

__all__ = ["execute_run"]


def execute_run(
    registry: Registry,
    folder: RunFolder,
    consent: Consent,
    *,
    live: bool = False,
    wish: Callable[[], str] = stop_wish,
    tell: Callable[[OrderResult], object] = lambda result: None,
) -> Report | None:
    """Carry out the plan of ``folder``; what is done is in the journal of the account before and after it is done.

    At a broker that takes no orders nothing is placed: the report that comes back ends in a ticket, which the caller writes.
    What the plan promises not to buy is kept before the ticket and before the first order.

    Args:
        registry: The plugins, which may veto each order.
        folder: The run.
        consent: Asks the person.
        live: Whether the person said that real money is to move.
        wish: Says why nothing more is to be sent; empty while nobody wishes so.
        tell: Told of each order as soon as it has ended.

    Returns:
        The report with what happened; None when consent was not given, and then nothing was placed.

    Raises:
        UsageError: Real money was asked for where there is none, or not where there is.
        BlockedError: The plan must not be executed, a plugin is not trusted with real money, the account is no longer what it was made
            for, or a check stopped the run.
        BrokerError: The broker cannot be asked, or refuses a preview of a sale.
        UnknownOrderState: It is not known whether an order was placed.
        JournalError: Something cannot be written. Nothing more was placed.
    """
    request, report = folder.request(), folder.report()
    report = checked_again(registry, request, report)
    plan = _executable(report)
    scope, promised = scope_of(registry, request.source), promised_by(report)
    if live:
        refuse_untrusted(registry)
    broker = open_broker(registry, request.source)
    refuse_other_money(broker.capabilities, request.source.broker, live)
    report = evolve(report, live=moves_money(broker))
    if not broker.capabilities.places_orders:
        report = _dated(report, plan, broker)
        execution = Execution(plan.plan_id, ExecutionEnd.TICKET, (), plan.cash.before, None, None)
        scope.keep(promised, plan.as_of)
        folder.save_execution(execution)
        return with_promises(evolve(report, execution=execution))
    with open_world(broker, journal_scope(scope, request.source.broker, live), plan.account, wish) as world:
        _refuse_begun(world.journal.state, plan.plan_id)
        _refuse_stopped(wish)
        origin = folder.origin()
        read = origin.read if origin else None
        if live:
            refuse_old_plan(read, world.clock.now(), request.execution)
        refuse_changed(registry, broker, request, report, plan)
        if live and request.execution.require_export:
            refuse_unlike_export(registry, broker, plan.account, request.execution.require_export)
        executor = executor_of(registry, world, folder, request, report, plan, scope)
        previews = tuple(executor.previews())
        folder.save_previews(previews)
        question = question_of(report, plan, request.source.broker, live, previews, request.execution)
        if live:
            refuse_too_much(question, _traded_on(world.journal.state, plan), request.execution)
        how = consent(question)
        if not how:
            return None
        if live:  # The person may have looked at the question for an hour.
            refuse_old_plan(read, world.clock.now(), request.execution)
            refuse_changed(registry, broker, request, report, plan)
        _refuse_stopped(wish)
        # Kept before the first order: whatever happens, no later plan buys back what this one may have sold.
        scope.keep(promised, plan.as_of)
        executor.begin({"how": how})
        return carried_out(registry, folder, request, report, executor, scope, tell)


def _executable(report: Report) -> Plan:
    """The plan of ``report``, unless a check stands against it."""
    plan = report.plan
    if plan is None:
        raise ValueError("the folder of a run holds a plan")
    if report.execution is not None and report.execution.end is not ExecutionEnd.TICKET:
        raise _begun(plan.plan_id)
    if report.blocked:
        codes = sorted({finding.code for finding in report.findings if finding.severity is Severity.BLOCKING})
        raise BlockedError(
            f"the checks forbid the plan {plan.plan_id} to be executed: {', '.join(codes)}",
            code="blocked",
            remedy="Remove the cause, which `rebalkit report` shows, and plan again.",
        )
    return plan


def _refuse_begun(state: State, plan_id: str) -> None:
    """Raise BlockedError when the journal knows the plan, or another one is not over: a run that has begun is never begun again."""
    under_way = state.open_run
    if under_way is not None:
        which = f"plan {plan_id}" if under_way.run == plan_id else f"another plan, {under_way.run},"
        raise BlockedError(
            f"the execution of {which} was begun already and is not over",
            code="run_open",
            remedy="See how far it is with `rebalkit status`, then take it up: `rebalkit resume`.",
        )
    if plan_id in state.runs:
        raise _begun(plan_id)


def _refuse_stopped(wish: Callable[[], str]) -> None:
    """Raise BlockedError while somebody wishes that nothing is sent: a run that is not begun needs not be taken up."""
    stopped = wish()
    if stopped:
        raise BlockedError(
            f"no order is sent: {stopped}",
            code="kill_switch",
            remedy="Nothing was placed. `rebalkit stop --clear` takes it back.",
        )


def _traded_on(state: State, plan: Plan) -> Decimal:
    """USD of the orders that were sent on the day of ``plan`` already."""
    earlier = next((run for run in state.runs.values() if run.as_of == plan.as_of), None)
    return Decimal(0) if earlier is None else sent_value(state, earlier)


def _begun(plan_id: str) -> BlockedError:
    return BlockedError(
        f"the execution of plan {plan_id} was begun already", code="executed", remedy="Plan again: `rebalkit plan`."
    )


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
