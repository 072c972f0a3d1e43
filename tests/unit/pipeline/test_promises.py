"""Promises on disk: private, whole, and heeded by whom they bind."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import subprocess
import sys
from typing import Any

import pytest
from attrs import evolve

from rebalkit.errors import DataError, JournalError
from rebalkit.model import Action, Promise, Transaction
from rebalkit.model.promises import unseen
from rebalkit.pipeline import promises as store
from rebalkit.pipeline.promises import HOUSEHOLD, Scope, all_promises, drop_promise, promises_file, remembered, scope_of
from rebalkit.pipeline.request import Source
from rebalkit.places import alone_at, state_folder
from rebalkit.registry import Registry

SOLD = dt.date(2025, 4, 8)
posix = pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")


def promise(name: str = "plan-1", sold: dt.date = SOLD, **changes: Any) -> Promise:
    days = {"through": sold + dt.timedelta(days=30), "free_from": sold + dt.timedelta(days=31)}
    made = Promise(name, ("IVV", "VOO"), "main", sold, quantity="10.5", loss="1234.56", plan_id="0123456789ab", **days)
    return evolve(made, **changes)


def test_what_is_kept_comes_back_and_a_promise_of_the_same_name_takes_its_place() -> None:
    assert HOUSEHOLD.load() == ()
    HOUSEHOLD.keep([promise("a"), promise("b")], SOLD)
    HOUSEHOLD.keep([promise("b", quantity=3)], SOLD)
    assert HOUSEHOLD.load() == (promise("a"), promise("b", quantity=3))


def test_what_ended_more_than_a_month_ago_is_forgotten_when_something_is_kept() -> None:
    """A purchase of its last day may be on record a statement later only."""
    HOUSEHOLD.keep([promise("old")], SOLD)
    HOUSEHOLD.keep([promise("new", SOLD + dt.timedelta(days=61))], SOLD + dt.timedelta(days=61))
    assert [one.promise for one in HOUSEHOLD.load()] == ["old", "new"]
    HOUSEHOLD.keep([promise("newer", SOLD + dt.timedelta(days=62))], SOLD + dt.timedelta(days=62))
    assert [one.promise for one in HOUSEHOLD.load()] == ["new", "newer"]


def test_scopes_do_not_see_each_other() -> None:
    paper = Scope("paper: book=demo")
    paper.keep([promise("a")], SOLD)
    HOUSEHOLD.keep([promise("b")], SOLD)
    assert (paper.load(), HOUSEHOLD.load()) == ((promise("a"),), (promise("b"),))
    paper.drop(["a", "b"])
    assert all_promises() == {"household": (promise("b"),)}


def test_a_promise_is_dropped_wherever_it_is_kept() -> None:
    Scope("paper: book=demo").keep([promise("a")], SOLD)
    assert drop_promise("b") is None
    assert drop_promise("a") == promise("a")
    assert all_promises() == {}


def test_nothing_to_keep_writes_nothing() -> None:
    HOUSEHOLD.keep([], SOLD)
    HOUSEHOLD.drop([])
    assert not state_folder().exists()


@pytest.mark.parametrize(
    ("days", "binds", "told"),
    [(-1, False, False), (0, True, True), (30, True, True), (31, False, True), (61, False, True), (62, False, False)],
)
def test_a_promise_binds_from_its_sale_through_its_last_day_and_is_told_for_a_month_more(
    days: int, binds: bool, told: bool
) -> None:
    day = SOLD + dt.timedelta(days=days)
    assert promise().in_force(day) == binds
    assert remembered([promise()], day, None) == ((promise(),) if told else ())


def test_where_the_history_is_complete_a_promise_without_its_sale_does_not_bind() -> None:
    """As of an account on paper that was made anew under the same name."""
    sale = Transaction("main", SOLD, Action.SELL, "VOO", 20, 100)
    assert remembered([promise()], SOLD, [sale]) == (promise(),)
    others = [
        evolve(sale, action=Action.BUY),
        evolve(sale, account="ira"),
        evolve(sale, symbol="SPY"),
        evolve(sale, date=SOLD - dt.timedelta(1)),
    ]
    assert remembered([promise()], SOLD, others) == ()


def test_where_the_history_is_complete_a_promise_reaches_no_further_than_its_sales() -> None:
    """The rest of an order that filled in part was cancelled, or rests and is seen as an open order."""
    part = Transaction("main", SOLD, Action.SELL, "VOO", "2.1", 100)
    assert remembered([promise()], SOLD, [part]) == (promise(quantity="2.1", loss="246.92"),)


def test_what_the_record_shows_of_a_sale_leaves_the_rest_of_its_promise() -> None:
    """Its part of the loss is rounded up."""
    one = Transaction("main", SOLD, Action.SELL, "VOO", "3.5", 100)
    other = evolve(one, symbol="IVV", quantity=1)
    assert unseen([promise()], [one, other, evolve(one, account="ira")]) == (promise(quantity=6, loss="705.47"),)
    assert unseen([promise()], [evolve(one, quantity=11)]) == ()


def test_one_sale_is_not_that_of_two_promises() -> None:
    sale = Transaction("main", SOLD, Action.SELL, "VOO", "10.5", 100)
    assert unseen([promise("a"), promise("b")], [sale]) == (promise("b"),)


def test_real_money_shares_one_scope_and_each_paper_book_has_its_own() -> None:
    registry = Registry.load(plugins=False)
    assert (
        scope_of(registry, Source("files", {"folder": "a"})) == scope_of(registry, Source("files", {"folder": "b"})) == HOUSEHOLD
    )
    assert scope_of(registry, Source("paper", {"book": "demo"})).name == "paper: book=demo"
    assert scope_of(registry, Source("paper")) == scope_of(registry, Source("paper", {"book": "default"}))


@posix
def test_only_the_owner_reads_promises() -> None:
    HOUSEHOLD.keep([promise()], SOLD)
    assert stat.S_IMODE(promises_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(state_folder().stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_file"),
        ("[]", "bad_file"),
        ("{}", "bad_file"),
        ('{"version": 2, "scopes": {}}', "other_version"),
        ('{"version": 1, "scopes": {"household": [{}]}}', "bad_file"),
        ('{"version": 1, "scopes": {}, "more": 1}', "bad_file"),
        ("\udc80", "bad_file"),
    ],
)
def test_a_damaged_file_is_an_error_and_stays_as_it_is(text: str, code: str) -> None:
    HOUSEHOLD.keep([promise()], SOLD)
    damaged = text.encode(errors="surrogateescape")
    promises_file().write_bytes(damaged)
    for action in (HOUSEHOLD.load, lambda: HOUSEHOLD.keep([promise()], SOLD), lambda: drop_promise("plan-1")):
        with pytest.raises(DataError) as caught:
            action()
        assert (caught.value.code, caught.value.place) == (code, str(promises_file()))
        assert caught.value.remedy
    assert promises_file().read_bytes() == damaged


@pytest.mark.parametrize(
    "changes",
    [{"quantity": "0"}, {"loss": "-1"}, {"group": []}, {"through": "2025-05-10"}, {"sold": "2025-06-01"}, {"loss": 1.5}],
    ids=str,
)
def test_a_promise_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    HOUSEHOLD.keep([promise()], SOLD)
    document = json.loads(promises_file().read_text())
    document["scopes"]["household"][0].update(changes)
    promises_file().write_text(json.dumps(document))
    with pytest.raises(DataError):
        HOUSEHOLD.load()


def test_a_write_that_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    HOUSEHOLD.keep([promise("a")], SOLD)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(JournalError, match="No space left"):
            HOUSEHOLD.keep([promise("b")], SOLD)
    assert HOUSEHOLD.load() == (promise("a"),)
    assert sorted(path.name for path in state_folder().iterdir()) == ["promises.json", "promises.lock"]


def test_a_file_in_another_hand_is_waited_for_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    with alone_at(promises_file(), 1), pytest.raises(JournalError, match="another process"):
        HOUSEHOLD.keep([promise()], SOLD)
    HOUSEHOLD.keep([promise()], SOLD)


def test_two_processes_at_once_lose_nothing() -> None:
    code = (
        "import sys, datetime as dt\n"
        "from rebalkit.model import Promise\n"
        "from rebalkit.pipeline.promises import HOUSEHOLD\n"
        "day = dt.date(2025, 4, 8)\n"
        "for n in range(25):\n"
        "    one = Promise(f'{sys.argv[1]}-{n}', ('IVV',), 'main', day, day + dt.timedelta(30), day + dt.timedelta(31), 1, 1, 'x')\n"
        "    HOUSEHOLD.keep([one], day)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("a", "b")]
    assert [process.wait() for process in running] == [0, 0]
    assert {one.promise for one in HOUSEHOLD.load()} == {f"{name}-{n}" for name in "ab" for n in range(25)}
