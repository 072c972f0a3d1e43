"""E*TRADE's plugin in the place of the scripted broker: a wire whose other end is the simulated venue, and names put back as they were."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from attrs import evolve

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    Action,
    LotSale,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    Placed,
    PlaceResult,
    Quote,
    Refused,
    Side,
    Transaction,
)
from rebalkit.testing.simulation import SimBroker
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.client import Client
from rebalkit_etrade.trading.broker import EtradeBroker

__all__ = ["connected"]

_STATUS = {
    OrderState.OPEN: "OPEN", OrderState.FILLED: "EXECUTED", OrderState.CANCELLED: "CANCELLED", OrderState.EXPIRED: "EXPIRED",
    OrderState.REJECTED: "REJECTED",
}  # fmt: skip
_KINDS = {Action.BUY: "Bought", Action.SELL: "Sold", Action.REINVEST: "Dividend Reinvestment"}


class Names:
    """Whole numbers for the names of the simulation, and back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        return self._numbers.setdefault(name, 494_715_020_211 + len(self._numbers))

    def name(self, number: int | str) -> str:
        return next(name for name, one in self._numbers.items() if one == int(number))


class SimWire:
    """Carries requests to a simulated broker, and its answers back as E*TRADE writes them."""

    def __init__(self, broker: SimBroker, names: Names) -> None:
        self.broker = broker
        self.names = names
        self.meant: dict[str, OrderRequest] = {}
        self._previews: dict[int, OrderPreview] = {}
        self._lacks = False

    def moment(self) -> dt.datetime:
        return self.broker.venue.clock.true_now

    def ready(self) -> None:
        if not self.broker.logged_in:
            raise LoginRequired("the session is over")

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        venue = self.broker.venue
        try:
            return self._got(path, query or {})
        except LoginRequired:
            raise
        except BrokerError as problem:
            if problem.code == "unreachable":
                raise
            return _error(500, 100, "The requested service is not currently available")
        finally:
            if self._lacks:
                # Open orders are in E*TRADE's list only: what an old list lacks was not shown with the account, either.
                venue.seen_changes = min(venue.seen_changes, venue.changes - 1)

    def _got(self, path: str, query: Mapping[str, str]) -> Answer:
        broker = self.broker
        if path == "/v1/accounts/list.json":
            accounts = [
                {
                    "accountId": str(self.names.number(one.account)), "accountIdKey": f"key-{one.account}", "accountMode": "CASH",
                    "accountType": "INDIVIDUAL" if one.kind.taxable else "ROTHIRA", "institutionType": "BROKERAGE",
                    "accountStatus": "ACTIVE",
                }
                for one in broker.accounts()
            ]  # fmt: skip
            return _said({"AccountListResponse": {"Accounts": {"Account": accounts}}})
        quoted = re.fullmatch(r"/v1/market/quote/(.+)\.json", path)
        if quoted:
            return _said(
                {
                    "QuoteResponse": {
                        "QuoteData": [_quote(one) for one in broker.quotes(map(unquote, quoted[1].split(","))).values()]
                    }
                }
            )
        found = re.fullmatch(r"/v1/accounts/key-([a-z]+)/([a-z]+)(?:/(\d+))?\.json", path)
        assert found is not None, path
        account, what, number = found.groups()
        if what == "orders":
            return self._orders(account, number)
        if what == "transactions":
            return self._transactions(account, query)
        shown = broker.snapshot(account)
        if what == "balance":
            cash = {"cashAvailableForInvestment": shown.cash.total, "unSettledCashForInvestment": shown.cash.unsettled}
            return _said(
                {"BalanceResponse": {"accountId": str(self.names.number(account)), "accountMode": "CASH", "Computed": cash}}
            )
        return self._lots(shown, int(number)) if number else self._portfolio(shown)

    def _portfolio(self, shown: AccountSnapshot) -> Answer:
        shares: dict[str, Decimal] = {}
        for lot in shown.lots:
            shares[lot.symbol] = shares.get(lot.symbol, Decimal(0)) + lot.quantity
        positions = [
            {
                "positionId": self.names.number(f"{shown.account} {symbol}"), "positionType": "LONG", "quantity": quantity,
                "Product": {"symbol": symbol, "securityType": "EQ"},
            }
            for symbol, quantity in shares.items()
        ]  # fmt: skip
        return (
            _said({"PortfolioResponse": {"AccountPortfolio": [{"Position": positions}]}}) if positions else Answer(204, "", b"")
        )

    def _lots(self, shown: AccountSnapshot, number: int) -> Answer:
        symbol = self.names.name(number).split()[1]
        lots = [
            {
                "positionId": number, "positionLotId": self.names.number(lot.lot), "remainingQty": lot.quantity,
                "price": (lot.cost / lot.quantity).quantize(Decimal("0.00000001")) if lot.cost else 0,
                "acquiredDate": _midnight(lot.acquired),
            }
            for lot in shown.lots
            if lot.symbol == symbol and lot.acquired
        ]  # fmt: skip
        return _said({"PositionLotsResponse": {"PositionLot": lots}})

    def _orders(self, account: str, number: str | None) -> Answer:
        listed = self.broker.orders(account, dt.date(2000, 1, 1)) if account == self.broker.venue.account else []
        told = {one.order for one in listed}
        self._lacks = any(one.order not in told and not one.ours for one in self.broker.venue.working)
        shown = [_listed(one) for one in listed if number in (None, one.order)]
        if number is not None and not shown:
            return _error(400, 1011, "no such order")
        return _said({"OrdersResponse": {"Order": shown[::-1]}}) if shown else Answer(204, "", b"")

    def _transactions(self, account: str, query: Mapping[str, str]) -> Answer:
        first, last = (_day(query[name]) for name in ("startDate", "endDate"))
        everything = enumerate(self.broker.transactions(account, dt.date.min), 1)
        marker = int(query.get("marker", "0"))
        name = str(self.names.number(account))
        rows = [_row(number, name, one) for number, one in everything if first <= one.date <= last][marker : marker + 50]
        if not rows:
            return Answer(204, "", b"")
        return _said({"TransactionListResponse": {"Transaction": rows, "marker": str(marker + len(rows))}})

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        if not self.broker.logged_in:
            raise LoginRequired("the session is over")
        account = path.split("/")[3].removeprefix("key-")
        content: Any = next(iter(body.values()))
        if path.endswith("/cancel.json"):
            try:
                self.broker.cancel(account, str(content["orderId"]))
            except LoginRequired:
                raise
            except BrokerError as problem:
                if problem.code == "unreachable":
                    raise
                return _error(400, 5001, problem.reason)
            return _said({"CancelOrderResponse": {"orderId": content["orderId"]}})
        return self._previewed(account, content) if path.endswith("/preview.json") else self._placed(account, content)

    def _previewed(self, account: str, content: Any) -> Answer:
        (order,) = content["Order"]
        (instrument,) = order["Instrument"]
        lots = instrument.get("Lots", {}).get("Lot", [])
        request = OrderRequest(
            content["clientOrderId"], Side(instrument["orderAction"].lower()), instrument["Product"]["symbol"],
            str(instrument["quantity"]), tuple(LotSale(self.names.name(one["id"]), str(one["size"])) for one in lots),
            str(order["limitPrice"]),
        )  # fmt: skip
        meant = self.meant[request.client_id]
        assert request == meant, "the body does not say what was meant"
        try:
            # With its own digits: the judge compares how the two are written, too.
            preview = self.broker.preview(account, meant)
        except LoginRequired:
            raise
        except BrokerError as problem:
            if problem.code == "unreachable":
                raise
            return _error(400, 1508, problem.reason)
        number = 1_627_181_131 + len(self._previews)
        self._previews[number] = preview
        echo = {**order, "estimatedTotalAmount": preview.estimated, "estimatedCommission": preview.fees}
        return _said({"PreviewOrderResponse": {"Order": [echo], "PreviewIds": [{"previewId": number}]}})

    def _placed(self, account: str, content: Any) -> Answer:
        result: PlaceResult = self.broker.place(account, self._previews[content["PreviewIds"][0]["previewId"]])
        if isinstance(result, Placed):
            return _said({"PlaceOrderResponse": {"Order": content["Order"], "OrderIds": [{"orderId": int(result.order)}]}})
        if isinstance(result, Refused):
            if result.code == "login":
                raise LoginRequired("the session is over")
            if result.code == "preview_expired":
                return _error(400, 1033, "For your protection, we have timed out your original order request")
            return _error(400, 8400 if result.code == "halted" else 1028, "insufficient funds")
        raise BrokerError(result.why, code="unreachable")


