"""Step 2 of the greedy strategy: which lots to sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rebalkit.model import Action, AssetClass, NotTraded, Reason, Snapshot, Targets
from rebalkit.money import FEMTO_PER_CENT, MICRO, from_cents, from_micros, plain
from rebalkit.plugin import PlanContext
from rebalkit.strategies.assembly import Sale
from rebalkit.strategies.greedy.buys import ClassBuy, shown
from rebalkit.strategies.greedy.positions import FEMTO, Position, ceil_scaled, floor_scaled, usd
from rebalkit.strategies.greedy.settings import GreedySettings
from rebalkit.tax.recent import RecentTrades

__all__ = ["choose_sales"]


def choose_sales(
    snapshot: Snapshot,
    targets: Targets,
    context: PlanContext,
    settings: GreedySettings,
    recent: RecentTrades,
    positions: Mapping[str, Position],
    chosen: Mapping[str, ClassBuy],
) -> tuple[list[Sale], list[NotTraded]]:
    """What is sold of each owned symbol, and what is not and why."""
    chooser = _Chooser(snapshot, targets, context, settings, recent, chosen)
    sales = []
    for symbol in sorted(positions):
        sale = chooser.sale_of(symbol, positions[symbol])
        if sale is not None:
            sales.append(sale)
    return sales, chooser.not_traded


class _Chooser:
    """Looks at one symbol after the other and notes why lots of it are kept."""

    def __init__(
        self,
        snapshot: Snapshot,
        targets: Targets,
        context: PlanContext,
        settings: GreedySettings,
        recent: RecentTrades,
        chosen: Mapping[str, ClassBuy],
    ) -> None:
        self._classes = targets.class_of()
        self._settings = settings
        self._recent = recent
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
        self._min_loss = ceil_scaled(settings.min_loss, FEMTO)
        self._min_order = ceil_scaled(settings.min_order, 100)
        self.not_traded: list[NotTraded] = []

    def sale_of(self, symbol: str, position: Position) -> Sale | None:
        """The lots of ``symbol`` to sell, or None when all are kept."""
        if position.unknown:
            self._note(symbol, "unknown_basis", lots=position.unknown)
        losses: Sequence[int] = ()
        gains: Sequence[int] = ()
        if position.losing or position.gaining:
            code, details = self._kept(symbol, position)
            if code:
                both = {"losing_lots": len(position.losing), "loss": usd(position.loss), "gaining_lots": len(position.gaining)}
                self._note(symbol, code, **both, gain=usd(position.gain_of(position.gaining)), **details)
            else:
                asset_class = self._classes.get(symbol)
                losses = self._losing(symbol, position)
                gains = self._gaining(symbol, position, asset_class)
        micros = position.held.micros
        parts = [(index, micros[index]) for index in losses]
        parts += [(index, micros[index]) for index in gains]
        if not parts:
            return None
        if not self._fractions:
            parts = self._whole(symbol, position, parts)
        total = sum([sold for _, sold in parts])
        estimated = total * position.bid // FEMTO_PER_CENT
        if total and estimated < self._min_order:
            amounts = {"estimated": plain(from_cents(estimated)), "min_order": plain(self._settings.min_order)}
            self._note(symbol, "sale_below_min_order", lots=len(parts), **amounts)
            return None
        if not total:
            return None
        harvests, realizes = bool(losses), len(parts) > len(losses)
        if harvests and not realizes:
            return Sale(symbol, parts, Reason("harvest_loss"))
        code = "harvest_and_realize" if harvests else "realize_gain"
        return Sale(symbol, parts, Reason(code, {"limit": self._max_gain_shown}))

    def _kept(self, symbol: str, position: Position) -> tuple[str, dict[str, object]]:
        """Why no lot of ``symbol`` is sold, whatever it gains or loses; an empty code when nothing forbids it."""
        group = position.group
        if group in self._bought:
            return "being_bought", {"bought": self._bought[group]}
        if group in self._recent.acquired:
            free, trades = self._recent.free_to_sell(group), shown(self._recent.acquired[group])
            return "bought_recently", {"free_on": str(free), "trades": trades}
        asset_class = self._classes.get(symbol)
        if asset_class is not None and asset_class.name not in self._chosen and not self._settings.allow_underfilled:
            return "class_not_bought", {"class": asset_class.name}
        return "", {}

    def _losing(self, symbol: str, position: Position) -> Sequence[int]:
        """The losing lots that lose enough."""
        percent = self._settings.min_loss_percent
        if not self._min_loss and not percent:
            return position.losing
        numerator, denominator = percent.as_integer_ratio()
        enough: list[int] = []
        small: list[int] = []
        for index in position.losing:
            loss = -position.gain(index)
            cost = position.held.micros[index] * position.bid + loss
            reached = loss >= self._min_loss and loss * 100 * denominator >= cost * numerator
            (enough if reached else small).append(index)
        if small:
            self._note(symbol, "below_min_loss", losing_lots=len(small), loss=usd(position.gain_of(small)))
        return enough

    def _gaining(self, symbol: str, position: Position, asset_class: AssetClass | None) -> Sequence[int]:
        """The lots without a loss that are sold: the smallest gains first, while their sum stays within the limit."""
        if not position.gaining:
            return []
        all_of_them = {"gaining_lots": len(position.gaining), "gain": usd(position.gain_of(position.gaining))}
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
        total = 0
        small = [(gain, at) for at in position.gaining if (gain := position.gain(at)) <= self._max_gain]
        for gain, index in sorted(small):
            total += gain
            if total > self._max_gain:
                break
            sold.append(index)
        if len(sold) < len(position.gaining):
            kept = len(position.gaining) - len(sold)
            self._note(symbol, "gain_over_limit", gaining_lots=kept, gain=all_of_them["gain"], limit=self._max_gain_shown)
        return sold

    def _whole(self, symbol: str, position: Position, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """``parts`` without the fraction of a share that cannot be sold, which is taken from the last lots."""
        total = sum([sold for _, sold in parts])
        fraction = total % MICRO
        if not fraction or total == position.held.total:
            return parts
        self._note(symbol, "not_whole_shares", quantity=plain(from_micros(fraction)))
        while fraction and parts:
            index, sold = parts.pop()
            if sold > fraction:
                parts.append((index, sold - fraction))
            fraction -= min(fraction, sold)
        return parts

    def _note(self, subject: str, code: str, **details: object) -> None:
        self.not_traded.append(NotTraded(subject, Reason(code, details)))
