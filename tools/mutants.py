"""Changes the code that money depends on in every small way and asks the tests: ``python tools/mutants.py [AREA] [MODULE …] [--jobs N]``.

The areas are ``ledger``, the wash-sale ledger, which is taken where none is named, ``journal``, ``pretrade``, ``executor`` and
``etrade``. A mutant is one module with one change: another comparison, another operator, a number one off, a condition turned round, a
statement left out. Each is tried in a copy of the tree, with the quick tests that belong to its area and a profile of hypothesis that
does not shrink. A mutant that no test fails on survives. `tools/mutants.toml` explains those that may: they change nothing that can be
seen. Ends with 1 when less than 95 % are killed, or one survives without an explanation.
"""

from __future__ import annotations

import ast
import copy
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

os.environ |= {"HYPOTHESIS_PROFILE": "mutants", "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
sys.dont_write_bytecode = True

import cattrs  # noqa: E402, F401
import click.testing  # noqa: E402, F401
import hypothesis.strategies  # noqa: E402, F401 - what all processes need is imported once, but none of the modules that change
import pytest  # noqa: E402

import rebalkit.model  # noqa: E402

ROOT = Path(__file__).parents[1]
EXECUTION = "src/rebalkit/execution"
ETRADE = ("cash", "history", "kinds", "listing", "movements", "placing", "refusals", "snapshot")


class Area(NamedTuple):
    """Modules, and the quick tests that belong to them."""

    modules: Sequence[str]
    tests: Sequence[str]


def _of_execution(*names: str) -> list[str]:
    return [f"{EXECUTION}/{name}.py" for name in names]


AREAS = {
    "ledger": Area(
        [
            *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "src/rebalkit/tax/ledger").glob("[!_]*.py"))),
            "src/rebalkit/tax/outlook.py",
        ],
        ["tests/unit/tax/test_ledger.py", "tests/unit/tax/test_vectors.py::test_vector", "tests/property/test_ledger.py"],
    ),
    "journal": Area(
        _of_execution("events", "machine", "state", "journal"),
        [f"tests/unit/execution/test_{name}.py" for name in ("machine", "state", "journal")],
    ),
    "pretrade": Area(
        _of_execution("pretrade", "pretrade_quote", "pretrade_market", "pricing"),
        ["tests/unit/execution/test_pretrade.py", "tests/unit/execution/test_pricing.py", "tests/property/test_pretrade.py"],
    ),
    "etrade": Area(
        [
            *(f"src/rebalkit_etrade/trading/{name}.py" for name in ETRADE),
            *(f"src/rebalkit_etrade/{name}.py" for name in ("bodies", "ticket")),
        ],
        [
            *(
                f"tests/unit/etrade/test_{name}.py"
                for name in ("history", "listing", "kinds_and_cash", "placing", "bodies", "ticket", "snapshot", "faults")
            ),
            "tests/property/test_etrade_answers.py",
        ],
    ),
    "executor": Area(
        _of_execution(
            "executor",
            "sending",
            "placing",
            "following",
            "reconcile",
            "preparing",
            "reading",
            "answers",
            "results",
            "expected",
            "sizing",
        ),
        [
            f"tests/unit/execution/test_{name}.py"
            for name in ("executor", "asking", "sizing", "sending", "following", "phases", "reconcile", "faults", "taking_up")
        ],
    ),
}
LEAST = 0.95
PATIENCE = 60
"""Seconds after which a mutant counts as killed: it runs in a circle."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: the module, the function, what stood there and what stands there now, and the module's new text."""

    module: str
    where: str
    before: str
    after: str
    text: str

    @property
    def name(self) -> str:
        """Without the number of a line, so that it stays the same when other lines come and go."""
        return f"{Path(self.module).stem}.{self.where}: {self.before} -> {self.after}"


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What ``node`` itself could be instead."""
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            ops = [*node.ops[:index], COMPARISONS[type(op)](), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        other = copy.copy(node)
        other.op = OPERATORS[type(node.op)]()
        yield other
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for index in range(len(node.values)):
            rest = [*node.values[:index], *node.values[index + 1 :]]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, (ast.If, ast.While)) and not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
        other = copy.copy(node)
        other.test = ast.UnaryOp(ast.Not(), node.test)
        yield other
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Name) and node.id in ("min", "max"):
        yield ast.Name({"min": "max", "max": "min"}[node.id], ast.Load())
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()
    if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name):
        yield ast.Pass()


def shown(node: ast.AST) -> str:
    """The first line of ``node``."""
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


def walk(node: ast.AST, path: tuple[tuple[ast.AST, str, int | None], ...], where: str) -> Iterator[tuple]:
    """Every place of the tree that is run: the node, its way from the root, and the function it is in. Annotations are not."""
    yield node, path, where
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        where = f"{where}.{node.name}".lstrip(".")
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "bases"}:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield from walk(child, (*path, (node, field, index)), where)


def mutants_of(module: str, root: Path = ROOT) -> list[Mutant]:
    """All mutants of a module of the tree in ``root``."""
    tree = ast.parse((root / module).read_text(encoding="utf-8"))
    found, seen = [], {}
    for node, path, where in list(walk(tree, (), "")):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.startswith("__"):
            continue
        for other in changes(node):
            parent, field, index = path[-1]
            held = getattr(parent, field)
            before = f"{shown(node)}" if isinstance(node, ast.stmt) else f"{shown(node)} in `{shown(statement(path))}`"
            if index is None:
                setattr(parent, field, other)
            else:
                held[index] = other
            text = ast.unparse(ast.fix_missing_locations(tree))
            after = shown(other)
            if index is None:
                setattr(parent, field, held)
            else:
                held[index] = node
            name = (where, before, after)
            seen[name] = seen.get(name, 0) + 1
            again = f" ({seen[name]})" if seen[name] > 1 else ""
            found.append(Mutant(module, where or "module", before, after + again, text))
    return found


def statement(path: tuple) -> ast.AST:
    """The innermost statement on the way."""
    return next(parent for parent, _, _ in reversed(path) if isinstance(parent, ast.stmt))


def start(tree: Path, tests: Sequence[str]) -> int:
    """A process that runs the tests in the copy ``tree``; it ends with 0 when all pass. Forked: what it needs is imported already."""
    child = os.fork()
    if child:
        return child
    os.chdir(tree)
    rebalkit.__path__ = [str(tree / "src" / "rebalkit")]
    sys.path.insert(0, str(tree / "src"))  # for the plugins, none of which is imported yet
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    options = [
        "-x",
        "-q",
        "--tb=no",
        "--assert=plain",
        "-o",
        "addopts=",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-p",
        "_hypothesis_pytestplugin",
    ]
    os._exit(int(pytest.main([*options, *tests])))


def ended(child: int, deadline: float) -> bool | None:
    """Whether the tests of a process failed; None while they run."""
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        return status != 0
    if time.monotonic() < deadline:
        return None
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def survivors_of(mutants: Sequence[Mutant], trees: list[Path], tests: Sequence[str]) -> Iterator[Mutant]:
    """Those on which no test fails; as many are tried at a time as there are copies of the tree."""
    left, running = list(reversed(mutants)), {}
    while left or running:
        while left and trees:
            mutant, tree = left.pop(), trees.pop()
            original = (tree / mutant.module).read_text(encoding="utf-8")
            (tree / mutant.module).write_text(mutant.text, encoding="utf-8")
            running[start(tree, tests)] = (mutant, original, tree, time.monotonic() + PATIENCE)
        for child, (mutant, original, tree, deadline) in list(running.items()):
            failed = ended(child, deadline)
            if failed is None:
                continue
            del running[child]
            (tree / mutant.module).write_text(original, encoding="utf-8")
            trees.append(tree)
            if not failed:
                yield mutant
        time.sleep(0.01)


def main(arguments: list[str]) -> int:
    """Try all mutants of the modules named, or of all of the area."""
    jobs = int(arguments[arguments.index("--jobs") + 1]) if "--jobs" in arguments else os.cpu_count() or 1
    area = next((AREAS[one] for one in arguments if one in AREAS), AREAS["ledger"])
    modules = [one for one in arguments if one.endswith(".py")] or area.modules
    explained = tomllib.loads((ROOT / "tools" / "mutants.toml").read_text(encoding="utf-8"))["survivors"]
    with tempfile.TemporaryDirectory() as folder:
        trees = []
        for number in range(jobs):
            trees.append(Path(folder, str(number)))
            base = ROOT if number == 0 else trees[0]  # the checkout may change meanwhile
            for part in ("src", "tests"):
                shutil.copytree(base / part, trees[number] / part, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(base / "pyproject.toml", trees[number])
        mutants = [mutant for module in modules for mutant in mutants_of(module, trees[0])]
        if os.waitpid(start(trees[0], area.tests), 0)[1]:
            print("the tests fail without any change", file=sys.stderr)
            return 1
        survivors = []
        for mutant in survivors_of(mutants, trees, area.tests):
            survivors.append(mutant.name)
            print(f"survived: {mutant.name}" + ("" if mutant.name in explained else "   (not explained)"), flush=True)
    rate = 1 - len(survivors) / len(mutants)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants killed: {rate:.1%}")
    tried_names = {mutant.name for mutant in mutants}
    stale = [name for name in explained if name in tried_names and name not in survivors]
    for name in stale:
        print(f"explained, but killed: {name}")
    unexplained = [name for name in survivors if name not in explained]
    return 1 if unexplained or stale or rate < LEAST else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
