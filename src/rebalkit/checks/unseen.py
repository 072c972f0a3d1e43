"""What the data does not show, and what a purchase to come could spoil: said, never assumed away."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.checks.findings import info, warning
from rebalkit.checks.losses import losses_by_symbol
from rebalkit.model.findings import Finding
from rebalkit.model.snapshots import Snapshot
from rebalkit.plugin import CheckInput
from rebalkit.tax.window import FREE_AFTER, WINDOW

__all__ = ["check_unseen", "unseen_history"]


def check_unseen(given: CheckInput) -> Iterator[Finding]:
    """``history_unknown``, ``history_short``, ``dividends_reinvested``, ``accounts_seen``, ``data_note``."""
    snapshot = given.snapshot
    yield from unseen_history(snapshot)
    harvested = {given.groups.of(symbol) for symbol in losses_by_symbol(given)}
    for account in snapshot.accounts:
        for symbol in account.reinvests:
            if given.groups.of(symbol) in harvested:
                message = (
                    f"Dividends of {symbol} are reinvested in account {account.account}: each one within 30 days is a purchase that "
                    f"washes part of a loss. Turn it off until {snapshot.as_of + FREE_AFTER}."
                )
                yield warning("dividends_reinvested", message, symbol, account=account.account)
    others = [account.account for account in snapshot.others]
    seen = f"Seen beside it: {', '.join(others)}." if others else "No other account was given."
    message = (
        f"The plan trades in account {snapshot.account.account} only. {seen} Accounts elsewhere, a spouse's and IRAs included, "
        "count for the wash-sale rule and are not seen."
    )
    yield info("accounts_seen", message, others=others)
    for note in snapshot.notes:
        yield info("data_note", note)


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
