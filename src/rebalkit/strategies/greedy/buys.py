"""Step 1 of the greedy strategy: which symbol to buy in each class."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from rebalkit.errors import PlanError
from rebalkit.model import AssetClass, NotTraded, Reason, Snapshot, Targets
from rebalkit.money import plain
from rebalkit.plugin import PlanContext
from rebalkit.strategies.greedy.positions import FEMTO, floor_scaled, usd
from rebalkit.strategies.greedy.rule import Kept, WashRule
from rebalkit.strategies.greedy.settings import GreedySettings

__all__ = ["ClassBuy", "choose_buys"]


@frozen
class ClassBuy:
    """The symbol chosen in one class.

    Attributes:
        rank: Its rank, 1 for the best.
        forced: Whether the person asked for it.
        passed_over: What was not chosen before it, as texts ``SYMBOL code``.
    """

    symbol: str
    rank: int
    forced: bool
    passed_over: tuple[str, ...]


def choose_buys(
    snapshot: Snapshot,
    targets: Targets,
    context: PlanContext,
    settings: GreedySettings,
    rule: WashRule,
    losses: Mapping[str, int],
) -> tuple[dict[str, ClassBuy], list[NotTraded]]:
    """What is bought in each class, by name of the class, and what is not bought and why.

    ``losses`` are those that could be taken today, by identity group in femto-dollars, ≤ 0: buying into a group forgoes them.

    Raises PlanError when ``forced_buys`` names a class that is not there or a symbol that is not to be bought in it.
    """
    _check_forced(targets, settings)
    chooser = _Chooser(snapshot, context, settings, rule, losses)
    chosen: dict[str, ClassBuy] = {}
    for one in targets.classes:
        buy = chooser.forced(one) if one.name in settings.forced_buys else chooser.by_rank(one)
        if buy is not None:
            chosen[one.name] = buy
            rule.bought(buy.symbol)
    return chosen, chooser.not_traded


class _Chooser:
    """Looks at the candidates of one class after the other and notes why one is passed over."""

    def __init__(
        self,
        snapshot: Snapshot,
        context: PlanContext,
        settings: GreedySettings,
        rule: WashRule,
        losses: Mapping[str, int],
    ) -> None:
        self._quotes = snapshot.quotes
        self._groups = context.groups
        self._accepted = context.accept_wash
        self._forced_buys = settings.forced_buys
        self._rule = rule
        self._losses = losses
        self._limit = floor_scaled(settings.max_loss_to_forgo, FEMTO)
        self._limit_shown = plain(settings.max_loss_to_forgo)
        self.not_traded: list[NotTraded] = []

    def forced(self, asset_class: AssetClass) -> ClassBuy | None:
        """What the person asked for, unless it would wash a loss and the person has not allowed that too."""
        symbol = self._forced_buys[asset_class.name]
        if symbol is None:
            self._note(asset_class.name, "forced_none")
            return None
        kept = self._rule.purchase(symbol)
        if kept is not None and symbol not in self._accepted:
            self._note(asset_class.name, "forced_buy_would_wash", symbol=symbol, **kept.details)
            return None
        if not self._quoted(symbol):
            self._note(symbol, "no_quote")
            self._note(asset_class.name, "no_ticker_to_buy", candidates=1)
            return None
        rank = asset_class.rank_of(symbol)
        assert rank is not None
        return ClassBuy(symbol, rank, True, ())

    def by_rank(self, asset_class: AssetClass) -> ClassBuy | None:
        """The candidate of the best rank that may be bought and forgoes least, if that is little enough."""
        passed: list[str] = []
        for rank, symbols in enumerate(asset_class.buy, 1):
            allowed = [symbol for symbol in symbols if self._may_be_bought(symbol, passed)]
            if not allowed:
                continue
            best = min(allowed, key=self._forgone)
            if self._forgone(best) <= self._limit:
                return ClassBuy(best, rank, False, tuple(passed))
            for symbol in allowed:
                passed.append(f"{symbol} loss_to_forgo")
                self._note(symbol, "loss_to_forgo", loss=usd(-self._forgone(symbol)), limit=self._limit_shown)
        self._note(asset_class.name, "no_ticker_to_buy", candidates=sum(map(len, asset_class.buy)))
        return None

    def _may_be_bought(self, symbol: str, passed: list[str]) -> bool:
        kept: Kept | None = self._rule.purchase(symbol)
        if kept is not None:
            passed.append(f"{symbol} {kept.code}")
            self._note(symbol, kept.code, **kept.details)
            return False
        if not self._quoted(symbol):
            passed.append(f"{symbol} no_quote")
            self._note(symbol, "no_quote")
            return False
        return True

    def _forgone(self, symbol: str) -> int:
        return -self._losses.get(self._groups.of(symbol), 0)

    def _quoted(self, symbol: str) -> bool:
        quote = self._quotes.get(symbol)
        return quote is not None and quote.sane

    def _note(self, subject: str, code: str, **details: object) -> None:
        self.not_traded.append(NotTraded(subject, Reason(code, details)))


def _check_forced(targets: Targets, settings: GreedySettings) -> None:
    classes = {one.name: one for one in targets.classes}
    problems = []
    for name, symbol in settings.forced_buys.items():
        place = f"strategy.forced_buys.{name}"
        if name not in classes:
            from difflib import get_close_matches  # Only a wrong name needs it.

            near = get_close_matches(name, classes, 1, 0)
            problems.append(
                PlanError(f"there is no class {name!r}", place=place, remedy=f"Did you mean {near[0]!r}?", code="unknown_class")
            )
        elif symbol is not None and classes[name].rank_of(symbol) is None:
            one = classes[name]
            held = symbol in one.hold
            buyable = [candidate for rank in one.buy for candidate in rank]
            problems.append(
                PlanError(
                    f"{symbol} is only to be held in {name!r}, never bought"
                    if held
                    else f"{symbol} is not in the class {name!r}",
                    place=place,
                    remedy=f"Choose one of {', '.join(buyable)}, or none." if buyable else "Only none is possible there.",
                    code="hold_only" if held else "symbol_outside_class",
                )
            )
    if problems:
        raise PlanError.together(problems)
