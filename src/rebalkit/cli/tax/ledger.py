"""``rebalkit tax ledger``."""

from __future__ import annotations

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show
from rebalkit.cli.state import State, pass_state
from rebalkit.cli.tax.options import Asked, history_options

__all__ = ["command"]


@click.command("ledger")
@history_options
@click.option(
    "--year",
    type=click.IntRange(1900),
    metavar="YEAR",
    help="Show the sales of this year only; the ledger is made of the whole history.",
)
@json_option
@pass_state
def command(state: State, asked: Asked, year: int | None, as_json: bool) -> None:
    """Show what each sale realised, which losses are disallowed and why, and what is still held.

    Reads folders of CSV files and broker exports: PATH is FILE, ACCOUNT=FILE or ACCOUNT:KIND=FILE.

    \b
    Examples:
      rebalkit tax ledger --from account
      rebalkit tax ledger taxable=etrade.csv roth:roth=fidelity.csv --identical VOO,IVV
    """
    from rebalkit.errors import DataError
    from rebalkit.report.tax_json import ledger_document
    from rebalkit.report.tax_report import accounts_seen
    from rebalkit.report.tax_text import ledger_lines

    _, books = asked.open(state)
    if year is not None and year not in books.years:
        years = ", ".join(map(str, books.years)) or "none"
        raise DataError(
            f"no taxable account sold anything in {year}; years with a sale: {years}", place=f"--year {year}", code="no_sales"
        )
    chosen = books.years if year is None else (year,)
    rows = [row for one in chosen for row in books.rows(one)]
    matches = [one for one in books.ledger.matches if one.sold.year in chosen]
    held = books.ledger.open_lots
    notes = (*books.notes, *books.still_open(chosen))
    title = f"Wash-sale ledger of {accounts_seen(books.accounts)}"
    show(
        lambda: ledger_document(books.accounts, rows, matches, held, books.unpriced, notes),
        lambda width, encoding: ledger_lines(title, rows, matches, held, books.unpriced, width, encoding),
        as_json=as_json,
    )
    for note in notes:
        say(f"Note: {note}")
