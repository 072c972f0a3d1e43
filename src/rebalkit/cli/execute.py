"""``rebalkit execute``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import json_option, reporter_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError
from rebalkit.model.reports import ExecutionEnd

if TYPE_CHECKING:
    from rebalkit.model.plans import Plan
    from rebalkit.model.reports import Report
    from rebalkit.pipeline.runs import RunFolder

__all__ = ["carry_out", "command"]

NOT_FILLED = 5
"""Exit code when an order was not filled in full, as `rebalkit.errors.BrokerError` has it."""


@click.command("execute")
@click.argument("run")
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs are looked for."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@reporter_option
@json_option
@pass_state
def command(state: State, run: str, runs: Path, yes: bool, reporters: tuple[str, ...], as_json: bool) -> int:
    """Carry out the plan of RUN, a run folder or the id of a plan: sells, then buys from the cash that is really there, then plan again.

    On a broker that takes no orders (a folder of CSV files) an order ticket is written instead. Orders that move real money
    are refused by this version.

    \b
    Examples:
      rebalkit execute 1f0c9a2b7d3e
      rebalkit execute runs/20250408T200000Z-1f0c9a2b7d3e --yes --json
    """
    from rebalkit.pipeline.runs import RunFolder

    report = carry_out(state, RunFolder.find(run, runs), yes=yes, reporters=reporters)
    if report is None:
        say("Nothing was placed.")
        return 0
    show_report(report, as_json=as_json)
    return 0 if report.execution is None or all(one.filled == one.asked > 0 for one in report.execution.orders) else NOT_FILLED


def carry_out(state: State, folder: RunFolder, *, yes: bool, reporters: Sequence[str]) -> Report | None:
    """Execute the plan of a run folder and write its reports again; None when the person said no."""
    from rebalkit.pipeline.execute import execute_run
    from rebalkit.pipeline.render import choose_reporters, render_report
    from rebalkit.report.ticket import write_ticket

    plan = folder.plan()
    registry = state.registry_with([Path(path) for path in folder.request().plugins])
    chosen = choose_reporters(registry, reporters)
    report = execute_run(registry, folder, lambda previews: yes or _asked(plan))
    if report is None or report.execution is None:
        return None
    if report.execution.end is ExecutionEnd.TICKET:
        for path in write_ticket(report, folder.path):
            say(f"Order ticket: {path}")
    for path in render_report(chosen, report, folder.path):
        say(f"Report: {path}")
    return report


def _asked(plan: Plan) -> bool:
    if not plan.orders:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at", code="no_consent", remedy="Read the plan, then add --yes.")
    question = (
        f"Place {len(plan.sells)} sell and {len(plan.buys)} buy orders in account {plan.account} "
        f"(sell {plan.cash.proceeds:,} USD, buy {plan.cash.spent:,} USD)?"
    )
    return click.confirm(question, default=False, err=True)
