"""How the wash-sale rule is read where the authorities are silent or split.

The defaults are the cautious reading. No alternative is more than a reading that some practitioners defend; none has been ruled on.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen

from rebalkit.model.identity import IdentityGroups

__all__ = ["WINDOW", "HoldingMethod", "OlderReplacement", "WashPolicy"]

WINDOW = dt.timedelta(days=30)
"""The last day that still counts is so far from the sale (26 USC 1091(a))."""


class OlderReplacement(StrEnum):
    """Whether shares bought before the sold ones, but within the window before the sale and still held, replace them.

    ``count``: they do; the words of Reg. 1.1091-1 and what most practitioners answer. ``ignore``: they do not (Silver; Fairmark).
    """

    COUNT = "count"
    IGNORE = "ignore"


class HoldingMethod(StrEnum):
    """How the holding period of the sold share passes to its replacement (26 USC 1223(3)).

    ``added``: the days held are added, also those on which both were held (Reg. 1.1091-1(h) Ex. 3; brokers' practice). ``union``: days
    on which both were held count once. ``date``: the replacement takes over the date of the sold share.
    """

    ADDED = "added"
    UNION = "union"
    DATE = "date"


def _not_negative(_: Any, __: Attribute[dt.timedelta], value: dt.timedelta) -> None:
    if value < dt.timedelta(0):
        raise ValueError(f"a window of {value.days} days is below 0")


@frozen
class WashPolicy:
    """One reading of the rule.

    Attributes:
        groups: Which symbols are substantially identical.
        older_replacement: Whether older shares of the window replace newer ones.
        holding: How the holding period is passed on.
        window: How far from the sale an acquisition still counts, in days on either side; 30 by law (26 USC 1091(a)).
    """

    groups: IdentityGroups = IdentityGroups()
    older_replacement: OlderReplacement = field(default=OlderReplacement.COUNT, converter=OlderReplacement)
    holding: HoldingMethod = field(default=HoldingMethod.ADDED, converter=HoldingMethod)
    window: dt.timedelta = field(default=WINDOW, validator=_not_negative)

    def free_from(self, day: dt.date) -> dt.date:
        """The first day that lies so far behind ``day``, that of a sale or an acquisition, that it is no concern of it any more."""
        return day + self.window + dt.timedelta(days=1)
