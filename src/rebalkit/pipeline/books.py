"""From files to the ledger of a household, and to what each of its brokers reports."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from rebalkit.brokers.files import FilesBroker, FilesSettings
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Snapshot
from rebalkit.model.policy import WashPolicy
from rebalkit.money import from_micros, plain, to_micros
from rebalkit.pipeline.history import check_folder, load_household
from rebalkit.pipeline.snapshot import take_snapshot
from rebalkit.tax.broker_view import broker_rows
from rebalkit.tax.forms import FormRow, form_rows
from rebalkit.tax.household import trades_of
from rebalkit.tax.ledger import Ledger, RealisedRow, build_ledger
from rebalkit.tax.reconstruct import Reconstruction, UnknownSale, reconstruct
from rebalkit.tax.trades import Trade

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["Books", "open_books"]

_UNSEEN = "nothing says from which day on transactions.csv has every trade (history_from in accounts.csv): a trade that is missing is not seen"


@frozen
class Books:
    """What the history of a household comes to.

    Attributes:
        accounts: How each account is taxed.
        trades: All trades, in order of their dates.
        policy: How the rule was read.
        ledger: The ledger of all accounts together.
        realised: The rows of the ledger.
        broker: The rows of the ledger that each broker keeps of its own account.
        unknown: Sales in taxable accounts whose basis is not known. They are not in the ledger.
        unpriced: Ids of open lots whose cost is not known.
        notes: Remarks on the files.
    """

    accounts: Mapping[str, AccountKind]
    trades: tuple[Trade, ...]
    policy: WashPolicy
    ledger: Ledger
    realised: tuple[RealisedRow, ...]
    broker: tuple[RealisedRow, ...]
    unknown: tuple[UnknownSale, ...]
    unpriced: frozenset[str]
    notes: tuple[str, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years with a sale in a taxable account, earliest first."""
        return tuple(sorted({row.sold.year for row in self.realised} | {one.sold.year for one in self.unknown}))

    @property
    def identical(self) -> tuple[tuple[str, ...], ...]:
        """The sets of symbols that were treated as identical, as far as they were traded: those with two symbols or more."""
        sets: dict[str, set[str]] = {}
        for one in self.trades:
            sets.setdefault(self.policy.groups.of(one.symbol), set()).add(one.symbol)
        return tuple(tuple(sorted(symbols)) for _, symbols in sorted(sets.items()) if len(symbols) > 1)

    def rows(self, year: int) -> tuple[FormRow, ...]:
        """The rows of Form 8949 of ``year``, as far as their basis is known."""
        ours, theirs = ([row for row in rows if row.sold.year == year] for rows in (self.realised, self.broker))
        return form_rows(ours, theirs)

    def still_open(self, years: Iterable[int]) -> tuple[str, ...]:
        """What can still become of losses of ``years``: in so many days after a sale a purchase takes its loss away."""
        last = self.trades[-1].date
        lost = [row.sold for year in years for row in self.rows(year) if row.gain < 0 and row.sold + self.policy.window > last]
        if not lost:
            return ()
        since = f"on {lost[0]}" if min(lost) == max(lost) else f"from {min(lost)} to {max(lost)}"
        return (
            f"losses taken {since} can be washed by purchases through {max(lost) + self.policy.window}; the last trade in the files "
            f"is of {last}",
        )

    def check(self, year: int) -> None:
        """Raise DataError, with all of them, for sales of ``year`` whose basis is not known."""
        problems = [
            DataError(
                f"the basis of {_shares(one)} sold on {one.sold} is not known: no purchase or lot explains them",
                place=f"account {one.account}", code="unknown_basis", remedy="Give their purchase in transactions.csv.",
            )
            for one in self.unknown
            if one.sold.year == year
        ]  # fmt: skip
        if problems:
            raise DataError.together(problems)


