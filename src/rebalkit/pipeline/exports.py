"""A broker's transaction export on disk: which reader knows it, and whose account it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from rebalkit.brokers.exports.text import decoded, header_seen
from rebalkit.brokers.files.formats import TRANSACTIONS
from rebalkit.brokers.files.problems import shown
from rebalkit.errors import DataError
from rebalkit.model import HistoryRows
from rebalkit.pipeline.completion import check_splits

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["chosen_account", "file_bytes", "named_rows", "read_history", "whole_export"]

T = TypeVar("T")

_FEW = 2
"""Columns of transactions.csv that may be missing where a file is still taken for one."""
_LONGEST = 200
"""Characters of a header that a message shows."""


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
    rows = named_rows(whole_export(registry, str(path), decoded(file_bytes(str(path)), str(path))), str(path), account)
    check_splits(rows.open_splits, ())
    return rows


def file_bytes(path: str) -> bytes:
    """The contents of the file ``path``, in which ``~`` is the home folder. Raises DataError when it cannot be read."""
    try:
        return Path(path).expanduser().read_bytes()
    except FileNotFoundError:
        remedy = "Check its name and the folder that you are in."
        raise DataError("there is no such file", place=path, remedy=remedy, code="missing_file") from None
    except (OSError, RuntimeError, ValueError) as problem:  # RuntimeError: an unknown ~user; ValueError: a NUL in the path
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise DataError(f"the file cannot be read: {why}", place=path, code="unreadable") from None


def whole_export(registry: Registry, path: str, text: str) -> HistoryRows:
    """The export ``text`` of the file ``path`` as the one reader that recognises it reads it; splits may be open. See `read_history`."""
    readers = {name: _asked(name, path, record.factory) for name, record in registry.history_readers.items()}
    knowing = [name for name, reader in readers.items() if _asked(name, path, partial(reader.recognises, text))]
    if len(knowing) != 1:
        raise _unrecognised(registry, path, text, knowing)
    return _asked(knowing[0], path, partial(readers[knowing[0]].read, text, path))


def named_rows(rows: HistoryRows, path: str, account: str | None) -> HistoryRows:
    """``rows`` of the file ``path`` with their accounts named, or of several accounts those of ``account``. See `read_history`."""
    if len(rows.accounts) > 1:
        return rows if account is None else _only(rows, path, chosen_account(path, rows.accounts, account))
    name = account or next(iter(rows.accounts), "")
    if not name:
        remedy = f"Say it: NAME={path}, or NAME:KIND={path}."
        raise DataError("the file does not say which account it is of", place=path, remedy=remedy, code="no_account")
    return evolve(
        rows,
        accounts=(name,),
        transactions=tuple(evolve(one, account=name) for one in rows.transactions),
        open_splits=tuple(evolve(one, account=name) for one in rows.open_splits),
    )


def _only(rows: HistoryRows, path: str, account: str) -> HistoryRows:
    return evolve(
        rows,
        accounts=(account,),
        transactions=tuple(one for one in rows.transactions if one.account == account),
        open_splits=tuple(one for one in rows.open_splits if one.account == account),
        notes=(*rows.notes, f"{path}: account {account} alone, of {', '.join(rows.accounts)}"),
    )


def chosen_account(path: str, labels: Sequence[str], account: str) -> str:
    """``account``, which must be one of ``labels``, those of the accounts in the file ``path``. Raises DataError when it is not."""
    if account in labels:
        return account
    remedy = f"Name one of them, or give the file alone: {', '.join(f'{label}={path}' for label in labels)}." if labels else ""
    raise DataError(f"the file has no account {shown(account)}", place=path, remedy=remedy, code="unknown_account")


def _asked(name: str, path: str, ask: Callable[[], T]) -> T:
    """What a reader says; one that fails other than by a DataError is named."""
    try:
        return ask()
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
    left_out = [f"Left out: {problem}" for problem in registry.problems]
    columns = header_seen(text)
    if columns and len(lacking := _lacking(columns)) <= _FEW:
        names = " and ".join(lacking)
        reason = f"the columns seem to be those of transactions.csv, but {names} {'is' if len(lacking) == 1 else 'are'} missing"
        return DataError(reason, place=path, remedy=f"Add {names} to the first line, and to each row.", code="missing_column")
    if columns:
        reason = f"no reader recognises the file; its columns seem to be {columns[:_LONGEST]!r}"
    else:
        reason = "there is no table with the names of its columns in the file" if text.strip() else "the file is empty"
    words = f"Give it as it was downloaded. Known are files with the columns of transactions.csv, and {known or 'no exports'}."
    return DataError(
        reason,
        place=path,
        remedy=" ".join([words, *left_out]),
        code="unknown_export",
    )


def _lacking(columns: str) -> list[str]:
    titles = {title.strip().casefold() for title in columns.split(",")}
    return [column.name for column in TRANSACTIONS.columns if column.required and column.name not in titles]
