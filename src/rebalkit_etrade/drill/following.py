"""The orders of a drill to their end: cancelled as often as it takes, by number, whatever the list does not show meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from attrs import define, field, frozen

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, DataError, LoginRequired
from rebalkit.model import OrderRequest
from rebalkit_etrade.answers import EtradeError
from rebalkit_etrade.client import Client
from rebalkit_etrade.records import Account, ListedOrder, Message
from rebalkit_etrade.trading.listing import is_open
from rebalkit_etrade.wire.pace import Clock

__all__ = ["Followed", "Following", "OrdersSent"]

_STEP, _PATIENCE = 2.0, 90.0
"""Seconds between two looks at the list, and for how long it is looked at."""
_AGAIN = 10.0
"""Seconds after which a cancellation that did not help is asked for once more."""


@define
class OrdersSent:
    """What was sent, as far as it is known.

    Attributes:
        known: Numbers of the orders that were there before.
        placements: How many placements may have become an order.
        numbers: Numbers of the orders that are certain.
        doubtful: How many placements were answered with an error that proves nothing, and hardly became an order.
    """

    known: Collection[int]
    placements: int = 0
    numbers: set[int] = field(factory=set)
    doubtful: int = 0


@frozen
class Followed:
    """The end of an order.

    Attributes:
        number: Its number.
        path: Its states, each with the seconds after which it was seen.
        codes: What the first cancellation was answered with.
        last: The order at its end.
    """

    number: int
    path: tuple[str, ...]
    codes: str
    last: ListedOrder


@frozen
class Following:
    """Looks for the orders of one request, and follows them.

    Attributes:
        client: Asks.
        clock: Time.
        account: The account.
        request: What was sent.
    """

    client: Client
    clock: Clock
    account: Account
    request: OrderRequest

    def listed(self) -> Sequence[ListedOrder]:
        """All orders of these days."""
        moment = self.client.moment()
        assert moment is not None  # the account was asked for before
        today, day = moment.astimezone(NEW_YORK).date(), dt.timedelta(days=1)
        return self.client.orders(self.account.key, today - day, today + day)

    def mine(self, sent: OrdersSent, listed: Sequence[ListedOrder]) -> list[ListedOrder]:
        """Orders that have a number of ours, or were not there before and are what was asked for."""
        wanted = (self.request.symbol, self.request.side.value.upper(), self.request.quantity)
        return [
            one
            for one in listed
            if one.order in sent.numbers
            or (
                one.order not in sent.known
                and one.limit == self.request.limit
                and [(leg.symbol, leg.action, leg.ordered) for leg in one.legs] == [wanted]
            )
        ]

    def shown(self, sent: OrdersSent) -> list[ListedOrder]:
        """Wait until the list shows the first one. Nothing when it does not."""
        started = self.clock.monotonic()
        while True:
            try:
                mine = self.mine(sent, self.listed())
            except (BrokerError, DataError) as problem:
                if isinstance(problem, LoginRequired):
                    raise
                mine = []
            if mine or self.clock.monotonic() - started > _PATIENCE:
                return mine
            self.clock.sleep(_STEP)

    def to_the_end(self, sent: OrdersSent) -> list[Followed]:
        """Cancel all of them, as often as it takes, and see each one's end.

        Raises:
            BrokerError: One is not over, or was never seen, after a minute and a half.
        """
        began = self.clock.monotonic()
        codes: dict[int, str] = {}
        asked: dict[int, float] = {}
        last: dict[int, ListedOrder] = {}
        over: set[int] = set()
        paths: dict[int, list[str]] = {}
        why = "the list does not show it"
        while True:
            seconds = self.clock.monotonic() - began
            try:
                for one in self.mine(sent, self.listed()):
                    sent.numbers.add(one.order)
                    last[one.order] = one
                    path = paths.setdefault(one.order, [])
                    if not path or not path[-1].startswith(f"{one.status} "):
                        path.append(f"{one.status} after {seconds:.0f} s")
                    if not is_open(one):
                        over.add(one.order)
            except (BrokerError, DataError) as problem:  # one look that fails is not the end
                why = problem.reason
            left = sorted(sent.numbers - over)
            never = [number for number in sorted(sent.numbers) if number not in asked]
            for number in dict.fromkeys([*never, *left]):
                if number not in asked or seconds - asked[number] >= _AGAIN:
                    asked[number] = seconds
                    answer = self.ask_to_cancel(number)
                    codes.setdefault(number, answer)
            late = seconds > _PATIENCE
            # What an error was answered to is looked for as long as there is patience, and may then be taken for no order.
            missing = sent.placements - len(sent.numbers) - (sent.doubtful if late else 0)
            if sent.numbers and missing <= 0 and not left and not never:
                return [Followed(one, tuple(paths[one]), codes[one], last[one]) for one in sorted(sent.numbers)]
            if late:
                states = ", ".join(f"order {one} is {last[one].status}" for one in left if one in last)
                raise BrokerError(states or why, code="not_over")
            self.clock.sleep(_STEP)

    def ask_to_cancel(self, order: int) -> str:
        """Ask to cancel; the codes of the answer. An answer that got lost is none: how the order stands is looked at anyway."""
        try:
            return _codes(self.client.cancel(self.account.key, order).messages)
        except EtradeError as problem:
            return problem.number or f"HTTP {problem.status}"
        except (BrokerError, DataError) as problem:
            return f"no answer: {problem.reason}"


def _codes(messages: Sequence[Message]) -> str:
    return ", ".join(one.code or "none" for one in messages) or "none"
