"""Which symbols the wash-sale rule treats as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from attrs import field, frozen

from rebalkit.model.securities import check_symbol

__all__ = ["IdentityGroups"]


def _closed(sets: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """The sets merged wherever they share a symbol: being substantially identical is transitive."""
    merged: list[set[str]] = []
    for one in sets:
        new = {check_symbol(symbol) for symbol in one}
        apart = []
        for other in merged:
            if other & new:
                new |= other
            else:
                apart.append(other)
        merged = [*apart, new]
    return tuple(sorted(tuple(sorted(one)) for one in merged if len(one) > 1))


@frozen
class IdentityGroups:
    """A partition of symbols into groups that are substantially identical (26 USC 1091(a)).

    No bright line exists in law; the user declares the sets, they are closed transitively, and a symbol outside every set is
    identical only to itself.
    """

    groups: tuple[tuple[str, ...], ...] = field(converter=_closed, default=())
    _of: Mapping[str, str] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_of", MappingProxyType({symbol: group[0] for group in self.groups for symbol in group}))

    def of(self, symbol: str) -> str:
        """The name of the group of ``symbol``: its first symbol in alphabetical order, or the symbol itself outside every set."""
        return self._of.get(symbol, symbol)
