"""Whether the exchange is open on the day of the plan, as far as its calendar is known."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.calendar import is_half_day, is_session, next_session, table_written, why_closed
from rebalkit.checks.findings import warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_market"]


_OLD = 400
"""Days after which the calendar should have been written anew: a year, and a month for the new version to be installed."""


def check_market(given: CheckInput) -> Iterator[Finding]:
    """``market_closed``, ``market_half_day`` and ``calendar_old``."""
    day = given.snapshot.as_of
    if not is_session(day):
        message = f"The exchange is closed on {day:%A} {day} ({why_closed(day)}); it opens again on {next_session(day)}."
        yield warning("market_closed", message, day=day.isoformat(), opens=next_session(day).isoformat())
    elif is_half_day(day):
        yield warning("market_half_day", f"The exchange closes at 13:00 New York time on {day}.", day=day.isoformat())
    written = table_written()
    if (day - written).days > _OLD:
        message = f"The exchange's calendar is of {written}: what was announced since is not in it. Install a newer version of rebalkit."
        yield warning("calendar_old", message, day=day.isoformat(), written=written.isoformat())
