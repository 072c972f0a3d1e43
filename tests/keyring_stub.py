"""A keyring in memory, in the place of the library that speaks to that of the system."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

__all__ = ["Ring", "ring"]


class Ring:
    """A keyring, under the name of class and module that a test gives it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.backends: list[object] = []

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    module, ring = ModuleType("keyring"), Ring()
    module.get_keyring = lambda: ring  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return ring
