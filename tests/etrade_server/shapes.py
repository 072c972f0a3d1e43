"""What the broker has, as the wire shows it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from etrade_server.book import NEW_YORK, Account, Book, Listed

Json = dict[str, Any]
UNKNOWN_DAY = -68400000


def number(value: Decimal | int) -> int | float:
    """A number as JSON has it."""
    return int(value) if value == int(value) else float(value)


def milliseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


def midnight(day: dt.date | None) -> int:
    return UNKNOWN_DAY if day is None else milliseconds(dt.datetime.combine(day, dt.time(), NEW_YORK))


def accounts(book: Book) -> Json:
    return {
        "AccountListResponse": {
            "Accounts": {
                "Account": [
                    {
                        "accountId": one.number, "accountIdKey": one.key, "accountMode": one.mode, "accountDesc": "Brokerage",
                        "accountName": "", "accountType": one.kind, "institutionType": one.institution,
                        "accountStatus": one.status,
                        "closedDate": 0 if one.closed is None else int(one.closed.timestamp()),
                        "shareWorksAccount": False,
                    }
                    for one in book.accounts
                ]
            }
        }
    }  # fmt: skip


def balance(book: Book, one: Account) -> Json:
    margin = one.mode == "MARGIN"
    computed = {
        "cashAvailableForInvestment": 0 if margin else number(one.cash), "netCash": number(one.cash),
        "cashBalance": number(one.cash), "settledCashForInvestment": 0 if margin else number(one.settled),
        "unSettledCashForInvestment": number(one.unsettled), "marginBuyingPower": number(one.cash * 2) if margin else 0,
        "cashBuyingPower": number(one.cash),
        "RealTimeValues": {"totalAccountValue": number(one.cash + sum(lot.quantity * book.prices[lot.symbol][0] for lot in one.lots))},
    }  # fmt: skip
    return {
        "BalanceResponse": {
            "accountId": one.number, "accountType": one.kind, "accountMode": one.mode, "accountDescription": "SOMEBODY",
            "Cash": {"fundsForOpenOrdersCash": 0}, "Computed": computed,
        }
    }  # fmt: skip


def portfolio(book: Book, one: Account, page: int, count: int, host: str, inside: bool = False) -> Json | None:
    positions = [_position(book, one, symbol, host) for symbol in dict.fromkeys(lot.symbol for lot in one.lots)]
    if inside:
        positions = [
            shown | ((lots(book, one, shown["positionId"]) or {}).get("PositionLotsResponse") or {}) for shown in positions
        ]
    positions += one.positions
    if not positions:
        return None
    block: Json = {
        "accountId": one.number,
        "Position": positions[(page - 1) * count : page * count],
        "totalPages": -(-len(positions) // count),
    }
    if len(positions) > page * count:
        block["nextPageNo"] = str(page + 1)
        block["next"] = f"{host}/v1/accounts/{one.key}/portfolio.json?pageNumber={page + 1}"
    return {"PortfolioResponse": {"AccountPortfolio": [block]}}


def _position(book: Book, one: Account, symbol: str, host: str) -> Json:
    lots = [lot for lot in one.lots if lot.symbol == symbol]
    shares = sum((lot.quantity for lot in lots), Decimal(0))
    cost = sum((lot.quantity * (lot.price or 0) for lot in lots), Decimal(0))
    position = book.position(one, symbol)
    return {
        "positionId": position,
        "Product": {"symbol": symbol, "securityType": "EQ", "securitySubType": "ETF"},
        "symbolDescription": symbol, "dateAcquired": midnight(min((lot.acquired for lot in lots if lot.acquired), default=None)),
        "pricePaid": float(cost / shares), "commissions": 0, "otherFees": 0, "quantity": number(shares),
        "positionIndicator": "TYPE2", "positionType": "LONG", "marketValue": float(shares * book.prices[symbol][0]),
        "totalCost": float(cost), "Quick": {"lastTrade": float(book.prices[symbol][0]), "quoteStatus": "DELAYED"},
        "lotsDetails": f"{host}/v1/accounts/{one.key}/portfolio/{position}",
    }  # fmt: skip


def lots(book: Book, one: Account, position: int) -> Json | None:
    symbol = next((lot.symbol for lot in one.lots if book.position(one, lot.symbol) == position), None)
    if symbol is None:
        return None
    return {
        "PositionLotsResponse": {
            "PositionLot": [
                {
                    "positionId": position, "positionLotId": lot.number, "price": 0 if lot.price is None else float(lot.price),
                    "termCode": 0, "marketValue": float(lot.quantity * book.prices[symbol][0]),
                    "totalCost": float(lot.quantity * (lot.price or 0)), "originalQty": number(lot.quantity),
                    "remainingQty": number(lot.quantity), "availableQty": number(lot.quantity - book.busy(one, lot.number)),
                    **({"acquiredDate": midnight(lot.acquired)} if lot.acquired else {}),
                }
                for lot in one.lots
                if lot.symbol == symbol
            ]
        }
    }  # fmt: skip


def transaction(one: Account, row: Json) -> Json:
    product = {"symbol": row["symbol"], "securityType": "EQ"} if row["symbol"] and row["kind"] != "Sold" else {}
    return {
        "transactionId": row["number"], "accountId": one.number, "transactionDate": midnight(row["day"]),
        "postDate": midnight(row["day"]), "amount": row.get("amount", 0), "description": row.get("words", row["kind"].upper()),
        "transactionType": row["kind"], "memo": "", "instType": "BROKERAGE",
        "brokerage": {
            "product": product, "quantity": row["quantity"], "price": row["price"], "fee": row.get("fee", 0),
            "displaySymbol": row["symbol"] or "", "settlementCurrency": "USD",
        },
    }  # fmt: skip


def listed(order: Listed, host: str, key: str) -> Json:
    status = order.status
    detail: Json = {
        "placedTime": milliseconds(order.placed), "orderValue": float(order.quantity * order.limit), "status": status,
        "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT", "limitPrice": float(order.limit), "stopPrice": 0,
        "marketSession": "REGULAR", "allOrNone": False, "netPrice": 0, "gcd": 0, "ratio": "",
        "Instrument": [
            {
                "symbolDescription": order.symbol, "orderAction": order.action, "quantityType": "QUANTITY",
                "orderedQuantity": number(order.quantity), "filledQuantity": float(order.filled),
                "averageExecutionPrice": float(round(order.price, 6)), "estimatedCommission": 0, "estimatedFees": 0,
                "Product": {"symbol": order.symbol, "securityType": "EQ"},
            }
        ],
    }  # fmt: skip
    if order.executed is not None:
        detail["executedTime"] = milliseconds(order.executed)
    return {
        "orderId": order.number, "details": f"{host}/v1/accounts/{key}/orders/{order.number}.json", "orderType": "EQ",
        "OrderDetail": [detail],
    }  # fmt: skip


def quotes(book: Book, symbols: list[str]) -> Json:
    rows = [
        {
            "dateTime": "", "dateTimeUTC": int(book.now.timestamp()), "quoteStatus": book.quote_status.get(one, "REALTIME"),
            "ahFlag": "false", "Product": {"symbol": one, "securityType": "EQ"},
            "All": {
                "bid": float(book.prices[one][0]), "ask": float(book.prices[one][1]), "lastTrade": float(book.prices[one][0]),
                "previousClose": float(book.prices[one][0]),
            },
        }
        for one in symbols
        if one in book.prices
    ]  # fmt: skip
    unknown = [one for one in symbols if one not in book.prices]
    found: Json = {"QuoteData": rows}
    if unknown:
        found["Messages"] = {
            "Message": [{"code": 1019, "description": f"{one} is an invalid symbol", "type": "WARNING"} for one in unknown]
        }
    return {"QuoteResponse": found}
