"""``rebalkit execute``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

if TYPE_CHECKING:
    from rebalkit.model.orders import OrderPreview
    from rebalkit.model.reports import Report

__all__ = ["command", "execute_run"]


@click.command("execute")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--reporter", "reporters", multiple=True, metavar="NAME", default=("html",), help="Report to write; can be repeated. [html]"
)
@json_option
@pass_state
def command(state: State, run: Path, yes: bool, reporters: tuple[str, ...], as_json: bool) -> None:
    """Carry out the plan of the run folder RUN: sells, then buys from the cash that is really there, then plan again.

    On a broker that takes no orders (a folder of CSV files) an order ticket is written instead. Orders that move real money
    are refused by this version.

    \b
    Examples:
      rebalkit execute runs/20250408T200000Z-1f0c9a2b7d3e
      rebalkit execute runs/20250408T200000Z-1f0c9a2b7d3e --yes --json
    """
    report = execute_run(state, run, yes=yes, reporters=reporters)
    if report is None:
        say("Nothing was placed.")
        return
    show_report(report, as_json=as_json)


def execute_run(state: State, run: Path, *, yes: bool, reporters: Sequence[str]) -> Report | None:
    """Execute the plan of a run folder and write its reports again; None when the person said no."""
    from rebalkit.pipeline.execute import execute_plan, refuse_to_execute, ticket_execution
    from rebalkit.pipeline.render import render_report
    from rebalkit.pipeline.runs import RunFolder
    from rebalkit.pipeline.snapshot import open_broker
    from rebalkit.report.ticket import write_ticket

    folder = RunFolder.open(run)
    request, report = folder.request(), folder.report()
    registry = state.registry_with([Path(path) for path in request.plugins])
    refuse_to_execute(report, report.execution)

    def consent(previews: Sequence[OrderPreview]) -> bool:
        folder.save_previews(tuple(previews))
        return yes or _asked(report)

    if not registry.broker(request.source.broker).capabilities.places_orders:
        execution = ticket_execution(report)
        for path in write_ticket(report, folder.path):
            say(f"Order ticket: {path}")
    else:
        done = execute_plan(registry, open_broker(registry, request.source), request, report, consent)
        if done is None:
            return None
        execution = done
    folder.save_execution(execution)
    finished = evolve(report, execution=execution)
    for path in render_report(registry, finished, reporters, folder.path):
        say(f"Report: {path}")
    return finished


def _asked(report: Report) -> bool:
    plan = report.plan
    if plan is None or not plan.orders:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at", code="no_consent", remedy="Read the plan, then add --yes.")
    question = (
        f"Place {len(plan.sells)} sell and {len(plan.buys)} buy orders in account {plan.account} "
        f"(sell {plan.cash.proceeds:,} USD, buy {plan.cash.spent:,} USD)?"
    )
    return click.confirm(question, default=False, err=True)
