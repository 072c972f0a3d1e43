"""Step 2 of the greedy strategy: which lots to sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rebalkit.model import Action, AssetClass, NotTraded, Reason, Snapshot, Targets
from rebalkit.money import FEMTO_PER_CENT, MICRO, from_cents, from_micros, plain
from rebalkit.plugin import PlanContext
from rebalkit.strategies.assembly import Sale
from rebalkit.strategies.greedy.buys import ClassBuy
from rebalkit.strategies.greedy.positions import FEMTO, Position, ceil_scaled, floor_scaled, usd
from rebalkit.strategies.greedy.rule import Kept, Part, WashRule
from rebalkit.strategies.greedy.settings import GreedySettings
from rebalkit.strategies.greedy.threshold import Threshold

__all__ = ["choose_sales"]


def choose_sales(
    snapshot: Snapshot,
    targets: Targets,
    context: PlanContext,
    settings: GreedySettings,
    rule: WashRule,
    threshold: Threshold,
    positions: Mapping[str, Position],
    chosen: Mapping[str, ClassBuy],
) -> tuple[list[Sale], list[NotTraded]]:
    """What is sold of each owned symbol, and what is not and why."""
    chooser = _Chooser(snapshot, targets, context, settings, rule, threshold, chosen)
    sales = []
    for symbol in sorted(positions):
        sale = chooser.sale_of(symbol, positions[symbol])
        if sale is not None:
            sales.append(sale)
    return sales, chooser.not_traded


_SMALL_GAIN = 10
"""A gain that is at most one part in so many of the losses that it makes possible is no reason to forgo them: in one order with them it
only lowers what they save."""


class _Chooser:
    """Looks at one symbol after the other and notes why lots of it are kept."""

    def __init__(
        self,
        snapshot: Snapshot,
        targets: Targets,
        context: PlanContext,
        settings: GreedySettings,
        rule: WashRule,
        threshold: Threshold,
        chosen: Mapping[str, ClassBuy],
    ) -> None:
        self._classes = targets.class_of()
        self._settings = settings
        self._rule = rule
        self._threshold = threshold
        self._chosen = chosen
        # An identity group counts as one symbol: buying any of it, in whatever class, is buying all of it.
        self._bought = {context.groups.of(buy.symbol): buy.symbol for buy in chosen.values()}
        self._fractions = snapshot.venue.fractional_sells
        # Planning again today must not use the limit on gains a second time.
        self._sold_today = {
            one.symbol
            for one in snapshot.transactions
            if one.date == snapshot.as_of and one.action is Action.SELL and one.account == snapshot.account.account
        }
        self._max_gain = floor_scaled(settings.max_gain_to_realize, FEMTO)
        self._max_gain_shown = plain(settings.max_gain_to_realize)
        self._min_order = ceil_scaled(settings.min_order, 100)
        self.not_traded: list[NotTraded] = []

    def sale_of(self, symbol: str, position: Position) -> Sale | None:
        """The lots of ``symbol`` to sell, or None when all are kept."""
        if position.unknown:
            self._note(symbol, "unknown_basis", lots=position.unknown)
        losses: Sequence[int] = ()
        parts: list[Part] = []
        if position.losing or position.gaining:
            kept = self._kept(symbol, position)
            if kept is not None:
                self._note_all(symbol, position, kept)
            else:
                losses, together = self._losing(symbol, position)
                gains = self._gaining(symbol, position, self._classes.get(symbol), together)
                parts = self._parts(symbol, position, [*together, *losses, *gains])
                kept = self._rule.washes(position, parts)
                if kept is not None:
                    # What remains loses nothing, so that nothing can be taken away from it.
                    lost = self._rule.losing(position, parts)
                    self._note_losing(symbol, position, sorted(lost), kept)
                    losses = ()
                    parts = self._parts(symbol, position, [index for index in gains if index not in lost])
        if not parts:
            return None
        total = sum([sold for _, sold in parts])
        estimated = total * position.bid // FEMTO_PER_CENT
        if estimated < self._min_order:
            amounts = {"estimated": plain(from_cents(estimated)), "min_order": plain(self._settings.min_order)}
            self._note(symbol, "sale_below_min_order", lots=len(parts), **amounts)
            return None
        self._rule.sold(position, parts)
        harvests = bool(losses)
        realizes = any(position.gain(index) >= 0 for index, _ in parts)
        if harvests and not realizes:
            return Sale(symbol, parts, Reason("harvest_loss"))
        code = "harvest_and_realize" if harvests else "realize_gain"
        return Sale(symbol, parts, Reason(code, {"limit": self._max_gain_shown}))

    def _kept(self, symbol: str, position: Position) -> Kept | None:
        """Why no lot of ``symbol`` is sold, whatever it gains or loses; None when nothing forbids it."""
        if position.group in self._bought:
            return Kept("being_bought", {"bought": self._bought[position.group]})
        untouchable = self._rule.untouchable(position)
        if untouchable is not None:
            return untouchable
        asset_class = self._classes.get(symbol)
        if asset_class is not None and asset_class.name not in self._chosen and not self._settings.allow_underfilled:
            return Kept("class_not_bought", {"class": asset_class.name})
        return None

    def _losing(self, symbol: str, position: Position) -> tuple[Sequence[int], Sequence[int]]:
        """The losing lots that lose enough, and the lots that must go with them so that none of the losses is taken away."""
        enough, small = self._threshold.split(position)
        together = self._rule.companions(position, enough) if enough else ()
        gain = sum([max(0, position.gain(index)) for index in together])
        limit = 0 if symbol in self._sold_today else self._max_gain
        if gain > limit and gain * _SMALL_GAIN > -position.gain_of(enough):
            free = self._rule.washes(position, [(index, position.held.micros[index]) for index in enough])
            details = dict(free.details) if free is not None else {}
            self._note_losing(
                symbol, position, enough, Kept("recent_lots_gain", details | {"gain": usd(gain), "limit": self._max_gain_shown})
            )
            enough, together = (), ()
        left = [index for index in small if index not in together]
        if left:
            self._note(symbol, "below_min_loss", losing_lots=len(left), loss=usd(position.gain_of(left)))
        return enough, together

    def _gaining(self, symbol: str, position: Position, asset_class: AssetClass | None, together: Sequence[int]) -> Sequence[int]:
        """The lots without a loss that are sold beside ``together``: the smallest gains first, while their sum stays within the limit."""
        others = [index for index in position.gaining if index not in together]
        if not others:
            return []
        all_of_them = {"gaining_lots": len(others), "gain": usd(position.gain_of(others))}
        if asset_class is not None:
            buy = self._chosen.get(asset_class.name)
            if buy is None:
                none_losing = {"losing_lots": 0, "loss": "0.00"}
                self._note(symbol, "class_not_bought", **none_losing, **all_of_them, **{"class": asset_class.name})
                return []
            rank = asset_class.rank_of(symbol)
            if rank is not None and rank <= buy.rank:
                self._note(symbol, "not_worse_than_buy", **all_of_them, bought=buy.symbol)
                return []
        if symbol in self._sold_today:
            self._note(symbol, "sold_today", **all_of_them)
            return []
        sold: list[int] = []
        total = sum([max(0, position.gain(index)) for index in together])
        small = [(gain, at) for at in others if (gain := position.gain(at)) <= self._max_gain]
        for gain, index in sorted(small):
            total += gain
            if total > self._max_gain:
                break
            sold.append(index)
        if len(sold) < len(others):
            kept = len(others) - len(sold)
            self._note(symbol, "gain_over_limit", gaining_lots=kept, gain=all_of_them["gain"], limit=self._max_gain_shown)
        return sold

    def _parts(self, symbol: str, position: Position, indices: Sequence[int]) -> list[Part]:
        """The lots at ``indices`` in whole, without the fraction of a share that cannot be sold, which is taken from the last lots."""
        micros = position.held.micros
        parts = [(index, micros[index]) for index in indices]
        total = sum([sold for _, sold in parts])
        fraction = total % MICRO
        if self._fractions or not fraction or total == position.held.total:
            return parts
        self._note(symbol, "not_whole_shares", quantity=plain(from_micros(fraction)))
        while fraction and parts:
            index, sold = parts.pop()
            if sold > fraction:
                parts.append((index, sold - fraction))
            fraction -= min(fraction, sold)
        return parts

    def _note_all(self, symbol: str, position: Position, kept: Kept) -> None:
        both = {"losing_lots": len(position.losing), "loss": usd(position.loss), "gaining_lots": len(position.gaining)}
        self._note(symbol, kept.code, **both, gain=usd(position.gain_of(position.gaining)), **kept.details)

    def _note_losing(self, symbol: str, position: Position, lost: Sequence[int], kept: Kept) -> None:
        loss = usd(sum([min(0, position.gain(index)) for index in lost]))
        self._note(symbol, kept.code, losing_lots=len(lost), loss=loss, **kept.details)

    def _note(self, subject: str, code: str, **details: object) -> None:
        self.not_traded.append(NotTraded(subject, Reason(code, details)))
