"""Files that are not what they should be: one sentence, the right exit code, and the folder as it was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import DAY, Ran, Shell, edit, files_below, newest_run

ACCOUNTS, LOTS, PRICES, TRANSACTIONS = (f"account/{name}.csv" for name in ("accounts", "lots", "prices", "transactions"))


def refused(shell: Shell, arguments: list[str], code: int, *words: str) -> Ran:
    """Run a command that must fail, and look at everything that it may have left."""
    before = files_below()
    ran = shell(*arguments)
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert all(line.startswith("error: ") and line.endswith((".", "?")) for line in ran.err.splitlines()), ran.err
    for word in words:
        assert word in ran.err
    assert files_below() == before
    assert not list(Path("runs").glob(".*"))
    return ran


def plan(*more: str) -> list[str]:
    return ["plan", "--from", "account", "--targets", "targets.toml", "--as-of", DAY, "--json", *more]


def append(name: str, line: str) -> None:
    with Path(name).open("a") as file:
        file.write(line + "\n")


def _binary(name: str) -> Callable[[], object]:
    return lambda: Path(name).write_bytes(b"\x7fELF\x00\xff\xfe\x00")


def _emptied(name: str) -> Callable[[], object]:
    return lambda: Path(name).write_bytes(b"")


def _missing(name: str) -> Callable[[], object]:
    return lambda: Path(name).unlink()


def _folder(name: str) -> Callable[[], object]:
    return lambda: (Path(name).unlink(), Path(name).mkdir())


@pytest.mark.parametrize("name", ["account/accounts.csv", "account/lots.csv", "account/prices.csv", "account/transactions.csv"])
@pytest.mark.parametrize("break_it", [_binary, _emptied, _folder])
def test_a_csv_file_that_is_none_is_named(shell: Shell, name: str, break_it: Callable[[str], Callable[[], object]]) -> None:
    break_it(name)()
    refused(shell, plan(), 3, name)
    refused(shell, ["show", "--from", "account", "--as-of", DAY], 3, name)


@pytest.mark.parametrize("name", [ACCOUNTS, LOTS, PRICES])
def test_a_csv_file_that_is_missing_is_named(shell: Shell, name: str) -> None:
    _missing(name)()
    refused(shell, plan(), 3, name, "no such file")


@pytest.mark.parametrize("break_it", [_binary, _folder, _missing])
def test_targets_that_are_none_are_named(shell: Shell, break_it: Callable[[str], Callable[[], object]]) -> None:
    break_it("targets.toml")()
    refused(shell, plan(), 2, "targets.toml")


def test_empty_targets_say_what_is_missing(shell: Shell) -> None:
    _emptied("targets.toml")()
    refused(shell, plan(), 2, "there are no targets", "[[asset_class]]")


def as_nobody(shell: Shell, arguments: list[str]) -> Ran:
    """Run a command as a user whom the rights of files hold back, even where the tests are run by root."""
    user = os.geteuid()
    shell("plan", "--from", "nowhere")  # what that user may not import is imported before
    Path().chmod(0o755)
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REBALKIT_HOME", "/nowhere")  # the home of this test is below a folder that is root's
            return shell(*arguments)
    finally:
        os.seteuid(user)


@pytest.mark.parametrize(("name", "code"), [("targets.toml", 2), (LOTS, 3), ("account", 3)])
def test_what_this_user_may_not_read_is_named(shell: Shell, name: str, code: int) -> None:
    shell(*plan("--runs", "earlier"))
    Path(name).chmod(0)
    ran = as_nobody(shell, plan())
    Path(name).chmod(0o700)
    assert (ran.code, ran.out) == (code, "")
    assert name in ran.err
    assert "Permission denied" in ran.err


def test_where_this_user_may_not_write_nothing_is_kept(shell: Shell) -> None:
    shell(*plan("--runs", "earlier"))
    Path("locked").mkdir(mode=0o500)
    for arguments in (plan("--runs", "locked"), plan("--runs", "locked/runs"), ["init", "locked/mine"], ["init", "locked"]):
        ran = as_nobody(shell, arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "locked" in ran.err
        assert "Permission denied" in ran.err
    assert list(Path("locked").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that exists and cannot be read")
def test_a_device_that_cannot_be_read_is_named(shell: Shell) -> None:
    arguments = ["plan", "--from", "account", "--targets", "/proc/self/mem", "--as-of", DAY]
    refused(shell, arguments, 2, "/proc/self/mem")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: append(LOTS, "taxable,new,IVV,1,2025-05-01,500"), ("new", "2025-05-01")),
        (lambda: append(TRANSACTIONS, "taxable,2025-05-01,buy,IVV,1,500,0,,"), ("2025-05-01",)),
        (lambda: append(LOTS, "taxable,IVV-01,IVV,1,2020-01-02,500"), ("IVV-01", "column lot")),
        (lambda: append(LOTS, "nobody,x1,IVV,1,2020-01-02,500"), ("nobody", "column account")),
        (lambda: append(LOTS, "taxable,x1,IVV,1,2020-01-02"), ("lots.csv:",)),
        (lambda: append(LOTS, "taxable,x1,IVV,0,2020-01-02,500"), ("column quantity",)),
        (lambda: append(LOTS, "taxable,x1,IVV,1,2020-01-02,-500"), ("column cost",)),
        (lambda: append(LOTS, 'taxable,x1,IVV,"1,00",2020-01-02,500'), ("column quantity",)),
        (lambda: append(PRICES, "IVV,1.00,2025-04-08"), ("IVV",)),
        (lambda: append(PRICES, f"AAA,NaN,{DAY}"), ("column price",)),
        (lambda: edit(ACCOUNTS, "4318.27", "4318,27"), ("accounts.csv",)),
        (lambda: edit(PRICES, "symbol,price,date", "symbol,prize,date"), ("prices.csv", "price")),
    ],
)
def test_doubtful_data_is_refused_with_its_place(shell: Shell, change: Callable[[], object], words: tuple[str, ...]) -> None:
    change()
    refused(shell, plan(), 3, *words)


def test_all_problems_of_the_files_are_told_at_once(shell: Shell) -> None:
    append(LOTS, "taxable,x1,IVV,none,2020-01-02,500")
    append(LOTS, "taxable,x2,IVV,1,yesterday,500")
    append(PRICES, f"AAA,cheap,{DAY}")
    ran = refused(shell, plan(), 3, "column quantity", "column acquired", "column price")
    assert len(ran.err.splitlines()) == 3


def test_f091_negative_cash_is_planned_and_nothing_is_bought_on_credit(shell: Shell) -> None:
    edit(ACCOUNTS, "4318.27", "-250000")
    document = shell(*plan()).document
    assert document["cash"]["spent"] == "0.00"
    assert [one for one in document["orders"] if one["side"] == "buy"] == []


def test_f023_an_empty_account_is_planned(shell: Shell) -> None:
    Path(LOTS).write_text(Path(LOTS).read_text().splitlines()[0] + "\n")
    Path(TRANSACTIONS).write_text(Path(TRANSACTIONS).read_text().splitlines()[0] + "\n")
    edit(ACCOUNTS, "4318.27", "0")
    ran = shell(*plan())
    assert ran.code == 0
    assert ran.document["orders"] == []
    assert shell("show", "--from", "account", "--as-of", DAY).code == 0


def test_a_day_without_prices_of_it_is_told_as_a_finding(shell: Shell) -> None:
    ran = shell("plan", "--from", "account", "--targets", "targets.toml", "--as-of", "2099-01-02", "--json")
    assert ran.code == 4
    assert "stale_quote" in {one["code"] for one in ran.document["findings"]}


def test_two_configurations_of_an_account_want_one_named(shell: Shell) -> None:
    folder = '[brokers.csv]\nplugin = "files"\nfolder = "./account"\n'
    accounts = '[accounts.one]\nbroker = "csv"\n[accounts.two]\nbroker = "csv"\naccount_id = "ira"\n'
    Path("rebalkit.toml").write_text(folder + accounts)
    refused(shell, ["show", "--as-of", DAY], 2, "--account one", "--account two")
    refused(shell, ["show", "--as-of", DAY, "--account", "tow"], 2, "Did you mean 'two'?")
    for words in (["--account", "two"], ["--account", "two", "--broker", "csv"]):
        assert shell("show", "--as-of", DAY, "--json", *words).document["account"] == "ira"


def test_init_leaves_nothing_where_it_cannot_write_all(shell: Shell) -> None:
    refused(shell, ["init", "targets.toml"], 2, "targets.toml")
    Path("taken").mkdir()
    Path("taken/account").write_text("a file where the folder should be")
    refused(shell, ["init", "taken"], 2, "taken/account")
    Path("taken/account").unlink()
    Path("taken/rebalkit.toml").symlink_to("nowhere")
    refused(shell, ["init", "taken"], 2, "taken", "rebalkit.toml")


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs a folder that nobody can write")
def test_runs_that_cannot_be_kept_are_no_runs(shell: Shell) -> None:
    refused(shell, plan("--runs", "/proc/runs"), 2, "/proc/runs", "cannot be written")
    refused(shell, plan("--runs", "targets.toml"), 2, "targets.toml", "cannot be written")


# Run folders.


@pytest.fixture
def run(shell: Shell) -> str:
    assert shell(*plan()).code == 0
    return str(newest_run())


def test_reports_go_into_a_folder_or_nowhere(shell: Shell, run: str) -> None:
    refused(shell, ["report", run, "--reporter", "csv", "--into", "targets.toml"], 2, "targets.toml")
    refused(shell, ["report", run, "--reporter", "cvs", "--into", "new"], 2, "Did you mean 'csv'?")
    assert not Path("new").exists()
    refused(shell, ["show", "--from", "account", "--as-of", DAY, "--html", "account/lots.csv"], 2, "account/lots.csv")


def test_a_reporter_that_does_not_exist_is_noticed_before_anything_is_traded(shell: Shell, run: str) -> None:
    refused(shell, ["execute", run, "--yes", "--reporter", "cvs"], 2, "Did you mean 'csv'?")


STAGES = ("snapshot.json", "request.json", "plan.json", "findings.json", "execution.json")
RUBBISH = (b"", b"\xff\xfe\x00", b"{", b"[]", b"7", b"null", b'{"plan_id": 1}', b"[" * 100_000)
DAMAGED = [(name, content) for name in STAGES for content in RUBBISH if (name, content) != ("findings.json", b"[]")]


@pytest.mark.parametrize(("name", "content"), DAMAGED, ids=lambda one: str(one[:8]))
@pytest.mark.parametrize("command", ["report", "execute"])
def test_a_file_of_a_run_that_is_damaged_is_named(shell: Shell, run: str, name: str, content: bytes, command: str) -> None:
    (Path(run) / name).write_bytes(content)
    refused(shell, [command, run], 3, name)


@pytest.mark.parametrize("name", ["request.json", "plan.json", "findings.json"])
def test_a_file_of_a_run_that_is_missing_is_named(shell: Shell, run: str, name: str) -> None:
    (Path(run) / name).unlink()
    refused(shell, ["report", run], 3, name)
    refused(shell, ["execute", run], 3, name)


@pytest.mark.parametrize("name", ["snapshot.json", "request.json", "plan.json"])
def test_a_file_of_another_version_is_refused(shell: Shell, run: str, name: str) -> None:
    path = Path(run) / name
    document = json.loads(path.read_text())
    (document["plan"] if name == "plan.json" else document)["of_tomorrow"] = 1
    path.write_text(json.dumps(document))
    refused(shell, ["report", run], 3, name, "of_tomorrow")
    if name != "plan.json":
        refused(shell, ["plan", "--from", run], 3, name, "of_tomorrow")


def test_findings_that_were_deleted_are_found_again_before_anything_is_traded(shell: Shell) -> None:
    assert shell(*plan("--set", "limits.max_order=1")).code == 4
    run = newest_run()
    (run / "findings.json").write_text("[]\n")
    refused(shell, ["execute", str(run), "--yes"], 4, "order_over_limit")


def test_what_is_no_run_is_refused(shell: Shell, run: str) -> None:
    refused(shell, ["show", "--from", run], 2, f"rebalkit report {run}")
    for command in ("report", "execute"):
        refused(shell, [command, "account"], 2, "account", "snapshot.json")
        refused(shell, [command, "targets.toml"], 2, "targets.toml")
        refused(shell, [command, "./nowhere"], 2, "nowhere")
        refused(shell, [command, "0000"], 2, "0000")
        refused(shell, [command, ""], 2)
        refused(shell, [command, "*"], 2)
    shutil.rmtree("runs")
    refused(shell, ["report", "0000"], 2, "runs")
