"""Canaries in every place that knows a secret, and none in any place that shows something (S9, F119)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from canary_broker import CANARIES, CanaryBroker, CanarySettings, forms
from commands import Shell, files_below, newest_run
from executions import book
from keyring_stub import Ring, ring
from live_broker import MOMENT, TARGETS_FILE, LiveBroker, real_money
from rebalkit.execution.disk import journals
from rebalkit.registry import Provider, TrustList
from rebalkit.secrets import Secret, store

__all__ = ["real_money", "ring"]

REFERENCES = {name: f"env:CANARY_{name.upper()}" for name in CANARIES} | {
    "keyring_password": "keyring:rebalkit/canary",
    "access_token": "keyring:rebalkit/token",
}


@pytest.fixture
def household(
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    real_money: type[LiveBroker],
    ring: Ring,
) -> Iterator[Shell]:
    """A configuration that names all canaries by reference, and a broker that says them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    book()
    references = {**REFERENCES, "file_password": f"file:{home}/kept/canary"}
    for name, reference in references.items():
        if reference.startswith("env:"):
            monkeypatch.setenv(reference.removeprefix("env:"), CANARIES[name])
        else:
            store(reference, Secret(CANARIES[name]))
    settings = "".join(f"{name} = {json.dumps(reference)}\n" for name, reference in references.items())
    Path("rebalkit.toml").write_text(f'{TARGETS_FILE}\n[brokers.canary]\nbook = "test"\n{settings}')
    path = Path("pretend.py").resolve()
    path.write_text("from canary_broker import *\n")
    TrustList.add(Provider(path.stem, "", "", str(path)))
    yield Shell(capsys)
    CanaryBroker.way = ""


def hits(text: str) -> set[str]:
    return {form for value in [*CANARIES.values(), "canary-pw-62"] for form in forms(value) if form in text}


class Watched:
    """Runs commands, and looks at all that they say."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.said = 0

    def __call__(self, *arguments: str) -> int:
        ran = self.shell("--debug", *arguments)
        assert hits(ran.out) == set(), arguments
        assert hits(ran.err) == set(), arguments
        self.said += ran.err.count("•••") + ran.out.count("•••")
        return ran.code


WAYS = [
    "", "refuses", "loses", "vetoes",
    *(f"{who} {how}" for who in ("snapshot", "preview", "place", "check", "decider", "observer") for how in ("fails", "breaks")),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_f119_s9_no_secret_is_said_or_written_whatever_the_broker_does(household: Shell, home: Path, way: str) -> None:
    run = Watched(household)
    CanaryBroker.way = way if way.startswith(("snapshot", "check")) else ""
    code = run("plan", "--broker", "canary", "--account", "main")
    if way.startswith("snapshot"):
        assert code == 1  # a traceback
        assert household("plan", "--broker", "canary", "--account", "main").code in (1, 5)
        assert hits(household("plan", "--broker", "canary", "--account", "main").err) == set()
    else:
        assert code == (4 if way.startswith("check") else 0)
        folder = newest_run()
        plan_id = json.loads((folder / "plan.json").read_text())["plan_id"]
        (folder / "origin.json").write_text(json.dumps({"read": MOMENT.isoformat(), "live": True}))
        CanaryBroker.way = way
        run("execute", plan_id, "--live", "--approve", plan_id, "--reporter", "html", "--reporter", "csv", "--reporter", "json")
        CanaryBroker.way = ""
        run("status")
        run("status", "--json")
        run("resume", "--give-up")
        for what in ("show", "verify", "export"):
            run("journal", what)
        run("report", str(folder))
        run("report", str(folder), "--json")
        assert len(journals()) == 1 or way.startswith(("check", "preview"))
    run("doctor")
    run("show", "--broker", "canary", "--account", "main")
    assert run.said > 10, "the canaries were there to be found"

    shutil.rmtree(home / "kept")
    leaks = {
        path: hits(content.decode(errors="replace"))
        for folder in (Path.cwd(), home)
        for path, content in files_below(folder).items()
    }
    assert {path: found for path, found in leaks.items() if found} == {}
    assert not [name for name in os.environ if name.startswith("CANARY_")], "no process that is started later gets them"


@pytest.mark.parametrize("how", ["config", "--set"])
def test_f119_a_secret_that_was_written_into_the_configuration_is_refused_and_not_repeated(household: Shell, how: str) -> None:
    wrong = "canary-inline-77"
    arguments = ["plan", "--broker", "canary", "--account", "main"]
    if how == "config":
        text = Path("rebalkit.toml").read_text()
        Path("rebalkit.toml").write_text(text.replace(REFERENCES["consumer_key"], wrong))
    else:
        arguments += ["--set", f"brokers.canary.consumer_key={wrong}"]
    ran = household(*arguments)
    assert ran.code == 2
    assert "a secret does not belong into a configuration" in ran.err
    assert wrong not in ran.err + ran.out
    assert not Path("runs").exists()


def test_f119_what_holds_a_secret_does_not_show_it(household: Shell, home: Path) -> None:
    broker = CanaryBroker(CanarySettings("test", **{**REFERENCES, "file_password": f"file:{home}/kept/canary"}))
    assert hits(f"{broker.secrets} {broker.settings} {vars(broker)}") == set()
    assert hits(broker.say()), "the broker itself knows them"
