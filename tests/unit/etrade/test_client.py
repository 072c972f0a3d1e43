"""What each call asks, word for word, and how pages become one answer, with a wire that answers from a list."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import DataError, LoginRequired, UsageError
from rebalkit_etrade import client as client_module
from rebalkit_etrade.answers import Answer, EtradeError
from rebalkit_etrade.bodies import place_body, preview_body
from rebalkit_etrade.client import Client
from rebalkit_etrade.ticket import OrderTicket

KEY = "vQMsebA1H5WltUfDkJP48g"
AT = f"/v1/accounts/{KEY}"
FIRST, LAST = dt.date(2026, 1, 2), dt.date(2026, 11, 24)
NONE = Answer(204, "", b"")
EMPTY = Answer(200, "application/json", b"")
BUSY = Answer(500, "application/json", b'{"Error": {"code": 100, "message": "later"}}')
BUY = OrderTicket("BUY1", "BUY", "BND", Decimal(5), Decimal("70.20"))
SALE = OrderTicket("SALE1", "SELL", "VTI", Decimal(12), Decimal(200), ((2**60 + 1, Decimal(10)), (7, Decimal(2))))


class FakeWire:
    """Gives the ``answers`` one after the other, and writes down what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, ...]] = []

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        self.asked.append((path, dict(query or {})))
        return self._next()

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        self.asked.append((verb, path, body))
        return self._next()

    def ready(self) -> None:
        self.asked.append(("ready",))

    def moment(self) -> dt.datetime | None:
        return dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)

    def _next(self) -> Answer:
        one = self.answers.pop(0)
        return one if isinstance(one, Answer) else Answer(200, "application/json", json.dumps(one).encode())


def position(number: int) -> dict[str, Any]:
    product = {"symbol": f"S{number}", "securityType": "EQ"}
    return {"positionId": number, "Product": product, "quantity": 1, "positionType": "LONG"}


def positions(*numbers: int, following: Any = None, **more: Any) -> dict[str, Any]:
    page = {"Position": [position(one) for one in numbers], "nextPageNo": following, **more}
    return {"PortfolioResponse": {"AccountPortfolio": page}}


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"transactionId": str(number), "transactionDate": 1795000000000, "transactionType": "Fee", "amount": -1, **more}


def rows(numbers: range, marker: str = "", **more: Any) -> dict[str, Any]:
    return {"TransactionListResponse": {"Transaction": [row(one) for one in numbers], "marker": marker, **more}}


def order(number: int, parts: int = 1) -> dict[str, Any]:
    product = {"symbol": "VTI", "securityType": "EQ"}
    leg = {"Product": product, "orderAction": "BUY", "orderedQuantity": 1, "filledQuantity": 0}
    detail = {"placedTime": 1795000000000, "status": "OPEN", "priceType": "LIMIT", "Instrument": [leg]}
    return {"orderId": number, "OrderDetail": [detail] * parts}


def orders(*numbers: int, marker: str = "") -> dict[str, Any]:
    return {"OrdersResponse": {"Order": [order(one) for one in numbers], "marker": marker}}


def quotes(*symbols: str) -> dict[str, Any]:
    found = [{"Product": {"symbol": one, "securityType": "EQ"}, "quoteStatus": "REALTIME"} for one in symbols]
    return {"QuoteResponse": {"QuoteData": found}}


# Accounts


def test_a_customer_without_accounts_is_an_error_and_so_is_a_balance_that_is_not_there() -> None:
    wire = FakeWire(NONE, NONE, BUSY)
    with pytest.raises(DataError, match="the customer has no accounts"):
        Client(wire).accounts()
    for _ in range(2):
        with pytest.raises(EtradeError):
            Client(wire).balance(KEY)
    asked = (f"{AT}/balance.json", {"instType": "BROKERAGE", "realTimeNAV": "true"})
    assert wire.asked == [("/v1/accounts/list.json", {}), asked, asked]
    assert Client(wire).moment() == wire.moment()


ACCOUNT_CALLS: list[Callable[[Client, str], object]] = [
    lambda client, key: client.balance(key), lambda client, key: client.portfolio(key), lambda client, key: client.lots(key, 1),
    lambda client, key: client.history(key, FIRST, LAST), lambda client, key: client.orders(key, FIRST, LAST),
    lambda client, key: client.order(key, 1), lambda client, key: client.preview(key, BUY),
    lambda client, key: client.place(key, BUY, 1), lambda client, key: client.cancel(key, 1),
]  # fmt: skip


