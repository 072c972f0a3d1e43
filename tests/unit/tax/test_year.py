"""A tax year of a ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest

import tax_history
from rebalkit.tax.ledger import Term
from rebalkit.tax.netting import LIMIT_SEPARATE
from rebalkit.tax.year import TaxYear

D = Decimal

TWO_YEARS = """
B1 2023-01-02 main buy 100 VOO 400
B2 2024-12-02 main buy 50 VOO 500
S1 2024-12-31 main sell 20 VOO 380 B1
B3 2025-01-15 main buy 5 VOO 390
S2 2025-03-03 main sell 50 VOO 420 B2
I1 2025-03-10 ira buy 10 VOO 410
S3 2025-12-30 main sell 60 VOO 450 B1
"""


def test_the_year_of_a_sale_is_that_of_its_trade_date_and_a_wash_in_the_next_year_counts_in_the_first() -> None:
    """A purchase of January takes away a loss of December (26 USC 1091(a): the window does not end with the year)."""
    ledger = tax_history.ledger(TWO_YEARS)
    first, second = TaxYear.of(ledger, 2024), TaxYear.of(ledger, 2025)
    assert [row.sale for row in first.rows] == ["S1"]
    # All 20 shares are replaced by those bought on December 2.
    assert (first.short, first.long, first.disallowed) == (0, 0, 400)
    assert [row.sale for row in second.rows] == ["S2", "S2", "S3"]


def test_sums_netting_and_permanent_losses() -> None:
    year = TaxYear.of(tax_history.ledger(TWO_YEARS), 2025)
    # B2: its 20 replacing shares have 20 USD more of basis and are long-term; the IRA takes the loss of 10 of them, then 30 at 80.
    assert (year.short, year.long) == (D(-2400), D(-2000 + 1000 + 3000))
    assert (year.disallowed, year.permanent) == (1000, 1000)
    assert (year.netting.net, year.netting.deduction) == (-400, 400)
    assert year.short + year.long == sum(row.gain for row in year.rows)
    assert [row.sale for row in year.part(Term.SHORT)] == ["S2"]


def test_carryovers_come_in_as_the_person_gives_them() -> None:
    ledger = tax_history.ledger(TWO_YEARS)
    year = TaxYear.of(ledger, 2025, carry_short=D(5000), carry_long=D(100))
    assert (year.short, year.long) == (D(-2400), D(2000))
    assert (year.netting.short, year.netting.long, year.netting.net) == (-7400, 1900, -5500)
    assert (year.netting.deduction, year.netting.carry_short, year.netting.carry_long) == (3000, 2500, 0)
    separate = TaxYear.of(ledger, 2025, carry_short=D(5000), carry_long=D(100), limit=LIMIT_SEPARATE)
    assert (separate.netting.deduction, separate.netting.carry_short) == (1500, 4000)
    with pytest.raises(ValueError, match="below 0"):
        TaxYear.of(ledger, 2025, carry_long=D(-1))


def test_a_year_without_a_sale_still_has_its_carryovers() -> None:
    year = TaxYear.of(tax_history.ledger(TWO_YEARS), 2020, carry_long=D(4000))
    assert (year.rows, year.short, year.long, year.disallowed) == ((), 0, 0, 0)
    assert (year.netting.deduction, year.netting.carry_long) == (3000, 1000)


def test_the_rows_of_which_the_broker_reports_something_else() -> None:
    text = "B1 2025-01-02 main buy 10 VOO 500\nS1 2025-03-03 main sell 10 VOO 480\nB2 2025-03-10 other buy 4 VOO 470"
    ledger = tax_history.ledger(text)
    assert TaxYear.of(ledger, 2025).differing == ()
    (row,) = TaxYear.of(ledger, 2025, broker=tax_history.single_brokers(text)).differing
    assert row.differs == ("1g",)


def test_a_return_can_hold_the_sales_of_some_accounts_only_while_the_purchases_of_all_count() -> None:
    text = """
B1 2024-01-02 main buy 10 VOO 500
B2 2024-01-02 other buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
S2 2025-03-04 other sell 6 VOO 490
B3 2025-03-10 other buy 4 VOO 470
"""
    ledger = tax_history.ledger(text)
    year = TaxYear.of(ledger, 2025, accounts={"main"})
    assert [(row.account, row.adjustment) for row in year.rows] == [("main", 80)]
    assert (year.long, TaxYear.of(ledger, 2025).long) == (-120, -180)
