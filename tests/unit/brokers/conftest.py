"""A folder of files to spoil."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from rebalkit.brokers.files import Contents, read_folder

TODAY = dt.date(2025, 4, 8)
GOOD = {
    "accounts.csv": "account,kind,cash\nmain,taxable,1000.00\nira,roth,\n",
    "lots.csv": "account,lot,symbol,quantity,acquired,cost\nmain,a,VOO,10,2024-03-01,4700.00\nira,a,BND,2.5,,\n",
    "prices.csv": "symbol,price\nVOO,470.25\nBND,72.10\n",
    "transactions.csv": "account,date,action,symbol,quantity,price,fees\nmain,2024-03-01,buy,VOO,10,470.00,\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``me`` below the working directory that reads without a problem."""
    monkeypatch.chdir(tmp_path)
    root = Path("me")
    root.mkdir()
    for name, text in GOOD.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def read(folder: Path) -> Callable[..., Contents]:
    """Reads the folder after some of its files were replaced: ``read(lots="…")``; a str is written as UTF-8."""

    def read_with(**files: str | bytes) -> Contents:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / f"{name}.csv").write_bytes(data)
        return read_folder(str(folder), TODAY)

    return read_with
