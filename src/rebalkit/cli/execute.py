"""``rebalkit execute``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.consent import asking, consent_options, refuse_wrong_approval
from rebalkit.cli.options import json_option, reporter_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.progress import carrying_out
from rebalkit.cli.state import State, pass_state
from rebalkit.model.reports import ExecutionEnd

if TYPE_CHECKING:
    from rebalkit.model.reports import Report
    from rebalkit.pipeline.consent import Consent
    from rebalkit.pipeline.runs import RunFolder
    from rebalkit.plugin import ReporterRecord

__all__ = ["carry_out", "command", "ended_with", "show_outcome"]

NOT_FILLED = 5
"""Exit code when an order was not filled in full, as `rebalkit.errors.BrokerError` has it."""


@click.command("execute")
@click.argument("run")
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs are looked for."
)
@consent_options
@reporter_option
@json_option
@pass_state
def command(
    state: State, run: str, runs: Path, live: bool, yes: bool, approve: str | None, reporters: tuple[str, ...], as_json: bool
) -> int:
    """Carry out the plan of RUN, a run folder or the id of a plan: sells, then buys from the cash that is really there, then plan again.

    On a broker that takes no orders (a folder of CSV files) an order ticket is written instead.

    Where real money moves it needs --live, a plan of the last minutes, and either a phrase with its numbers, typed at a terminal, or
    its id (--approve). Ctrl-C stops once the present order has ended; `rebalkit resume` takes up a run that broke off.

    \b
    Examples:
      rebalkit execute 1f0c9a2b7d3e
      rebalkit execute runs/20250408T200000Z-1f0c9a2b7d3e --yes --json
      rebalkit execute 1f0c9a2b7d3e --live
      rebalkit execute 1f0c9a2b7d3e --live --approve 1f0c9a2b7d3e
    """
    from rebalkit.pipeline.runs import RunFolder

    folder = RunFolder.find(run, runs)
    refuse_wrong_approval(folder.plan().plan_id, live=live, yes=yes, approve=approve)
    report = carry_out(
        state,
        folder,
        asking(yes=yes, approve=approve),
        live=live,
        reporters=reporters,
        show=lambda one: show_report(one, as_json=as_json),
    )
    if report is None:
        say("Nothing was placed.")
        return 0
    return ended_with(report)


def ended_with(report: Report) -> int:
    """The exit code of a command that carried out the plan of ``report``."""
    return 0 if report.execution is None or all(one.filled == one.asked > 0 for one in report.execution.orders) else NOT_FILLED


def carry_out(
    state: State,
    folder: RunFolder,
    consent: Consent,
    *,
    live: bool = False,
    reporters: Sequence[str],
    show: Callable[[Report], object] = lambda report: None,
) -> Report | None:
    """Execute the plan of a run folder, show what happened and write its reports again; None when the person said no."""
    from rebalkit.pipeline.execute import execute_run
    from rebalkit.pipeline.render import choose_reporters

    registry = state.registry_with([Path(path) for path in folder.request().plugins], live=live)
    chosen = choose_reporters(registry, reporters)
    with carrying_out() as under_way:
        report = execute_run(registry, folder, consent, live=live, wish=under_way.wish, tell=under_way.tell)
    if report is not None:
        show_outcome(report, folder, chosen, show)
    return report


def show_outcome(
    report: Report, folder: RunFolder, reporters: Sequence[ReporterRecord], show: Callable[[Report], object]
) -> None:
    """Show what was done, then write its files: whatever fails then, the person has seen it.

    Raises UsageError when a reporter fails.
    """
    from rebalkit.pipeline.render import render_report
    from rebalkit.report.ticket import write_ticket

    show(report)
    if report.execution is not None and report.execution.end is ExecutionEnd.TICKET:
        for path in write_ticket(report, folder.path):
            say(f"Order ticket: {path}")
    for path in render_report(reporters, report, folder.path):
        say(f"Report: {path}")
