"""``rebalkit journal``: what is shown, verified and written of a whole journal and of a damaged one."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import Shell
from rebalkit.execution.disk import inspect, journal_path, journals, open_journal
from rebalkit.execution.disk.paths import mirror_of
from rebalkit.execution.events import Kind
from rebalkit.execution.journal import Journal
from rebalkit.model import LotSale, OrderRequest, Side
from rebalkit.serial import digest, to_plain

MOMENT = dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)
RUN, SECOND = "0123456789ab", "89abcdef0123"
SALE = OrderRequest("A" * 20, Side.SELL, "OLD", "10", (LotSale("lot", "10"),), "9.50")
PURCHASE = OrderRequest("B" * 20, Side.BUY, "NEW", "5", (), "20")


def begin(journal: Journal, run: str, *orders: OrderRequest) -> None:
    journal.record(
        Kind.RUN_START, run, account="main", live=True, folder="runs/x", as_of="2026-11-25", orders=[to_plain(one) for one in orders],
        positions={"OLD": "10"}, cash="0", broker="acme", versions={"rebalkit": "1"},
    )  # fmt: skip
    journal.record(Kind.APPROVED, run, how="phrase")


def traded(journal: Journal, reason: str = "") -> None:
    """A sale that fills, and a purchase of which the broker's answer is lost."""
    begin(journal, RUN, SALE, PURCHASE)
    journal.record(Kind.SELLING, RUN)
    send(journal, 0, SALE)
    journal.record(Kind.ACK, RUN, 0, SALE.client_id, order="77", by="answer")
    journal.record(Kind.FILLED, RUN, 0, SALE.client_id, filled="10", price="9.51", fees="0")
    journal.record(Kind.CASH_READ, RUN, settled="95.10", unsettled="0")
    journal.record(Kind.BUYS_SIZED, RUN, sizes={"1": "4"})
    journal.record(Kind.BUYING, RUN)
    send(journal, 1, PURCHASE)
    journal.record(Kind.UNKNOWN, RUN, 1, PURCHASE.client_id, reason=reason or "no answer within 30 s")


def send(journal: Journal, leg: int, request: OrderRequest) -> None:
    def record(kind: Kind, **body: Any) -> None:
        journal.record(kind, RUN, leg, request.client_id, **body)

    record(Kind.INTENT, attempt=1, request=to_plain(request))
    record(Kind.PREVIEWED, preview="p1", estimated="95.00", fees="0", warnings=["thin market"], expires=None)
    record(Kind.CHECKED, bid="9.51", ask="9.52", cash="0")
    record(
        Kind.SENDING,
        request=digest(request),
        orders=["1", "2"],
        position="10",
        lots={f"lot {n}": "1" for n in range(9)},
        cash="0",
    )


@pytest.fixture
def path() -> Path:
    """The file of a journal with a run that is open."""
    with open_journal("acme", "main", lambda: MOMENT, durable=False) as journal:
        traded(journal)
    return journal_path("acme", "main")


def another() -> Path:
    with open_journal("acme", "ira", lambda: MOMENT, durable=False) as journal:
        begin(journal, SECOND)
        journal.record(Kind.VOID, SECOND, end="stopped", reason="")
    return journal_path("acme", "ira")


@pytest.fixture
def torn(path: Path) -> Path:
    """The journal with another event in the place of the eleventh in its lines, and bytes in the database that are no database's."""
    lines = mirror_of(path).read_text().splitlines()
    mirror_of(path).write_text("\n".join([*lines[:10], lines[10].replace("2026-11-25", "2026-11-26", 1), *lines[11:]]) + "\n")
    path.write_bytes(b"?" * 4096)
    return path


def test_without_a_journal_it_says_so(shell: Shell) -> None:
    for name in ("show", "verify"):
        ran = shell("journal", name)
        assert (ran.code, ran.out) == (0, "")
        assert "there is no journal" in ran.err
        assert shell("journal", name, "--json").document == {"journals": []}
    ran = shell("journal", "export")
    assert ran.code == 2
    assert "there is no journal" in ran.err


