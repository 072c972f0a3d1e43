"""``rebalkit logout``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from rebalkit.cli.login import broker_to_log_in, config_option
from rebalkit.cli.options import json_option
from rebalkit.cli.output import say
from rebalkit.cli.state import State, pass_state

__all__ = ["command"]


@click.command("logout")
@click.argument("name", required=False)
@config_option
@json_option
@pass_state
def command(state: State, name: str | None, config: Path | None, as_json: bool) -> None:
    """Log out of a broker of the configuration, NAME, or the only one that there is to log out of.

    The broker is told, and the token is forgotten here, whatever the broker says.

    \b
    Examples:
      rebalkit logout
    """
    found, broker = broker_to_log_in(state, name, config)
    dead = broker.logout()
    if as_json:
        click.echo(json.dumps({"broker": found, "revoked": dead}))
    else:
        say(
            f"You are logged out of {found}."
            if dead
            else f"The login to {found} is forgotten here; the broker did not confirm its end."
        )
