"""Reasons in words."""

from __future__ import annotations

from rebalkit.model import Reason
from rebalkit.strategies import explain


def test_a_known_reason_is_a_sentence_with_its_numbers() -> None:
    reason = Reason("harvest_loss", {"lots": 3, "loss": "-1234.50"})
    assert explain(reason, "VOO") == "Sell 3 lots of VOO to take a loss of $1,234.50."


def test_a_reason_of_another_strategy_is_shown_as_it_is() -> None:
    assert explain(Reason("moon_is_full", {"phase": "1", "limit": "3"}), "VOO") == "VOO: moon is full (phase 1, limit $3.00)."
    assert explain(Reason("moon_is_full"), "VOO") == "VOO: moon is full."


def test_missing_numbers_are_no_crash() -> None:
    assert explain(Reason("harvest_loss", {"lots": 3}), "VOO") == "VOO: harvest loss (lots 3)."


def test_amounts_that_are_no_amounts_are_shown_as_they_are() -> None:
    assert explain(Reason("x", {"limit": "none", "trades": ["a", "b"]}), "VOO") == "VOO: x (limit none, trades a; b)."
