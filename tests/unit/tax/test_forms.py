"""The rows of Form 8949: what stands in which column, in whole cents that add up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import tax_history
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.forms import BrokerFigures, form_rows, share_count
from rebalkit.tax.ledger import RealisedRow, Term

D = Decimal

REBUY = """
B1 2025-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480 B1
B2 2025-03-10 main buy 4 VOO 470
"""


def test_a_partly_washed_sale_is_one_row_with_code_w() -> None:
    (row,) = form_rows(tax_history.ledger(REBUY).realised)
    assert (row.part, row.box, row.description) == ("I", "A", "10 sh VOO")
    assert (row.acquired, row.sold) == (dt.date(2025, 1, 2), dt.date(2025, 3, 3))
    assert (row.proceeds, row.basis, row.code, row.adjustment, row.gain) == (4800, 5000, "W", 80, -120)
    assert (row.sale, row.lot, row.account, row.permanent) == ("S1", "B1", "main", 0)


def test_a_sale_without_a_wash_has_no_code() -> None:
    rows = form_rows(tax_history.ledger("B1 2024-01-02 main buy 1.5 VOO 400\nS1 2025-03-03 main sell 1.5 VOO 500 1.25").realised)
    (row,) = rows
    assert (row.part, row.box, row.description, row.code) == ("II", "D", "1.5 sh VOO", "")
    assert (row.proceeds, row.basis, row.adjustment, row.gain) == (D("748.75"), 600, 0, D("148.75"))


def test_the_date_acquired_is_the_real_one_although_the_term_follows_the_deemed_one() -> None:
    """A loss of shares held for long makes the shares that replace them long-term, whenever they were bought (26 USC 1223(3))."""
    text = """
B1 2023-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
B2 2025-03-10 main buy 10 VOO 470
S2 2025-06-02 main sell 10 VOO 600
"""
    _, last = form_rows(tax_history.ledger(text).realised)
    assert (last.part, last.acquired) == ("II", dt.date(2025, 3, 10))
    assert (last.basis, last.gain) == (4900, 1100)


def test_what_an_ira_takes_is_permanent_and_a_sale_in_an_ira_has_no_row() -> None:
    text = """
B1 2025-01-02 main buy 10 VOO 500
I1 2025-02-20 ira buy 3 VOO 480
S1 2025-03-03 main sell 10 VOO 480
I2 2025-03-20 ira sell 3 VOO 400
"""
    (row,) = form_rows(tax_history.ledger(text).realised)
    assert (row.code, row.adjustment, row.permanent, row.gain) == ("W", 60, 60, -140)


def test_short_term_rows_come_first_each_part_in_the_order_of_the_sales() -> None:
    text = """
B1 2023-01-02 main buy 10 VOO 500
B2 2025-01-02 other buy 10 VOO 500
S1 2025-03-03 main sell 4 VOO 580
S2 2025-03-04 other sell 4 VOO 580
S3 2025-03-05 other sell 4 VOO 580
S4 2025-03-06 main sell 4 VOO 580
"""
    rows = form_rows(tax_history.ledger(text).realised)
    assert [(row.part, row.sale) for row in rows] == [("I", "S2"), ("I", "S3"), ("II", "S1"), ("II", "S4")]


OTHER_ACCOUNT = """
B1 2025-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
B2 2025-03-10 other buy 4 VOO 470
S2 2025-08-11 other sell 4 VOO 600
"""


def test_the_brokers_boxes_stand_beside_ours() -> None:
    """No broker sees the purchase in the other account: neither the wash, nor the basis that it raises."""
    ours = tax_history.ledger(OTHER_ACCOUNT)
    first, second = form_rows(ours.realised, tax_history.single_brokers(OTHER_ACCOUNT))
    assert (first.adjustment, first.broker, first.differs) == (80, BrokerFigures(Term.SHORT, D(5000), D(0)), ("1g",))
    assert (second.basis, second.broker, second.differs) == (1960, BrokerFigures(Term.SHORT, D(1880), D(0)), ("1e",))
    assert [row.code for row in (first, second)] == ["W", ""]


def test_the_same_broker_differs_in_nothing() -> None:
    text = REBUY
    (row,) = form_rows(tax_history.ledger(text).realised, tax_history.single_brokers(text))
    assert row.differs == ()
    assert row.broker == BrokerFigures(Term.SHORT, D(5000), D(80))


def test_without_a_brokers_view_nothing_differs() -> None:
    assert [(row.broker, row.differs) for row in form_rows(tax_history.ledger(OTHER_ACCOUNT).realised)] == [(None, ())] * 2


def test_code_t_marks_a_term_that_the_broker_has_otherwise() -> None:
    text = """