class Renamed:
    """The plugin's broker under the simulation's names of accounts and lots."""

    def __init__(self, broker: EtradeBroker, names: Names, wire: SimWire) -> None:
        self.capabilities = broker.capabilities
        self._wire = wire
        self._broker = broker
        self._names = names

    def _there(self, account: str) -> str:
        return str(self._names.number(account))

    def now(self) -> dt.datetime:
        return self._broker.now()

    def today(self) -> dt.date:
        return self._broker.today()

    def accounts(self) -> Sequence[AccountRef]:
        return [AccountRef(self._names.name(one.account), one.kind) for one in self._broker.accounts()]

    def snapshot(self, account: str) -> AccountSnapshot:
        return self._back(account, self._broker.snapshot(self._there(account)))

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        return self._back(account, self._broker.part(self._there(account), symbols))

    def _back(self, account: str, shown: AccountSnapshot) -> AccountSnapshot:
        lots = tuple(evolve(lot, lot=self._names.name(lot.lot)) for lot in shown.lots)
        return evolve(shown, account=account, lots=lots)

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        return self._broker.quotes(symbols)

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        return [evolve(one, account=account) for one in self._broker.transactions(self._there(account), since)]

    def part_transactions(self, account: str, symbols: Collection[str]) -> Sequence[Transaction]:
        return [evolve(one, account=account) for one in self._broker.part_transactions(self._there(account), symbols)]

    def history_from(self, account: str) -> dt.date | None:
        return self._broker.history_from(self._there(account))

    def notes(self) -> Sequence[str]:
        return self._broker.notes()

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        self._wire.meant[request.client_id] = request
        return evolve(self._broker.preview(self._there(account), self._sent(request)), request=request)

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        return self._broker.place(self._there(account), evolve(preview, request=self._sent(preview.request)))

    def _sent(self, request: OrderRequest) -> OrderRequest:
        return evolve(request, lots=tuple(LotSale(self._there(part.lot), part.quantity) for part in request.lots))

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        return self._broker.orders(self._there(account), since)

    def cancel(self, account: str, order: str) -> OrderStatus:
        return self._broker.cancel(self._there(account), order)


