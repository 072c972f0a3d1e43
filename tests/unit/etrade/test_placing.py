"""What each answer to an order proves: that it is there, that it is not, or nothing."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import BrokerError, ConfigError, DataError, LoginRequired
from rebalkit.model import LotSale, OrderPreview, OrderRequest, Placed, PlaceResult, Refused, Side, Unknown
from rebalkit_etrade.answers import Answer, EtradeError, error_of
from rebalkit_etrade.client import Client
from rebalkit_etrade.records import Account
from rebalkit_etrade.trading.placing import Desk
from rebalkit_etrade.trading.refusals import REFUSALS, judged

MORNING = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
SALE = OrderRequest("SALE1", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")
BUY = OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20")
TIMED_OUT = "For your protection, we have timed out your original order request. If you would like to place this order, please resubmit it now."
NO_FUNDS = "This order cannot be accepted due to insufficient funds in your account."
NO_SHARES = "We did not find enough available shares of this security in your account for the closing order as placed."


class FakeWire:
    """Answers a preview as the order that it was sent, with one thing ``changed``, and a placement with ``answer``."""

    def __init__(self) -> None:
        self.now = MORNING
        self.changed: dict[str, Any] = {}
        self.answer: Any = {"PlaceOrderResponse": {"Order": {"limitPrice": 1}, "OrderIds": [{"orderId": 12}]}}
        self.sent: list[tuple[str, Any]] = []

    def ready(self) -> None:
        pass

    def send(self, verb: str, path: str, body: Any) -> Answer:
        self.sent.append((path, body))
        if path.endswith("place.json"):
            answer = self.answer
            if isinstance(answer, Exception):
                raise answer
        else:
            (order,) = body["PreviewOrderRequest"]["Order"]
            (instrument,) = order["Instrument"]
            of_leg = {
                name: self.changed[name]
                for name in self.changed
                if name in ("Product", "orderAction", "quantity", "quantityType", "Lots")
            }
            of_order = {name: value for name, value in self.changed.items() if name not in of_leg}
            shown = {**order, "Instrument": [{**instrument, **of_leg}], **of_order}
            answer = {"PreviewOrderResponse": {"Order": [shown], "PreviewIds": [{"previewId": 30 + len(self.sent)}]}}
        return answer if isinstance(answer, Answer) else Answer(200, "application/json", json.dumps(answer).encode())

    @property
    def placed(self) -> list[Any]:
        return [body for path, body in self.sent if path.endswith("place.json")]


MINE = Account("58315636", "KEY", "CASH", "INDIVIDUAL", "", "", "BROKERAGE", "ACTIVE", None)


@pytest.fixture
def wire() -> FakeWire:
    return FakeWire()


@pytest.fixture
def desk(wire: FakeWire) -> Desk:
    return Desk(Client(wire), lambda: wire.now)  # type: ignore[arg-type]


# Previews


@pytest.mark.parametrize(
    ("request_", "changed", "estimated", "fees"),
    [
        (BUY, {"estimatedTotalAmount": 351.05, "estimatedCommission": 0.05}, "351.05", "0.05"),
        (SALE, {"estimatedTotalAmount": -1994.98, "estimatedFees": "0.02"}, "1994.98", "0.02"),
        (BUY, {"estimatedCommission": 1, "estimatedFees": 0.5}, "352.50", "1.5"),
        (SALE, {"estimatedCommission": 1, "estimatedFees": 0.5}, "1993.50", "1.5"),
        (BUY, {}, "351", "0"),
    ],
)
def test_a_preview_says_what_comes_of_it_with_its_fees(
    desk: Desk, wire: FakeWire, request_: OrderRequest, changed: dict[str, Any], estimated: str, fees: str
) -> None:
    wire.changed = changed
    preview = desk.preview(MINE, request_)
    assert preview == OrderPreview("31", request_, estimated, fees, (), MORNING + dt.timedelta(seconds=150))


def test_remarks_are_told_with_their_codes(desk: Desk, wire: FakeWire) -> None:
    wire.changed = {"messages": {"Message": [{"code": 9011, "description": "far off"}, {"description": "no code"}]}}
    assert desk.preview(MINE, SALE).warnings == ("far off (9011)", "no code")


@pytest.mark.parametrize(
    "changed",
    [
        {"Product": {"symbol": "VOO", "securityType": "EQ"}}, {"orderAction": "SELL_SHORT"}, {"orderAction": "BUY"}, {"quantity": 100},
        {"quantity": "10.5"}, {"limitPrice": 19.95}, {"priceType": "MARKET"}, {"orderTerm": "GOOD_UNTIL_CANCEL"}, {"marketSession": "EXTENDED"},
        {"quantityType": "DOLLAR"}, {"Product": {"symbol": "VTI", "securityType": "OPTN"}}, {"Lots": {"Lot": [{"id": 1, "size": 10}]}},
    ],
)  # fmt: skip
def test_a_preview_of_another_order_is_refused_and_cannot_be_placed(desk: Desk, wire: FakeWire, changed: dict[str, Any]) -> None:
    wire.changed = changed
    with pytest.raises(BrokerError, match="took the order for another one") as caught:
        desk.preview(MINE, SALE)
    assert caught.value.code == "preview_differs"
    assert isinstance(desk.place(MINE, OrderPreview("31", SALE, 1)), Refused)
    assert wire.placed == []


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "10.0"},
        {"limitPrice": "199.50"},
        {"Product": {"symbol": "vti"}},
        {"limitPrice": None},
        {"Lots": None},
    ],
)
def test_a_preview_of_the_same_order_in_another_form_is_taken(desk: Desk, wire: FakeWire, changed: dict[str, Any]) -> None:
    wire.changed = changed
    assert desk.place(MINE, desk.preview(MINE, SALE)) == Placed("12")


def test_a_preview_with_an_error_is_refused(desk: Desk, wire: FakeWire) -> None:
    wire.changed = {
        "messages": {"Message": [{"code": 1, "description": "no", "type": "ERROR"}, {"description": "so", "type": "INFO"}]}
    }
    with pytest.raises(BrokerError, match="E\\*TRADE says of the order: no") as caught:
        desk.preview(MINE, SALE)
    assert caught.value.code == "preview_refused"


def test_only_limit_orders_are_sent(desk: Desk, wire: FakeWire) -> None:
    with pytest.raises(BrokerError, match="only ever sent limit orders") as caught:
        desk.preview(MINE, evolve(SALE, limit=None))
    assert (caught.value.code, wire.sent) == ("no_limit", [])


# Placing what was previewed


def test_what_was_previewed_is_sent_once_under_its_number(desk: Desk, wire: FakeWire) -> None:
    first, second = desk.preview(MINE, SALE), desk.preview(MINE, BUY)
    assert [desk.place(MINE, one) for one in (second, first)] == [Placed("12"), Placed("12")]
    previews = [body["PreviewOrderRequest"] for path, body in wire.sent if path.endswith("preview.json")]
    assert [body["PlaceOrderRequest"] for body in wire.placed] == [
        {**previews[1], "PreviewIds": [{"previewId": 32}]},
        {**previews[0], "PreviewIds": [{"previewId": 31}]},
    ]


@pytest.mark.parametrize(
    "other",
    [
        evolve(SALE, client_id="SALE2"), evolve(SALE, symbol="VOO"), evolve(SALE, side=Side.BUY), evolve(SALE, lots=()),
        evolve(SALE, quantity=9), evolve(SALE, limit=Decimal("199.49")), evolve(SALE, lots=(LotSale("494715020212", 10),)),
    ],
)  # fmt: skip
def test_another_order_than_the_one_that_was_previewed_is_not_sent(desk: Desk, wire: FakeWire, other: OrderRequest) -> None:
    preview = desk.preview(MINE, SALE)
    for wrong in (evolve(preview, request=other), evolve(preview, preview="32")):
        result = desk.place(MINE, wrong)
        assert result == Refused("preview_expired", "this session has no preview of just this order")
    assert desk.place(evolve(MINE, key="OTHER"), preview) == Refused(
        "preview_expired", "this session has no preview of just this order"
    )
    assert wire.placed == []


@pytest.mark.parametrize(("seconds", "sent"), [(0, 1), (149.999, 1), (150, 0), (151, 0), (86400, 0)])
def test_a_preview_is_placed_for_two_and_a_half_minutes(desk: Desk, wire: FakeWire, seconds: float, sent: int) -> None:
    preview = desk.preview(MINE, SALE)
    wire.now += dt.timedelta(seconds=seconds)
    result = desk.place(MINE, preview)
    assert isinstance(result, Placed if sent else Refused)
    assert len(wire.placed) == sent


# Verdicts


def error(status: int, number: int | None, text: str) -> Answer:
    code = {} if number is None else {"code": number}
    return Answer(status, "application/json", json.dumps({"Error": {**code, "message": text}}).encode())


def taken(number: int, *messages: tuple[int, str]) -> dict[str, Any]:
    said = [{"code": code, "description": "so", "type": kind} for code, kind in messages]
    return {
        "PlaceOrderResponse": {"Order": [{"messages": {"Message": said}, "limitPrice": 1}], "OrderIds": [{"orderId": number}]}
    }


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (taken(12), Placed("12")),
        (taken(12, (1026, "WARNING")), Placed("12")),
        (taken(12, (1027, "WARNING")), Placed("12")),  # queued until the market opens
        (taken(12, (4711, "INFO"), (1, "INFO_HOLD")), Placed("12")),
        (taken(12, (1026, "WARNING"), (7, "error")), Unknown),
        (taken(0), Unknown),
        ({"PlaceOrderResponse": {"Order": [{"limitPrice": 1}]}}, Unknown),
        ({"PlaceOrderResponse": {"OrderIds": [{"orderId": 12}]}}, Unknown),
        ({"PreviewOrderResponse": {}}, Unknown),
        (Answer(200, "", b""), Unknown),
        (Answer(200, "text/html", b"<html>portal</html>"), Unknown),
        (Answer(204, "", b""), Unknown),
        (error(400, 1033, TIMED_OUT), "preview_expired"),
        (error(400, 101, TIMED_OUT), "preview_expired"),
        (error(400, 101, "{com.etrade.api.v1.order.InvalidPreviewId}"), Unknown),  # it may have been used, and the order be there
        (error(400, 8400, NO_FUNDS), "insufficient_funds"),
        (error(400, 1037, NO_SHARES), "shares_not_available"),
        (Answer(400, "application/xml", f"<Error><code>1037</code><message>{NO_SHARES}</message></Error>".encode()), "shares_not_available"),
        (error(400, 1033, "something else"), Unknown),
        (error(400, 101, "something else"), Unknown),
        (error(400, 8400, "something else"), Unknown),
        (error(400, None, TIMED_OUT), Unknown),
        (error(400, 9999, NO_FUNDS), Unknown),
        (error(400, 100, "not yours"), Unknown),
        (error(400, 900, "Invalid Preview Id"), Unknown),
        (error(200, 8400, NO_FUNDS), Unknown),
        (error(500, 1037, NO_SHARES), Unknown),
        (error(500, 100, "not currently available"), Unknown),
        (error(401, 8400, NO_FUNDS), Unknown),
        (Answer(400, "text/html", b"<h1>Number of requests exceeded the rate limit set</h1>"), Unknown),
        (Answer(429, "", b""), Unknown),
        (Answer(502, "", b"1037"), Unknown),
        (BrokerError("reset", code="unreachable"), Unknown),
        (BrokerError("moved", code="redirected"), Unknown),
        (LoginRequired("over"), Unknown),
        (DataError("cut off"), Unknown),
        (ConfigError("the disk is full"), Unknown),
    ],
)  # fmt: skip
def test_an_answer_proves_what_it_proves_and_nothing_more(desk: Desk, wire: FakeWire, answer: Any, verdict: Any) -> None:
    preview = desk.preview(MINE, SALE)
    wire.answer = answer
    result: PlaceResult = desk.place(MINE, preview)
    if isinstance(verdict, str):
        assert isinstance(result, Refused)
        assert result.code == verdict
    elif verdict is Unknown:
        assert isinstance(result, Unknown)
        assert result.why
    else:
        assert result == verdict
    assert len(wire.placed) == 1


def test_an_error_beside_a_number_is_told_with_both(desk: Desk, wire: FakeWire) -> None:
    preview = desk.preview(MINE, SALE)
    wire.answer = taken(12, (7, "ERROR"), (8, "WARNING"), (9, "ERROR"))
    assert desk.place(MINE, preview) == Unknown("E*TRADE gave the order the number 12 and said: so; so")


NUMBERS = st.sampled_from([None, *(one.number for one in REFUSALS), "100", "9999"])
TEXTS = st.sampled_from([TIMED_OUT, NO_FUNDS, NO_SHARES, "{com.etrade.api.v1.order.InvalidPreviewId}", "", "other"])


@given(st.integers(200, 599).filter(lambda status: status != 400), NUMBERS, TEXTS)
def test_an_error_of_another_status_than_400_is_never_a_refusal(status: int, number: str | None, text: str) -> None:
    assert isinstance(judged(EtradeError(status, number, text)), Unknown)


@given(st.one_of(st.none(), st.integers(0, 10**5).map(str), st.text(max_size=5)), st.text(max_size=60))
def test_a_code_that_is_not_in_the_table_is_never_a_refusal(number: str | None, text: str) -> None:
    if number not in {one.number for one in REFUSALS}:
        assert isinstance(judged(EtradeError(400, number, text + TIMED_OUT)), Unknown)


@given(NUMBERS, st.text(max_size=60))
def test_a_code_of_several_meanings_needs_its_words(number: str | None, text: str) -> None:
    if not any(words in text.lower() for words in ("timed out", "insufficient")):
        assert isinstance(judged(EtradeError(400, number, text)), Refused if number == "1037" else Unknown)


def test_a_refusal_quotes_the_words_made_harmless() -> None:
    result = judged(error_of(error(400, 8400, "insufficient\x1b[31m funds\n" + "x" * 999)))
    assert result == Refused("insufficient_funds", ("insufficient funds " + "x" * 999)[:300])
