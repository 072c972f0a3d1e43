"""``rebalkit tax``: one module a command, imported only when the command is used."""

from __future__ import annotations

import importlib

import click

__all__ = ["command"]

_COMMANDS = {
    "ledger": ("ledger", "Show what each sale realised, which losses are disallowed and why, and what is held."),
    "year": ("year", "Net a tax year: gains and losses, carryovers, Schedule D, tax at your rates."),
    "8949": ("form_8949", "List the rows of Form 8949."),
}

_EPILOG = """\b
Examples:
  rebalkit tax ledger --from account
  rebalkit tax year --from account --year 2025 --carry-short 1200
  rebalkit tax 8949 taxable=etrade.csv roth:roth=fidelity.csv --year 2025 --csv form-8949.csv
"""


class _Tax(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"rebalkit.cli.tax.{_COMMANDS[cmd_name][0]}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group("tax", cls=_Tax, epilog=_EPILOG)
def command() -> None:
    """Wash-sale ledger, tax year and Form 8949 out of the history of all accounts.

    Give every account that is yours or your spouse's, IRAs included, and its whole history: a purchase that is not in it cannot be seen.
    """
