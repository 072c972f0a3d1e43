"""The page of the checks before each order says all that the program does, with its numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from attrs import fields

from rebalkit.execution.placing import PREVIEW_EXPIRED
from rebalkit.execution.rules import ExecutionRules
from rebalkit.money import plain

ROOT = Path(__file__).parents[3]
FIRST, BEFORE, BETWEEN = re.split(
    r"^## .*$", (ROOT / "docs/reference/pre-trade-checks.md").read_text(encoding="utf-8"), flags=re.M
)
ROWS = {row.split("|")[1].strip().strip("`"): row for row in FIRST.splitlines() if row.startswith("| `")}


def calls(rooms: tuple[str, ...], *names: str) -> Iterator[ast.Call]:
    """Where something of one of these names is made, in the modules of these rooms."""
    for room in rooms:
        for path in sorted((ROOT / "src/rebalkit" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                    yield node


def objections() -> Iterator[tuple[str, bool]]:
    """The codes of all objections, and whether they stop the run."""
    for call in calls(("execution", "pipeline"), "Objection", "_stop"):
        code = call.args[0]
        stops = getattr(call.func, "id", "") == "_stop" or any(one.arg == "stops" for one in call.keywords)
        if isinstance(code, ast.Constant):
            yield code.value, stops
        elif isinstance(code, ast.Name) and code.id == "PREVIEW_EXPIRED":
            yield PREVIEW_EXPIRED, stops


def codes_of(text: str) -> set[str]:
    return {code for row in re.findall(r"^\| (`[^|]*) \|", text, re.M) for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_objection_is_on_the_page_and_no_other() -> None:
    said = set(objections())
    assert len(said) > 20
    assert {code for code, _ in said} == set(ROWS)
    assert said == {(code, row.split("|")[2].strip().startswith("stops")) for code, row in ROWS.items()}


def test_every_number_is_on_the_page_as_it_is_by_default() -> None:
    elsewhere = {"plan_age", "fill_wait", "require_export"}
    rules = ExecutionRules()
    keys = dict(re.findall(r"\| `(\w+)`, ([\w.]+)(?: seconds| %)? \|", FIRST))
    assert set(keys) == {one.name for one in fields(ExecutionRules)} - elsewhere
    for name, text in keys.items():
        value = getattr(rules, name)
        assert text == (str(value).lower() if isinstance(value, (bool, int)) else plain(value))
    assert f"`plan_age` ({rules.plan_age} seconds)" in BEFORE


def test_every_stop_between_orders_is_on_the_page_and_no_other() -> None:
    said = {
        one.value.value
        for call in calls(("execution",), "BlockedError", "UnknownOrderState")
        for one in call.keywords
        if one.arg == "code" and isinstance(one.value, ast.Constant)
    }
    assert said - codes_of(BEFORE) == codes_of(BETWEEN)


def test_what_keeps_a_run_from_beginning_is_said_somewhere_in_the_program() -> None:
    rooms = (ROOT / "src/rebalkit" / room for room in ("pipeline", "execution"))
    sources = "".join(path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py"))
    assert {code for code in codes_of(BEFORE) if f'"{code}"' not in sources} == set()
