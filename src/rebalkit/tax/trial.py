"""What one purchase or one sale would wash, if it were made today: held against the whole history, in exact numbers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from rebalkit.model.history import Action
from rebalkit.model.lots import LotSale
from rebalkit.money import to_micros, to_nanos
from rebalkit.tax.ledger import Match, RealisedRow, build_ledger
from rebalkit.tax.trades import Trade
from rebalkit.tax.wash_view import WashView

__all__ = ["Trial", "trial_purchase", "trial_sale"]

_ID = "asked about"


@frozen
class Trial:
    """A trade that is only asked about.

    Attributes:
        symbol: Ticker.
        account: The account it would be made in.
        quantity: Shares.
        lots: Of a sale the lots.
        matches: The replacements that there would not be without it.
        rows: Of a sale in a taxable account what it would realise.
    """

    symbol: str
    account: str
    quantity: Decimal
    lots: tuple[LotSale, ...]
    matches: tuple[Match, ...]
    rows: tuple[RealisedRow, ...] = ()

    @property
    def washed(self) -> Fraction:
        """USD of loss that would be disallowed, 0 or more."""
        return sum((one.amount for one in self.matches), Fraction(0))

    @property
    def permanent(self) -> Fraction:
        """USD of it that would be lost for good, because an IRA buys."""
        return sum((one.amount for one in self.matches if one.permanent), Fraction(0))


def trial_purchase(view: WashView, symbol: str, quantity: Decimal) -> Trial:
    """Buying ``quantity`` shares today in the planned account of ``view``. At what price changes nothing.

    Only losses that the ledger knows are in it: not those of an order that is still open, of a sale whose basis is not on record, or of
    a sale that a promise tells of.
    """
    account = view.snapshot.account.account
    trade = Trade(_ID, view.snapshot.as_of, account, symbol, Action.BUY, to_micros(quantity))
    matches, _ = _with(view, trade)
    return Trial(symbol, account, quantity, (), tuple(one for one in matches if one.replacement_lot == _ID))


def trial_sale(view: WashView, symbol: str, bid: Decimal, lots: Iterable[LotSale]) -> Trial:
    """Selling today, in one order at ``bid``, shares of ``lots`` of the planned account of ``view``; no more than they hold."""
    account = view.snapshot.account.account
    sold = tuple(lots)
    parts = view.past.parts(account, [(one.lot, to_micros(one.quantity)) for one in sold])
    micros = sum([shares for _, shares in parts])
    trade = Trade(_ID, view.snapshot.as_of, account, symbol, Action.SELL, micros, to_nanos(bid), lots=parts)
    matches, rows = _with(view, trade)
    total = sum((one.quantity for one in sold), Decimal(0))
    return Trial(symbol, account, total, sold, tuple(one for one in matches if one.sale == _ID), rows)


def _with(view: WashView, trade: Trade) -> tuple[tuple[Match, ...], tuple[RealisedRow, ...]]:
    """Matches of the whole history with ``trade``, and what ``trade`` realises. Open orders that buy count as if they filled today."""
    ledger = build_ledger([*view.history([trade.symbol]), trade], view.past.accounts, view.policy)
    return ledger.matches, tuple(one for one in ledger.realised if one.sale == _ID)
