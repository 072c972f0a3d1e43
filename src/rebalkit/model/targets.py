"""Targets: what the portfolio should hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from rebalkit.errors import ConfigError
from rebalkit.model.display import targets_html
from rebalkit.model.securities import check_symbol
from rebalkit.money import to_decimal

__all__ = ["AssetClass", "Targets"]


def _ranks(value: Sequence[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((rank,) if isinstance(rank, str) else tuple(rank) for rank in value)


@frozen
class AssetClass:
    """One class of the targets.

    Attributes:
        name: Name, unique among the targets.
        target: Percent of the portfolio, above 0.
        buy: Symbols to buy, best first; symbols of one inner tuple share a rank. Given as a flat list of symbols, each is a rank of its own.
        hold: Symbols that count as part of the class when owned and are never bought.

    Raises:
        ConfigError: A target that is not above 0, a symbol twice, or a class without any symbol.
    """

    name: str
    target: Decimal = field(converter=to_decimal)
    buy: tuple[tuple[str, ...], ...] = field(converter=_ranks, default=())
    hold: tuple[str, ...] = field(converter=tuple[str, ...], default=())

    def __attrs_post_init__(self) -> None:
        place = f"asset class {self.name!r}"
        if not self.name.strip():
            raise ConfigError("an asset class has no name", place="asset_class", code="class_without_name")
        if not 0 < self.target <= 100:
            raise ConfigError(f"a target of {self.target} % is not above 0 and at most 100", place=place, code="bad_target")
        symbols = list(self.symbols)
        if not symbols:
            raise ConfigError("neither `buy` nor `hold` names a symbol", place=place, code="empty_class")
        for symbol in symbols:
            check_symbol(symbol)
            if symbols.count(symbol) > 1:
                raise ConfigError(
                    f"{symbol} is named twice", place=place, code="duplicate_symbol", remedy="Name each symbol once."
                )

    @classmethod
    def from_badness(
        cls, target: Any, name: str, securities: Sequence[str], badness_scores: Sequence[float | None]
    ) -> AssetClass:
        """A class from scores: the lower the badness the better the security (1 = best, equal scores share a rank).

        Args:
            target: Percent of the portfolio.
            name: Name of the class.
            securities: Symbols.
            badness_scores: One score a symbol; None for a symbol that may be held but is never bought.

        Raises:
            ConfigError: The two lists differ in length, or a score is no finite number of at least 1.
        """
        place = f"asset class {name!r}"
        if len(securities) != len(badness_scores):
            raise ConfigError(
                f"{len(securities)} securities but {len(badness_scores)} badness scores", place=place, code="bad_scores",
                remedy="Give one score a security, None for one that is only held.",
            )  # fmt: skip
        ranks: dict[float, list[str]] = {}
        for symbol, score in zip(securities, badness_scores, strict=True):
            if score is None:
                continue
            if isinstance(score, bool) or not 1 <= score < float("inf"):
                raise ConfigError(
                    f"the badness of {symbol} is {score!r}, not a number from 1 (best) up", place=place, code="bad_scores"
                )
            ranks.setdefault(score, []).append(symbol)
        held = tuple(symbol for symbol, score in zip(securities, badness_scores, strict=True) if score is None)
        return cls(name, target, tuple(tuple(ranks[score]) for score in sorted(ranks)), held)

    @property
    def symbols(self) -> Iterator[str]:
        """All symbols of the class: those to buy, best first, then those to hold."""
        for rank in self.buy:
            yield from rank
        yield from self.hold

    def rank_of(self, symbol: str) -> int | None:
        """Rank of ``symbol`` among those to buy, 1 for the best; None when it is not to be bought."""
        for number, rank in enumerate(self.buy, 1):
            if symbol in rank:
                return number
        return None


@frozen
class Targets:
    """All asset classes, in the order in which they are shown.

    Raises:
        ConfigError: No class, targets that do not sum to exactly 100, or a class or symbol named twice.
    """

    classes: tuple[AssetClass, ...] = field(converter=tuple[AssetClass, ...])

    def __attrs_post_init__(self) -> None:
        if not self.classes:
            raise ConfigError(
                "there are no targets",
                place="asset_class",
                code="no_targets",
                remedy="Add an [[asset_class]] with name, target and buy.",
            )
        total = sum(one.target for one in self.classes)
        if total != 100:
            missing = "missing" if total < 100 else "too much"
            raise ConfigError(
                f"the targets sum to {total}, not 100", place="asset_class", code="targets_sum",
                remedy=f"{abs(100 - total)} percent are {missing}.",
            )  # fmt: skip
        seen: dict[str, str] = {}
        names: set[str] = set()
        for one in self.classes:
            if one.name in names:
                raise ConfigError(f"two asset classes are named {one.name!r}", place="asset_class", code="duplicate_class")
            names.add(one.name)
            for symbol in one.symbols:
                if symbol in seen:
                    raise ConfigError(
                        f"{symbol} is in {seen[symbol]!r} and in {one.name!r}", place="asset_class", code="duplicate_symbol",
                        remedy="Name it in one class only.",
                    )  # fmt: skip
                seen[symbol] = one.name

    def class_of(self) -> dict[str, AssetClass]:
        """Each symbol of the targets with its class."""
        return {symbol: one for one in self.classes for symbol in one.symbols}

    def _repr_html_(self) -> str:
        return targets_html(self)
