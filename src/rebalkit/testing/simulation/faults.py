"""What can go wrong in a simulated world, and how often.

A fault has a base rate for each time it could happen. A world draws from its seed which faults are about at all: few at a time, often,
find more than all of them at once, seldom.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping

from attrs import frozen

__all__ = ["FAULTS", "OF_PLUGINS", "Dice", "Fault"]


@frozen
class Fault:
    """Something that can go wrong.

    Attributes:
        name: Its name.
        rate: How likely it is each time that it could happen, where a world has it.
        meaning: What happens.
    """

    name: str
    rate: float
    meaning: str


_TABLE = (
    Fault("lost_reply", 0.3, "the order lands, and the answer is lost"),
    Fault("lost_request", 0.3, "the order never arrives, and no answer comes"),
    Fault("late_request", 0.3, "no answer comes; the order arrives up to 50 seconds later"),
    Fault("server_error", 0.3, "the answer is an error of the server, whether the order landed or not"),
    Fault("place_raises", 0.2, "the plugin raises any exception, whether the order landed or not"),
    Fault(
        "odd_answer", 0.2, "the plugin answers nothing, an empty number or that of another order, whether the order landed or not"
    ),
    Fault("duplicate_answer", 0.2, "the order lands, and the broker says that it had it already"),
    Fault("doubled_request", 0.15, "a proxy sends the order twice"),
    Fault("preview_expired", 0.3, "the broker says that the preview is too old"),
    Fault("refused", 0.2, "the broker refuses the order"),
    Fault("rejected_late", 0.2, "the broker takes the order and rejects it later"),
    Fault("interrupt_place", 0.1, "Ctrl-C while the order is being placed, before or after it landed"),
    Fault("preview_refused", 0.1, "the broker refuses the preview"),
    Fault("preview_differs", 0.15, "the preview is of another order"),
    Fault("preview_cost", 0.15, "the preview counts with quite another amount"),
    Fault("late_listing", 0.5, "a new order is missing from the list for some looks, or for minutes"),
    Fault("partial", 0.4, "an order fills in parts over time"),
    Fault("unfilled", 0.25, "a part of an order, or all of it, never fills"),
    Fault("slow_fill", 0.4, "an order fills later"),
    Fault("late_fill", 0.4, "an order that was cancelled fills after all, and says so later"),
    Fault("cancel_refused", 0.4, "a cancellation is refused, for the order has just filled"),
    Fault("cancel_lost", 0.4, "no answer to a cancellation, whether it had an effect or not"),
    Fault("cancel_slow", 0.4, "a cancellation takes a while, or is never done"),
    Fault("wrong_lots", 0.3, "a sale takes other lots than it named"),
    Fault("falling_fill", 0.1, "the list shows fewer shares filled than before"),
    Fault("stale_orders", 0.1, "the list of orders is an old one, for one look or for many"),
    Fault("stale_account", 0.1, "the account is shown as it was, for one look or for many"),
    Fault("stale_transactions", 0.1, "the newest transactions are missing"),
    Fault("read_timeout", 0.05, "no answer to a question"),
    Fault("read_refused", 0.02, "the broker refuses a question"),
    Fault("plugin_fails", 0.02, "the plugin raises an exception of its own while it reads"),
    Fault("login", 0.02, "the session is over until the person logs in again"),
    Fault("foreign_order", 0.03, "somebody else has an order in this account, perhaps on the very lots"),
    Fault("foreign_twin", 0.2, "somebody else places an order like ours while ours is under way"),
    Fault("foreign_purchase", 0.03, "somebody else buys what counts as one with what is traded, in any account"),
    Fault("foreign_sale", 0.03, "somebody else sells what counts as one with what is traded, mostly at a loss"),
    Fault("reinvestment", 0.03, "a dividend is reinvested"),
    Fault("dividend", 0.01, "a dividend is paid in cash"),
    Fault("split", 0.005, "shares are split"),
    Fault("price_jump", 0.05, "the price jumps"),
    Fault("quote_missing", 0.05, "there is no quote"),
    Fault("quote_zero", 0.05, "bid or ask is zero"),
    Fault("quote_crossed", 0.05, "the bid is above the ask"),
    Fault("quote_wide", 0.05, "bid and ask are far apart"),
    Fault("quote_stale", 0.05, "the quote is old or a delayed one"),
    Fault("laptop_sleep", 0.02, "the machine sleeps for minutes or hours"),
    Fault("clock_jump", 0.02, "the machine's clock jumps, either way"),
    Fault("clock_skew", 1.0, "the machine's clock is wrong from the start"),
    Fault("near_close", 1.0, "the market closes during the run"),
    Fault("half_day", 1.0, "it is a half day, and the run begins shortly before its close"),
    Fault("overnight", 0.2, "the program is started again on the next day only"),
    Fault("disk_full", 0.01, "an event cannot be written"),
    Fault("disk_torn", 0.01, "an event is written, and the writing fails nevertheless"),
    Fault("kill_switch", 0.02, "the person wants everything to stop"),
    Fault("interrupt", 0.01, "Ctrl-C while waiting"),
    Fault("crash", 0.005, "the process dies at a step"),
)

FAULTS: Mapping[str, Fault] = {one.name: one for one in _TABLE}
"""All faults by name."""


OF_PLUGINS = frozenset({"place_raises", "odd_answer", "plugin_fails", "preview_differs"})
"""The faults that a plugin commits, not a broker: whoever puts a plugin in the scripted broker's place leaves them out."""

_NEEDS = {
    "foreign_twin": "lost_reply",
    "late_fill": "unfilled",
    "cancel_refused": "unfilled",
    "cancel_lost": "unfilled",
    "cancel_slow": "unfilled",
}
"""Faults that have little to spoil without another one."""


class Dice(random.Random):
    """All chance of a simulated world.

    Args:
        seed: Where it comes from.

    Attributes:
        happened: How often each fault has happened.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.happened: Counter[str] = Counter()
        self._rates: dict[str, float] = {}

    def choose_faults(self, without: Collection[str] = ()) -> None:
        """Draw which faults are about, none of those named, and how often they happen."""
        if self.random() < 0.05:
            return
        count = self.choice((1, 2, 3, 4, 6, 10))
        names = self.sample(sorted(FAULTS.keys() - set(without)), count)
        names += [_NEEDS[name] for name in names if name in _NEEDS]
        self._rates = {name: min(1.0, FAULTS[name].rate * self.choice((0.3, 1.0, 1.0, 3.0))) for name in names}

    def set_rates(self, rates: Mapping[str, float]) -> None:
        """Let just these faults happen, each at its rate. Raises KeyError for a name that there is not."""
        self._rates = {FAULTS[name].name: rate for name, rate in rates.items()}

    def happens(self, fault: str) -> bool:
        """Whether the fault happens this time."""
        rate = self._rates.get(fault)
        if not rate or self.random() >= rate:
            return False
        self.happened[fault] += 1
        return True
