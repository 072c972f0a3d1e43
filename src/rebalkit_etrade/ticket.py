"""What can be ordered: shares at a limit, for the day, in regular hours, and for a sale the lots that they come from."""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import frozen

from rebalkit.errors import UsageError
from rebalkit.model import is_ticker

__all__ = ["OrderTicket"]

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,20}")
_CENT, _MIL = Decimal("0.01"), Decimal("0.0001")
"""Steps of prices from a dollar on, and below (SEC Rule 612, 17 CFR 242.612)."""


@frozen
class OrderTicket:
    """A limit order for shares, good for the day, in regular hours: all that this client can place.

    Attributes:
        client_id: 1 to 20 letters and digits, unique in the account, the same for preview and place (documented).
        action: BUY or SELL.
        symbol: Ticker.
        quantity: Whole shares, or for a sale of a whole position all of it.
        limit: USD per share, whole cents from a dollar on.
        lots: For a sale the ids of lots and the shares to take from each, in sum ``quantity``; none leave the choice to the account.

    Raises:
        UsageError: Something that no order can be.
    """

    client_id: str
    action: str
    symbol: str
    quantity: Decimal
    limit: Decimal
    lots: tuple[tuple[int, Decimal], ...] = ()

    def __attrs_post_init__(self) -> None:
        ids = [lot for lot, _ in self.lots]
        sizes = [shares for _, shares in self.lots]
        if not all(one.is_finite() for one in (self.quantity, self.limit, *sizes)):
            raise _never("an amount is no number")
        wrong = {
            "client_id: it is 1 to 20 letters and digits": not _CLIENT_ID.fullmatch(self.client_id),
            "action: it is BUY or SELL": self.action not in ("BUY", "SELL"),
            f"symbol: {self.symbol!r} is no ticker": not is_ticker(self.symbol),
            "quantity: it is above 0": not self.quantity > 0,
            "quantity: only whole shares can be bought": self.action == "BUY" and self.quantity % 1 != 0,
            "limit: it is above 0, in whole cents from a dollar on": not self.limit > 0
            or self.limit % (_CENT if self.limit >= 1 else _MIL) != 0,
            "lots: only a sale names lots": self.action == "BUY" and bool(self.lots),
            "lots: each is named once, with shares above 0": len(set(ids)) != len(ids) or any(not one > 0 for one in sizes),
            f"lots: they add up to {sum(sizes)} shares instead of {self.quantity}": bool(sizes) and sum(sizes) != self.quantity,
        }
        for reason, it_is in wrong.items():
            if it_is:
                raise _never(reason)


def _never(reason: str) -> UsageError:
    return UsageError(reason, place="order", code="bad_order", remedy="Nothing was sent.")
