"""A journal on the disk: what was written is there, and nothing else is taken for it."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from execution_stub import Stub, executor
from rebalkit.errors import BlockedError, JournalError
from rebalkit.execution.disk import inspect, journal_path, journals, open_journal, read_journal
from rebalkit.execution.disk.mirror import line_of
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.disk.places import filesystem_of, refuse_shared_place
from rebalkit.execution.events import Kind, bound
from rebalkit.execution.executor import Executor
from rebalkit.execution.journal import Journal
from rebalkit.execution.world import World

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
NOW = dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)


def now() -> dt.datetime:
    return NOW


def carried_out(journal: Journal) -> Executor:
    """The executor after a whole run that is in ``journal``."""
    made = executor(Stub())
    made = Executor(
        World(made.world.broker, journal, made.world.clock, made.world.chance, lambda: ""), made.mandate, made.recheck, made.event
    )
    made.begin({"how": "test"})
    list(made.run())
    made.finish("converged")
    return made


@pytest.fixture
def written() -> Path:
    """The file of a journal that holds a whole run."""
    with open_journal("scope", "main", now, durable=False) as journal:
        carried_out(journal)
    return journal_path("scope", "main")


def events_of(path: Path) -> list[str]:
    """The hashes of the events of a journal that can be opened for a run."""
    with open_journal("scope", "main", now) as journal:
        assert journal_path("scope", "main") == path
        return [journal.head, str(journal.count)]


def test_what_was_written_is_read_again(written: Path) -> None:
    seen = read_journal(written)
    assert seen.count > 30
    run = seen.state.runs[next(iter(seen.state.runs))]
    assert run.end == "converged"
    assert [leg.filled for leg in run.legs.values()] == [100, 10, 120, 50]
    assert events_of(written) == [seen.head, str(seen.count)]
    assert journals() == [written]


def test_the_name_of_a_file_tells_nothing_of_the_account() -> None:
    path = journal_path("household", "123456789")
    assert "123456789" not in str(path)
    assert path != journal_path("household", "123456780") != journal_path("other", "123456780")


def test_files_and_folder_are_the_owners_alone(written: Path) -> None:
    assert written.parent.stat().st_mode & 0o777 == 0o700
    for path in written.parent.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


@pytest.mark.parametrize("which", ["folder", "database", "lines"])
def test_f069_files_that_others_may_read_are_refused_with_the_command_that_mends_it(written: Path, which: str) -> None:
    path = {"folder": written.parent, "database": written, "lines": mirror_of(written)}[which]
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(JournalError) as caught:
        events_of(written)
    assert caught.value.code == "open_to_others"
    assert f"chmod {'700' if which == 'folder' else '600'} {path}" in caught.value.remedy


def test_rows_are_never_changed_or_removed(written: Path) -> None:
    connection = sqlite3.connect(written)
    for statement in ("UPDATE event SET body = '{}' WHERE seq = 3", "DELETE FROM event WHERE seq = 3"):
        with pytest.raises(sqlite3.IntegrityError, match="events are never"):
            connection.execute(statement)
    connection.close()


def test_the_file_itself_refuses_a_client_id_that_is_sent_twice(written: Path) -> None:
    connection = sqlite3.connect(written)
    (row,) = connection.execute("SELECT * FROM event WHERE kind = 'sending' LIMIT 1").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match=r"event\.client_id"):
        connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (1000, *row[1:7], "a", "b"))
    connection.close()


def test_a_second_process_is_kept_out_and_told_who_is_in() -> None:
    with open_journal("scope", "main", now):
        code = (
            "import datetime as dt\n"
            "from rebalkit.execution.disk import open_journal\n"
            "with open_journal('scope', 'main', lambda: dt.datetime.now(dt.UTC)): pass\n"
        )
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert other.returncode != 0
        assert "BlockedError" in other.stderr
        assert f"process {os.getpid()}" in other.stderr
        with open_journal("scope", "another account", now):
            pass
    assert events_of(journal_path("scope", "main"))


def test_a_second_opening_in_one_process_is_kept_out_too() -> None:
    with open_journal("scope", "main", now), pytest.raises(BlockedError) as caught, open_journal("scope", "main", now):
        pass
    assert caught.value.code == "locked"


def test_a_journal_that_is_only_looked_at_takes_no_event(written: Path) -> None:
    with pytest.raises(JournalError, match="looked at"):
        read_journal(written).record(
            Kind.RUN_START, "x", account="a", live=False, folder="", as_of="2026-01-01", orders=[], positions={}, cash="0"
        )


def test_f065_a_copy_that_lacks_the_last_event_or_half_a_line_is_completed(written: Path) -> None:
    lines = mirror_of(written)
    whole = lines.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    expected = events_of(written)
    for cut in {last, last + 1, (last + len(whole)) // 2, len(whole) - 1}:
        lines.write_bytes(whole[:cut])
        assert events_of(written) == expected
        assert lines.read_bytes() == whole


def test_f065_files_cut_anywhere_are_detected_or_complete(written: Path) -> None:
    for path in (written, mirror_of(written)):
        whole = path.read_bytes()
        for cut in sorted(random.Random(7).sample(range(len(whole)), 2_000 if LONG else 100)):
            assert detected_or_harmless(written, path, whole[:cut]), f"{path.suffix} cut at {cut}"


@pytest.mark.skipif(not LONG, reason="only in the long profile: every byte of a small journal takes minutes")
def test_f065_files_cut_at_every_byte_are_detected_or_complete() -> None:
    with open_journal("scope", "main", now, durable=False) as journal:
        begin(journal, "ba9876543210")
        journal.record(Kind.VOID, "ba9876543210", end="stopped", reason="")
    database = journal_path("scope", "main")
    for path in (database, mirror_of(database)):
        whole = path.read_bytes()
        for cut in range(len(whole)):
            assert detected_or_harmless(database, path, whole[:cut]), f"{path.suffix} cut at {cut}"


def test_f066_flipped_bits_are_detected_or_harmless(written: Path) -> None:
    chance = random.Random(11)
    for path in (written, mirror_of(written)):
        whole = path.read_bytes()
        for _ in range(5_000 if LONG else 100):
            place, bit = chance.randrange(len(whole)), chance.randrange(8)
            flipped = whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
            assert detected_or_harmless(written, path, flipped), f"{path.suffix}, bit {bit} of byte {place}"


def detected_or_harmless(written: Path, path: Path, content: bytes) -> bool:
    """Whether the journal, with ``content`` in ``path``, is refused, or has all its events and takes more. It is whole again afterwards."""
    before = {file: file.read_bytes() for file in (written, mirror_of(written))}
    whole = inspect(written).events
    path.write_bytes(content)
    try:
        with open_journal("scope", "main", now, durable=False) as journal:
            same = journal.head == whole[-1].hash
            begin(journal, "0123456789ab")
        return same and inspect(written).events[:-1] == whole
    except JournalError as problem:
        return problem.code in ("journal_damaged", "journal_not_opened", "other_version", "journal_not_written")
    finally:
        for file, content in before.items():
            file.write_bytes(content)
        for leftover in written.parent.glob("*-journal"):
            leftover.unlink()


@pytest.mark.parametrize("which", ["database", "lines"])
def test_f067_one_file_from_an_old_copy_is_detected(written: Path, tmp_path: Path, which: str) -> None:
    path = written if which == "database" else mirror_of(written)
    old = shutil.copy2(path, tmp_path / "old")
    with open_journal("scope", "main", now) as journal:
        begin(journal, "0123456789ab")
        journal.record(Kind.VOID, "0123456789ab", end="stopped", reason="")
    shutil.copy2(old, path)
    with pytest.raises(JournalError) as caught:
        events_of(written)
    assert caught.value.code == "journal_damaged"


def begin(journal: Journal, run: str) -> None:
    journal.record(
        Kind.RUN_START, run, account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={}, cash="0"
    )  # fmt: skip


def changed(path: Path, statement: str, *values: object) -> None:
    """Change a database behind the back of what keeps it from being changed, and put that back."""
    connection = sqlite3.connect(path)
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'never_changed'").fetchone()
    connection.execute("DROP TRIGGER never_changed")
    connection.execute(statement, values)
    connection.execute(trigger)
    connection.commit()
    connection.close()


def test_f066_an_event_that_was_replaced_with_its_hash_made_anew_breaks_the_chain(written: Path) -> None:
    event = inspect(written).events[5]
    new = bound(event.previous, event.seq, event.at, event.run, event.kind, event.leg, event.client_id, {"changed": "x"})
    changed(written, "UPDATE event SET body = ?, hash = ? WHERE seq = 6", '{"changed":"x"}', new.hash)
    # In both files alike, so that only the chain can tell.
    lines = mirror_of(written).read_text().splitlines()
    mirror_of(written).write_text("\n".join([*lines[:5], line_of(new), *lines[6:]]) + "\n")
    with pytest.raises(JournalError, match="not the one that was written after event 6") as caught:
        read_journal(written)
    assert caught.value.code == "journal_damaged"
    seen = inspect(written)
    assert seen.events[5:] == [new]


def test_a_database_without_its_guards_is_refused(written: Path) -> None:
    connection = sqlite3.connect(written)
    connection.execute("DROP TRIGGER never_removed")
    connection.close()
    with pytest.raises(JournalError, match="what keeps its events from being changed is not there") as caught:
        events_of(written)
    assert caught.value.code == "journal_damaged"


def test_f058_a_journal_of_another_version_is_refused_and_not_touched(written: Path) -> None:
    connection = sqlite3.connect(written)
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    before = written.read_bytes()
    with pytest.raises(JournalError) as caught:
        events_of(written)
    assert caught.value.code == "other_version"
    assert written.read_bytes() == before


def test_a_file_that_is_no_database_is_refused() -> None:
    path = journal_path("scope", "main")
    path.parent.mkdir(mode=0o700, parents=True)
    path.write_text("not a database, but long enough to be taken for one" * 30)
    path.chmod(0o600)
    with pytest.raises(JournalError) as caught:
        events_of(path)
    assert caught.value.code == "journal_damaged"


def test_f070_no_place_to_write_is_said_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REBALKIT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(JournalError) as caught, open_journal("scope", "main", now):
        pass
    assert caught.value.code == "no_place"
    assert "REBALKIT_HOME" in caught.value.remedy


@pytest.mark.parametrize("name", ["Dropbox", "Dropbox (Personal)", "OneDrive - Firm", "iCloud Drive", "Google Drive"])
def test_f068_a_folder_that_is_synchronised_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("REBALKIT_HOME", str(tmp_path / name / "rebalkit"))
    with pytest.raises(JournalError, match="no place for a journal") as caught, open_journal("scope", "main", now):
        pass
    assert caught.value.code == "journal_on_network"


def test_f068_a_network_drive_is_refused_and_a_disk_is_not(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    home = tmp_path.resolve()
    spaced = str(home).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {spaced} nfs4 rw 0 0\n/dev/sdb {spaced}/disk ext4 rw 0 0\n")
    assert filesystem_of(home / "a", mounts) == "nfs4"
    assert filesystem_of(home / "disk" / "a", mounts) == "ext4"
    assert filesystem_of(Path("/elsewhere"), mounts) == "ext4"
    assert filesystem_of(home, tmp_path / "none") is None
    refuse_shared_place(home / "disk", mounts)
    with pytest.raises(JournalError, match=r"network drive \(nfs4\)"):
        refuse_shared_place(home, mounts)


@pytest.mark.parametrize("which", ["database", "lines"])
def test_f062_f064_an_event_that_cannot_be_written_closes_the_journal(monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    with open_journal("scope", "main", now) as journal:
        begin(journal, "0123456789ab")
        if which == "lines":
            monkeypatch.setattr(os, "fsync", failing)
        else:
            monkeypatch.setattr(journal._store._database, "_open", Full())  # type: ignore[attr-defined]
        with pytest.raises(JournalError) as caught:
            journal.record(Kind.APPROVED, "0123456789ab")
        assert caught.value.code == "journal_not_written"
        monkeypatch.undo()
        with pytest.raises(JournalError) as caught:
            journal.record(Kind.APPROVED, "0123456789ab")
        assert caught.value.code == "journal_closed"


def failing(descriptor: int) -> None:
    raise OSError(5, "Input/output error")


class Full:
    def execute(self, *_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    def close(self) -> None:
        pass


WRITER = """
import sys, datetime as dt
sys.path.insert(0, {tests!r})
from rebalkit.execution.disk import open_journal
from rebalkit.execution.events import Kind
with open_journal("scope", "main", lambda: dt.datetime.now(dt.UTC)) as journal:
    for number in range(journal.count, 100_000):
        run = f"{{number:012x}}"
        journal.record(Kind.RUN_START, run, account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={{}}, cash="0")
        journal.record(Kind.VOID, run, end="stopped", reason="")
        print(journal.count, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL on this system")
def test_no_event_that_was_written_is_lost_when_the_writer_is_killed() -> None:
    """A real process, a real disk, SIGKILL at random moments: what it had reported is there, and the two files agree."""
    chance = random.Random(3)
    for _ in range(120 if LONG else 4):
        code = WRITER.format(tests=str(Path(__file__).parents[2]))
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            reported = 0
            for _ in range(chance.randrange(1, 40)):
                reported = int(writer.stdout.readline())
            writer.kill()
            rest = [int(line) for line in writer.stdout.read().splitlines() if line.strip().isdigit()]
        reported = max([reported, *rest[:-1]])
        with open_journal("scope", "main", now) as journal:
            assert journal.count >= reported
            open_run = journal.state.open_run
            if open_run is not None:
                journal.record(Kind.VOID, open_run.run, end="stopped", reason="")
