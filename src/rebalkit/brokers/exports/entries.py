"""One row of an export, its cells read but not yet understood."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from rebalkit.brokers.exports.cells import EMPTY, day, number
from rebalkit.brokers.exports.layout import Table
from rebalkit.brokers.files.cells import BadCell
from rebalkit.brokers.files.problems import shown

__all__ = ["Entry", "read_entry"]

T = TypeVar("T")

_FIRST_YEAR = 1970
_NUMBER = re.compile(r"\b(?=[A-Z]*[0-9]{4})[A-Z0-9]{5,}\b")
_LABELLED = 4
"""Characters of an account's number that its label shows, as brokers do: the whole number belongs into no report."""


@frozen
class Entry:
    """A row.

    Attributes:
        line: Its line in the file.
        date: Trade date.
        recorded: Day by which the file orders it.
        kind: The file's word for what it is.
        symbol: The cell of the symbol; empty when there is none.
        description: The cell of the description.
        security: The broker's word for the kind of security; empty when it has none.
        quantity: Shares with the file's sign; None for an empty cell or 0.
        price: USD per share; None for an empty cell or 0.
        amount: USD with the file's sign; None for an empty cell.
        fees: USD, all fee columns together.
        account: Label of the account by its columns; empty when there are none.
        number: What tells the account from others of its label: its whole number, where there is one.
        currency: The cell of the currency; empty when there is none.
    """

    line: int
    date: dt.date
    recorded: dt.date
    kind: str
    symbol: str
    description: str
    security: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal | None
    fees: Decimal
    account: str
    number: str
    currency: str


def read_entry(table: Table, line: int, cells: Sequence[str], problem: Callable[[str, BadCell], None]) -> Entry | None:
    """The row ``cells`` of ``table``; None when a cell cannot be read, after ``problem`` was told its column and what is wrong."""
    failed = False

    def cell(field: str) -> str:
        place = table.places.get(field)
        return "" if place is None else cells[place]

    def read(field: str, parse: Callable[[str], T], default: T) -> T:
        nonlocal failed
        try:
            return parse(cell(field))
        except BadCell as bad:
            failed = True
            problem(table.titles[table.places[field]], bad)
            return default

    recorded, date = read("date", _days, (dt.date.min, dt.date.min))
    figures = {field: read(field, number, None) for field in ("quantity", "price", "amount", "fees", "fees2")}
    kind, owner, digits = read("kind", _printable, ""), read("account", _printable, ""), cell("number")
    if failed:
        return None
    return Entry(
        line=line,
        date=date,
        recorded=recorded,
        kind=kind,
        symbol="" if cell("symbol").casefold() in EMPTY else cell("symbol"),
        description=" ".join(cell("description").split()),
        security=cell("security"),
        quantity=figures["quantity"] or None,
        price=figures["price"] or None,
        amount=figures["amount"],
        fees=(figures["fees"] or Decimal(0)) + (figures["fees2"] or Decimal(0)),
        account=_label(f"{owner} {digits}"),
        number=f"{owner} {digits}",
        currency="" if cell("currency").casefold() in EMPTY else cell("currency"),
    )


def _days(text: str) -> tuple[dt.date, dt.date]:
    """The day on which a row was recorded and the day on which it happened.

    "10/14/2020 as of 10/13/2020" (Schwab) was entered on the first day and took effect on the second. Periods of tax law run from
    trade dates (Rev. Rul. 66-97), so the second one counts; the first only says where the row stands in the file.
    """
    first, _, second = text.partition(" as of ")
    recorded = day(first.strip())
    found = day(second.strip()) if second else recorded
    if min(found, recorded).year < _FIRST_YEAR:
        raise BadCell(f"{min(found, recorded)} is before {_FIRST_YEAR}", "Correct the year.", code="bad_date")
    return recorded, found


def _printable(text: str) -> str:
    """The text on one line, which goes into messages and reports."""
    line = " ".join(text.split())
    if not line.isprintable():
        raise BadCell(f"{shown(line)} holds characters that cannot be printed", code="bad_name")
    return line


def _label(text: str) -> str:
    """The name of an account with no more of its number than the end."""
    return _NUMBER.sub(lambda found: f"-{found[0][-_LABELLED:]}", text).strip()
