"""The limit of an order: never worse than the quote by more than the collar, and never above what was approved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rebalkit.execution.pricing import limit_price
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model import Quote, Side

RULES = ExecutionRules()


@pytest.mark.parametrize(
    ("bid", "limit"),
    [
        ("100", "99.70"),
        ("100.01", "99.70"),  # 99.70997, rounded down
        ("33.33", "33.23"),  # 33.23001
        ("1.00", "0.9970"),  # below 1 USD the tick is a hundredth of a cent
        ("1.01", "1.00"),
        ("0.5", "0.4985"),
        ("0.0002", "0.0001"),
        ("0.0001", "0.0001"),  # never 0, which would sell at any price
    ],
)
def test_a_sale_goes_down_to_the_collar_below_the_bid(bid: str, limit: str) -> None:
    assert limit_price(Side.SELL, Decimal(1), Quote("X", bid, "200"), RULES) == Decimal(limit)


@pytest.mark.parametrize(
    ("planned", "ask", "limit"),
    [
        ("110", "100", "100.30"),
        ("110", "100.01", "100.32"),  # 100.31003, rounded up
        ("110", "0.5", "0.5015"),
        ("110", "0.9999", "1.01"),  # 1.0028997: above 1 USD the tick is a cent
        ("100.29", "100", "100.29"),
        ("100", "100", "100"),
        ("99.50", "100", "99.50"),  # it rests, and is cancelled when the ask does not come back
        ("100.005", "100", "100.00"),  # what was approved is never exceeded, not by half a cent
    ],
)
def test_a_purchase_goes_up_to_the_collar_above_the_ask_but_never_above_the_plan(planned: str, ask: str, limit: str) -> None:
    assert limit_price(Side.BUY, Decimal(planned), Quote("X", "0.01", ask), RULES) == Decimal(limit)


def test_without_a_collar_the_limit_is_the_quote() -> None:
    exact = ExecutionRules(collar=0)
    assert limit_price(Side.SELL, Decimal(1), Quote("X", "99.99", "100"), exact) == Decimal("99.99")
    assert limit_price(Side.BUY, Decimal(200), Quote("X", "99.99", "100.01"), exact) == Decimal("100.01")
