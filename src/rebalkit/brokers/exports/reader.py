"""The reader that all layouts share: row by row, every one understood, counted or refused."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Sequence

from attrs import frozen

from rebalkit.brokers.exports.cells import day
from rebalkit.brokers.exports.entries import Entry, read_entry
from rebalkit.brokers.exports.gathering import Gathering
from rebalkit.brokers.exports.kinds import CORRECT, Kind
from rebalkit.brokers.exports.layout import Layout, Table
from rebalkit.brokers.exports.text import split_rows
from rebalkit.brokers.files.cells import LONGEST_NAME, BadCell
from rebalkit.brokers.files.problems import Problems, shown
from rebalkit.errors import DataError
from rebalkit.model import HistoryRows

__all__ = ["ExportReader"]


def _as_it_is(entry: Entry) -> Entry:
    return entry


def _own_word(entry: Entry) -> str:
    return entry.kind


def _no_ratio(entry: Entry) -> None:
    return None


@frozen
class ExportReader:
    """A reader of transaction exports of one layout (see `rebalkit.plugin.HistoryReader`).

    Attributes:
        layout: The columns.
        kind_of: What a row is, by its own word for it; None for a word that is not known.
        ratio_of: Of the row of a split, new and old shares as in "6:1"; None where the row does not tell.
        word_of: The word by which rows that move no shares are counted.
        refine: Changes a row before anything else is asked, where its cells do not say it all. May raise `BadCell`.
    """

    layout: Layout
    kind_of: Callable[[Entry], Kind | None]
    ratio_of: Callable[[Entry], tuple[int, int] | None] = _no_ratio
    refine: Callable[[Entry], Entry] = _as_it_is
    word_of: Callable[[Entry], str] = _own_word

    def recognises(self, text: str) -> bool:
        """Whether there is a line with the columns of the layout."""
        return self.layout.find(text) is not None

    def read(self, text: str, source: str) -> HistoryRows:
        """The rows of ``text``. Raises DataError with all problems."""
        table = self.layout.find(text)
        if table is None:
            wanted = ", ".join(names[0] for names in self.layout.titles.values())
            reason = "there is no line with the columns of this export"
            raise DataError(reason, place=source, remedy=f"It has at least {wanted}.", code="unknown_export")
        problems = Problems()
        label = self._label(text, table)
        if not label.isprintable() or len(label) > LONGEST_NAME:
            problems.add(source, f"{shown(label)} cannot be the name of an account", remedy=CORRECT, code="bad_name")
        gathering = Gathering(source, problems, label, self.ratio_of, self.word_of)
        try:
            for line, cells in split_rows(text, table.delimiter):
                if line > table.line and not self._beside(cells):
                    self._row(table, line, cells, source, problems, gathering)
        except csv.Error:
            reason = "the quotation marks do not match, or a cell is endless"
            problems.add(source, reason, remedy="Download the file again.", code="bad_row")
        problems.check()
        unknown = self.layout.unknown(table)
        notes = [f"{source}: ignored columns {', '.join(shown(title) for title in unknown)}"] if unknown else []
        return gathering.rows(self._covered(text, table), notes)

    def _row(self, table: Table, line: int, cells: Sequence[str], source: str, problems: Problems, gathering: Gathering) -> None:
        width = table.columns
        if len(cells) < width or any(cells[width:]):
            remedy = "The file ends early: download it again." if len(cells) < width else ""
            remedy = remedy or 'A cell that holds a comma needs quotation marks: "1,234.50".'
            reason = f"{len(cells)} cells where the header has {width}"
            problems.add(source, reason, line=line, remedy=remedy, code="bad_row")
            return

        def problem(column: str, bad: BadCell) -> None:
            problems.add(source, bad.reason, line=line, column=column, remedy=bad.remedy or CORRECT, code=bad.code)

        entry = read_entry(table, line, cells, problem)
        if entry is None:
            return
        try:
            entry = self.refine(entry)
        except BadCell as bad:
            problems.add(source, bad.reason, line=line, remedy=bad.remedy or CORRECT, code=bad.code)
            return
        gathering.add(entry, self.kind_of(entry))

    def _beside(self, cells: Sequence[str]) -> bool:
        """Whether a line below the header is none of its rows: a sum, or text in one cell, such as a disclaimer."""
        if self.layout.totals.match(cells[0]):
            return True
        return not any(cells[1:]) and bool(re.search(r"[A-Za-z]{2}", cells[0]))

    def _above(self, text: str, table: Table) -> re.Match[str] | None:
        lines = re.split(r"\r\n|\r|\n", text, maxsplit=table.line)[: table.line - 1]
        found = (self.layout.label.search(line.replace("\t", ",").strip('", ')) for line in lines)
        return next((one for one in found if one), None)

    def _label(self, text: str, table: Table) -> str:
        found = self._above(text, table)
        return found["label"].strip() if found else ""

    def _covered(self, text: str, table: Table) -> tuple[dt.date, dt.date] | None:
        found = self._above(text, table)
        try:
            return (day(found["first"]), day(found["last"])) if found and found["first"] else None
        except (IndexError, BadCell):  # the layout knows no such words, or they are no days
            return None
