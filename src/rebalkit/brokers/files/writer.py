"""Writes a folder that reads as the values it was written from."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from attrs import evolve

from rebalkit.brokers.files.contents import Contents, understand
from rebalkit.brokers.files.formats import ACCOUNTS, FORMATS, LOTS, PRICES, TRANSACTIONS, Format
from rebalkit.brokers.files.publish import add_files
from rebalkit.errors import DataError
from rebalkit.model import AccountSnapshot, Cash, Quote, Transaction
from rebalkit.money import from_nanos, plain, to_nanos, trim

__all__ = ["write_folder"]


def write_folder(
    folder: Path,
    accounts: Sequence[AccountSnapshot],
    quotes: Mapping[str, Quote],
    transactions: Iterable[Transaction],
    history_from: Mapping[str, dt.date] | None = None,
) -> None:
    """Write the four files of a folder, all or none; the folder is made if need be.

    Reading it gives the same values again, with two exceptions: all cash is settled, and transactions are by date.

    Args:
        folder: Where.
        accounts: The accounts with their lots.
        quotes: Quotes by symbol.
        transactions: What happened in these accounts.
        history_from: By account, the first day that ``transactions`` covers completely, where it is known.

    Raises:
        DataError: A value that no file can hold, such as an open order, an amount below a cent or a name on two lines.
        UsageError: One of the files is already there, or the folder cannot be written.
    """
    transactions = tuple(sorted(transactions, key=lambda one: one.date))
    history_from = history_from or {}
    for account in accounts:
        if account.open_orders:
            reason = "it has open orders, which the files cannot hold"
            place = f"account {account.account}"
            raise DataError(reason, place=place, remedy="Cancel them first.", code="open_orders")
    meant = Contents(
        tuple(evolve(account, cash=Cash(account.cash.total)) for account in accounts),
        dict(quotes),
        transactions,
        dict(history_from),
    )
    texts = _texts(meant)
    # The reader is the judge of what is written, so that nothing is accepted here that it would refuse or take for another value.
    files = {file: text.encode() for file, text in texts.items()}
    if understand(files, {file: file for file in files}, today=dt.date.max) != meant:
        raise DataError("a name begins or ends with a space, or a quote is filed under another symbol", code="unwritable")
    add_files(folder, texts)


def _texts(contents: Contents) -> dict[str, str]:
    accounts = (
        (one.account, one.kind, _dollars(one.cash.total), _day(contents.history_from.get(one.account)), " ".join(one.reinvests))
        for one in contents.accounts
    )
    lots = (
        (account.account, lot.lot, lot.symbol, _number(lot.quantity), _day(lot.acquired), _dollars(lot.cost))
        for account in contents.accounts
        for lot in account.lots
    )
    quotes = ((one.symbol, "", _dollars(one.bid), _dollars(one.ask), _day(one.date)) for one in contents.quotes.values())
    transactions = (
        (
            *(one.account, _day(one.date), one.action, one.symbol),
            *(_quantity(one), _dollars(one.price), _dollars(one.fees)),
            *(one.order or "", one.lot or "", _day(one.acquired)),
        )
        for one in contents.transactions
    )
    rows: Mapping[str, Iterable[tuple[str, ...]]] = {
        ACCOUNTS.file: accounts,
        LOTS.file: lots,
        PRICES.file: quotes,
        TRANSACTIONS.file: transactions,
    }
    return {format.file: _table(format, rows[format.file]) for format in FORMATS}


def _table(format: Format, rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in format.columns)
    writer.writerows(rows)
    return text.getvalue()


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _quantity(one: Transaction) -> str:
    ratio = one.ratio
    return str(ratio) if ratio is not None and ratio != Fraction(one.quantity) else _number(one.quantity)


def _number(value: Decimal) -> str:
    return plain(trim(value))


def _dollars(value: Decimal | None) -> str:
    if value is None:
        return ""
    try:
        return plain(from_nanos(to_nanos(value)))
    except ValueError as problem:
        raise DataError(str(problem), place="amount in USD", code="too_fine") from None
