"""The rule ``exact``: what the ledger of all accounts finds clean is allowed, to the share.

A purchase is allowed when no loss of the last 30 days is left that it would take away. A loss may be taken when no share of the group,
in whatever account, was acquired in the last 30 days and is still held after the order: so shares acquired lately go in the same order
as the old ones, where the account holds them. A gain is never restricted.

With a budget, losses may be taken away up to so many dollars, if that only defers them: never into an IRA, where they are lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from rebalkit.model import Action, IdentityGroups
from rebalkit.money import NANO
from rebalkit.strategies.greedy.positions import FEMTO, Position
from rebalkit.strategies.greedy.rule import Kept, Part, shown
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.trades import Trade
from rebalkit.tax.wash_view import Recent, WashView, told_once

__all__ = ["Exact"]


class Exact:
    """The wash-sale rule to the share.

    Args:
        view: The rule as it bears on the snapshot.
        groups: Which symbols count as one.
        budget: USD of losses that may be deferred in all.
    """

    def __init__(self, view: WashView, groups: IdentityGroups, budget: Decimal) -> None:
        self._view = view
        self._groups = groups
        self._left = Fraction(budget)
        self._sales: list[Trade] = []

    def purchase(self, symbol: str) -> Kept | None:
        """As `WashRule` says."""
        exposed = self._view.exposed.get(self._groups.of(symbol), ())
        stake = self._at_stake(symbol)
        if not exposed or (stake is not None and stake <= self._left):
            return None
        free = max(one.free_from for one in exposed)
        return Kept("would_wash", {"free_on": str(free), "trades": shown(told_once(exposed)[0])})

    def bought(self, symbol: str) -> None:
        """As `WashRule` says: whatever it could take away is taken off the budget."""
        self._left -= min(self._left, self._at_stake(symbol) or Fraction(0))

    def _at_stake(self, symbol: str) -> Fraction | None:
        """USD that a purchase could take away; None where that is not known, or only an earlier plan knows of it."""
        exposed = self._view.exposed.get(self._groups.of(symbol), ())
        losses = [one.loss if one.what == "sale" else None for one in exposed]
        known = [loss for loss in losses if loss is not None]
        return Fraction(sum(known), NANO) if len(known) == len(losses) else None

    def untouchable(self, position: Position) -> Kept | None:
        """Never: what does not lose may always be sold."""
        return None

    def loss_to_take(self, position: Position, enough: Sequence[int]) -> int:
        """The losses that would be taken today; 0 where that would wash them."""
        if not enough:
            return 0
        whole = [*enough, *self.companions(position, enough)]
        micros = position.held.micros
        return 0 if self.washes(position, [(index, micros[index]) for index in whole]) is not None else position.gain_of(enough)

    def companions(self, position: Position, losing: Sequence[int]) -> Sequence[int]:
        """The lots acquired lately that would otherwise take the losses away, earliest first."""
        names = position.held.names
        sold = [names[index] for index in losing]
        recent = self._view.taking_away(position.held.symbol, sold, sold)
        lots = {lot for one in recent for lot in self._view.sellable(one)}
        already = set(losing)
        found = [index for index, name in enumerate(names) if name in lots and index not in already]
        return [index for index in found if position.held.costs[index] is not None and position.held.acquired[index] is not None]

    def washes(self, position: Position, parts: Sequence[Part]) -> Kept | None:
        """As `WashRule` says."""
        recent = self._taking_away(position, parts)
        if not recent or self._deferred(position, parts, recent) is not None:
            return None
        return Kept("loss_would_wash", {"free_on": str(max(one.free_from for one in recent)), "trades": shown(recent)})

    def losing(self, position: Position, parts: Iterable[Part]) -> set[int]:
        """As `WashRule` says, by the basis of the ledger or of the broker, whichever is higher."""
        names, bid = position.held.names, position.bid
        return {index for index, _ in parts if position.gain(index) < 0 or self._view.loses(names[index], bid)}

    def sold(self, position: Position, parts: Sequence[Part]) -> None:
        """As `WashRule` says: what it defers is taken off the budget."""
        recent = self._taking_away(position, parts)
        if recent:
            self._left -= self._deferred(position, parts, recent) or Fraction(0)
            self._sales.append(self._trade(position, parts))

    def _taking_away(self, position: Position, parts: Sequence[Part]) -> tuple[Recent, ...]:
        held = position.held
        if position.group not in self._view.recent:
            return ()
        losing = [held.names[index] for index in self.losing(position, parts)]
        whole = [held.names[index] for index, sold in parts if sold == held.micros[index]]
        return self._view.taking_away(held.symbol, losing, whole)

    def _deferred(self, position: Position, parts: Sequence[Part], recent: Sequence[Recent]) -> Fraction | None:
        """USD of loss that the sale would defer; None when it may not, since it is too much, all of it, or lost for good."""
        if not self._left or any(not one.taxable or one.open_order is not None for one in recent):
            return None
        view, trade = self._view, self._trade(position, parts)
        sales = [*self._sales, trade]
        trades = [*view.history([one.symbol for one in sales]), *sales]
        matches = [one for one in build_ledger(trades, view.past.accounts, view.policy).matches if one.sale == trade.id]
        deferred = sum([one.amount for one in matches], Fraction(0))
        taken = Fraction(-sum([min(0, position.gain(index)) for index, _ in parts]), FEMTO)
        lost = any(one.permanent for one in matches)
        return None if lost or deferred > self._left or deferred >= taken else deferred

    def _trade(self, position: Position, parts: Sequence[Part]) -> Trade:
        snapshot, held = self._view.snapshot, position.held
        account = snapshot.account.account
        lots = self._view.past.parts(account, [(held.names[index], wanted) for index, wanted in parts])
        name, micros = f"sale of {held.symbol}", sum([shares for _, shares in lots])
        return Trade(name, snapshot.as_of, account, held.symbol, Action.SELL, micros, position.bid, lots=lots)