def test_the_runs_of_all_journals_are_listed(shell: Shell, path: Path) -> None:
    other = another()
    ran = shell("journal", "show")
    assert ran.code == 0
    for text in (path.stem, other.stem, RUN, SECOND, "LIVE main", "buying", "given up", "2026-11-25 15:00"):
        assert text in ran.out
    document = shell("journal", "show", "--json").document
    jsonschema.validate(document, shell("schema", "journal").document)
    assert sorted(run["plan_id"] for one in document["journals"] for run in one["runs"]) == [RUN, SECOND]
    assert all(run["log"] is None for one in document["journals"] for run in one["runs"])


def test_the_events_of_one_run_are_told_in_plain_words(shell: Shell, path: Path) -> None:
    another()
    ran = shell("journal", "show", RUN[:4])
    assert ran.code == 0
    words = " ".join(ran.out.split())
    for text in (
        "(account main; as of 2026-11-25; broker acme; cash 0; folder runs/x; live yes; orders sell 10 OLD at 9.50 or better, buy 5 NEW at 20",
        f"{SALE.client_id} sell OLD: to be ordered (attempt 1; request sell 10 OLD at 9.50 or better)",
        "previewed by the broker (estimated 95.00; fees 0; preview p1; warnings thin market)",
        "about to be sent (cash 0; 9 lots; orders 1, 2; position 10)",
        "the broker has it (by answer; order 77)",
        "filled (fees 0; filled 10; price 9.51)",
        "the purchases were sized from the cash (sizes 1 4)",
        f"{PURCHASE.client_id} buy NEW: NOT KNOWN whether the broker has it (reason no answer within 30 s)",
    ):
        assert text in words, text
    assert SECOND not in ran.out


def test_the_events_of_one_run_as_json_are_all_of_them(shell: Shell, path: Path) -> None:
    document = shell("journal", "show", RUN, "--json").document
    jsonschema.validate(document, shell("schema", "journal").document)
    ((run,),) = [one["runs"] for one in document["journals"]]
    assert [one["hash"] for one in run["log"]] == [one.hash for one in inspect(path).events]
    assert run["log"][3]["body"]["request"] == to_plain(SALE)


def test_a_plan_that_no_journal_has_is_a_slip(shell: Shell, path: Path) -> None:
    ran = shell("journal", "show", "ffff")
    assert ran.code == 2
    assert "no journal has a run of plan 'ffff'" in ran.err


def test_words_from_outside_cannot_steer_the_terminal(shell: Shell) -> None:
    with open_journal("acme", "main", lambda: MOMENT, durable=False) as journal:
        traded(journal, "\x1b[2Jfine\x07 \u202etxt\ud800")
    for arguments in (["show"], ["show", RUN], ["verify"]):
        out = shell("journal", *arguments).out
        assert not any(letter in out for letter in "\x1b\x07\u202e\ud800")
    assert "(reason fine txt)" in shell("journal", "show", RUN).out


def test_a_journal_as_it_was_written_is_intact(shell: Shell, path: Path) -> None:
    head, count = inspect(path).journal.head, len(inspect(path).events)
    ran = shell("journal", "verify")
    assert (ran.code, ran.err) == (0, "")
    assert f"{path.stem} intact: {count} events, the last one {head}" in " ".join(ran.out.split())
    (one,) = shell("journal", "verify", path.stem[:5], "--json").document["journals"]
    assert (one["state"], one["events"], one["head"]) == ("intact", count, head)


def test_a_journal_without_events_is_intact(shell: Shell) -> None:
    with open_journal("acme", "main", lambda: MOMENT, durable=False):
        pass
    assert "intact: no events\n" in shell("journal", "verify").out
    assert shell("journal", "verify", "--json").document["journals"][0]["head"] is None
    assert shell("journal", "export").out == ""


def test_f066_of_a_damaged_journal_is_said_where_and_what_can_be_trusted(shell: Shell, torn: Path) -> None:
    ran = shell("journal", "verify")
    assert ran.code == 8
    assert "DAMAGED" in ran.out
    assert torn.name in ran.out
    assert "10 events can be trusted" in " ".join(ran.out.split())
    document = shell("journal", "verify", "--json").document
    jsonschema.validate(document, shell("schema", "journal").document)
    (one,) = document["journals"]
    assert (one["state"], one["code"], one["events"]) == ("damaged", "journal_damaged", 10)


