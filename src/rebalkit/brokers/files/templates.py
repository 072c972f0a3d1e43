"""An empty folder to fill in: the four files with their headers, and a page that says what goes into them."""

from __future__ import annotations

from pathlib import Path

from rebalkit.brokers.files.formats import FORMATS, Format
from rebalkit.brokers.files.publish import add_files

__all__ = ["template_texts", "write_templates"]

# The header has every column but these: a price is what most people have.
_LEFT_OUT = {"bid", "ask"}

_TOP = """\
This folder describes your accounts to rebalkit. Fill in the CSV files in a text editor or a spreadsheet; keep the first line of
each, and save as CSV (UTF-8) with commas. Empty lines and columns of other names are ignored. Dates are YYYY-MM-DD. Amounts are in
USD, such as 1234.56 or "1,234.56". Anything that could be read in two ways is refused, with its line and column.
"""


def _header(format: Format) -> str:
    names = [column.name for column in format.columns if column.name not in _LEFT_OUT]
    return ",".join(names) + "\n"


def _explained(format: Format) -> str:
    lines = [f"\n{format.file}\n"]
    for column in format.columns:
        mark = "" if column.required else " (may be left out)"
        lines.append(f"  {column.name}{mark}: {column.meaning}\n")
    lines.append(f"  A row: {format.example}\n")
    return "".join(lines)


def template_texts() -> dict[str, str]:
    """The text of each template by its file name."""
    texts = {format.file: _header(format) for format in FORMATS}
    texts["README.txt"] = _TOP + "".join(_explained(format) for format in FORMATS)
    return texts


def write_templates(folder: Path) -> None:
    """Write the templates into ``folder``, all or none; it is made if need be.

    Raises:
        UsageError: One of them is already there, or the folder cannot be written.
    """
    add_files(folder, template_texts())
