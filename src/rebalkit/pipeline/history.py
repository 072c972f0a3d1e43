"""Histories out of files: transaction exports of brokers, files in the format of transactions.csv, and whole folders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from attrs import evolve, frozen

from rebalkit.brokers.exports.text import decoded
from rebalkit.brokers.files import FilesBroker, FilesSettings
from rebalkit.brokers.files.trades import is_transactions, read_transactions
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import DataError, UsageError
from rebalkit.model import AccountKind, Action, HistoryRows, OpenSplit, Transaction
from rebalkit.money import plain
from rebalkit.pipeline.completion import check_splits, complete_receipts
from rebalkit.pipeline.exports import chosen_account, file_bytes, named_rows, read_history, whole_export
from rebalkit.pipeline.sources import FileSource, kinds_of, parse_source

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["Household", "check_folder", "load_household", "read_history"]


class Household(NamedTuple):
    """All that is known of the past of a household.

    Attributes:
        accounts: How each account is taxed, by its name. Every account of ``transactions`` is in it.
        transactions: Of all accounts, by date; within a day splits first, then as each file orders them, files in the order given.
            A ``receive`` without a price is one whose basis nobody told.
        notes: Remarks for the person: what was not read, and what is not known.
    """

    accounts: Mapping[str, AccountKind]
    transactions: tuple[Transaction, ...]
    notes: tuple[str, ...]


@frozen
class _Part:
    """What one file or folder gives."""

    path: str
    kinds: Mapping[str, AccountKind | None]
    transactions: tuple[Transaction, ...]
    open_splits: tuple[OpenSplit, ...] = ()
    notes: tuple[str, ...] = ()
    export: bool = False
    file: tuple[Transaction, ...] = ()
    """All that the file holds, where ``transactions`` are those of one account of it."""


def load_household(registry: Registry, paths: Sequence[str | Path], today: dt.date | None = None) -> Household:
    """The accounts and the history in ``paths``, ready for the ledger.

    Args:
        registry: Where the readers of exports are.
        paths: Each is a folder in the format of the files broker (accounts.csv says how its accounts are taxed), or a file: a broker's
            transaction export, or a CSV with the columns of transactions.csv. A file may be given as ``ACCOUNT=FILE`` or
            ``ACCOUNT:KIND=FILE``, KIND being one of `AccountKind`: the export of one account then becomes ACCOUNT, and of a file with
            several accounts only ACCOUNT is read. Without it an account has the name that the file gives it, and is taxable. A file
            may complete another one: rows of one's own tell the ratio of a split, and the price and acquisition of received
            shares (rows ``receive`` of the same account, symbol and day), where an export does not.
        today: The day in New York, after which nothing may be dated; None for the real one.

    Raises:
        DataError: A file that cannot be read or understood, a split whose ratio nobody told, one transaction in two files, or an
            account whose name says that it may not be taxable and whose kind is not given.
        UsageError: No path at all, or a KIND that does not exist or contradicts another.
    """
    if not paths:
        raise UsageError("no file is given", remedy="Give a folder, or transaction exports.", code="no_file")
    day = today or today_in_new_york()
    sources = [parse_source(one) for one in paths]
    parts = [_part(registry, source, day) for source in sources]
    _check_overlap(parts)
    _check_names(sources, parts)
    told = [one for part in parts if not part.export for one in part.transactions]
    transactions = _in_order(
        [evolve(part, transactions=complete_receipts(part.transactions, told)) if part.export else part for part in parts]
    )
    notes = [note for part in parts for note in part.notes]
    check_splits((one for part in parts for one in part.open_splits), transactions)
    unknown = dict.fromkeys(
        (one.account, one.symbol) for one in transactions if one.action is Action.RECEIVE and one.price is None
    )
    notes += [
        f"account {account}: what the {symbol} received cost, and since when it is held, is known only if it comes from another account "
        "given here; else a row receive with price and acquired in a file with the columns of transactions.csv tells it"
        for account, symbol in unknown
    ]
    kinds = kinds_of(sources, [part.kinds for part in parts])
    return Household(kinds, tuple(transactions), tuple(dict.fromkeys(notes)))


def _in_order(parts: Sequence[_Part]) -> list[Transaction]:
    """By date; within a day splits first, then as each file has it: also one that is given once for each of its accounts."""
    first: dict[str, int] = {}
    found: list[tuple[dt.date, bool, int, int, Transaction]] = []
    for number, part in enumerate(parts):
        lines: dict[Transaction, list[int]] = {}
        for line, one in enumerate(part.file or part.transactions):
            lines.setdefault(one, []).append(line)
        place = first.setdefault(part.path, number)
        found += [
            (one.date, one.action is not Action.SPLIT, place, lines[one].pop(0), one) for one in part.transactions
        ]  # fmt: skip
    return [one[-1] for one in sorted(found, key=lambda one: one[:-1])]


def _part(registry: Registry, source: FileSource, today: dt.date) -> _Part:
    path = source.path
    if _is_folder(path):
        check_folder(path)
        broker = FilesBroker(FilesSettings(path), lambda: today)
        kinds = {ref.account: ref.kind for ref in broker.accounts()}
        return _Part(path, kinds, tuple(broker.history()), notes=tuple(broker.notes()))
    data = file_bytes(path)
    text = decoded(data, path)
    if is_transactions(text):
        found, notes = read_transactions(path, data, today)
        file = found
        labels = list(dict.fromkeys(one.account for one in found))
        if source.account is not None:
            found = tuple(one for one in found if one.account == chosen_account(path, labels, source.account))
    else:
        whole = whole_export(registry, path, text)
        rows = named_rows(whole, path, source.account)
        found, notes = rows.transactions, rows.notes
        if late := next((one for one in found if one.date > today), None):
            reason = f"the {late.action} of {plain(late.quantity)} {late.symbol} is of {late.date}, which is after today, {today}"
            raise DataError(reason, place=path, remedy="Correct the date in a copy of the file.", code="from_the_future")
        notes += _summary(path, rows)
        file = whole.transactions if len(whole.accounts) > 1 else ()
        return _Part(path, dict.fromkeys(rows.accounts, source.kind), found, rows.open_splits, notes, True, file)
    return _Part(path, dict.fromkeys((one.account for one in found), source.kind), found, notes=notes, file=file)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).expanduser().is_dir()
    except (OSError, RuntimeError):  # an unknown ~user, or too long for a path: reading it says so
        return False


def check_folder(path: str) -> None:
    """Raise DataError, which says what to do, for a folder that describes no accounts."""
    folder = Path(path).expanduser()
    if (folder / "accounts.csv").exists():
        return
    remedy = "A folder of CSV files has accounts.csv, lots.csv, prices.csv and transactions.csv (rebalkit init writes them to fill in)."
    if first := min(folder.glob("*.csv"), default=None):
        remedy += f" Exports of brokers are given one by one: NAME={Path(path) / first.name}."
    raise DataError("the folder has no accounts.csv", place=path, remedy=remedy, code="missing_file")


def _summary(path: str, rows: HistoryRows) -> tuple[str, ...]:
    notes = []
    if rows.ignored:
        kinds = ", ".join(f"{count} {kind}" for kind, count in rows.ignored.items())
        notes.append(f"{path}: rows that moved no shares of a ticker: {kinds}")
    if rows.covered:
        notes.append(f"{path}: covers {rows.covered[0]} to {rows.covered[1]}")
    return tuple(notes)


def _check_names(sources: Sequence[FileSource], parts: Sequence[_Part]) -> None:
    """Exports that call one account by two names would split it, and what it bought would not be there to be sold."""
    known: dict[str, tuple[str, str]] = {}
    for source, part in zip(sources, parts, strict=True):
        if source.account is not None or not part.export or len(part.kinds) != 1:
            continue
        (account,) = part.kinds
        digits = account[-4:]
        if len(digits) == 4 and digits.isdecimal():
            other, path = known.setdefault(digits, (account, part.path))
            if other != account:
                raise DataError(
                    f"{account!r} here and {other!r} in {path} seem to be one account",
                    place=part.path,
                    remedy=f"Say it: NAME={path} NAME={part.path}; with two names if they are two.",
                    code="account_unclear",
                )


def _check_overlap(parts: Sequence[_Part]) -> None:
    """Exports of overlapping periods would count trades twice."""
    where: dict[Transaction, int] = {}
    for number, part in enumerate(parts):
        for one in part.transactions:
            if (other := where.setdefault(one, number)) != number:
                raise DataError(
                    f"the {one.action} of {one.quantity} {one.symbol} in account {one.account} on {one.date} "
                    f"is also in {parts[other].path}",
                    place=part.path,
                    remedy="Give files of periods that do not overlap.",
                    code="overlapping_files",
                )
