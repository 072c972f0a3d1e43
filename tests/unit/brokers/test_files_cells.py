"""What one cell may hold, and what is refused because it could mean something else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from rebalkit.brokers.files import cells
from rebalkit.model import AccountKind

KIND = cells.choice(AccountKind, "a kind of account")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4092.32", "4092.32"),
        ("0", "0.00"),
        (".5", "0.50"),
        ("1,234.50", "1234.50"),
        ("$1,234.50", "1234.50"),
        ("12,345,678", "12345678.00"),
        ("0.123456789", "0.123456789"),
        ("1.500000000000", "1.50"),
        ("999999999999999", "999999999999999.00"),
    ],
)
def test_amounts(text: str, value: str) -> None:
    """Equal amounts have one written form, so that a plan's id does not depend on how a spreadsheet shows them."""
    assert str(cells.amount(text)) == value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.234,56", "decimals follow a point"),
        ("1,23", "decimals follow a point"),
        ("1,2345", "decimals follow a point"),
        ("0,123", "decimals follow a point"),
        ("1234,567", "decimals follow a point"),
        ("1e5", "without an exponent"),
        ("1.5E-3", "without an exponent"),
        ("=A1*2", "save its result"),
        ("0.1000000000000055", "round it"),
        ("1000000000000000", "below 10^15"),
        ("NaN", "1234.56"),
        ("inf", "1234.56"),
        ("-inf", "1234.56"),
        ("1_000", "1234.56"),
        ("0x10", "1234.56"),
        ("٣", "1234.56"),
        ("1 234.50", "1234.56"),
        ("12 USD", "1234.56"),
        ("€12", "1234.56"),
        ("$", "1234.56"),
        (".", "1234.56"),
        ("-", "1234.56"),
        ("1.", "1234.56"),
        ("+1", "1234.56"),
        ("$-1", "1234.56"),
        ("(5)", "1234.56"),
        ("1/2", "1234.56"),
        ("5%", "1234.56"),
    ],
)
def test_f103_what_is_no_amount_is_refused_with_the_way_to_write_it(text: str, hint: str) -> None:
    with pytest.raises(cells.BadCell) as caught:
        cells.amount(text)
    assert hint in caught.value.remedy
    assert caught.value.code in {"bad_number", "too_fine"}


@pytest.mark.parametrize("text", ["-0.01", "-$1", "-1,000"])
def test_an_amount_is_not_below_zero(text: str) -> None:
    with pytest.raises(cells.BadCell, match="below 0"):
        cells.amount(text)


def test_an_amount_finer_than_the_ledger_counts_is_refused() -> None:
    with pytest.raises(cells.BadCell, match="billionth"):
        cells.amount("0.1234567891")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-12.00", "-12.00"),
        ("(12.00)", "-12.00"),
        ("($1,234.5)", "-1234.50"),
        ("( 12 )", "-12.00"),
        ("-$3", "-3.00"),
        ("7", "7.00"),
        ("1.1000", "1.10"),
    ],
)
def test_cash(text: str, value: str) -> None:
    assert str(cells.cash(text)) == value


