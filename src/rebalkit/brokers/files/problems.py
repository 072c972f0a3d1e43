"""All problems of a folder, gathered so that a person sees them at once."""

from __future__ import annotations

from collections.abc import Iterable

from rebalkit.errors import DataError

__all__ = ["Problems", "did_you_mean", "nearest", "shown"]

MOST_PER_FILE = 20
"""Problems of one file that are listed; the others are counted. A column that is wrong throughout needs no thousand lines."""

_LONGEST_SHOWN = 40


def shown(text: str) -> str:
    """``text`` from a file in quotes, shortened, with everything that a terminal could act upon escaped."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    """The word of ``known`` that ``word`` is probably meant to be; empty when none is near."""
    from difflib import get_close_matches  # only needed once something is wrong

    spelled = {one.casefold(): one for one in known}
    near = get_close_matches(word.casefold(), spelled, n=1)
    return spelled[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question for a person who wrote ``word``; empty when nothing in ``known`` is near."""
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else ""


class Problems:
    """Collects problems file by file; `check` raises them together."""

    def __init__(self) -> None:
        self._listed: dict[str, list[DataError]] = {}
        self._counts: dict[str, int] = {}

    def add(self, path: str, reason: str, *, line: int = 0, column: str = "", remedy: str = "", code: str) -> None:
        """Note one problem of the file ``path``, at a ``line`` (counted from 1) and a ``column`` where there is one."""
        self._counts[path] = self._counts.get(path, 0) + 1
        listed = self._listed.setdefault(path, [])
        if len(listed) < MOST_PER_FILE:
            place = path + (f":{line}" if line else "") + (f", column {column}" if column else "")
            listed.append(DataError(reason, place=place, remedy=remedy, code=code))

    @property
    def count(self) -> int:
        """Problems so far, listed or not."""
        return sum(self._counts.values())

    def check(self) -> None:
        """Raise one DataError with every problem, if there is any."""
        if not self._counts:
            return
        problems: list[DataError] = []
        for path, listed in self._listed.items():
            problems += listed
            more = self._counts[path] - len(listed)
            if more:
                what = "1 more problem" if more == 1 else f"{more} more problems"
                problems.append(DataError(what, place=path, remedy="Correct those listed first.", code=listed[-1].code))
        error = DataError.together(problems)
        if len(problems) > 1:
            error.reason = f"{self.count} problems"
        raise error
