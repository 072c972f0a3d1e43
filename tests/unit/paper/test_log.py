"""The log beside a book: an order is there once it was answered, whatever fails; what is not as it was written is refused."""

from __future__ import annotations

import datetime as dt
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve

from paper_books import LOTS, NAME, TUESDAY, buy, paper_broker, sell, traded
from rebalkit.errors import DataError
from rebalkit.model import OrderState, Placed, Quote, Refused, Unknown
from rebalkit.plugin import ReadsPart, TellsTime
from rebalkit_paper import PaperBroker, PaperSettings, kept, open_book, sanity, store
from rebalkit_paper.book import Book
from rebalkit_paper.days import with_quotes
from rebalkit_paper.store import change, opened, path_of


def again() -> PaperBroker:
    """A broker that has seen nothing yet."""
    return PaperBroker(PaperSettings(NAME))


def ids(broker: PaperBroker) -> list[str]:
    return [one.order for one in broker.orders("main", dt.date.min)]


def log_of() -> Path:
    return opened(NAME).log


def not_allowed(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def three_orders() -> PaperBroker:
    broker = paper_broker(partial="0.5")
    traded(broker, sell("AAA", "4", lots={"old": "2", "new": "2"}))
    waiting = traded(broker, buy("BBB", "4", "10.00"))
    broker.cancel("main", waiting.order)
    return broker


def test_an_order_leaves_the_file_of_the_book_alone_and_is_one_line_in_its_log() -> None:
    broker = paper_broker()
    before = path_of(NAME).read_bytes()
    for number in range(1, 4):
        traded(broker, buy("BBB", "1"))
        assert len(log_of().read_bytes().splitlines()) == number
    assert path_of(NAME).read_bytes() == before
    assert ids(again()) == ids(broker) == ["paper-1", "paper-2", "paper-3"]


def test_a_log_cut_at_any_byte_has_all_whole_lines_and_takes_orders_again() -> None:
    three_orders()
    log = log_of()
    whole = log.read_bytes()
    books = [open_book(NAME)]
    for cut in range(len(whole) - 1, -1, -1):
        log.write_bytes(whole[:cut])
        book = open_book(NAME)
        lines = whole[:cut].count(b"\n")
        assert (len(book.orders), len(book.transactions)) == ([0, 1, 2, 2][lines], [0, 1, 2, 2][lines])
        if book != books[-1]:
            books.append(book)
        if cut % 50 == 0:  # a torn line is overwritten by the next one
            traded(again(), buy("BBB", "1"))
            assert len(ids(again())) == len(book.orders) + 1
    assert len(books) == 4


def test_a_bit_that_flips_anywhere_in_a_log_is_found_with_its_line() -> None:
    three_orders()
    log = log_of()
    whole = log.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        log.write_bytes(damaged)
        with pytest.raises(DataError) as caught:
            open_book(NAME)
        assert caught.value.code == "bad_log"
        line = whole[:place].count(b"\n") + 1
        assert caught.value.place == f"{log}:{line}"


@pytest.mark.parametrize("lines", [[0, 2], [1, 0, 2], [0, 0, 1, 2], [1, 2], [0, 1, 2, 2]], ids=str)
def test_lines_that_are_missing_moved_or_doubled_are_found(lines: list[int]) -> None:
    broker = three_orders()
    log = log_of()
    written = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(written[line] for line in lines))
    with pytest.raises(DataError) as caught:
        broker.snapshot("main")
    assert caught.value.code == "bad_log"


def test_a_file_that_was_edited_under_its_log_is_refused() -> None:
    broker = three_orders()
    path = path_of(NAME)
    path.write_text(path.read_text().replace('"settled": "1000.00"', '"settled": "9000.00"'))
    with pytest.raises(DataError) as caught:
        broker.snapshot("main")
    assert (caught.value.code, caught.value.place) == ("bad_log", f"{path.with_suffix('.0.log')}:1")


