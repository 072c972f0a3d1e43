"""The planner's side of the rule: what a purchase would wash, what would wash a loss taken today, and what given trades would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from attrs import frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.policy import OlderReplacement, WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.money import MICRO, from_micros
from rebalkit.tax.ledger import Ledger, OpenLot, build_ledger
from rebalkit.tax.trades import Trade

__all__ = [
    "Blocker",
    "Exposure",
    "beyond_ledger",
    "blockers",
    "disallowed_by_sale",
    "effect",
    "exposures",
    "may_replace",
    "recent_lots",
]


@frozen
class Exposure:
    """A loss sale of the last days that a purchase would still wash, the earliest sale first.

    Attributes:
        group: Name of the identity group that must not be bought, in any account.
        sale: Id of the sell trade.
        symbol: Ticker sold.
        account: Where it was sold.
        sold: Trade date.
        quantity: Shares that no replacement was found for: each share bought washes the loss of one.
        loss: USD, above 0: the loss on them.
        through: Last day on which a purchase washes.
        free_from: First day on which it does not any more.
    """

    group: str
    sale: str
    symbol: str
    account: str
    sold: dt.date
    quantity: Fraction
    loss: Fraction
    through: dt.date
    free_from: dt.date


@frozen
class Blocker:
    """Shares acquired lately that would wash a loss taken today.

    Attributes:
        lot: The lot, named by the trade that brought it.
        account: Where it is.
        symbol: Ticker.
        acquired: Trade date on which it was acquired.
        quantity: Shares of it that have replaced nothing yet: each washes the loss of one share sold.
        free_from: First day on which it does not any more.
        permanent: Whether the loss would be lost for good, because it is in an IRA.
    """

    lot: str
    account: str
    symbol: str
    acquired: dt.date
    quantity: Fraction
    free_from: dt.date
    permanent: bool


def exposures(ledger: Ledger, as_of: dt.date) -> tuple[Exposure, ...]:
    """The loss sales that a purchase on ``as_of`` would wash, in the order in which it washes them."""
    window = ledger.policy.window
    found: dict[str, Exposure] = {}
    for row in ledger.realised:
        if not row.exposed or not row.sold <= as_of <= row.sold + window:
            continue
        earlier = found.get(row.sale)
        quantity, loss = row.exposed, row.at_stake
        if earlier is not None:
            quantity, loss = quantity + earlier.quantity, loss + earlier.loss
        group = ledger.policy.groups.of(row.symbol)
        found[row.sale] = Exposure(
            group, row.sale, row.symbol, row.account, row.sold, quantity, loss, row.sold + window,
            ledger.policy.free_from(row.sold),
        )  # fmt: skip
    return tuple(found.values())


def beyond_ledger(promises: Iterable[Promise], ledger: Ledger) -> tuple[Promise, ...]:
    """What of ``promises`` is about losses that ``ledger`` does not know, each with what is left of its shares and its loss.

    It does not know a sale that is not on record, nor the loss of one whose shares had a basis that only their broker knew.
    """
    rows = [row for row in ledger.realised if row.exposed or row.washed]
    known = [row.exposed + row.washed for row in rows]
    found = []
    for promise in promises:
        left = Fraction(promise.quantity)
        for place, row in enumerate(rows):
            if (row.sold, row.account) == (promise.sold, promise.account) and row.symbol in promise.group:
                taken = min(left, known[place])
                left -= taken
                known[place] -= taken
        if left:
            shares = from_micros(ceil(left * MICRO))
            found.append(promise if shares == promise.quantity else promise.of_shares(shares))
    return tuple(found)


def recent_lots(ledger: Ledger, as_of: dt.date) -> tuple[OpenLot, ...]:
    """Shares held that were acquired within the window before ``as_of`` and have replaced nothing, earliest acquisition first."""
    first = as_of - ledger.policy.window
    found = [one for one in ledger.open_lots if one.acquires and not one.replaced and first <= one.acquired <= as_of]
    return tuple(sorted(found, key=lambda one: one.acquired))


def blockers(ledger: Ledger, lot: str, as_of: dt.date) -> tuple[Blocker, ...]:
    """What would wash a loss taken on ``lot`` on ``as_of``, if only shares of this lot were sold.

    Args:
        ledger: The history.
        lot: An open lot, named by the trade that brought it.
        as_of: Trade date of the sale.
    """
    sold = next(one for one in ledger.open_lots if one.lot == lot)
    policy = ledger.policy
    group = policy.groups.of(sold.symbol)
    found = []
    for one in recent_lots(ledger, as_of):
        same = policy.groups.of(one.symbol) == group
        if same and may_replace(policy, one.purchase, one.acquired, [(sold.purchase, sold.acquired)]):
            free = policy.free_from(one.acquired)
            found.append(Blocker(one.lot, one.account, one.symbol, one.acquired, one.quantity, free, not one.taxable))
    return tuple(found)


def may_replace(policy: WashPolicy, purchase: object, acquired: dt.date, sold: Iterable[tuple[object, dt.date]]) -> bool:
    """Whether shares acquired on a day may replace some of those ``sold``, of which the purchases and their days are given.

    Shares of one purchase, that is of the fills of one order, do not replace each other (Rev. Rul. 56-602). Whether older ones replace newer
    ones the policy says.
    """
    newer_only = policy.older_replacement is OlderReplacement.IGNORE
    return any(purchase != bought and not (newer_only and acquired < day) for bought, day in sold)


def effect(
    history: Sequence[Trade], trades: Sequence[Trade], accounts: Mapping[str, AccountKind], policy: WashPolicy = WashPolicy()
) -> dict[str, Fraction]:
    """What ``trades`` would do to a history: by id of each sale, old or new, the USD by which its disallowed loss grows.

    Empty when they wash nothing. A sale whose disallowed loss would fall is there with a number below 0. Raises DataError as
    `build_ledger` does.
    """
    before = disallowed_by_sale(build_ledger(history, accounts, policy))
    after = disallowed_by_sale(build_ledger([*history, *trades], accounts, policy))
    nothing = Fraction(0)
    grown = {sale: after.get(sale, nothing) - before.get(sale, nothing) for sale in [*after, *(before.keys() - after.keys())]}
    return {sale: amount for sale, amount in grown.items() if amount}


def disallowed_by_sale(ledger: Ledger) -> dict[str, Fraction]:
    """By id of each sale with a disallowed loss the USD of it."""
    found: dict[str, Fraction] = {}
    for match in ledger.matches:
        found[match.sale] = found.get(match.sale, Fraction(0)) + match.amount
    return found
