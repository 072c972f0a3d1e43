"""The commands ``rebalkit paper …``: they make books, and move their day, cash and prices."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from rebalkit.calendar import add_sessions, today_in_new_york, why_closed
from rebalkit.errors import RebalkitError, UsageError
from rebalkit.model import Quote, check_symbol
from rebalkit.money import to_decimal, to_nanos
from rebalkit_paper.book import FRACTION, WHOLE, Book, FillRules
from rebalkit_paper.cash import deposited, only_account
from rebalkit_paper.create import create_book, from_cash, from_folder, read_prices
from rebalkit_paper.days import advanced, with_quotes
from rebalkit_paper.show import as_plain, as_summary, as_text
from rebalkit_paper.store import change, list_books, load

__all__ = ["paper"]


class _Parsed(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only, in some releases only
    """A parameter that ``parse`` understands; what it refuses is a UsageError at the place of the option."""

    def __init__(self, name: str, parse: Callable[[str], Any], expected: str) -> None:
        self.name = name
        self._parse = parse
        self._expected = expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except (RebalkitError, ValueError):
            place = param.get_error_hint(ctx) if param and ctx else self.name
            raise UsageError(f"{value!r} is not {self._expected}", place=place, code="bad_value") from None


def _price(text: str) -> Decimal:
    price = to_decimal(text)
    to_nanos(price)
    if price <= 0:
        raise ValueError
    return price


_AMOUNT = _Parsed("amount", to_decimal, "a number such as 1234.56")
_PRICE = _Parsed("price", _price, "a price above 0, such as 12.34")
_DAY = _Parsed("date", dt.date.fromisoformat, "a date of the form YYYY-MM-DD")
_SYMBOL = _Parsed("symbol", lambda text: check_symbol(text.upper()), "a ticker symbol")

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the book as JSON.")


@click.group()
def paper() -> None:
    """Make and move accounts on paper: they trade like real ones, without money."""


@paper.command()
@click.argument("name")
@click.option("--from", "folder", metavar="FOLDER", help="Begin with all accounts of a folder of CSV files.")
@click.option("--sample", is_flag=True, help="Begin with the sample accounts.")
@click.option("--cash", type=_AMOUNT, help="Begin with one taxable account that holds nothing but this many USD.")
@click.option("--as-of", type=_DAY, help="The first day of the book. [default: the newest date of the folder, or today]")
@click.option("--slippage-bp", type=_AMOUNT, default="0", help="Basis points by which fills are worse than the quote.")
@click.option("--fee", type=_AMOUNT, default="0", help="USD for each order that fills.")
@click.option("--fee-per-share", type=_AMOUNT, default="0", help="USD for each share that fills.")
@click.option("--partial", type=_AMOUNT, default="1", help="Fraction of an order that fills at once; the rest at the day's end.")
@click.option("--reject", type=_SYMBOL, multiple=True, help="Refuse orders of this symbol, to try out failures.")
@click.option("--fractional", is_flag=True, help="Deal in millionths of a share instead of whole ones.")
@click.option("--force", is_flag=True, help="Replace a book of that name.")
@_as_json
def new(
    name: str,
    folder: str | None,
    sample: bool,
    cash: Decimal | None,
    as_of: dt.date | None,
    slippage_bp: Decimal,
    fee: Decimal,
    fee_per_share: Decimal,
    partial: Decimal,
    reject: tuple[str, ...],
    fractional: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Make the book NAME."""
    if (folder is not None) + sample + (cash is not None) != 1:
        raise UsageError(
            "a book begins with exactly one of --from, --sample and --cash",
            place="rebalkit paper new",
            remedy=f"For example `rebalkit paper new {name} --sample`.",
            code="no_beginning",
        )
    try:
        fills = FillRules(slippage_bp, fee, fee_per_share, partial, reject, FRACTION if fractional else WHOLE)
    except ValueError as problem:
        raise UsageError(str(problem), place="rebalkit paper new", code="bad_value") from None
    if cash is not None:
        contents, today = from_cash(cash), as_of or today_in_new_york()
    elif sample:
        from rebalkit.sample import SAMPLE_AS_OF, sample_folder

        contents, today = from_folder(str(sample_folder()), as_of or SAMPLE_AS_OF)
    else:
        assert folder is not None  # one of the three is given
        contents, today = from_folder(folder, as_of)
    book = create_book(
        name,
        contents.accounts,
        contents.quotes,
        today,
        transactions=contents.transactions,
        history_from=contents.history_from,
        fills=fills,
        overwrite=force,
    )
    for note in contents.notes:
        click.echo(note, err=True)
    click.echo(_as_json_text(book) if as_json else f"{as_summary(book)}\n{_next_steps(book)}")


