"""pyproject.toml, the README and .ci/run say the same, and the packages need nothing that they do not declare."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import EntryPoint, distribution, version
from pathlib import Path

import pytest

from rebalkit._version import __version__

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = {"rebalkit", "rebalkit_paper", "rebalkit_etrade"}
# Where the name to import is not the name to install.
DISTRIBUTION = {"_pytest": "pytest", "dateutil": "python-dateutil", "requests_oauthlib": "requests-oauthlib"}


def distributions(*wishes: str) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", wish, maxsplit=1)[0].lower() for wish in wishes}


def imports_of(folder: str) -> dict[str, str]:
    """The third-party packages that the folder's modules import, each with one module that does."""
    found = {}
    local = {path.stem for path in (ROOT / folder).rglob("*.py")} | {path.name for path in (ROOT / folder).iterdir()}
    local |= {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    for module in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top not in OWN and top not in local:
                    found[DISTRIBUTION.get(top, top)] = module.relative_to(ROOT).as_posix()
    return found


def commands_of(text: str) -> list[str]:
    return [line.strip().removeprefix("$ ") for line in text.splitlines()]


def test_the_version_is_stated_once() -> None:
    assert version("rebalkit") == __version__
    assert "version" in PROJECT["dynamic"]


def test_every_dependency_has_a_lower_bound() -> None:
    unbounded = [wish for wish in PROJECT["dependencies"] if ">=" not in wish]
    unbounded += [wish for extra in EXTRAS.values() for wish in extra if ">=" not in wish and "rebalkit[" not in wish]
    assert unbounded == []


def test_the_packages_import_only_what_they_declare() -> None:
    declared = distributions(*PROJECT["dependencies"], *EXTRAS["frames"], *EXTRAS["keyring"]) | {"numpy"}
    undeclared = {name: module for name, module in imports_of("src").items() if name not in declared}
    assert undeclared == {}


def test_the_test_extra_has_all_that_the_tests_import() -> None:
    declared = distributions(*PROJECT["dependencies"], *EXTRAS["test"]) | {"numpy"}
    undeclared = {name: module for name, module in imports_of("tests").items() if name not in declared}
    assert undeclared == {}


@pytest.mark.parametrize("package", sorted(OWN))
def test_every_package_is_typed(package: str) -> None:
    assert (ROOT / "src" / package / "py.typed").is_file()


@pytest.mark.parametrize("point", distribution("rebalkit").entry_points, ids=lambda point: point.name)
def test_every_entry_point_of_the_distribution_can_be_loaded(point: EntryPoint) -> None:
    assert point.load().__doc__


def test_the_readme_and_the_checks_run_the_same_two_commands() -> None:
    """Its first and its second command are the last two of .ci/run, letter by letter."""
    checked = commands_of((ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    first, second = (line for line in checked if line.startswith((".venv/bin/pip", "python3 -m venv .venv")))
    assert second == checked[-1]
    assert second.endswith(".venv/bin/pytest")
    promised = commands_of((ROOT / "README.md").read_text(encoding="utf-8"))
    assert first in promised
    assert second in promised


def test_every_changelog_fragment_has_a_kind_that_the_release_knows() -> None:
    kinds = "|".join(("added", "changed", "fixed", "removed", "security"))
    names = {path.name for path in (ROOT / "changelog.d").iterdir()} - {"README.md"}
    assert {name for name in names if not re.fullmatch(rf"\+[a-z0-9-]+\.({kinds})\.md", name)} == set()
