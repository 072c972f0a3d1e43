"""Whether the exchange is open on the day of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.calendar import is_half_day, is_session, next_session, why_closed
from rebalkit.checks.findings import warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_market"]


def check_market(given: CheckInput) -> Iterator[Finding]:
    """``market_closed`` and ``market_half_day``."""
    day = given.snapshot.as_of
    if not is_session(day):
        message = f"The exchange is closed on {day:%A} {day} ({why_closed(day)}); it opens again on {next_session(day)}."
        yield warning("market_closed", message, day=day.isoformat(), opens=next_session(day).isoformat())
    elif is_half_day(day):
        yield warning("market_half_day", f"The exchange closes at 13:00 New York time on {day}.", day=day.isoformat())
