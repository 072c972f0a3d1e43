"""``rebalkit show``."""

from __future__ import annotations

from pathlib import Path

import click

from rebalkit.cli.options import Asked, account_options, json_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

__all__ = ["command"]


@click.command("show")
@account_options
@click.option(
    "--html", "into", type=click.Path(path_type=Path), metavar="FOLDER", help="Write an HTML page into this folder, too."
)
@json_option
@pass_state
def command(state: State, asked: Asked, into: Path | None, as_json: bool) -> None:
    """Show an account as it stands, without a plan: classes, securities, lots, gains by term, cash.

    \b
    Examples:
      rebalkit show --from account
      rebalkit show --from account --targets rebalkit.toml --html .
    """
    from rebalkit.model.reports import Report
    from rebalkit.pipeline.choose import choose_policy
    from rebalkit.pipeline.promises import scope_of
    from rebalkit.pipeline.render import choose_reporters, render_report
    from rebalkit.pipeline.snapshot import open_broker, take_snapshot

    if asked.folder is not None and (asked.folder / "snapshot.json").is_file():
        raise UsageError(
            "this is the folder of a run, not of an account",
            place=f"--from {asked.folder}",
            remedy=f"Show it with `rebalkit report {asked.folder}`.",
        )
    config, registry, source = asked.load(state)
    snapshot = take_snapshot(
        open_broker(registry, source),
        source.account,
        config.targets,
        asked.as_of,
        to_trade=False,
        promises=scope_of(registry, source).load(),
    )
    report = Report(snapshot, config.targets, None, (), None, config.limits, choose_policy(config), snapshot.promises_in_force)
    written = [] if into is None else render_report(choose_reporters(registry, ["html"]), report, into)
    show_report(report, as_json=as_json)
    for path in written:
        say(f"Report: {path}")
