"""Stage 1: read the account, the other accounts, quotes and history from a broker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rebalkit.config import structure_settings
from rebalkit.errors import DataError, PlanError, UsageError
from rebalkit.model.accounts import AccountRef
from rebalkit.model.history import Transaction
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import Snapshot
from rebalkit.model.targets import Targets
from rebalkit.pipeline.promises import remembered
from rebalkit.pipeline.request import Source
from rebalkit.plugin import KeepsHistory, LogsIn

if TYPE_CHECKING:
    from rebalkit.plugin import Broker
    from rebalkit.registry import Registry

__all__ = ["choose_account", "moves_money", "open_broker", "take_snapshot"]


def open_broker(registry: Registry, source: Source) -> Broker:
    """The broker of ``source``. Raises UsageError for an unknown plugin and ConfigError for settings that it does not take."""
    record = registry.broker(source.broker)
    settings: object = structure_settings(record.settings(), source.settings, f"brokers.{source.broker}")
    broker = record.factory(settings)
    if source.name and isinstance(broker, LogsIn):
        broker.login_command = f"rebalkit login {source.name}"
    return broker


def moves_money(broker: Broker) -> bool | None:
    """Whether orders at ``broker`` move real money; None where it takes none."""
    return broker.capabilities.live if broker.capabilities.places_orders else None


def take_snapshot(
    broker: Broker,
    account: str | None = None,
    targets: Targets | None = None,
    as_of: dt.date | None = None,
    *,
    to_trade: bool = True,
    promises: Iterable[Promise] = (),
) -> Snapshot:
    """Everything that a plan is made from, as of one day.

    Args:
        broker: Where to read.
        account: Name of the account; None for the only taxable one.
        targets: Symbols to get quotes for, beside those held.
        as_of: Day in New York; None for the broker's today.
        to_trade: Whether the account is to be traded; only a taxable one is. Where not, any account can be shown.
        promises: What the scope of the account keeps; the snapshot gets what binds on its day or ended in the month before.

    Raises:
        UsageError: No such account, or it must be said which one.
        PlanError: The account is not taxable and ``to_trade``.
        DataError: The broker gives no account, or data that contradicts itself.
    """
    refs = broker.accounts()
    chosen = choose_account(refs, account)
    if to_trade and not chosen.kind.taxable:
        raise PlanError(
            f"account {chosen.account} is of kind {chosen.kind}: gains and losses in it have no tax",
            code="not_taxable",
            remedy="Name a taxable account (--account NAME); this one is still seen by the wash-sale rule.",
        )
    day = as_of or broker.today()
    accounts = {ref.account: broker.snapshot(ref.account) for ref in refs}
    planned = accounts.pop(chosen.account)
    symbols = {lot.symbol for lot in planned.lots} | {s for one in (targets.classes if targets else ()) for s in one.symbols}
    transactions = _transactions(broker, refs)
    begins = [broker.history_from(ref.account) for ref in refs]
    # What a broker simulates happened nowhere else, so its history is complete.
    simulated = broker.capabilities.places_orders and not broker.capabilities.live
    known = [day for day in begins if day is not None]
    return Snapshot(
        day,
        planned,
        tuple(accounts.values()),
        dict(sorted(broker.quotes(sorted(symbols)).items())),
        tuple(sorted(transactions, key=lambda one: one.date)),
        max(known) if len(known) == len(begins) else None,
        broker.capabilities.venue,
        tuple(broker.notes()),
        remembered(promises, day, transactions if simulated else None),
    )


def _transactions(broker: Broker, refs: Sequence[AccountRef]) -> Sequence[Transaction]:
    if isinstance(broker, KeepsHistory):
        return broker.history()
    return [one for ref in refs for one in broker.transactions(ref.account, dt.date.min)]


def choose_account(refs: Sequence[AccountRef], account: str | None) -> AccountRef:
    """The account of that name among a broker's, or the only taxable one.

    Raises:
        DataError: The broker shows none at all.
        UsageError: There is none of that name, or it must be said which one.
    """
    if not refs:
        raise DataError("the broker shows no account", code="no_account")
    names = [ref.account for ref in refs]
    if account is not None:
        for ref in refs:
            if ref.account == account:
                return ref
        import difflib  # Only a wrong name needs it.

        close = difflib.get_close_matches(account, names, n=1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise UsageError(
            f"there is no account {account!r}",
            place="--account",
            code="unknown_account",
            remedy=f"{hint}There are: {', '.join(names)}.",
        )
    taxable = [ref for ref in refs if ref.kind.taxable]
    if len(taxable) == 1:
        return taxable[0]
    wanted = taxable or list(refs)
    raise UsageError(
        f"there are {len(taxable)} taxable accounts" if taxable else "there is no taxable account",
        place="--account",
        code="which_account",
        remedy=f"Name one: {', '.join(f'--account {ref.account}' for ref in wanted)}.",
    )
