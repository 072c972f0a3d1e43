"""What one test conceals must not change what the next one reads."""

from __future__ import annotations

import pytest

from rebalkit.secrets import concealing, references


@pytest.fixture(autouse=True)
def _nothing_concealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concealing, "_pattern", None)
    monkeypatch.setattr(concealing, "_forms", set())
    monkeypatch.setattr(concealing, "_waiting", [])
    monkeypatch.setattr(references, "_taken", {})
