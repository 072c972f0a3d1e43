"""Histories out of files: transaction exports of brokers, files in the format of transactions.csv, and whole folders."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from attrs import evolve, frozen

from rebalkit.brokers.exports.text import decoded, header_seen
from rebalkit.brokers.files import FilesBroker, FilesSettings
from rebalkit.brokers.files.problems import shown
from rebalkit.brokers.files.trades import is_transactions, read_transactions
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Action, HistoryRows, OpenSplit, Transaction
from rebalkit.pipeline.sources import FileSource, kinds_of, parse_source

if TYPE_CHECKING:
    from rebalkit.plugin import HistoryReader
    from rebalkit.registry import Registry

__all__ = ["Household", "load_household", "read_history"]

T = TypeVar("T")

_SPLIT = "Give it in a file with the columns of transactions.csv, beside this one: {account},{date},split,{symbol},RATIO,,"


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


def load_household(registry: Registry, paths: Sequence[str | Path], today: dt.date | None = None) -> Household:
    """The accounts and the history in ``paths``, ready for the ledger.

    Args:
        registry: Where the readers of exports are.
        paths: Each is a folder in the format of the files broker (accounts.csv says how its accounts are taxed), or a file: a broker's
            transaction export, or a CSV with the columns of transactions.csv. A file may be given as ``ACCOUNT=FILE`` or
            ``ACCOUNT:KIND=FILE``, KIND being one of `AccountKind`: the export of one account then becomes ACCOUNT, and of a file with
            several accounts only ACCOUNT is read. Without it an account has the name that the file gives it, and is taxable. Later
            files may complete earlier ones, such as with the ratio of a split that an export does not tell.
        today: The day in New York, after which nothing may be dated; None for the real one.

    Raises:
        DataError: A file that cannot be read or understood, a split whose ratio nobody told, one transaction in two files, or an
            account whose name says that it may not be taxable and whose kind is not given.
        UsageError: No path at all, or a KIND that does not exist or contradicts another.
    """
    day = today or today_in_new_york()
    sources = [parse_source(one) for one in paths]
    parts = [_part(registry, source, day) for source in sources]
    _check_overlap(parts)
    transactions = [one for part in parts for one in part.transactions]
    notes = [note for part in parts for note in part.notes]
    _check_splits((one for part in parts for one in part.open_splits), transactions)
    unknown = Counter((one.account, one.symbol) for one in transactions if one.action is Action.RECEIVE and one.price is None)
    notes += [
        f"account {account}: what the {symbol} received cost, and since when it is held, is not known; "
        "a row receive with price and acquired in a file with the columns of transactions.csv tells it"
        for account, symbol in unknown
    ]
    ordered = sorted(transactions, key=lambda one: (one.date, one.action is not Action.SPLIT))
    return Household(kinds_of(sources, [part.kinds for part in parts]), tuple(ordered), tuple(notes))


def read_history(registry: Registry, path: str | Path, account: str | None = None) -> HistoryRows:
    """The transaction export at ``path``, by the one registered reader that recognises it.

    Args:
        registry: Where the readers are.
        path: The file.
        account: What to call its account; of a file with several accounts, the one to read. None for what the file says.

    Raises:
        DataError: No reader or more than one recognises the file, it holds what its reader does not understand, it does not name
            its account and ``account`` is None, or a split in it has no ratio.
    """
    rows = _rows(registry, str(path), _text(str(path)), account)
    _check_splits(rows.open_splits, ())
    return rows


def _part(registry: Registry, source: FileSource, today: dt.date) -> _Part:
    path = source.path
    if Path(path).expanduser().is_dir():
        broker = FilesBroker(FilesSettings(path), lambda: today)
        refs = broker.accounts()
        transactions = [one for ref in refs for one in broker.transactions(ref.account, dt.date.min)]
        return _Part(path, {ref.account: ref.kind for ref in refs}, tuple(transactions), notes=tuple(broker.notes()))
    text = _text(path)
    if is_transactions(text):
        found, notes = read_transactions(path, Path(path).expanduser().read_bytes(), today)
        labels = list(dict.fromkeys(one.account for one in found))
        if source.account is not None:
            found = tuple(one for one in found if one.account == _chosen(path, labels, source.account))
    else:
        rows = _rows(registry, path, text, source.account)
        found, notes = rows.transactions, rows.notes
        if late := next((one for one in found if one.date > today), None):
            raise DataError(f"{late.date} is after today, {today}", place=path, code="from_the_future")
        notes += _summary(path, rows)
        accounts = dict.fromkeys([*(one.account for one in found), *([rows.account] if rows.account else [])])
        return _Part(path, dict.fromkeys(accounts, source.kind), found, rows.open_splits, notes)
    return _Part(path, dict.fromkeys((one.account for one in found), source.kind), found, notes=notes)


def _summary(path: str, rows: HistoryRows) -> tuple[str, ...]:
    notes = []
    if rows.ignored:
        kinds = ", ".join(f"{count} {kind}" for kind, count in rows.ignored.items())
        notes.append(f"{path}: rows that moved no shares of a ticker: {kinds}")
    if rows.covered:
        notes.append(f"{path}: covers {rows.covered[0]} to {rows.covered[1]}")
    return tuple(notes)


def _text(path: str) -> str:
    try:
        data = Path(path).expanduser().read_bytes()
    except FileNotFoundError:
        raise DataError("there is no such file", place=path, code="missing_file") from None
    except (OSError, RuntimeError, ValueError) as problem:  # RuntimeError: an unknown ~user; ValueError: a NUL in the path
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise DataError(f"the file cannot be read: {why}", place=path, code="unreadable") from None
    return decoded(data, path)


def _rows(registry: Registry, path: str, text: str, account: str | None) -> HistoryRows:
    """The export, with its account named."""
    readers = {name: record.factory() for name, record in registry.history_readers.items()}
    knowing = [name for name, reader in readers.items() if _asked(name, path, reader.recognises, text)]
    if len(knowing) != 1:
        raise _unrecognised(registry, path, text, knowing)
    reader: HistoryReader = readers[knowing[0]]
    rows = _asked(knowing[0], path, lambda given: reader.read(given, path), text)
    labels = list(dict.fromkeys([*(one.account for one in rows.transactions), *(one.account for one in rows.open_splits)]))
    if len(labels) > 1:
        return rows if account is None else _only(rows, path, _chosen(path, labels, account), labels)
    name = account or rows.account or next(iter(labels), "")
    if not name:
        remedy = f"Say it: NAME={path}, or NAME:KIND={path}."
        raise DataError("the file does not say which account it is of", place=path, remedy=remedy, code="no_account")
    return evolve(
        rows,
        account=name,
        transactions=tuple(evolve(one, account=name) for one in rows.transactions),
        open_splits=tuple(evolve(one, account=name) for one in rows.open_splits),
    )


def _only(rows: HistoryRows, path: str, account: str, labels: Sequence[str]) -> HistoryRows:
    left = ", ".join(label for label in labels if label != account)
    return evolve(
        rows,
        account=account,
        transactions=tuple(one for one in rows.transactions if one.account == account),
        open_splits=tuple(one for one in rows.open_splits if one.account == account),
        notes=(*rows.notes, f"{path}: of account {account} only; not read: {left}"),
    )


def _chosen(path: str, labels: Sequence[str], account: str) -> str:
    if account in labels:
        return account
    remedy = f"Name one of them, or give the file alone: {', '.join(f'{label}={path}' for label in labels)}." if labels else ""
    raise DataError(f"the file has no account {shown(account)}", place=path, remedy=remedy, code="unknown_account")


def _asked(name: str, path: str, ask: Callable[[str], T], text: str) -> T:
    """What a reader says; one that fails other than by a DataError is named."""
    try:
        return ask(text)
    except DataError:
        raise
    except Exception as problem:
        reason = f"the history reader {name} failed: {type(problem).__name__}: {problem}"
        raise DataError(reason, place=path, remedy="Repair or uninstall the plugin.", code="broken_plugin") from problem


def _unrecognised(registry: Registry, path: str, text: str, knowing: Sequence[str]) -> DataError:
    if knowing:
        reason = f"more than one reader recognises the file: {', '.join(knowing)}"
        return DataError(reason, place=path, remedy="Switch off one of their plugins.", code="ambiguous_export")
    known = "; ".join(f"{name}: {record.summary}" for name, record in sorted(registry.history_readers.items()))
    columns = header_seen(text)
    return DataError(
        f"no reader recognises the file; its columns seem to be {shown(columns)}" if columns else "the file has no table",
        place=path,
        remedy=f"Known are files with the columns of transactions.csv, and {known or 'no exports'}.",
        code="unknown_export",
    )


def _check_splits(open_splits: Iterable[OpenSplit], transactions: Iterable[Transaction]) -> None:
    told = {(one.account, one.symbol, one.date) for one in transactions if one.action is Action.SPLIT}
    problems = [
        DataError(
            f"a split of {one.symbol} without its ratio, which cannot be told from the shares added",
            place=one.place,
            remedy=_SPLIT.format(account=one.account, date=one.date, symbol=one.symbol),
            code="open_split",
        )
        for one in open_splits
        if (one.account, one.symbol, one.date) not in told
    ]
    if problems:
        raise DataError.together(problems)


def _check_overlap(parts: Sequence[_Part]) -> None:
    """Exports of overlapping periods would count trades twice."""
    where: dict[Transaction, str] = {}
    for part in parts:
        for one in part.transactions:
            if (other := where.get(one)) is not None and other != part.path:
                raise DataError(
                    f"the {one.action} of {one.quantity} {one.symbol} in account {one.account} on {one.date} is also in {other}",
                    place=part.path,
                    remedy="Give files of periods that do not overlap.",
                    code="overlapping_files",
                )
        where.update(dict.fromkeys(part.transactions, part.path))
