"""The commands as a person uses them: data on stdout, words on stderr, the exit code by the kind of problem."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import DAY, Shell, edit, newest_run

# What the commands do.


def test_a_plan_prints_one_document_that_its_schema_describes(shell: Shell) -> None:
    ran = shell.plan("--json")
    assert ran.code == 0
    plan = ran.document
    jsonschema.validate(plan, shell("schema", "plan").document)
    assert set(plan) >= {"plan_id", "as_of", "account", "strategy", "classes", "orders", "not_traded", "tax", "cash", "findings"}
    assert plan["classes"][0]["name"] == "US large cap"
    assert plan["as_of"] == DAY
    assert plan["account"] == "taxable"
    assert all(isinstance(plan["tax"][name], str) for name in ("short_gain", "short_loss", "long_gain", "long_loss", "harvested"))
    sell = plan["orders"][0]
    assert sell["side"] == "sell"
    assert set(sell["lots"][0]) == {"lot", "quantity"}
    assert {"code"} < set(sell["reason"])
    assert "Run: " in ran.err


def test_the_same_account_gives_the_same_plan_in_every_process(shell: Shell) -> None:
    ids = {shell.plan("--json").document["plan_id"]}
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-m", "rebalkit", "plan", "--from", "account", "--targets", "targets.toml", "--as-of", DAY, "--json"],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        ids.add(json.loads(done.stdout)["plan_id"])
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("setting", "seen"),
    [
        ("strategy.max_gain_to_realize=1000000", lambda plan: float(plan["tax"]["long_gain"]) > 0),
        ("strategy.max_loss_to_forgo=1000000", lambda plan: plan["classes"][0]["buy"] == "IVV"),
        ("strategy.rounding=floor", lambda plan: all(float(c["buy_cost"]) <= float(c["buy_target"]) for c in plan["classes"])),
        ("strategy.forced_buys.US large cap=VV", lambda plan: plan["classes"][0]["buy"] == "VV"),
        ("strategy.forced_buys.US large cap=none", lambda plan: plan["classes"][0]["buy"] is None),
        ("strategy.wash_rule=by_ticker", lambda plan: plan["orders"] != []),
        ("limits.reserve=3000", lambda plan: float(plan["cash"]["after"]) >= 3000),
        ("limits.max_order=1", lambda plan: "order_over_limit" in {one["code"] for one in plan["findings"]}),
    ],
)
def test_set_reaches_the_strategy_and_the_limits(shell: Shell, setting: str, seen: Any) -> None:
    assert seen(shell.plan("--json", "--set", setting).document)


def test_holding_gives_no_orders(shell: Shell) -> None:
    plan = shell.plan("--json", "--strategy", "hold").document
    assert (plan["strategy"], plan["orders"]) == ("hold", [])


def test_the_terminal_report_is_for_people_and_has_no_colour_in_a_pipe(shell: Shell) -> None:
    ran = shell.plan()
    assert ran.code == 0
    assert "US large cap" in ran.out
    assert "\x1b" not in ran.out


def test_a_blocked_plan_is_shown_whole_ends_with_4_and_cannot_be_executed(shell: Shell) -> None:
    ran = shell.plan("--json", "--set", "limits.max_order=1")
    assert ran.code == 4
    assert ran.document["orders"]
    run = newest_run()
    refused = shell("execute", str(run), "--yes")
    assert refused.code == 4
    assert "order_over_limit" in refused.err
    assert not (run / "order-ticket.txt").exists()


def test_executing_a_folder_of_files_writes_a_ticket(shell: Shell) -> None:
    plan_id = shell.plan("--json").document["plan_id"]
    ran = shell("execute", plan_id, "--json")
    assert ran.code == 0
    jsonschema.validate(ran.document, shell("schema", "execution").document)
    ticket = (newest_run() / "order-ticket.txt").read_text()
    assert "IVV" in ticket
    assert f"The plan is of {DAY}, but today it is" in ticket
    assert (newest_run() / "order-ticket.csv").exists()


def test_paper_from_new_to_converged(shell: Shell) -> None:
    assert shell("paper", "new", "trial", "--from", "account").code == 0
    asked = ("--broker", "paper", "--set", "brokers.paper.book=trial", "--targets", "targets.toml")
    assert shell("plan", *asked).code == 0
    run = newest_run()
    without_consent = shell("execute", str(run))
    assert without_consent.code == 2
    assert "--yes" in without_consent.err
    ran = shell("execute", str(run), "--yes", "--json")
    assert ran.code == 0
    assert ran.document["end"] == "converged"
    again = shell("execute", str(run), "--yes")
    assert again.code == 4
    assert "begun already" in again.err
    assert shell("plan", *asked, "--json").document["orders"] == []
    assert shell("paper", "show", "trial", "--json").code == 0


def test_the_demo_does_everything_and_names_its_report(shell: Shell) -> None:
    ran = shell("demo")
    assert ran.code == 0
    assert "Planned again afterwards: no orders." in ran.out
    (path,) = [line.removeprefix("Report: ") for line in ran.err.splitlines() if line.startswith("Report: ")]
    assert "<html" in Path(path).read_text(encoding="utf-8")
    assert shell("demo").code == 0


def test_show_needs_no_targets_and_shows_any_account(shell: Shell) -> None:
    ran = shell("show", "--from", "account", "--as-of", DAY, "--account", "ira", "--json")
    assert ran.code == 0
    jsonschema.validate(ran.document, shell("schema", "account").document)
    person = shell("show", "--from", "account", "--as-of", DAY, "--html", "page")
    assert person.code == 0
    assert "Unrealised" in person.out
    assert Path("page/report.html").exists()


def test_init_writes_what_plan_reads_once_it_is_filled(shell: Shell) -> None:
    assert shell("init", "mine").code == 0
    for file in Path("account").glob("*.csv"):
        shutil.copy(file, "mine/account")
    ran = shell("plan", "--config", "mine/rebalkit.toml", "--as-of", DAY, "--json")
    assert ran.code == 0
    assert ran.document["orders"]
    before = {path: path.read_bytes() for path in Path("mine").rglob("*") if path.is_file()}
    again = shell("init", "mine")
    assert again.code == 2
    assert {path: path.read_bytes() for path in Path("mine").rglob("*") if path.is_file()} == before


def test_init_writes_nothing_when_a_template_is_in_the_way(shell: Shell) -> None:
    Path("half/account").mkdir(parents=True)
    Path("half/account/lots.csv").write_text("mine")
    assert shell("init", "half").code == 2
    assert [path.name for path in Path("half").rglob("*") if path.is_file()] == ["lots.csv"]


def test_reports_are_written_again_byte_for_byte(shell: Shell) -> None:
    shell.plan("--reporter", "html", "--reporter", "csv", "--reporter", "json")
    run = newest_run()
    assert shell("report", str(run), "--reporter", "html", "--reporter", "csv", "--reporter", "json", "--into", "again").code == 0
    names = sorted(path.name for path in Path("again").iterdir())
    assert len(names) > 4
    for name in names:
        assert (run / name).read_bytes() == (Path("again") / name).read_bytes()


def test_a_run_is_planned_again_from_its_files_byte_for_byte(shell: Shell) -> None:
    shell.plan("--set", "limits.reserve=1000", "--set", 'tax.identical=[["IVV", "VOO"]]')
    first = newest_run()
    assert shell("plan", "--from", str(first)).code == 0
    second = newest_run()
    assert first != second
    for name in ("snapshot.json", "request.json", "plan.json", "findings.json", "report.html"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    refused = shell("plan", "--from", str(first), "--strategy", "hold")
    assert refused.code == 2
    assert "exactly as it was" in refused.err


def test_only_the_owner_can_read_a_run(shell: Shell) -> None:
    shell.plan()
    run = newest_run()
    assert run.stat().st_mode & 0o077 == 0
    assert (run / "snapshot.json").stat().st_mode & 0o077 == 0


def test_doctor_finds_the_configuration_that_is_wrong(shell: Shell) -> None:
    assert shell("doctor").code == 0
    Path("rebalkit.toml").write_text("[strategy]\nname = 'greddy'\n")
    ran = shell("doctor", "--json")
    assert ran.code == 2
    assert not ran.document["ok"]


def test_a_strategy_of_ones_own_plans(shell: Shell) -> None:
    Path("my_strategy.py").write_text(
        "from rebalkit.plugin import StrategyRecord, hookimpl\n"
        "from rebalkit.strategies import Hold\n"
        "@hookimpl\n"
        "def rebalkit_strategies():\n"
        "    return [StrategyRecord('mine', 'Mine', factory=lambda settings: Hold())]\n"
    )
    text = 'plugins = ["./my_strategy.py"]\n' + Path("targets.toml").read_text()
    Path("own.toml").write_text(text)
    ran = shell("plan", "--from", "account", "--targets", "own.toml", "--as-of", DAY, "--strategy", "mine", "--json")
    assert (ran.code, ran.document["orders"]) == (0, [])
    unknown = shell.plan("--strategy", "mine")
    assert unknown.code == 2
    assert "'mine'" in unknown.err


# What goes wrong.


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("plan", 2, "--from FOLDER"),
        ("plan --from nowhere --targets targets.toml", 3, "nowhere"),
        ("plan --from targets.toml --targets targets.toml", 3, "targets.toml"),
        ("plan --from account --targets nowhere.toml", 2, "nowhere.toml"),
        ("plan --from account --targets account", 2, "account"),
        (f"plan --from account --as-of {DAY}", 2, "targets"),
        ("plan --from account --targets targets.toml --as-of 08.04.2025", 2, "YYYY-MM-DD"),
        ("plan --from account --targets targets.toml --as-of 2020-01-01", 3, "--as-of"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --account taxabel", 2, "Did you mean 'taxable'?"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --account ira", 3, "ira"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --strategy greddy", 2, "greedy"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --reporter htlm", 2, "html"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --set nonsense", 2, "--set"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --set strategy.max_gain=1", 2, "max_gain_to_realize"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --set strategy.max_gain_to_realize=much", 2, "much"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --set strategy.forced_buys.Gold=GLD", 3, "Gold"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --set strategy.wash_rule=exakt", 2, "by_ticker"),
        (f"plan --from account --broker paper --targets targets.toml --as-of {DAY}", 2, "--from, --broker"),
        ("plan --broker papre --targets targets.toml", 2, "paper"),
        ("plan --broker paper --targets targets.toml", 3, "rebalkit paper new"),
        (f"plan --from account --targets targets.toml --as-of {DAY} --runs targets.toml", 2, "targets.toml"),
        ("execute nothing", 2, "nothing"),
        ("execute account", 2, "snapshot.json"),
        ("report nothing", 2, "nothing"),
        ("schema plam", 2, "plam"),
        ("plam", 2, "plan"),
        ("plan --form account", 2, "--from"),
        ("show", 2, "--from"),
        ("init targets.toml", 2, "targets.toml"),
        ("paper show nobody", 3, "nobody"),
        ("plugins show nobody", 2, "nobody"),
        ("doctor --config nowhere.toml", 2, ""),
    ],
)
def test_wrong_words_are_answered_with_one_sentence_and_the_right_code(
    shell: Shell, arguments: str, code: int, words: str
) -> None:
    before = sorted(Path().rglob("*"))
    ran = shell(*arguments.split(" "))
    assert ran.code == code, ran.err
    assert words in ran.err + (ran.out if arguments.startswith("doctor") else "")
    assert "Traceback" not in ran.err + ran.out
    if not arguments.startswith("doctor"):
        assert ran.out == ""
    assert [path for path in sorted(Path().rglob("*")) if path not in before and path.name != "runs"] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("targets.toml", "target = 41", "target = 40", 2, "sum to 99"),
        ("targets.toml", "target = 41", "targte = 41", 2, "target"),
        ("targets.toml", "target = 41", "target = ", 2, "targets.toml:"),
        ("targets.toml", "[[asset_class]]", "[[asset_clas]]", 2, "asset_class"),
        ("account/lots.csv", "IVV-14,IVV,24", "IVV-14,IVV,-24", 3, "column quantity"),
        ("account/lots.csv", "2025-02-19", "02/19/2025", 3, "column acquired"),
        ("account/prices.csv", "GLD,", "XYZ,", 3, "GLD"),
        ("account/accounts.csv", "taxable,taxable", "taxable,taxed", 3, "column kind"),
        ("account/accounts.csv", "ira,ira", "ira,taxable", 2, "--account taxable"),
        ("account/accounts.csv", "taxable,taxable", "taxable,roth", 2, "no taxable account"),
    ],
)
def test_wrong_data_is_told_with_its_place(shell: Shell, file: str, old: str, new: str, code: int, words: str) -> None:
    edit(file, old, new)
    ran = shell.plan("--json")
    assert ran.code == code, ran.err
    assert words in ran.err
    assert ran.out == ""
    assert not Path("runs").exists()


def test_old_prices_block_a_plan_of_today_in_one_sentence(shell: Shell) -> None:
    ran = shell("plan", "--from", "account", "--targets", "targets.toml", "--json")
    assert ran.code == 4
    stale = [one for one in ran.document["findings"] if one["code"] == "stale_quote"]
    assert len(stale) == 1
    assert f"--as-of {DAY}" in stale[0]["message"]


@pytest.mark.parametrize("name", ["plan.json", "snapshot.json", "request.json"])
def test_a_file_of_a_run_that_was_changed_is_noticed(shell: Shell, name: str) -> None:
    shell.plan()
    path = newest_run() / name
    text = path.read_text()
    path.write_text(text.replace('"IVV"', '"VTI"', 1))
    assert text != path.read_text()
    ran = shell("execute", str(newest_run()), "--yes")
    assert ran.code == 3
    assert name in ran.err


def test_a_traceback_is_shown_only_on_request(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import rebalkit.pipeline.plan as stage

    def breaks(*given: object) -> None:
        raise ZeroDivisionError("a planted bug")

    monkeypatch.setattr(stage, "make_plan", breaks)
    ran = shell.plan()
    assert ran.code == 1
    assert "a planted bug" in ran.err
    assert "Traceback" not in ran.err
    debugged = shell.plan("--debug")
    assert debugged.code == 1
    assert debugged.err.startswith("Traceback (most recent call last):\n  File ")
    assert debugged.err.endswith("\nZeroDivisionError: a planted bug\n")


def test_a_person_who_stops_it_ends_with_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import rebalkit.pipeline.plan as stage

    def stopped(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, "make_plan", stopped)
    assert shell.plan().code == 130
    assert list(Path("runs").iterdir()) == [] if Path("runs").exists() else True


def test_a_reader_that_stops_reading_changes_nothing(shell: Shell) -> None:
    command = f"{sys.executable} -m rebalkit plan --from account --targets targets.toml --as-of {DAY} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in done.stderr


def test_help_shows_examples_for_every_command(shell: Shell) -> None:
    root = shell("--help")
    assert root.code == 0
    for name in ("demo", "init", "show", "plan", "execute", "report", "plugins", "doctor", "schema"):
        assert f"\n  {name} " in root.out
        assert "xample" in shell(name, "--help").out
    assert shell("--version").out.startswith("rebalkit ")
