"""The greedy strategy: choose what to buy, sell what may be sold at a loss, spread the cash over the classes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from rebalkit.allocate import Rounding, water_fill, whole_shares
from rebalkit.errors import PlanError
from rebalkit.model import AssetClass, NotTraded, Plan, Reason, Snapshot, Targets
from rebalkit.money import FEMTO_PER_CENT, from_cents, from_micros, plain, to_micros
from rebalkit.plugin import PlanContext
from rebalkit.strategies.assembly import Choice, Sale, assemble_plan
from rebalkit.strategies.greedy.buys import ClassBuy, choose_buys
from rebalkit.strategies.greedy.exact import Exact
from rebalkit.strategies.greedy.positions import Position, ceil_scaled, positions_of
from rebalkit.strategies.greedy.rule import ByTicker, WashRule
from rebalkit.strategies.greedy.sales import choose_sales
from rebalkit.strategies.greedy.settings import GreedySettings
from rebalkit.strategies.greedy.threshold import Threshold
from rebalkit.strategies.valuation import ask_of, floor_cents, owned_bids, position_values
from rebalkit.tax.recent import RecentTrades

__all__ = ["Greedy"]


class Greedy:
    """Harvests every loss that the wash-sale rule allows and buys, class by class, the best symbol that forgoes little.

    Args:
        settings: What the person asked for; the defaults when not given.
    """

    def __init__(self, settings: GreedySettings | None = None) -> None:
        self._settings = settings or GreedySettings()

    def plan(self, snapshot: Snapshot, targets: Targets, context: PlanContext) -> Plan:
        """The plan.

        Raises PlanError when an owned symbol has no price or ``forced_buys`` does not fit the targets.
        """
        bids = owned_bids(snapshot, context.book)
        positions = positions_of(context.book, bids, context.groups)
        rule = self._rule(snapshot, context)
        threshold = Threshold(self._settings, snapshot.quotes)
        losses = _losses_to_take(positions, rule, threshold)
        chosen, not_bought = choose_buys(snapshot, targets, context, self._settings, rule, losses)
        sales, not_sold = choose_sales(snapshot, targets, context, self._settings, rule, threshold, positions, chosen)

        proceeds = {sale.symbol: _proceeds(sale, positions[sale.symbol]) for sale in sales}
        values = position_values(context.book, bids)
        left = {symbol: value - proceeds.get(symbol, 0) for symbol, value in values.items()}
        cash = max(0, floor_cents(snapshot.account.cash.total - context.limits.reserve) + sum(proceeds.values()))
        choices, too_small = self._spread(snapshot, targets, chosen, left, cash)
        not_traded = [*not_sold, *not_bought, *too_small]
        return assemble_plan(snapshot, targets, context, "greedy", sales, choices, not_traded)

    def _rule(self, snapshot: Snapshot, context: PlanContext) -> WashRule:
        if self._settings.wash_rule == "by_ticker":
            return ByTicker(RecentTrades.of(snapshot, context.groups), context.groups)
        return Exact(context.wash, context.groups, context.wash_budget)

    def _spread(
        self, snapshot: Snapshot, targets: Targets, chosen: Mapping[str, ClassBuy], left: Mapping[str, int], cash: int
    ) -> tuple[dict[str, Choice], list[NotTraded]]:
        """Step 3: what each class gets of ``cash`` (cents), where ``left`` is each position in cents after the sales."""
        bought = [one for one in targets.classes if one.name in chosen]
        if not bought:
            return {}, []
        weights = _weights(bought)
        held = [sum(left.get(symbol, 0) for symbol in one.symbols) for one in bought]
        filled = water_fill(held, weights, cash)
        prices = [ask_of(snapshot.quotes[chosen[one.name].symbol]) for one in bought]
        step = _step(snapshot)
        rounding = cast(Rounding, self._settings.rounding)
        buys = whole_shares(held, filled, weights, prices, step=step, rounding=rounding)
        smallest = ceil_scaled(self._settings.min_order, 100)

        choices: dict[str, Choice] = {}
        not_traded: list[NotTraded] = []
        for one, have, want, price, quantity, cost in zip(bought, held, filled, prices, buys.quantities, buys.costs, strict=True):
            buy = chosen[one.name]
            amount = from_cents(want - have)
            kept = None
            if cash == 0:
                kept = Reason("nothing_to_invest")
            elif quantity == 0 and want == have:
                kept = Reason("enough_held")
            elif quantity == 0:
                stepped = from_cents(-(-step * price // FEMTO_PER_CENT))
                size = {"step": plain(snapshot.venue.share_step), "price": plain(stepped)}
                kept = Reason("share_costs_more_than_amount", {"amount": plain(amount), "symbol": buy.symbol, **size})
            elif cost < smallest:
                sizes = {"estimated": plain(from_cents(cost)), "min_order": plain(self._settings.min_order)}
                kept = Reason("buy_below_min_order", {"symbol": buy.symbol, **sizes})
            if kept is not None:
                not_traded.append(NotTraded(one.name, kept))
                quantity = 0
            choices[one.name] = Choice(buy.symbol, amount, from_micros(quantity), _why(one, buy, plain(amount)))
        return choices, not_traded


def _losses_to_take(positions: Mapping[str, Position], rule: WashRule, threshold: Threshold) -> dict[str, int]:
    """By identity group the losses that could be taken today, in femto-dollars: what the rule forbids anyway is not forgone."""
    losses: dict[str, int] = {}
    for position in positions.values():
        enough, _ = threshold.split(position)
        losses[position.group] = losses.get(position.group, 0) + rule.loss_to_take(position, enough)
    return losses


def _why(asset_class: AssetClass, buy: ClassBuy, amount: str) -> Reason:
    details = {"class": asset_class.name, "rank": buy.rank, "amount": amount, "passed_over": list(buy.passed_over)}
    return Reason("forced_buy" if buy.forced else "buy_class", details)


def _step(snapshot: Snapshot) -> int:
    step = snapshot.venue.share_step
    try:
        micros = to_micros(step)
    except ValueError as problem:
        raise PlanError(str(problem), place="step of purchases", code="bad_share_step") from None
    if micros <= 0:
        raise PlanError(f"a step of {step} shares is not above 0", place="step of purchases", code="bad_share_step")
    return micros


def _proceeds(sale: Sale, position: Position) -> int:
    return sum([sold for _, sold in sale.parts]) * position.bid // FEMTO_PER_CENT


def _weights(classes: list[AssetClass]) -> list[int]:
    """The targets as integers in one common unit."""
    ratios = [one.target.as_integer_ratio() for one in classes]
    common = math.lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]
