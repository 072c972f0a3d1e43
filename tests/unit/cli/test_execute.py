"""``rebalkit execute``: who is asked, what counts as a yes, and what is told, on paper and where real money moves."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import click
import jsonschema
import pytest

from commands import Ran, Shell, newest_run
from executions import book
from live_broker import MOMENT, TARGETS_FILE, LiveBroker, real_money, write_plugin
from rebalkit.execution.disk import journals
from rebalkit.model import PlaceResult
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.stopping import ask_to_stop
from rebalkit_paper import PaperBroker, PaperSettings

__all__ = ["real_money"]


@pytest.fixture
def planned(shell: Shell, real_money: type[LiveBroker]) -> Callable[..., tuple[Path, str]]:
    """Plans the account of the book `test` at a broker; returns the run folder and the id of the plan."""
    book()
    Path("own.toml").write_text(TARGETS_FILE)
    write_plugin()

    def plan(broker: str = "pretend") -> tuple[Path, str]:
        ran = shell(
            "plan",
            "--broker",
            broker,
            "--set",
            f"brokers.{broker}.book=test",
            "--account",
            "main",
            "--targets",
            "own.toml",
            "--json",
        )
        assert ran.code == 0, ran.err
        run = newest_run()
        (run / "origin.json").write_text(json.dumps({"read": MOMENT.isoformat(), "live": broker == "pretend"}))
        return run, ran.document["plan_id"]

    return plan


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """A terminal at which these words are typed; returns what is asked."""

    def type_at(words: str) -> list[str]:
        asked: list[str] = []

        def answer(prompt: str = "") -> str:
            asked.append(prompt)
            return words

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setattr(click.termui, "visible_prompt_func", answer)
        return asked

    return type_at


def refused(ran: Ran, code: int, words: str) -> None:
    assert ran.code == code, ran.err
    assert words in ran.err
    assert LiveBroker.placed == []


def phrase_in(text: str) -> str:
    found = re.search(r"SELL \d+ BUY \d+ TURNOVER \d+", text)
    assert found
    return found[0]


def test_the_names_of_live_runs_say_so(planned: Callable[..., tuple[Path, str]]) -> None:
    assert planned()[0].name.endswith("-live")
    assert not planned("paper")[0].name.endswith("-live")


def test_s1_planning_asks_no_broker_for_an_order(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, _ = planned()
    assert shell("report", str(run)).code == 0
    assert shell("status").code == 0
    assert LiveBroker.placed == []
    assert journals() == []


def test_real_money_needs_the_flag(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    refused(shell("execute", str(run)), 2, "add --live")
    refused(shell("execute", str(run), "--yes"), 2, "add --live")
    refused(shell("execute", str(run), "--approve", plan_id), 2, "add --live")


def test_f109_a_yes_is_no_consent_to_real_money(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, _ = planned()
    refused(shell("execute", str(run), "--live", "--yes"), 2, "no consent")


def test_f109_without_a_terminal_it_needs_the_id_of_the_plan(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    refused(shell("execute", str(run), "--live"), 2, f"--approve {plan_id}")


@pytest.mark.parametrize("change", [lambda one: one[:11], lambda one: one + "0", lambda one: one.upper() + "X", lambda one: ""])
def test_a_wrong_or_short_id_is_refused(
    shell: Shell, planned: Callable[..., tuple[Path, str]], change: Callable[[str], str]
) -> None:
    run, plan_id = planned()
    refused(shell("execute", str(run), "--live", "--approve", change(plan_id)), 2, "all 12 digits")


def test_with_its_id_it_is_carried_out(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    ran = shell("execute", str(run), "--live", "--approve", plan_id, "--json")
    assert ran.code == 0, ran.err
    jsonschema.validate(ran.document, shell("schema", "execution").document)
    assert (ran.document["end"], ran.document["live"]) == ("converged", True)
    assert ran.document["journal"]["events"] > 20
    assert len(LiveBroker.placed) == 4
    assert "LIVE" in (run / "report.html").read_text()
    assert shell("report", str(run)).out.startswith("LIVE\n")


def test_at_a_terminal_the_phrase_is_typed(
    shell: Shell, planned: Callable[..., tuple[Path, str]], terminal: Callable[[str], list[str]]
) -> None:
    run, _ = planned()
    asked = terminal("yes")
    ran = shell("execute", str(run), "--live")
    assert (ran.code, "Nothing was placed." in ran.err) == (0, True)
    assert LiveBroker.placed == []
    assert "LIVE" in ran.err
    assert "real money moves" in ran.err
    phrase = phrase_in(asked[0] + ran.err)
    terminal(phrase.lower())
    assert shell("execute", str(run), "--live").code == 0
    assert len(LiveBroker.placed) == 4


def test_on_paper_a_terminal_is_asked_plainly_and_looks_different(
    shell: Shell, planned: Callable[..., tuple[Path, str]], terminal: Callable[[str], list[str]]
) -> None:
    run, _ = planned("paper")
    terminal("n")
    ran = shell("execute", str(run))
    assert (ran.code, "Nothing was placed." in ran.err) == (0, True)
    assert "PAPER" in ran.err
    assert "LIVE" not in ran.err
    terminal("y")
    assert shell("execute", str(run)).code == 0


def test_f107_the_question_names_the_account_its_worth_and_the_broker(
    shell: Shell, planned: Callable[..., tuple[Path, str]], terminal: Callable[[str], list[str]]
) -> None:
    run, plan_id = planned()
    terminal("")
    told = shell("execute", str(run), "--live").err
    for words in ("main, worth $15,700.00", "pretend", plan_id, "2 sales (2 lots), 2 purchases", "Not sure"):
        assert words in told, words


def test_f032_paper_is_not_real_money(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned("paper")
    refused(shell("execute", str(run), "--live", "--approve", plan_id), 2, "only simulates")
    ran = shell("execute", str(run), "--approve", plan_id)
    assert ran.code == 0, ran.err


def test_f105_nothing_is_a_demo_unless_it_is_asked_for(shell: Shell) -> None:
    """Without an account there is no sample in its place."""
    ran = shell("plan", "--targets", "targets.toml")
    assert ran.code == 2
    assert "where the account is" in ran.err
    assert not Path("runs").exists()


def test_f108_a_plan_that_was_edited_is_refused(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    file = run / "plan.json"
    file.write_text(file.read_text().replace('"quantity": "88"', '"quantity": "880"'))
    refused(shell("execute", str(run), "--live", "--approve", plan_id), 3, "changed after it was made")


def test_an_old_plan_is_refused(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    LiveBroker.moment = MOMENT.replace(hour=16)
    refused(shell("execute", str(run), "--live", "--approve", plan_id), 4, "60 minutes ago")
    again = shell("plan", "--from", str(run), "--json")
    assert again.code == 0
    assert RunFolder.open(newest_run()).origin() == RunFolder.open(run).origin(), "its snapshot is as old as it was"


def test_f116_a_reporter_that_fails_after_trading_hides_nothing(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, _ = planned("paper")
    (run / "report.html").unlink()
    (run / "report.html").mkdir()
    ran = shell("execute", str(run), "--yes")
    assert ran.code == 2
    assert "report.html" in ran.err
    assert "Planned again afterwards: no orders." in ran.out, "the person has read what was done"
    assert shell("report", str(run), "--json").document["end"] == "converged"


def test_f057_a_report_that_was_never_written_comes_out_of_the_journal(
    shell: Shell, planned: Callable[..., tuple[Path, str]]
) -> None:
    run, plan_id = planned()
    before = shell("execute", str(run), "--live", "--approve", plan_id, "--json").document
    (run / "execution.json").unlink()
    after = shell("report", str(run), "--json").document
    for key in ("plan_id", "end", "orders", "journal", "live"):
        assert after[key] == before[key], key


def press_while_placing(times: int) -> None:
    """Ctrl-C is pressed so often while the first order is on its way; it arrives, and so does its answer unless that is cut off."""

    def answer() -> PlaceResult:
        del LiveBroker.answers["OLD"]
        broker = LiveBroker(PaperSettings("test"))
        placed = PaperBroker.place(broker, "main", broker.preview("main", LiveBroker.placed[-1]))
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        return placed

    LiveBroker.answers["OLD"] = answer


def test_f060_ctrl_c_lets_the_present_order_end_and_sends_no_other(
    shell: Shell, planned: Callable[..., tuple[Path, str]]
) -> None:
    run, plan_id = planned()
    press_while_placing(1)
    ran = shell("execute", str(run), "--live", "--approve", plan_id)
    assert ran.code == 4, ran.err
    assert "Ctrl-C again within 3 seconds" in ran.err
    assert len(LiveBroker.placed) == 1
    orders = shell("status", "--json").document["journals"][0]["run"]["orders"]
    assert orders[0]["phase"] == "filled"
    assert {one["phase"] for one in orders[1:]} <= {"planned", "intent", "previewed", "checked"}, "certainly not sent"
    assert shell("resume", "--live", "--approve", plan_id).code == 0
    assert len(LiveBroker.placed) == 4


def test_f060_a_second_ctrl_c_leaves_at_once_and_nothing_is_forgotten(
    shell: Shell, planned: Callable[..., tuple[Path, str]]
) -> None:
    run, plan_id = planned()
    press_while_placing(2)
    ran = shell("execute", str(run), "--live", "--approve", plan_id)
    assert ran.code == 130, ran.err
    orders = shell("status", "--json").document["journals"][0]["run"]["orders"]
    assert orders[0]["phase"] == "unknown"
    assert orders[0]["reason"] == "interrupted before the broker answered"
    assert shell("resume", "--live", "--approve", plan_id).code == 0, "what the broker has is found, and not sent again"
    assert len(LiveBroker.placed) == 4


def test_a_stop_keeps_every_order_from_being_sent(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    run, plan_id = planned()
    ask_to_stop("no", MOMENT)
    refused(shell("execute", str(run), "--live", "--approve", plan_id), 4, "rebalkit stop")


def test_f120_real_money_moves_with_trusted_plugins_only(shell: Shell, planned: Callable[..., tuple[Path, str]]) -> None:
    """The broker came in a file that was trusted; once it has changed nothing is asked of it before it is trusted again."""
    _, plan_id = planned()
    with Path("pretend.py").open("a") as file:
        file.write("# one line more\n")
    ran = shell("execute", plan_id, "--live", "--approve", plan_id)
    assert (ran.code, ran.out) == (2, "")
    assert "pretend.py: it is left out where real money moves: changed since it was trusted" in ran.err
    assert LiveBroker.placed == []
    assert shell("plugins", "trust", "pretend.py").code == 0
    assert shell("execute", plan_id, "--live", "--approve", plan_id).code in (0, 5)
    assert LiveBroker.placed
