"""Whether the market is open and the clocks agree. Looked at for live orders only: a simulated market has no hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rebalkit.calendar import session_hours, today_in_new_york
from rebalkit.errors import DataError
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation

__all__ = ["market_objections"]


def market_objections(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    """What stands against sending anything at this moment; each of it stops the run."""
    at = situation.at
    day = today_in_new_york(at)
    if day != situation.as_of:
        yield _stop("day_changed", f"the plan is for {situation.as_of}, but in New York it is {day}")
    if not situation.live:
        return
    apart = abs((situation.clock - at).total_seconds())
    if apart > rules.clock_skew:
        message = f"this machine's clock and the broker's are {apart:.0f} seconds apart, more than {rules.clock_skew}"
        yield _stop("clock_skew", message, seconds=int(apart))
    try:
        hours = session_hours(day)
    except DataError as problem:
        yield _stop("no_calendar", problem.reason)
        return
    if hours is None:
        yield _stop("market_closed", f"the market is closed on {day}")
        return
    opens, closes = hours
    if not opens <= at < closes:
        yield _stop(
            "market_closed",
            f"the market is open from {_time(opens)} to {_time(closes)} in New York, and it is {_time(at, opens)}",
        )
    elif at < opens + dt.timedelta(seconds=rules.after_open):
        yield _stop("near_open", f"it is less than {rules.after_open} seconds after the opening at {_time(opens)}")
    elif at >= closes - dt.timedelta(seconds=rules.before_close):
        yield _stop("near_close", f"it is less than {rules.before_close} seconds before the close at {_time(closes)}")


def _time(moment: dt.datetime, like: dt.datetime | None = None) -> str:
    return f"{moment.astimezone((like or moment).tzinfo):%H:%M}"


def _stop(code: str, message: str, **details: int) -> Objection:
    return Objection(code, message, stops=True, details=details)
