"""A folder of CSV files on disk: finds the files and reads their bytes, once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rebalkit.brokers.files.contents import Contents, understand
from rebalkit.brokers.files.formats import FORMATS, TRANSACTIONS
from rebalkit.brokers.files.problems import Problems, shown
from rebalkit.errors import DataError

__all__ = ["read_folder"]

_EXPECTED = "Name a folder with accounts.csv, lots.csv and prices.csv; rebalkit init writes one to fill in."


def read_folder(folder: str, today: dt.date) -> Contents:
    """The contents of ``folder``, in which ``~`` is the home folder.

    Args:
        folder: Path of the folder.
        today: The day in New York; nothing may be dated later.

    Raises:
        DataError: The folder or a file cannot be read, or anything in it is wrong; all problems at once.
    """
    place = folder or "folder"
    if not folder.strip():
        raise DataError("no folder is named", place=place, remedy=_EXPECTED, code="missing_folder")
    try:
        root = Path(folder).expanduser()
        names = sorted(path.name for path in root.iterdir())
    except FileNotFoundError:
        raise DataError("there is no such folder", place=place, remedy=_EXPECTED, code="missing_folder") from None
    except NotADirectoryError:
        raise DataError("this is not a folder", place=place, remedy=_EXPECTED, code="not_a_folder") from None
    except (OSError, RuntimeError, ValueError) as problem:  # RuntimeError: an unknown ~user; ValueError: a NUL in the path
        raise DataError(f"the folder cannot be read: {_why(problem)}", place=place, code="unreadable") from None
    problems = Problems()
    files: dict[str, bytes] = {}
    paths = {format.file: str(Path(folder) / format.file) for format in FORMATS}
    for file, path in paths.items():
        if file in names:
            try:
                if not (root / file).is_file():
                    problems.add(path, "this is not a file", code="not_a_file")
                else:
                    files[file] = (root / file).read_bytes()
            except OSError as problem:
                reason = f"the file cannot be read: {_why(problem)}"
                problems.add(path, reason, remedy="Check its permissions.", code="unreadable")
        elif near := next((name for name in names if _means(name, file)), ""):
            problems.add(path, f"there is no such file, but {shown(near)}", remedy=f"Rename it to {file}.", code="missing_file")
        elif file != TRANSACTIONS.file:
            problems.add(path, "there is no such file", remedy=_EXPECTED, code="missing_file")
    problems.check()
    return understand(files, paths, today)


def _means(name: str, file: str) -> bool:
    """Whether ``name`` is ``file`` in other letters, or with the ending that a desktop hides."""
    return name.casefold() in (file, f"{file}.txt", f"{file}.csv")


def _why(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
