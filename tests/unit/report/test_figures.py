from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from rebalkit.report import figures


@pytest.mark.parametrize(
    ("value", "written", "with_sign", "as_dollars"),
    [
        ("1234567.8", "1,234,567.80", "+1,234,567.80", "$1,234,567.80"),
        ("-1234.5", "−1,234.50", "−1,234.50", "−$1,234.50"),
        ("0", "0.00", "0.00", "$0.00"),
        ("-0.004", "0.00", "0.00", "$0.00"),
        ("0.004", "0.00", "0.00", "$0.00"),
        ("-0.00", "0.00", "0.00", "$0.00"),
    ],
)
def test_money_has_its_thousands_its_cents_and_no_minus_zero(value: str, written: str, with_sign: str, as_dollars: str) -> None:
    number = Decimal(value)
    assert (figures.money(number), figures.signed(number), figures.dollars(number)) == (written, with_sign, as_dollars)


def test_what_is_unknown_is_no_zero() -> None:
    forms = (figures.money, figures.signed, figures.dollars, figures.percent, figures.shares, figures.price, figures.day)
    assert {form(None) for form in forms} == {figures.NOTHING}


@pytest.mark.parametrize(
    ("value", "written"), [("1234.500000", "1,234.5"), ("100", "100"), ("1E+3", "1,000"), ("0.000001", "0.000001")]
)
def test_shares_show_the_decimals_they_have(value: str, written: str) -> None:
    assert figures.shares(Decimal(value)) == written


@pytest.mark.parametrize(("value", "written"), [("47.1", "47.10"), ("1047.1234", "1,047.1234"), ("5", "5.00")])
def test_prices_show_at_least_cents(value: str, written: str) -> None:
    assert figures.price(Decimal(value)) == written


def test_dates() -> None:
    assert figures.day(dt.date(2025, 4, 8)) == "2025-04-08"
    assert figures.long_day(dt.date(2025, 4, 8)) == "April 8, 2025"


def test_a_position_is_rounded_down_to_the_cent() -> None:
    assert figures.position(Decimal("3"), Decimal("0.3366")) == Decimal("1.00")