def _next_steps(book: Book) -> str:
    closed = why_closed(book.today)
    market = (
        f"\nThe market is closed on {book.today} ({closed}): go on with `rebalkit paper advance {book.name}`.\n" if closed else ""
    )
    prices = "" if book.quotes else f"\nIt has no prices: set some with `rebalkit paper set-price {book.name} SYMBOL PRICE`.\n"
    return (
        f"{market}{prices}\n"
        f'In the configuration:\n\n  [brokers.paper]\n  book = "{book.name}"\n\n'
        f"Next:\n\n  rebalkit plan --broker paper --set brokers.paper.book={book.name} --targets targets.toml"
    )


@paper.command()
@click.argument("name")
@_as_json
def show(name: str, as_json: bool) -> None:
    """Show the book NAME: its day, its accounts, its open orders; with --json everything."""
    _print(load(name), as_json)


@paper.command("list")
@_as_json
def list_(as_json: bool) -> None:
    """List the books."""
    names = list_books()
    click.echo(
        json.dumps(names) if as_json else "\n".join(names) or "There is no paper book; make one with `rebalkit paper new`."
    )


# A negative amount looks like an option to the parser unless unknown options are let through.
@paper.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("amount", type=_AMOUNT)
@click.option("--account", help="The account. [default: the only taxable one]")
@_as_json
def deposit(name: str, amount: Decimal, account: str | None, as_json: bool) -> None:
    """Put AMOUNT USD into an account of the book NAME; a negative amount is taken out."""
    _print(change(name, lambda book: deposited(book, account or only_account(book), amount)), as_json)


@paper.command()
@click.argument("name")
@click.argument("symbol", type=_SYMBOL)
@click.argument("price", type=_PRICE, required=False)
@click.option("--bid", type=_PRICE, help="USD per share for a sale.")
@click.option("--ask", type=_PRICE, help="USD per share for a purchase.")
@_as_json
def set_price(name: str, symbol: str, price: Decimal | None, bid: Decimal | None, ask: Decimal | None, as_json: bool) -> None:
    """Set the PRICE of SYMBOL in the book NAME, or its --bid and --ask. Waiting orders that can fill now do."""
    bid, ask = (bid, ask) if price is None else (price, price) if bid is None and ask is None else (None, None)
    if bid is None or ask is None or ask < bid:
        raise UsageError(
            "a price is set by one number, or by --bid and --ask with the ask not below the bid",
            place="rebalkit paper set-price",
            remedy=f"For example `rebalkit paper set-price {name} {symbol} 12.34`.",
            code="bad_price",
        )
    quote = Quote(symbol, bid, ask)
    _print(change(name, lambda book: with_quotes(book, [evolve(quote, date=book.today)])), as_json)


@paper.command()
@click.argument("name")
@click.option("--to", type=_DAY, help="Go on to this day.")
@click.option("--days", type=click.IntRange(1, 10_000), help="Go on by this many days of trading. [default: 1]")
@click.option(
    "--prices", type=click.Path(path_type=Path), help="Prices of the new day: CSV with symbol and price, or bid and ask."
)
@_as_json
def advance(name: str, to: dt.date | None, days: int | None, prices: Path | None, as_json: bool) -> None:
    """Let time pass in the book NAME: the day ends, orders expire, cash settles, a new day begins."""
    if to is not None and days is not None:
        raise UsageError("--to and --days exclude each other", place="rebalkit paper advance", remedy="Use one.", code="usage")

    def advancing(book: Book) -> Book:
        day = to or add_sessions(book.today, days or 1)
        return advanced(book, day, read_prices(prices, day) if prices else ())

    _print(change(name, advancing), as_json)


def _print(book: Book, as_json: bool) -> None:
    click.echo(_as_json_text(book) if as_json else as_text(book))


def _as_json_text(book: Book) -> str:
    return json.dumps(as_plain(book), indent=2, ensure_ascii=False)
