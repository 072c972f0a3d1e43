"""``rebalkit login``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import DEFAULT_CONFIG, json_option
from rebalkit.cli.output import say
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

if TYPE_CHECKING:
    from rebalkit.plugin import LogsIn

__all__ = ["broker_to_log_in", "command", "config_option"]

config_option = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help=f"The configuration, {DEFAULT_CONFIG} where there is one."
)


@click.command("login")
@click.argument("name", required=False)
@config_option
@click.option("--no-browser", is_flag=True, help="Print the address of the page instead of opening it.")
@json_option
@pass_state
def command(state: State, name: str | None, config: Path | None, no_browser: bool, as_json: bool) -> None:
    """Log in to a broker of the configuration, NAME, or the only one that there is to log in to.

    Opens the broker's own page, where you say yes and are shown a code; then asks for the code. Your password goes to the broker's page
    and nowhere else. On a machine without a browser the address is printed: open it on another one.

    \b
    Examples:
      rebalkit login
      rebalkit login etrade-live --no-browser
    """
    found, broker = broker_to_log_in(state, name, config)
    page = broker.login_page()
    if no_browser or not _opened(page):
        say("Open this page, say yes, and note the code that it shows:")
        click.echo(page, err=True)  # as it is: it holds a token for this person's browser, which `say` would hide
    else:
        say("Your browser shows the broker's page. Say yes there, and note the code that it shows.")
    broker.login(click.prompt("Code", err=True))
    if as_json:
        click.echo(json.dumps({"broker": found, "logged_in": True}))
    else:
        say(f"You are logged in to {found}.")


def broker_to_log_in(state: State, name: str | None, path: Path | None) -> tuple[str, LogsIn]:
    """The broker of that name, or the only one that a person logs in to. Raises UsageError where that is none, or one of several."""
    from rebalkit.config import load_config
    from rebalkit.pipeline.choose import choose_source
    from rebalkit.pipeline.snapshot import open_broker
    from rebalkit.plugin import LogsIn

    if path is None and Path(DEFAULT_CONFIG).exists():
        path = Path(DEFAULT_CONFIG)
    config = load_config(path)
    registry = state.registry_with(config.plugins, live=True)
    if name is None:
        names = [one for one in config.brokers if registry.broker(config.brokers[one].plugin).capabilities.logs_in]
        if len(names) != 1:
            raise UsageError(
                f"the configuration has {len(names)} brokers to log in to"
                if names
                else "no broker of the configuration has a login",
                place="NAME",
                code="which_broker",
                remedy=f"Name one: {', '.join(names)}." if names else "See the how-to of your broker.",
            )
        (name,) = names
    broker = open_broker(registry, choose_source(config, broker=name))
    if not isinstance(broker, LogsIn):
        raise UsageError(f"there is nothing to log in to at {name!r}", place="NAME", code="no_login")
    return name, broker


def _opened(page: str) -> bool:
    """Whether a browser shows the page. One that writes into this terminal is none."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser):
        return False
    return browser.open(page)
