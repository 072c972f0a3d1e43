"""The wash-sale rule, held against the orders of whatever strategy, over all accounts that are known.

26 USC 1091(a): a loss is not deductible when substantially identical stock is acquired from 30 days before to 30 days after the
sale. This check errs on the safe side: it treats every acquisition of the group within the window as a replacement, and every
sale in a taxable account as a loss, since the history does not carry the basis of what was sold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from rebalkit.checks.findings import blocking, warning
from rebalkit.checks.losses import losses_by_symbol
from rebalkit.model.findings import Finding
from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.model.plans import Order
from rebalkit.plugin import CheckInput
from rebalkit.tax.window import FREE_AFTER, WINDOW

__all__ = ["check_wash_sale"]


def check_wash_sale(given: CheckInput) -> Iterator[Finding]:
    """``wash_sale`` for a loss that would be disallowed, ``wash_buy`` for a purchase that would disallow an earlier one."""
    losses = losses_by_symbol(given)
    acquired = _acquired(given)
    to_come = _to_come(given)
    for symbol, loss in losses.items():
        group = given.groups.of(symbol)
        said = f"Selling {symbol} at a loss of {loss:,.2f} USD is a wash sale"
        for (day, account, bought), quantity in sorted(acquired.get(group, {}).items()):
            free = day + FREE_AFTER
            message = f"{said}: {quantity} {bought} were acquired on {day} in account {account}. Free again on {free}."
            yield blocking("wash_sale", message, symbol, acquired=day.isoformat(), account=account, free=free.isoformat())
        for bought, source in to_come.get(group, ()):
            yield blocking("wash_sale", f"{said}: {source} buys {bought}.", symbol, bought=bought)
    for order in given.plan.buys:
        yield from _washes(given, order)


def _acquired(given: CheckInput) -> dict[str, dict[tuple[dt.date, str, str], Decimal]]:
    """By group the shares acquired within the window, by day, account and symbol, in all accounts.

    A lot of a day without a transaction counts too, for a history may be incomplete.
    """
    snapshot = given.snapshot
    since = snapshot.as_of - WINDOW
    found: dict[tuple[dt.date, str, str], Decimal] = {}
    for one in snapshot.transactions:
        if one.action.acquires and one.date >= since:
            key = (one.date, one.account, one.symbol)
            found[key] = found.get(key, Decimal(0)) + one.quantity
    lots: dict[tuple[dt.date, str, str], Decimal] = {}
    for account in snapshot.accounts:
        for lot in account.lots:
            if lot.acquired is not None and lot.acquired >= since:
                key = (lot.acquired, account.account, lot.symbol)
                lots[key] = lots.get(key, Decimal(0)) + lot.quantity
    by_group: dict[str, dict[tuple[dt.date, str, str], Decimal]] = {}
    for key, quantity in (lots | found).items():
        by_group.setdefault(given.groups.of(key[2]), {})[key] = quantity
    return by_group


def _to_come(given: CheckInput) -> dict[str, list[tuple[str, str]]]:
    """By group the symbols that will be bought, each with what buys it."""
    found = [(order.symbol, "this plan") for order in given.plan.buys]
    for account in given.snapshot.accounts:
        found += [
            (one.symbol, f"an open order in account {account.account}") for one in account.open_orders if one.side is Side.BUY
        ]
    by_group: dict[str, list[tuple[str, str]]] = {}
    for symbol, source in found:
        by_group.setdefault(given.groups.of(symbol), []).append((symbol, source))
    return by_group


def _washes(given: CheckInput, order: Order) -> Iterator[Finding]:
    snapshot, group = given.snapshot, given.groups.of(order.symbol)
    accepted = order.symbol in given.accept_wash
    say = warning if accepted else blocking
    allowed = " You allowed this purchase (tax.accept_wash)." if accepted else ""
    # A sale inside an IRA is never a deductible loss, so nothing can be washed.
    sheltered = {account.account for account in snapshot.accounts if not account.kind.taxable}
    for one in snapshot.transactions:
        if one.action is not Action.SELL or one.date < snapshot.as_of - WINDOW or given.groups.of(one.symbol) != group:
            continue
        if one.account in sheltered:
            continue
        free = one.date + FREE_AFTER
        message = (
            f"Buying {order.symbol} may wash a loss: {one.quantity} {one.symbol} were sold on {one.date} in account {one.account}. "
            f"Free again on {free}.{allowed}"
        )
        yield say("wash_buy", message, order.symbol, sold=one.date.isoformat(), account=one.account, free=free.isoformat())
    for account in snapshot.accounts:
        for resting in account.open_orders:
            if resting.side is Side.SELL and account.kind.taxable and given.groups.of(resting.symbol) == group:
                message = f"Buying {order.symbol} may wash a loss: an open order sells {resting.symbol} in account {account.account}.{allowed}"
                yield say("wash_buy", message, order.symbol, account=account.account, order=resting.order)
