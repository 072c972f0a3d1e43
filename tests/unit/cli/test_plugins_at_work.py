"""Plugins of one's own in the commands: they work, and when they do not, they cannot do harm or hide."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from commands import DAY, Ran, Shell, files_below, newest_run

HEAD = """
from decimal import Decimal
from pathlib import Path
from attrs import evolve, field, frozen
from rebalkit.model import Finding, Severity
from rebalkit.model.plans import Reason, NotTraded
from rebalkit.plugin import *
from rebalkit.strategies import Hold
"""

STRATEGY = """
@frozen
class Settings:
    word: str = "none"

class Mine:
    def __init__(self, settings):
        {init}
        self.settings = settings

    def plan(self, snapshot, targets, context):
        plan = Hold().plan(snapshot, targets, context)
        {body}

@hookimpl
def rebalkit_strategies():
    return [StrategyRecord("mine", "Mine", factory=Mine, settings=lambda: Settings)]
"""


def own(shell: Shell, code: str, *more: str, name: str = "mine.py") -> Ran:
    """Plan with a plugin file that is named in the targets file."""
    Path(name).write_text(HEAD + dedent(code))
    text = Path("targets.toml").read_text()
    if "plugins =" not in text:
        Path("targets.toml").write_text(f'plugins = ["./{name}"]\n{text}')
    return shell.plan("--json", *more)


def strategy(shell: Shell, body: str, *more: str, init: str = "pass") -> Ran:
    return own(shell, STRATEGY.format(body=body, init=init), "--strategy", "mine", *more)


def test_a_strategy_gets_its_settings_and_its_run_can_be_planned_again(shell: Shell) -> None:
    body = 'return evolve(plan, strategy="mine", not_traded=(NotTraded("IVV", Reason("said", {"word": self.settings.word})),))'
    ran = strategy(shell, body, "--set", "strategy.word=hello")
    assert ran.code == 0
    assert ran.document["not_traded"] == [{"subject": "IVV", "reason": ran.document["not_traded"][0]["reason"]}]
    assert ran.document["not_traded"][0]["reason"]["word"] == "hello"
    again = shell("plan", "--from", str(newest_run()), "--json")
    assert (again.code, again.document) == (0, ran.document)
    assert shell("report", str(newest_run()), "--json").document == ran.document
    assert shell("execute", str(newest_run()), "--yes").code == 0
    wrong = strategy(shell, body, "--set", "strategy.wrod=hello")
    assert wrong.code == 2
    assert "Did you mean 'word'?" in wrong.err


@pytest.mark.parametrize(
    ("body", "init", "words"),
    [
        ("raise KeyError('IVV')", "pass", "KeyError"),
        ("return plan", "raise OSError('no licence')", "no licence"),
        ("return None", "pass", "NoneType instead of a plan"),
        ("return evolve(plan, account='ira')", "pass", "another day or account"),
        ("return evolve(plan, not_traded=(NotTraded('A', Reason('b', {'c': 0.1})),))", "pass", "no file can hold"),
        (
            "import secrets; return evolve(plan, not_traded=(NotTraded(secrets.token_hex(8).upper(), Reason('b')),))",
            "pass",
            "differently the second time",
        ),
    ],
)
def test_f113_f115_a_strategy_that_fails_is_named_and_leaves_nothing(shell: Shell, body: str, init: str, words: str) -> None:
    ran = strategy(shell, body, init=init)
    assert (ran.code, ran.out) == (3, "")
    assert "'mine'" in ran.err
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("snapshot.quotes.clear(); return plan", "no quote"),
        ("snapshot.account.cash = None; return plan", "FrozenInstanceError"),
        ("targets.classes = (); return plan", "FrozenInstanceError"),
        ("object.__setattr__(plan, 'account', 'ira'); return plan", "another day or account"),
    ],
)
def test_f114_a_strategy_that_changes_what_it_was_given_is_found_out(shell: Shell, body: str, words: str) -> None:
    ran = strategy(shell, body)
    assert ran.code != 0, ran.out
    assert words in ran.err + ran.out


CHECK = """
@hookimpl
def rebalkit_checks():
    return [CheckRecord("mine", "Mine", factory=lambda: check)]