def test_an_older_copy_of_the_file_under_a_later_log_is_refused() -> None:
    broker = paper_broker()
    old = path_of(NAME).read_bytes()
    change(NAME, lambda book: with_quotes(book, [Quote("AAA", 1, 1, TUESDAY)]))
    traded(broker, buy("AAA", "1"))
    path_of(NAME).write_bytes(old)
    with pytest.raises(DataError) as caught:
        broker.snapshot("main")
    assert caught.value.code == "bad_log"
    assert "older copy" in str(caught.value)


def test_a_log_that_ends_otherwise_when_it_is_repeated_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when another version of rebalkit would fill an order in another way."""
    three_orders()
    monkeypatch.setattr("rebalkit_paper.fills.fees_for", lambda rules, micros: 1 if micros else 0)
    with pytest.raises(DataError, match="something else than it did") as caught:
        open_book(NAME)
    assert caught.value.place == f"{path_of(NAME).with_suffix('.0.log')}:1"


def test_a_log_that_stayed_behind_is_never_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the program ends after the new file of a book is there and before the log of the old one is taken away."""
    broker = three_orders()
    before = open_book(NAME)
    with monkeypatch.context() as failing:
        failing.setattr(Path, "unlink", not_allowed)
        change(NAME, lambda book: book)
    assert path_of(NAME).with_suffix(".0.log").exists()
    assert open_book(NAME).accounts == before.accounts
    traded(broker, buy("BBB", "1"))
    assert ids(again()) == ["paper-1", "paper-2", "paper-3"]
    change(NAME, lambda book: book)
    assert list(path_of(NAME).parent.glob("*.log")) == []