def connected(broker: SimBroker) -> Renamed:
    """The plugin, connected to a simulated venue."""
    names = Names()
    can = evolve(broker.capabilities, echoes_client_id=False, dedupes_client_id=False)
    wire = SimWire(broker, names)
    return Renamed(EtradeBroker(Client(wire), can), names, wire)


def _said(document: Any, status: int = 200) -> Answer:
    return Answer(status, "application/json", json.dumps(document, default=str).encode())


def _error(status: int, code: int, message: str) -> Answer:
    return _said({"Error": {"code": code, "message": message}}, status)


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), NEW_YORK).timestamp() * 1000)


def _day(text: str) -> dt.date:
    return dt.date(int(text[4:]), int(text[:2]), int(text[2:4]))


def _quote(one: Quote) -> Any:
    return {
        "quoteStatus": "DELAYED" if one.delayed else "REALTIME",
        "dateTimeUTC": int(one.at.timestamp()) if one.at else 0,
        "Product": {"symbol": one.symbol, "securityType": "EQ"},
        "All": {"bid": one.bid, "ask": one.ask},
    }


def _listed(one: OrderStatus) -> Any:
    instrument = {
        "Product": {"symbol": one.symbol, "securityType": "EQ"}, "orderAction": one.side.value.upper(), "orderedQuantity": one.quantity,
        "filledQuantity": one.filled, "averageExecutionPrice": one.average_price or 0, "estimatedCommission": one.fees,
    }  # fmt: skip
    detail = {
        "placedTime": int(one.placed.timestamp() * 1000), "status": _STATUS[one.state], "priceType": "LIMIT",
        "limitPrice": one.limit, "Instrument": [instrument],
    }  # fmt: skip
    return {"orderId": int(one.order), "OrderDetail": [detail]}


def _row(number: int, account: str, one: Transaction) -> Any:
    return {
        "transactionId": str(22_322_167_000_000 + number), "accountId": account, "transactionDate": _midnight(one.date),
        "amount": 0, "transactionType": _KINDS[one.action],
        "brokerage": {
            "product": {"symbol": one.symbol, "securityType": "EQ"} if one.action is not Action.SELL else {},
            "displaySymbol": one.symbol, "quantity": one.quantity, "price": one.price, "fee": one.fees,
        },
    }  # fmt: skip
