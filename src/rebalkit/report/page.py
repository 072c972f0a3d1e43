"""A page of a terminal: paragraphs and tables as lines, and their way to the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rebalkit.report.columns import columns, folded

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Line", "Page", "draw", "plain"]

Line = list[tuple[str, str]]
"""Texts, each with its style."""

_ASCII = str.maketrans({"−": "-", "–": "-", "→": ">", "×": "x", "·": "|", "…": "~", "─": "-"})


class Page:
    """Lines, each of texts and their styles, in letters that the terminal has.

    Args:
        width: Columns of the terminal.
        encoding: Its encoding.
    """

    def __init__(self, width: int, encoding: str) -> None:
        self.width = width
        self.encoding = encoding.lower()
        self.lines: list[Line] = []

    def letters(self, words: str) -> str:
        """``words`` in letters that can be written."""
        # What asks for more than the encoding can write would stop the report in its middle.
        if self.encoding.startswith("utf"):
            return words
        return words.translate(_ASCII).encode(self.encoding, "replace").decode(self.encoding)

    def say(self, words: str, style: str = "", indent: int = 0) -> None:
        """A paragraph."""
        for line in folded(self.letters(words), self.width - indent):
            self.lines.append([(" " * indent, ""), (line, style)])

    def space(self) -> None:
        """An empty line."""
        self.lines.append([])

    def head(self, words: str) -> None:
        """The heading of a section."""
        self.space()
        self.say(words, "bold underline")

    def table(self, names: Sequence[str], rows: Iterable[Sequence[str]], indent: int = 0) -> None:
        """A table (see `columns`)."""
        cells = [[self.letters(cell) for cell in row] for row in rows]
        for line in columns(names, cells, self.width - indent):
            self.lines.append([(" " * indent, ""), *((self.letters(text), _tone(name, text)) for text, name in line)])


def plain(lines: Iterable[Line]) -> str:
    """``lines`` without colours."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def draw(lines: Iterable[Line], console: Console) -> None:
    """Print ``lines`` on ``console``. Colour only underlines what words and signs say."""
    from rich.text import Text  # A report without colours does without.

    page = Text(no_wrap=True, overflow="ignore")
    for number, line in enumerate(lines):
        page.append("\n" if number else "")
        for text, style in line:
            page.append(text, style or None)
    console.print(page, no_wrap=True, overflow="ignore", crop=False)


def _tone(name: str, cell: str) -> str:
    if name in ("#Gain", "#Gains", "#Losses", "#Sum"):
        return "green" if cell.startswith("+") else "red" if cell.startswith(("−", "-")) else ""
    return ""
