"""What an execution and its resumption share: the executor of a run, and what comes once its orders have ended."""

from __future__ import annotations

from collections.abc import Callable
from platform import python_version
from typing import TYPE_CHECKING

from attrs import evolve

from rebalkit._version import __version__
from rebalkit.execution.executor import Executor
from rebalkit.execution.mandate import Mandate
from rebalkit.execution.results import results
from rebalkit.execution.world import World
from rebalkit.model.orders import OrderStatus
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, ExecutionEnd, JournalMark, OrderResult, Report
from rebalkit.pipeline.plan import check_plan, make_plan
from rebalkit.pipeline.promised import promised_by, with_promises
from rebalkit.pipeline.promises import Scope
from rebalkit.pipeline.recheck import OrderCheck
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.snapshot import take_snapshot
from rebalkit.report.holdings import market_value

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["carried_out", "checked_again", "executor_of", "given_up"]


def checked_again(registry: Registry, request: PlanRequest, report: Report) -> Report:
    """``report`` with what the checks say now: what a file says of them is no reason to trade."""
    if report.plan is None:
        return report
    return evolve(report, findings=check_plan(registry, report.snapshot, request, report.plan))


def executor_of(
    registry: Registry, world: World, folder: RunFolder, request: PlanRequest, report: Report, plan: Plan, scope: Scope
) -> Executor:
    """The executor of ``plan``, whose every order is checked once more from fresh reads right before it is sent."""
    mandate = Mandate(
        plan,
        request.targets,
        broker=request.source.broker,
        live=world.broker.capabilities.live,
        value=market_value(report) + report.snapshot.account.cash.total,
        reserve=request.limits.reserve,
        venue=report.snapshot.venue,
        rules=request.execution,
        folder=str(folder.path.absolute()),
        versions=_versions(registry),
    )
    check = OrderCheck(registry, world, request, plan, scope, mandate.plan_id)

    def event(status: OrderStatus) -> None:
        registry.observe("rebalkit_order_event", plan=plan, status=status)

    return Executor(world, mandate, check, event)


def _versions(registry: Registry) -> dict[str, str]:
    found = {"rebalkit": __version__, "python": python_version()}
    for provider in registry.providers:
        if provider.distribution:
            found[provider.distribution] = provider.version
    return found


def carried_out(
    registry: Registry,
    folder: RunFolder,
    request: PlanRequest,
    report: Report,
    executor: Executor,
    scope: Scope,
    tell: Callable[[OrderResult], object],
) -> Report:
    """Do what is left of a run that was begun, plan again, and keep what was done; returns the report of all of it.

    Raises as `Executor.run`; the run is then open, and `rebalkit resume` takes it up.
    """
    for result in executor.run():
        tell(result)
    plan, world = executor.mandate.plan, executor.world
    # Of today: a run that is taken up on a later day is judged by what the account is then.
    after = take_snapshot(world.broker, plan.account, request.targets, promises=scope.load())
    again = make_plan(registry, after, request)
    end = ExecutionEnd.UNFINISHED if again.orders else ExecutionEnd.CONVERGED
    executor.finish(end.value)
    return _kept(registry, folder, report, executor, scope, Execution(
        executor.mandate.plan_id, end, results(executor.state), plan.cash.before, after.account.cash.total, again, _mark(world)
    ))  # fmt: skip


def given_up(registry: Registry, folder: RunFolder, report: Report, executor: Executor, scope: Scope, reason: str) -> Report:
    """End a run without sending what is left of it, and keep what was done; returns the report of that.

    Raises UnknownOrderState while an order is in doubt or may still fill.
    """
    executor.give_up(reason)
    before = executor.mandate.plan.cash.before
    execution = Execution(
        executor.mandate.plan_id, ExecutionEnd.GIVEN_UP, results(executor.state), before, None, None, _mark(executor.world)
    )
    return _kept(registry, folder, report, executor, scope, execution)


def _kept(
    registry: Registry, folder: RunFolder, report: Report, executor: Executor, scope: Scope, execution: Execution
) -> Report:
    folder.save_execution(execution)
    promised = promised_by(evolve(report, execution=None))
    report = evolve(report, execution=execution)
    # What was not sold binds nobody.
    scope.drop({one.promise for one in promised} - {one.promise for one in promised_by(report)})
    registry.observe("rebalkit_run_finished", execution=execution)
    return with_promises(report)


def _mark(world: World) -> JournalMark:
    return JournalMark(world.journal.count, world.journal.head)
