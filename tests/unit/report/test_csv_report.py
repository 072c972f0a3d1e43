from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_samples as samples
from rebalkit.report.csv_report import CsvReporter, cell


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


def test_numbers_stay_numbers() -> None:
    assert cell(Decimal("-1234.50")) == "-1234.50"
    assert cell(Decimal("16.000000")) == "16"
    assert cell(None) == ""


@given(st.text(min_size=1))
def test_no_text_starts_a_formula(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))


def test_every_cell_of_a_hostile_report_is_harmless(tmp_path: Path) -> None:
    paths = CsvReporter().render(samples.hostile(), tmp_path)
    cells = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            cells += [value for row in csv.reader(file) for value in row]
    risky = [value for value in cells if value[:1] in set("=+-@\t\r\0") and not is_number(value)]
    assert risky == []
    assert any(value.startswith("'=HYPERLINK") for value in cells)
    assert not any("\x1b" in value or "\u202e" in value for value in cells)


def test_tables_hold_what_the_plan_holds(tmp_path: Path) -> None:
    report = samples.planned()
    assert report.plan is not None
    CsvReporter().render(report, tmp_path)
    orders = read(tmp_path, "orders.csv")
    assert [(row["side"], row["symbol"], Decimal(row["quantity"])) for row in orders] == [
        (order.side.value, order.symbol, order.quantity) for order in report.plan.orders
    ]
    lots = read(tmp_path, "lots.csv")
    assert [row["lot"] for row in lots] == [lot.lot for lot in report.snapshot.account.lots]
    assert sum(Decimal(row["sold_gain"]) for row in lots if row["sold_gain"]) == -report.plan.tax.harvested
    assert [Decimal(row["after"]) for row in read(tmp_path, "classes.csv")] == [one.after for one in report.plan.classes]
    assert len(read(tmp_path, "not_traded.csv")) == len(report.plan.not_traded)
    assert [row["code"] for row in read(tmp_path, "findings.csv")] == [one.code for one in report.findings]


def test_without_a_plan_there_are_no_tables_of_one(tmp_path: Path) -> None:
    written = {path.name for path in CsvReporter().render(samples.account_only(), tmp_path)}
    assert written == {"lots.csv", "classes.csv", "findings.csv"} == {path.name for path in tmp_path.iterdir()}