def check(given):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "code", "finding"),
    [
        ("return []", 0, None),
        ("yield Finding('mine_warns', Severity.WARNING, 'Careful.')", 0, "mine_warns"),
        ("yield Finding('mine_forbids', Severity.BLOCKING, 'No.')", 4, "mine_forbids"),
        ("raise ValueError('broken')", 4, "check_failed"),
        ("return None", 4, "check_failed"),
        ("return ['fine']", 4, "check_failed"),
        ("yield Finding('mine_warns', Severity.WARNING, 'Careful.'); raise ValueError('broken')", 4, "check_failed"),
    ],
)
def test_a_check_that_does_not_pass_forbids_the_plan(shell: Shell, body: str, code: int, finding: str | None) -> None:
    ran = own(shell, CHECK.format(body=body))
    assert ran.code == code, ran.err
    codes = {one["code"] for one in ran.document["findings"]}
    assert finding is None or finding in codes
    assert ("check_failed" in codes) == (finding == "check_failed")
    executed = shell("execute", str(newest_run()), "--yes")
    assert executed.code == code


def test_a_check_that_has_gone_since_the_plan_was_made_forbids_its_execution(shell: Shell) -> None:
    assert own(shell, CHECK.format(body="return []")).code == 0
    Path("mine.py").unlink()
    ran = shell("execute", str(newest_run()), "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "mine.py" in ran.err
    assert shell("report", str(newest_run()), "--json").code == 0


REPORTER = """
class Mine:
    def render(self, report, into):
        {body}

@hookimpl
def rebalkit_reporters():
    return [ReporterRecord("mine", "Mine", factory=Mine)]
"""


def test_a_reporter_of_ones_own_writes_into_the_run(shell: Shell) -> None:
    body = 'path = Path(into) / "mine.txt"; path.write_text(report.plan.plan_id); return [path]'
    ran = own(shell, REPORTER.format(body=body), "--reporter", "mine")
    assert ran.code == 0
    assert (newest_run() / "mine.txt").read_text() == ran.document["plan_id"]
    assert f"Report: {newest_run() / 'mine.txt'}" in ran.err


@pytest.mark.parametrize("body", ["raise ValueError('broken')", "(Path(into) / 'no' / 'x').write_text('')"])
def test_a_reporter_that_fails_leaves_no_run(shell: Shell, body: str) -> None:
    ran = own(shell, REPORTER.format(body=body), "--reporter", "html", "--reporter", "mine")
    assert (ran.code, ran.out) == (2, "")
    assert list(Path("runs").iterdir()) == []


@pytest.mark.parametrize("code", ["def", "import nowhere_to_be_found", "raise SystemExit(0)", "x = 1"])
def test_a_plugin_file_that_is_broken_stops_the_plan(shell: Shell, code: str) -> None:
    """It may have held a check."""
    ran = own(shell, code)
    assert (ran.code, ran.out) == (2, "")
    assert "mine.py" in ran.err
    assert "Traceback" not in ran.err


def test_a_plugin_file_that_does_not_exist_stops_the_plan(shell: Shell) -> None:
    Path("targets.toml").write_text('plugins = ["./gone.py"]\n' + Path("targets.toml").read_text())
    ran = shell.plan()
    assert (ran.code, ran.out) == (2, "")
    assert "gone.py" in ran.err


def test_plugins_can_be_left_out(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("--no-plugins", "plan", "--from", "account", "--targets", "targets.toml", "--as-of", DAY, "--json").code == 0
    monkeypatch.setenv("REBALKIT_DISABLE_PLUGINS", "paper")
    assert shell.plan("--json").code == 0
    without = shell("plan", "--broker", "paper", "--targets", "targets.toml")
    assert without.code == 2
    assert "'paper'" in without.err
    before = files_below()
    demo = shell("demo")
    assert (demo.code, demo.out) == (2, "")
    assert "REBALKIT_DISABLE_PLUGINS" in demo.err
    assert files_below() == before
    monkeypatch.setenv("REBALKIT_DISABLE_PLUGINS", "papr")
    ran = shell.plan("--json")
    assert ran.code == 0
    assert json.loads(ran.out)["orders"]
    assert "warning: papr" in ran.err


def test_plugins_are_listed_and_explained(shell: Shell) -> None:
    names = {one["name"] for one in shell("plugins", "list", "--json").document["records"]}
    assert {"greedy", "hold", "files", "paper", "html", "csv", "json", "terminal"} <= names
    person = shell("plugins", "show", "greedy")
    assert person.code == 0
    for setting in ("max_gain_to_realize", "max_loss_to_forgo", "wash_rule", "rounding", "forced_buys"):
        assert setting in person.out
