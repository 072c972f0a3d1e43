"""What the greedy strategy asks of a wash-sale rule, and the crude rule ``by_ticker``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from rebalkit.model import IdentityGroups
from rebalkit.strategies.greedy.positions import Position
from rebalkit.tax.recent import RecentTrades

__all__ = ["ByTicker", "Kept", "Part", "WashRule", "shown"]

Part = tuple[int, int]
"""A lot by its index in the position, and how many of its micro-shares are sold."""

_MOST_SHOWN = 5


@frozen
class Kept:
    """Why something is not traded: the code of a reason and its details."""

    code: str
    details: Mapping[str, object]


def shown(trades: Sequence[object]) -> list[str]:
    """The last few of ``trades`` as texts for the details of a reason."""
    return [str(trade) for trade in trades[-_MOST_SHOWN:]]


class WashRule(Protocol):
    """Says what may be bought and what may be sold, all accounts considered."""

    def purchase(self, symbol: str) -> Kept | None:
        """Why ``symbol`` may not be bought; None when it may."""
        ...

    def bought(self, symbol: str) -> None:
        """``symbol`` will be bought."""
        ...

    def untouchable(self, position: Position) -> Kept | None:
        """Why nothing of ``position`` may be sold, at a gain neither; None when something may."""
        ...

    def loss_to_take(self, position: Position, enough: Sequence[int]) -> int:
        """The loss that buying ``position`` would forgo, in femto-dollars, ≤ 0; ``enough`` are the lots that lose enough to be sold."""
        ...

    def companions(self, position: Position, losing: Sequence[int]) -> Sequence[int]:
        """Lots that must be sold together with the ``losing`` ones, so that they take no loss away. None of them is in ``losing``."""
        ...

    def washes(self, position: Position, parts: Sequence[Part]) -> Kept | None:
        """Why ``parts`` may not be sold in one order: the losses that this would take away; None when it takes none away."""
        ...

    def losing(self, position: Position, parts: Iterable[Part]) -> set[int]:
        """The lots of ``parts`` of which a share may be sold at a loss."""
        ...

    def sold(self, position: Position, parts: Sequence[Part]) -> None:
        """``parts`` will be sold."""
        ...


class ByTicker:
    """Nothing of a group is sold within 30 days of a purchase of it, and nothing bought within 30 days of a sale."""

    def __init__(self, recent: RecentTrades, groups: IdentityGroups) -> None:
        self._recent = recent
        self._groups = groups

    def purchase(self, symbol: str) -> Kept | None:
        """As `WashRule` says."""
        group = self._groups.of(symbol)
        if group not in self._recent.sold:
            return None
        trades = shown(self._recent.sold[group])
        return Kept("sold_recently", {"free_on": str(self._recent.free_to_buy(group)), "trades": trades})

    def bought(self, symbol: str) -> None:
        """As `WashRule` says."""

    def untouchable(self, position: Position) -> Kept | None:
        """As `WashRule` says."""
        group = position.group
        if group not in self._recent.acquired:
            return None
        trades = shown(self._recent.acquired[group])
        return Kept("bought_recently", {"free_on": str(self._recent.free_to_sell(group)), "trades": trades})

    def loss_to_take(self, position: Position, enough: Sequence[int]) -> int:
        """All losses of the position, however small; 0 when it was bought lately, for they could not be taken anyway."""
        return 0 if position.group in self._recent.acquired else position.loss

    def companions(self, position: Position, losing: Sequence[int]) -> Sequence[int]:
        """None: what may be sold at all may be sold in part."""
        return ()

    def washes(self, position: Position, parts: Sequence[Part]) -> Kept | None:
        """Never: a position that was bought lately is not touched at all."""
        return None

    def losing(self, position: Position, parts: Iterable[Part]) -> set[int]:
        """As `WashRule` says."""
        return {index for index, _ in parts if position.gain(index) < 0}

    def sold(self, position: Position, parts: Sequence[Part]) -> None:
        """As `WashRule` says."""
