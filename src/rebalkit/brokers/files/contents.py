"""What the four files say together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from rebalkit.brokers.files.formats import ACCOUNTS, LOTS, PRICES, TRANSACTIONS, Format
from rebalkit.brokers.files.problems import Problems, did_you_mean, shown
from rebalkit.brokers.files.table import Reading, Row, read_rows
from rebalkit.brokers.files.trades import as_transaction
from rebalkit.model import AccountSnapshot, Cash, Lot, Quote, Transaction

__all__ = ["Contents", "understand"]


@frozen
class Contents:
    """A folder, read.

    Attributes:
        accounts: The accounts with their lots, as the files order them.
        quotes: Quotes by symbol.
        transactions: Of all accounts, by date; those of one date as the file orders them.
        history_from: By account, the first day that its transactions cover completely, where accounts.csv says it.
        notes: Remarks for the person.
    """

    accounts: tuple[AccountSnapshot, ...]
    quotes: Mapping[str, Quote]
    transactions: tuple[Transaction, ...]
    history_from: Mapping[str, dt.date]
    notes: tuple[str, ...] = ()


def understand(files: Mapping[str, bytes], paths: Mapping[str, str], today: dt.date) -> Contents:
    """The contents of ``files`` (file name to bytes), of which ``transactions.csv`` may be missing.

    Args:
        files: The bytes of each file by its name.
        paths: What to call each file in a message, by its name.
        today: The day in New York; nothing may be dated later.

    Raises:
        DataError: Anything is wrong; all problems of all files at once.
    """
    return _Folder(files, paths, today).contents()


class _Folder:
    """One reading: the rows of each file against those of the others."""

    def __init__(self, files: Mapping[str, bytes], paths: Mapping[str, str], today: dt.date) -> None:
        self._files = files
        self._paths = paths
        self._problems = Problems()
        self._reading = Reading(today, self._problems, [])
        self._accounts: dict[str, dict[str, Any]] = {}
        self._accounts_known = True

    def contents(self) -> Contents:
        self._read_accounts()
        lots = self._read_lots()
        quotes = self._read_prices()
        transactions = self._read_transactions()
        self._problems.check()
        accounts = tuple(
            AccountSnapshot(
                account=name,
                kind=values["kind"],
                cash=Cash(values["cash"]),
                lots=tuple(lots.get(name, ())),
                reinvests=values["reinvests"],
            )
            for name, values in self._accounts.items()
        )
        history_from = {name: values["history_from"] for name, values in self._accounts.items() if values["history_from"]}
        return Contents(accounts, quotes, transactions, history_from, tuple(self._reading.notes))

    def _rows(self, format: Format, *, may_be_none: bool = False) -> Iterator[Row]:
        path, before, some = self._paths[format.file], self._problems.count, False
        for row in read_rows(format, path, self._files[format.file], self._reading):
            some = True
            yield row
        if not some and not may_be_none and self._problems.count == before:
            reason = "there is a header, but no row below it"
            self._problems.add(path, reason, line=2, remedy=f"Add one such as {format.example}.", code="no_rows")

    def _add(self, format: Format, row: Row, column: str, reason: str, remedy: str = "", *, code: str) -> None:
        self._problems.add(self._paths[format.file], reason, line=row.line, column=column, remedy=remedy, code=code)

    def _read_accounts(self) -> None:
        first: dict[str, int] = {}
        for row in self._rows(ACCOUNTS):
            name = row.values.get("account")
            if name is None:
                self._accounts_known = False
            elif name in first:
                reason = f"account {shown(name)} is already in line {first[name]}"
                self._add(ACCOUNTS, row, "account", reason, "Give each account one row.", code="duplicate_account")
            else:
                first[name] = row.line
                self._accounts[name] = row.values
        # Where the accounts could not all be read, whether an account exists cannot be said.
        self._accounts_known = self._accounts_known and bool(first)

    def _check_account(self, format: Format, row: Row) -> None:
        name = row.values.get("account")
        if name is not None and name not in self._accounts and self._accounts_known:
            reason = f"account {shown(name)} is not in {ACCOUNTS.file}"
            self._add(format, row, "account", reason, did_you_mean(name, self._accounts), code="unknown_account")

    def _read_lots(self) -> dict[str, list[Lot]]:
        lots: dict[str, list[Lot]] = {}
        first: dict[tuple[str, str], int] = {}
        for row in self._rows(LOTS, may_be_none=True):
            self._check_account(LOTS, row)
            values = row.values
            if "account" in values and "lot" in values:
                name = (values["account"], values["lot"])
                if name in first:
                    reason = f"lot {shown(name[1])} of account {shown(name[0])} is already in line {first[name]}"
                    self._add(LOTS, row, "lot", reason, "Give each lot its own name.", code="duplicate_lot")
                    continue
                first[name] = row.line
            if row.sound:
                lot = Lot(values["lot"], values["symbol"], values["quantity"], values["acquired"], values["cost"])
                lots.setdefault(values["account"], []).append(lot)
        return lots

    def _read_prices(self) -> dict[str, Quote]:
        quotes: dict[str, Quote] = {}
        first: dict[str, int] = {}
        for row in self._rows(PRICES):
            values = row.values
            symbol: str = values.get("symbol", "")
            if symbol in first:
                reason = f"{symbol} already has a price in line {first[symbol]}"
                self._add(PRICES, row, "symbol", reason, "Keep one row.", code="duplicate_price")
                continue
            if symbol:
                first[symbol] = row.line
            if not row.sound:
                continue
            price, bid, ask = values["price"], values["bid"], values["ask"]
            if price is not None and (bid is not None or ask is not None):
                reason = "there is a price and also a bid or an ask"
                self._add(PRICES, row, "price", reason, "Keep either the price or bid and ask.", code="ambiguous_price")
            elif price is not None:
                quotes[symbol] = Quote(symbol, price, price, values["date"])
            elif bid is None or ask is None:
                column = "price" if bid is ask else "bid" if bid is None else "ask"
                remedy = "Write the price, or bid and ask; a security without a price is left out."
                self._add(PRICES, row, column, "the cell is empty", remedy, code="empty_cell")
            elif ask < bid:
                reason = f"the ask of {ask} is below the bid of {bid}"
                self._add(PRICES, row, "ask", reason, "Are the two swapped?", code="bad_quote")
            else:
                quotes[symbol] = Quote(symbol, bid, ask, values["date"])
        return quotes

    def _read_transactions(self) -> tuple[Transaction, ...]:
        if TRANSACTIONS.file not in self._files:
            path = self._paths[TRANSACTIONS.file]
            self._reading.notes.append(f"{path}: there is no such file; the wash-sale rule sees no earlier trade")
            return ()
        found: list[Transaction] = []
        for row in self._rows(TRANSACTIONS, may_be_none=True):
            self._check_account(TRANSACTIONS, row)
            transaction = as_transaction(row, self._paths[TRANSACTIONS.file], self._problems)
            if transaction is not None:
                found.append(transaction)
        return tuple(sorted(found, key=lambda one: one.date))
