"""``rebalkit plan``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from attrs import evolve

from rebalkit.cli.options import Asked, account_options, json_option, reporter_option
from rebalkit.cli.output import BLOCKED, say, show_report
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

__all__ = ["command"]


@click.command("plan")
@account_options
@click.option("--strategy", metavar="NAME", help="Strategy; by default the configuration's, else greedy.")
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where the run folder is made."
)
@reporter_option
@json_option
@pass_state
def command(state: State, asked: Asked, strategy: str | None, runs: Path, reporters: tuple[str, ...], as_json: bool) -> int:
    """Plan what to trade, check the plan, and report it. Places no order.

    The plan, everything it was made from and its report are kept in a run folder. Ends with 4 when a check forbids the plan.

    \b
    Examples:
      rebalkit plan --from account --targets rebalkit.toml
      rebalkit plan --from account --targets rebalkit.toml --json > plan.json
      rebalkit plan --broker paper --set brokers.paper.book=demo --targets rebalkit.toml
      rebalkit plan --from runs/20250408T200000Z-1f0c9a2b7d3e      # again from its snapshot
      rebalkit plan --set strategy.max_gain_to_realize=200 --set "strategy.forced_buys.US large cap=VOO"
    """
    from rebalkit.pipeline.choose import choose_request
    from rebalkit.pipeline.plan import plan_report
    from rebalkit.pipeline.promises import scope_of
    from rebalkit.pipeline.render import choose_reporters, render_report
    from rebalkit.pipeline.runs import Origin, RunFolder, create_run, run_name
    from rebalkit.pipeline.snapshot import moves_money, open_broker, take_snapshot

    if asked.folder is not None and (asked.folder / "snapshot.json").is_file():
        given = (asked.targets, asked.config, asked.broker, asked.account, asked.as_of, strategy)
        if any(given) or asked.overrides:
            raise UsageError(
                "a run is planned again exactly as it was",
                place=f"--from {asked.folder}",
                remedy="Give no other option with it, or plan from the account itself.",
            )
        earlier = RunFolder.open(asked.folder)
        snapshot, request, origin = earlier.snapshot(), earlier.request(), earlier.origin()
        registry = state.registry_with([Path(path) for path in request.plugins])
    else:
        config, registry, source = asked.load(state, strategy)
        request = choose_request(config, source, registry)
        promises = scope_of(registry, source).load()
        broker = open_broker(registry, source)
        origin = Origin(dt.datetime.now(dt.UTC), moves_money(broker))
        snapshot = take_snapshot(broker, source.account, request.targets, asked.as_of, promises=promises)
        request = evolve(request, source=evolve(source, account=snapshot.account.account))
    chosen = choose_reporters(registry, reporters)
    report = plan_report(registry, snapshot, request, origin.live if origin else None)
    if report.plan is None:
        raise RuntimeError("the pipeline gave no plan")
    name = run_name(dt.datetime.now(dt.UTC), report.plan.plan_id, report.live)
    written: list[str] = []

    def fill(folder: RunFolder) -> None:
        folder.save_plan(report, request, origin)
        written.extend(path.name for path in render_report(chosen, report, folder.path))

    folder = create_run(runs, name, fill)
    show_report(report, as_json=as_json)
    say(f"Run: {folder.path}")
    for one in written:
        say(f"Report: {folder.path / one}")
    return BLOCKED if report.blocked else 0
