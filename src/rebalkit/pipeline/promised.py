"""What a plan promises not to buy, and how much of it holds once it was executed."""

from __future__ import annotations

from attrs import evolve

from rebalkit.model.orders import Side
from rebalkit.model.plans import Plan
from rebalkit.model.policy import WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.reports import ExecutionEnd, Report
from rebalkit.model.snapshots import Snapshot

__all__ = ["promised_by", "with_promises"]


def promised_by(report: Report) -> tuple[Promise, ...]:
    """What the plan of ``report`` promises: for every loss it takes, or has taken as far as it was executed.

    A plan that must not be executed promises nothing. Where it is not known what became of a sale, it counts as made.
    """
    plan, execution = report.plan, report.execution
    if plan is None or report.blocked:
        return ()
    made = _promises_of(report.snapshot, plan, report.policy)
    if execution is None or execution.end in (ExecutionEnd.TICKET, ExecutionEnd.STOPPED):
        return made
    sold = {one.symbol for one in execution.orders if one.side is Side.SELL and one.filled}
    return tuple(one for one in made if sold.intersection(one.group))


class _Last:
    """What was worked out last: one command asks several times, of the very same snapshot and plan, and values never change."""

    given: tuple[Snapshot, Plan, WashPolicy] | None = None
    made: tuple[Promise, ...] = ()


def _promises_of(snapshot: Snapshot, plan: Plan, policy: WashPolicy) -> tuple[Promise, ...]:
    given = _Last.given
    if given is None or given[0] is not snapshot or given[1] is not plan or given[2] is not policy:
        from rebalkit.tax.promises import promises_of

        _Last.made, _Last.given = promises_of(snapshot, plan, policy), (snapshot, plan, policy)
    return _Last.made


def with_promises(report: Report) -> Report:
    """``report`` with all that must not be bought: what binds from earlier plans, and what its own plan promises."""
    return evolve(report, promises=(*report.snapshot.promises_in_force, *promised_by(report)))
