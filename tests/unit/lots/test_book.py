"""The lot book on a few lots."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from rebalkit.lots import LotBook
from rebalkit.model import Lot

DAY = dt.date(2024, 2, 29)


def test_columns_are_integers_dearest_first_with_unknown_costs_last() -> None:
    book = LotBook.from_lots(
        [
            Lot("unknown", "VOO", Decimal(1), DAY, None),
            Lot("cheap", "VOO", Decimal("1.5"), None, Decimal("1.50")),
            Lot("dear", "VOO", Decimal("0.000001"), DAY, Decimal("0.000000002")),
            Lot("other", "AAA", Decimal(3), DAY, Decimal(0)),
        ]
    )
    assert list(book.holdings) == ["AAA", "VOO"]
    held = book.holdings["VOO"]
    assert held.names == ("cheap", "dear", "unknown")
    assert held.micros == (1_500_000, 1, 1_000_000)
    assert held.costs == (1_500_000_000, 2, None)
    assert held.acquired == (None, DAY, DAY)
    assert (held.total, len(held)) == (2_500_001, 3)
    assert book.shares("VOO") == Decimal("2.500001")
    assert book.shares("NONE") == 0


def test_equal_unit_costs_go_by_date_then_name() -> None:
    lots = [
        Lot(name, "VOO", Decimal(1), day, Decimal(5))
        for name, day in (("b", DAY), ("z", None), ("a", DAY), ("c", dt.date(2020, 1, 1)))
    ]
    assert LotBook.from_lots(lots).holdings["VOO"].names == ("c", "a", "b", "z")
