"""Tables of plain text in columns.

A terminal report has hundreds of cells. Laid out here and printed as one text, a table costs a tenth of what a table of the
terminal library costs, which measures and wraps each cell by itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

__all__ = ["columns", "folded"]

_TIGHTER = ((3, 14), (2, 14), (1, 14), (1, 10))
"""Columns between two cells, and below which a column of words is not folded: tried in turn until a table fits."""
_LONGEST_WORD = 24
"""Words up to this are not cut for the sake of other columns."""

Piece = tuple[str, str]
"""A text and the name of its column; the name is empty for what belongs to no cell."""


def columns(names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[list[Piece]]:
    """The lines of a table: names, a rule, and the rows, each line as the pieces that it is made of.

    Args:
        names: Headings. One that starts with # heads numbers, which stand right; the marks # and ~ are not shown.
        rows: Cells, as many in each row as there are names.
        width: Columns of the terminal. Where the table is wider, its widest columns of words are folded and its columns move
            together; where that is not enough, each row becomes a list of its cells that hold something, for a number is never cut or folded.
    """
    shown = [name.lstrip("#~") for name in names]
    widths = [max(map(cell_len, column)) for column in zip(shown, *rows, strict=True)]
    for gap, narrowest in _TIGHTER:
        fitting = _folded_widths(names, rows, widths, width - gap * (len(names) - 1), narrowest)
        if fitting is not None:
            break
    else:
        yield from _stacked(shown, names, rows, width)
        return
    yield from _lines(shown, names, fitting, gap)
    yield [("─" * (sum(fitting) + gap * (len(names) - 1)), "")]
    for row in rows:
        yield from _lines(row, names, fitting, gap)


def _folded_widths(
    names: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], width: int, narrowest: int
) -> list[int] | None:
    """``widths`` with the widest columns of words folded until all fit into ``width``; None when they cannot."""
    fitting = list(widths)
    over = sum(fitting) - width
    if over <= 0:
        return fitting
    least = {
        number: max(
            narrowest, min(_LONGEST_WORD, max((cell_len(word) for row in rows for word in row[number].split()), default=0))
        )
        for number, name in enumerate(names)
        if not name.startswith("#")
    }
    while over > 0:
        foldable = [number for number, lowest in least.items() if fitting[number] > lowest]
        if not foldable:
            return None
        widest = max(foldable, key=fitting.__getitem__)
        room = min(over, fitting[widest] - least[widest])
        fitting[widest] -= room
        over -= room
    return fitting


def _lines(row: Sequence[str], names: Sequence[str], widths: Sequence[int], gap: int) -> Iterator[list[Piece]]:
    cells = [folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells))):
        pieces: list[Piece] = []
        for column, (lines, name, width) in enumerate(zip(cells, names, widths, strict=True)):
            if column:
                pieces.append((" " * gap, ""))
            text = lines[number] if number < len(lines) else ""
            pad = " " * (width - cell_len(text))
            last = column == len(names) - 1
            pieces += [(pad, ""), (text, name)] if name.startswith("#") else [(text, name), ("" if last else pad, "")]
        yield pieces


def _stacked(shown: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[list[Piece]]:
    for number, row in enumerate(rows):
        if number:
            yield [("", "")]
        for name, head, cell in zip(names, shown, row, strict=True):
            if not cell:
                continue
            first, *more = folded(f"{head}: {cell}", width)
            yield [(first, name)]
            for line in more:
                yield [(line, name)]


def folded(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, at least one line; words are cut only where they are wider than a line."""
    if cell_len(text) <= width:
        return [text]
    lines = textwrap.wrap(text, max(1, width), break_on_hyphens=False) or [""]
    # A wide letter takes two columns; what is still too long is cut by half until it fits or is one letter.
    while any(_too_long(line, width) for line in lines):
        lines = [part for line in lines for part in (textwrap.wrap(line, len(line) // 2) if _too_long(line, width) else [line])]
    return lines


def _too_long(line: str, width: int) -> bool:
    return len(line) > 1 and cell_len(line) > width
