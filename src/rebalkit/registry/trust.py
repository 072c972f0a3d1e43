"""Which plugins may be loaded where real money moves: those that come with rebalkit, and those that the person trusts, as they are.

A plugin is code that runs as the person who starts it: trusting it is a decision of that person, not of whatever is installed. What
is trusted is one version with the content of its files; after an update it is asked for again. Nothing here imports a plugin.
"""

from __future__ import annotations

import importlib.util
import json
import os
import stat
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path

from attrs import asdict, frozen

from rebalkit.errors import ConfigError
from rebalkit.places import alone_at, make_private_folder, state_folder, write_private
from rebalkit.registry.fingerprints import Unsound, fingerprint
from rebalkit.registry.providers import Provider, same_name

__all__ = ["Trust", "TrustList", "trusted_entry"]

_PATIENCE = 5.0
"""Seconds to wait for another process that writes the list."""


_PACKAGES = frozenset({"rebalkit", "rebalkit_etrade", "rebalkit_paper"})
"""What this distribution installs; others may lie beside it."""


class Trust(Enum):
    """How a plugin stands to the list."""

    BUILT_IN = "built in"
    TRUSTED = "trusted"
    CHANGED = "changed since it was trusted"
    UNKNOWN = "not trusted"


@frozen
class Entry:
    """One plugin that is trusted.

    Attributes:
        name: Its distribution, or the path of its file when it is local to a project.
        version: Version of the distribution; empty for a file.
        sha256: Digest of what it is made of (`rebalkit.registry.fingerprints`).
    """

    name: str
    version: str
    sha256: str


@frozen
class TrustList:
    """The plugins that a person trusts, as ``trusted-plugins.json`` in the state folder keeps them."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def read(cls) -> TrustList:
        """The list as it is kept; an empty one when there is none.

        Raises:
            ConfigError: It cannot be read, or others than this user could have written it.
        """
        path = _path()
        try:
            status = path.lstat()
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as problem:
            raise _unreadable(path, str(problem)) from None
        own = os.name != "posix" or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)
        if not own or not stat.S_ISREG(status.st_mode):
            raise _unreadable(path, "others than you could have written it (it must be a file of yours, mode 0600)")
        try:
            return cls(tuple(Entry(str(one["name"]), str(one["version"]), str(one["sha256"])) for one in json.loads(text)))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise _unreadable(path, "it is damaged") from None

    def state(self, provider: Provider) -> Trust:
        """How ``provider`` stands to the list."""
        if _came_with_rebalkit(provider):
            return Trust.BUILT_IN
        entry = self._entry(provider)
        if entry is None:
            return Trust.UNKNOWN
        try:
            return Trust.TRUSTED if trusted_entry(provider) == entry else Trust.CHANGED
        except Unsound:
            return Trust.CHANGED

    def objection(self, provider: Provider) -> str:
        """Why ``provider`` must not be loaded where real money moves; empty when it may be."""
        state = self.state(provider)
        return "" if state in (Trust.BUILT_IN, Trust.TRUSTED) else f"it is left out where real money moves: {state.value}"

    def _entry(self, provider: Provider) -> Entry | None:
        return next((one for one in self.entries if _same(one.name, _name(provider))), None)

    @classmethod
    def add(cls, provider: Provider) -> Entry:
        """Trust ``provider`` as it is now, instead of as it was.

        Raises:
            ConfigError: It cannot be said what it is made of, or the list cannot be written.
        """
        try:
            entry = trusted_entry(provider)
        except Unsound as problem:
            raise ConfigError(
                f"it cannot be trusted: {problem}", place=str(provider), code="unsound_plugin", remedy=problem.remedy
            ) from None
        cls._change(lambda kept: [*(one for one in kept if not _same(one.name, entry.name)), entry])
        return entry

    @classmethod
    def remove(cls, name: str) -> bool:
        """Trust what is called ``name``, a distribution or the path of a file, no longer. Returns whether it was trusted."""
        before = cls.read()
        cls._change(lambda kept: [one for one in kept if not _same(one.name, name)])
        return any(_same(one.name, name) for one in before.entries)

    @classmethod
    def _change(cls, change: Callable[[Iterable[Entry]], Iterable[Entry]]) -> None:
        path = _path()
        try:
            make_private_folder(path.parent)
            with alone_at(path, _PATIENCE):
                entries = sorted(change(cls.read().entries), key=lambda one: one.name)
                write_private(path, json.dumps([asdict(one) for one in entries], indent=2) + "\n")
        except OSError as problem:
            raise ConfigError(
                f"the list of trusted plugins cannot be written ({problem.strerror or problem})",
                place=str(path),
                code="unwritable",
                remedy="Check the path, its rights and the space on the disk.",
            ) from None


def trusted_entry(provider: Provider) -> Entry:
    """``provider`` as it is now. Raises Unsound when it cannot be said what it is made of."""
    return Entry(_name(provider), provider.version, fingerprint(provider))


def _came_with_rebalkit(provider: Provider) -> bool:
    """Whether it is one of this distribution's packages, and lies where this file does: a name alone proves nothing."""
    package = provider.module.partition(".")[0]
    if not provider.builtin or package not in _PACKAGES:
        return False
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin is not None and Path(spec.origin).parents[1] == Path(__file__).parents[2]


def _name(provider: Provider) -> str:
    return provider.module if provider.local else provider.distribution


def _same(one: str, other: str) -> bool:
    # Paths are compared as they are.
    return one == other if {os.sep, "/"} & {*one, *other} else same_name(one, other)


def _path() -> Path:
    return state_folder() / "trusted-plugins.json"


def _unreadable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        f"the list of trusted plugins is not used: {why}",
        place=str(path),
        code="bad_trust_list",
        remedy="Remove the file, and trust your plugins again: rebalkit plugins trust NAME.",
    )
