"""All vectors pass, and the runner misses no figure of any of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rebalkit.errors import UsageError
from rebalkit.testing.vectors import find_vectors, main, run_vector, run_vectors

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS = find_vectors(FOLDER)
LEDGER = FOLDER / "ledger" / "morgan-stanley-79-of-82.json"


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    outcome = run_vector(path)
    assert outcome.problems == ()
    assert outcome.id == path.stem


def answers(data: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where in a vector it is said what is expected: each as a container and its key."""
    if "queries" in data:
        yield from ((query, "answer") for query in data["queries"])
    else:
        yield data, "expected"


def leaves(container: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Every figure, date, word and truth below ``container[key]``, as a container and its key."""
    value = container[key]
    if isinstance(value, (dict, list)):
        for inner in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value, inner)
    else:
        yield container, key


def rows(container: Any, key: Any) -> Iterator[tuple[list[Any], int]]:
    """Every row of every list of objects below ``container[key]``."""
    value = container[key]
    if isinstance(value, list):
        yield from ((value, index) for index in range(len(value)))
    elif isinstance(value, dict):
        for inner in value:
            yield from rows(value, inner)


def altered(key: str, value: Any) -> Any:
    """Another value that the format admits."""
    if isinstance(value, bool):
        return not value
    if key == "term":
        return {"short": "long", "long": "short"}[value]
    if key in {"acquired", "deemed_acquired", "holding_period_start", "do_not_buy_through", "clean_from"}:
        return value[:8] + ("11" if value.endswith("10") else "10")
    if key in {"trade", "lot", "loss_lot", "replacement_lot", "group", "account", "symbol"}:
        return value + "x"
    return value + ("1" if "." in value else ".000001")


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_every_expected_figure_is_compared(path: Path, tmp_path: Path) -> None:
    """With any one of them altered the vector fails, and what is printed names the altered figure's key or its row."""
    data = json.loads(path.read_text(encoding="utf-8"))
    file = tmp_path / "vector.json"
    count = sum(1 for place in answers(data) for _ in leaves(*place))
    for number in range(count):
        changed = deepcopy(data)
        container, key = [found for place in answers(changed) for found in leaves(*place)][number]
        container[key] = altered(key, container[key])
        file.write_text(json.dumps(changed), encoding="utf-8")
        problems = run_vector(file).problems
        assert problems, f"{key} altered to {container[key]} passes"
        if key != "error":
            assert all("expected" in line and "got" in line for line in problems), problems


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_no_row_can_be_left_out_or_stand_twice(path: Path, tmp_path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    file = tmp_path / "vector.json"
    count = sum(1 for place in answers(data) for _ in rows(*place))
    for number in range(count):
        for times in (0, 2):
            changed = deepcopy(data)
            table, index = [found for place in answers(changed) for found in rows(*place)][number]
            table[index : index + 1] = [table[index]] * times
            file.write_text(json.dumps(changed), encoding="utf-8")
            assert run_vector(file).problems


def write(folder: Path, change: Any = None, source: Path = LEDGER) -> Path:
    """The vector with one change."""
    data = json.loads(source.read_text(encoding="utf-8"))
    if change:
        change(data)
    file = folder / "changed.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_the_order_of_rows_means_nothing(tmp_path: Path) -> None:
    def turn(data: dict[str, Any]) -> None:
        data["expected"]["open_lots"].reverse()

    assert run_vector(write(tmp_path, turn)).passed


def test_rows_that_differ_in_sums_only_may_be_split(tmp_path: Path) -> None:
    """A ledger that keeps the pieces of a lot apart says the same."""

    def split(data: dict[str, Any]) -> None:
        (match,) = data["expected"]["matches"]
        data["expected"]["matches"] = [{**match, "quantity": "70", "amount": "350"}, {**match, "quantity": "9", "amount": "45"}]

    assert run_vector(write(tmp_path, split)).passed


def test_a_figure_may_be_a_fraction(tmp_path: Path) -> None:
    def spell(data: dict[str, Any]) -> None:
        data["expected"]["realized"][0]["basis"] = "2370/3"

    assert run_vector(write(tmp_path, spell)).passed


def test_a_disagreement_is_printed_with_its_place_and_both_figures(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["expected"]["realized"][0]["disallowed"] = "400.1"

    assert run_vector(write(tmp_path, change)).problems == ("realized S1/B1: disallowed: expected 400.1, got 395",)


def test_splits_and_transfers_can_be_told(tmp_path: Path) -> None:
    def trade(name: str, date: str, account: str, side: str, quantity: str, **more: str) -> dict[str, str]:
        basics = {"id": name, "date": date, "account": account, "symbol": "M", "side": side, "quantity": quantity}
        return {**basics, "price": "10", "fees": "0", **more}

    def change(data: dict[str, Any]) -> None:
        data["accounts"] = [{"id": "T", "kind": "taxable"}, {"id": "U", "kind": "taxable"}]
        data["trades"] = [
            trade("R1", "2025-01-02", "T", "receive", "4", acquired="2024-12-24"),
            trade("X1", "2025-01-03", "T", "split", "2.5"),
            trade("D1", "2025-01-04", "T", "deliver", "10"),
            trade("R2", "2025-01-05", "U", "receive", "10", transfer_of="D1"),
        ]
        lot = {"lot": "R1", "account": "U", "symbol": "M", "quantity": "10", "basis_total": "40"}
        dates = {"acquired": "2024-12-24", "deemed_acquired": "2024-12-24", "holding_period_start": "2024-12-25"}
        data["expected"] = {"realized": [], "open_lots": [{**lot, **dates}], "matches": []}

    assert run_vector(write(tmp_path, change)).problems == ()


def remove(*keys: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[int(key)] if isinstance(data, list) else data[key]
        del data[keys[-1]]

    return change


def put(value: Any, *keys: str) -> Any:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[int(key)] if isinstance(data, list) else data[key]
        data[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(put(1, "colour"), "unknown key 'colour'", id="unknown key"),
        pytest.param(put("1", "trades", "0", "fee"), "trades[0]: unknown key 'fee'", id="unknown key of a trade"),
        pytest.param(
            put("1", "expected", "realized", "0", "fee"), "expected.realized[0]: unknown key 'fee'", id="unknown figure"
        ),
        pytest.param(remove("trades"), "missing key 'trades'", id="no trades"),
        pytest.param(remove("expected"), "missing key 'expected'", id="nothing expected"),
        pytest.param(remove("expected", "realized", "0", "basis"), "missing key 'basis'", id="a figure left out"),
        pytest.param(put("short", "trades", "0", "side"), "trades[0].side: 'short' is not one of", id="unknown side"),
        pytest.param(put("trust", "accounts", "0", "kind"), "accounts[0].kind: 'trust' is not one of", id="unknown kind"),
        pytest.param(put({"holding": "guess"}, "policy"), "policy.holding: 'guess' is not one of", id="unknown policy"),
        pytest.param(put("2025-02-30", "trades", "0", "date"), "trades[0].date: day is out of range", id="no such day"),
        pytest.param(put("ten", "trades", "0", "price"), "trades[0].price: 'ten' is not a number", id="no number"),
        pytest.param(put(10.5, "trades", "0", "price"), "trades[0].price: expected text, got 10.5", id="a float"),
        pytest.param(put("1/0", "expected", "realized", "0", "basis"), "basis: '1/0' is neither", id="no fraction"),
        pytest.param(put("no", "expected", "matches", "0", "permanent"), "permanent: expected true or false", id="no truth"),
        pytest.param(put({}, "trades"), "trades: expected a list", id="no list"),
        pytest.param(put([], "expected"), "expected: expected an object", id="no object"),
        pytest.param(put({"error": False}, "expected"), "expected.error: an error is either expected", id="no error"),
        pytest.param(put({"error": True, "matches": []}, "expected"), "unknown key 'matches'", id="an error and figures"),
        pytest.param(put([{"ask": "weather"}], "queries"), "unknown key 'expected'", id="two kinds in one"),
    ],
)
def test_what_is_no_vector_fails_with_the_reason(tmp_path: Path, change: Any, reason: str) -> None:
    outcome = run_vector(write(tmp_path, change))
    (problem,) = outcome.problems
    assert problem.startswith("cannot be read: ")
    assert reason in problem


def test_an_unknown_question_fails_with_the_reason(tmp_path: Path) -> None:
    source = FOLDER / "planner" / "planner-recent-drip.json"
    (problem,) = run_vector(write(tmp_path, put("weather", "queries", "0", "ask"), source)).problems
    assert "queries[0].ask: 'weather' is not one of exposures, backward, effect" in problem


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"id": "a", "id": "b"}', "\ufffe"])
def test_a_file_that_holds_no_object_fails(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vector.json"
    file.write_text(text, encoding="utf-8")
    assert "cannot be read: " in run_vector(file).problems[0]


def test_a_file_of_another_encoding_fails(tmp_path: Path) -> None:
    file = tmp_path / "vector.json"
    file.write_bytes(b'{"id": "\xff"}')
    assert "cannot be read: " in run_vector(file).problems[0]


def test_a_ledger_that_is_refused_unexpectedly_fails(tmp_path: Path) -> None:
    (problem,) = run_vector(write(tmp_path, put("80", "trades", "1", "quantity"))).problems
    assert problem.startswith("refused: ")
    assert "S1" in problem


def test_an_error_that_does_not_come_fails(tmp_path: Path) -> None:
    assert run_vector(write(tmp_path, put({"error": True}, "expected"))).problems == (
        "expected: error: expected an error, got a ledger",
    )


def test_a_bug_in_one_vector_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by zero")

    write(tmp_path)
    monkeypatch.setattr("rebalkit.testing.vectors.judge", broken)
    (outcome,) = run_vectors(tmp_path)
    assert outcome.problems == ("broke: ZeroDivisionError: by zero",)
    assert not outcome.passed


def test_folders_below_are_searched_and_other_files_left_alone(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    shutil.copy(LEDGER, below)
    (tmp_path / "README.md").write_text("text", encoding="utf-8")
    assert [outcome.passed for outcome in run_vectors(tmp_path)] == [True]


def test_no_folder_and_no_vector_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no vector in it"):
        run_vectors(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        run_vectors(tmp_path / "none")
    with pytest.raises(UsageError, match="no such folder"):
        run_vectors(LEDGER)


def test_the_command_counts_on_its_last_line(tmp_path: Path) -> None:
    shutil.copy(LEDGER, tmp_path)
    ran = CliRunner().invoke(main, [str(tmp_path)])
    assert (ran.exit_code, ran.stdout) == (0, "1 passed, 0 failed\n")
    write(tmp_path, put("394", "expected", "matches", "0", "amount"))
    ran = CliRunner().invoke(main, [str(tmp_path)])
    assert ran.exit_code == 1
    first, second, last = ran.stdout.splitlines()
    assert first == f"FAILED changed.json: {LEDGER.stem}: {json.loads(LEDGER.read_text())['description']}"
    assert second == "  matches S1/B1/B2: amount: expected 394, got 395"
    assert last == "1 passed, 1 failed"


def test_the_command_ends_with_2_when_there_is_nothing_to_run(tmp_path: Path) -> None:
    for arguments in ([], [str(tmp_path)], [str(tmp_path / "none")]):
        ran = CliRunner().invoke(main, arguments)
        assert ran.exit_code == 2
        assert ran.stderr
        assert "passed" not in ran.stdout


def test_it_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "rebalkit.testing.vectors", str(FOLDER)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{len(VECTORS)} passed, 0 failed\n"
    assert ran.stderr == ""
