"""E*TRADE's API as typed calls, each of which asks once and says what it was told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from typing import Literal, Protocol, TypeVar
from urllib.parse import quote

from rebalkit.errors import UsageError
from rebalkit_etrade.answers import Answer, EtradeError, document
from rebalkit_etrade.bodies import cancel_body, place_body, preview_body
from rebalkit_etrade.reading.accounts import accounts_in, balance_in
from rebalkit_etrade.reading.fields import Fields, unreadable
from rebalkit_etrade.reading.history import rows_in
from rebalkit_etrade.reading.orders import cancelled_in, orders_in, placed_in, preview_in
from rebalkit_etrade.reading.portfolio import lots_in, positions_in
from rebalkit_etrade.reading.quotes import found_in, quotes_in
from rebalkit_etrade.records import (
    Account,
    Balance,
    CancelAnswer,
    HistoryRow,
    ListedOrder,
    PlaceAnswer,
    Position,
    PositionLot,
    PreviewAnswer,
    QuoteRow,
)
from rebalkit_etrade.ticket import OrderTicket

__all__ = ["Client", "Wire"]

T = TypeVar("T")
View = Literal["QUICK", "PERFORMANCE", "FUNDAMENTAL", "COMPLETE"]

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SYMBOLS = 25
"""Symbols of one request of quotes (documented)."""
_ROWS = 50
"""Transactions of one page, the most there may be (documented)."""
_ORDERS = 100
"""Orders of one page, the most there may be (documented)."""
_POSITIONS = 50
"""Positions of one page, as many as E*TRADE gives unasked (documented)."""
_MOST_PAGES = 1000


class Wire(Protocol):
    """What carries requests: signed, at a polite pace, each only to the host that it was made for."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask. Raises BrokerError of the code ``unreachable`` without an answer, LoginRequired when the session is over."""
        ...

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        """Send a body, exactly once. Raises as `get`; then nobody knows whether it arrived."""
        ...

    def ready(self) -> None:
        """See that the session holds, so that `send` will not find it over. Raises LoginRequired when it does not."""
        ...

    def moment(self) -> dt.datetime | None:
        """What time it is at E*TRADE, by its last answer; None before the first one."""
        ...


