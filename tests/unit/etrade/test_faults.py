"""Faults of the API and of the network, each by its number (see SAFETY.md), brought about at the local server."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etrade_server import EtradeServer, Lot
from etrade_server.replies import refused
from etrade_world import ACCOUNT, IRA, logged_in
from rebalkit.errors import BrokerError, ConfigError, DataError, LoginRequired, UsageError
from rebalkit.model import AccountKind, Action, LotSale, OrderRequest, OrderState, Placed, Refused, Side, Unknown
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.settings import EtradeSettings

SALE = OrderRequest("SALE0001", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")
BUY = OrderRequest("BUY0001", Side.BUY, "BND", 5, (), "70.20")


@pytest.fixture
def broker(etrade: EtradeServer, tmp_path: Path) -> Connected:
    return logged_in(etrade, tmp_path)


def at_broker(server: EtradeServer) -> int:
    return len(server.book.accounts[0].orders)


def placed(broker: Connected, request: OrderRequest = SALE) -> Any:
    return broker.place(ACCOUNT, broker.preview(ACCOUNT, request))


# Placing: what proves something, and what does not


def test_an_order_is_placed_with_its_lots_and_is_listed(broker: Connected, etrade: EtradeServer) -> None:
    assert placed(broker) == Placed("11")
    (order,) = broker.orders(ACCOUNT, broker.today())
    assert (order.order, order.state, order.filled, order.limit, order.client_id) == (
        "11",
        OrderState.FILLED,
        10,
        Decimal("199.5"),
        None,
    )
    (kept,) = etrade.book.accounts[0].orders
    assert kept.lots == [(494715020211, 10)]
    preview, place = (one for one in etrade.calls if "/orders/p" in one.path)
    assert b'"Lots": {"Lot": [{"id": 494715020211, "size": 10}]}' in place.body
    assert place.body.replace(b"PlaceOrderRequest", b"PreviewOrderRequest").startswith(preview.body[:-2])


@pytest.mark.parametrize(
    ("number", "fault", "landed"),
    [
        ("f001", "reset_after", 1), ("f002", "reset_before", 0), ("f003", "error_after", 1), ("f003", "error_before", 0),
        ("f004", "html_after", 1), ("f004", "cut_after", 1), ("f005", "no_number", 1), ("f005", "empty_after", 1),
        ("f035", "reset_after", 1), ("f036", "cut_after", 1), ("f037", "redirect", 0), ("f038", "portal", 0), ("f042", "token_dead", 0),
    ],
)  # fmt: skip
def test_f001_f002_f003_f004_f005_f035_f036_f037_f038_f042_an_answer_that_proves_nothing_is_unknown(
    broker: Connected, etrade: EtradeServer, number: str, fault: str, landed: int
) -> None:
    preview = broker.preview(ACCOUNT, SALE)
    etrade.faults.add(fault)
    before = len(etrade.calls)
    assert isinstance(broker.place(ACCOUNT, preview), Unknown)
    assert at_broker(etrade) == landed
    assert etrade.paths(before) == ["POST /v1/accounts/vQMsebA1H5WltUfDkJP48g/orders/place.json"]


def test_f006_a_message_of_an_unknown_code_does_not_hide_the_number_of_the_order(broker: Connected, etrade: EtradeServer) -> None:
    etrade.faults.add("odd_code")
    assert placed(broker) == Placed("11")


def test_f008_a_second_order_of_one_client_id_is_never_taken_for_refused(broker: Connected, etrade: EtradeServer) -> None:
    """What E*TRADE answers is not known; a code that nobody has seen proves nothing."""
    etrade.api.desk.refuses_doubles = True
    assert placed(broker) == Placed("11")
    assert isinstance(placed(broker), Unknown)
    assert at_broker(etrade) == 1


@pytest.mark.parametrize("fault", ["preview_timed_out", "preview_timed_out_101"])
def test_f016_a_preview_that_is_too_old_by_either_code_is_to_be_made_again(
    broker: Connected, etrade: EtradeServer, fault: str
) -> None:
    etrade.faults.add(fault)
    assert placed(broker).code == "preview_expired"
    assert at_broker(etrade) == 0


def test_f016_a_preview_of_two_and_a_half_minutes_is_not_sent(broker: Connected, etrade: EtradeServer) -> None:
    preview = broker.preview(ACCOUNT, SALE)
    etrade.book.now += dt.timedelta(seconds=150)
    before = len(etrade.calls)
    assert broker.place(ACCOUNT, preview) == Refused("preview_expired", "the preview is older than two and a half minutes")
    assert etrade.calls[before:] == []


def test_f018_only_what_was_previewed_is_placed(broker: Connected, etrade: EtradeServer) -> None:
    """The service itself would take another order under the number of a preview."""
    from attrs import evolve

    preview = broker.preview(ACCOUNT, SALE)
    other = evolve(preview, request=evolve(SALE, quantity=9, lots=(LotSale("494715020211", 9),)))
    assert broker.place(ACCOUNT, other).code == "preview_expired"  # type: ignore[union-attr]
    assert at_broker(etrade) == 0
    etrade.faults.add("other_echo")
    with pytest.raises(BrokerError, match="took the order for another one"):
        broker.preview(ACCOUNT, SALE)


def test_f020_shares_in_another_order_are_refused_for_certain(broker: Connected, etrade: EtradeServer) -> None:
    preview = broker.preview(ACCOUNT, SALE)
    etrade.faults.add("busy_xml")
    assert broker.place(ACCOUNT, preview).code == "shares_not_available"  # type: ignore[union-attr]


def test_a_purchase_beyond_the_cash_is_refused_at_its_preview(broker: Connected) -> None:
    with pytest.raises(BrokerError, match="insufficient funds") as caught:
        broker.preview(ACCOUNT, OrderRequest("BUY2", Side.BUY, "BND", 500, (), "70.20"))
    assert caught.value.code == "etrade_8400"


def test_a_refusal_that_nobody_has_seen_proves_nothing(broker: Connected, etrade: EtradeServer) -> None:
    preview = broker.preview(ACCOUNT, SALE)
    etrade.faults.add("unlisted_refusal")
    assert isinstance(broker.place(ACCOUNT, preview), Unknown)


def test_f015_an_order_that_is_queued_while_the_market_is_closed_is_placed_and_may_be_rejected(
    broker: Connected, etrade: EtradeServer
) -> None:
    etrade.book.open = False
    assert placed(broker) == Placed("11")
    (order,) = broker.orders(ACCOUNT, broker.today())
    assert order.state is OrderState.OPEN
    etrade.book.accounts[0].orders[0].status = "REJECTED"
    (order,) = broker.orders(ACCOUNT, broker.today())
    assert order.state is OrderState.REJECTED


def test_f010_f011_shares_count_by_what_filled_whatever_the_status(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.fills["BND"] = [2]
    assert placed(broker, BUY) == Placed("11")
    etrade.book.expire()
    (order,) = broker.orders(ACCOUNT, broker.today())
    assert (order.state, order.filled) == (OrderState.EXPIRED, 2)
    (bought,) = broker.transactions(ACCOUNT, broker.today())
    assert (bought.action, bought.symbol, bought.quantity, bought.order) == (Action.BUY, "BND", 2, "11")
    etrade.book.tell(etrade.book.accounts[0], "Bought", "BND", 2, 70.03, etrade.book.today)
    (bought,) = broker.transactions(ACCOUNT, broker.today())
    assert (bought.quantity, bought.order) == (2, None)


# Cancelling


def test_f014_a_cancellation_that_came_too_late_tells_of_the_fill(broker: Connected, etrade: EtradeServer) -> None:
    placed(broker)
    assert broker.cancel(ACCOUNT, "11").state is OrderState.FILLED


@pytest.mark.parametrize("fault", [None, "cancel_lost"])
def test_a_cancellation_is_what_the_list_says_of_it(broker: Connected, etrade: EtradeServer, fault: str | None) -> None:
    etrade.book.fills["VTI"] = []
    placed(broker)
    if fault:
        etrade.faults.add(fault)
    assert broker.cancel(ACCOUNT, "11").state is OrderState.CANCELLED


# Reading


def test_f021_two_positions_of_one_symbol_are_kept_apart_by_their_lots(broker: Connected, etrade: EtradeServer) -> None:
    assert [one.lot for one in broker.snapshot(ACCOUNT).lots if one.symbol == "VTI"] == ["494715020211", "494715020212"]


@pytest.mark.parametrize("kind", ["OPTN", "MF", "MMF", "BOND"])
def test_f022_what_is_not_managed_is_told_and_never_counted(broker: Connected, etrade: EtradeServer, kind: str) -> None:
    etrade.book.accounts[0].positions = [
        {"positionId": 7, "Product": {"symbol": "VTI", "securityType": kind}, "quantity": 2, "positionType": "LONG"},
        {"positionId": 8, "Product": {"symbol": "TSLA", "securityType": "EQ"}, "quantity": -3, "positionType": "SHORT"},
    ]
    assert {one.symbol for one in broker.snapshot(ACCOUNT).lots} == {"VTI", "BND"}
    assert broker.notes() == [
        f"account …5636 holds 2 VTI of the kind {kind}: it is not managed, and not counted",
        "account …5636 holds -3 TSLA owed: it is not managed, and not counted",
    ]


@pytest.mark.parametrize("body", [None, {}, {"AccountPortfolio": ""}, {"AccountPortfolio": [{"accountId": "58315636"}]}])
def test_f023_an_empty_account_holds_nothing(broker: Connected, etrade: EtradeServer, body: Any) -> None:
    etrade.book.accounts[0].lots.clear()
    if body is not None:
        etrade.api._portfolio = lambda call, account: said({"PortfolioResponse": body})  # type: ignore[method-assign]
    if body == {}:
        with pytest.raises(DataError, match="PortfolioResponse is missing"):
            broker.snapshot(ACCOUNT)
    else:
        assert broker.snapshot(ACCOUNT).lots == ()


def said(document: Any) -> Any:
    from etrade_server.replies import said as answer

    return answer(document)


def test_f024_a_marker_that_does_not_move_ends_the_reading(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.prices["BND"] = (Decimal(70), Decimal(71))
    for number in range(205):
        etrade.book.place(
            etrade.book.accounts[0],
            {
                "client_id": f"X{number}",
                "action": "BUY",
                "symbol": "BND",
                "quantity": Decimal(1),
                "limit": Decimal(1),
                "lots": [],
            },
        )
    assert len(broker.orders(ACCOUNT, broker.today())) == 205
    etrade.faults.add("marker_stuck")
    with pytest.raises(DataError, match="brings nothing new"):
        broker.orders(ACCOUNT, broker.today())


def test_all_pages_of_positions_and_of_transactions_are_read(broker: Connected, etrade: EtradeServer) -> None:
    account = etrade.book.accounts[0]
    for number in range(120):
        symbol = f"S{number}"
        etrade.book.prices[symbol] = (Decimal(1), Decimal(1))
        account.lots.append(Lot(symbol, Decimal(1), Decimal(1), dt.date(2025, 1, 2), 1000 + number))
        etrade.book.tell(account, "Bought", symbol, 1, 1, dt.date(2026, 11, 20))
    assert len(broker.snapshot(ACCOUNT).lots) == 123
    assert len(broker.transactions(ACCOUNT, dt.date.min)) == 120


def test_f027_every_part_of_an_order_is_read() -> None:
    from rebalkit_etrade.reading.fields import Fields
    from rebalkit_etrade.reading.orders import orders_in
    from rebalkit_etrade.trading.listing import statuses_in

    detail = {
        "placedTime": 1_764_000_000_000, "status": "OPEN", "priceType": "LIMIT", "limitPrice": 10,
        "Instrument": {"Product": {"symbol": "VTI", "securityType": "EQ"}, "orderAction": "BUY", "orderedQuantity": "1", "filledQuantity": 0},
    }  # fmt: skip
    orders, _ = orders_in(Fields({"Order": {"orderId": 7, "OrderDetail": [detail, {**detail, "status": "CANCELLED"}]}}, "answer"))
    assert sorted((one.order, one.state.value) for one in statuses_in(orders)) == [("7", "open"), ("7.1.0", "cancelled")]


def test_f025_every_block_of_positions_is_read(broker: Connected, etrade: EtradeServer) -> None:
    whole = etrade.api._portfolio

    def in_two_blocks(call: Any, account: Any) -> Any:
        import json

        (block,) = json.loads(whole(call, account).body)["PortfolioResponse"]["AccountPortfolio"]
        first, second = block["Position"]
        return said({"PortfolioResponse": {"AccountPortfolio": [{"Position": first}, {"Position": [second]}]}})

    etrade.api._portfolio = in_two_blocks  # type: ignore[method-assign]
    assert {lot.symbol for lot in broker.snapshot(ACCOUNT).lots} == {"VTI", "BND"}


@pytest.mark.parametrize(("action", "side"), [("BUY_OPEN", Side.BUY), ("SELL_SHORT", Side.SELL), ("BUY_TO_COVER", Side.BUY)])
def test_f026_orders_of_other_kinds_are_listed_and_those_of_unknown_kinds_are_not_guessed(
    broker: Connected, etrade: EtradeServer, action: str, side: Side
) -> None:
    etrade.book.open = False
    placed(broker)
    etrade.book.accounts[0].orders[0].action = action
    assert [one.side for one in broker.orders(ACCOUNT, broker.today())] == [side]
    etrade.book.accounts[0].orders[0].action = "HYPOTHECATE"
    with pytest.raises(DataError, match="its action is 'HYPOTHECATE', which is not known"):
        broker.orders(ACCOUNT, broker.today())
    etrade.book.accounts[0].orders[0].action = "BUY"
    etrade.book.accounts[0].orders[0].status = "PONDERED"
    with pytest.raises(DataError, match="its status is 'PONDERED', which is not known"):
        broker.orders(ACCOUNT, broker.today())


@pytest.mark.parametrize("price", [None, Decimal(0)])
def test_f028_a_lot_without_price_or_date_has_no_known_basis(
    broker: Connected, etrade: EtradeServer, price: Decimal | None
) -> None:
    lot = etrade.book.accounts[0].lots[0]
    lot.price = lot.acquired = None
    first = broker.snapshot(ACCOUNT).lots[0]
    assert (first.cost, first.acquired, first.basis_known) == (None, None, False)


def test_f029_lots_that_do_not_add_up_are_read_once_more_and_then_refused(broker: Connected, etrade: EtradeServer) -> None:
    etrade.faults.add("lots_behind")
    assert len(broker.snapshot(ACCOUNT).lots) == 3
    etrade.faults.add("lots_behind", 2)
    with pytest.raises(DataError, match="its lots of VTI add up to 51 shares, but its position is 50") as caught:
        broker.snapshot(ACCOUNT)
    assert caught.value.code == "lots_differ"
    assert "…5636" in str(caught.value)


def test_f040_an_account_that_changes_while_it_is_read_is_read_again(broker: Connected, etrade: EtradeServer) -> None:
    shares = etrade.book.accounts[0].lots[0].quantity
    etrade.faults.add("portfolio_moves", 4)
    with pytest.raises(DataError, match="changed while they were read"):
        broker.snapshot(ACCOUNT)
    assert broker.snapshot(ACCOUNT).lots[0].quantity > shares


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("CASH", "INDIVIDUAL", "taxable"), ("MARGIN", "JOINT", "taxable"), ("IRA", "MARGIN", "ira"), ("CASH", "ROTHIRA", "roth"),
        ("CASH", "CONTRIBUTORY", "ira"), ("CASH", "SEPIRA", "ira"), ("CASH", "INDIVIDUAL_K", "401k"), ("CASH", "SOMETHING_NEW", "ira"),
    ],
)  # fmt: skip
def test_f030_an_account_is_an_ira_if_either_field_says_so_and_an_unknown_one_is_never_traded(
    broker: Connected, etrade: EtradeServer, mode: str, kind: str, expected: str
) -> None:
    etrade.book.accounts[0].mode, etrade.book.accounts[0].kind = mode, kind
    assert broker.accounts()[0].kind is AccountKind(expected)


def test_f030_closed_accounts_and_those_without_securities_are_left_out(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.accounts[0].status = "CLOSED"
    assert [one.account for one in broker.accounts()] == [IRA]
    etrade.book.accounts[1].institution = "BANKING"
    assert broker.accounts() == []


# The network


def test_f032_the_sandbox_takes_no_orders(etrade: EtradeServer, tmp_path: Path) -> None:
    """It answers everything from stored data."""
    sandbox = Connected(EtradeSettings(environment="sandbox", tokens=f"file:{tmp_path / 'token'}"))
    assert (sandbox.capabilities.live, sandbox.capabilities.places_orders) == (False, False)
    with pytest.raises(LoginRequired, match="nobody has logged in"):
        sandbox.accounts()


def test_f032_a_token_is_sent_to_no_other_host_than_the_one_that_gave_it(broker: Connected, tmp_path: Path) -> None:
    elsewhere = Connected(EtradeSettings(base_url="http://127.0.0.1:9", tokens=f"file:{tmp_path / 'token'}"))
    with pytest.raises(LoginRequired, match="the login is of another address"):
        elsewhere.accounts()


@pytest.mark.parametrize(
    "address",
    ["https://api.etrade.com", "http://etrade.example", "http://127.0.0.1", "http://127.0.0.1:80@evil:1", "http://10.0.0.1:80"],
)
def test_no_other_address_than_one_of_this_machine_can_be_set(etrade: EtradeServer, address: str) -> None:
    with pytest.raises(ConfigError, match="is not an address of this machine"):
        Connected(EtradeSettings(base_url=address))


def test_f117_no_address_of_an_answer_is_ever_asked(
    broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    asked = []
    send = requests.Session.send
    monkeypatch.setattr(
        requests.Session, "send", lambda self, request, **given: asked.append(request.url) or send(self, request, **given)
    )
    etrade.api.host = "https://api.etrade.com.evil.example"
    broker.snapshot(ACCOUNT)
    placed(broker)
    broker.orders(ACCOUNT, broker.today())
    assert len(asked) > 8
    assert all(one.startswith(f"{etrade.url}/v1/") for one in asked)
    etrade.book.accounts[0].key = "../../oauth/renew_access_token?x="
    with pytest.raises(UsageError, match="no key of an account"):
        broker.accounts() and broker.snapshot(ACCOUNT)


def test_f033_f034_where_nobody_answers_questions_fail_and_orders_are_unknown(
    broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    limits = []
    send = requests.Session.send

    def recorded(self: Any, request: Any, **given: Any) -> Any:
        limits.append(given["timeout"])
        raise requests.ConnectionError("no route to host")

    preview = broker.preview(ACCOUNT, SALE)
    monkeypatch.setattr(requests.Session, "send", recorded)
    with pytest.raises(BrokerError) as caught:
        broker.accounts()
    assert caught.value.code == "unreachable"
    assert isinstance(broker.place(ACCOUNT, preview), Unknown)
    assert limits == [(5.0, 30.0)] * 5
    monkeypatch.setattr(requests.Session, "send", send)
    assert at_broker(etrade) == 0


@pytest.mark.parametrize("fault", ["busy", "maintenance", "rate_page", "rate_429", "drop"])
def test_f031_a_question_is_asked_again_politely(broker: Connected, etrade: EtradeServer, fault: str) -> None:
    etrade.faults.add(fault, 3)
    started, before = etrade.book.now, len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert len(etrade.calls) - before == 4
    assert etrade.book.now - started >= dt.timedelta(seconds=14)


@pytest.mark.parametrize("fault", ["busy", "maintenance", "rate_page", "rate_429", "drop"])
def test_a_question_that_is_never_answered_is_an_error_and_no_empty_list(
    broker: Connected, etrade: EtradeServer, fault: str
) -> None:
    etrade.faults.add(fault, 4)
    with pytest.raises(BrokerError):
        broker.orders(ACCOUNT, dt.date(2026, 11, 24))


@pytest.mark.parametrize("fault", ["redirect", "portal"])
def test_f037_f038_pages_of_others_are_no_answers(broker: Connected, etrade: EtradeServer, fault: str) -> None:
    etrade.faults.add(fault)
    with pytest.raises((BrokerError, DataError)):
        broker.accounts()


def test_f042_a_token_that_dies_is_renewed_once_and_then_to_be_asked_for(broker: Connected, etrade: EtradeServer) -> None:
    etrade.faults.add("token_dead")
    assert len(broker.accounts()) == 2
    etrade.faults.add("token_dead", 2)
    with pytest.raises(LoginRequired, match="rebalkit login"):
        broker.accounts()


def test_f083_a_token_that_rested_is_renewed_before_it_is_used(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    before = len(etrade.calls)
    broker.accounts()
    assert etrade.paths(before) == ["GET /oauth/renew_access_token", "GET /v1/accounts/list.json"]


def test_f082_a_token_dies_at_midnight_in_new_york_and_is_not_even_tried(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now = dt.datetime(2026, 11, 25, 5, 0, 1, tzinfo=dt.UTC)
    before = len(etrade.calls)
    with pytest.raises(LoginRequired, match="ended at midnight in New York") as caught:
        broker.accounts()
    assert caught.value.exit_code == 6
    assert etrade.calls[before:] == []


def test_f031_requests_are_spaced(broker: Connected, etrade: EtradeServer) -> None:
    started = etrade.book.now
    for _ in range(9):
        broker.accounts()
    assert etrade.book.now - started >= dt.timedelta(seconds=2)


def test_f043_an_answer_without_end_is_none(broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalkit_etrade.wire.signing._LARGEST", 200)
    with pytest.raises(BrokerError, match="more than 200 bytes"):
        broker.accounts()


def test_f043_an_answer_that_is_nested_without_end_is_none(broker: Connected, etrade: EtradeServer) -> None:
    from etrade_server.replies import Reply

    etrade.api._served = lambda call: Reply(200, body=b'{"AccountListResponse":' + b"[" * 100_000)  # type: ignore[method-assign]
    with pytest.raises((BrokerError, DataError)):
        broker.accounts()


def test_an_error_in_the_place_of_a_list_is_no_list(broker: Connected, etrade: EtradeServer) -> None:
    etrade.api._served = lambda call: refused(400, 102, "Please enter valid Account Key", xml=True)  # type: ignore[method-assign]
    with pytest.raises(BrokerError, match="Please enter valid Account Key") as caught:
        broker.accounts()
    assert caught.value.code == "etrade_102"
