"""The chain of events in memory: what is taken in, what is written, and what is noticed when something else comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import evolve

from concealed import nothing_concealed
from rebalkit.errors import JournalError
from rebalkit.execution.events import START, Event, Kind, bound, canonical
from rebalkit.execution.journal import Journal
from rebalkit.secrets import Secret
from rebalkit.secrets.concealing import HIDDEN

__all__ = ["nothing_concealed"]

MOMENT = dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)
BEGIN: dict[str, Any] = {
    "account": "main", "live": False, "folder": "", "as_of": "2026-11-25", "orders": [], "positions": {}, "cash": "0",
}  # fmt: skip


def now() -> dt.datetime:
    return MOMENT


class Kept:
    """A store in memory that fails when it is told to."""

    def __init__(self, *events: Event) -> None:
        self.kept = list(events)
        self.failure: BaseException | None = None
        self.asked = 0

    def events(self) -> Sequence[Event]:
        return list(self.kept)

    def append(self, event: Event) -> None:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        self.kept.append(event)


def whole_run(run: str = "run") -> Kept:
    store = Kept()
    journal = Journal(store, now)
    journal.record(Kind.RUN_START, run, **BEGIN)
    for kind in (Kind.APPROVED, Kind.SELLING, Kind.CASH_READ, Kind.BALANCED):
        journal.record(kind, run)
    journal.record(Kind.RUN_END, run, end="converged")
    return store


def test_an_empty_journal_has_no_events() -> None:
    journal = Journal(Kept(), now)
    assert (journal.count, journal.head, journal.state.runs) == (0, START, {})


def test_a_reason_that_quotes_a_secret_is_kept_without_it(nothing_concealed: None) -> None:
    store = Kept()
    journal = Journal(store, now)
    journal.record(Kind.RUN_START, "run", **BEGIN)
    Secret("hush-hush-7")
    journal.record(Kind.STOP, "run", code="broker", reason="the token hush-hush-7 is no good")
    assert store.kept[-1].body["reason"] == f"the token {HIDDEN} is no good"


def test_events_are_numbered_dated_and_bound_to_the_one_before() -> None:
    events = whole_run().kept
    assert [one.seq for one in events] == [1, 2, 3, 4, 5, 6]
    assert {one.at for one in events} == {"2026-11-25T15:00:00+00:00"}
    assert [one.previous for one in events] == [START, *(one.hash for one in events[:-1])]
    assert all(one.genuine for one in events)
    assert len({one.hash for one in events}) == 6


def test_a_journal_that_is_read_again_is_where_it_was() -> None:
    store = whole_run()
    read = Journal(store, now)
    assert (read.count, read.head) == (6, store.kept[-1].hash)
    assert read.state.runs["run"].end == "converged"
    read.record(Kind.RUN_START, "next", **BEGIN)
    assert (read.count, store.kept[-1].previous) == (7, store.kept[5].hash)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: {"seq": one.seq + 1},
        lambda one: {"at": "2026-11-25T15:00:01+00:00"},
        lambda one: {"run": "other"},
        lambda one: {"kind": Kind.RESUME},
        lambda one: {"leg": 0},
        lambda one: {"client_id": "A"},
        lambda one: {"body": {**one.body, "more": "x"}},
        lambda one: {"previous": "f" * 64},
        lambda one: {"hash": "f" * 64},
    ],
)
@pytest.mark.parametrize("place", range(6))
def test_f066_a_change_to_any_field_of_any_event_is_noticed(place: int, change: Callable[[Event], dict[str, Any]]) -> None:
    store = whole_run()
    store.kept[place] = evolve(store.kept[place], **change(store.kept[place]))
    with pytest.raises(JournalError, match=rf"event \d is not the one that was written after event {place}") as caught:
        Journal(store, now)
    assert caught.value.code == "journal_damaged"
    assert "rebalkit journal verify" in caught.value.remedy


@pytest.mark.parametrize("place", range(5))
def test_f066_an_event_that_is_missing_twice_there_or_in_another_place_is_noticed(place: int) -> None:
    events = whole_run().kept
    swapped = [*events[:place], events[place + 1], events[place], *events[place + 2 :]]
    for changed in (events[:place] + events[place + 1 :], events[: place + 1] + events[place:], swapped):
        with pytest.raises(JournalError) as caught:
            Journal(Kept(*changed), now)
        assert caught.value.code == "journal_damaged"


@pytest.mark.parametrize(("previous", "seq"), [("f" * 64, 7), (None, 8)])
def test_f066_an_event_whose_own_hash_is_right_must_be_the_next_one_too(previous: str | None, seq: int) -> None:
    store = whole_run()
    store.kept.append(bound(previous or store.kept[-1].hash, seq, MOMENT.isoformat(), "next", Kind.RUN_START, None, None, BEGIN))
    with pytest.raises(JournalError, match=rf"event {seq} is not the one that was written after event 6"):
        Journal(store, now)


def test_an_event_that_cannot_be_is_not_written_and_the_journal_goes_on() -> None:
    store = whole_run()
    journal = Journal(store, now)
    with pytest.raises(JournalError) as caught:
        journal.record(Kind.APPROVED, "run")
    assert caught.value.code == "illegal_transition"
    assert store.asked == 6
    journal.record(Kind.RUN_START, "next", **BEGIN)
    assert store.asked == journal.count == 7


@pytest.mark.parametrize("failure", [JournalError("the disk is full", code="journal_not_written"), KeyboardInterrupt()])
def test_f062_f064_after_a_failure_to_write_nothing_is_written_any_more(failure: BaseException) -> None:
    """Not even when the disk has room again: what the failed write left there is not known."""
    store = whole_run()
    journal = Journal(store, now)
    store.failure = failure
    with pytest.raises(type(failure)):
        journal.record(Kind.RUN_START, "next", **BEGIN)
    store.failure = None
    with pytest.raises(JournalError) as caught:
        journal.record(Kind.APPROVED, "next")
    assert caught.value.code == "journal_closed"
    assert (store.asked, journal.count, journal.head) == (7, 6, store.kept[-1].hash)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**BEGIN, "orders": 1},
        {**BEGIN, "orders": [{}]},
        {**BEGIN, "cash": "much"},
        {**BEGIN, "as_of": "today"},
        {**BEGIN, "positions": []},
    ],
)
def test_an_event_with_a_right_hash_that_lacks_what_its_kind_has_is_noticed(body: dict[str, Any]) -> None:
    with pytest.raises(JournalError, match="event 1 lacks what an event run_start has") as caught:
        Journal(Kept(bound(START, 1, MOMENT.isoformat(), "run", Kind.RUN_START, None, None, body)), now)
    assert caught.value.code == "journal_damaged"


def test_the_words_of_a_broker_need_not_be_proper_unicode() -> None:
    store = Kept()
    journal = Journal(store, now)
    journal.record(Kind.RUN_START, "run", **BEGIN)
    journal.record(Kind.STOP, "run", code="broker", reason="half a letter \ud83d, Zürich, \x00")
    assert Journal(store, now).state.runs["run"].stopped == "half a letter \ud83d, Zürich, \x00"
    assert canonical(store.kept[1].body).isascii()


def test_a_number_that_json_has_not_is_refused_before_anything_is_written() -> None:
    store = Kept()
    with pytest.raises(ValueError, match="not JSON compliant"):
        Journal(store, now).record(Kind.RUN_START, "run", **{**BEGIN, "cash": float("nan")})
    assert not store.asked


def test_hashes_do_not_depend_on_the_order_of_keys() -> None:
    one = bound(START, 1, "", "run", Kind.STOP, None, None, {"code": "a", "reason": {"x": 1, "y": 2}})
    other = bound(START, 1, "", "run", Kind.STOP, None, None, {"reason": {"y": 2, "x": 1}, "code": "a"})
    assert one.hash == other.hash


def test_hashes_are_those_of_the_reference() -> None:
    """Worked out by hand from the description in the reference, so that other programs can verify a journal."""
    import hashlib

    rest = '[1,"2026-11-25T15:00:00+00:00","run","stop",null,null,{"code":"a","reason":"b"}]'
    assert START == 64 * "0"
    event = bound(START, 1, MOMENT.isoformat(), "run", Kind.STOP, None, None, {"reason": "b", "code": "a"})
    assert event.hash == hashlib.sha256((START + rest).encode()).hexdigest()


def test_what_was_traded_is_not_in_the_representation_of_an_event() -> None:
    assert "secret" not in repr(bound(START, 1, "", "run", Kind.STOP, None, None, {"reason": "secret"}))
