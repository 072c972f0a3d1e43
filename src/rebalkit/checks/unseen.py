"""What the data does not show, and what a purchase to come could spoil: said, never assumed away."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rebalkit.calendar import previous_session
from rebalkit.checks.findings import info, warning
from rebalkit.checks.losses import losses_by_symbol
from rebalkit.model.findings import Finding
from rebalkit.model.history import Action
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import plain
from rebalkit.plugin import CheckInput
from rebalkit.tax.window import WINDOW

__all__ = ["check_unseen", "unseen_history"]


def check_unseen(given: CheckInput) -> Iterator[Finding]:
    """``history_unknown``, ``history_short``, ``dividends_reinvested``, ``lots_late``, ``accounts_seen``, ``data_note``."""
    snapshot = given.snapshot
    yield from unseen_history(snapshot)
    harvested = {given.groups.of(symbol) for symbol in losses_by_symbol(given)}
    for account in snapshot.accounts:
        for symbol in account.reinvests:
            if given.groups.of(symbol) in harvested:
                message = (
                    f"Dividends of {symbol} are reinvested in account {account.account}: each one within 30 days is a purchase that "
                    f"washes part of a loss. Turn it off until {given.policy.free_from(snapshot.as_of)}."
                )
                yield warning("dividends_reinvested", message, symbol, account=account.account)
    yield from _late_lots(given)
    others = [account.account for account in snapshot.others]
    seen = f"Seen beside it: {', '.join(others)}." if others else "No other account was given."
    message = (
        f"The plan trades in account {snapshot.account.account} only. {seen} Accounts elsewhere, a spouse's and IRAs included, "
        "count for the wash-sale rule and are not seen."
    )
    yield info("accounts_seen", message, others=others)
    for note in snapshot.notes:
        yield info("data_note", note)


def _late_lots(given: CheckInput) -> Iterator[Finding]:
    """``lots_late``: something was sold so lately that its lots may still show it, and would be sold twice."""
    snapshot = given.snapshot
    since = previous_session(snapshot.as_of)
    for order in given.plan.sells:
        sold = [
            one for one in snapshot.transactions
            if one.action is Action.SELL and one.date >= since and (one.account, one.symbol) == (snapshot.account.account, order.symbol)
        ]  # fmt: skip
        if sold:
            shares = plain(sum([one.quantity for one in sold], Decimal(0)))
            message = (
                f"{shares} {order.symbol} were sold since {since} by the record, and the plan sells {plain(order.quantity)} more. Look "
                "whether the lots are up to date: if they still show what is sold, it would be sold twice."
            )
            yield warning("lots_late", message, order.symbol, sold=shares, since=since.isoformat())


def unseen_history(snapshot: Snapshot) -> Iterator[Finding]:
    """``history_unknown``, ``history_short``: whether the transactions are known to reach back 30 days."""
    needed = snapshot.as_of - WINDOW
    if snapshot.history_from is None:
        message = (
            f"It is not known whether the transactions since {needed} are complete: one that is missing could make a wash sale."
        )
        yield warning("history_unknown", message, needed=needed.isoformat())
    elif snapshot.history_from > needed:
        message = f"The transactions begin on {snapshot.history_from}, but the wash-sale rule looks back to {needed}."
        yield warning("history_short", message, since=snapshot.history_from.isoformat(), needed=needed.isoformat())
