"""What the server answers: signed requests in, what the documentation says out, or what a fault makes of it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote

from etrade_server import shapes
from etrade_server.book import Account, Book, Listed
from etrade_server.faults import Faults
from etrade_server.oauth import OAuth, Refused

PREVIEW_LIVES = dt.timedelta(minutes=3)
TIMED_OUT = (
    "For your protection, we have timed out your original order request. Please review the information and resubmit your order."
)


@dataclass
class Call:
    """A request."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def given(self) -> dict[str, str]:
        """The query."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}


@dataclass
class Reply:
    """An answer; ``drop`` closes the connection without one, ``cut`` in the middle of it."""

    status: int = 200
    kind: str = "application/json;charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False


def said(document: Any, status: int = 200) -> Reply:
    return Reply(status, body=json.dumps(document).encode())


def refused(status: int, code: int | None, message: str, *, xml: bool = False) -> Reply:
    if xml:
        number = "" if code is None else f"<code>{code}</code>"
        return Reply(status, "application/xml", f"<Error>{number}<message>{message}</message></Error>".encode())
    return said({"Error": {**({} if code is None else {"code": code}), "message": message}}, status)


def page(status: int, title: str) -> Reply:
    return Reply(status, "text/html", f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode())


NOTHING = Reply(204, "", b"")


def _day(text: str) -> dt.date:
    """A day as MMDDYYYY."""
    return dt.date(int(text[4:]), int(text[:2]), int(text[2:4]))


class Api:
    """All of E*TRADE that is known, over a book.

    Attributes:
        book: What the broker has.
        faults: What it does wrong.
        oauth: Who is let in; None to let everybody in.
        refuses_doubles: Whether a second order of one client id is refused.
        host: Its own address, which it shows in answers.
    """

    def __init__(self, book: Book, faults: Faults, oauth: OAuth | None, host: str = "http://127.0.0.1") -> None:
        self.book = book
        self.faults = faults
        self.oauth = oauth
        self.refuses_doubles = False
        self.host = host
        self._previews: dict[int, tuple[str, dict[str, Any], dt.datetime]] = {}
        self._numbers = itertools.count(1627181131)

    def respond(self, call: Call) -> Reply:
        """Answer a request."""
        happens = self.faults.happens
        if call.path.startswith("/oauth/"):
            if self.oauth is None:
                return page(404, "HTTP Status 404")
            try:
                return Reply(200, "application/x-www-form-urlencoded", self.oauth.endpoint(call, self.book.now).encode())
            except Refused as problem:
                return page(problem.status, f"HTTP Status {problem.status} - oauth_problem={problem.problem}")
        if self.oauth is not None:
            if happens("token_dead"):
                return refused(401, None, "oauth_problem=token_rejected")
            try:
                self.oauth.admit(call, self.book.now)
            except Refused as problem:
                return refused(401, None, f"oauth_problem={problem.problem}")
        return self._broken(call) or self._served(call)

    def _broken(self, call: Call) -> Reply | None:
        happens = self.faults.happens
        if call.verb == "GET":
            if happens("busy") or (re.search(r"/orders(\.json|/)", call.path) and happens("list_busy")):
                return refused(500, 100, "The requested service is not currently available. Please try again later.")
            if happens("maintenance"):
                return page(500, "E*TRADE is temporarily unavailable")
            if happens("rate_page"):
                return page(400, "Number of requests exceeded the rate limit set")
            if happens("rate_429"):
                return Reply(429, "text/plain", b"slow down", {"Retry-After": "3"})
            if happens("drop"):
                return Reply(drop=True)
        if happens("redirect"):
            return Reply(302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
        if happens("portal"):
            return page(200, "Welcome to the hotel")
        return None

    def _served(self, call: Call) -> Reply:
        if call.path == "/v1/accounts/list.json":
            return said(shapes.accounts(self.book)) if self.book.accounts else NOTHING
        quoted = re.fullmatch(r"/v1/market/quote/([^/]+)\.json", call.path)
        if quoted:
            symbols = [unquote(one) for one in quoted[1].split(",")]
            if len(symbols) > 25:
                return refused(400, 1023, "Number of symbols exceeds the limit")
            return said(shapes.quotes(self.book, symbols))
        looked_up = re.fullmatch(r"/v1/market/lookup/([^/]+)\.json", call.path)
        if looked_up:
            return self._looked_up(unquote(looked_up[1]).upper())
        found = re.fullmatch(r"/v1/accounts/([A-Za-z0-9_-]+)/(.+)\.json", call.path)
        account = self.book.account(found[1]) if found else None
        if found is None:
            return refused(404, 1011, "no such page")
        if account is None:
            return refused(400, 102, "Please enter valid Account Key")
        self.book.look(account)
        return self._of_account(call, account, found[2])

    def _of_account(self, call: Call, account: Account, what: str) -> Reply:
        if what in ("orders/preview", "orders/place", "orders/cancel"):
            if call.verb != ("PUT" if what == "orders/cancel" else "POST"):
                return refused(405, 9999, "wrong verb")
            handler = {"orders/preview": self._preview, "orders/place": self._place, "orders/cancel": self._cancel}[what]
            return handler(account, json.loads(call.body, parse_float=Decimal))
        if call.verb != "GET":
            return refused(405, 9999, "wrong verb")
        if what == "balance":
            if call.given.get("instType") != "BROKERAGE":
                return refused(400, 7002, "bad instType")
            return said(shapes.balance(self.book, account))
        if what == "portfolio":
            return self._portfolio(call, account)
        if what.startswith("portfolio/"):
            shown = shapes.lots(self.book, account, int(what.split("/")[1]))
            if shown and self.faults.happens("lots_behind"):
                shown["PositionLotsResponse"]["PositionLot"][0]["remainingQty"] += 1
            return said(shown) if shown else refused(404, 1011, "no such position")
        if what == "transactions":
            return self._transactions(call, account)
        if what == "orders":
            return self._orders(call, account)
        if what.startswith("orders/"):
            order = next((one for one in account.orders if str(one.number) == what.split("/")[1]), None)
            if order is None:
                return refused(400, 1011, "no such order")
            return said({"OrdersResponse": {"Order": [shapes.listed(order, self.host, account.key)]}})
        return refused(404, 1011, "no such page")

    def _looked_up(self, text: str) -> Reply:
        rows = [
            {"symbol": one, "description": f"{one} FUND", "type": "EQUITY"} for one in sorted(self.book.prices) if text in one
        ]
        return said({"LookupResponse": {"Data": rows}}) if rows else NOTHING

    def _portfolio(self, call: Call, account: Account) -> Reply:
        count, number = int(call.given.get("count", 50)), int(call.given.get("pageNumber", 1))
        if number == 1 and account.lots and self.faults.happens("portfolio_moves"):
            account.lots[0].quantity += 1
        inside = call.given.get("lotsRequired") == "true" and self.book.lots_inside
        shown = shapes.portfolio(self.book, account, number, count, self.host, inside)
        return said(shown) if shown else NOTHING

    def _transactions(self, call: Call, account: Account) -> Reply:
        first, last = (_day(call.given[name]) for name in ("startDate", "endDate"))
        count = int(call.given.get("count", 50))
        rows = [one for one in account.transactions if first <= one["day"] <= last]
        rows = self._from_marker(rows, call.given.get("marker", ""), "number")
        if not rows:
            return NOTHING
        shown = rows[:count]
        marker = f"{shown[-1]['number']}_{int(self.book.now.timestamp())}"
        return said(
            {
                "TransactionListResponse": {
                    "Transaction": [shapes.transaction(account, one) for one in shown], "marker": marker,
                    "moreTransactions": False, "transactionCount": len(shown), "totalCount": len(rows),
                }
            }
        )  # fmt: skip

    def _orders(self, call: Call, account: Account) -> Reply:
        first, last = (_day(call.given[name]) for name in ("fromDate", "toDate"))
        if last <= first:
            return refused(400, 2002, "toDate must be after fromDate")
        seen = []
        for one in account.orders:
            one.hidden -= 1
            if one.hidden < 0 and first <= one.placed.astimezone(shapes.NEW_YORK).date() <= last:
                seen.append(one)
        count = int(call.given.get("count", 25))
        marker = call.given.get("marker", "")
        rest = [one for one in seen if not marker or one.number <= int(marker)]
        if not rest:
            return NOTHING
        shown = rest[:count]
        response: dict[str, Any] = {"Order": [shapes.listed(one, self.host, account.key) for one in shown]}
        if len(rest) > count:
            response["marker"] = marker if marker and self.faults.happens("marker_stuck") else str(rest[count].number)
        return said({"OrdersResponse": response})

    @staticmethod
    def _from_marker(rows: list[dict[str, Any]], marker: str, name: str) -> list[dict[str, Any]]:
        """The rows from the one that a marker names on, that one included."""
        named = marker.split("_")[0]
        start = next((place for place, one in enumerate(rows) if one[name] == named), 0) if named else 0
        return rows[start:]

    def _ticket(self, body: dict[str, Any]) -> dict[str, Any]:
        (order,) = body["Order"]
        (instrument,) = order["Instrument"]
        return {
            "client_id": body["clientOrderId"], "action": instrument["orderAction"],
            "symbol": instrument["Product"]["symbol"], "quantity": Decimal(str(instrument["quantity"])),
            "limit": Decimal(str(order["limitPrice"])),
            "lots": [(int(one["id"]), Decimal(str(one["size"]))) for one in instrument.get("Lots", {}).get("Lot", [])],
        }  # fmt: skip

    def _objection(self, account: Account, ticket: dict[str, Any]) -> Reply | None:
        if not re.fullmatch(r"[A-Za-z0-9]{1,20}", ticket["client_id"]):
            return refused(400, 163, "bad clientOrderId")
        held = {
            lot.number: lot.quantity - self.book.busy(account, lot.number)
            for lot in account.lots
            if lot.symbol == ticket["symbol"]
        }
        if ticket["action"] == "SELL":
            if ticket["quantity"] > sum(held.values()) or any(size > held.get(number, 0) for number, size in ticket["lots"]):
                return refused(400, 1037, "There are not enough available shares, or they are in an open order", xml=True)
            if ticket["lots"] and sum(size for _, size in ticket["lots"]) != ticket["quantity"]:
                return refused(400, 163, "the lots do not add up")
        elif ticket["quantity"] * ticket["limit"] > account.cash:
            return refused(400, 8400, "This order cannot be accepted due to insufficient funds in your account")
        if ticket["quantity"] != int(ticket["quantity"]) and (
            ticket["action"] == "BUY" or ticket["quantity"] != sum(held.values())
        ):
            return refused(400, 163, "no fractional shares")
        return None

    def _preview(self, account: Account, body: dict[str, Any]) -> Reply:
        ticket = self._ticket(body["PreviewOrderRequest"])
        objection = self._objection(account, ticket)
        if objection is not None:
            return objection
        number = next(self._numbers)
        self._previews[number] = (account.key, ticket, self.book.now)
        echo = self._echo(body["PreviewOrderRequest"], ticket)
        if self.faults.happens("other_echo"):
            echo["Instrument"][0]["quantity"] += 1
        return said(
            {
                "PreviewOrderResponse": {
                    "orderType": "EQ", "Order": [echo], "PreviewIds": [{"previewId": number}],
                    "previewTime": shapes.milliseconds(self.book.now), "accountId": account.number,
                }
            }
        )  # fmt: skip

    def _echo(self, body: dict[str, Any], ticket: dict[str, Any]) -> dict[str, Any]:
        amount = ticket["quantity"] * ticket["limit"]
        return {
            "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT", "limitPrice": float(ticket["limit"]), "stopPrice": 0,
            "marketSession": "REGULAR", "allOrNone": False, "messages": {}, "estimatedCommission": 0, "estimatedFees": 0,
            "estimatedTotalAmount": float(amount if ticket["action"] == "BUY" else -amount),
            "Instrument": [
                {
                    "symbolDescription": ticket["symbol"], "orderAction": ticket["action"], "quantityType": "QUANTITY",
                    "quantity": shapes.number(ticket["quantity"]), "cancelQuantity": 0,
                    "Product": {"symbol": ticket["symbol"], "securityType": "EQ"},
                }
            ],
        }  # fmt: skip

    def _place(self, account: Account, body: dict[str, Any]) -> Reply:
        happens, request = self.faults.happens, body["PlaceOrderRequest"]
        if happens("preview_timed_out"):
            return refused(400, 1033, TIMED_OUT)
        if happens("preview_timed_out_101"):
            return refused(400, 101, TIMED_OUT)
        if happens("busy_xml"):
            return refused(400, 1037, "There are not enough available shares", xml=True)
        if happens("unlisted_refusal"):
            return refused(400, 4711, "Something is not as it should be")
        if happens("reset_before"):
            return Reply(drop=True)
        if happens("error_before"):
            return refused(500, 100, "The requested service is not currently available.")
        number = int(request.get("PreviewIds", [{"previewId": 0}])[0]["previewId"])
        known = self._previews.get(number)
        if known is None or known[0] != account.key:
            return refused(400, 101, "{com.etrade.api.v1.order.InvalidPreviewId}")
        if self.book.now - known[2] > PREVIEW_LIVES:
            return refused(400, 1033, TIMED_OUT)
        ticket = self._ticket(request)  # the service does not compare it with what was previewed
        if self.refuses_doubles and any(one.client_id == ticket["client_id"] for one in account.orders):
            return refused(400, 1028, "A duplicate order was received")
        objection = self._objection(account, ticket)
        if objection is not None:
            return objection
        order = self.book.place(account, ticket, wrong_lots=happens("wrong_lots"))
        if happens("late_list"):
            order.hidden = 10**9
        return self._taken(account, request, ticket, order)

    def _taken(self, account: Account, request: dict[str, Any], ticket: dict[str, Any], order: Listed) -> Reply:
        happens = self.faults.happens
        if happens("reset_after"):
            return Reply(drop=True)
        if happens("error_after"):
            return refused(500, 100, "The requested service is not currently available.")
        if happens("html_after"):
            return page(200, "Gateway")
        if happens("empty_after"):
            return Reply()
        code = 9990 if happens("odd_code") else 1026 if self.book.open else 1027
        echo = self._echo(request, ticket)
        echo["messages"] = {
            "Message": [{"description": "200|Your order was successfully entered.", "code": code, "type": "WARNING"}]
        }
        response = {
            "orderType": "EQ", "placedTime": shapes.milliseconds(self.book.now), "accountId": account.number, "Order": [echo],
            "OrderIds": [{"orderId": order.number}],
        }  # fmt: skip
        if happens("no_number"):
            del response["OrderIds"]
        reply = said({"PlaceOrderResponse": response})
        reply.cut = happens("cut_after")
        return reply

    def _cancel(self, account: Account, body: dict[str, Any]) -> Reply:
        number = int(body["CancelOrderRequest"]["orderId"])
        order = next((one for one in account.orders if one.number == number), None)
        if order is None:
            return refused(400, 1011, "no such order")
        if order.status != "OPEN":
            return refused(400, 5001, "This order is currently being executed or rejected. It cannot be cancelled")
        order.status = "CANCEL_REQUESTED"
        if self.faults.happens("cancel_lost"):
            return Reply(drop=True)
        message = {"code": 5011, "description": "200|Your request to cancel your order is being processed.", "type": "WARNING"}
        return said(
            {
                "CancelOrderResponse": {
                    "accountId": account.number, "orderId": number, "cancelTime": shapes.milliseconds(self.book.now),
                    "messages": {"Message": [message]},
                }
            }
        )  # fmt: skip
