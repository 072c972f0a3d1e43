"""The page of the reference names every file, column and word that is read, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from rebalkit.brokers.files.formats import FORMATS
from rebalkit.model import AccountKind, Action

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "files-broker.md").read_text(encoding="utf-8")


def test_the_page_has_every_column_in_order() -> None:
    for format in FORMATS:
        section = re.split(r"^##", PAGE.split(f"### {format.file}\n")[1], maxsplit=1, flags=re.M)[0]
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.M)
        assert [name for name, _ in rows] == [column.name for column in format.columns]
        either = {name for names in format.either for name in names}
        for column, (_, said) in zip(format.columns, rows, strict=True):
            if column.name not in either:
                assert said.startswith("required" if column.required else "optional"), column.name


def test_the_page_has_every_kind_and_action() -> None:
    for words, column in ((AccountKind, "kind"), (Action, "action")):
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{column}` |"))
        assert re.findall(r"`(\w+)`", row)[1:] == [str(word) for word in words]