@pytest.mark.parametrize("ask", ACCOUNT_CALLS)
@pytest.mark.parametrize("key", ["", ".", "..", "a/b", "a b", "a?x=1", "a#b", "a%2Fb", "é", "a\n", "a" * 65])
def test_what_is_no_key_of_an_account_goes_nowhere(ask: Callable[[Client, str], object], key: str) -> None:
    wire = FakeWire()
    with pytest.raises(UsageError, match="no key of an account") as caught:
        ask(Client(wire), key)
    assert wire.asked == []
    assert caught.value.reason == "that is no key of an account"


@pytest.mark.parametrize("ask", ACCOUNT_CALLS)
def test_an_answer_of_nothing_is_an_error_and_so_is_one_that_is_busy(ask: Callable[[Client, str], object]) -> None:
    with pytest.raises(DataError, match="the answer holds nothing"):
        ask(Client(FakeWire(EMPTY)), KEY)
    with pytest.raises(EtradeError, match="later"):
        ask(Client(FakeWire(BUSY)), KEY)


# Positions


def test_every_page_of_positions_is_read() -> None:
    wire = FakeWire(positions(1, 2, following="2"), positions(3, following=3), positions(4, following=""))
    assert [one.position for one in Client(wire).portfolio(KEY)] == [1, 2, 3, 4]
    assert wire.asked == [(f"{AT}/portfolio.json", {"count": "50", "pageNumber": page}) for page in "123"]


@pytest.mark.parametrize("following", ["1", "3", "0", "-2", "²", "two", 9])
def test_a_page_of_positions_that_is_not_the_next_one_is_an_error(following: Any) -> None:
    wire = FakeWire(positions(1, following=following), positions(2))
    with pytest.raises(DataError, match="page 1 is followed by page"):
        Client(wire).portfolio(KEY)
    assert len(wire.asked) == 1


def test_pages_of_positions_that_bring_nothing_or_the_same_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="page 1 is followed by page '2'"):
        Client(FakeWire(positions(following="2"))).portfolio(KEY)
    with pytest.raises(DataError, match="a position comes twice"):
        Client(FakeWire(positions(1, following="2"), positions(1))).portfolio(KEY)
    monkeypatch.setattr(client_module, "_MOST_PAGES", 2)
    with pytest.raises(DataError, match="more than 2 pages"):
        Client(FakeWire(positions(1, following="2"), positions(2, following="3"))).portfolio(KEY)


@pytest.mark.parametrize("name", ["totalPages", "totalNoOfPages"])
def test_half_a_portfolio_is_an_error(name: str) -> None:
    """Fewer pages than there are, or a page that was promised and is empty."""
    with pytest.raises(DataError, match="page 1 of 2 says that it is the last one"):
        Client(FakeWire(positions(1, **{name: "2"}))).portfolio(KEY)
    for empty in (NONE, positions(**{name: 2})):
        with pytest.raises(DataError, match="page 2 was promised, and is empty"):
            Client(FakeWire(positions(1, following="2", **{name: 2}), empty)).portfolio(KEY)
    assert len(Client(FakeWire(positions(1, following="2", **{name: 2}), positions(2, **{name: 2}))).portfolio(KEY)) == 2


def test_another_view_and_the_lots_are_asked_for_on_every_page() -> None:
    wire = FakeWire(positions(1, following="2"), positions(2))
    Client(wire).portfolio(KEY, view="COMPLETE", lots=True)
    assert [query for _, query in wire.asked] == [
        {"count": "50", "pageNumber": page, "view": "COMPLETE", "lotsRequired": "true"} for page in "12"
    ]


def test_an_account_without_positions_has_none() -> None:
    assert Client(FakeWire(NONE)).portfolio(KEY) == ()
    assert Client(FakeWire(positions())).portfolio(KEY) == ()


def test_lots_are_asked_for_at_an_address_of_our_own() -> None:
    lot = {"positionId": 2**60 + 1, "positionLotId": 5, "remainingQty": 1}
    wire = FakeWire({"PositionLotsResponse": {"PositionLot": [lot]}}, NONE)
    assert [one.lot for one in Client(wire).lots(KEY, 2**60 + 1)] == [5]
    assert wire.asked == [(f"{AT}/portfolio/1152921504606846977.json", {})]
    assert Client(wire).lots(KEY, 1) == ()