B1 2023-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
B2 2025-03-10 other buy 10 VOO 470
S2 2025-06-02 other sell 10 VOO 400
B3 2025-06-10 other buy 2 VOO 400
"""
    _, second = form_rows(tax_history.ledger(text).realised, tax_history.single_brokers(text))
    assert (second.part, second.code, second.differs) == ("II", "TW", ("1e", "1g", "2"))
    assert second.broker == BrokerFigures(Term.SHORT, D(4700), D(140))


def test_what_the_broker_reports_once_is_shared_out_among_the_terms_of_a_lot() -> None:
    """Half of the lot took over a long holding period: two rows, of which the broker knows one, short-term."""
    text = """
B1 2023-01-02 main buy 5 VOO 500
S1 2025-03-03 main sell 5 VOO 480
B2 2025-03-10 other buy 10 VOO 470
S2 2025-06-02 other sell 10 VOO 600
"""
    rows = form_rows(tax_history.ledger(text).realised, tax_history.single_brokers(text))
    assert [(row.sale, row.part, row.description) for row in rows] == [
        ("S2", "I", "5 sh VOO"), ("S1", "II", "5 sh VOO"), ("S2", "II", "5 sh VOO"),
    ]  # fmt: skip
    assert (rows[0].broker, rows[0].code, rows[0].differs) == (BrokerFigures(Term.SHORT, D(2350), D(0)), "", ())
    assert (rows[2].broker, rows[2].code, rows[2].differs) == (BrokerFigures(Term.SHORT, D(2350), D(0)), "T", ("1e", "2"))


ROW = tax_history.ledger("B1 2025-01-02 main buy 1 VOO 0\nS1 2025-03-03 main sell 1 VOO 0").realised[0]


def test_no_shares_no_row() -> None:
    assert form_rows([evolve(ROW, quantity=Fraction(0))]) == ()


def test_nothing_is_recognised_of_a_sale_that_is_washed_as_a_whole_whatever_rounding_does() -> None:
    third = Fraction(1, 3)
    washed = [evolve(ROW, lot=str(n), proceeds=100 * third, basis=200 * third, disallowed=100 * third) for n in range(3)]
    rows = form_rows(washed)
    assert [row.gain for row in rows] == [0, 0, 0]
    assert sum(row.adjustment for row in rows) == 100


amounts = st.fractions(0, 10_000, max_denominator=10**6)


@st.composite
def realised(draw: st.DrawFn) -> RealisedRow:
    proceeds, basis = draw(amounts), draw(amounts)
    loss = max(basis - proceeds, Fraction(0))
    share = draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 3)]))
    lost = draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(2, 7)]))
    term = draw(st.sampled_from(Term))
    return evolve(ROW, term=term, proceeds=proceeds, basis=basis, disallowed=loss * share, permanent=loss * share * lost)


@given(st.lists(realised(), max_size=8))
def test_the_columns_add_up_to_the_exact_totals_and_no_row_says_what_is_not_so(rows: list[RealisedRow]) -> None:
    """Where all rows of a part are washed, d and e leave g no choice: its total may be a cent off."""
    for term in Term:
        exact = [row for row in rows if row.term is term]
        form = [row for row in form_rows(rows) if row.term is term]
        assert len(form) == len(exact)
        for column, of in (("proceeds", "proceeds"), ("basis", "basis"), ("adjustment", "disallowed")):
            total = sum((getattr(row, of) for row in exact), Fraction(0))
            off = abs(sum(getattr(row, column) for row in form) * 100 - nearest_cent(total))
            assert off <= (1 if column == "adjustment" and all(row.disallowed for row in exact) else 0)
        for one, row in zip(form, exact, strict=True):
            assert one.gain == one.proceeds - one.basis + one.adjustment
            for column, of in (("proceeds", "proceeds"), ("basis", "basis"), ("adjustment", "disallowed")):
                assert getattr(one, column) >= 0
                assert abs(Fraction(getattr(one, column)) - getattr(row, of)) < Fraction("0.02")
            assert one.adjustment <= max(D(0), one.basis - one.proceeds)
            assert (one.code == "W") == (one.adjustment > 0)
            assert one.gain == 0 or row.recognised or not row.disallowed
            assert row.disallowed or not one.adjustment
            assert 0 <= one.permanent <= one.adjustment
            assert one.permanent == one.adjustment or row.permanent < row.disallowed


def test_a_loss_below_a_cent_makes_no_adjustment_below_nothing() -> None:
    """Another row's rounding used to push it to -0.01, beside a loss without code W."""
    tiny = evolve(ROW, lot="a", proceeds=Fraction("0.00533"), basis=Fraction("0.00833"), disallowed=Fraction("0.003"))
    half = evolve(ROW, lot="b", proceeds=Fraction("0.46"), basis=Fraction("2.43"), disallowed=Fraction("0.6566"))
    plain = evolve(ROW, lot="c", proceeds=Fraction("1.125"), basis=Fraction("1.004"), disallowed=Fraction(0))
    rows = form_rows([tiny, half, plain])
    assert [(row.adjustment, row.code) for row in rows] == [(0, ""), (D("0.66"), "W"), (0, "")]
    assert rows[0].gain == 0


