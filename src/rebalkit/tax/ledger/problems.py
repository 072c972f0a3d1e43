"""What a history cannot be, each with the trade that shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from rebalkit.errors import DataError
from rebalkit.money import MICRO, from_micros, plain
from rebalkit.tax.ledger.lots import Lot, Micros
from rebalkit.tax.trades import Trade

__all__ = ["no_such_lot", "oversold", "refused", "shown", "transfer_differs", "unlike_lots", "unlike_ratio", "unlike_splits"]


def refused(trade: Trade, reason: str, remedy: str, code: str) -> DataError:
    """``trade`` cannot be, for this ``reason``."""
    where = f"trade {trade.id} ({trade.date} {trade.action} {trade.symbol} in account {trade.account})"
    return DataError(reason, place=where, remedy=remedy, code=code)


def no_such_lot(trade: Trade, name: str, lot: Lot | None) -> DataError:
    """It names a lot that its account never had."""
    what = "is not there at that time" if lot is None else f"is of {lot.trade.symbol}"
    remedy = "Name a lot of that account by the trade that bought it, or leave the lots out for first in, first out."
    return refused(trade, f"lot {name!r} {what}", remedy, "unknown_lot")


def oversold(trade: Trade, where: str, wanted: Micros, held: Micros) -> DataError:
    """It takes more than there is."""
    remedy = (
        "Add what is missing before it: the purchase, or a `receive` with the basis as its price and the date on which the shares were "
        "acquired. Short sales are not supported."
    )
    return refused(trade, f"{shown(wanted)} shares leave, but {where} holds {shown(held)}", remedy, "oversold")


def transfer_differs(trade: Trade, reason: str) -> DataError:
    """What arrives is not what was sent."""
    return refused(
        trade, reason, "Give the basis of the received shares as their price, or correct the delivery.", "bad_transfer"
    )


def unlike_lots(trade: Trade) -> DataError:
    """The lots that a sale names come to more or fewer shares than it has, or one of them to none."""
    return refused(trade, "its lots do not add up to its quantity", "Correct the shares of each lot.", "bad_lots")


def unlike_ratio(trade: Trade) -> DataError:
    """Another account records the same split with another ratio."""
    return refused(trade, f"{trade.symbol} was split otherwise in another row of that day", "Correct the ratio.", "bad_split")


def unlike_splits(symbol: str, day: dt.date, accounts: Iterable[str]) -> DataError:
    """A split that not every account with shares saw."""
    missing = ", ".join(sorted(accounts))
    return DataError(
        f"{symbol} was split, but account {missing} held shares and has no row for it on that day",
        place=f"{day} split {symbol}",
        remedy="Add the split to each account that held the shares, on the same day.",
        code="unlike_splits",
    )


def shown(micros: Micros) -> str:
    """Micro-shares as shares, exactly where that has an end."""
    if isinstance(micros, int):
        return plain(from_micros(micros))
    shares = Fraction(micros) / MICRO
    return plain((Decimal(shares.numerator) / Decimal(shares.denominator)).normalize())
