"""``rebalkit report``."""

from __future__ import annotations

from pathlib import Path

import click
from attrs import evolve

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.state import State, pass_state

__all__ = ["command"]


@click.command("report")
@click.argument("run")
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs are looked for."
)
@click.option(
    "--reporter",
    "reporters",
    multiple=True,
    metavar="NAME",
    help="Write this report; can be repeated. By default none is written.",
)
@click.option("--into", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write it; by default the run folder.")
@json_option
@pass_state
def command(state: State, run: str, runs: Path, reporters: tuple[str, ...], into: Path | None, as_json: bool) -> None:
    """Show the report of RUN, a run folder or the id of a plan again, or write it in other forms.

    \b
    Examples:
      rebalkit report runs/20250408T200000Z-1f0c9a2b7d3e
      rebalkit report runs/20250408T200000Z-1f0c9a2b7d3e --reporter csv --reporter html --into ~/taxes
    """
    from rebalkit.pipeline.render import choose_reporters, render_report
    from rebalkit.pipeline.runs import RunFolder

    folder = RunFolder.find(run, runs)
    report = folder.report()
    if report.plan is not None and report.execution is None:
        from rebalkit.pipeline.journals import recorded_execution
        from rebalkit.pipeline.promised import with_promises

        # The file may be missing because the program ended before it was written: the journal knows.
        report = with_promises(evolve(report, execution=recorded_execution(report.plan)))
    registry = state.registry_with([Path(path) for path in folder.request().plugins])
    target = into or folder.path
    written = render_report(choose_reporters(registry, reporters), report, target)
    show_report(report, as_json=as_json)
    for path in written:
        say(f"Report: {path}")
