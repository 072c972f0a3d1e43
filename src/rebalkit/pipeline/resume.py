"""Taking up a run that broke off: first what became of its orders, then what is left to do, or the end of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rebalkit.errors import BlockedError, UnknownOrderState, UsageError
from rebalkit.execution.answers import answer
from rebalkit.execution.executor import Executor
from rebalkit.execution.machine import OrderPhase, RunPhase
from rebalkit.execution.reading import read
from rebalkit.execution.state import Leg, Run
from rebalkit.model.findings import Severity
from rebalkit.model.reports import OrderResult, Report
from rebalkit.pipeline.consent import Consent, question_of, refuse_old_plan, refuse_other_money, refuse_untrusted
from rebalkit.pipeline.executing import carried_out, checked_again, executor_of, given_up
from rebalkit.pipeline.promised import promised_by
from rebalkit.pipeline.promises import scope_of
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.snapshot import moves_money, open_broker
from rebalkit.pipeline.stopping import stop_wish
from rebalkit.pipeline.worlds import journal_scope, open_world

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["Answer", "Ask", "resume_run"]


@frozen
class Answer:
    """What a person says of an order of which there is no proof.

    Attributes:
        client_id: The order.
        order: The broker's number of it; None when the person has seen that the broker does not have it.
    """

    client_id: str
    order: str | None


Ask = Callable[[Run, Leg, str], Answer]
"""Asks a person what became of an order; the text says what was wrong with the answer before, and is empty at first.

Raises UnknownOrderState where there is nobody to ask.
"""


def resume_run(
    registry: Registry,
    folder: RunFolder,
    consent: Consent,
    ask: Ask,
    *,
    answers: Sequence[Answer] = (),
    live: bool = False,
    give_up: bool = False,
    wish: Callable[[], str] = stop_wish,
    tell: Callable[[OrderResult], object] = lambda result: None,
) -> Report:
    """Take up the run of ``folder``: find out what became of its orders, then send what is left of it, or end it.

    Orders are sent only while the plan is of today, for real money of the last minutes, and only with consent. Otherwise what was not
    sent is given up, and the account is to be planned again.

    Args:
        registry: The plugins.
        folder: The run.
        consent: Asks the person whether what is left is to be sent; a no gives it up.
        ask: Asks the person what became of an order.
        answers: What the person says beforehand.
        live: Whether the person said that real money is to move.
        give_up: Whether nothing more is to be sent in any case.
        wish: Says why nothing more is to be sent; empty while nobody wishes so.
        tell: Told of each order as soon as it has ended.

    Returns:
        The report of the finished run.

    Raises:
        UsageError: The run is not open, an answer cannot be, or real money was not asked for. What was found out is in the journal.
        UnknownOrderState: A person must say what became of an order. Nothing was sent.
        BlockedError: A check stopped the run; it stays open.
        BrokerError: The broker cannot be asked.
        JournalError: The journal is damaged or cannot be written.
    """
    if live:
        refuse_untrusted(registry)
    request, report = folder.request(), folder.report()
    plan, broker = folder.plan(), open_broker(registry, request.source)
    report = evolve(checked_again(registry, request, report), live=moves_money(broker))
    if live:
        refuse_other_money(broker.capabilities, request.source.broker, live)
    scope = scope_of(registry, request.source)
    name = journal_scope(scope, request.source.broker, broker.capabilities.live)
    with open_world(broker, name, plan.account, wish) as world:
        under_way = world.journal.state.open_run
        if under_way is None or under_way.run != plan.plan_id:
            raise UsageError(f"the run of plan {plan.plan_id} is not open", place=str(folder.path), code="not_open")
        executor = executor_of(registry, world, folder, request, report, plan, scope)
        for given in answers:
            _answered(executor, given)
        _settled(executor, ask)
        run = executor.state
        left = [leg for leg in run.legs.values() if not leg.ended]
        reason = "the person gave it up" if give_up else _unfit(executor, report, request, folder) if left else ""
        if not reason and left:
            refuse_other_money(broker.capabilities, request.source.broker, live)
            remaining = tuple(plan.orders[leg.number] for leg in left)
            question = question_of(report, plan, request.source.broker, live, (), request.execution, orders=remaining)
            if not consent(question):
                reason = "the person does not want the rest of it"
            elif live:
                reason = _unfit(executor, report, request, folder)
        if left and not reason:  # As before the first order, which may be among them; the file may have been changed since.
            scope.keep(promised_by(evolve(report, execution=None)), plan.as_of)
        if reason:
            return given_up(registry, folder, report, executor, scope, reason)
        return carried_out(registry, folder, request, report, executor, scope, tell)


def _answered(executor: Executor, given: Answer) -> None:
    """Record what the person says. Raises UsageError when it cannot be."""
    run = executor.state
    for leg in run.legs.values():
        if leg.asked.client_id == given.client_id:
            answer(executor.world, run, leg.number, given.order)
            return
    raise UsageError(
        f"the run of plan {run.run} has no order {given.client_id!r}",
        code="no_such_order",
        remedy="`rebalkit status` lists its orders.",
    )


def _settled(executor: Executor, ask: Ask) -> None:
    """Find out what became of every order that was sent, with the help of the person where there is no proof."""
    while True:
        try:
            executor.settle()
        except UnknownOrderState:
            run = executor.state
            asked = [leg for leg in run.legs.values() if leg.phase is OrderPhase.NEEDS_PERSON]
            if not asked:
                raise
            for leg in asked:
                _asked(executor, run, leg, ask)
        else:
            return


def _asked(executor: Executor, run: Run, leg: Leg, ask: Ask) -> None:
    wrong = ""
    while True:
        try:
            _answered(executor, ask(run, leg, wrong))
        except UsageError as problem:
            wrong = str(problem)
        else:
            return


def _unfit(executor: Executor, report: Report, request: PlanRequest, folder: RunFolder) -> str:
    """Why what is left of the run must not be sent any more; empty when it may."""
    world, plan = executor.world, executor.mandate.plan
    if executor.state.phase is RunPhase.DRAFT:
        return "it was never approved"
    today = read(world, world.broker.today)
    if today != plan.as_of:
        return f"the plan is for {plan.as_of}, but at the broker it is {today}"
    forbidding = sorted({one.code for one in report.findings if one.severity is Severity.BLOCKING})
    if forbidding:
        return f"checks forbid it now: {', '.join(forbidding)}"
    if executor.mandate.live:
        origin = folder.origin()
        try:
            refuse_old_plan(origin.read if origin else None, world.clock.now(), request.execution)
        except BlockedError as problem:
            return problem.reason
    return ""
