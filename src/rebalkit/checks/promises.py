"""What earlier plans promised, held against this plan and against what has happened in all accounts since."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.checks.findings import blocking, warning
from rebalkit.model.findings import Finding
from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.model.promises import Promise
from rebalkit.money import plain
from rebalkit.plugin import CheckInput

__all__ = ["check_promises"]


def check_promises(given: CheckInput) -> Iterator[Finding]:
    """``promised_not_to_buy``, ``promise_broken``, ``promise_at_risk``."""
    if not given.snapshot.promises:
        return
    # Of what the ledger knows of a sale, and what replaced its shares since, the check of wash sales speaks.
    hidden = {one.promise: one for one in given.wash.unseen_promises}
    for promise in given.snapshot.promises:
        groups = {given.groups.of(symbol) for symbol in promise.group}
        binds = promise.in_force(given.snapshot.as_of)
        if binds and promise.promise in hidden:
            yield from _purchases(given, hidden[promise.promise], groups)
        yield from _acquired(given, promise, groups)
        if binds:
            yield from _at_risk(given, promise, groups)


def _purchases(given: CheckInput, promise: Promise, groups: set[str]) -> Iterator[Finding]:
    for order in given.plan.buys:
        if given.groups.of(order.symbol) not in groups:
            continue
        message = (
            f"Buying {order.symbol} would break a promise: {_loss(promise)}. Free again on {promise.free_from}. If that sale was never "
            f"made, forget the promise with `rebalkit promises drop {promise.promise}`."
        )
        if order.symbol in given.accept_wash:
            message += " You allowed this purchase (tax.accept_wash)."
        say = warning if order.symbol in given.accept_wash else blocking
        yield say("promised_not_to_buy", message, order.symbol, **_details(promise))


def _acquired(given: CheckInput, promise: Promise, groups: set[str]) -> Iterator[Finding]:
    for one in given.snapshot.transactions:
        if one.action.acquires and promise.in_force(one.date) and given.groups.of(one.symbol) in groups:
            how = "reinvested" if one.action is Action.REINVEST else "acquired"
            message = (
                f"A promise was broken: {plain(one.quantity)} {one.symbol} were {how} on {one.date} in account {one.account}. That "
                f"gives back part of a loss: {_loss(promise)}."
            )
            if one.date == promise.sold:  # The record has no time of day, nor when it was first seen.
                message = (
                    f"A promise may be broken: {plain(one.quantity)} {one.symbol} were {how} on {one.date}, the day of the sale itself, "
                    f"in account {one.account}. Unless the plan had seen that already, it gives back part of a loss: {_loss(promise)}."
                )
            yield warning("promise_broken", message, one.symbol, by=one.account, on=one.date.isoformat(), **_details(promise))


def _at_risk(given: CheckInput, promise: Promise, groups: set[str]) -> Iterator[Finding]:
    for account in given.snapshot.accounts:
        orders = [one.symbol for one in account.open_orders if one.side is Side.BUY]
        until = f"until {promise.free_from}"
        risks = [(symbol, f"an open order in account {account.account} buys {symbol}", "Cancel it") for symbol in orders]
        risks += [
            (symbol, f"account {account.account} reinvests dividends of {symbol}", f"Turn it off {until}")
            for symbol in account.reinvests
        ]
        for symbol, what, remedy in risks:
            if given.groups.of(symbol) in groups:
                message = f"A promise is at risk: {what}, and {_loss(promise)}. {remedy}."
                yield warning("promise_at_risk", message, symbol, by=account.account, **_details(promise))


def _loss(promise: Promise) -> str:
    return (
        f"{plain(promise.quantity)} {' / '.join(promise.group)} were sold on {promise.sold} in account {promise.account} at a loss of "
        f"{promise.loss:,f} USD"
    )


def _details(promise: Promise) -> dict[str, str]:
    return {
        "promise": promise.promise,
        "sold": promise.sold.isoformat(),
        "account": promise.account,
        "free": promise.free_from.isoformat(),
        "quantity": plain(promise.quantity),
        "loss": plain(promise.loss),
    }
