"""``rebalkit stop``."""

from __future__ import annotations

import datetime as dt

import click

from rebalkit.cli.output import say

__all__ = ["command"]


@click.command("stop")
@click.option("--reason", default="", metavar="WORDS", help="Why, for whoever finds it.")
@click.option("--clear", is_flag=True, help="Take it back: orders may be sent again.")
@click.option("--show", is_flag=True, help="Say whether it is in force, and change nothing.")
def command(reason: str, clear: bool, show: bool) -> None:
    """Let no rebalkit of yours send another order, until --clear. An order that is at the broker already is seen to its end.

    A run that finds it stops before its next order; `rebalkit resume` takes it up again. Planning goes on as ever.

    \b
    Examples:
      rebalkit stop --reason "the market looks odd"
      rebalkit stop --show
      rebalkit stop --clear
    """
    from rebalkit.outside_text import clean
    from rebalkit.pipeline.stopping import ask_to_stop, clear_stop, stop_wish

    if clear and (show or reason):
        raise click.UsageError("--clear stands alone.")
    if show:
        wish = stop_wish()
        click.echo(f"No order is sent: {clean(wish)}" if wish else "Orders may be sent.")
    elif clear:
        say("Orders may be sent again." if clear_stop() else "Nothing was stopped.")
    else:
        path = ask_to_stop(reason, dt.datetime.now(dt.UTC))
        say(f"No order is sent any more, as long as {path} is there. `rebalkit stop --clear` takes it back.")
