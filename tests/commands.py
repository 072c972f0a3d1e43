"""Commands run in the process of the test, in a folder with a copy of the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from rebalkit.cli import main

__all__ = ["DAY", "Ran", "Shell", "edit", "files_below", "newest_run"]

DAY = "2025-04-08"


@frozen
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands in the folder of the test, which holds a copy of the sample in ``account`` and its targets."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([*arguments])
        out, err = self._capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return Ran(caught.value.code, out, err)

    def plan(self, *more: str) -> Ran:
        return self("plan", "--from", "account", "--targets", "targets.toml", "--as-of", DAY, *more)


def newest_run() -> Path:
    return max(Path("runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)


def edit(name: str, old: str, new: str) -> None:
    path = Path(name)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def files_below(folder: Path = Path()) -> dict[Path, bytes]:
    """Every file below ``folder`` with what is in it, hidden ones included."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