@pytest.mark.parametrize("stays", [False, True], ids=["", "the log of the old one stays"])
def test_a_new_book_takes_over_nothing_from_the_log_of_the_one_it_replaces(stays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    three_orders()
    with monkeypatch.context() as failing:
        if stays:
            failing.setattr(Path, "unlink", not_allowed)
        broker = paper_broker()
    assert ids(broker) == []
    traded(broker, buy("BBB", "1"))
    change(NAME, lambda book: with_quotes(book, [Quote("BBB", 1, 1, TUESDAY)]))
    assert ids(again()) == ["paper-1"]
    assert broker.snapshot("main").lots[:-1] == LOTS
    assert list(path_of(NAME).parent.glob("*.log")) == []


def test_a_log_longer_than_the_book_is_brought_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = paper_broker()
    monkeypatch.setattr(kept, "_SHORT", 0)
    longest = 0
    for _ in range(40):
        traded(broker, buy("BBB", "1"))
        longest = max(longest, log_of().stat().st_size)
    assert longest < path_of(NAME).stat().st_size
    assert len(ids(again())) == 40
    assert again().snapshot("main").cash.total == 600
    assert open_book(NAME) == broker.book
    assert open_book(NAME).log > 0


def failing_after(count: int, call: Any) -> Any:
    """``call``, which writes only ``count`` bytes before the disk is full."""
    left = [count]

    def write(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = call(descriptor, data[: left[0]])
        left[0] -= written
        return int(written)

    return write


@pytest.mark.parametrize("count", [0, 1, 100])
def test_a_disk_that_is_full_in_the_middle_of_a_line_refuses_the_order(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = three_orders()
    log = log_of().read_bytes()
    preview = broker.preview("main", buy("BBB", "1"))
    with monkeypatch.context() as full:
        full.setattr(os, "write", failing_after(count, os.write))
        answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "book_not_written"
    assert log_of().read_bytes() == log
    assert ids(broker) == ["paper-1", "paper-2"]
    assert broker.place("main", preview) == Placed("paper-3")
    assert ids(again()) == ["paper-1", "paper-2", "paper-3"]


def test_an_order_that_cannot_be_taken_back_either_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = three_orders()
    preview = broker.preview("main", buy("BBB", "1"))

    def broken(*_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", lambda descriptor: failing.setattr(os, "ftruncate", broken) or broken())
        answer = broker.place("main", preview)
    assert isinstance(answer, Unknown)
    assert ids(broker) == ids(again())  # whatever it is, everybody sees the same


def test_an_interrupted_order_is_not_in_memory_either(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = three_orders()
    preview = broker.preview("main", buy("BBB", "1"))

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            broker.place("main", preview)
    assert ids(broker) == ids(again()) == ["paper-1", "paper-2"]


def test_what_looks_unchanged_by_its_time_and_size_is_looked_at_before_it_is_written_to() -> None:
    broker = three_orders()
    log = log_of()
    preview = broker.preview("main", buy("BBB", "1"))
    stat, text = log.stat(), log.read_bytes()
    log.write_bytes(text[:-5] + bytes([text[-5] ^ 1]) + text[-4:])
    os.utime(log, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "bad_log"


def test_a_file_that_looks_unchanged_is_looked_at_before_its_log_is_written_to() -> None:
    """Here it is one of the same time, size and number that has another log."""
    broker = three_orders()
    path = path_of(NAME)
    preview = broker.preview("main", buy("BBB", "1"))
    stat, text = path.stat(), path.read_bytes()
    path.write_bytes(text.replace(b'"log": 0', b'"log": 1'))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert broker.place("main", preview) == Placed("paper-1")
    assert ids(again()) == ["paper-1"]


def test_a_torn_line_is_gone_after_the_next_one_however_long_it_was() -> None:
    broker = three_orders()
    with log_of().open("ab") as log:
        log.write(b"x" * 10_000)
    traded(broker, buy("BBB", "1"))
    assert ids(again()) == ["paper-1", "paper-2", "paper-3"]
    assert b"xx" not in log_of().read_bytes()


def test_a_book_that_is_brought_into_its_file_while_it_is_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    three_orders()
    parsed, folding = store._parsed, [True]

    def meanwhile(data: bytes, path: Path) -> Book:
        book = parsed(data, path)
        if folding:
            folding.clear()
            change(NAME, lambda book: book)
        return book

    monkeypatch.setattr(store, "_parsed", meanwhile)
    assert [one.order for one in open_book(NAME).orders] == ["paper-1", "paper-2"]


def test_what_could_not_be_written_is_not_in_memory_either(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = three_orders()
    preview = broker.preview("main", buy("BBB", "1"))
    monkeypatch.setattr(kept, "append", not_allowed)
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "book_not_written"
    assert ids(broker) == ["paper-1", "paper-2"]


def test_an_order_after_which_the_book_could_not_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = paper_broker(cash="1000.00")
    monkeypatch.setattr(sanity, "_MOST_CASH", 1001)
    preview = broker.preview("main", sell("AAA", "15"))
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "bad_book"
    assert ids(broker) == ids(again()) == []
    assert broker.snapshot("main").lots == LOTS


def test_a_number_that_an_order_has_is_given_to_no_other() -> None:
    broker = paper_broker()
    traded(broker, buy("BBB", "1"))
    change(NAME, lambda book: evolve(book, counter=1))
    answer = broker.place("main", broker.preview("main", buy("BBB", "1")))
    assert isinstance(answer, Refused)
    assert answer.code == "bad_book"
    assert ids(broker) == ids(again()) == ["paper-1"]


def test_the_transactions_of_some_symbols_are_in_the_order_in_which_they_happened() -> None:
    broker = paper_broker()
    for symbol in ("AAA", "BBB", "TINY", "AAA", "BBB"):
        traded(broker, buy(symbol, "1"))
    assert [one.symbol for one in broker.part_transactions("main", ("BBB", "AAA", "BBB"))] == ["AAA", "BBB", "AAA", "BBB"]


def test_orders_of_several_brokers_at_one_book_follow_each_other() -> None:
    one, other = paper_broker(), again()
    for number in range(6):
        traded((one, other)[number % 2], buy("BBB", "1"))
    assert ids(one) == ids(other) == [f"paper-{number}" for number in range(1, 7)]


PLACING = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from paper_books import buy
from rebalkit_paper import PaperBroker, PaperSettings, kept
kept._SHORT = 2000
broker = PaperBroker(PaperSettings({NAME!r}))
for number in range(int(sys.argv[2])):
    preview = broker.preview("main", buy("BBB", "1", client_id=f"{{sys.argv[1]}}x{{number}}"))
    while True:
        answer = broker.place("main", preview)
        if getattr(answer, "code", "") != "book_busy":
            break
    print(answer.order, flush=True)
"""


def placing(who: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PLACING, who, str(count)], stdout=subprocess.PIPE, text=True)


def test_orders_of_several_processes_never_interleave() -> None:
    """Each places its own, and brings a log that has grown into the book, while somebody reads."""
    paper_broker(cash="2000.00")
    running = [placing(who, 25) for who in "abc"]
    reader, seen = again(), 0
    while any(process.poll() is None for process in running):
        now = ids(reader)
        assert now == [f"paper-{number}" for number in range(1, len(now) + 1)]
        assert len(now) >= seen
        seen = len(now)
    answered = [order for process in running for order in process.communicate()[0].split()]
    assert sorted(answered) == sorted(f"paper-{number}" for number in range(1, 76))
    assert open_book(NAME).account("main").settled == 2000 - 750


@pytest.mark.skipif(os.name != "posix", reason="only POSIX kills without asking")
def test_an_order_that_was_answered_is_there_after_the_program_was_killed() -> None:
    paper_broker(cash="9000.00")
    dice, answered = Random(7), []
    for attempt in range(8):
        with placing(f"k{attempt}", 1000) as process:
            assert process.stdout is not None
            answered.append(process.stdout.readline().strip())
            time.sleep(dice.random() * 0.05)
            process.send_signal(signal.SIGKILL)
            answered += process.stdout.read().split()
        present = ids(again())
        assert set(answered) <= set(present)
        assert present == [f"paper-{number}" for number in range(1, len(present) + 1)]
        assert again().snapshot("main").cash.total == 9000 - 10 * len(present)
    assert len(answered) > 20


def test_a_part_that_filled_stays_when_the_rest_is_cancelled() -> None:
    """What an executor does that looks at its order and then loses patience."""
    broker = paper_broker(partial="0.5")
    placed = broker.place("main", broker.preview("main", sell("AAA", "10", lots={"new": "10"})))
    assert isinstance(placed, Placed)
    for _ in range(3):
        [shown] = broker.orders("main", TUESDAY)
        assert (shown.state, shown.filled) == (OrderState.OPEN, 5)
    assert [one.quantity for one in broker.snapshot("main").open_orders] == [5]
    ended = broker.cancel("main", placed.order)
    assert (ended.state, ended.filled) == (OrderState.CANCELLED, 5)
    assert broker.orders("main", TUESDAY) == [ended] == list(again().orders("main", TUESDAY))
    assert broker.part("main", ["AAA"]).open_orders == ()
    assert {lot.lot: lot.quantity for lot in broker.part("main", ["AAA"]).lots} == {"new": 5, "old": 5, "strange": 4}
    assert traded(broker, sell("AAA", "5", lots={"new": "5"})).lots[0].quantity == 2


def test_the_broker_tells_its_time_and_reads_parts() -> None:
    broker = paper_broker()
    assert isinstance(broker, TellsTime)
    assert isinstance(broker, ReadsPart)
    before = broker.now()
    order = traded(broker, buy("BBB", "1"))
    assert broker.now() > order.placed == before
    assert before.utcoffset() is not None


def test_a_list_that_was_given_out_is_nobody_elses() -> None:
    broker = three_orders()
    listed = broker.orders("main", TUESDAY)
    assert isinstance(listed, list)
    listed.clear()
    assert len(broker.orders("main", TUESDAY)) == 2
