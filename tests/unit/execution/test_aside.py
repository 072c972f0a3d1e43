"""Journals of paper accounts that are no more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rebalkit.errors import JournalError
from rebalkit.execution.disk import journal_path, journals, open_journal
from rebalkit.execution.disk.aside import set_aside
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.events import Kind


def write() -> Path:
    with open_journal("scope", "main", lambda: dt.datetime(2026, 11, 25, tzinfo=dt.UTC), durable=False) as journal:
        journal.record(
            Kind.RUN_START, "run", account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={}, cash="0"
        )
    return journal_path("scope", "main")


def test_a_journal_that_was_put_aside_leaves_its_place_empty_and_stays() -> None:
    path = write()
    contents = path.read_bytes(), mirror_of(path).read_bytes()
    first = set_aside("scope", "main")
    assert journals() == []
    assert (first.read_bytes(), mirror_of(path).with_name(f"{mirror_of(path).name}.old-1").read_bytes()) == contents
    write()
    assert set_aside("scope", "main") != first
    assert first.read_bytes() == contents[0]


def test_a_journal_without_a_copy_is_put_aside_too() -> None:
    path = write()
    mirror_of(path).unlink()
    set_aside("scope", "main")
    assert not path.exists()


@pytest.mark.parametrize("taken", ["database", "lines"])
def test_nothing_that_was_put_aside_before_is_written_over(taken: str) -> None:
    path = write()
    file = path if taken == "database" else mirror_of(path)
    before = file.with_name(f"{file.name}.old-1")
    before.write_text("of long ago")
    set_aside("scope", "main")
    assert before.read_text() == "of long ago"
    assert not path.exists()
    assert len([one for one in path.parent.iterdir() if one.name.endswith(".old-2")]) == 2


def test_a_journal_that_is_held_is_not_put_aside() -> None:
    path = write()
    with (
        open_journal("scope", "main", lambda: dt.datetime(2026, 11, 25, tzinfo=dt.UTC), durable=False),
        pytest.raises(JournalError) as caught,
    ):
        set_aside("scope", "main")
    assert caught.value.place == str(path)
    assert path.exists()
