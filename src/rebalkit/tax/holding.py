"""Short-term or long-term: how long a lot was held when it was sold.

Long-term is held for *more* than one year (26 USC 1222). The day of acquisition is not counted, the day of sale is (IRS
Publication 550, Holding Period); both are trade dates, not settlement dates (Rev. Rul. 66-97, 70-598). So the count
starts the day after the acquisition, and the first long-term day of sale is that day of the next year.

A year is counted by months, not by 365 days: what was acquired on the last day of a month is long-term from the first day
of the thirteenth month after it (Rev. Rul. 66-7; Caspe v. United States, 694 F.2d 1116). Acquired on 2023-02-28 and sold
on 2024-02-29 is therefore short-term, which counting to the anniversary and then one day more gets wrong.

A lot that took over the holding period of a wash sale is asked about with its deemed date of acquisition.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

__all__ = ["is_long_term", "long_term_from"]

_DAY = timedelta(days=1)


@lru_cache(maxsize=16_384)
def long_term_from(acquired: date) -> date:
    """The first trade date on which a lot acquired on ``acquired`` is sold long-term.

    A count that starts on February 29 ends a year later on March 1.
    """
    start = acquired + _DAY
    if start.month == 2 and start.day == 29:
        start += _DAY
    return start.replace(year=start.year + 1)


def is_long_term(acquired: date, sold: date) -> bool:
    """Whether a lot acquired on ``acquired`` and sold on ``sold``, both trade dates, was held for over a year."""
    return sold >= long_term_from(acquired)
