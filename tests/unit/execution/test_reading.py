"""Journals that are looked at while a run writes, after one has died, and when something is wrong with them."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from rebalkit.errors import BlockedError, JournalError
from rebalkit.execution.disk import inspect, journal_path, open_journal, read_journal, reading
from rebalkit.execution.disk.database import Database
from rebalkit.execution.disk.mirror import Lines, Mirror, read_lines
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.events import Event, Kind, bound
from rebalkit.execution.journal import Journal

RUNS = 5


def now() -> dt.datetime:
    return dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)


def write(journal: Journal, number: int, words: str = "") -> None:
    run = f"{number:012x}"
    journal.record(
        Kind.RUN_START, run, account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={}, cash="0"
    )
    journal.record(Kind.VOID, run, end="stopped", reason=words)


@pytest.fixture
def path() -> Path:
    """The file of a journal of ten events."""
    with open_journal("scope", "main", now, durable=False) as journal:
        for number in range(RUNS):
            write(journal, number)
    return journal_path("scope", "main")


def test_a_journal_is_looked_at_while_it_is_held(path: Path) -> None:
    with open_journal("scope", "main", now) as journal:
        write(journal, RUNS)
        assert read_journal(path).head == journal.head
        write(journal, RUNS + 1)
        assert read_journal(path).head == journal.head


def test_a_run_that_writes_is_neither_stopped_nor_taken_for_damage_by_those_who_look(path: Path) -> None:
    """A thread looks as often as it can while events are written: it sees the first of them, and nothing wrong."""
    counts: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            counts.append(inspect(path).journal.count)

    with open_journal("scope", "main", now) as journal:
        looking = threading.Thread(target=look)
        looking.start()
        try:
            for number in range(RUNS, RUNS + 40):
                write(journal, number)
        finally:
            over.set()
            looking.join()
    assert counts == sorted(counts)
    assert counts[0] >= 2 * RUNS
    assert inspect(path).problem is None


def test_what_was_written_between_two_looks_is_looked_at_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def slow(file: Path) -> Lines:
        lines = read_lines(file)
        if len(written) < 2:
            with open_journal("scope", "main", now) as journal:
                write(journal, RUNS + len(written))
            written.append(file)
        return lines

    monkeypatch.setattr(reading, "read_lines", slow)
    assert read_journal(path).count == 2 * RUNS + 4


def test_looking_ends_although_writing_does_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the lines finds other ones, and fewer than the database has."""
    lines, looks = read_lines(mirror_of(path)), iter(range(1000))
    monkeypatch.setattr(reading, "read_lines", lambda file: Lines(lines.events[: next(looks) % 7]))
    with pytest.raises(JournalError) as caught:
        read_journal(path)
    assert caught.value.code == "journal_not_opened"
    assert next(looks) < 50


