"""``rebalkit login``.

The address of the broker's page is an argument of the browser's process. While that starts, other users of this machine can see it in the
list of processes, with the request token in it. Nobody can make a login of that token without the consumer secret and the code, and it
lives for a few minutes; ``--no-browser`` shows it to the terminal alone. A private file that leads to the page, in the place of the
address, would hide it, but browsers that are kept in a sandbox (Snap, Flatpak) see neither hidden folders nor the one for temporary files.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import DEFAULT_CONFIG, json_option
from rebalkit.cli.output import say
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import LoginRequired, UsageError
from rebalkit.secrets import Secret

if TYPE_CHECKING:
    from rebalkit.plugin import LogsIn

__all__ = ["broker_to_log_in", "command", "config_option"]

_TRIES = 3
"""How often a person may type what cannot be a code."""
_IN_A_TERMINAL = frozenset({"www-browser", "elinks", "links", "links2", "lynx", "w3m", "browsh", "carbonyl"})
"""Browsers that show a page in the terminal, where the code is to be typed."""

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
    page = Secret(broker.login_page())
    if no_browser or not _opened(page):
        say("Open this page, say yes, and note the code that it shows:")
        click.echo(page.reveal(), err=True)  # as it is: it holds a token for this person's browser, which `say` would hide
    else:
        say("Your browser shows the broker's page. Say yes there, and note the code that it shows.")
        say("If it shows none: stop (Ctrl-C), and begin again with --no-browser.")
    _end(broker)
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
    if name not in config.brokers:
        account = config.accounts.get(name)
        hint = f"That is an account; its broker is {account.broker}. " if account is not None else ""
        raise UsageError(
            f"the configuration has no broker {name!r}",
            place="NAME",
            code="unknown_broker",
            remedy=f"{hint}There are: {', '.join(config.brokers) or 'none'}.",
        )
    broker = open_broker(registry, choose_source(config, broker=name))
    if not isinstance(broker, LogsIn):
        raise UsageError(f"there is nothing to log in to at {name!r}", place="NAME", code="no_login")
    return name, broker


def _end(broker: LogsIn) -> None:
    """End the login with the code that the person types, who may mistype it: what cannot be a code was not sent."""
    for left in reversed(range(_TRIES)):
        try:
            broker.login(_code().reveal())
            return
        except LoginRequired as problem:
            if problem.code != "bad_code" or not left:
                raise
            say(f"Not sent: {problem.reason}. Type the code once more.")


def _code() -> Secret:
    """What the person types. Raises UsageError where there is nobody who could."""
    if sys.stdin is None:  # click would fail with an error of its own
        raise _nobody()
    try:
        return Secret(click.prompt("Code", err=True) or " ")
    except click.Abort as stopped:
        if not isinstance(stopped.__context__, EOFError):
            raise
        click.echo(err=True)  # ends the line of the prompt
        raise _nobody() from None


def _nobody() -> UsageError:
    return UsageError(
        "there is nobody to type the code: the standard input is at its end",
        code="no_code",
        remedy="Run the command in a terminal; with --no-browser where there is no browser, and open the page on another machine.",
    )


def _opened(page: Secret) -> bool:
    """Whether a browser shows the page. One that writes into this terminal is none."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if Path(getattr(browser, "name", "") or "").name in _IN_A_TERMINAL:
        return False
    if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser):
        return False
    with _apart():
        return browser.open(page.reveal())


@contextmanager
def _apart() -> Iterator[None]:
    """Keep processes that are started meanwhile away from this one's input and output.

    A browser must not write into the JSON document, nor words with the address to the screen, nor read the code that is typed.
    """
    with ExitStack() as undone:
        for descriptor in (0, 1, 2):
            with suppress(OSError):  # one that is closed cannot be kept, nor got at
                kept = os.dup(descriptor)
                undone.callback(os.close, kept)
                undone.callback(os.dup2, kept, descriptor)
                nothing = os.open(os.devnull, os.O_RDWR)
                undone.callback(os.close, nothing)
                os.dup2(nothing, descriptor)
        yield
