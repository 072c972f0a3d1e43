from __future__ import annotations

import csv
import gzip
import importlib.util
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rebalkit import calendar
from rebalkit.calendar import (
    NEW_YORK,
    add_sessions,
    is_half_day,
    is_session,
    next_session,
    previous_session,
    session_hours,
    settlement_date,
    table_written,
    today_in_new_york,
    why_closed,
)
from rebalkit.errors import DataError

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)


def every_day(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2001-09-11", "Closed following Attacks on the World Trade Center"),
        ("2001-09-14", "Closed following Attacks on the World Trade Center"),
        ("2004-06-11", "National Day of Mourning for former President Ronald Reagan"),
        ("2012-10-29", "Hurricane Sandy"),
        ("2012-10-30", "Hurricane Sandy"),
        ("2018-12-05", "National Day of Mourning for former President George H. W. Bush"),
        ("2021-12-24", "Christmas Day (observed)"),
        ("2022-06-20", "Juneteenth National Independence Day (observed)"),
        ("2025-01-09", "National Day of Mourning for former President Jimmy Carter"),
        ("2025-04-18", "Good Friday"),
        ("2026-07-03", "Independence Day (observed)"),
        ("2025-04-19", "weekend"),
        ("2020-07-04", "weekend"),
    ],
)
def test_a_closed_day_has_its_reason(day: str, reason: str) -> None:
    assert why_closed(date.fromisoformat(day)) == reason
    assert not is_session(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2001-09-17", "2012-10-31", "2021-12-31", "2021-06-18", "2024-10-14", "2024-11-11", "2025-04-08"]
)
def test_the_exchange_trades_when_only_others_rest(day: str) -> None:
    """Columbus Day, Veterans Day, and the Friday before a New Year's Day on Saturday are ordinary sessions."""
    assert why_closed(date.fromisoformat(day)) is None
    assert is_session(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2019-07-03", "2023-07-03", "2024-11-29", "2024-12-24", "2025-07-03", "2025-11-28", "2025-12-24"]
)
def test_a_half_day_is_a_session(day: str) -> None:
    assert is_half_day(date.fromisoformat(day))
    assert is_session(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2020-07-02", "2021-12-23", "2022-12-23", "2024-12-31", "2026-07-02", "2026-07-03", "2025-07-05"]
)
def test_a_full_or_a_closed_day_is_no_half_day(day: str) -> None:
    assert not is_half_day(date.fromisoformat(day))


def test_neighbours_are_strict_and_skip_closed_days() -> None:
    assert next_session(date(2025, 4, 17)) == date(2025, 4, 21)
    assert next_session(date(2025, 4, 18)) == date(2025, 4, 21)
    assert previous_session(date(2025, 4, 21)) == date(2025, 4, 17)
    assert previous_session(date(2025, 4, 20)) == date(2025, 4, 17)
    assert next_session(date(2012, 10, 26)) == date(2012, 10, 31)
    assert previous_session(date(2001, 9, 17)) == date(2001, 9, 10)


def test_add_sessions_counts_both_ways() -> None:
    assert add_sessions(date(2025, 4, 16), 3) == date(2025, 4, 22)
    assert add_sessions(date(2025, 4, 22), -3) == date(2025, 4, 16)
    assert add_sessions(date(2025, 4, 19), 1) == date(2025, 4, 21)
    assert add_sessions(date(2025, 4, 19), 0) == date(2025, 4, 19)


def test_add_sessions_agrees_with_a_list_of_sessions() -> None:
    sessions = [day for day in every_day(date(2011, 1, 1), date(2013, 12, 31)) if is_session(day)]
    for n in (1, 2, 7, 40):
        for start, end in zip(sessions, sessions[n:], strict=False):
            assert add_sessions(start, n) == end
            assert add_sessions(end, -n) == start


# The first two lines are the tables of NASD Notices to Members 95-77 and 99-83: three days, and nothing settles on
# Columbus Day. Then two days from the Tuesday after Labor Day 2017, one from the Tuesday after Memorial Day 2024 (the
# trades of two days settle together), closed days, and Veterans Day on a Monday, a Sunday (kept on Monday), a Saturday.
SETTLEMENTS = """
1995: 10-02 10-05, 10-03 10-06, 10-04 10-10, 10-05 10-11, 10-06 10-12, 10-09 10-12, 10-10 10-13
1999: 10-05 10-08, 10-06 10-12, 10-07 10-13, 10-08 10-14, 10-11 10-14, 10-12 10-15
2017: 09-01 09-07, 09-05 09-07
2023: 12-22 12-27
2024: 05-24 05-29, 05-28 05-29
2025: 01-08 01-10, 04-17 04-21
2024: 11-08 11-12, 11-11 11-12
2018: 11-09 11-14, 11-12 11-14
2017: 11-09 11-13, 11-10 11-14
"""


@pytest.mark.parametrize(
    ("traded", "settled"),
    [
        (f"{year}-{traded}", f"{year}-{settled}")
        for year, pairs in (line.split(": ") for line in SETTLEMENTS.split("\n") if line)
        for traded, settled in (pair.split() for pair in pairs.split(", "))
    ],
)
def test_f081_settlement(traded: str, settled: str) -> None:
    assert settlement_date(date.fromisoformat(traded)) == date.fromisoformat(settled)


