"""The lines of Schedule D follow from the rows of Form 8949."""

from __future__ import annotations

from decimal import Decimal

import tax_history
from rebalkit.tax.schedule_d import ScheduleLine, schedule_d
from rebalkit.tax.year import TaxYear

D = Decimal

TEXT = """
B1 2023-01-02 main buy 10 VOO 500
B2 2025-01-02 main buy 10 VOO 600
S1 2025-03-03 main sell 10 VOO 550 B1
S2 2025-03-04 main sell 10 VOO 550 B2
B3 2025-03-20 main buy 4 VOO 560
"""


def test_the_lines_of_a_year_with_a_gain_and_a_washed_loss() -> None:
    year = TaxYear.of(tax_history.ledger(TEXT), 2025, carry_short=D("4000.50"))
    assert schedule_d(year) == (
        ScheduleLine("1b", "Form 8949, Part I, box A", D(-300), D(5500), D(6000), D(200)),
        ScheduleLine("6", "Short-term capital loss carryover", D("-4000.50")),
        ScheduleLine("7", "Net short-term capital gain or loss", D("-4300.50")),
        ScheduleLine("8b", "Form 8949, Part II, box D", D(500), D(5500), D(5000), D(0)),
        ScheduleLine("14", "Long-term capital loss carryover", D(0)),
        ScheduleLine("15", "Net long-term capital gain or loss", D(500)),
        ScheduleLine("16", "Lines 7 and 15 together", D("-3800.50")),
        ScheduleLine("21", "Loss deducted, at most 3,000", D(-3000)),
    )


def test_line_21_is_there_for_a_loss_only() -> None:
    year = TaxYear.of(tax_history.ledger(TEXT), 2025)
    lines = {one.line: one.gain for one in schedule_d(year)}
    assert lines["16"] == 200
    assert "21" not in lines


def test_each_total_line_is_the_sum_of_its_rows_column_by_column() -> None:
    year = TaxYear.of(tax_history.ledger(TEXT), 2025)
    for line in schedule_d(year):
        if line.proceeds is not None:
            rows = [row for row in year.rows if row.part == ("I" if line.line == "1b" else "II")]
            for column in ("proceeds", "basis", "adjustment", "gain"):
                assert getattr(line, column) == sum(getattr(row, column) for row in rows)
            assert line.gain == line.proceeds - line.basis + line.adjustment
