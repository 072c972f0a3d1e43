"""The root command: knows the names and summaries of the built-in commands and imports none of them."""

from __future__ import annotations

import importlib
from typing import Any

import click

from rebalkit._version import __version__

__all__ = ["LazyGroup", "root"]

_COMMANDS = {
    "demo": "Plan, check and execute a sample account on the paper broker, and report it.",
    "init": "Write a commented configuration and template files to fill in.",
    "login": "Log in to a broker of the configuration.",
    "logout": "Log out of a broker, and forget the login.",
    "show": "Show an account as it stands, without a plan.",
    "check-export": "Compare an account with a portfolio downloaded from the broker's website.",
    "plan": "Plan what to trade, check the plan, and report it. Places no order.",
    "execute": "Carry out a plan: at a broker, on paper, or as an order ticket.",
    "status": "Say what is under way, what is not known, and what `resume` would do.",
    "resume": "Take up a run that broke off: find out what became of its orders, and finish it.",
    "journal": "Show, verify or export the record of all orders.",
    "stop": "Let no rebalkit of yours send another order.",
    "report": "Show or write the report of a run again.",
    "wash": "Say whether a security may be bought today, or sold at a loss, and if not, why and until when.",
    "tax": "Wash-sale ledger, tax year and Form 8949 of all accounts.",
    "promises": "List what must not be bought after losses were taken, and until when.",
    "plugins": "List the plugins and what they bring.",
    "doctor": "Check the installation and the configuration.",
    "schema": "Print the JSON Schema of a document that --json prints.",
}

_EPILOG = """\b
Plugins add commands: `rebalkit paper --help` (practice accounts), `rebalkit plugins list`.
\b
Examples:
  rebalkit demo
  rebalkit init my-portfolio
  rebalkit plan --from my-portfolio/account --targets my-portfolio/rebalkit.toml
  rebalkit execute 1f0c9a2b7d3e
\b
Exit codes: 0 done or nothing to do, 1 bug, 2 usage or configuration, 3 data or plan,
4 blocked by a check, 5 broker, 6 log in, 7 unknown order state, 8 journal.
"""


class LazyGroup(click.Group):
    """A group whose members are imported when they are called; plugins are asked only for a command that is not built in."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The built-in commands, in the order of a first use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from the core or from a plugin."""
        if cmd_name in _COMMANDS:
            command = importlib.import_module(f"rebalkit.cli.{cmd_name.replace('-', '_')}").command
            return command if isinstance(command, click.Command) else None
        record = ctx.ensure_object(_state_class()).registry.commands.get(cmd_name)
        return record.factory() if record is not None else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is answered with the closest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            import difflib  # Only a mistyped name needs it.

            known = [*_COMMANDS, *ctx.ensure_object(_state_class()).registry.commands]
            close = difflib.get_close_matches(args[0], known, n=1)
            if not close:
                raise
            raise click.UsageError(f"{problem.message} Did you mean {close[0]!r}?", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _state_class() -> Any:
    from rebalkit.cli.state import State

    return State


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error, and what is logged; no secrets.")
@click.option("--no-plugins", is_flag=True, help="Load nothing but what comes with rebalkit.")
@click.version_option(__version__, message="rebalkit %(version)s")
@click.pass_context
def root(ctx: click.Context, debug: bool, no_plugins: bool) -> None:
    """Rebalance a taxable ETF portfolio and harvest tax losses without a wash sale.

    Planning is the default: nothing is traded unless you execute a plan.
    """
    ctx.obj = _state_class()(debug=debug, plugins=not no_plugins)
