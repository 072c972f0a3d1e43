"""The rows of transactions.csv as transactions: whether quantity, price and dates fit the action."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from rebalkit.brokers.files.formats import TRANSACTIONS
from rebalkit.brokers.files.problems import Problems
from rebalkit.brokers.files.table import Reading, Row, read_rows
from rebalkit.model import Action, Transaction
from rebalkit.model.history import split_quantity
from rebalkit.money import to_micros

__all__ = ["as_transaction", "is_transactions", "read_transactions"]


def as_transaction(row: Row, path: str, problems: Problems) -> Transaction | None:
    """The transaction of ``row`` of the file ``path``; None when it is none, with the reasons added to ``problems``."""
    if not row.sound:
        return None
    action: Action = row.values["action"]
    before = problems.count

    def add(column: str, reason: str, remedy: str = "", *, code: str) -> None:
        problems.add(path, reason, line=row.line, column=column, remedy=remedy, code=code)

    quantity = row.values["quantity"]
    if isinstance(quantity, Fraction):
        if action is not Action.SPLIT:
            remedy = "Write shares as a number with up to 6 decimals."
            add("quantity", f"{quantity} is a fraction, which only a {Action.SPLIT} has", remedy, code="bad_number")
            return None
        quantity = split_quantity(quantity.numerator, quantity.denominator)
    elif action is not Action.SPLIT:
        try:
            to_micros(quantity)
        except ValueError as problem:
            add("quantity", str(problem), code="too_fine")
    if row.values["price"] is None and action not in (Action.RECEIVE, Action.DELIVER, Action.SPLIT):
        add("price", f"the cell is empty, but a {action} has a price", "Write USD per share.", code="empty_cell")
    acquired = row.values["acquired"]
    if acquired is not None and action is not Action.RECEIVE:
        add("acquired", f"a {action} has no other day of acquisition", f"Only a {Action.RECEIVE} has one.", code="bad_date")
    elif acquired is not None and acquired > row.values["date"]:
        add("acquired", f"{acquired} is after the day of receipt, {row.values['date']}", "Correct one of them.", code="bad_date")
    return Transaction(**{**row.values, "quantity": quantity}) if problems.count == before else None


def is_transactions(text: str) -> bool:
    """Whether ``text`` begins with a header of transactions.csv: all the columns that the file must have."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    titles = {title.strip().strip('"').casefold() for title in header.split(",")}
    return {column.name for column in TRANSACTIONS.columns if column.required} <= titles


def read_transactions(path: str, data: bytes, today: dt.date) -> tuple[tuple[Transaction, ...], tuple[str, ...]]:
    """The transactions of a file in the format of transactions.csv, by date, and remarks for the person.

    Raises:
        DataError: Anything is wrong; all problems at once.
    """
    reading = Reading(today, Problems(), [])
    rows = [as_transaction(row, path, reading.problems) for row in read_rows(TRANSACTIONS, path, data, reading)]
    reading.problems.check()
    return tuple(sorted((one for one in rows if one is not None), key=lambda one: one.date)), tuple(reading.notes)
