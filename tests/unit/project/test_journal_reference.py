"""The reference says all that a journal holds, and every error that it ends with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rebalkit.execution.events import Kind

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/journal.md").read_text(encoding="utf-8")

CODE = re.compile(r'(?<=code=")\w+(?=")|(?<=, ")journal_\w+(?="\))')


@pytest.mark.parametrize("kind", Kind)
def test_the_page_names_every_event(kind: Kind) -> None:
    assert f"`{kind.value}`" in PAGE


def test_the_page_names_every_error_of_the_files() -> None:
    files = [*(ROOT / "src/rebalkit/execution/disk").glob("*.py"), ROOT / "src/rebalkit/execution/journal.py"]
    codes = {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}
    assert len(codes) >= 8
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == ["read_only"], (
        "which only a caller from Python can meet"
    )
