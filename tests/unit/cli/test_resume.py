"""``rebalkit status`` and ``rebalkit resume``: what is known is said, what is not is asked, and programs get exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import click
import jsonschema
import pytest

from commands import Ran, Shell, newest_run
from executions import book
from live_broker import MOMENT, TARGETS_FILE, LiveBroker, real_money, write_plugin
from rebalkit.execution.disk import journals
from rebalkit.model import PlaceResult, Unknown
from rebalkit.pipeline.journals import kept_journals
from rebalkit.places import alone_at

__all__ = ["real_money"]


@pytest.fixture
def plan_id(shell: Shell, real_money: type[LiveBroker]) -> str:
    """A live plan of the book `test`."""
    book()
    Path("own.toml").write_text(TARGETS_FILE)
    write_plugin()
    ran = shell(
        "plan",
        "--broker",
        "pretend",
        "--set",
        "brokers.pretend.book=test",
        "--account",
        "main",
        "--targets",
        "own.toml",
        "--json",
    )
    (newest_run() / "origin.json").write_text(json.dumps({"read": MOMENT.isoformat(), "live": True}))
    return str(ran.document["plan_id"])


def status(shell: Shell) -> Ran:
    ran = shell("status", "--json")
    jsonschema.validate(ran.document, shell("schema", "status").document)
    return ran


@pytest.fixture
def stuck(shell: Shell, plan_id: str) -> str:
    """A run that broke off: of its second order it is not known whether the broker has it. Returns that order's client id."""

    def lost() -> PlaceResult:
        del LiveBroker.answers["JUNK"]
        return Unknown("the connection broke")

    LiveBroker.answers["JUNK"] = lost
    ran = shell("execute", plan_id, "--live", "--approve", plan_id)
    assert ran.code == 7
    return LiveBroker.placed[-1].client_id


def test_without_a_journal_there_is_nothing_to_say(shell: Shell) -> None:
    ran = shell("status")
    assert (ran.code, ran.out) == (0, "")
    assert "no journal" in ran.err
    assert status(shell).document == {"journals": [], "stop": None}
    assert shell("resume").code == 0


def test_a_finished_run_leaves_nothing_open(shell: Shell, plan_id: str) -> None:
    assert shell("execute", plan_id, "--live", "--approve", plan_id).code == 0
    ran = status(shell)
    (one,) = ran.document["journals"]
    assert ran.code == 0
    assert (one["state"], one["run"], one["live"], one["account"]) == ("verified", None, True, "main")
    report = shell("report", plan_id, "--json").document
    assert report["journal"] == {"events": one["events"], "head": one["head"]}, "the report bears witness of the journal"
    assert "Nothing is open." in shell("status").out


def test_what_is_unknown_is_said_and_ends_with_7(shell: Shell, plan_id: str, stuck: str) -> None:
    ran = status(shell)
    assert ran.code == 7
    (one,) = ran.document["journals"]
    assert one["run"]["plan_id"] == plan_id
    assert one["run"]["unknown"]
    phases = {order["symbol"]: (order["phase"], order["unknown"]) for order in one["run"]["orders"]}
    assert phases["OLD"] == ("filled", False)
    assert phases["JUNK"] == ("needs_person", True)
    assert phases["BND"] == ("planned", False)
    told = shell("status").out
    for words in ("LIVE", "OPEN", stuck, "NOT KNOWN", "certainly not sent", "rebalkit resume", "ask you"):
        assert words in told, words


def test_a_run_that_a_process_carries_out_now_is_not_called_broken_off(shell: Shell, plan_id: str, stuck: str) -> None:
    (path,) = journals()
    path.with_suffix(".holder").write_text("process 7 on ada's machine")
    assert status(shell).document["journals"][0]["held_by"] is None
    with alone_at(path, 0):
        assert status(shell).document["journals"][0]["held_by"] == "process 7 on ada's machine"
        told = shell("status").out
    assert "It is being carried out now, by process 7 on ada's machine." in told
    assert "`rebalkit resume` would" not in told


def test_a_damaged_journal_is_said_and_ends_with_8(shell: Shell, plan_id: str, stuck: str) -> None:
    (path,) = journals()
    path.write_bytes(path.read_bytes()[:-100])
    ran = status(shell)
    assert ran.code == 8
    (one,) = ran.document["journals"]
    assert (one["state"], one["account"], one["run"]) == ("damaged", None, None)
    assert one["problem"]
    assert "DAMAGED" in shell("status").out
    assert shell("resume").code == 8
    assert shell("execute", plan_id, "--live", "--approve", plan_id).code == 8


