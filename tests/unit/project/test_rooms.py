"""Rules of the house that neither ruff, mypy nor import-linter can state: the size of rooms, and what stays out of them."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST = 350
TYPICAL = 150

# Functions of their arguments alone: planning twice from one snapshot gives the same bytes.
PURE_ROOMS = ("allocate", "lots", "model", "strategies", "tax")
AMBIENT = {"http", "random", "requests", "secrets", "socket", "subprocess", "tempfile", "time", "urllib", "uuid"}
# `time` itself is among the ambient modules.
CLOCKS = {"now", "today", "utcnow"}


def name_of(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def imported(nodes: Iterator[ast.AST]) -> Iterator[tuple[str, int]]:
    """The top-level packages that the nodes import, with the line."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


def runs_on_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that importing the module executes: not the bodies of functions, not what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield other
                yield from runs_on_import(other)
            continue
        yield child
        yield from runs_on_import(child)


def clocks_read(tree: ast.Module) -> list[tuple[str, int]]:
    """Calls such as ``date.today()`` and ``time.time()``; a clock that is passed in is called by another name."""
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    methods = [func for func in called if isinstance(func, ast.Attribute) and func.attr in CLOCKS]
    return [(func.attr, func.lineno) for func in methods if ast.unparse(func.value).rpartition(".")[2] in {"date", "datetime"}]


def modules_of(*rooms: str) -> list[Path]:
    return [module for module in MODULES if name_of(module).removeprefix("rebalkit/").startswith(rooms)]


def test_the_rules_below_see_what_they_forbid() -> None:
    assert clocks_read(ast.parse("import datetime as dt\ndt.date.today()\ndatetime.now(zone)\nbroker.today()")) == [
        ("today", 2),
        ("now", 3),
    ]
    late = "if TYPE_CHECKING:\n import a\nelse:\n import b\ndef f():\n import c\nclass D:\n import d\ntry:\n from e.f import g\nfinally: 0"
    assert list(imported(runs_on_import(ast.parse(late)))) == [("b", 4), ("d", 8), ("e", 10)]
    assert list(imported(ast.walk(ast.parse("from . import a\nimport b.c, d")))) == [("b", 2), ("d", 2)]


def test_no_module_is_longer_than_a_person_reads_in_one_go() -> None:
    lengths = {name_of(module): len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert statistics.median(length for length in lengths.values() if length > 1) <= TYPICAL


def test_no_room_is_a_drawer_for_everything() -> None:
    drawers = {"base", "common", "core", "helpers", "manager", "managers", "misc", "util", "utils"}
    parts = {name_of(module): set(module.with_suffix("").relative_to(SOURCE).parts) for module in MODULES}
    assert {name for name, words in parts.items() if words & drawers} == set()


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_importing_a_module_imports_no_array_library(module: Path) -> None:
    """Frames are for people who ask for one with ``to_frame()``; nobody else pays for pandas."""
    heavy = {"numpy", "pandas"}
    assert [(name, line) for name, line in imported(runs_on_import(tree_of(module))) if name in heavy] == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_data_never_becomes_code(module: Path) -> None:
    tree = tree_of(module)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [(node.func.id, node.lineno) for node in calls if isinstance(node.func, ast.Name)]
    assert [call for call in named if call[0] in {"eval", "exec", "compile", "__import__"}] == []
    methods = [(node.func.attr, node.lineno) for node in calls if isinstance(node.func, ast.Attribute)]
    assert [call for call in methods if call[0] in {"query", "eval"}] == []
    serialisers = {"dill", "marshal", "pickle", "shelve"}
    if name_of(module) == "rebalkit/report/html/compiled.py":
        serialisers -= {"marshal"}  # code of the package's own templates, beside them and trusted like its .pyc files
    assert [found for found in imported(ast.walk(tree)) if found[0] in serialisers] == []


@pytest.mark.parametrize("module", modules_of(*PURE_ROOMS), ids=name_of)
def test_pure_rooms_know_no_clock_no_dice_and_no_network(module: Path) -> None:
    tree = tree_of(module)
    assert [found for found in imported(ast.walk(tree)) if found[0] in AMBIENT] == []
    assert clocks_read(tree) == []
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    opened = [(func.id, func.lineno) for func in called if isinstance(func, ast.Name) and func.id in {"open", "input"}]
    assert opened == []


def is_real_world(module: Path) -> bool:
    """Whether it is what a simulation replaces: the disk and the clock of this machine."""
    return name_of(module).startswith(("rebalkit/execution/disk/", "rebalkit/execution/system_clock"))


@pytest.mark.parametrize("module", modules_of("execution"), ids=name_of)
def test_what_sends_orders_needs_the_standard_library_only(module: Path) -> None:
    """Nothing that another project changes stands between a plan and its orders; attrs only carries the values."""
    allowed = sys.stdlib_module_names | {"attrs", "rebalkit"}
    assert [found for found in imported(ast.walk(tree_of(module))) if found[0] not in allowed] == []


@pytest.mark.parametrize("module", [one for one in modules_of("execution") if not is_real_world(one)], ids=name_of)
def test_what_sends_orders_gets_the_world_through_one_object(module: Path) -> None:
    """No clock, no dice, no disk and no network of its own, so that a simulation is the whole world."""
    tree = tree_of(module)
    assert [found for found in imported(ast.walk(tree)) if found[0] in AMBIENT | {"os", "pathlib", "shutil", "sqlite3"}] == []
    assert clocks_read(tree) == []
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [func.id for func in called if isinstance(func, ast.Name) and func.id in {"open", "input", "print"}] == []


def test_the_real_world_of_an_execution_is_where_it_is_looked_for() -> None:
    assert len([one for one in modules_of("execution") if is_real_world(one)]) >= 5