def open_books(
    registry: Registry, paths: Sequence[str | Path], policy: WashPolicy = WashPolicy(), today: dt.date | None = None
) -> Books:
    """The books of the history in ``paths`` (see `load_household`), read by ``policy``.

    A single folder with lots tells what is held, too: its lots stand for purchases that are not on record. Everything else must be the
    whole history, from the first purchase on.

    Raises:
        DataError: The files cannot be read, hold no trade, or say what cannot be.
        UsageError: No path, or a path that is not understood.
    """
    day = today or today_in_new_york()
    books = None
    if len(paths) == 1 and Path(paths[0]).expanduser().is_dir():
        check_folder(str(paths[0]))
        broker = FilesBroker(FilesSettings(str(paths[0])), lambda: day)
        if any(broker.snapshot(one.account).lots for one in broker.accounts()):
            books = _of_snapshot(take_snapshot(broker, broker.accounts()[0].account, to_trade=False), policy)
    if books is None:
        household = load_household(registry, paths, day)
        trades = trades_of(household.transactions, household.accounts)
        _check_received(trades)
        books = _books(household.accounts, trades, policy, household.notes)
    if not books.trades:
        raise DataError(
            "there is no transaction", place=", ".join(map(str, paths)), code="no_transactions",
            remedy="Give the whole history: every purchase and sale of every account.",
        )  # fmt: skip
    return books


def _check_received(trades: Sequence[Trade]) -> None:
    """Raise DataError, with the rows to write, for shares of which nobody says what they cost and since when they are held."""
    known = {one.id for one in trades}
    problems = [
        DataError(
            f"{plain(from_micros(one.micros))} {one.symbol} were received on {one.date}, and nothing says from where, or what they cost",
            place=f"account {one.account}", code="unknown_basis",
            remedy=f"Add the row {one.account},{one.date},receive,{one.symbol},{plain(from_micros(one.micros))},BASIS PER SHARE,,DAY ACQUIRED "
            "to a file with the columns account,date,action,symbol,quantity,price,fees,acquired, or give the account that delivered them, too.",
        )
        for one in trades
        if one.transfer_of is not None and one.transfer_of not in known
    ]  # fmt: skip
    if problems:
        raise DataError.together(problems)


def _of_snapshot(snapshot: Snapshot, policy: WashPolicy) -> Books:
    found = reconstruct(snapshot, policy)
    names = _lot_names(snapshot, found)
    trades = [
        evolve(one, id=names.get(one.id, one.id), lots=tuple((names.get(lot, lot), micros) for lot, micros in one.lots))
        for one in found.trades
    ]
    unpriced = frozenset(
        names.get(trade, trade)
        for account in snapshot.accounts
        for lot in account.lots
        if lot.cost is None
        for trade, _ in found.lots.get((account.account, lot.lot), ())
    )
    unknown = [
        f"account {one.account}: the basis of {_shares(one)} sold on {one.sold} is not known, and they are left out: "
        "no purchase or lot explains them"
        for one in found.unknown
    ]
    since = () if snapshot.history_from is not None else (_UNSEEN,)
    notes = (*snapshot.notes, *since, *found.differences, *unknown)
    return _books(found.accounts, trades, policy, notes, found.unknown, unpriced)


def _lot_names(snapshot: Snapshot, found: Reconstruction) -> dict[str, str]:
    """By trade that brought shares the name of its lot, where the record or the account gives one and no other lot has it."""
    lots: dict[str, set[tuple[str, str]]] = {}
    for key, parts in found.lots.items():
        for trade, _ in parts:
            lots.setdefault(trade, set()).add(key)
    recorded: dict[tuple[object, ...], set[tuple[str, str]]] = {}
    for one in snapshot.transactions:
        if one.lot is not None and one.action.acquires:
            recorded.setdefault((one.account, one.symbol, one.date, to_micros(one.quantity)), set()).add((one.account, one.lot))
    for bought in found.trades:
        if bought.id not in lots and bought.action.acquires:
            lots[bought.id] = recorded.get((bought.account, bought.symbol, bought.date, bought.micros), set())
    named = {trade: next(iter(keys)) for trade, keys in lots.items() if len(keys) == 1}
    times = Counter(named.values())
    accounts = Counter(lot for _, lot in set(named.values()))
    return {
        trade: lot if accounts[lot] == 1 else f"{account}/{lot}"
        for trade, (account, lot) in named.items()
        if times[account, lot] == 1
    }


def _books(
    accounts: Mapping[str, AccountKind],
    trades: Sequence[Trade],
    policy: WashPolicy,
    notes: Sequence[str],
    unknown: Sequence[UnknownSale] = (),
    unpriced: frozenset[str] = frozenset(),
) -> Books:
    broker = tuple(row for rows in broker_rows(trades, accounts).values() for row in rows)
    ledger = build_ledger(trades, accounts, policy)
    return Books(accounts, tuple(trades), policy, ledger, ledger.realised, broker, tuple(unknown), unpriced, tuple(notes))


def _shares(one: UnknownSale) -> str:
    return f"{plain(from_micros(one.micros))} {one.symbol}"
