"""``rebalkit check-export``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rebalkit.cli.options import Asked, account_options, json_option
from rebalkit.cli.output import BLOCKED, show
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError

if TYPE_CHECKING:
    from rebalkit.pipeline.export_check import ExportCheck
    from rebalkit.report.page import Line

__all__ = ["command"]


@click.command("check-export")
@click.argument("place", type=click.Path(path_type=Path, exists=True), metavar="FILE_OR_FOLDER")
@click.option("--tolerance", default="5", show_default=True, metavar="PERCENT", help="How far values may be apart: prices move.")
@click.option(
    "--max-age", default=24, show_default=True, type=click.IntRange(0), metavar="HOURS", help="How old the file may be."
)
@account_options
@json_option
@pass_state
def command(state: State, asked: Asked, place: Path, tolerance: str, max_age: int, as_json: bool) -> int:
    """Compare an account as the broker's API shows it with a portfolio downloaded from the broker's website.

    Of a folder the CSV file whose name is the last one is taken. Symbols, shares and cash must be equal, lots too where the file has
    them; values within the tolerance. Ends with 0 when all agree, with 4 when something differs or the file is too old.

    \b
    Examples:
      rebalkit check-export ~/Downloads/PortfolioDownload.csv --account main
      rebalkit check-export ~/Downloads --account main --json
    """
    from rebalkit.pipeline.export_check import check_export
    from rebalkit.pipeline.snapshot import choose_account, open_broker

    try:
        percent = Decimal(tolerance)
    except InvalidOperation:
        percent = Decimal(-1)
    if not 0 <= percent < 100:
        raise UsageError(f"{tolerance!r} is not a percentage from 0 to 100", place="--tolerance")
    _, registry, source = asked.load(state)
    broker = open_broker(registry, source)
    account = choose_account(broker.accounts(), source.account).account
    found = check_export(registry, broker, account, place, tolerance=percent, max_age=dt.timedelta(hours=max_age))
    show(lambda: _document(found), lambda width, encoding: _lines(found, width, encoding), as_json=as_json)
    return BLOCKED if found.differences else 0


def _document(found: ExportCheck) -> dict[str, Any]:
    return {
        "file": str(found.path),
        "account": found.account,
        "told_account": found.told_account,
        "made": None if found.made is None else found.made.isoformat(),
        "compared": found.compared,
        "unmanaged": list(found.unmanaged),
        "equal": not found.differences,
        "differences": [
            {"what": one.what, "symbol": one.symbol or None, "file": one.file, "broker": one.broker} for one in found.differences
        ],
    }


def _lines(found: ExportCheck, width: int, encoding: str) -> list[Line]:
    from rebalkit.report.page import Page
    from rebalkit.report.wording import clean, counted

    page = Page(width, encoding)
    if found.differences:
        page.say(f"{counted(len(found.differences), 'difference')} between {clean(found.path.name)} and the broker:", "bold red")
        for one in found.differences:
            page.say(clean(str(one)), indent=2)
    else:
        page.say(
            f"{clean(found.path.name)} and the broker agree: {counted(found.compared, 'position')} and the cash.", "bold green"
        )
    if not found.told_account:
        page.say("The file does not say of which account it is.")
    if found.unmanaged:
        page.say(f"Not managed, and compared by shares only, where at all: {clean(', '.join(found.unmanaged))}")
    return page.lines
