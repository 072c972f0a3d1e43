"""Comparing tables of exact figures, whatever the order of their rows, and saying readably in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import frozen

from rebalkit.money import plain

__all__ = ["Disagreement", "Row", "compare_figures", "compare_rows"]

Row = dict[str, Any]
"""Names with text, dates, truths, and fractions."""

_NOTHING = "nothing"


@frozen
class Disagreement:
    """One figure that is not what the vector expects.

    Attributes:
        place: The section of the vector, and the row in it.
        field: The key of the figure; ``row`` where a whole row is missing or too much.
        expected: What the vector says, as text.
        got: What was computed, as text.
    """

    place: str
    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: expected {self.expected}, got {self.got}"


def compare_figures(place: str, expected: Mapping[str, Fraction], got: Mapping[str, Fraction]) -> Iterable[Disagreement]:
    """Compare figures by name. One that is not there is 0."""
    for name in sorted(expected.keys() | got.keys()):
        here, there = expected.get(name, Fraction(0)), got.get(name, Fraction(0))
        if here != there:
            yield Disagreement(place, name, _text(here), _text(there))


_SUMMED = ("quantity", "proceeds", "basis", "gain", "disallowed", "permanent", "recognized", "basis_total", "amount", "loss")
"""Figures of rows that are one row in a vector. ``permanent`` is one only where it is an amount, not a yes or no."""


def compare_rows(place: str, key: Sequence[str], expected: Iterable[Row], got: Iterable[Row]) -> Iterable[Disagreement]:
    """Compare two tables, whatever the order of their rows."""
    wanted, found = _joined(expected), _joined(got)
    left = [row for row in found if row not in wanted]
    for row in wanted:
        if row in found:
            continue
        where = f"{place} {'/'.join(row[name] for name in key)}"
        alike = [one for one in left if all(one[name] == row[name] for name in key)]
        if not alike:
            yield Disagreement(where, "row", _row_text(row, key), _NOTHING)
            continue
        # Of several, the one that differs least: only then is what differs worth reading.
        nearest = max(alike, key=lambda one, row=row: sum(one[name] == row[name] for name in row))  # type: ignore[misc]
        left.remove(nearest)
        for name in row:
            if row[name] != nearest[name]:
                yield Disagreement(where, name, _text(row[name]), _text(nearest[name]))
    for row in left:
        yield Disagreement(f"{place} {'/'.join(row[name] for name in key)}", "row", _NOTHING, _row_text(row, key))


def _joined(rows: Iterable[Row]) -> list[Row]:
    """The rows, with those summed that differ in sums only; open lots besides by their basis per share."""
    sums: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        what = [value for name, value in row.items() if name not in _SUMMED or isinstance(value, bool)]
        what.append(row["basis_total"] / row["quantity"] if row.get("basis_total") and row["quantity"] else None)
        before = sums.setdefault(tuple(sorted(map(str, what))), {})
        for name, value in row.items():
            adds = name in before and name in _SUMMED and not isinstance(value, bool)
            before[name] = before[name] + value if adds else value
    return list(sums.values())


def _row_text(row: Row, key: Sequence[str]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in row.items() if name not in key)


def _text(value: Any) -> str:
    """A figure as decimal text where that is exact."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, Fraction):
        return str(value)
    digits = next((digits for digits in range(16) if (value * 10**digits).denominator == 1), None)
    return str(value) if digits is None else plain(Decimal(int(value * 10**digits)).scaleb(-digits))
