"""Funds of different sponsors that track the same index.

Whether these are substantially identical is disputed, and no ruling says (26 USC 1091(a)); the cautious reading, and the default here,
is that they are. Funds of different indices are not, however alike the indices.
"""

from __future__ import annotations

from attrs import frozen

__all__ = ["SAME_INDEX", "SameIndex"]


@frozen
class SameIndex:
    """Symbols of funds that track one index.

    Attributes:
        index: Its name.
        symbols: The funds, in alphabetical order.
        source: Where it is said of each of them.
    """

    index: str
    symbols: tuple[str, ...]
    source: str


SAME_INDEX: tuple[SameIndex, ...] = ()
"""The table. It is small: what could not be verified is not in it."""
