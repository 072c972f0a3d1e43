"""Which of the shares that arrived are those that another account of the household delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction

__all__ = ["pair_transfers"]

_APART = dt.timedelta(days=5)
"""Brokers date the two ends of a transfer each by themselves: so much earlier than the delivery its arrival may be on record."""


def pair_transfers(transactions: Sequence[Transaction], accounts: Mapping[str, AccountKind]) -> dict[int, int]:
    """By place of each arrival of shares without a price the place of the delivery that it is.

    It is the earliest delivery before it of so many shares of the symbol from an account that is taxed alike, and where there is none,
    the first one soon after it.
    """
    deliveries = [place for place, one in enumerate(transactions) if one.action is Action.DELIVER]
    arrivals = [
        place for place, one in enumerate(transactions) if one.action is Action.RECEIVE and one.price is None
    ]  # fmt: skip
    found: dict[int, int] = {}
    for early in (False, True):
        for arrival in [place for place in arrivals if place not in found]:
            for delivery in deliveries:
                sent, arrived = transactions[delivery], transactions[arrival]
                in_time = delivery > arrival and sent.date <= arrived.date + _APART if early else delivery < arrival
                if in_time and _is_one(sent, arrived, accounts):
                    found[arrival] = delivery
                    deliveries.remove(delivery)
                    break
    return found


def _is_one(sent: Transaction, arrived: Transaction, accounts: Mapping[str, AccountKind]) -> bool:
    same = sent.symbol == arrived.symbol and sent.quantity == arrived.quantity and sent.account != arrived.account
    kinds = accounts.get(sent.account), accounts.get(arrived.account)
    return same and kinds[0] is not None and kinds[1] is not None and kinds[0].taxable == kinds[1].taxable