# Transactions


class Transactions(FakeWire):
    """Any number of transactions, whose marker names the last row of a page, which the next page begins with or behind."""

    def __init__(self, number: int, inclusive: bool) -> None:
        super().__init__()
        self.number, self.inclusive = number, inclusive

    def _next(self) -> Answer:
        marker = self.asked[-1][1].get("marker")
        start = 0 if marker is None else int(marker) + (not self.inclusive)
        page = range(self.number)[start : start + 50]
        self.answers = [rows(page, str(page[-1])) if page else NONE]
        return super()._next()


@given(st.integers(0, 250), st.booleans())
def test_every_transaction_is_read_once_wherever_a_page_begins(number: int, inclusive: bool) -> None:
    found = Client(Transactions(number, inclusive)).history(KEY, FIRST, LAST)
    assert [one.row for one in found] == [str(one) for one in range(number)]


def test_pages_of_transactions_are_asked_for_by_their_marker() -> None:
    """A page that is not full is the last one, and `moreTransactions` says nothing."""
    wire = FakeWire(rows(range(50), "49_1795", moreTransactions=False), rows(range(49, 52), "51_1795", moreTransactions=True))
    assert len(Client(wire).history(KEY, FIRST, LAST)) == 52
    dates = {"startDate": "01022026", "endDate": "11242026", "count": "50"}
    assert wire.asked == [(f"{AT}/transactions.json", dates), (f"{AT}/transactions.json", {**dates, "marker": "49_1795"})]


@pytest.mark.parametrize(
    "second",
    [rows(range(50), "other"), rows(range(25, 75), "same"), rows(range(50), "same")],
    ids=["nothing new", "the same marker", "the same page"],
)
def test_pages_that_do_not_move_on_end_in_an_error(second: dict[str, Any]) -> None:
    wire = FakeWire(rows(range(50), "same"), second)
    with pytest.raises(DataError, match="brings nothing new"):
        Client(wire).history(KEY, FIRST, LAST)
    assert len(wire.asked) == 2


def test_a_full_page_without_a_marker_is_the_last_one_unless_there_are_more() -> None:
    assert len(Client(FakeWire(rows(range(50), moreTransactions=False))).history(KEY, FIRST, LAST)) == 50
    with pytest.raises(DataError, match="there are more, and no marker says where"):
        Client(FakeWire(rows(range(50), moreTransactions="true"))).history(KEY, FIRST, LAST)


def test_one_transaction_of_two_contents_is_an_error() -> None:
    changed = {"TransactionListResponse": {"Transaction": [row(49, amount=-2)]}}
    with pytest.raises(DataError, match="49 is there twice, with different content"):
        Client(FakeWire(rows(range(50), "x"), changed)).history(KEY, FIRST, LAST)


def test_pages_without_end_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_MOST_PAGES", 3)
    with pytest.raises(DataError, match="more than 3 pages"):
        Client(Transactions(1000, True)).history(KEY, FIRST, LAST)


# Orders


def test_every_page_of_orders_is_read_until_there_is_no_marker() -> None:
    wire = FakeWire(orders(9, 8, marker="8"), orders(8, 7, marker="7"), orders(6))
    assert [one.order for one in Client(wire).orders(KEY, FIRST, LAST)] == [9, 8, 7, 6]
    dates = {"fromDate": "01022026", "toDate": "11242026", "count": "100"}
    assert [query for _, query in wire.asked] == [dates, {**dates, "marker": "8"}, {**dates, "marker": "7"}]
    assert {path for path, _ in wire.asked} == {f"{AT}/orders.json"}


def test_no_orders_are_none_and_the_parts_of_one_are_kept_apart() -> None:
    assert Client(FakeWire(NONE)).orders(KEY, FIRST, LAST) == ()
    wire = FakeWire({"OrdersResponse": {"Order": order(5, parts=2), "marker": "5"}}, NONE)
    assert [(one.order, one.part) for one in Client(wire).orders(KEY, FIRST, LAST)] == [(5, 0), (5, 1)]


