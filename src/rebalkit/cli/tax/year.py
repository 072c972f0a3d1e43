"""``rebalkit tax year``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show
from rebalkit.cli.state import State, pass_state
from rebalkit.cli.tax.options import Asked, OutFile, history_options, tax_report, year_options

__all__ = ["command"]


@click.command("year")
@history_options
@year_options
@click.option("--csv", "csv", type=OutFile(), metavar="FILE", help="Write the lines of Schedule D as CSV, too.")
@click.option("--html", "html", type=OutFile(), metavar="FILE", help="Write all of it as an HTML page, too.")
@json_option
@pass_state
def command(
    state: State,
    asked: Asked,
    year: int | None,
    carry_short: Decimal,
    carry_long: Decimal,
    csv: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Net a tax year: gains and losses by term, wash sales, carryovers, the lines of Schedule D, tax at your rates.

    Tax is counted in dollars only with a [tax.profile] in the configuration. Not tax advice.

    \b
    Examples:
      rebalkit tax year --from account --year 2025
      rebalkit tax year --from account --year 2025 --carry-short 1200 --carry-long 350.50
      rebalkit tax year --from account --set tax.profile.status=joint --set tax.profile.income=150000
      rebalkit tax year --from account --year 2025 --html tax-2025.html --csv schedule-d.csv
    """
    from rebalkit.report.tax_json import year_document
    from rebalkit.report.tax_text import year_lines

    report = tax_report(state, asked, year, carry_short, carry_long)
    written: list[Path] = []
    if csv is not None:
        from rebalkit.report.files import write_whole
        from rebalkit.report.tax_csv import schedule_d_csv

        written.append(write_whole(csv, schedule_d_csv(report.lines)))
    if html is not None:
        from rebalkit.report.files import write_whole
        from rebalkit.report.tax_html import render_tax_year

        written.append(write_whole(html, render_tax_year(report)))
    show(lambda: year_document(report), lambda width, encoding: year_lines(report, width, encoding), as_json=as_json)
    for note in report.notes:
        say(f"Note: {note}")
    for path in written:
        say(f"Written: {path}")
