"""A shell in the folder of the test."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Shell
from rebalkit.sample import sample_folder


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    shutil.copytree(sample_folder(), "account", ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.md"))
    Path("account/targets.toml").rename("targets.toml")
    thresholds = gc.get_threshold()  # commands change them for their process
    yield Shell(capsys)
    gc.set_threshold(*thresholds)
