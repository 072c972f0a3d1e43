"""The promises that plans made, kept until they end: what one plan sold at a loss, no later plan may buy too early.

The law looks at the taxpayer, so everything that is real (files and brokers with real money) shares one scope, the household. Each
account on paper is a world of its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from rebalkit.config import structure_settings
from rebalkit.errors import DataError, JournalError
from rebalkit.model.history import Transaction
from rebalkit.model.promises import Promise, unseen
from rebalkit.pipeline.request import Source
from rebalkit.places import alone_at, state_folder, write_private
from rebalkit.serial import dumps, loads, to_plain

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["HOUSEHOLD", "Scope", "all_promises", "drop_promise", "promises_file", "remembered", "scope_of"]

_VERSION = 1
_PATIENCE = 10.0
"""Seconds to wait for another process that is writing the file."""


@frozen
class Scope:
    """Whose promises bind one another.

    Attributes:
        name: ``household``, or which account on paper.
    """

    name: str

    def load(self) -> tuple[Promise, ...]:
        """All promises kept in this scope. Raises DataError when their file is damaged."""
        return tuple(all_promises().get(self.name, ()))

    def keep(self, promises: Iterable[Promise], day: dt.date) -> None:
        """Add ``promises``, or put them in the place of those of the same name, and forget what is not told any more on ``day``.

        Raises:
            DataError: The file of promises is damaged; it is left as it is.
            JournalError: It cannot be written.
        """
        added = {one.promise: one for one in promises}
        if added:
            self._change(
                lambda held: {**{name: one for name, one in held.items() if one.sold > day or one.is_remembered(day)}, **added}
            )

    def drop(self, names: Iterable[str]) -> None:
        """Forget the promises of these names, as far as there are any. Raises like `keep`."""
        gone = frozenset(names)
        if gone:
            self._change(lambda held: {name: one for name, one in held.items() if name not in gone})

    def _change(self, action: Callable[[dict[str, Promise]], dict[str, Promise]]) -> None:
        with _alone() as path:
            scopes = _read(path)
            changed = action({one.promise: one for one in scopes.get(self.name, ())})
            after = {**scopes, self.name: tuple(changed.values())}
            if after != scopes:
                _write(path, {name: kept for name, kept in after.items() if kept})


HOUSEHOLD = Scope("household")
"""All real accounts of a person and their spouse."""


def scope_of(registry: Registry, source: Source) -> Scope:
    """The scope of the account at ``source``.

    Raises:
        UsageError: An unknown broker plugin.
        ConfigError: Settings that it does not take.
    """
    record = registry.broker(source.broker)
    if record.capabilities.live or not record.capabilities.places_orders:
        return HOUSEHOLD
    # As the plugin understands its settings: a default that is written out makes no other account.
    settings = to_plain(structure_settings(record.settings(), source.settings, f"brokers.{source.broker}"))
    return Scope(f"{source.broker}: {', '.join(f'{key}={value}' for key, value in settings.items())}")


def remembered(promises: Iterable[Promise], day: dt.date, history: Sequence[Transaction] | None) -> tuple[Promise, ...]:
    """Those of ``promises`` that bind on ``day`` or ended in the month before, by their end and name.

    Args:
        promises: What is kept.
        day: The day of a plan.
        history: Everything that ever happened, where that is known, as of accounts on paper: a promise reaches no further than its
            sales in it. One without any is of an account of that name that has been made anew.
    """
    kept = [one for one in promises if one.is_remembered(day)]
    if history is not None:
        hidden = {one.promise: one.quantity for one in unseen(kept, history)}
        shown = [(one, one.quantity - hidden.get(one.promise, 0)) for one in kept]
        kept = [one.of_shares(shares) for one, shares in shown if shares]
    return tuple(sorted(kept, key=lambda one: (one.through, one.promise)))


def all_promises() -> dict[str, tuple[Promise, ...]]:
    """The promises of every scope, as they are on disk. Raises DataError when their file is damaged."""
    return _read(promises_file())


def drop_promise(name: str) -> Promise | None:
    """Forget the promise ``name``, of whatever scope, and return it; None when there is none. Raises like `Scope.keep`."""
    for scope, kept in all_promises().items():
        for one in kept:
            if one.promise == name:
                Scope(scope).drop([name])
                return one
    return None


def promises_file() -> Path:
    """Where promises are kept."""
    return state_folder() / "promises.json"


@frozen
class _File:
    version: int
    scopes: Mapping[str, tuple[Promise, ...]] = field(factory=dict)


def _read(path: Path) -> dict[str, tuple[Promise, ...]]:
    """What the file says, taken apart once for each state of it: every order of an execution asks for it."""
    try:
        state = path.stat()
    except OSError:
        return _parsed(path)
    return dict(_parsed_in_state(path, state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=1)
def _parsed_in_state(path: Path, *state: int) -> dict[str, tuple[Promise, ...]]:
    return _parsed(path)


def _parsed(path: Path) -> dict[str, tuple[Promise, ...]]:
    remedy = "Look into it; when it cannot be repaired, note the sales at a loss of the last 30 days and move it away."
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not text in UTF-8"
        raise DataError(f"the promises cannot be read: {why}", place=str(path), code="bad_file", remedy=remedy) from None
    try:
        version = json.loads(text)["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DataError("this is not a file of promises", place=str(path), code="bad_file", remedy=remedy) from None
    if version != _VERSION:
        reason = f"the promises have version {version!r}; this rebalkit reads {_VERSION}"
        raise DataError(reason, place=str(path), code="other_version", remedy="Use the version of rebalkit that wrote them.")
    return dict(loads(_File, text, str(path)).scopes)


@contextmanager
def _alone() -> Iterator[Path]:
    path = promises_file()
    with ExitStack() as held:
        try:
            held.enter_context(alone_at(path, _PATIENCE))
        except OSError as problem:
            raise _not_written(path, problem) from None
        yield path


def _write(path: Path, scopes: Mapping[str, tuple[Promise, ...]]) -> None:
    try:
        write_private(path, dumps(_File(_VERSION, scopes)))
    except OSError as problem:
        raise _not_written(path, problem) from None


def _not_written(path: Path, problem: OSError) -> JournalError:
    reason = f"the promises cannot be written: {problem.strerror or problem}"
    return JournalError(reason, place=str(path), code="promises_not_written", remedy="Make room or wait, then do it again.")
