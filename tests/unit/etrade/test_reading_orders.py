"""Transactions, orders and quotes, as recorded and with one thing changed, become records or an error that names what is wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from etrade_reading import told, wrong
from rebalkit_etrade.reading.history import rows_in
from rebalkit_etrade.reading.orders import cancelled_in, orders_in, placed_in, preview_in
from rebalkit_etrade.reading.quotes import found_in, quotes_in
from rebalkit_etrade.records import Message

BIG = 2**60 + 1

ROW = {
    "transactionId": "18165100001766", "accountId": "835649790", "transactionDate": "1528948800000", "postDate": "1528948800000",
    "amount": "-70.25", "description": "BOUGHT", "transactionType": "Bought",
    "brokerage": {"product": {"symbol": "bnd", "securityType": "EQ"}, "quantity": "1", "price": "70.25", "fee": "0", "displaySymbol": ""},
}  # fmt: skip
LEG = {
    "orderAction": "BUY", "orderedQuantity": 1, "filledQuantity": 1.0, "averageExecutionPrice": 203.285, "estimatedCommission": 0.0,
    "estimatedFees": 0.0074, "Product": {"symbol": "VIOG", "securityType": "EQ"},
}  # fmt: skip
DETAIL = {
    "placedTime": 1676490078940, "executedTime": 1676490079399, "status": "EXECUTED", "orderTerm": "GOOD_FOR_DAY",
    "priceType": "MARKET", "limitPrice": 0, "stopPrice": 0, "marketSession": "REGULAR", "allOrNone": False, "Instrument": [LEG],
}  # fmt: skip
ORDER = {"orderId": 18, "OrderDetail": [DETAIL]}
WARNING = {"code": 1027, "description": "200|The market was closed.", "type": "WARNING"}
PREVIEW = {
    "PreviewIds": [{"previewId": 3429395279}], "previewTime": 1549318085462,
    "Order": [{"estimatedCommission": 6.95, "estimatedTotalAmount": 175.95, "messages": {"Message": [WARNING]}}],
}  # fmt: skip
PLACED = {"placedTime": 1549318099447, "Order": [{"messages": {"Message": [WARNING]}}], "OrderIds": [{"orderId": 485}]}
QUOTE = {
    "dateTimeUTC": 1676681997, "quoteStatus": "CLOSING", "Product": {"symbol": "AAPL", "securityType": "EQ"},
    "All": {"ask": 152.64, "bid": 152.56, "lastTrade": 152.55, "previousClose": 153.71},
}  # fmt: skip


# Transactions


def test_a_transaction_is_read_as_it_was_recorded() -> None:
    (row,), marker = rows_in(told({"Transaction": [ROW], "marker": "18165100001766_1528948800"}))
    assert (row.row, row.date, row.symbol, row.amount, row.price, row.fee) == (
        "18165100001766", dt.date(2018, 6, 14), "BND", Decimal("-70.25"), Decimal("70.25"), 0,
    )  # fmt: skip
    assert marker == "18165100001766_1528948800"


@pytest.mark.parametrize(
    ("product", "shown", "symbol"),
    [({"symbol": "BND"}, "", "BND"), ({}, "BND", "BND"), ("", "bnd", "BND"), ({"symbol": "BND"}, "BND", "BND"), ({}, "", None)],
)
def test_a_sale_may_name_its_symbol_in_either_place(product: Any, shown: str, symbol: str | None) -> None:
    ((row,), _) = rows_in(told({"Transaction": {**ROW, "brokerage": {"product": product, "displaySymbol": shown}}}))
    assert row.symbol == symbol


def test_the_sign_between_ticker_and_class_may_differ_and_an_option_is_shown_by_its_name() -> None:
    for product, shown in (
        ({"symbol": "BRK.B"}, "BRK/B"),
        ({"symbol": "VTI", "securityType": "OPTN"}, "VTI JAN 15 27 $300 CALL"),
    ):
        ((row,), _) = rows_in(told({"Transaction": {**ROW, "brokerage": {"product": product, "displaySymbol": shown}}}))
        assert row.symbol == product["symbol"]


def test_two_symbols_of_one_transaction_are_an_error() -> None:
    row = {**ROW, "brokerage": {"product": {"symbol": "BND"}, "displaySymbol": "VTI"}}
    wrong(lambda: rows_in(told({"Transaction": row})), "it is of BND and of VTI at once")
    wrong(lambda: rows_in(told({"Transaction": []})), "Transaction is missing")


def test_a_pending_transaction_is_not_posted_and_seconds_are_a_date_too() -> None:
    ((row,), _) = rows_in(told({"transaction": {**ROW, "transactionDate": 1370286190, "postDate": 0, "brokerage": {}}}))
    assert (row.date, row.posted, row.symbol, row.quantity) == (dt.date(2013, 6, 3), None, None, None)


# Orders


def test_an_order_is_read_as_it_was_recorded() -> None:
    (one,), marker = orders_in(told({"Order": [ORDER]}))
    assert (one.order, one.status, one.limit, one.stop, one.replaces, marker) == (18, "EXECUTED", None, None, None, "")
    assert one.placed == dt.datetime(2023, 2, 15, 19, 41, 18, 940000, tzinfo=dt.UTC)
    (leg,) = one.legs
    assert (leg.symbol, leg.filled, leg.average_price, leg.fees) == ("VIOG", 1, Decimal("203.285"), Decimal("0.0074"))


def test_what_is_not_filled_has_no_price() -> None:
    leg = {**LEG, "filledQuantity": 0, "averageExecutionPrice": 0}
    ((one,), _) = orders_in(told({"Order": {**ORDER, "OrderDetail": {**DETAIL, "executedTime": 0, "Instrument": leg}}}))
    assert (one.executed, one.legs[0].filled, one.legs[0].average_price) == (None, 0, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"filledQuantity": 2}, "2 of 1 shares cannot be filled"), ({"filledQuantity": -1}, "-1 of 1 shares cannot be filled"),
        ({"averageExecutionPrice": 0}, "filled at no price"), ({"averageExecutionPrice": None}, "filled at no price"),
        ({"filledQuantity": None}, "filledQuantity is missing"), ({"Product": None}, "Product is missing"),
        ({"orderedQuantity": None}, "orderedQuantity is missing"), ({"Product": {"symbol": "VIOG"}}, "securityType is missing"),
    ],
)  # fmt: skip
def test_a_fill_that_cannot_be_is_an_error(change: dict[str, Any], why: str) -> None:
    detail = {**DETAIL, "Instrument": [{**LEG, **change}]}
    wrong(lambda: orders_in(told({"Order": [{**ORDER, "OrderDetail": [detail]}]})), why)


def test_a_fund_may_be_ordered_in_dollars() -> None:
    leg = {**LEG, "filledQuantity": 12.5, "averageExecutionPrice": 0, "Product": {"symbol": "VTSAX", "securityType": "MF"}}
    ((one,), _) = orders_in(told({"Order": {**ORDER, "OrderDetail": {**DETAIL, "Instrument": leg}}}))
    assert (one.legs[0].ordered, one.legs[0].filled) == (1, Decimal("12.5"))


def test_the_page_of_one_order_tells_of_filled_shares_by_its_events_only() -> None:
    """How they add up is not known."""
    leg = {"orderAction": "BUY", "quantity": 5, "Product": {"symbol": "VTI", "securityType": "EQ"}}
    order = {**ORDER, "OrderDetail": {**DETAIL, "Instrument": leg}}
    placed = {"name": "ORDER_PLACED", "Instrument": [{"filledQuantity": 0}]}
    ((one,), _) = orders_in(told({"Order": {**order, "Events": {"Event": [placed]}}}))
    assert (one.legs[0].ordered, one.legs[0].filled) == (5, 0)
    executed = {"name": "ORDER_EXECUTED", "Instrument": [{"filledQuantity": 5}]}
    wrong(lambda: orders_in(told({"Order": {**order, "Events": {"Event": [placed, executed]}}})), "told by its events only")
    wrong(lambda: orders_in(told({"Order": order})), "orderedQuantity is missing")


def test_a_preview_is_read_as_it_was_recorded() -> None:
    preview = preview_in(told(PREVIEW))
    assert (preview.preview, preview.total, preview.commission, preview.fees) == (
        3429395279,
        Decimal("175.95"),
        Decimal("6.95"),
        None,
    )
    assert preview.messages == (Message("1027", "200|The market was closed.", "WARNING"),)


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        (None, []), ({}, []), ("", []), ({"Message": []}, []), ({"message": {"code": "1026"}}, [Message("1026", "", "")]),
        ({"Message": [{"code": 1026}, {"type": "info"}]}, [Message("1026", "", ""), Message(None, "", "INFO")]),
    ],
)  # fmt: skip
def test_messages_come_in_every_form_and_their_code_may_be_missing(messages: Any, read: list[Message]) -> None:
    assert list(placed_in(told({**PLACED, "Order": [{"egQual": "X", "messages": messages}]})).messages) == read


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        (None, "holds 0 numbers"), ([], "holds 0 numbers"), ([{"previewId": 1}, {"previewId": 2}], "holds 2 numbers"),
        ([{"previewId": 0}], "0 is no number of a preview"),
        ([{"previewId": -1}], "-1 is no number of a preview"), ([{"previewId": 1.5}], "not a whole number"),
    ],
)  # fmt: skip
def test_a_preview_without_one_number_is_none(ids: Any, why: str) -> None:
    wrong(lambda: preview_in(told({**PREVIEW, "PreviewIds": ids})), why)


def test_the_number_of_an_order_stands_in_either_place() -> None:
    assert placed_in(told(PLACED)).order == placed_in(told({**PLACED, "orderId": "485"})).order == 485
    assert placed_in(told({**PLACED, "OrderIds": None, "orderId": BIG})).order == BIG
    wrong(lambda: placed_in(told({**PLACED, "OrderIds": []})), "orderId is missing")
    for number in (0, -5):
        wrong(lambda number=number: placed_in(told({**PLACED, "OrderIds": [], "orderId": number})), "no number of an order")
        wrong(lambda number=number: placed_in(told({**PLACED, "OrderIds": [{"orderId": number}]})), "no number of an order")
    wrong(lambda: placed_in(told({**PLACED, "orderId": 486})), "the order is 485 and 486 at once")


def test_a_cancellation_is_read_as_it_was_recorded() -> None:
    text = "200|Your request to cancel your order is being processed."
    answer = told(
        {"orderId": 11, "cancelTime": 0, "Messages": {"Message": [{"code": 5011, "description": text, "type": "warning"}]}}
    )
    assert cancelled_in(answer).messages == (Message("5011", text, "WARNING"),)


# Quotes


def test_a_quote_is_read_as_it_was_recorded() -> None:
    quote = quotes_in(told({"QuoteData": [QUOTE]}))["AAPL"]
    assert (quote.status, quote.bid, quote.ask, quote.last) == (
        "CLOSING",
        Decimal("152.56"),
        Decimal("152.64"),
        Decimal("152.55"),
    )
    assert quote.at == dt.datetime(2023, 2, 18, 0, 59, 57, tzinfo=dt.UTC)


@pytest.mark.parametrize(("block", "bid"), [("Intraday", 1), ("Fundamental", 1), ("MutualFund", None)])
def test_prices_stand_in_the_block_of_their_view_and_a_fund_has_no_bid(block: str, bid: int | None) -> None:
    row = {name: value for name, value in QUOTE.items() if name != "All"}
    assert quotes_in(told({"QuoteData": {**row, block: {"bid": 1, "netAssetValue": 9}}}))["AAPL"].bid == bid


def test_two_quotes_of_one_symbol_are_an_error_and_none_is_an_empty_answer() -> None:
    wrong(lambda: quotes_in(told({"QuoteData": [QUOTE, QUOTE]})), "a symbol has two quotes")
    assert quotes_in(told({"Messages": {"Message": [{"code": 1019}]}})) == {}


def test_a_symbol_that_was_looked_up_has_a_description() -> None:
    assert found_in(told({"data": [{"symbol": "a", "description": "AGILENT"}, {"symbol": "AA"}]})) == {"A": "AGILENT", "AA": ""}
