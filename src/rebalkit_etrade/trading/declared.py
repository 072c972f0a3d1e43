"""What the person says where E*TRADE does not."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from rebalkit.model import AccountKind, Action

__all__ = ["Declared"]


@frozen
class Declared:
    """Words of the person, which fill what is not known, and never contradict what is.

    Attributes:
        account_kinds: How accounts are taxed whose type is not known, by their numbers.
        moves: What types of transactions do that are not known, by type in small letters; None for nothing.
        not_managed: Kinds of securities (``securityType``) that are not known and are to be left alone.
    """

    account_kinds: Mapping[str, AccountKind] = field(factory=dict)
    moves: Mapping[str, Action | None] = field(factory=dict)
    not_managed: frozenset[str] = frozenset()