def test_today_is_the_day_in_new_york() -> None:
    assert today_in_new_york(datetime(2025, 4, 8, 3, 59, tzinfo=UTC)) == date(2025, 4, 7)
    assert today_in_new_york(datetime(2025, 4, 8, 4, 0, tzinfo=UTC)) == date(2025, 4, 8)
    assert today_in_new_york(datetime(2025, 1, 8, 4, 59, tzinfo=UTC)) == date(2025, 1, 7)
    before, today, after = datetime.now(NEW_YORK).date(), today_in_new_york(), datetime.now(NEW_YORK).date()
    assert before <= today <= after


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        today_in_new_york(datetime(2025, 4, 8, 12, 0))  # noqa: DTZ001


def test_a_datetime_is_not_taken_for_a_date() -> None:
    """A datetime equals no date, so that every holiday would look open."""
    with pytest.raises(TypeError, match="today_in_new_york"):
        is_session(datetime(2025, 12, 25, tzinfo=UTC))


@pytest.mark.parametrize("day", [date(1952, 12, 31), date(2101, 1, 3)])
def test_a_day_outside_every_calendar_is_an_error(day: date) -> None:
    with pytest.raises(DataError, match="1953 to 2100") as caught:
        is_session(day)
    assert caught.value.code == "date_outside_calendar"


def test_days_outside_the_table_come_from_the_library() -> None:
    assert why_closed(date(1963, 11, 25)) is not None, "the funeral of President Kennedy"
    assert why_closed(date(2050, 12, 26)) == "Christmas Day (observed)"
    assert is_half_day(date(2050, 11, 25))
    assert next_session(date(2040, 12, 31)) == date(2041, 1, 2)


def test_an_unknown_name_of_the_module_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NEW_YORKER"):
        getattr(calendar, "NEW_YORKER")  # noqa: B009


def test_the_shipped_table_is_what_the_library_says(capsys: pytest.CaptureFixture[str]) -> None:
    """The table is a copy: with a newer library that knows another closure it has to be written again."""
    spec = importlib.util.spec_from_file_location("nyse_calendar", ROOT / "tools" / "nyse_calendar.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main(["--check"]) == 0, capsys.readouterr().err
    assert date(2026, 11, 24) <= table_written() <= today_in_new_york()


def test_the_usual_look_at_the_calendar_imports_no_holiday_library() -> None:
    code = (
        "import sys, datetime; from rebalkit.calendar import settlement_date; early = 'zoneinfo' in sys.modules;"
        "settlement_date(datetime.date(2025, 4, 8)); print(early, 'holidays' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


@pytest.mark.filterwarnings("ignore")
def test_sessions_agree_with_a_second_library() -> None:
    """All sessions of the table agree.

    Early closes differ where the day was not planned to be short (a snowstorm, a halt, a breakdown), and on the last
    day of 1999, which a third library, exchange_calendars, has as a half day too.
    """
    markets = pytest.importorskip("pandas_market_calendars", reason="pandas_market_calendars is not installed")
    other = markets.get_calendar("NYSE")
    schedule = other.schedule("1995-01-01", "2040-12-31")
    sessions = {moment.date() for moment in schedule.index}
    early = {moment.date() for moment in other.early_closes(schedule).index}
    days = every_day(date(1995, 1, 1), date(2040, 12, 31))
    assert [day for day in days if is_session(day) != (day in sessions)] == []
    unannounced = {date(1996, 1, 8), date(1997, 10, 27), date(2005, 6, 1)}
    only_here = {date(1999, 12, 31)}
    assert {day for day in days if is_half_day(day) != (day in early)} == unannounced | only_here


@pytest.mark.filterwarnings("ignore")
def test_f075_hours_agree_with_a_second_library_to_the_moment() -> None:
    """Beginning and end of every session of ten years, in UTC: 20 changes to and from summer time are among them."""
    markets = pytest.importorskip("pandas_market_calendars", reason="pandas_market_calendars is not installed")
    schedule = markets.get_calendar("NYSE").schedule("2021-01-01", "2030-12-31")
    theirs = {row.Index.date(): (row.market_open, row.market_close) for row in schedule.itertuples()}
    days = every_day(date(2021, 1, 1), date(2030, 12, 31))
    ours = {day: hours for day in days if (hours := session_hours(day)) is not None}
    assert len(ours) > 2500
    assert ours == theirs
    assert len({opens.astimezone(UTC).time() for opens, _ in ours.values()}) == 2


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-03-06", "14:30", "21:00"),
        ("2026-03-09", "13:30", "20:00"),
        ("2026-10-30", "13:30", "20:00"),
        ("2026-11-02", "14:30", "21:00"),
        ("2026-11-27", "14:30", "18:00"),
        ("2026-07-02", "13:30", "20:00"),
    ],
)
def test_f075_hours_around_the_change_of_clocks_and_on_a_half_day(day: str, opens: str, closes: str) -> None:
    """In UTC: it opens at 9:30 in New York whatever the clocks there say to the rest of the world."""
    hours = session_hours(date.fromisoformat(day))
    assert hours is not None
    assert [f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in hours] == [f"{day} {opens}", f"{day} {closes}"]


@pytest.mark.parametrize("day", ["2026-07-03", "2026-11-26", "2026-03-08", "2026-11-01"])
def test_a_closed_day_has_no_hours(day: str) -> None:
    assert session_hours(date.fromisoformat(day)) is None


@pytest.mark.real_data
def test_sessions_are_the_days_with_real_prices(real_data: Path) -> None:
    with gzip.open(real_data / "etf_daily_core.csv.gz", "rt", newline="") as file:
        traded = {date.fromisoformat(row["date"]) for row in csv.DictReader(file)}
    days = every_day(min(traded), max(traded))
    assert len(days) > 9000
    assert [day for day in days if is_session(day) != (day in traded)] == []
