"""The files broker: reads a folder once, answers from what it read, and takes no orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from attrs import frozen

from rebalkit.brokers.files.contents import Contents
from rebalkit.brokers.files.folder import read_folder
from rebalkit.brokers.files.problems import did_you_mean, shown
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import BrokerError, DataError
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    OrderPreview,
    OrderRequest,
    OrderStatus,
    PlaceResult,
    Quote,
    Refused,
    Transaction,
)
from rebalkit.plugin import BrokerCapabilities

__all__ = ["CAPABILITIES", "FilesBroker", "FilesSettings"]

CAPABILITIES = BrokerCapabilities(live=False, places_orders=False)
"""A folder moves no money. Purchases are in whole shares; a sale may be of any fraction, as a position may hold one."""

_TICKET = "Enter them at your broker by hand: executing the plan writes an order ticket."


@frozen
class FilesSettings:
    """Settings of the files broker.

    Attributes:
        folder: Path of the folder with accounts.csv, lots.csv, prices.csv and transactions.csv; ``~`` is the home folder.
    """

    folder: str


class FilesBroker:
    """A broker over a folder of CSV files (see `rebalkit.brokers.files.formats`).

    The files are read together at the first question, and never again, so that all answers are of one moment.

    Args:
        settings: Where the folder is.
        today: Says which day it is in New York.
    """

    def __init__(self, settings: FilesSettings, today: Callable[[], dt.date] = today_in_new_york) -> None:
        self._folder = settings.folder
        self._clock = today

    @property
    def capabilities(self) -> BrokerCapabilities:
        """It reads; it takes no orders."""
        return CAPABILITIES

    def today(self) -> dt.date:
        """Today in New York."""
        return self._clock()

    @cached_property
    def _contents(self) -> Contents:
        return read_folder(self._folder, self._clock())

    @cached_property
    def _accounts(self) -> Mapping[str, AccountSnapshot]:
        return {one.account: one for one in self._contents.accounts}

    def _account(self, name: str) -> AccountSnapshot:
        if name not in self._accounts:
            raise DataError(
                f"there is no account {shown(name)}, only {', '.join(self._accounts)}",
                place=str(Path(self._folder) / "accounts.csv"),
                remedy=did_you_mean(name, self._accounts),
                code="unknown_account",
            )
        return self._accounts[name]

    def accounts(self) -> Sequence[AccountRef]:
        """All accounts of accounts.csv, in its order. Raises DataError with every problem of the folder, as all readings do."""
        return tuple(AccountRef(one.account, one.kind) for one in self._contents.accounts)

    def snapshot(self, account: str) -> AccountSnapshot:
        """The account with its lots and cash; all cash counts as settled. Raises DataError for an account that is not there."""
        return self._account(account)

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes of those ``symbols`` that prices.csv has."""
        known = self._contents.quotes
        return {symbol: known[symbol] for symbol in symbols if symbol in known}

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """Rows of transactions.csv of ``account`` from ``since`` on, oldest first, those of one day in the order of the file."""
        name = self._account(account).account
        return tuple(one for one in self._contents.transactions if one.account == name and one.date >= since)

    def history(self) -> Sequence[Transaction]:
        """All rows of transactions.csv, oldest first, those of one day in the order of the file, whatever their accounts."""
        return self._contents.transactions

    def history_from(self, account: str) -> dt.date | None:
        """What accounts.csv says; None when it does not, since rows alone do not show that none is missing."""
        return self._contents.history_from.get(self._account(account).account)

    def notes(self) -> Sequence[str]:
        """Ignored columns, and a missing transactions.csv."""
        return self._contents.notes

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """Raises BrokerError: nobody would take the order."""
        self._refuse(account)

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Refused: nobody would take the order."""
        return Refused("places_no_orders", f"A folder of files takes no orders. {_TICKET}")

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """None at all."""
        return ()

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Raises BrokerError: there is no order to cancel."""
        self._refuse(account)

    def _refuse(self, account: str) -> NoReturn:
        reason = "a folder of files takes no orders"
        raise BrokerError(reason, place=f"account {account}", remedy=_TICKET, code="places_no_orders")