def test_a_page_of_orders_that_does_not_move_on_is_an_error() -> None:
    with pytest.raises(DataError, match="the page behind marker '8' brings nothing new"):
        Client(FakeWire(orders(9, 8, marker="8"), orders(8, 7, marker="8"))).orders(KEY, FIRST, LAST)


def test_one_order_is_the_one_that_was_asked_for() -> None:
    wire = FakeWire(orders(5), orders(6), orders(5, 6))
    assert [one.order for one in Client(wire).order(KEY, 5)] == [5]
    assert wire.asked == [(f"{AT}/orders/5.json", {})]
    for others in (r"\[6\]", r"\[5, 6\]"):
        with pytest.raises(DataError, match=f"order 5 was asked for, and the answer is of {others}"):
            Client(wire).order(KEY, 5)


# Quotes


def test_quotes_are_asked_for_25_at_a_time_each_symbol_once() -> None:
    wanted = [f"S{number:02}" for number in range(60)]
    wire = FakeWire(quotes(*reversed(wanted[:25])), quotes(*wanted[25:50]), quotes(*wanted[50:59]))
    found = Client(wire).quotes([*reversed(wanted), *wanted])
    assert sorted(found) == wanted[:59]  # one is not known
    asked = [path.removeprefix("/v1/market/quote/").removesuffix(".json").split(",") for path, _ in wire.asked]
    assert asked == [wanted[:25], wanted[25:50], wanted[50:]]
    assert {tuple(query.items()) for _, query in wire.asked} == {(("detailFlag", "ALL"), ("skipMiniOptionsCheck", "true"))}


@pytest.mark.parametrize(
    ("symbol", "encoded"), [("BRK.B", "BRK.B"), ("A/B", "A%2FB"), ("A,B", "A%2CB"), ("A?B", "A%3FB"), ("Ä %", "%C3%84%20%25")]
)
def test_symbols_and_texts_are_percent_encoded(symbol: str, encoded: str) -> None:
    wire = FakeWire(quotes(), NONE)
    client = Client(wire)
    assert (client.quotes([symbol]), client.lookup(symbol)) == ({}, {})
    assert [path for path, _ in wire.asked] == [f"/v1/market/quote/{encoded}.json", f"/v1/market/lookup/{encoded}.json"]


def test_a_quote_that_nobody_asked_for_is_an_error() -> None:
    with pytest.raises(DataError, match="nobody asked for: BND, SCHB"):
        Client(FakeWire(quotes("SCHB", "VTI", "BND"))).quotes(["VTI"])


def test_no_symbols_cost_no_request_and_no_answer_is_an_error() -> None:
    wire = FakeWire()
    assert (Client(wire).quotes([]), wire.asked) == ({}, [])
    with pytest.raises(EtradeError):
        Client(FakeWire(NONE)).quotes(["VTI"])


# Sending


def test_a_preview_is_sent_once_over_a_session_that_holds() -> None:
    wire = FakeWire({"PreviewOrderResponse": {"Order": {"limitPrice": 1}, "PreviewIds": {"previewId": 31}}})
    assert Client(wire).preview(KEY, BUY).preview == 31
    assert wire.asked == [("ready",), ("POST", f"{AT}/orders/preview.json", preview_body(BUY))]


def test_a_session_that_is_over_sends_no_preview() -> None:
    class Over(FakeWire):
        def ready(self) -> None:
            raise LoginRequired("over")

    wire = Over()
    with pytest.raises(LoginRequired):
        Client(wire).preview(KEY, BUY)
    assert wire.asked == []


def test_a_placement_and_a_cancellation_are_sent_once() -> None:
    placed = {"PlaceOrderResponse": {"Order": {"limitPrice": 1}, "OrderIds": {"orderId": 12}}}
    wire = FakeWire(placed, {"CancelOrderResponse": {"orderId": 12}}, {"CancelOrderResponse": {"orderId": 13}})
    client = Client(wire)
    assert (client.place(KEY, SALE, 2**60 + 1).order, client.cancel(KEY, 12).order) == (12, 12)
    assert wire.asked == [
        ("POST", f"{AT}/orders/place.json", place_body(SALE, 2**60 + 1)),
        ("PUT", f"{AT}/orders/cancel.json", {"CancelOrderRequest": {"orderId": 12}}),
    ]
    with pytest.raises(DataError, match="order 12 was to be cancelled, and the answer is of 13"):
        client.cancel(KEY, 12)
