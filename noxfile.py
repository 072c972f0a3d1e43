"""The project's chores: ``nox`` runs lint, types, tests, docs and wheel; ``nox -l`` lists all of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "tests", "docs", "wheel"]
nox.options.error_on_missing_interpreters = False  # a missing Python is skipped, and nox says so

PYTHONS = ["3.11", "3.12", "3.13"]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, layout and the layers."""
    session.install(".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-logo", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """``mypy --strict`` over the packages and over what a plugin's author would write."""
    session.install(".[types]")
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The suite, on every supported Python."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def property(session: nox.Session) -> None:
    """The property tests with many more examples, other ones each time."""
    session.install(".[test]")
    session.run("pytest", "--hypothesis-profile=long", "tests/property", *session.posargs)


@nox.session(python=PYTHONS[0])
def lower_bounds(session: nox.Session) -> None:
    """The suite with the oldest releases that pyproject.toml admits, on the oldest Python."""
    project = nox.project.load_toml("pyproject.toml")["project"]
    extras = project["optional-dependencies"]
    wanted = {*project["dependencies"], *extras["frames"], *extras["test"]}
    pins = sorted(wish.replace(">=", "==") for wish in wanted)
    session.install(".[test]", *pins)
    session.run("pytest", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, with warnings as errors, and the changelog as the next release would have it."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")
    session.run("python", "tools/reference_pages.py", "--check")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel that comes out of the source archive works in a clean environment, next to somebody else's plugin."""
    session.install("build")
    with tempfile.TemporaryDirectory() as scratch:
        session.run("python", "-m", "build", "--quiet", "--outdir", f"{scratch}/dist", ".")
        (built,) = Path(scratch, "dist").glob("*.whl")
        plugin = shutil.copytree("tests/sample_plugin", f"{scratch}/sample_plugin")
        session.run("python", "-m", "venv", f"{scratch}/venv")
        clean = Path(scratch, "venv", "Scripts" if os.name == "nt" else "bin")
        session.run(f"{clean}/pip", "install", "-q", str(built), str(plugin), external=True)
        with session.chdir(scratch):
            environment = {"REBALKIT_HOME": f"{scratch}/home"}
            session.run(f"{clean}/rebalkit", "demo", env=environment, external=True)
            listing = session.run(f"{clean}/rebalkit", "plugins", "list", env=environment, external=True, silent=True)
    if "sample-few-orders" not in str(listing):
        session.error(f"the sample plugin is installed but not listed:\n{listing}")


@nox.session
def mutation(session: nox.Session) -> None:
    """Whether the tests notice each small change of the wash-sale ledger, of what sends orders, and of what E*TRADE is asked and told."""
    session.install(".[test]")
    for area in ("ledger", "journal", "pretrade", "executor", "etrade"):
        session.run("python", "tools/mutants.py", area, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks, against the baselines kept beside them."""
    session.install(".[test]")
    for script in ("greedy.py", "ledger.py", "paper.py", "process.py"):
        session.run("python", f"benchmarks/{script}", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """The execution of plans in many more simulated worlds than the suite plays; ``nox -s simulate -- 200000`` says how many."""
    session.install(".[test]")
    seeds = session.posargs[0] if session.posargs else "200000"
    session.run("pytest", "tests/simulation/test_play.py", "-k", "whatever_goes_wrong", env={"REBALKIT_SEEDS": seeds})
    session.run("pytest", "tests/simulation/test_bad_policies.py", "-rP")


@nox.session
def crashes(session: nox.Session) -> None:
    """The process dies at every step, and at every pair of steps of two starts in a row."""
    session.install(".[test]")
    session.run("pytest", "tests/simulation/test_crashes.py", "tests/simulation/test_kills.py", env={"REBALKIT_CRASH_PAIRS": "1"})
