"""Small paper books to trade in."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Cash,
    Lot,
    LotSale,
    OrderRequest,
    OrderStatus,
    Placed,
    Quote,
    Refused,
    Side,
)
from rebalkit_paper import FillRules, PaperBroker, PaperSettings, create_book

TUESDAY = dt.date(2025, 4, 8)
NAME = "test"

LOTS = (
    Lot("new", "AAA", Decimal(10), dt.date(2025, 1, 6), Decimal("1000.00")),
    Lot("old", "AAA", Decimal(5), dt.date(2020, 1, 6), Decimal("300.01")),
    Lot("strange", "AAA", Decimal(4), None, None),
    Lot("dust", "BBB", Decimal("7.5"), dt.date(2021, 3, 1), Decimal("75.00")),
)
QUOTES = {
    "AAA": Quote("AAA", Decimal("99.00"), Decimal("100.00")),
    "BBB": Quote("BBB", Decimal("9.99"), Decimal("10.00")),
    "TINY": Quote("TINY", Decimal("0.50"), Decimal("0.51")),
}

_ids = itertools.count(1)


def paper_broker(
    *,
    cash: str = "1000.00",
    today: dt.date = TUESDAY,
    lots: Iterable[Lot] = LOTS,
    quotes: Mapping[str, Quote] = QUOTES,
    name: str = NAME,
    **fills: Any,
) -> PaperBroker:
    """A broker over a new book with the accounts "main" and "ira"."""
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(Decimal(cash)), tuple(lots))
    ira = AccountSnapshot("ira", AccountKind.IRA, Cash(Decimal(500)))
    create_book(name, [main, ira], quotes, today, fills=FillRules(**fills), overwrite=True)
    return PaperBroker(PaperSettings(name))


def buy(symbol: str, quantity: str, limit: str | None = None, **changes: Any) -> OrderRequest:
    return _request(Side.BUY, symbol, quantity, limit, **changes)


def sell(
    symbol: str, quantity: str, limit: str | None = None, lots: Mapping[str, str] | None = None, **changes: Any
) -> OrderRequest:
    sales = tuple(LotSale(lot, Decimal(shares)) for lot, shares in (lots or {}).items())
    return _request(Side.SELL, symbol, quantity, limit, lots=sales, **changes)


def _request(side: Side, symbol: str, quantity: str, limit: str | None, **changes: Any) -> OrderRequest:
    values = {"client_id": f"c{next(_ids)}", "lots": (), **changes}
    return OrderRequest(
        side=side, symbol=symbol, quantity=Decimal(quantity), limit=None if limit is None else Decimal(limit), **values
    )


def traded(broker: PaperBroker, request: OrderRequest, account: str = "main") -> OrderStatus:
    """How ``request`` stands after it was previewed and placed."""
    placed = broker.place(account, broker.preview(account, request))
    assert isinstance(placed, Placed), placed
    return next(one for one in broker.orders(account, dt.date.min) if one.order == placed.order)


def refused(broker: PaperBroker, request: OrderRequest, account: str = "main") -> Refused:
    """The refusal of ``request``, which passes its preview."""
    answer = broker.place(account, broker.preview(account, request))
    assert isinstance(answer, Refused), answer
    return answer
