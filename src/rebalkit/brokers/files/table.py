"""A CSV file as rows of values, strictly: nothing is guessed, everything wrong is noted with its line and column."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from rebalkit.brokers.files.cells import BadCell
from rebalkit.brokers.files.formats import NOT_EMPTY, Column, Format
from rebalkit.brokers.files.problems import Problems, nearest, shown

__all__ = ["Reading", "Row", "read_rows"]

_MOST_TITLES = 20
"""Columns that a message lists: no file of this kind has more, but any file may be mistaken for one."""


@frozen
class Reading:
    """What the reading of one folder shares: the day after which nothing can have happened, and what was found on the way."""

    today: dt.date
    problems: Problems
    notes: list[str]


@frozen
class Row:
    """A row.

    Attributes:
        line: Line on which it begins, from 1.
        values: By column, those that could be read; cells that could not have been noted as problems.
        sound: Whether all could.
    """

    line: int
    values: dict[str, Any]
    sound: bool


def read_rows(format: Format, path: str, data: bytes, reading: Reading) -> Iterator[Row]:
    """The rows of the file with the contents ``data``; ``path`` names it in problems and notes.

    Ends early, with a problem noted, where the file cannot be followed any further.
    """
    text = _decoded(path, data, reading.problems)
    if text is None:
        return
    lines = _split(path, text, reading.problems)
    first, header = next(lines, (0, []))
    if header is None:
        return
    if not header:
        names = ",".join(column.name for column in format.columns if column.required)
        reason = "the file is empty; expected at least a line with the names of the columns"
        reading.problems.add(path, reason, remedy=f"The first line is {names}.", code="no_header")
        return
    places = _places(format, path, first, header, reading)
    if places is None:
        return
    unnamed = [index for index, title in enumerate(header) if not title.strip()]
    for line, cells in lines:
        if cells is None:
            yield Row(line, {}, sound=False)
            return
        if len(cells) != len(header):
            reason = f"{len(cells)} cell{'s' * (len(cells) != 1)} where the header has {len(header)}"
            remedy = 'A cell that holds a comma needs quotation marks: "1,234.50".' if len(cells) > len(header) else ""
            reading.problems.add(path, reason, line=line, remedy=remedy, code="bad_row")
            yield Row(line, {}, sound=False)
            continue
        if stray := next((cells[index] for index in unnamed if cells[index].strip()), ""):
            reason = f"{shown(stray)} stands in a column without a name"
            reading.problems.add(path, reason, line=line, remedy="Name the column or empty it.", code="bad_row")
        yield _row(path, line, cells, places, reading)


def _decoded(path: str, data: bytes, problems: Problems) -> str | None:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    remedy = "Save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = 0 if wide else data.count(b"\n", 0, problem.start) + 1
        reason = f"the file is not {'UTF-16' if wide else 'UTF-8'} text"
        problems.add(path, reason, line=line, remedy=remedy, code="bad_encoding")
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.add(path, "there is a NUL character, so this is not text", line=line, remedy=remedy, code="bad_encoding")
        return None
    return text


def _split(path: str, text: str, problems: Problems) -> Iterator[tuple[int, list[str] | None]]:
    """The cells of each line that is not blank, with its number; None, at the end, where the file cannot be followed."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        if "limit" in str(problem):
            reason, remedy = f"a cell has more than {csv.field_size_limit()} characters", ""
        else:
            reason = "the quotation marks do not match"
            remedy = 'A cell with a comma or a quotation mark is written in quotation marks, those inside doubled: "a ""b"" c".'
        remedy = f"{remedy} Nothing from here on was read.".lstrip()
        problems.add(path, reason, line=line, remedy=remedy, code="bad_row")
        yield line, None


def _places(format: Format, path: str, line: int, header: list[str], reading: Reading) -> list[tuple[Column, int | None]] | None:
    """Where each column stands, None for an optional one that is not there; None when the header cannot be used."""
    titles = [title.strip().casefold() for title in header]
    named = [title for title in titles if title]
    usable = True
    for twice in sorted(title for title, times in Counter(named).items() if times > 1):
        reading.problems.add(
            path, f"two columns are named {shown(twice)}", line=line, remedy="Keep one.", code="duplicate_column"
        )
        usable = False
    known = [column.name for column in format.columns]
    extra = [title for title in named if title not in known][:_MOST_TITLES]
    found = ", ".join(shown(title) for title in named[:_MOST_TITLES])
    for wanted in _missing(format, titles):
        near = nearest(wanted[0], extra)
        name = " or ".join(wanted)
        remedy = f"Rename {shown(near)} to {wanted[0]} if that is what it is." if near else ""
        if len(named) == 1 and (separator := next((one for one in ";\t|" if one in named[0]), "")):
            remedy = f"Put commas between the cells, not {shown(separator)}."
        reading.problems.add(path, f"there is no column {name}, only {found}", line=line, remedy=remedy, code="missing_column")
        usable = False
    if not usable:
        return None
    if extra:
        absent = [name for name in known if name not in titles]
        hints = [
            f"{shown(title)} (did you mean {near}?)" if (near := nearest(title, absent)) else shown(title) for title in extra
        ]
        reading.notes.append(f"{path}: ignored {'column' if len(extra) == 1 else 'columns'} {', '.join(hints)}")
    return [(column, titles.index(column.name) if column.name in titles else None) for column in format.columns]


def _missing(format: Format, titles: list[str]) -> list[tuple[str, ...]]:
    """The columns that the file lacks; where any of several would do, these together."""
    missing: list[tuple[str, ...]] = [(one.name,) for one in format.columns if one.required and one.name not in titles]
    if format.either and not any(set(names) <= set(titles) for names in format.either):
        begun = next((names for names in format.either if set(names) & set(titles)), None)
        if begun:
            missing += [(name,) for name in begun if name not in titles]
        else:
            missing.append(tuple(" and ".join(names) for names in format.either))
    return missing


def _row(path: str, line: int, cells: list[str], places: list[tuple[Column, int | None]], reading: Reading) -> Row:
    values: dict[str, Any] = {}
    for column, index in places:
        text = "" if index is None else cells[index].strip()
        if not text and column.empty is not NOT_EMPTY:
            values[column.name] = column.empty
            continue
        try:
            if not text:
                raise BadCell("the cell is empty", f"Expected: {column.meaning}", code="empty_cell")
            value = column.parse(text)
            if isinstance(value, dt.date) and value > reading.today:
                raise BadCell(f"{value} is after today, {reading.today}", "Correct the date.", code="from_the_future")
        except BadCell as bad:
            reading.problems.add(path, bad.reason, line=line, column=column.name, remedy=bad.remedy, code=bad.code)
        else:
            values[column.name] = value
    return Row(line, values, sound=len(values) == len(places))