def test_f066_a_damaged_journal_is_shown_and_written_as_far_as_it_can_be_trusted(shell: Shell, torn: Path) -> None:
    shown = shell("journal", "show", RUN)
    assert shown.code == 8
    assert "DAMAGED" in shown.out
    assert [int(number) for number in re.findall(r"^ *(\d+)  +2026-", shown.out, re.MULTILINE)] == list(range(1, 11))
    written = shell("journal", "export")
    assert written.code == 8
    assert len(written.out.splitlines()) == 10
    assert "damaged" in written.err


def test_a_plan_that_a_damaged_journal_could_have_is_not_said_to_be_nowhere(shell: Shell, torn: Path) -> None:
    ran = shell("journal", "show", "ffff")
    assert ran.code == 8
    assert "damaged" in ran.err


def test_one_damaged_journal_does_not_hide_another(shell: Shell, torn: Path) -> None:
    other = another()
    ran = shell("journal", "verify")
    assert ran.code == 8
    assert f"{other.stem} intact" in " ".join(ran.out.split())
    assert shell("journal", "verify", other.stem).code == 0


def test_a_journal_whose_database_is_gone_is_still_there(shell: Shell, path: Path) -> None:
    path.unlink()
    assert journals() == [path]
    ran = shell("journal", "verify")
    assert ran.code == 8
    assert not path.exists()
    assert RUN in shell("journal", "show").out


def test_lines_are_exported_as_the_journal_has_them(shell: Shell, path: Path, tmp_path: Path) -> None:
    ran = shell("journal", "export")
    assert ran.code == 0
    assert ran.out == mirror_of(path).read_text()
    file = tmp_path / "lines.jsonl"
    assert shell("journal", "export", "--output", str(file)).out == ""
    assert file.read_text() == ran.out
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_journal_of_several_is_exported_by_name_or_by_its_run(shell: Shell, path: Path) -> None:
    other = another()
    ran = shell("journal", "export")
    assert ran.code == 2
    assert path.stem in ran.err
    assert other.stem in ran.err
    assert shell("journal", "export", path.stem).out == mirror_of(path).read_text()
    assert shell("journal", "export", "--run", SECOND[:3]).out == mirror_of(other).read_text()
    assert shell("journal", "export", path.stem, "--run", SECOND).out == ""
    assert "no such journal" in shell("journal", "export", "--run", "ffff").err
    assert "There are: " in shell("journal", "verify", "zzzz").err


def test_a_table_has_every_event_and_nothing_that_a_spreadsheet_runs(shell: Shell, path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(shell("journal", "export", "--format", "csv").out, newline="")))
    events = inspect(path).events
    assert [(row["seq"], row["kind"], row["leg"], row["hash"]) for row in rows] == [
        (str(one.seq), one.kind.value, "" if one.leg is None else str(one.leg), one.hash) for one in events
    ]
    assert [json.loads(row["body"]) for row in rows] == [one.body for one in events]


def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(shell: Shell) -> None:
    with open_journal("acme", "main", lambda: MOMENT, durable=False) as journal:
        journal.record(
            Kind.RUN_START, "=1+1", account="main", live=False, folder="", as_of="2026-11-25", orders=[], positions={}, cash="0"
        )
    (row,) = csv.DictReader(io.StringIO(shell("journal", "export", "--format", "csv").out))
    assert row["run"] == "'=1+1"


def test_a_file_that_cannot_be_written_is_named(shell: Shell, path: Path, tmp_path: Path) -> None:
    file = tmp_path / "none" / "out.csv"
    ran = shell("journal", "export", "--output", str(file))
    assert ran.code == 2
    assert str(file) in ran.err


def test_looking_changes_nothing(shell: Shell, path: Path) -> None:
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()}
    for arguments in (["show"], ["show", RUN], ["verify"], ["export"]):
        shell("journal", *arguments)
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()} == before
