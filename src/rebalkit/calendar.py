"""The New York exchange's calendar: which days it trades, which days it closes early, and when a trade settles.

All dates are days in New York. Saturdays and Sundays are closed. The closures and half days of 1995 to 2040 come as a
table (``data/nyse.json``, written by ``tools/nyse_calendar.py`` from the ``holidays`` library), because importing that
library costs more than planning an account; days outside the table are looked up in the library itself. A closure that
the exchange announces after the table was written is not known until the table is written again.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rebalkit.errors import DataError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    NEW_YORK: ZoneInfo
else:

    def __getattr__(name: str) -> ZoneInfo:
        if name == "NEW_YORK":
            return _new_york()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "NEW_YORK",
    "add_sessions",
    "is_half_day",
    "is_session",
    "next_session",
    "previous_session",
    "session_hours",
    "settlement_date",
    "table_written",
    "today_in_new_york",
    "why_closed",
]

FIRST_YEAR = 1953
"""The exchange also traded on Saturdays until 1952."""
LAST_YEAR = 2100
"""Where the ``holidays`` library ends."""

_DAY = timedelta(days=1)
_FRIDAY = 4

# Days from trade to settlement by the first trade date: amendments to Rule 15c6-1(a) under the Securities Exchange Act,
# 82 FR 15564 (two days from 2017-09-05) and 88 FR 13872 (one day from 2024-05-28). Three days since June 1995.
_SETTLEMENT_DAYS = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date.min, 3))


class CalendarDays(NamedTuple):
    """What a span of years has beside weekends: full-day closures and early closes, each with its name."""

    closed: dict[date, str]
    early: dict[date, str]


def today_in_new_york(now: datetime | None = None) -> date:
    """The date in New York at ``now``, an aware datetime, or at this moment. Raises ValueError for a naive one."""
    if now is None:
        return datetime.now(_new_york()).date()
    if now.tzinfo is None:
        raise ValueError("a time without a zone names no day in New York")
    return now.astimezone(_new_york()).date()


def is_session(day: date) -> bool:
    """Whether the exchange trades on ``day``, be it only half of it."""
    return why_closed(day) is None


def is_half_day(day: date) -> bool:
    """Whether trading ends early on ``day``: since 1993 at 13:00 in New York, three hours before the usual close."""
    return day in _of_year(day).early


def session_hours(day: date) -> tuple[datetime, datetime] | None:
    """When trading begins and ends on ``day``, as aware moments of New York; None when the exchange is closed."""
    if not is_session(day):
        return None
    zone = _new_york()
    return datetime.combine(day, time(9, 30), zone), datetime.combine(day, time(13 if is_half_day(day) else 16), zone)


def why_closed(day: date) -> str | None:
    """``"weekend"``, or the name of the holiday or event, or None when the exchange trades on ``day``."""
    holiday = _of_year(day).closed.get(day)
    return "weekend" if day.weekday() > _FRIDAY else holiday


def table_written() -> date:
    """The day on which the shipped table was written: closures that were announced later are not in it."""
    return _table()[3]


def previous_session(day: date) -> date:
    """The last session strictly before ``day``."""
    return add_sessions(day, -1)


def next_session(day: date) -> date:
    """The first session strictly after ``day``."""
    return add_sessions(day, 1)


def add_sessions(day: date, n: int) -> date:
    """The ``n``-th session strictly after ``day``, or before it when ``n`` is negative; ``day`` itself for 0."""
    step = _DAY if n > 0 else -_DAY
    for _ in range(abs(n)):
        day += step
        while not is_session(day):
            day += step
    return day


def settlement_date(trade_date: date) -> date:
    """The day on which the cash and the shares of a trade change hands.

    One day after the trade (two before 2024-05-28, three before 2017-09-05), counted over sessions on which banks work
    too: on Columbus Day and Veterans Day the exchange trades but nothing settles (NASD Notices to Members 88-82, 95-77,
    99-83).
    """
    days = next(days for first, days in _SETTLEMENT_DAYS if trade_date >= first)
    settled = trade_date
    for _ in range(days):
        settled = next_session(settled)
        while _banks_closed(settled):
            settled = next_session(settled)
    return settled


def _banks_closed(session: date) -> bool:
    """Whether ``session`` is a holiday of the Federal Reserve Banks on which the exchange trades."""
    if session.month == 10:  # Columbus Day, the second Monday
        return session.weekday() == 0 and 8 <= session.day <= 14
    if session.month == 11:  # Veterans Day: from a Sunday it moves to Monday, from a Saturday nowhere
        return session.day == 11 or (session.day == 12 and session.weekday() == 0)
    return False


@cache
def _new_york() -> ZoneInfo:
    """The zone, imported on first use: few commands look at the clock."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")


def _of_year(day: date) -> CalendarDays:
    if isinstance(day, datetime):
        raise TypeError("expected a date; a datetime has to be brought to New York first, with today_in_new_york")
    shipped, first, last, _ = _table()
    return shipped if first <= day.year <= last else days_from_library(day.year, day.year)


@cache
def _table() -> tuple[CalendarDays, int, int, date]:
    """The shipped table with its first and its last year, and the day on which it was written."""
    import json
    from pathlib import Path

    table = json.loads((Path(__file__).parent / "data" / "nyse.json").read_text(encoding="utf-8"))

    def days(kind: str) -> dict[date, str]:
        return {date.fromisoformat(day): name for name, listed in table[kind].items() for day in listed}

    written = date.fromisoformat(table["written"])
    return CalendarDays(days("closed"), days("early")), table["first_year"], table["last_year"], written


@cache
def days_from_library(first_year: int, last_year: int) -> CalendarDays:
    """The closures and half days of these years, both included, as the ``holidays`` library has them.

    Raises DataError for years of which neither the library nor a five-day week can be relied on.
    """
    if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
        raise DataError(
            f"the exchange's calendar is known for {FIRST_YEAR} to {LAST_YEAR} only, not for {first_year}",
            remedy="Correct the date.",
            code="date_outside_calendar",
        )
    from holidays import financial_holidays
    from holidays.constants import HALF_DAY, PUBLIC

    def days(category: str) -> dict[date, str]:
        found = financial_holidays("NYSE", years=range(first_year, last_year + 1), categories=category)
        # The name of a half day ends with its hour, "(markets close at 1:00pm)".
        return {day: name.split(" (markets close")[0] for day, name in found.items() if day.weekday() <= _FRIDAY}

    return CalendarDays(days(PUBLIC), days(HALF_DAY))
