"""Whether the market is open and the clocks agree. Looked at for live orders only: a simulated market has no hours.

The hours are the exchange's own, 9:30 to 16:00 in New York and to 13:00 on its half days, by `rebalkit.calendar`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from rebalkit.calendar import session_hours, today_in_new_york
from rebalkit.errors import DataError
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation

__all__ = ["market_objections"]


def market_objections(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    """What stands against sending anything at this moment; each of it stops the run."""
    yield from _day(situation)
    if situation.live:
        yield from _skew(situation, rules)
        yield from _hours(situation, rules)


def _day(situation: Situation) -> Iterator[Objection]:
    day = today_in_new_york(situation.at)
    if day != situation.as_of:
        message = f"the plan is for {situation.as_of}, but in New York it is {day}"
        yield _stop("day_changed", message, planned=situation.as_of.isoformat(), day=day.isoformat())


def _skew(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    apart = abs((situation.clock - situation.at).total_seconds())
    if apart > rules.clock_skew:
        message = f"this machine's clock and the broker's are {apart:.0f} seconds apart, more than {rules.clock_skew}"
        yield _stop("clock_skew", message, seconds=int(apart), most=rules.clock_skew)


def _hours(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    at, day = situation.at, today_in_new_york(situation.at)
    try:
        hours = session_hours(day)
    except DataError as problem:
        yield _stop("no_calendar", problem.reason, day=day.isoformat())
        return
    if hours is None:
        yield _stop("market_closed", f"the market is closed on {day}", day=day.isoformat())
        return
    opens, closes = hours
    known = {"at": at.astimezone(opens.tzinfo).isoformat(), "opens": opens.isoformat(), "closes": closes.isoformat()}
    if not opens <= at < closes:
        now = f"{at.astimezone(opens.tzinfo):%H:%M}"
        yield _stop(
            "market_closed", f"the market is open from {opens:%H:%M} to {closes:%H:%M} in New York, and it is {now}", **known
        )
    elif at < opens + dt.timedelta(seconds=rules.after_open):
        yield _stop("near_open", f"it is less than {rules.after_open} seconds after the opening at {opens:%H:%M}", **known)
    elif at >= closes - dt.timedelta(seconds=rules.before_close):
        yield _stop("near_close", f"it is less than {rules.before_close} seconds before the close at {closes:%H:%M}", **known)


def _stop(code: str, message: str, **details: Any) -> Objection:
    return Objection(code, message, stops=True, details=details)
