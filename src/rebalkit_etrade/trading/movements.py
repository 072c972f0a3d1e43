"""What one row of the transactions did to the shares of an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from rebalkit.errors import DataError
from rebalkit.model import Action, Transaction, is_ticker
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import HistoryRow
from rebalkit_etrade.securities import SECURITIES

__all__ = ["MOVES", "moved", "reinvested_in"]

MOVES: Mapping[str, Action | None] = {
    **{one.value: one for one in (Action.BUY, Action.SELL, Action.REINVEST, Action.RECEIVE, Action.DELIVER)},
    "none": None,
}
"""What a person may say that a type of transactions does; ``none``: nothing that wash sales know of."""

_ACTIONS = {
    "bought": Action.BUY,
    "sold": Action.SELL,
    "dividend reinvestment": Action.REINVEST,
    "reinvestment": Action.REINVEST,
    "reinvest": Action.REINVEST,
    "exchange received in": Action.RECEIVE,
    "exchange delivered out": Action.DELIVER,
}
"""What each type that moves shares does. Types are as observed, in the API and in the files that the website lets a person download."""
_TRANSFERS = frozenset({"transfer", "online transfer", "journal"})
"""Types that move shares in or out by the sign of their quantity, or dollars where there is none."""
_DIVIDENDS = frozenset({"dividend", "qualified dividend", "capital gain", "long term capital gain", "short term capital gain"})
"""Types that pay in dollars. With shares and dollars that went out one of them is a purchase, as older files of the website have it."""


def moved(account: str, row: HistoryRow, moves: Mapping[str, Action | None]) -> Transaction | None:
    """The transaction, None for one that moved dollars only, or something that is not managed.

    Args:
        account: The account.
        row: The row.
        moves: What the person says of types that are not known here, by type, small letters.

    Raises:
        DataError: It moved shares in a way that is not known, or does not tell all that there is to tell.
    """
    place, shares = f"transaction {row.row} of {row.date}", abs(row.quantity or Decimal(0))
    kind = row.kind.lower()
    if row.security not in ("", *SECURITIES):
        raise unreadable(place, f"its securityType is {row.security!r}, which is not known")
    if row.security not in ("", "EQ") or (row.symbol is not None and not is_ticker(row.symbol)):
        return None
    if kind in moves:
        action = moves[kind]
        if action is None:
            return None
    else:
        action = _action(kind, row)
    if action is None and (not shares or kind in _DIVIDENDS):
        return None
    if row.symbol is None:
        raise unreadable(place, f"{row.kind} of {shares} shares names no security")
    if action is None:
        raise DataError(
            f"{row.kind!r} moved {shares} {row.symbol}, and what that means for wash sales is not known",
            place=f"E*TRADE, {place}",
            code="unknown_movement",
            remedy=f'Say it in the settings of the broker: moves = {{ "{kind}" = "…" }}, one of {", ".join(MOVES)}.',
        )
    if not shares:
        raise unreadable(place, f"{row.kind} of {row.symbol} tells no shares")
    priced = action in (Action.BUY, Action.SELL, Action.REINVEST)
    if priced and not row.price:
        raise unreadable(place, f"{row.kind} of {row.symbol} tells no price")
    return Transaction(account, row.date, action, row.symbol, shares, row.price if priced else None, abs(row.fee or Decimal(0)))


def _action(kind: str, row: HistoryRow) -> Action | None:
    """What it does; None for nothing, or for what is not known."""
    quantity = row.quantity or Decimal(0)
    if kind in _TRANSFERS and quantity:
        return Action.RECEIVE if quantity > 0 else Action.DELIVER
    if kind in _DIVIDENDS and quantity and row.amount < 0:
        return Action.REINVEST
    action = _ACTIONS.get(kind)
    # Orders buy whole shares only (observed): a fraction of a share is bought by a dividend.
    if action is Action.BUY and quantity % 1:
        return Action.REINVEST
    return action


def reinvested_in(rows: Iterable[HistoryRow]) -> tuple[str, ...]:
    """The symbols whose dividends are reinvested, as their transactions show."""
    return tuple(
        sorted(
            {
                row.symbol
                for row in rows
                if row.symbol and is_ticker(row.symbol) and _action(row.kind.lower(), row) is Action.REINVEST
            }
        )
    )
