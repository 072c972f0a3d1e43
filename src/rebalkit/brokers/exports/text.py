"""The bytes of an export as text, and the text as rows of cells."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from rebalkit.errors import DataError

__all__ = ["decoded", "header_seen", "split_rows"]

_FEWEST_TITLES = 4
"""A line with fewer cells is no header of a table of transactions."""


def decoded(data: bytes, path: str) -> str:
    """The text of the file ``path``: UTF-8, with or without a byte-order mark, or UTF-16 with one. Raises DataError for other bytes."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        remedy = "Download it again, or save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
        raise DataError("the file is not UTF-8 or UTF-16 text", place=path, remedy=remedy, code="bad_encoding")
    return text


def split_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank, without spaces around them, with the number of the line.

    Raises `csv.Error` at the line where the quotation marks do not match.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield line, stripped
        line = reader.line_num + 1


def header_seen(text: str) -> str:
    """The line of ``text`` that looks most like the names of columns; empty when none does."""
    for line in text.splitlines()[:50]:
        cells = line.split("\t") if "\t" in line else line.split(",")
        if len([cell for cell in cells if cell.strip(' "')]) >= _FEWEST_TITLES:
            return ", ".join(cell.strip(' "') for cell in cells)
    return ""
