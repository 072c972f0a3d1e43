"""The portfolio that E*TRADE's website lets a person download, ``PortfolioDownload.csv``, with or without its lots.

Both layouts begin with some lines about the account and end with a line of totals and one that says when it was made: a file
without these was cut off.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import DataError
from rebalkit.model import ExportedLot, ExportedPortfolio, ExportedPosition
from rebalkit.outside_text import clean

__all__ = ["PortfolioCsv"]

_COLUMNS: Mapping[str, Sequence[str]] = {
    "symbol": ("Symbol",),
    "quantity": ("Quantity", "Qty #"),
    "value": ("Value $",),
    "cost": ("Total Cost", "Total Cost $"),
    "price": ("Price Paid $",),
}
_DATE = re.compile(r"\d{1,2}/\d{1,2}/(\d{4}|\d{2})|--")
_MADE = re.compile(r"Generated at (\w{3} \d{1,2} \d{4} \d{1,2}:\d{2} [AP]M) ET")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,8})?")


class PortfolioCsv:
    """Reads it."""

    def recognises(self, text: str) -> bool:
        """Whether it has the names of the columns."""
        return any(_names(line) is not None for line in text.splitlines()[:40])

    def read(self, text: str, source: str) -> ExportedPortfolio:
        """The portfolio. Raises DataError for what is not understood, and for a file that was cut off."""
        lines = text.splitlines()
        head = next(number for number, line in enumerate(lines) if _names(line) is not None)
        names = _names(lines[head])
        assert names is not None
        made = next((found for line in lines[head:] if (found := _MADE.search(line))), None)
        rows = _Rows(source, names, _delimiter(lines[head]))
        positions, cash, whole = rows.positions(lines[head + 1 :], head + 2)
        if made is None or not whole:
            raise _problem(source, "it was cut off: its last lines are the totals and when it was made")
        return ExportedPortfolio(_account(lines[:head]), _moment(made[1], source), tuple(positions), cash)


class _Rows:
    """The lines behind the names of the columns."""

    def __init__(self, source: str, names: Mapping[str, int], delimiter: str) -> None:
        self._source = source
        self._names = names
        self._delimiter = delimiter

    def positions(self, lines: Sequence[str], first: int) -> tuple[list[ExportedPosition], Decimal | None, bool]:
        """The positions, the cash, and whether the line of totals is there."""
        found: list[ExportedPosition] = []
        cash, whole = None, False
        for number, cells in self._cells(lines, first):
            place, column = f"{self._source}, line {number}", self._names["symbol"]
            symbol = cells[column] if column < len(cells) else ""
            if not symbol:
                raise _problem(place, "it names no security")
            if symbol == "TOTAL":
                whole = True
            elif symbol.startswith("Generated at") or whole:
                continue
            elif symbol == "CASH" and not any(
                cells[self._names[name]] for name in ("quantity", "price") if self._has(cells, name)
            ):
                # With shares or a price it is the ticker CASH.
                cash = self._number(next((cell for cell in reversed(cells) if cell), ""), place)
            elif _DATE.fullmatch(symbol):
                if not found:
                    raise _problem(place, "a lot stands before the first position")
                found[-1] = evolve(found[-1], lots=(*found[-1].lots, self._lot(cells, place)))
            else:
                found.append(
                    ExportedPosition(clean(symbol), self._cell(cells, "quantity", place), self._cell(cells, "value", place))
                )
        return found, cash, whole

    def _cells(self, lines: Sequence[str], first: int) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=self._delimiter)
        try:
            for cells in reader:
                stripped = [cell.strip() for cell in cells]
                if any(stripped):
                    yield first + reader.line_num - 1, stripped
        except csv.Error as problem:
            raise _problem(f"{self._source}, line {first + reader.line_num - 1}", f"it is no CSV: {problem}") from None

    def _lot(self, cells: Sequence[str], place: str) -> ExportedLot:
        told = cells[self._names["symbol"]]
        quantity, cost, price = (self._cell(cells, name, place) for name in ("quantity", "cost", "price"))
        if quantity is None:
            raise _problem(place, "a lot has no quantity")
        day = None if told == "--" else _day(told, place)
        if cost is not None or price is None:
            return ExportedLot(day, quantity, cost)
        # The price is rounded to the digits that are shown.
        half_a_digit = Decimal(1).scaleb(int(price.as_tuple().exponent)) / 2
        return ExportedLot(day, quantity, price * quantity, quantity * half_a_digit + Decimal("0.05"))

    def _has(self, cells: Sequence[str], name: str) -> bool:
        return name in self._names and self._names[name] < len(cells)

    def _cell(self, cells: Sequence[str], name: str, place: str) -> Decimal | None:
        return self._number(cells[self._names[name]], place) if self._has(cells, name) else None

    def _number(self, cell: str, place: str) -> Decimal | None:
        """The number in a cell; None for one that says that there is none."""
        if cell in ("", "--", "N/A"):
            return None
        text = cell.replace(",", "").replace("$", "").strip()
        if text.startswith("(") and text.endswith(")"):
            text = f"-{text[1:-1]}"
        if not _NUMBER.fullmatch(text):
            raise _problem(place, f"{clean(cell)!r} is not a number")
        return Decimal(text)


def _names(line: str) -> Mapping[str, int] | None:
    """The place of each column that is known; None for a line that does not name them."""
    titles = [one.strip().strip('"') for one in line.split(_delimiter(line))]
    found = {name: titles.index(title) for name, known in _COLUMNS.items() for title in known if title in titles}
    return found if {"symbol", "quantity", "value"} <= found.keys() else None


def _delimiter(line: str) -> str:
    return "\t" if "\t" in line else ","


def _account(lines: Sequence[str]) -> str:
    """What the file calls the account: the line behind the names of its columns."""
    start = next((number for number, line in enumerate(lines) if line.lstrip('"').startswith("Account")), None)
    for line in lines[start + 1 :] if start is not None else ():
        cells = next(csv.reader([line], delimiter=_delimiter(line)), [])
        if cells and cells[0].strip() and cells[0].strip() != "Account":
            return clean(cells[0])
    return ""


def _day(text: str, place: str) -> dt.date:
    month, day, year = (int(one) for one in text.split("/"))
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise _problem(place, f"{text} is no day") from None


def _moment(text: str, source: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, "%b %d %Y %I:%M %p").replace(tzinfo=NEW_YORK)
    except ValueError:
        raise _problem(source, f"{text!r} is no moment") from None


def _problem(place: str, reason: str) -> DataError:
    return DataError(reason, place=place, code="bad_export", remedy="Download it again, and leave it as it is.")
