"""``rebalkit promises``, and that commands heed what it lists."""

from __future__ import annotations

import datetime as dt

import jsonschema
import pytest

from commands import Shell, newest_run
from rebalkit.model import Promise
from rebalkit.pipeline.promises import HOUSEHOLD, Scope, promises_file

LONG = "0123456789ab-SCHM"
SOLD = dt.date(2025, 4, 1)


def promise(name: str, *group: str, days: int = 30) -> Promise:
    through = SOLD + dt.timedelta(days=days)
    return Promise(name, group, "elsewhere", SOLD, through, through + dt.timedelta(days=1), "12.5", "340.10", "0123456789ab")


def kept() -> None:
    HOUSEHOLD.keep([promise("p-2", "IEFA", "VEA"), promise("p-1", "SCHX", days=20)], SOLD)
    Scope("paper: book=demo").keep([promise("d-1", "MUB"), promise(LONG, *"ABCDEFGHIJK")], SOLD)


def test_without_a_promise_it_says_so(shell: Shell) -> None:
    for arguments in (["promises"], ["promises", "list"]):
        ran = shell(*arguments)
        assert (ran.code, ran.out) == (0, "")
        assert "No promise is kept" in ran.err
    assert shell("promises", "list", "--json").document == {"promises": []}


def test_it_lists_what_must_not_be_bought_scope_by_scope(shell: Shell) -> None:
    kept()
    ran = shell("promises")
    assert ran.code == 0
    assert ran.out == shell("promises", "list").out
    words = ran.out
    assert all(f"\n{name}   " in words for name in ("p-1", "p-2", "d-1", LONG)), "a name that is to be typed is in one piece"
    assert "What must not be bought, until when, and what is at stake" in words
    assert words.index("household") < words.index("p-1") < words.index("IEFA / VEA") < words.index("paper: book=demo")
    for text in ("2025-05-01", "2025-05-02", "12.5", "340.10", "elsewhere"):
        assert text in words


def test_the_list_is_as_wide_as_the_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(map(len, shell("promises").out.splitlines())) <= width


def test_the_list_as_json_has_every_figure(shell: Shell) -> None:
    kept()
    document = shell("promises", "list", "--json").document
    jsonschema.Draft202012Validator(shell("schema", "promises").document).validate(document)
    assert [one["promise"] for one in document["promises"]] == ["p-1", "p-2", LONG, "d-1"]
    assert document["promises"][1] == {
        "scope": "household", "promise": "p-2", "group": ["IEFA", "VEA"], "account": "elsewhere", "sold": "2025-04-01",
        "through": "2025-05-01", "free_from": "2025-05-02", "quantity": "12.5", "loss": "340.10", "plan_id": "0123456789ab",
    }  # fmt: skip


def test_a_promise_is_forgotten_on_request_and_no_other(shell: Shell) -> None:
    kept()
    ran = shell("promises", "drop", "p-2")
    assert (ran.code, ran.out) == (0, "")
    assert "IEFA / VEA before 2025-05-02" in ran.err
    assert [one["promise"] for one in shell("promises", "list", "--json").document["promises"]] == ["p-1", LONG, "d-1"]
    again = shell("promises", "drop", "p-2")
    assert again.code == 2
    assert "no promise 'p-2'" in again.err


def test_a_damaged_file_stops_every_command_that_needs_it(shell: Shell) -> None:
    """To plan as if nothing had been promised would be a guess."""
    kept()
    promises_file().write_text("{}")
    for ran in (shell("promises"), shell.plan(), shell("show", "--from", "account", "--targets", "targets.toml")):
        assert (ran.code, ran.out) == (3, "")
        assert str(promises_file()) in ran.err


def test_a_run_with_promises_is_planned_again_byte_for_byte_whatever_was_kept_or_dropped_since(shell: Shell) -> None:
    kept()
    shell.plan()
    first = newest_run()
    shell("promises", "drop", "p-2")
    assert shell("plan", "--from", str(first)).code == 0
    second = newest_run()
    assert first != second
    for name in ("snapshot.json", "request.json", "plan.json", "findings.json", "report.html"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert '"promise": "p-2"' in (second / "snapshot.json").read_text()


def test_promises_in_force_are_part_of_the_plan_and_of_the_account(shell: Shell) -> None:
    """That of the paper account is none of the household's, and on May 1 (its last day the 21st of April) p-1 is over."""
    kept()
    plan = shell.plan("--json").document
    earlier = [one for one in plan["promises"] if one["plan_id"] == "0123456789ab"]
    assert [one["promise"] for one in earlier] == ["p-1", "p-2"]
    show = ("show", "--from", "account", "--targets", "targets.toml", "--json", "--as-of")
    assert [one["promise"] for one in shell(*show, "2025-04-08").document["promises"]] == ["p-1", "p-2"]
    assert [one["promise"] for one in shell(*show, "2025-05-01").document["promises"]] == ["p-2"]
    assert shell(*show, "2025-05-02").document["promises"] == []
