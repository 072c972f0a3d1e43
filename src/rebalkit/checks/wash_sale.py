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
from rebalkit.model.findings import Finding
from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.model.plans import Order
from rebalkit.plugin import CheckInput

__all__ = ["check_wash_sale"]

WINDOW = dt.timedelta(days=30)
"""Days before and after the sale, the day itself not counted. 26 USC 1091(a); Reg. 1.1091-1(a)."""


def check_wash_sale(given: CheckInput) -> Iterator[Finding]:
    """``wash_sale`` for a loss that would be disallowed, ``wash_buy`` for a purchase that would disallow an earlier one."""
    for order in given.plan.sells:
        loss = _loss(given, order)
        if loss:
            yield from _washed_by(given, order, loss)
    for order in given.plan.buys:
        yield from _washes(given, order)


def _loss(given: CheckInput, order: Order) -> Decimal:
    """Sum of the losses of the lots in ``order``, USD, 0 or more; gains are not set off (Rev. Rul. 70-231)."""
    lots = {lot.lot: lot for lot in given.snapshot.account.lots}
    quote = given.snapshot.quotes.get(order.symbol)
    total = Decimal(0)
    for sale in order.lots:
        lot = lots.get(sale.lot)
        if lot is None or lot.cost is None or quote is None:
            continue  # other checks block the plan
        total += max(Decimal(0), lot.cost * sale.quantity / lot.quantity - sale.quantity * min(quote.bid, order.limit))
    return total


def _washed_by(given: CheckInput, order: Order, loss: Decimal) -> Iterator[Finding]:
    snapshot, group = given.snapshot, given.groups.of(order.symbol)
    since = snapshot.as_of - WINDOW
    acquired: dict[tuple[dt.date, str, str], Decimal] = {}
    for one in snapshot.transactions:
        if one.action.acquires and one.date >= since and given.groups.of(one.symbol) == group:
            acquired[one.date, one.account, one.symbol] = one.quantity
    for account in snapshot.accounts:
        for lot in account.lots:
            if lot.acquired is not None and lot.acquired >= since and given.groups.of(lot.symbol) == group:
                acquired.setdefault((lot.acquired, account.account, lot.symbol), lot.quantity)
    for (day, account_name, symbol), quantity in sorted(acquired.items()):
        free = day + WINDOW + dt.timedelta(days=1)
        message = (
            f"Selling {order.symbol} at a loss of {loss:,.2f} USD is a wash sale: {quantity} {symbol} were acquired on {day} in "
            f"account {account_name}. Free again on {free}."
        )
        yield blocking("wash_sale", message, order.symbol, acquired=day.isoformat(), account=account_name, free=free.isoformat())
    to_come = [(other.symbol, "this plan") for other in given.plan.buys]
    to_come += [
        (o.symbol, f"an open order in account {a.account}")
        for a in snapshot.accounts
        for o in a.open_orders
        if o.side is Side.BUY
    ]
    for symbol, source in to_come:
        if given.groups.of(symbol) == group:
            message = f"Selling {order.symbol} at a loss of {loss:,.2f} USD is a wash sale: {source} buys {symbol}."
            yield blocking("wash_sale", message, order.symbol, bought=symbol)


def _washes(given: CheckInput, order: Order) -> Iterator[Finding]:
    snapshot, group = given.snapshot, given.groups.of(order.symbol)
    taxable = {account.account for account in snapshot.accounts if account.kind.taxable}
    for one in snapshot.transactions:
        if one.action is not Action.SELL or one.date < snapshot.as_of - WINDOW or given.groups.of(one.symbol) != group:
            continue
        if one.account not in taxable:
            continue  # a sale inside an IRA is never a deductible loss, so nothing can be washed
        free = one.date + WINDOW + dt.timedelta(days=1)
        accepted = order.symbol in given.accept_wash
        message = (
            f"Buying {order.symbol} may wash a loss: {one.quantity} {one.symbol} were sold on {one.date} in account {one.account}. "
            f"Free again on {free}." + (" You allowed this purchase (tax.accept_wash)." if accepted else "")
        )
        say = warning if accepted else blocking
        yield say("wash_buy", message, order.symbol, sold=one.date.isoformat(), account=one.account, free=free.isoformat())
