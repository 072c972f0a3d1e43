"""What the tax commands share: which files are read, how the rule is read, and which year is meant."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import evolve, frozen

from rebalkit.cli.options import DEFAULT_CONFIG, gathered, with_options
from rebalkit.cli.state import State

if TYPE_CHECKING:
    from rebalkit.config import Config
    from rebalkit.pipeline.books import Books
    from rebalkit.report.tax_report import TaxReport

__all__ = ["Asked", "OutFile", "history_options", "tax_report", "year_options"]

F = TypeVar("F", bound=Callable[..., Any])


if TYPE_CHECKING:
    _AmountType = click.ParamType[Decimal]
else:  # generic only in newer releases of click
    _AmountType = click.ParamType


class _Amount(_AmountType):
    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        from rebalkit.money import to_cents, to_decimal

        try:
            amount = to_decimal(value)
            to_cents(amount)
        except ValueError:
            self.fail(f"{value!r} is not an amount in USD: write 1200 or 1200.50.", param, ctx)
        if amount < 0:
            self.fail(f"{value} is below 0: write a loss that is carried over as a positive number.", param, ctx)
        return amount


class OutFile(click.Path):
    """A file to write beside what is printed."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Refuses ``-``, which others read as stdout."""
        if str(value) == "-":
            self.fail("'-' is not the name of a file, and what is printed is the report: name a file, or use --json.", param, ctx)
        return super().convert(value, param, ctx)


@frozen
class Asked:
    """The values of the shared options."""

    paths: tuple[str, ...]
    folders: tuple[Path, ...]
    config: Path | None
    identical: tuple[str, ...]
    overrides: tuple[str, ...]

    def open(self, state: State) -> tuple[Config, Books]:
        """The configuration, and the books of the files that were named."""
        from rebalkit.config import load_config
        from rebalkit.errors import UsageError
        from rebalkit.model import IdentityGroups
        from rebalkit.pipeline.books import open_books
        from rebalkit.pipeline.choose import choose_policy

        if not self.paths and not self.folders:
            raise UsageError(
                "it is not said where the history is", code="no_history",
                remedy="Give a folder (--from FOLDER) or transaction files (FILE, ACCOUNT=FILE or ACCOUNT:KIND=FILE).",
            )  # fmt: skip
        path = self.config
        if path is None and Path(DEFAULT_CONFIG).exists():
            path = Path(DEFAULT_CONFIG)
        config = load_config(path, overrides=self.overrides)
        groups = IdentityGroups((*config.tax.identical.groups, *map(_symbols, self.identical)))
        config = evolve(config, tax=evolve(config.tax, identical=groups))
        books = open_books(state.registry_with(config.plugins), [*self.folders, *self.paths], choose_policy(config))
        return config, books


def _symbols(given: str) -> tuple[str, ...]:
    from rebalkit.errors import DataError, UsageError
    from rebalkit.model.securities import check_symbol

    try:
        symbols = tuple(check_symbol(one.strip()) for one in given.split(","))
    except (DataError, ValueError) as problem:
        raise UsageError(str(problem), place=f"--identical {given}") from None
    if len(set(symbols)) < 2:
        raise UsageError("a set needs two symbols to make them identical", place=f"--identical {given}", remedy="Write A,B.")
    return symbols


def history_options(command: F) -> F:
    """Add the options that say where the history is; the command is called with ``asked``, an `Asked`."""
    file = click.Path(path_type=Path)
    options = (
        click.argument("paths", nargs=-1, metavar="[PATH]..."),
        click.option(
            "--from", "folders", type=file, multiple=True, metavar="FOLDER",
            help="Folder of CSV files with a transactions.csv; can be repeated, and given beside PATHs.",
        ),
        click.option(
            "--identical", multiple=True, metavar="A,B", help="Symbols to treat as substantially identical; can be repeated.",
        ),
        click.option("--config", type=file, metavar="FILE", help=f"Configuration; by default {DEFAULT_CONFIG} here, if any."),
        click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Change one setting; can be repeated."),
    )  # fmt: skip
    return gathered(command, Asked, options)


def year_options(command: F) -> F:
    """Add the year and what was carried into it."""
    amount = _Amount()
    options = (
        click.option("--year", type=click.IntRange(1900), metavar="YEAR", help="Tax year; by default the only one with a sale."),
        click.option(
            "--carry-short", type=amount, default="0", metavar="USD", help="Short-term loss carried in, from last year's return."
        ),
        click.option(
            "--carry-long", type=amount, default="0", metavar="USD", help="Long-term loss carried in, from last year's return."
        ),
    )
    return with_options(command, options)  # type: ignore[no-any-return]


def tax_report(state: State, asked: Asked, year: int | None, carry_short: Decimal, carry_long: Decimal) -> TaxReport:
    """The tax year that was asked for.

    Raises:
        UsageError: The year is not said, and sales are in several.
        DataError: No sale in that year, and nothing carried in.
    """
    from rebalkit.config.profile import FilingStatus
    from rebalkit.errors import DataError, UsageError
    from rebalkit.model import AccountKind
    from rebalkit.report.tax_report import TaxReport
    from rebalkit.tax.profile import TaxProfile, deduction_limit
    from rebalkit.tax.year import TaxYear

    config, books = asked.open(state)
    years = ", ".join(map(str, books.years)) or "none"
    if year is None:
        if not books.years and not carry_short and not carry_long:
            where = ", ".join(map(str, (*asked.folders, *asked.paths)))
            raise DataError("no taxable account sold anything: there is nothing for a form", place=where, code="no_sales")
        if len(books.years) != 1:
            raise UsageError(f"the year is not said; years with a sale: {years}", code="no_year", remedy="Give it: --year YEAR.")
        (year,) = books.years
    if year not in books.years and not carry_short and not carry_long:
        raise DataError(
            f"no taxable account sold anything in {year}; years with a sale: {years}", place=f"--year {year}", code="no_sales"
        )
    books.check(year)
    said = config.tax.profile
    profile = None if said is None else TaxProfile.of(said, year, config.place("tax", "profile"))
    separate = said is not None and said.status is FilingStatus.SEPARATE
    own = {name for name, kind in books.accounts.items() if not separate or kind is not AccountKind.SPOUSE_TAXABLE}
    found = TaxYear.of(
        books.ledger, year, carry_short=carry_short, carry_long=carry_long,
        limit=deduction_limit(said), broker=books.broker,
        accounts=own,
    )  # fmt: skip
    matches = tuple(one for one in books.ledger.matches if one.sold.year == year and one.account in own)
    left_out = sorted({row.account for row in books.realised if row.sold.year == year} - own)
    notes = [f"account {one}: its sales are on the spouse's own return; its purchases were looked at" for one in left_out]
    return TaxReport(found, profile, books.accounts, books.identical, matches, (*books.notes, *books.still_open([year]), *notes))