def test_shares_are_written_to_the_millionth() -> None:
    assert [str(share_count(Fraction(one))) for one in ("10", "1.25", "100", "1/3", "0.000001")] == [
        "10", "1.25", "100", "0.333333", "0.000001",
    ]  # fmt: skip


def test_a_row_may_have_gains_beside_a_washed_loss() -> None:
    """Four of ten shares carry a loss of 20 each from before. Sold at 480 they lose 10, the other six gain 10; the loss is washed again."""
    text = """
B1 2025-01-02 main buy 4 VOO 500
S1 2025-03-03 main sell 4 VOO 480 B1
B2 2025-03-10 main buy 10 VOO 470
S2 2025-04-21 main sell 10 VOO 480 B2
B3 2025-04-22 main buy 9 VOO 475
"""
    first, mixed = form_rows(tax_history.ledger(text).realised)
    assert (first.adjustment, first.gain) == (80, 0)
    assert (mixed.proceeds, mixed.basis, mixed.code, mixed.adjustment, mixed.gain) == (4800, 4780, "W", 40, 60)


@given(st.lists(st.sampled_from(["main", "other", "ira"]), min_size=1, max_size=30), st.data())
def test_histories_with_mixed_rows_add_up(accounts: list[str], data: st.DataObject) -> None:
    held: dict[str, int] = {}
    lines = []
    for number, account in enumerate(accounts):
        day = dt.date(2025, 1, 2) + dt.timedelta(days=4 * number)
        have = held.get(account, 0)
        sale = have > 0 and data.draw(st.booleans())
        shares = data.draw(st.integers(1, have if sale else 2_000_000))
        price = data.draw(st.integers(40_000, 60_000))
        held[account] = have - shares if sale else have + shares
        lines.append(f"T{number} {day} {account} {'sell' if sale else 'buy'} {D(shares) / 1_000_000:f} VOO {D(price) / 100}")
    realised = [row for row in tax_history.ledger("\n".join(lines)).realised if row.account != "ira"]
    rows = form_rows(realised)
    exact = nearest_cent(sum((row.proceeds for row in realised), Fraction(0))) if len({row.part for row in rows}) == 1 else None
    assert exact is None or sum(row.proceeds for row in rows) * 100 == exact
    for row in rows:
        assert row.gain == row.proceeds - row.basis + row.adjustment
        assert 0 <= row.permanent <= row.adjustment
