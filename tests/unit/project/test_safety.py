"""SAFETY.md promises nothing without a test, and every fault of the catalogue has the test that its number names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "SAFETY.md").read_text(encoding="utf-8")
PROMISES = re.split(r"^## (?=S\d)", PAGE, flags=re.MULTILINE)[1:]
LINK = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")


def functions(path: Path) -> set[str]:
    """The names of all functions of a file, methods included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_twelve_promises_are_there() -> None:
    assert [one.split(" ")[0].rstrip(".") for one in PROMISES] == [f"S{number}" for number in range(1, 13)]


@pytest.mark.parametrize("promise", PROMISES, ids=[one.split(" ")[0].rstrip(".") for one in PROMISES])
def test_every_promise_names_tests_and_each_of_them_exists(promise: str) -> None:
    links = LINK.findall(promise)
    assert links
    for file, name in links:
        assert name in functions(ROOT / file), f"{file} has no {name}"


def test_every_fault_has_its_test() -> None:
    """The table of faults names each number with what is expected; a test's name carries the numbers of the faults that it proves."""
    listed = {int(number) for number in re.findall(r"^\| F(\d{3}) \|", PAGE, flags=re.MULTILINE)}
    proven = {
        int(number)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in functions(path)
        if name.startswith("test_")
        for number in re.findall(r"(?<=_)f(\d{3})(?=_)", name)
    }
    assert listed == set(range(1, 121))
    assert sorted(listed - proven) == []
    assert sorted(proven - listed) == []
