"""The moment right before an order, with nothing against it unless a test says so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from attrs import evolve

from rebalkit.execution.pretrade import objections
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, LotSale, OrderRequest, Quote, Side

__all__ = ["DAY", "MOMENT", "RULES", "against", "codes", "purchase", "sale"]

DAY = dt.date(2025, 4, 8)
MOMENT = dt.datetime(2025, 4, 8, 15, tzinfo=dt.UTC)
"""Eleven in New York."""
RULES = ExecutionRules()
LOTS = (Lot("one", "OLD", 60, None, None), Lot("two", "OLD", 40, None, None), Lot("other", "NEW", 5, None, None))


def sale(quantity: str = "100", *parts: tuple[str, str], limit: str | None = "99.70", **changes: Any) -> Situation:
    """100 OLD, bought in two lots, are sold at a bid of 100 USD."""
    lots = tuple(LotSale(lot, shares) for lot, shares in parts or (("one", "60"), ("two", "40")))
    return _of(OrderRequest("s", Side.SELL, "OLD", quantity, lots, limit), changes)


def purchase(quantity: str = "10", limit: str | None = "100.05", **changes: Any) -> Situation:
    """10 OLD more are bought at an ask of 100.05 USD, with 2,000 USD to spend."""
    return _of(OrderRequest("b", Side.BUY, "OLD", quantity, (), limit), changes)


def _of(request: OrderRequest, changes: dict[str, Any]) -> Situation:
    made = Situation(
        request=request,
        planned_price=Decimal("100.00") if request.side is Side.SELL else Decimal("100.05"),
        live=True,
        at=MOMENT,
        clock=MOMENT,
        account=AccountSnapshot("main", AccountKind.TAXABLE, Cash("1500.00", "500.00"), LOTS),
        expected={"OLD": Decimal(100)},
        quote=Quote("OLD", "100.00", "100.05", DAY, MOMENT),
        foreign=(),
        spendable=Decimal("2000.00"),
        fees=Decimal(0),
        traded_today=Decimal(0),
        account_value=Decimal(100_000),
        as_of=DAY,
    )
    return evolve(made, **changes)


def against(situation: Situation, **rules: Any) -> list[Objection]:
    """What stands against it."""
    return list(objections(situation, evolve(RULES, **rules)))


def codes(situation: Situation, **rules: Any) -> list[str]:
    """The codes of what stands against it, those that stop the run with an exclamation mark."""
    return [one.code + "!" * one.stops for one in against(situation, **rules)]
