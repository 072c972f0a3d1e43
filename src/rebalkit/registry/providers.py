"""Who brings plugins: found without importing any of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from attrs import field, frozen

__all__ = ["Provider", "find_providers", "same_name", "unknown_names"]

GROUP = "rebalkit"
BUILTIN = "rebalkit"
"""The distribution whose plugins are built in."""


@frozen
class Provider:
    """One module of hook implementations.

    Attributes:
        name: Name of its entry point, or of its file when it is local to a project.
        distribution: The distribution that brings it; empty for a project-local file.
        version: Version of the distribution; empty for a project-local file.
        module: Name of the module, or path of the file.
        disabled: Whether it is switched off.
    """

    name: str
    distribution: str
    version: str
    module: str
    disabled: bool = False
    _point: metadata.EntryPoint | None = field(default=None, eq=False, repr=False)

    @property
    def builtin(self) -> bool:
        """Whether it comes with rebalkit itself."""
        return _normal(self.distribution) == BUILTIN

    @property
    def local(self) -> bool:
        """Whether it is a file of a project."""
        return not self.distribution

    def __str__(self) -> str:
        if self.local:
            return self.module
        return f"{self.distribution} {self.version} (plugin {self.name})"

    @property
    def point(self) -> metadata.EntryPoint | None:
        """The entry point; None for a project-local file."""
        return self._point


def find_providers(plugins: bool, disabled: Collection[str], local: Sequence[Path]) -> Iterator[Provider]:
    """All providers in the order in which they count: those of rebalkit, then others by name, then project-local files.

    Args:
        plugins: Whether there are others than those of rebalkit.
        disabled: Names of entry points or distributions to switch off. The core of rebalkit cannot be.
        local: Project-local files.
    """
    off = {_normal(name) for name in disabled}
    found = [_installed(point, off) for point in metadata.entry_points(group=GROUP)]
    found.sort(key=lambda one: (not one.builtin, one.name != "builtin", one.distribution, one.name))
    yield from (one for one in found if plugins or one.builtin)
    if plugins:
        for path in dict.fromkeys(local):
            yield Provider(path.stem, "", "", str(path), _normal(path.stem) in off)


def _installed(point: metadata.EntryPoint, off: Collection[str]) -> Provider:
    distribution = point.dist.name if point.dist else "?"
    version = point.dist.version if point.dist else "?"
    core = _normal(distribution) == BUILTIN
    names = {_normal(point.name)} if core else {_normal(point.name), _normal(distribution)}
    switched_off = not names.isdisjoint(off) and not (core and point.name == "builtin")
    return Provider(point.name, distribution, version, point.value, switched_off, point)


def _normal(name: str) -> str:
    """Names of distributions are the same in any case and with any of ``-_.`` between the words."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def same_name(one: str, other: str) -> bool:
    """Whether two names are those of one distribution."""
    return _normal(one) == _normal(other)


def unknown_names(providers: Sequence[Provider], disabled: Collection[str]) -> list[str]:
    """Those names in ``disabled`` that are no provider's."""
    known = {_normal(name) for one in providers for name in (one.name, one.distribution)}
    return [name for name in disabled if _normal(name) not in known]
