"""What one test conceals or logs must not change what the next one reads."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from rebalkit.logs import TALKATIVE
from rebalkit.secrets import concealing, references

__all__ = ["nothing_concealed"]


@pytest.fixture(autouse=True)
def nothing_concealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(concealing, "_pattern", None)
    monkeypatch.setattr(concealing, "_forms", set())
    monkeypatch.setattr(concealing, "_waiting", [])
    monkeypatch.setattr(references, "_taken", {})
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET)
