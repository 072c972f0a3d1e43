"""One account as it is at one moment: what is read first is read again at the end, and a change in between is no snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import DataError
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, is_ticker
from rebalkit.plugin import steps
from rebalkit_etrade.client import Client
from rebalkit_etrade.records import Account, Balance, Position, PositionLot
from rebalkit_etrade.redaction import named
from rebalkit_etrade.securities import SECURITIES
from rebalkit_etrade.trading.belonging import refuse_another
from rebalkit_etrade.trading.cash import cash_in
from rebalkit_etrade.trading.listing import ORDER_DAYS, open_orders_in, others_open_in

__all__ = ["Found", "Reader"]

_FINE = Decimal("0.0001")
"""USD: as fine as E*TRADE tells the cost of a lot (observed)."""


@frozen
class Found:
    """What an account holds.

    Attributes:
        account: What is managed.
        others: Shares or units of what is not, by symbol.
        notes: What is not, in words.
    """

    account: AccountSnapshot
    others: Mapping[str, Decimal]
    notes: Sequence[str]


@frozen
class Reader:
    """Reads one account.

    Attributes:
        client: Asks E*TRADE.
        account: The account.
        kind: How it is taxed.
        not_managed: Kinds of securities that the person wants to be left alone, beside the known ones.
    """

    client: Client
    account: Account
    kind: AccountKind
    not_managed: frozenset[str] = frozenset()

    def read(self, today: dt.date, symbols: Collection[str] | None = None) -> Found:
        """The account with all its lots, or those of ``symbols``, and what else it holds.

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

    def _at_one_moment(self, today: dt.date, symbols: Collection[str] | None) -> Found:
        key = self.account.key
        before = self.client.portfolio(key)
        managed, others = self._sorted(before)
        lots: list[Lot] = []
        wanted = [one for one in managed if symbols is None or one.symbol in symbols]
        for position in steps(f"reading lots of {self._name}", wanted):
            lots += self._lots_of(position, self.client.lots(key, position.position))
        balance = self.client.balance(key)
        refuse_another(self.account.account_id, balance.account_id, "balance")
        cash = cash_in(balance, self.account.mode)
        if not before and _is_worth_more(balance, cash):
            # A list that lacks everything looks like that of an empty account.
            raise _Changed(
                self._contradiction(f"it shows no positions, but is worth {balance.total_value} USD", "positions_missing")
            )
        listed = self.client.orders(key, today - ORDER_DAYS, today + dt.timedelta(days=1))
        if _held(self.client.portfolio(key)) != _held(before):
            raise _Changed(self._contradiction("its positions changed while they were read", "account_changing"))
        notes = [
            *map(self._note, others),
            *(f"{self._name} has an open {one}: its cash is not counted" for one in others_open_in(listed)),
        ]
        account = AccountSnapshot(self.account.account_id, self.kind, cash, tuple(lots), open_orders_in(listed))
        units: dict[str, Decimal] = {}
        for one in others:
            if one.security == "OPTN":  # its symbol is that of what it is on
                continue
            units[one.symbol] = units.get(one.symbol, Decimal(0)) + one.quantity
        return Found(account, units, notes)

    def _sorted(self, positions: Sequence[Position]) -> tuple[list[Position], list[Position]]:
        """The positions that can be traded, and the others."""
        managed: list[Position] = []
        others: list[Position] = []
        for one in positions:
            if one.security not in SECURITIES | self.not_managed:
                raise DataError(
                    f"the position {one.symbol} is of the kind {one.security!r}, which is not known",
                    place=f"E*TRADE, {self._name}",
                    code="unknown_security",
                    remedy=f'To leave such positions alone say so in the settings of the broker: not_managed = ["{one.security}"].',
                )
            (managed if one.security == "EQ" and one.long and is_ticker(one.symbol) else others).append(one)
        return managed, others

    def _note(self, one: Position) -> str:
        what = "owed" if not one.long else f"of the kind {one.security}"
        return f"{self._name} holds {one.quantity} {one.symbol} {what}: it is not managed, and not counted"

    @property
    def _name(self) -> str:
        return f"{named(self.account.account_id)}"

    def _lots_of(self, position: Position, lots: Sequence[PositionLot]) -> list[Lot]:
        total = sum((one.quantity for one in lots), Decimal(0))
        if total != position.quantity:
            reason = f"its lots of {position.symbol} add up to {total} shares, but its position is {position.quantity}"
            raise _Changed(self._contradiction(reason, "lots_differ"))
        return [_lot(position.symbol, one) for one in lots if one.quantity]

    def _contradiction(self, reason: str, code: str) -> DataError:
        return DataError(
            reason,
            place=f"E*TRADE, {self._name}",
            code=code,
            remedy="It was read twice. Try again in a few minutes; E*TRADE may still be booking a trade.",
        )


class _Changed(Exception):
    """What was read does not fit together; once more may help."""

    def __init__(self, problem: DataError) -> None:
        self.problem = problem


def _is_worth_more(balance: Balance, cash: Cash) -> bool:
    """Whether the account is worth more than any of the amounts that are its cash."""
    amounts = (cash.total, balance.cash_balance, balance.net_cash)
    most = max(one for one in amounts if one is not None)
    return balance.total_value is not None and balance.total_value - most >= 1


def _held(positions: Sequence[Position]) -> dict[int, Decimal]:
    return {one.position: one.quantity for one in positions}


def _lot(symbol: str, one: PositionLot) -> Lot:
    """A price of nothing stands for an unknown one, as shares from elsewhere have it."""
    cost = (one.price * one.quantity).quantize(_FINE) if one.price else None
    return Lot(str(one.lot), symbol, one.quantity, one.acquired, cost)
