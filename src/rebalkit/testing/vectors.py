"""Runs the wash-sale vectors of a folder: ``python -m rebalkit.testing.vectors DIR``.

Every ``*.json`` below the folder is one vector: a history with all that a ledger has to make of it, questions of a planner, or the
netting of a year. What is computed otherwise than expected is printed, and so is every file that is no vector; the last line counts.
Ends with 0 when all passed, with 1 when one failed, and with 2 when there is no vector to run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from attrs import frozen

from rebalkit.errors import DataError, UsageError
from rebalkit.testing.vector_files import read_vector
from rebalkit.testing.vector_judge import judge

__all__ = ["Outcome", "find_vectors", "run_vector", "run_vectors"]


@frozen
class Outcome:
    """What became of one vector.

    Attributes:
        path: Its file.
        id: Its name; empty when it could not be read.
        description: What it shows; empty when it could not be read.
        problems: A line for each figure that disagrees, or why it could not be run. Empty when it passed.
    """

    path: Path
    id: str
    description: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every figure agreed."""
        return not self.problems


def find_vectors(folder: Path) -> list[Path]:
    """The files of all vectors in ``folder`` and below, in order of their paths.

    Raises:
        UsageError: There is no such folder, or no vector in it.
    """
    if not folder.is_dir():
        raise UsageError("there is no such folder", place=str(folder))
    found = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not found:
        raise UsageError("there is no vector in it", place=str(folder), remedy="A vector is a file whose name ends in .json.")
    return found


def run_vector(path: Path) -> Outcome:
    """Run the vector in the file ``path``. Whatever goes wrong is the outcome; nothing is raised."""
    try:
        vector = read_vector(path)
    except DataError as problem:
        return Outcome(path, "", "", (f"cannot be read: {problem}",))
    try:
        problems = tuple(map(str, judge(vector)))
    except DataError as problem:
        problems = (f"refused: {problem}",)
    except Exception as bug:  # noqa: BLE001 - a bug in one vector is a failure of that vector, and must not hide the others
        problems = (f"broke: {type(bug).__name__}: {bug}",)
    return Outcome(path, vector.id, vector.description, problems)


def run_vectors(folder: Path) -> list[Outcome]:
    """Run all vectors in ``folder`` and below.

    Raises:
        UsageError: There is no such folder, or no vector in it.
    """
    return [run_vector(path) for path in find_vectors(folder)]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Run every wash-sale vector in DIR and below against this version of rebalkit."""
    try:
        outcomes = run_vectors(folder)
    except UsageError as problem:
        click.echo(str(problem), err=True)
        sys.exit(problem.exit_code)
    failed = [one for one in outcomes if not one.passed]
    for one in failed:
        click.echo(f"FAILED {one.path.relative_to(folder)}: {one.id or 'no id'}: {one.description or 'no description'}")
        for line in one.problems:
            click.echo(f"  {line}")
    click.echo(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
