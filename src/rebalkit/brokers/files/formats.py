"""The four files of a folder: their columns, what a cell holds, and what an empty one means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from rebalkit.brokers.files import cells
from rebalkit.model import AccountKind, Action

__all__ = ["ACCOUNTS", "FORMATS", "LOTS", "NOT_EMPTY", "PRICES", "TRANSACTIONS", "Column", "Format"]

NOT_EMPTY: Any = object()
"""In `Column.empty`: an empty cell has no value."""


@frozen
class Column:
    """A column.

    Attributes:
        name: Its name in the header.
        parse: Makes the value of a cell that is not empty; raises `BadCell`.
        meaning: What it holds, for the person who fills it in.
        required: Whether the file must have it.
        empty: The value of an empty cell and of a column that is not there; NOT_EMPTY where a cell must not be empty.
    """

    name: str
    parse: Callable[[str], Any]
    meaning: str
    required: bool = True
    empty: Any = NOT_EMPTY


@frozen
class Format:
    """A file.

    Attributes:
        file: Its name.
        columns: The columns that are read; others are ignored.
        either: Sets of columns of which the file must have one in full; empty when there is no such choice.
        example: A row as a person would write it, shown when there is none.
    """

    file: str
    columns: tuple[Column, ...]
    example: str
    either: tuple[tuple[str, ...], ...] = ()


ACCOUNTS = Format(
    "accounts.csv",
    (
        Column("account", cells.name, "Your name for the account, up to 64 characters; each account once."),
        Column("kind", cells.choice(AccountKind, "a kind of account"), f"One of {', '.join(AccountKind)}."),
        Column("cash", cells.cash, "Cash in USD, in whole cents; negative with a minus sign. Empty = 0.", empty=cells.cash("0")),
        Column(
            "history_from",
            cells.day,
            "First day from which transactions.csv has every transaction of the account. Empty = not known.",
            required=False,
            empty=None,
        ),
        Column(
            "reinvests",
            cells.symbols,
            "Symbols whose dividends the broker reinvests, with spaces between them. Empty = none known.",
            required=False,
            empty=(),
        ),
    ),
    "main,taxable,1000.00",
)

LOTS = Format(
    "lots.csv",
    (
        Column("account", cells.name, "The account, as in accounts.csv."),
        Column("lot", cells.name, "Your name for the lot, up to 64 characters; unique in its account."),
        Column("symbol", cells.symbol, "Ticker in capitals."),
        Column("quantity", cells.shares, "Shares, above 0, with at most 6 decimals."),
        Column("acquired", cells.day, "Trade date of the purchase, YYYY-MM-DD. Empty = unknown: not sold by itself.", empty=None),
        Column(
            "cost",
            cells.amount,
            "Total cost basis of the lot in USD (not per share), fees included. Empty = unknown: not sold by itself.",
            empty=None,
        ),
    ),
    "main,VOO-1,VOO,10,2024-03-01,4700.00",
)

PRICES = Format(
    "prices.csv",
    (
        Column("symbol", cells.symbol, "Ticker in capitals; each symbol once."),
        Column("price", cells.price, "USD per share, above 0, for selling and buying alike.", required=False, empty=None),
        Column("bid", cells.price, "USD per share that a sale fetches, instead of price.", required=False, empty=None),
        Column("ask", cells.price, "USD per share that a purchase costs, not below bid.", required=False, empty=None),
        Column("date", cells.day, "Day of the price, YYYY-MM-DD. Empty = not known.", required=False, empty=None),
    ),
    "VOO,470.25",
    either=(("price",), ("bid", "ask")),
)

TRANSACTIONS = Format(
    "transactions.csv",
    (
        Column("account", cells.name, "The account, as in accounts.csv."),
        Column("date", cells.day, "Trade date, YYYY-MM-DD."),
        Column("action", cells.choice(Action, "an action"), f"One of {', '.join(Action)}."),
        Column("symbol", cells.symbol, "Ticker in capitals."),
        Column(
            "quantity",
            cells.quantity,
            "Shares, above 0 for a sale too, with at most 6 decimals; for a split the new shares that each old share becomes, such as "
            "2 or 1/3.",
        ),
        Column(
            "price",
            cells.price,
            f"USD per share, above 0; for {Action.RECEIVE} the basis. "
            f"May be empty for {Action.RECEIVE}, {Action.DELIVER} and {Action.SPLIT} only.",
            empty=None,
        ),
        Column("fees", cells.amount, "USD, 0 or more. Empty = 0.", empty=cells.amount("0")),
        Column("order", cells.name, "The broker's order id; fills of one order are one purchase.", required=False, empty=None),
        Column("lot", cells.name, "The lot bought or sold.", required=False, empty=None),
        Column(
            "acquired",
            cells.day,
            f"Only for {Action.RECEIVE}: the day on which the shares were really acquired, YYYY-MM-DD. Empty = date.",
            required=False,
            empty=None,
        ),
    ),
    "main,2024-03-01,buy,VOO,10,470.00,0.00",
)

FORMATS = (ACCOUNTS, LOTS, PRICES, TRANSACTIONS)
