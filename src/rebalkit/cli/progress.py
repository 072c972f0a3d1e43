"""What a person sees, and can do, while orders are carried out."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import frozen

from rebalkit.cli.output import say

if TYPE_CHECKING:
    from rebalkit.model.reports import OrderResult

__all__ = ["UnderWay", "carrying_out"]


@frozen
class UnderWay:
    """A run that is under way.

    Attributes:
        wish: Says why nothing more is to be sent; empty while nobody wishes so.
        tell: Shows an order that has ended, at a terminal.
    """

    wish: Callable[[], str]
    tell: Callable[[OrderResult], None]


@contextmanager
def carrying_out() -> Iterator[UnderWay]:
    """Let Ctrl-C and ``rebalkit stop`` keep the next order from being sent, and tell of each one that has ended."""
    from rebalkit.pipeline.stopping import stop_wish, stopping_on_interrupt

    tell = _told if sys.stderr.isatty() else _quiet
    with stopping_on_interrupt(_safely, time.monotonic) as pressed:
        yield UnderWay(lambda: pressed() or stop_wish(), tell)


def _told(one: OrderResult) -> None:
    from rebalkit.report.figures import price, shares
    from rebalkit.report.wording import clean

    state = "not placed" if one.state is None else one.state.value
    at = f" at {price(one.average_price)}" if one.average_price is not None else ""
    why = f": {clean(one.message)}" if one.message else ""
    _safely(
        f"{one.side.value:<4} {shares(one.asked or one.planned):>10} {one.symbol:<8} {state}, {shares(one.filled)} filled{at}{why}"
    )


def _safely(words: str) -> None:
    """Say it, if anybody still listens: a closed terminal is no reason to leave a run between its sales and its purchases."""
    with suppress(OSError):
        say(words)


def _quiet(one: OrderResult) -> None:
    """Nobody is there to see it."""
