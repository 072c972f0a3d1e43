"""A person who tries E*TRADE for the first time, at the local server."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from commands import Ran, Shell
from etrade_server import EtradeServer
from rebalkit.places import state_folder

__all__ = ["PHRASE", "Person", "drilled", "notebook", "person", "placements", "seen"]

PHRASE = "BUY 1 SCHB AT 45.00"


class Person:
    """Types phrases, and is asked nothing else."""

    def __init__(self) -> None:
        self.types = PHRASE

    def prompt(self, text: str, **more: Any) -> str:
        assert text == "Phrase"
        return self.types


@pytest.fixture
def person(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Person:
    assert shell("login").code == 0
    person = Person()
    monkeypatch.setattr(click, "prompt", person.prompt)
    return person


def drilled(shell: Shell, *more: str) -> Ran:
    return shell("etrade", "drill", "--account", "main", "--json", *more)


def seen(ran: Ran) -> dict[str, str]:
    return {one["fact"]: one["seen"] for one in ran.document["seen"]}


def notebook() -> list[dict[str, Any]]:
    (path,) = (state_folder() / "etrade" / "drills").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def placements(server: EtradeServer) -> int:
    return sum(one.endswith("/orders/place.json") for one in server.paths())