def test_an_open_run_keeps_another_plan_of_the_account_from_being_begun(shell: Shell, plan_id: str, stuck: str) -> None:
    ran = shell("execute", plan_id, "--live", "--approve", plan_id)
    assert ran.code == 4
    assert "rebalkit resume" in ran.err


def test_without_a_terminal_the_commands_that_answer_are_told(shell: Shell, plan_id: str, stuck: str) -> None:
    ran = shell("resume", "--live", "--approve", plan_id)
    assert ran.code == 7
    assert f"rebalkit resume {plan_id} --placed {stuck}=ORDER" in ran.err
    assert f"rebalkit resume {plan_id} --not-placed {stuck}" in ran.err
    assert "Sent:" in ran.err
    assert "At broker:" in ran.err
    assert len(LiveBroker.placed) == 2


def test_the_answer_and_consent_finish_it(shell: Shell, plan_id: str, stuck: str) -> None:
    ran = shell("resume", plan_id[:5], "--not-placed", stuck, "--live", "--approve", plan_id, "--json")
    assert ran.code == 0, ran.err
    jsonschema.validate(ran.document, shell("schema", "execution").document)
    assert ran.document["end"] == "converged"
    assert (newest_run() / "report.html").exists()
    assert status(shell).code == 0


def test_consent_is_asked_for_as_at_first(shell: Shell, plan_id: str, stuck: str) -> None:
    for options, code in ((["--live", "--yes"], 2), (["--live"], 2), ([], 2), (["--live", "--approve", plan_id[:11]], 2)):
        ran = shell("resume", plan_id, "--not-placed", stuck, *options) if options != ["--live"] else shell("resume", "--live")
        assert ran.code in (code, 7), ran.err
    assert len(LiveBroker.placed) == 2


def test_at_a_terminal_both_rows_are_shown_and_the_phrase_is_asked(
    shell: Shell, plan_id: str, stuck: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["none", "SELL 1 BUY 2 TURNOVER 10900"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda prompt="": next(answers))
    ran = shell("resume", "--live")
    assert ran.code == 0, ran.err
    assert stuck in ran.err
    assert "no order that may be it is listed" in ran.err
    assert "sell         20 JUNK" in ran.err, "each order is told as it ends"


def test_what_is_given_up_ends_with_4(shell: Shell, plan_id: str, stuck: str) -> None:
    ran = shell("resume", "--not-placed", stuck, "--give-up", "--json")
    assert ran.code == 4, ran.err
    assert ran.document["end"] == "given_up"
    jsonschema.validate(ran.document, shell("schema", "execution").document)
    assert status(shell).code == 0
    assert "Plan again" in ran.err


@pytest.mark.parametrize("given", ["X", "=1", "X="])
def test_an_answer_of_no_sense_is_refused(shell: Shell, plan_id: str, stuck: str, given: str) -> None:
    ran = shell("resume", "--placed", given)
    assert ran.code == 2
    assert "CLIENT_ID=ORDER" in ran.err


def test_a_run_folder_that_was_moved_is_found_among_the_runs(shell: Shell, plan_id: str, stuck: str) -> None:
    Path("elsewhere").mkdir()
    newest_run().rename(Path("elsewhere") / newest_run().name)
    assert shell("resume", "--not-placed", stuck, "--give-up").code == 2
    assert shell("resume", "--not-placed", stuck, "--give-up", "--runs", "elsewhere").code == 4


def test_of_several_open_runs_one_must_be_named(shell: Shell, plan_id: str, stuck: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = kept_journals()
    monkeypatch.setattr("rebalkit.pipeline.journals.kept_journals", lambda: [one, one])
    ran = shell("resume")
    assert ran.code == 2
    assert f"rebalkit resume {plan_id}" in ran.err
    assert shell("status").out.count("OPEN") == 2
    assert shell("resume", "ffff").err == "No run of a plan 'ffff' is open.\n"


def test_a_stop_is_shown(shell: Shell, plan_id: str) -> None:
    assert shell("stop", "--reason", "lunch").code == 0
    assert "No order is sent at present" in shell("status").err
    assert "lunch" in status(shell).document["stop"]
    shell("stop", "--clear")
    assert shell("execute", plan_id, "--live", "--approve", plan_id).code == 0
    shell("stop", "--reason", "supper")
    assert "supper" in shell("status").out
