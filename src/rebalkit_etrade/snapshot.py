"""One account as it is at one moment: what is read first is read again at the end, and a change in between is no snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import DataError
from rebalkit.model import AccountKind, AccountSnapshot, Lot
from rebalkit_etrade.cash import cash_in
from rebalkit_etrade.client import Client
from rebalkit_etrade.listing import open_orders_in
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import Position, PositionLot
from rebalkit_etrade.tickers import SECURITIES, is_ticker

__all__ = ["Reader"]

_ORDER_DAYS = 180
"""Days back in which an order that is still open may have been placed: good-until-cancelled orders end after 60 (general terms)."""


_FINE = Decimal("0.0001")
"""USD: as fine as E*TRADE tells the cost of a lot (observed)."""


@frozen
class Reader:
    """Reads one account.

    Attributes:
        client: Asks E*TRADE.
        account: The account's number.
        key: Its key.
        kind: How it is taxed.
    """

    client: Client
    account: str
    key: str
    kind: AccountKind

    def read(self, today: dt.date, symbols: Collection[str] | None = None) -> tuple[AccountSnapshot, Sequence[str]]:
        """The account with all its lots, or those of ``symbols``, and remarks on what else it holds.

        Raises:
            DataError: It changed while it was read, twice in a row, or its lots do not add up to its positions.
        """
        problem: DataError | None = None
        for _ in range(2):
            try:
                return self._at_one_moment(today, symbols)
            except _Changed as changed:
                problem = changed.problem
        assert problem is not None
        raise problem

    def _at_one_moment(self, today: dt.date, symbols: Collection[str] | None) -> tuple[AccountSnapshot, Sequence[str]]:
        before = self.client.portfolio(self.key)
        managed, notes = self._sorted(before)
        lots: list[Lot] = []
        for position in managed:
            if symbols is None or position.symbol in symbols:
                lots += self._lots_of(position, self.client.lots(self.key, position.position))
        balance = self.client.balance(self.key)
        cash = cash_in(balance)
        if not before and balance.total_value is not None and balance.total_value - cash.total >= 1:
            # A list that lacks everything looks like that of an empty account.
            raise _Changed(
                self._contradiction(f"it shows no positions, but is worth {balance.total_value} USD", "positions_missing")
            )
        listed = self.client.orders(self.key, today - dt.timedelta(days=_ORDER_DAYS), today + dt.timedelta(days=1))
        if _held(self.client.portfolio(self.key)) != _held(before):
            raise _Changed(self._contradiction("its positions changed while they were read", "account_changing"))
        return AccountSnapshot(self.account, self.kind, cash, tuple(lots), open_orders_in(listed)), notes

    def _sorted(self, positions: Sequence[Position]) -> tuple[list[Position], list[str]]:
        """The positions that can be traded, and remarks on the others."""
        managed, notes = [], []
        for one in positions:
            if one.security not in SECURITIES:
                raise unreadable(f"position {one.symbol}", f"its securityType is {one.security!r}, which is not known")
            if one.security == "EQ" and one.long and is_ticker(one.symbol):
                managed.append(one)
            else:
                what = "owed" if not one.long else f"of the kind {one.security}"
                notes.append(
                    f"account …{self.account[-4:]} holds {one.quantity} {one.symbol} {what}: it is not managed, and not counted"
                )
        return managed, notes

    def _lots_of(self, position: Position, lots: Sequence[PositionLot]) -> list[Lot]:
        total = sum((one.quantity for one in lots), Decimal(0))
        if total != position.quantity:
            reason = f"its lots of {position.symbol} add up to {total} shares, but its position is {position.quantity}"
            raise _Changed(self._contradiction(reason, "lots_differ"))
        return [_lot(position.symbol, one) for one in lots if one.quantity]

    def _contradiction(self, reason: str, code: str) -> DataError:
        return DataError(
            reason,
            place=f"E*TRADE, account …{self.account[-4:]}",
            code=code,
            remedy="It was read twice. Try again in a few minutes; E*TRADE may still be booking a trade.",
        )


class _Changed(Exception):
    """What was read does not fit together; once more may help."""

    def __init__(self, problem: DataError) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _held(positions: Sequence[Position]) -> dict[int, Decimal]:
    return {one.position: one.quantity for one in positions}


def _lot(symbol: str, one: PositionLot) -> Lot:
    """A price of nothing stands for an unknown one, as shares from elsewhere have it."""
    cost = (one.price * one.quantity).quantize(_FINE) if one.price else None
    return Lot(str(one.lot), symbol, one.quantity, one.acquired, cost)
