"""``rebalkit schema``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("schema")
@click.argument(
    "document",
    type=click.Choice(
        [
            "plan",
            "account",
            "execution",
            "status",
            "journal",
            "check-export",
            "promises",
            "wash",
            "tax-ledger",
            "tax-year",
            "form-8949",
        ]
    ),
)
def command(document: str) -> None:
    """Print the JSON Schema of a document that --json prints.

    \b
    plan          what `rebalkit plan --json` prints
    account       what `rebalkit show --json` prints
    execution     what `rebalkit execute --json` prints
    status        what `rebalkit status --json` prints
    journal       what `rebalkit journal show --json` and `verify --json` print
    check-export  what `rebalkit check-export --json` prints
    promises      what `rebalkit promises list --json` prints
    wash          what `rebalkit wash --json` prints
    tax-ledger    what `rebalkit tax ledger --json` prints
    tax-year      what `rebalkit tax year --json` prints
    form-8949     what `rebalkit tax 8949 --json` prints
    \b
    Example:
      rebalkit schema plan > plan.schema.json
    """
    from rebalkit.report.schema import schema_of

    click.echo(json.dumps(schema_of(document), indent=2))
