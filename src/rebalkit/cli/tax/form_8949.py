"""``rebalkit tax 8949``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show
from rebalkit.cli.state import State, pass_state
from rebalkit.cli.tax.options import Asked, OutFile, history_options, tax_report

__all__ = ["command"]


@click.command("8949")
@history_options
@click.option("--year", type=click.IntRange(1900), metavar="YEAR", help="Tax year; by default the only one with a sale.")
@click.option("--csv", "csv", type=OutFile(), metavar="FILE", help="Write the rows as CSV, too.")
@json_option
@pass_state
def command(state: State, asked: Asked, year: int | None, csv: Path | None, as_json: bool) -> None:
    """List the rows of Form 8949, and where the broker's Form 1099-B says something else.

    One row for each sale, lot and term, in whole cents that add up. Sales inside an IRA are not on the form.

    \b
    Examples:
      rebalkit tax 8949 --from account --year 2025
      rebalkit tax 8949 --from account --year 2025 --csv form-8949.csv
    """
    from rebalkit.report.tax_json import form_document
    from rebalkit.report.tax_text import form_lines

    report = tax_report(state, asked, year, Decimal(0), Decimal(0))
    if csv is not None:
        from rebalkit.report.files import write_whole
        from rebalkit.report.tax_csv import form_8949_csv

        write_whole(csv, form_8949_csv(report.year.rows))
    show(lambda: form_document(report), lambda width, encoding: form_lines(report, width, encoding), as_json=as_json)
    for note in report.notes:
        say(f"Note: {note}")
    if csv is not None:
        say(f"Written: {csv}")
