"""The journals there are, to look at: which are whole, what is open in them, and what became of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from rebalkit.errors import JournalError
from rebalkit.execution.disk import holder_of, journals, read_journal
from rebalkit.execution.machine import RunPhase
from rebalkit.execution.results import results
from rebalkit.execution.state import Run
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, ExecutionEnd, JournalMark

__all__ = ["KeptJournal", "kept_journals", "open_runs", "recorded_execution"]


@frozen
class KeptJournal:
    """One journal as it is on disk.

    Attributes:
        path: Its file.
        runs: Its runs, oldest first; none when it is damaged.
        events: How many events it has.
        head: Hash of the last one.
        problem: What is wrong with it; None when it is whole.
        holder: The process that is carrying out a plan with it at present; empty when none is.
    """

    path: Path
    runs: tuple[Run, ...] = ()
    events: int = 0
    head: str = ""
    problem: JournalError | None = None
    holder: str = ""

    @property
    def open_run(self) -> Run | None:
        """The run that is not over."""
        return self.runs[-1] if self.runs and not self.runs[-1].over else None


def kept_journals() -> Sequence[KeptJournal]:
    """All journals of this user, each verified as far as a file can be."""
    return [_kept(path) for path in journals()]


def _kept(path: Path) -> KeptJournal:
    # Asked first: a run that ends meanwhile is then told of as over, not as one that nobody carries on.
    holder = _holder(path)
    try:
        journal = read_journal(path)
    except JournalError as problem:
        return KeptJournal(path, problem=problem)
    return KeptJournal(path, tuple(journal.state.runs.values()), journal.count, journal.head, holder=holder)


def _holder(path: Path) -> str:
    try:
        return holder_of(path)
    except OSError:  # a journal on a disk that cannot be written to is still there to be read
        return ""


def open_runs(plan: str = "") -> Sequence[Run]:
    """The runs that are not over and whose plan's id begins with ``plan``.

    Raises JournalError when there is none, but a journal is damaged that could have it.
    """
    kept = kept_journals()
    found = [one.open_run for one in kept if one.open_run is not None and one.open_run.run.startswith(plan)]
    damaged = next((one.problem for one in kept if one.problem is not None), None)
    if not found and damaged is not None:
        raise damaged
    return found


def recorded_execution(plan: Plan) -> Execution | None:
    """What the journals know of the execution of ``plan``; None when none of them has it. A damaged one is passed over."""
    plan_id = plan.plan_id
    for one in kept_journals():
        for run in one.runs:
            if run.run == plan_id:
                return Execution(
                    plan_id, _end(run), results(run), plan.cash.before, None, None, JournalMark(one.events, one.head)
                )
    return None


def _end(run: Run) -> ExecutionEnd:
    if run.phase is RunPhase.VOID:
        return ExecutionEnd.GIVEN_UP
    return ExecutionEnd(run.end) if run.over else ExecutionEnd.STOPPED
