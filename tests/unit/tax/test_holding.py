from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest

from rebalkit.tax.holding import is_long_term, long_term_from

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("acquired", "first_long_term"),
    [
        ("2024-04-08", "2025-04-09"),
        ("2023-12-31", "2025-01-01"),
        ("2024-01-31", "2025-02-01"),
        ("2023-04-30", "2024-05-01"),
        # Around February 29. The last day of February is long-term from March 1, whether it is the 28th or the 29th.
        ("2023-02-27", "2024-02-28"),
        ("2023-02-28", "2024-03-01"),
        ("2024-02-27", "2025-02-28"),
        ("2024-02-28", "2025-03-01"),
        ("2024-02-29", "2025-03-01"),
        ("2024-03-01", "2025-03-02"),
    ],
)
def test_the_day_of_sale_on_which_a_lot_turns_long_term(acquired: str, first_long_term: str) -> None:
    bought, turns = date.fromisoformat(acquired), date.fromisoformat(first_long_term)
    assert long_term_from(bought) == turns
    assert is_long_term(bought, turns)
    assert not is_long_term(bought, turns - DAY)


def test_a_lot_sold_on_the_day_it_was_bought_is_short_term() -> None:
    assert not is_long_term(date(2025, 4, 8), date(2025, 4, 8))


def months_held(acquired: date, sold: date) -> int:
    """Whole months from the day after ``acquired`` through the day before ``sold``, walked month by month.

    Another way to the same rule: a month is full at the end of the day before its same-numbered day, or at its own end
    where it is too short to have that day.
    """
    start = acquired + DAY
    year, month, full = start.year, start.month, 0
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        length = monthrange(year, month)[1]
        ends = date(year, month, length) if start.day > length else date(year, month, start.day) - DAY
        if ends >= sold:
            return full
        full += 1


def test_every_day_of_fifteen_years_against_a_walk_over_months() -> None:
    """A lot is long-term when twelve whole months lie before the day of its sale."""
    acquired, last = date(2015, 1, 1), date(2030, 12, 31)
    while acquired <= last:
        for days in range(363, 370):
            sold = acquired + days * DAY
            assert is_long_term(acquired, sold) == (months_held(acquired, sold) >= 12), (acquired, sold)
        acquired += DAY


def test_month_ends_turn_on_the_first_of_the_thirteenth_month() -> None:
    """The rule of Rev. Rul. 66-7, over all month ends."""
    for year in range(2015, 2031):
        for month in range(1, 13):
            end = date(year, month, monthrange(year, month)[1])
            thirteenth = date(year + 1 + month // 12, month % 12 + 1, 1)
            assert long_term_from(end) == thirteenth


def test_a_later_acquisition_never_turns_long_term_earlier() -> None:
    days = [date(2015, 1, 1) + n * DAY for n in range(365 * 16)]
    turns = [long_term_from(day) for day in days]
    assert turns == sorted(turns)
