"""``rebalkit demo``."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from pathlib import Path

import click

from rebalkit.cli.output import say, show_report
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

__all__ = ["command"]

BOOK = "demo"


@click.command("demo")
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where the run folder is made."
)
@pass_state
def command(state: State, runs: Path) -> int:
    """Plan, check and execute a sample account on the paper broker, plan it again, and say where the report is.

    The sample is an account of about 85 lots at real prices of one day. It is copied into the paper account named "demo", which
    each demo makes anew. No money moves, nothing is sent anywhere.

    \b
    Example:
      rebalkit demo
    """
    from rebalkit.cli.execute import carry_out
    from rebalkit.config import load_config
    from rebalkit.pipeline.choose import choose_request
    from rebalkit.pipeline.plan import plan_report
    from rebalkit.pipeline.promises import scope_of
    from rebalkit.pipeline.request import Source
    from rebalkit.pipeline.runs import Origin, create_run, run_name
    from rebalkit.pipeline.snapshot import moves_money, open_broker, take_snapshot
    from rebalkit.sample import sample_folder

    registry = state.registry
    paper = registry.commands.get("paper")
    if paper is None:
        raise UsageError("the demo needs the paper broker, which is disabled", remedy="Run it without REBALKIT_DISABLE_PLUGINS.")
    say("1. A sample account is copied into the paper account `demo`.")
    # What it prints is for people who make a book of their own.
    with click.Context(click.Command("demo"), obj=state).scope(), contextlib.redirect_stdout(io.StringIO()):
        paper.factory().main(["new", BOOK, "--sample", "--force"], prog_name="rebalkit paper", standalone_mode=False)
    config = load_config(sample_folder() / "targets.toml")
    source = Source("paper", {"book": BOOK})
    request = choose_request(config, source, registry)
    say("2. It is planned, and the plan is checked.")
    broker = open_broker(registry, source)
    origin = Origin(dt.datetime.now(dt.UTC), moves_money(broker))
    snapshot = take_snapshot(broker, None, request.targets, promises=scope_of(registry, source).load())
    report = plan_report(registry, snapshot, request, origin.live)
    if report.plan is None:
        raise RuntimeError("the pipeline gave no plan")
    name = run_name(dt.datetime.now(dt.UTC), report.plan.plan_id)
    folder = create_run(runs, name, lambda new: new.save_plan(report, request, origin))
    say("3. The plan is executed on the paper broker, and the account is planned again.")
    finished = carry_out(
        state, folder, lambda question: "demo", reporters=("html",), show=lambda one: show_report(one, as_json=False)
    )
    if finished is not None:
        say(f"\nOpen {folder.path / 'report.html'} in a browser to see all of this on one page.")
    return 0
