"""The columns of an export: which there are, under which titles, and where they stand in a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from contextlib import suppress

from attrs import field, frozen

from rebalkit.brokers.exports.text import split_rows

__all__ = ["FIELDS", "Layout", "Table"]

FIELDS = (
    "date", "kind", "symbol", "description", "quantity", "price", "amount",
    "fees", "fees2", "account", "number", "currency", "security",
)  # fmt: skip
"""What a column can hold. ``fees`` and ``fees2`` add up; ``account`` is the name of an account, ``number`` its number; ``security`` is
the broker's word for the kind of security."""

_MOST_LINES_ABOVE = 40
"""Lines above the header, of which no export has more than a dozen."""

_NEVER = re.compile(r"(?!)")


@frozen
class Layout:
    """How an export is laid out.

    Attributes:
        titles: By field (see `FIELDS`), the titles of its column in the file; any one of several. All of these columns are needed.
        optional: The same for columns that only some files have.
        unread: Titles of columns that are known and hold nothing that is read. Columns beyond all of these are noted.
        label: Finds the label of the account in a line above the header, as its group ``label``; and, as groups ``first`` and
            ``last``, the days covered as YYYY-MM-DD, where the file says them.
        totals: The first cell of rows that sum up others.
    """

    titles: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]] = field(factory=dict)
    unread: tuple[str, ...] = ()
    label: re.Pattern[str] = _NEVER
    totals: re.Pattern[str] = _NEVER

    def find(self, text: str) -> Table | None:
        """Where the columns stand in ``text``, separated by commas or by tabs; None when it is no such export."""
        for delimiter in ",\t":
            with suppress(csv.Error):
                for number, (line, cells) in enumerate(split_rows(text, delimiter)):
                    if number > _MOST_LINES_ABOVE:
                        break
                    if (places := self._places(cells)) is not None:
                        return Table(delimiter, line, tuple(cells), places)
        return None

    def _places(self, cells: list[str]) -> dict[str, int] | None:
        titles = [cell.casefold() for cell in cells]
        places: dict[str, int] = {}
        for name, wanted in (*self.titles.items(), *self.optional.items()):
            found = [index for index, title in enumerate(titles) if title in {one.casefold() for one in wanted}]
            if len(found) > 1 or (not found and name in self.titles):
                return None
            if found:
                places[name] = found[0]
        return places

    def unknown(self, table: Table) -> list[str]:
        """Titles of columns of ``table`` that this layout does not know."""
        known = {one.casefold() for one in self.unread}
        read = set(table.places.values())
        return [title for i, title in enumerate(table.titles) if title and i not in read and title.casefold() not in known]


@frozen
class Table:
    """The table in a file: what separates its cells, the line of its header, its titles, and the column of each field."""

    delimiter: str
    line: int
    titles: tuple[str, ...]
    places: Mapping[str, int]

    @property
    def columns(self) -> int:
        """Columns with a title; some exports end each line with a comma."""
        return max(index for index, title in enumerate(self.titles) if title) + 1
