"""Tables in columns: right in every line, folded only where they must be, and no letter lost."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rebalkit.report.columns import columns

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z", "M")), max_size=12)
WORDS = st.lists(TEXT, max_size=6).map(" ".join)


def lines(names: list[str], rows: list[list[str]], width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in columns(names, rows, width)]


def test_numbers_stand_right_and_words_left() -> None:
    assert lines(["Name", "#USD"], [["a", "1.00"], ["longer", "12,345.00"]], 80) == [
        "Name           USD",
        "──────────────────",
        "a             1.00",
        "longer   12,345.00",
    ]


def test_a_table_without_rows_has_its_head() -> None:
    assert lines(["Name", "#USD"], [], 80) == ["Name   USD", "──────────"]


def test_words_fold_and_numbers_never() -> None:
    folded = lines(["What", "#USD"], [["one two three four five six", "12,345.00"]], 30)
    assert folded[2] == "one two three four   12,345.00"
    assert folded[3].rstrip() == "five six"


def test_columns_move_together_before_a_table_becomes_a_list() -> None:
    rows = [["one two three", "12,345.00", "−1,000.00", "2025-03-04"]]
    names = ["What", "#USD", "#Gain", "Sold"]
    assert [lines(names, rows, width)[2:] for width in (50, 49, 46)] == [
        ["one two three   12,345.00   −1,000.00   2025-03-04"],
        ["one two three  12,345.00  −1,000.00  2025-03-04"],
        ["one two three 12,345.00 −1,000.00 2025-03-04"],
    ]
    assert [line.rstrip() for line in lines(names, rows, 43)[2:]] == ["one two      12,345.00 −1,000.00 2025-03-04", "three"]
    assert lines(names, rows, 40)[0] == "What: one two three"


def test_a_list_of_cells_leaves_empty_ones_out() -> None:
    assert lines(["What", "#Proceeds", "#Basis", "Code"], [["Total", "1,234,567.00", "1,234,567.00", ""]], 30) == [
        "What: Total",
        "Proceeds: 1,234,567.00",
        "Basis: 1,234,567.00",
    ]


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), max_size=5), st.integers(1, 120))
def test_every_letter_is_shown_and_all_lines_of_words_fit(rows: list[list[str]], width: int) -> None:
    names = ["A", "#B", "~C"]
    shown = lines(names, rows, width)
    assert not Counter("".join(cell for row in rows for cell in row).replace(" ", "")) - Counter("".join(shown))
    numbers = max([1, *(cell_len(row[1]) for row in rows)])
    assert all(cell_len(line.rstrip()) <= max(width, 16 + 3 + numbers + 3 + 16) for line in shown)
