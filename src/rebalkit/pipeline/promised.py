"""What a plan promises not to buy, and how much of it holds once it was executed."""

from __future__ import annotations

from attrs import evolve

from rebalkit.model.orders import Side
from rebalkit.model.promises import Promise
from rebalkit.model.reports import ExecutionEnd, Report

__all__ = ["promised_by", "with_promises"]


def promised_by(report: Report) -> tuple[Promise, ...]:
    """What the plan of ``report`` promises: for every loss it takes, or has taken as far as it was executed.

    A plan that must not be executed promises nothing. Where it is not known what became of a sale, it counts as made.
    """
    plan, execution = report.plan, report.execution
    if plan is None or report.blocked:
        return ()
    from rebalkit.tax.promises import promises_of

    made = promises_of(report.snapshot, plan, report.policy)
    if execution is None or execution.end in (ExecutionEnd.TICKET, ExecutionEnd.STOPPED):
        return made
    sold = {one.symbol for one in execution.orders if one.side is Side.SELL and one.filled}
    return tuple(one for one in made if sold.intersection(one.group))


def with_promises(report: Report) -> Report:
    """``report`` with all that must not be bought: what binds from earlier plans, and what its own plan promises."""
    return evolve(report, promises=(*report.snapshot.promises_in_force, *promised_by(report)))