class Client:
    """E*TRADE's API.

    Args:
        wire: Carries the requests.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def moment(self) -> dt.datetime | None:
        """What time it is at E*TRADE, by its last answer; None before the first one."""
        return self._wire.moment()

    def accounts(self) -> tuple[Account, ...]:
        """All accounts of the customer, closed ones included. Raises DataError when there is none."""
        found = self._asked("/v1/accounts/list.json", "AccountListResponse", none_found=True)
        if found is None:
            raise unreadable("accounts", "the customer has no accounts")
        return accounts_in(found)

    def balance(self, key: str) -> Balance:
        """The cash of an account."""
        query = {"instType": "BROKERAGE", "realTimeNAV": "true"}
        found = self._asked(f"/v1/accounts/{_named(key)}/balance.json", "BalanceResponse", query)
        assert found is not None
        return balance_in(found)

    def portfolio(self, key: str, *, view: View = "QUICK", lots: bool = False) -> tuple[Position, ...]:
        """All positions of an account, of all pages.

        Args:
            key: The account's key.
            view: What E*TRADE tells of each of them beside (documented): the ``details`` of a position.
            lots: Ask for the lots, too. That is documented, and nobody has been seen using it: `Client.lots` is the sure way.
        """
        positions: list[Position] = []
        page = "1"
        for _ in range(_MOST_PAGES):
            query = {"count": str(_POSITIONS), "pageNumber": page}
            query |= ({} if view == "QUICK" else {"view": view}) | ({"lotsRequired": "true"} if lots else {})
            found = self._asked(f"/v1/accounts/{_named(key)}/portfolio.json", "PortfolioResponse", query, none_found=True)
            more, following, pages = ((), "", None) if found is None else positions_in(found)
            positions += more
            if page != "1" and not more:
                raise unreadable("portfolio", f"page {page} was promised, and is empty")
            if not following and pages is not None and pages > int(page):
                raise unreadable("portfolio", f"page {page} of {pages} says that it is the last one")
            if not following and pages is None and len(more) >= _POSITIONS and self._goes_on(key, page, query):
                raise unreadable("portfolio", f"page {page} is full and names no next one, and there is one")
            if not following:
                break
            if not more or following != str(int(page) + 1):
                raise unreadable("portfolio", f"page {page} is followed by page {following!r}")
            page = following
        else:
            raise unreadable("portfolio", f"it has more than {_MOST_PAGES} pages")
        ids = [one.position for one in positions]
        if len(set(ids)) != len(ids):
            raise unreadable("portfolio", "a position comes twice")
        return tuple(positions)

    def _goes_on(self, key: str, page: str, query: Mapping[str, str]) -> bool:
        """Whether there are positions behind a full page that says nothing. What is answered where there are none is not known."""
        further = {**query, "pageNumber": str(int(page) + 1)}
        try:
            found = self._asked(f"/v1/accounts/{_named(key)}/portfolio.json", "PortfolioResponse", further, none_found=True)
        except EtradeError as problem:
            if problem.status != 400:
                raise
            return False
        return found is not None and bool(positions_in(found)[0])

    def lots(self, key: str, position: int) -> tuple[PositionLot, ...]:
        """The lots of a position. The address is made here: none of an answer is ever asked."""
        found = self._asked(f"/v1/accounts/{_named(key)}/portfolio/{position:d}.json", "PositionLotsResponse", none_found=True)
        return () if found is None else lots_in(found, position)

    def history(self, key: str, first: dt.date, last: dt.date) -> tuple[HistoryRow, ...]:
        """All transactions of an account from ``first`` to ``last``, both included, newest first."""
        path, dates = f"/v1/accounts/{_named(key)}/transactions.json", {"startDate": _day(first), "endDate": _day(last)}

        def page(marker: str) -> tuple[tuple[HistoryRow, ...], str] | None:
            query = {**dates, "count": str(_ROWS)} | ({"marker": marker} if marker else {})
            found = self._asked(path, "TransactionListResponse", query, none_found=True)
            if found is None:
                return None
            rows, following = rows_in(found)
            if len(rows) >= _ROWS and not following and found.flag("moreTransactions"):
                raise unreadable("transactions", "there are more, and no marker says where")
            return rows, following

        # The last page is one that is not full, whatever else the answer says (documented).
        return _all_pages("transactions", page, lambda row: row.row, lambda rows: len(rows) < _ROWS)

    def orders(self, key: str, first: dt.date, last: dt.date) -> tuple[ListedOrder, ...]:
        """All orders of an account placed from ``first`` to ``last``, both included, in whatever state, newest first."""
        path, dates = f"/v1/accounts/{_named(key)}/orders.json", {"fromDate": _day(first), "toDate": _day(last)}

        def page(marker: str) -> tuple[tuple[ListedOrder, ...], str] | None:
            query = {**dates, "count": str(_ORDERS)} | ({"marker": marker} if marker else {})
            found = self._asked(path, "OrdersResponse", query, none_found=True)
            return None if found is None else orders_in(found)

        return _all_pages("orders", page, lambda order: (order.order, order.part), lambda _: False)

    def order(self, key: str, order: int) -> tuple[ListedOrder, ...]:
        """One order, in all its parts. Raises DataError when the answer is of another one."""
        found = self._asked(f"/v1/accounts/{_named(key)}/orders/{order:d}.json", "OrdersResponse")
        assert found is not None
        listed, _ = orders_in(found)
        if {one.order for one in listed} != {order}:
            raise unreadable(
                "order", f"order {order} was asked for, and the answer is of {sorted({one.order for one in listed})}"
            )
        return listed

    def quotes(self, symbols: Collection[str]) -> Mapping[str, QuoteRow]:
        """Quotes by symbol; a symbol that E*TRADE does not know is left out."""
        rows: dict[str, QuoteRow] = {}
        wanted = sorted(set(symbols))
        for start in range(0, len(wanted), _SYMBOLS):
            some = wanted[start : start + _SYMBOLS]
            path = f"/v1/market/quote/{','.join(quote(one, safe='') for one in some)}.json"
            found = self._asked(path, "QuoteResponse", {"detailFlag": "ALL", "skipMiniOptionsCheck": "true"})
            assert found is not None
            got = quotes_in(found)
            strange = sorted(got.keys() - set(some))
            if strange:
                raise unreadable("quotes", f"there are quotes that nobody asked for: {', '.join(strange)}")
            rows |= got
        return rows

    def lookup(self, text: str) -> Mapping[str, str]:
        """Descriptions by symbol of what ``text`` may mean."""
        found = self._asked(f"/v1/market/lookup/{quote(text, safe='')}.json", "LookupResponse", none_found=True)
        return {} if found is None else found_in(found)

    def preview(self, key: str, ticket: OrderTicket) -> PreviewAnswer:
        """What an order would come to. Nothing is placed."""
        path = f"/v1/accounts/{_named(key)}/orders/preview.json"
        self._wire.ready()
        return preview_in(_content(self._wire.send("POST", path, preview_body(ticket)), "PreviewOrderResponse"))

    def place(self, key: str, ticket: OrderTicket, preview: int) -> PlaceAnswer:
        """Place what was previewed, once. Whatever is raised but an `EtradeError`, nobody knows whether the order is there."""
        path = f"/v1/accounts/{_named(key)}/orders/place.json"
        return placed_in(_content(self._wire.send("POST", path, place_body(ticket, preview)), "PlaceOrderResponse"))

    def cancel(self, key: str, order: int) -> CancelAnswer:
        """Ask to cancel an order; whether it is cancelled its status says later."""
        path = f"/v1/accounts/{_named(key)}/orders/cancel.json"
        answer = cancelled_in(_content(self._wire.send("PUT", path, cancel_body(order)), "CancelOrderResponse"))
        if answer.order != order:
            raise unreadable("cancel", f"order {order} was to be cancelled, and the answer is of {answer.order}")
        return answer

    def _asked(self, path: str, root: str, query: Mapping[str, str] | None = None, *, none_found: bool = False) -> Fields | None:
        return document(self._wire.get(path, query), root, none_found=none_found)


def _content(answer: Answer, root: str) -> Fields:
    found = document(answer, root)
    assert found is not None
    return found


def _all_pages(
    what: str,
    page: Callable[[str], tuple[tuple[T, ...], str] | None],
    name: Callable[[T], object],
    last: Callable[[tuple[T, ...]], bool],
) -> tuple[T, ...]:
    """The rows of all pages, each once: a page may begin with the row that the one before ended with (observed)."""
    rows: dict[object, T] = {}
    marker = ""
    for _ in range(_MOST_PAGES):
        found = page(marker)
        if found is None:
            return tuple(rows.values())
        more, following = found
        before = len(rows)
        for row in more:
            if rows.setdefault(name(row), row) != row:
                raise unreadable(what, f"{name(row)} is there twice, with different content")
        if not following or last(more):
            return tuple(rows.values())
        if following == marker or len(rows) == before:
            raise unreadable(what, f"the page behind marker {following!r} brings nothing new")
        marker = following
    raise unreadable(what, f"there are more than {_MOST_PAGES} pages")


def _named(key: str) -> str:
    """An account's key, fit for a path. Raises UsageError for what is none."""
    if not _KEY.fullmatch(key):
        raise UsageError("that is no key of an account", code="bad_account_key")
    return key


def _day(day: dt.date) -> str:
    return day.strftime("%m%d%Y")
