"""Books on disk: private, whole or not there, and in one hand at a time."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from paper_books import LOTS, NAME, QUOTES, TUESDAY, buy, paper_broker, sell, traded
from rebalkit.errors import BrokerError, DataError, UsageError
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, OpenOrder, OrderState, Quote, Refused, Side, Transaction
from rebalkit.model.history import Action
from rebalkit.places import state_folder
from rebalkit_paper import PaperBroker, PaperSettings, create_book, open_book, store
from rebalkit_paper.book import Book
from rebalkit_paper.store import change, list_books, load, path_of

posix = pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")


def test_a_book_comes_back_as_it_was_written() -> None:
    broker = paper_broker(partial=Decimal("0.5"), reject=("ZZZ",))
    traded(broker, buy("AAA", "3"))
    traded(broker, sell("AAA", "7", "150.00"))
    book = change(NAME, lambda book: book)
    again = open_book(NAME)
    assert again == book
    assert again.accounts[0].kind is AccountKind.TAXABLE
    assert again.orders[1].request.side is Side.SELL
    assert again.orders[1].state is OrderState.OPEN


@posix
def test_only_the_owner_reads_a_book() -> None:
    paper_broker()
    path = path_of(NAME)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, state_folder()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_state_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REBALKIT_HOME", str(tmp_path / "here"))
    assert state_folder() == tmp_path / "here"
    monkeypatch.setenv("REBALKIT_HOME", "")
    assert state_folder().name == "rebalkit"
    assert Path.home() in state_folder().parents


@pytest.mark.parametrize("name", ["", "..", "a/b", "a.b", "-a", "x" * 65, "a\n", "ü"])
def test_names_that_no_book_can_have(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        path_of(name)
    assert caught.value.code == "bad_book_name"


def test_a_missing_book_is_an_error_with_the_command_that_makes_it() -> None:
    paper_broker(name="other")
    broker = PaperBroker(PaperSettings("missing"))
    with pytest.raises(DataError) as caught:
        broker.accounts()
    assert caught.value.code == "no_such_book"
    assert "paper new missing" in caught.value.remedy
    assert "other" in caught.value.remedy
    with pytest.raises(DataError):
        change("missing", lambda book: book)
    assert list_books() == ["other"]


def edited(edit: Callable[[dict[str, Any]], object]) -> None:
    path = path_of(NAME)
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "other_version": lambda book: book.update(version=2),
    "bad_file-unknown-key": lambda book: book.update(more=1),
    "bad_file-missing-key": lambda book: book.pop("quotes"),
    "bad_file-number-for-money": lambda book: book["accounts"][0].update(settled=12.5),
    "bad_file-no-number": lambda book: book["accounts"][0]["lots"][0].update(quantity="many"),
    "bad_file-negative-lot": lambda book: book["accounts"][0]["lots"][0].update(quantity="-1"),
    "bad_file-state": lambda book: book["orders"][0].update(state="lost"),
    "bad_file-setting": lambda book: book["fills"].update(partial="2"),
    "bad_book-two-lots-of-a-name": lambda book: book["accounts"][0]["lots"].append(book["accounts"][0]["lots"][0]),
    "bad_book-no-account": lambda book: book.update(accounts=[], orders=[]),
    "bad_book-order-without-account": lambda book: book["orders"][0].update(account="none"),
    "bad_book-open-order-without-quote": lambda book: book["quotes"].pop("AAA"),
    "bad_book-reserved-lot-is-gone": lambda book: book["accounts"][0]["lots"].pop(1),
    "bad_book-settlement-missed": lambda book: book["accounts"][0]["pending"].append({"date": "2025-04-08", "amount": "1.00"}),
    "bad_book-half-a-cent": lambda book: book["accounts"][0].update(settled="0.005"),
    "bad_book-quote-from-the-future": lambda book: book["quotes"]["BBB"].update(date="2025-04-09"),
    "bad_book-renamed": lambda book: book.update(name="other"),
    "bad_book-overfilled": lambda book: book["orders"][0].update(filled="9"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_book_is_refused_and_left_alone(case: str) -> None:
    broker = paper_broker()
    traded(broker, sell("AAA", "5", "150.00", lots={"old": "5"}))
    change(NAME, lambda book: book)  # brings the order from the log into the file
    preview = broker.preview("main", buy("AAA", "1"))
    edited(BROKEN[case])
    damaged = path_of(NAME).read_bytes()
    with pytest.raises(DataError) as caught:
        load(NAME)
    assert caught.value.code == case.partition("-")[0]
    assert NAME in caught.value.place
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert path_of(NAME).read_bytes() == damaged


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\ud800"], ids=["empty", "cut", "list", "null", "no UTF-8"])
def test_a_file_that_is_no_book(text: str) -> None:
    paper_broker()
    path_of(NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DataError) as caught:
        load(NAME)
    assert caught.value.code == "bad_file"


def test_a_write_that_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = paper_broker()
    before = path_of(NAME).read_bytes()
    preview = broker.preview("main", buy("AAA", "1"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "book_not_written"
    assert "No space left" in answer.message
    assert path_of(NAME).read_bytes() == before
    assert {path.suffix for path in path_of(NAME).parent.iterdir()} == {".json", ".lock"}


def test_an_action_that_raises_changes_nothing() -> None:
    paper_broker()
    before = path_of(NAME).read_bytes()

    def failing(book: Book) -> Book:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change(NAME, failing)
    assert path_of(NAME).read_bytes() == before


def test_a_book_in_another_hand_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = paper_broker()
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    preview = broker.preview("main", buy("AAA", "1"))

    def placing_meanwhile(book: Book) -> Book:
        answer = broker.place("main", preview)
        assert isinstance(answer, Refused)
        assert answer.code == "book_busy"
        with pytest.raises(BrokerError):
            change(NAME, lambda book: book)
        return book

    change(NAME, placing_meanwhile)
    assert broker.place("main", preview)


def test_many_processes_lose_no_change() -> None:
    """Each adds a dollar to the same account ten times; a lost update would be missing in the sum."""
    paper_broker(cash="0.00")
    script = (
        "from decimal import Decimal\nfrom rebalkit_paper.cash import deposited\nfrom rebalkit_paper.store import change\n"
        f"for _ in range(10):\n    change({NAME!r}, lambda book: deposited(book, 'main', Decimal(1)))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert load(NAME).account("main").settled == 40


def test_the_broker_sees_what_others_write() -> None:
    one, other = paper_broker(), PaperBroker(PaperSettings(NAME))
    assert other.snapshot("main").cash.total == 1000
    traded(one, buy("AAA", "1"))
    assert other.snapshot("main").cash.total == 900


def test_a_book_is_replaced_only_when_that_is_meant() -> None:
    paper_broker()
    accounts = [AccountSnapshot("main", AccountKind.TAXABLE, Cash(Decimal(5)))]
    with pytest.raises(UsageError) as caught:
        create_book(NAME, accounts, {}, TUESDAY)
    assert caught.value.code == "book_exists"
    assert "--force" in caught.value.remedy
    assert create_book(NAME, accounts, {}, TUESDAY, overwrite=True).accounts[0].settled == 5


def test_a_new_book_does_not_reuse_the_names_of_lots_and_orders() -> None:
    lots = (Lot("paper-7", "AAA", Decimal(1), dt.date(2025, 1, 2), Decimal(1)), *LOTS)
    past = [Transaction("main", dt.date(2025, 1, 2), Action.BUY, "AAA", Decimal(1), Decimal(1), order="paper-11", lot="paper-7")]
    account = AccountSnapshot("main", AccountKind.TAXABLE, Cash(Decimal(1000), Decimal(50)), lots)
    book = create_book(NAME, [account], QUOTES, TUESDAY, transactions=past, history_from={"main": dt.date(2025, 1, 1)})
    broker = PaperBroker(PaperSettings(NAME))
    assert traded(broker, buy("AAA", "1")).order == "paper-12"
    assert broker.history_from("main") == dt.date(2025, 1, 1)
    assert [one.date for one in book.accounts[0].pending] == [dt.date(2025, 4, 9)]
    assert [one.order for one in broker.transactions("main", dt.date(2025, 1, 2))] == ["paper-11", "paper-12"]
    assert [one.order for one in broker.transactions("main", dt.date(2025, 1, 3))] == ["paper-12"]


def test_a_new_book_takes_nothing_that_does_not_fit() -> None:
    account = AccountSnapshot("main", AccountKind.TAXABLE, Cash(Decimal(5)))
    waiting = evolve(account, open_orders=(OpenOrder("1", Side.BUY, "AAA", Decimal(1)),))
    future = {"AAA": Quote("AAA", Decimal(1), Decimal(1), dt.date(2025, 4, 9))}
    fine = evolve(account, cash=Cash(Decimal("0.001")))
    for accounts, quotes, day in [
        ([waiting], {}, TUESDAY),
        ([account], future, TUESDAY),
        ([fine], {}, TUESDAY),
        ([], {}, TUESDAY),
    ]:
        with pytest.raises(DataError):
            create_book(NAME, accounts, quotes, day)
    with pytest.raises(DataError) as caught:
        create_book(NAME, [account], {}, dt.date(2200, 1, 1))
    assert caught.value.code == "date_outside_calendar"
    assert list_books() == []
