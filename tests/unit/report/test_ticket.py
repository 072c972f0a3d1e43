from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

import report_samples as samples
from rebalkit.errors import BlockedError
from rebalkit.report.ticket import write_ticket


def test_sales_come_first_with_their_lots_and_dates_then_the_wait_then_purchases(tmp_path: Path) -> None:
    text, _ = write_ticket(samples.planned(), tmp_path)
    words = text.read_text(encoding="utf-8")
    assert words.index("STEP 1") < words.index("lot IVV-14") < words.index("Wait for the sales to fill, then buy")
    assert words.index("Wait for the sales") < words.index("STEP 2") < words.index("SCHX") < words.index("not before 2025-05-09")
    assert "lot IVV-14: 12 of 24 shares, acquired 2025-02-19, short term" in words
    assert "rebalkit execute" not in words


def test_the_table_has_a_line_for_each_lot_to_name(tmp_path: Path) -> None:
    report = samples.planned()
    assert report.plan is not None
    _, table = write_ticket(report, tmp_path)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [(row["symbol"], row["lot"], Decimal(row["lot_quantity"])) for row in rows if row["side"] == "sell"]
    assert named == [(order.symbol, part.lot, part.quantity) for order in report.plan.sells for part in order.lots]
    assert [(row["step"], row["symbol"]) for row in rows if row["side"] == "buy"] == [
        ("2", one.symbol) for one in report.plan.buys
    ]


def test_a_blocked_plan_gets_no_ticket(tmp_path: Path) -> None:
    with pytest.raises(BlockedError, match="quote of IEFA"):
        write_ticket(samples.blocked(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_orders_it_says_so(tmp_path: Path) -> None:
    report = samples.planned()
    assert report.plan is not None
    text, _ = write_ticket(evolve(report, plan=evolve(report.plan, orders=())), tmp_path)
    assert "Nothing to do." in text.read_text(encoding="utf-8")


def test_without_a_plan_there_is_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no plan"):
        write_ticket(samples.account_only(), tmp_path)
