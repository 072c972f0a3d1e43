"""Where orders are previewed, placed and cancelled, or what a fault makes of that."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from decimal import Decimal
from typing import Any

from etrade_server import shapes
from etrade_server.book import Account, Book, Listed
from etrade_server.faults import Faults
from etrade_server.replies import Reply, page, refused, said

__all__ = ["Desk"]

PREVIEW_LIVES = dt.timedelta(minutes=3)
TIMED_OUT = (
    "For your protection, we have timed out your original order request. Please review the information and resubmit your order."
)


class Desk:
    """Takes orders into a book.

    Attributes:
        book: What the broker has.
        faults: What it does wrong.
        refuses_doubles: Whether a second order of one client id is refused.
    """

    def __init__(self, book: Book, faults: Faults) -> None:
        self.book = book
        self.faults = faults
        self.refuses_doubles = False
        self._previews: dict[int, tuple[str, dict[str, Any], dt.datetime]] = {}
        self._numbers = itertools.count(1627181131)

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

    def preview(self, account: Account, body: dict[str, Any]) -> Reply:
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

    def place(self, account: Account, body: dict[str, Any]) -> Reply:
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

    def cancel(self, account: Account, body: dict[str, Any]) -> Reply:
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