@pytest.mark.parametrize("text", ["(-12)", "()", "(12", "12)", "((12))", "1.005", "0.001", "(0.001)", "--1"])
def test_what_is_no_cash(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.cash(text)


@pytest.mark.parametrize(("text", "value"), [("10", "10"), ("10.500", "10.5"), ("0.000001", "0.000001"), ("1,000", "1000")])
def test_shares(text: str, value: str) -> None:
    assert format(cells.shares(text), "f") == value


@pytest.mark.parametrize("text", ["0", "-1", "0.0000001", "$5", "0.00", "(5)"])
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.shares(text)


def test_a_quantity_may_be_a_fraction() -> None:
    assert cells.quantity("1/3") == cells.quantity("1 / 3") == Fraction(1, 3)
    assert cells.quantity("2.5") == Decimal("2.5")


@pytest.mark.parametrize("text", ["0/3", "1/0", "-1/3", "1/3/2", "1/10000", "1.5/2", "/", "1:3"])
def test_what_is_no_fraction(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.quantity(text)


@pytest.mark.parametrize("text", ["0", "-1", "0.0000000001"])
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.price(text)


def test_days() -> None:
    assert cells.day("2024-02-29") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("01/02/2024", "Write 2024-01-02 or 2024-02-01, whichever is meant."),
        ("1/2/2024", "Write 2024-01-02 or 2024-02-01, whichever is meant."),
        ("12/31/2024", "Write 2024-12-31."),
        ("31.12.2024", "Write 2024-12-31."),
        ("3/3/2024", "Write 2024-03-03."),
        ("20240102", "Write it as YYYY-MM-DD."),
        ("2024-1-2", "Write it as YYYY-MM-DD."),
        ("2024-W01-1", "Write it as YYYY-MM-DD."),
        ("2024-01-02T00:00", "Write it as YYYY-MM-DD."),
        ("45293", "Write it as YYYY-MM-DD."),
        ("Jan 2, 2024", "Write it as YYYY-MM-DD."),
        ("99/99/2024", "Write it as YYYY-MM-DD."),
        ("٢٠٢٤-٠١-٠٢", "Write it as YYYY-MM-DD."),
    ],
)
def test_only_iso_dates_are_read(text: str, remedy: str) -> None:
    with pytest.raises(cells.BadCell) as caught:
        cells.day(text)
    assert caught.value.remedy == remedy


@pytest.mark.parametrize("text", ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "0000-01-01"])
def test_days_that_never_were(text: str) -> None:
    with pytest.raises(cells.BadCell, match="not a day of the calendar"):
        cells.day(text)


@pytest.mark.parametrize("text", ["1899-12-30", "0024-01-02"])
def test_years_that_a_spreadsheet_made_up(text: str) -> None:
    with pytest.raises(cells.BadCell, match="before 1900"):
        cells.day(text)


def test_symbols_are_written_in_capitals() -> None:
    assert cells.symbol("BRK.B") == "BRK.B"
    with pytest.raises(cells.BadCell) as caught:
        cells.symbol("voo")
    assert caught.value.remedy == "Write VOO."


@pytest.mark.parametrize("text", ["=VOO", "V OO", "<b>", "VOO;", "123", "VÖÖ", "ABCDEFGHIJKL", "ﬁ"])
def test_what_is_no_symbol(text: str) -> None:
    with pytest.raises(cells.BadCell) as caught:
        cells.symbol(text)
    assert "A symbol is" in caught.value.remedy


def test_a_list_of_symbols() -> None:
    assert cells.symbols("VOO  BND") == ("VOO", "BND")
    with pytest.raises(cells.BadCell, match="twice"):
        cells.symbols("VOO VOO")


@pytest.mark.parametrize("text", ["=1+1", "Jürgen’s IRA", "株", "a,b", "<script>", "x" * 64])
def test_names_are_free(text: str) -> None:
    assert cells.name(text) == text


@pytest.mark.parametrize("text", ["x" * 65, "a\nb", "a\tb", "a\x1b[31mb", "a\u202eb", "a\u00a0b", "\x7f"])
def test_names_that_would_garble_a_report_are_refused(text: str) -> None:
    with pytest.raises(cells.BadCell):
        cells.name(text)


def test_words_are_read_in_any_case_and_corrected() -> None:
    assert KIND("Roth") is AccountKind.ROTH
    assert KIND("401K") is AccountKind.FOUR_O_ONE_K
    with pytest.raises(cells.BadCell) as caught:
        KIND("taxible")
    assert caught.value.remedy == "Did you mean taxable?"
    assert "spouse_ira" in caught.value.reason


def test_an_error_shows_no_control_character_and_no_endless_text() -> None:
    with pytest.raises(cells.BadCell) as caught:
        cells.amount("\x1b[2J" + "9" * 10_000)
    assert "\x1b" not in caught.value.reason
    assert len(caught.value.reason) < 100
