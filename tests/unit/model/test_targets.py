"""Targets: ranks, scores, and everything that cannot be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalkit.errors import ConfigError, DataError
from rebalkit.model import AssetClass, IdentityGroups, Targets


def test_a_flat_list_gives_each_symbol_a_rank_and_an_inner_list_shares_one() -> None:
    one = AssetClass("Large", 100, ["IVV", ["SCHX", "VV"], "VOO"], ["IWB"])
    assert [one.rank_of(symbol) for symbol in one.symbols] == [1, 2, 2, 3, None]
    assert one.target == Decimal(100)


def test_badness_scores_become_ranks_in_order_of_the_scores() -> None:
    one = AssetClass.from_badness("41.5", "Large", ["VOO", "IWB", "IVV", "VV", "SCHX"], [3, None, 1, 1.5, 1])
    assert one == AssetClass("Large", "41.5", [["IVV", "SCHX"], "VV", "VOO"], ["IWB"])


@pytest.mark.parametrize(
    ("securities", "scores", "reason"),
    [
        (["VOO", "IVV"], [1], "2 securities but 1 badness scores"),
        (["VOO"], [0], "the badness of VOO is 0"),
        (["VOO"], [float("inf")], "the badness of VOO is inf"),
        (["VOO"], [float("nan")], "the badness of VOO is nan"),
        (["VOO"], [True], "the badness of VOO is True"),
        (["VOO", "VOO"], [1, 2], "VOO is named twice"),
        ([], [], "neither `buy` nor `hold` names a symbol"),
    ],
)
def test_scores_that_mean_nothing_are_refused(securities: list[str], scores: list[float | None], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        AssetClass.from_badness(100, "Large", securities, scores)
    assert "'Large'" in caught.value.place


@pytest.mark.parametrize(
    ("classes", "code", "words"),
    [
        ([], "no_targets", "no targets"),
        ([("A", "60", ["VOO"]), ("B", "39.99", ["VO"])], "targets_sum", "sum to 99.99, not 100. 0.01 percent are missing"),
        ([("A", "60", ["VOO"]), ("B", "40.01", ["VO"])], "targets_sum", "0.01 percent are too much"),
        ([("A", "60", ["VOO"]), ("A", "40", ["VO"])], "duplicate_class", "two asset classes are named 'A'"),
        ([("A", "60", ["VOO"]), ("B", "40", ["VOO"])], "duplicate_symbol", "VOO is in 'A' and in 'B'"),
        ([("A", "0", ["VOO"]), ("B", "100", ["VO"])], "bad_target", "not above 0"),
        ([("A", "-5", ["VOO"]), ("B", "105", ["VO"])], "bad_target", "not above 0"),
        ([(" ", "100", ["VOO"])], "class_without_name", "has no name"),
    ],
)
def test_f101_f102_targets_that_cannot_be_are_refused(classes: list[tuple[str, str, list[str]]], code: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Targets(tuple(AssetClass(*one) for one in classes))
    assert caught.value.code == code


@pytest.mark.parametrize("symbol", ["voo", "", "VOO ", "=VOO", "<B>", "A" * 11, "BRK.", "VOO\n", "ÄÖ"])
def test_a_symbol_that_is_no_ticker_is_refused(symbol: str) -> None:
    with pytest.raises(DataError, match="not a ticker symbol"):
        AssetClass("A", 100, [symbol])


def test_sets_of_identical_symbols_are_closed_transitively() -> None:
    groups = IdentityGroups([["VOO", "IVV"], ["SPY", "SPLG"], ["IVV", "SPY"], ["GLD"]])
    assert groups.groups == (("IVV", "SPLG", "SPY", "VOO"),)
    assert {groups.of(symbol) for symbol in ("VOO", "IVV", "SPY", "SPLG")} == {"IVV"}
    assert groups.of("GLD") == "GLD"
    assert groups == IdentityGroups([["SPLG", "VOO", "SPY", "IVV"]])
