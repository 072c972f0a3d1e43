"""What the server answers: signed requests in, what the documentation says out, or what a fault makes of it."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from etrade_server import shapes
from etrade_server.book import Account, Book
from etrade_server.desk import Desk
from etrade_server.faults import Faults
from etrade_server.oauth import OAuth, Refused
from etrade_server.replies import NOTHING, Call, Reply, page, refused, said


def _day(text: str) -> dt.date:
    """A day as MMDDYYYY."""
    return dt.date(int(text[4:]), int(text[:2]), int(text[2:4]))


class Api:
    """All of E*TRADE that is known, over a book.

    Attributes:
        book: What the broker has.
        faults: What it does wrong.
        oauth: Who is let in; None to let everybody in.
        desk: Where orders go.
        host: Its own address, which it shows in answers.
    """

    def __init__(self, book: Book, faults: Faults, oauth: OAuth | None, host: str = "http://127.0.0.1") -> None:
        self.book = book
        self.faults = faults
        self.oauth = oauth
        self.desk = Desk(book, faults)
        self.host = host

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
            handler = {"orders/preview": self.desk.preview, "orders/place": self.desk.place, "orders/cancel": self.desk.cancel}[
                what
            ]
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
