"""Positions and their lots."""

from __future__ import annotations

from decimal import Decimal

from rebalkit_etrade.reading.fields import Fields, letters, unreadable
from rebalkit_etrade.records import Position, PositionLot

__all__ = ["lots_in", "positions_in"]

_VIEWS = ("Quick", "Performance", "Fundamental", "Complete")
"""The block of each view; an answer has that of the one that was asked for (documented)."""


def positions_in(answer: Fields) -> tuple[tuple[Position, ...], str, int | None]:
    """The positions of one page of a ``PortfolioResponse``.

    Returns:
        The positions, the number of the next page, empty on the last one, and how many pages there are, None where it does not say.
    """
    portfolios = answer.many("AccountPortfolio")
    following = sorted({one.label("nextPageNo") for one in portfolios} - {""})
    if len(following) > 1:
        raise unreadable(answer.place, f"it is followed by several pages: {', '.join(following)}")
    positions = tuple(_position(one) for portfolio in portfolios for one in portfolio.many("Position"))
    # One name is documented, the other one was seen.
    names = ("totalPages", "totalNoOfPages")
    pages = [number for one in portfolios for name in names if (number := one.whole_or_none(name)) is not None]
    return positions, following[0] if following else "", max(pages, default=None)


def _position(one: Fields) -> Position:
    product, quantity = one.one("Product"), one.amount("quantity")
    kind = one.text("positionType").upper()
    if kind not in ("LONG", "SHORT"):
        raise unreadable(one.place, f"positionType is {kind!r}, neither LONG nor SHORT")
    if quantity and (quantity < 0) != (kind == "SHORT"):
        raise unreadable(one.place, f"a quantity of {quantity} cannot be {kind}")
    number, symbol = one.whole("positionId"), product.text("symbol").upper()
    security, shown = product.text("securityType").upper(), one.text_or("symbolDescription").upper()
    # Of a share it is the ticker once more (observed); what has spaces is a name.
    if security == "EQ" and shown and " " not in shown and letters(shown) != letters(symbol):
        raise unreadable(one.place, f"it is of {symbol} and of {shown} at once")
    return Position(
        position=number,
        symbol=symbol,
        security=security,
        sub_type=product.text_or("securitySubType").upper(),
        long=kind == "LONG",
        quantity=quantity,
        acquired=one.day_or_none("dateAcquired"),
        price_paid=one.amount_or_none("pricePaid"),
        total_cost=one.amount_or_none("totalCost"),
        market_value=one.amount_or_none("marketValue"),
        lots=lots_in(one, number) if one.has("PositionLot") else None,
        details=next((one.one(name).plain() for name in _VIEWS if one.has(name)), {}),
    )


def lots_in(answer: Fields, position: int) -> tuple[PositionLot, ...]:
    """The lots of a ``PositionLotsResponse``, or of a position that has them inside, all of ``position``."""
    found = tuple(_lot(one, position) for one in answer.many("PositionLot"))
    if len({one.lot for one in found}) != len(found):
        raise unreadable(answer.place, "two lots have the same positionLotId")
    return found


def _lot(one: Fields, position: int) -> PositionLot:
    if one.whole("positionId") != position:
        raise unreadable(one.place, f"it is of position {one.whole('positionId')}, not of {position}")
    quantity = one.amount("remainingQty")
    available = one.amount_or_none("availableQty")
    price = one.amount_or_none("price")
    if quantity < 0 or (available or Decimal(0)) < 0 or (price or Decimal(0)) < 0:
        raise unreadable(one.place, "a lot has less than nothing of something")
    return PositionLot(
        lot=one.whole("positionLotId"),
        position=position,
        quantity=quantity,
        available=available,
        acquired=one.day_or_none("acquiredDate"),
        price=price,
        total_cost=one.amount_or_none("totalCost"),
    )