def halfway(path: Path, folder: Path) -> tuple[Path, Path]:
    """Copies of the files as a power cut leaves them in the middle of writing an event: pages of it are in the database already."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("BEGIN")
    for number in range(40):
        row = (11 + number, "", "r", "stop", None, None, "x" * 3000, f"p{number}", f"h{number}")
        connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    files = path, Path(f"{path}-journal")
    copies = shutil.copy(files[0], folder / "a"), shutil.copy(files[1], folder / "b")
    connection.execute("ROLLBACK")
    connection.close()
    return copies


def test_f065_half_an_event_is_undone_by_the_next_run_and_in_a_copy_by_those_who_look(path: Path, tmp_path: Path) -> None:
    whole = read_journal(path)
    database, begun = halfway(path, tmp_path)
    assert database.stat().st_size > path.stat().st_size
    shutil.copyfile(database, path)
    shutil.copyfile(begun, f"{path}-journal")
    before = path.read_bytes()
    assert read_journal(path).head == whole.head
    assert inspect(path).problem is None
    assert path.read_bytes() == before
    with open_journal("scope", "main", now) as journal:
        assert journal.head == whole.head
        write(journal, RUNS)
    assert not Path(f"{path}-journal").exists()
    assert read_journal(path).count == 2 * RUNS + 2


def test_f065_half_an_event_without_what_undoes_it_is_no_event(path: Path, tmp_path: Path) -> None:
    whole = read_journal(path)
    database, _ = halfway(path, tmp_path)
    shutil.copyfile(database, path)
    with open_journal("scope", "main", now) as journal:
        assert journal.head == whole.head
        write(journal, RUNS)
    assert read_journal(path).count == 2 * RUNS + 2


def test_bytes_behind_the_last_event_of_the_copy_are_damage_unless_they_are_the_next_one(path: Path) -> None:
    """The database is written first: what only the copy has, the database has lost."""
    with mirror_of(path).open("ab") as file:
        file.write(b'{"at":')
    before = mirror_of(path).read_bytes()
    for attempt in (lambda: read_journal(path), lambda: open_journal("scope", "main", now).__enter__()):
        with pytest.raises(JournalError, match="6 bytes behind its 10 events") as caught:
            attempt()
        assert caught.value.code == "journal_damaged"
    assert mirror_of(path).read_bytes() == before


def test_a_tail_of_zeros_as_a_power_cut_leaves_it_is_replaced(path: Path) -> None:
    whole = mirror_of(path).read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    mirror_of(path).write_bytes(whole[:start] + b"\0" * (len(whole) - start))
    with open_journal("scope", "main", now):
        assert mirror_of(path).read_bytes() == whole
    mirror_of(path).write_bytes(whole[:start] + b"\0" * (len(whole) - start + 1))
    assert inspect(path).problem is not None


def test_nothing_is_written_where_a_database_was_lost(path: Path) -> None:
    path.unlink()
    with pytest.raises(JournalError) as caught, open_journal("scope", "main", now):
        pass
    assert caught.value.code == "journal_damaged"
    assert path.read_bytes() == b""
    assert len(read_lines(mirror_of(path)).events) == inspect(path).journal.count == 2 * RUNS


@pytest.mark.parametrize("which", ["database", "lines"])
def test_of_a_damaged_journal_the_most_that_is_in_order_is_trusted(path: Path, which: str) -> None:
    """The sixth event is another one in the database, and the third one in the lines, or the other way round."""
    early, late = (2, 5) if which == "lines" else (5, 2)
    lines = mirror_of(path).read_text().splitlines()
    lines[early] = lines[early].replace("2026", "2027")
    mirror_of(path).write_text("\n".join(lines) + "\n")
    connection = sqlite3.connect(path)
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'never_changed'").fetchone()
    connection.executescript(f"DROP TRIGGER never_changed; UPDATE event SET at = '' WHERE seq = {late + 1}; {trigger}")
    connection.close()
    seen = inspect(path)
    assert seen.problem is not None
    assert [one.seq for one in seen.events] == [1, 2, 3, 4, 5]
    assert len(seen.journal.state.runs) == 3


def test_events_that_are_genuine_and_cannot_have_happened_are_damage(path: Path) -> None:
    """A chain made anew from its seventh event on, in both files: no hash is wrong, but a run begins twice."""
    kept = list(inspect(path).events[:6])
    previous = kept[-1]
    twice = bound(previous.hash, 7, previous.at, kept[0].run, Kind.RUN_START, None, None, kept[0].body)
    rewrite(path, [*kept, evolve_run(twice)])
    seen = inspect(path)
    assert seen.problem is not None
    assert len(seen.events) == 6


def evolve_run(event: Event) -> Event:
    """A void of a run that never began."""
    return bound(event.previous, event.seq, event.at, "never", Kind.VOID, None, None, {"end": "stopped", "reason": ""})


def rewrite(path: Path, events: Sequence[Event]) -> None:
    for file in (path, mirror_of(path)):
        file.unlink()
    database = Database(path)
    database.begin()
    mirror = Mirror(mirror_of(path), 0)
    for one in events:
        database.append(one)
        mirror.append(one)
    database.close()
    mirror.close()


def test_a_row_that_is_no_event_is_damage(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO event VALUES (11, '', 'r', 'never heard of', NULL, NULL, '{}', 'p', 'h')")
    connection.commit()
    connection.close()
    seen = inspect(path)
    assert seen.problem is not None
    assert seen.problem.code == "journal_damaged"
    assert "never heard of" in str(seen.problem)


def test_a_database_that_another_program_holds_is_not_said_to_be_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalkit.execution.disk.database._PATIENCE", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    seen = inspect(path)
    other.close()
    assert seen.problem is not None
    assert seen.problem.code == "journal_not_opened"
    assert "locked" in str(seen.problem)
    assert inspect(path).problem is None


@pytest.mark.parametrize("which", ["database", "lines"])
def test_a_folder_in_the_place_of_a_file_is_named(which: str) -> None:
    path = journal_path("scope", "main")
    file = path if which == "database" else mirror_of(path)
    file.mkdir(parents=True, mode=0o700)
    path.parent.chmod(0o700)
    seen = inspect(path)
    assert seen.problem is not None
    assert seen.problem.place == str(file if which == "lines" else path)
    assert seen.problem.code == "journal_not_opened"


def test_files_that_cannot_be_made_are_named(tmp_path: Path) -> None:
    for make in (lambda: Database(tmp_path / "none" / "x"), lambda: Mirror(tmp_path / "none" / "x", 0)):
        with pytest.raises(JournalError, match="No such file") as caught:
            make()
        assert caught.value.code == "journal_not_opened"


def test_an_sqlite_that_is_too_old_is_said_to_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 9))
    with pytest.raises(JournalError, match=r"needs 3\.37") as caught:
        read_journal(path)
    assert caught.value.code == "old_sqlite"
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 0))
    assert read_journal(path).count == 2 * RUNS


def test_the_holder_of_a_journal_need_not_be_legible(path: Path) -> None:
    with open_journal("scope", "main", now):
        for content in (b"", b"\xff\xfe"):
            path.with_suffix(".holder").write_bytes(content)
            with pytest.raises(BlockedError, match="another process is trading"), open_journal("scope", "main", now):
                pass
        path.with_suffix(".holder").unlink()
        with pytest.raises(BlockedError, match="another process is trading"), open_journal("scope", "main", now):
            pass


def test_a_journal_on_paper_may_be_on_a_drive_that_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REBALKIT_HOME", str(tmp_path / "Dropbox"))
    with open_journal("scope", "main", now, durable=False) as journal:
        write(journal, 0)
    assert read_journal(journal_path("scope", "main")).count == 2


def test_a_broker_order_is_found_once_by_the_database_too(path: Path) -> None:
    connection = sqlite3.connect(path)
    insert = "INSERT INTO event VALUES (?, '', 'r', 'ack', ?, ?, ?, ?, ?)"
    connection.execute(insert, (11, 0, "A", '{"order":"8"}', "p1", "h1"))
    for leg, order in ((0, "9"), (1, "8")):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(insert, (12, leg, "B", f'{{"order":"{order}"}}', "p2", "h2"))
    connection.close()


LIMITED = """
import datetime as dt, resource, sys
from rebalkit.errors import JournalError
from rebalkit.execution.disk import open_journal
from rebalkit.execution.events import Kind
with open_journal("scope", "main", lambda: dt.datetime.now(dt.UTC)) as journal:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
    try:
        for number in range(journal.count, 1000):
            run = f"{number:012x}"
            journal.record(Kind.RUN_START, run, account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={}, cash="0")
            journal.record(Kind.VOID, run, end="stopped", reason="")
    except JournalError as problem:
        print(journal.count, problem.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on this system")
@pytest.mark.parametrize("limit", [9_000, 41_000, 50_000])
def test_f062_f063_on_a_full_disk_writing_ends_and_what_was_written_is_there(limit: int) -> None:
    """A real file that may not grow, in a process of its own: the database or the copy is cut short wherever the limit is."""
    ran = subprocess.run([sys.executable, "-c", LIMITED, str(limit)], capture_output=True, text=True, check=True)
    count, code = ran.stdout.split()
    assert code == "journal_not_written"
    with open_journal("scope", "main", now) as journal:
        assert journal.count - int(count) in (0, 1), "what was recorded, and at most the event that could not be recorded whole"
        assert inspect(journal_path("scope", "main")).journal.count == journal.count
