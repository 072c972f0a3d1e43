"""What real accounts hold, beside shares of ETFs: all of it is understood, listed or refused with words that help."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from etrade_server import EtradeServer
from etrade_server.book import Account
from etrade_server.replies import Call, Reply, refused
from etrade_world import ACCOUNT, logged_in
from rebalkit.errors import BrokerError, ConfigError, DataError
from rebalkit.model import AccountKind, OrderRequest, Placed, Refused, Side, Unknown
from rebalkit.steps import show_steps_with
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.settings import EtradeSettings


@pytest.fixture
def broker(etrade: EtradeServer, tmp_path: Path) -> Connected:
    return logged_in(etrade, tmp_path)


def again(etrade: EtradeServer, folder: Path, **settings: Any) -> Connected:
    """The broker of the login that there is, with other settings."""
    return Connected(EtradeSettings(base_url=etrade.url, tokens=f"file:{folder / 'token'}", **settings))


def changing(etrade: EtradeServer, path: str, change: Callable[[Any], Any]) -> None:
    """Change what is answered where ``path`` is in the path: ``change`` gets the document; what it returns is the answer."""
    respond = etrade.api.respond

    def changed(call: Call) -> Reply:
        reply = respond(call)
        if path in call.path and reply.status == 200:
            found = change(json.loads(reply.body))
            return found if isinstance(found, Reply) else Reply(200, reply.kind, json.dumps(found).encode())
        return reply

    etrade.api.respond = changed  # type: ignore[method-assign]


def position(symbol: str, kind: str, quantity: float = 5) -> dict[str, Any]:
    return {
        "positionId": int.from_bytes((symbol + kind).encode()[:7]), "Product": {"symbol": symbol, "securityType": kind}, "quantity": quantity,
        "positionType": "SHORT" if quantity < 0 else "LONG",
    }  # fmt: skip


def many(etrade: EtradeServer) -> None:
    etrade.book.accounts[0].positions = [position(f"X{number}", "MF") for number in range(60)]


def second_page(content: Any) -> Callable[[Any], Any]:
    def change(document: Any) -> Any:
        portfolio = document["PortfolioResponse"]["AccountPortfolio"][0]
        return document if "nextPageNo" in portfolio else content

    return change


def without_next(document: Any) -> Any:
    del document["PortfolioResponse"]["AccountPortfolio"][0]["nextPageNo"]
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (second_page(Reply(204)), "page 2 was promised, and is empty"),
        (second_page({"PortfolioResponse": {"AccountPortfolio": [{"accountId": ACCOUNT}]}}), "page 2 was promised, and is empty"),
        (without_next, "page 1 of 2 says that it is the last one"),
    ],
)
def test_half_a_portfolio_is_none(broker: Connected, etrade: EtradeServer, change: Callable[[Any], Any], words: str) -> None:
    many(etrade)
    assert len(broker.snapshot(ACCOUNT).lots) == 3
    changing(etrade, "portfolio.json", change)
    with pytest.raises(DataError, match=words):
        broker.snapshot(ACCOUNT)


def test_a_full_page_of_transactions_without_a_marker_is_not_the_last_one_when_there_are_more(
    broker: Connected, etrade: EtradeServer
) -> None:
    for _ in range(60):
        etrade.book.tell(etrade.book.accounts[0], "Dividend", "BND", 0, 0, dt.date(2026, 11, 2), amount=12.5)

    def change(document: Any) -> Any:
        document["TransactionListResponse"] |= {"marker": "", "moreTransactions": True}
        return document

    changing(etrade, "transactions", change)
    with pytest.raises(DataError, match="no marker says where"):
        broker.transactions(ACCOUNT, dt.date.min)


def test_lots_of_nothing_are_told_with_both_numbers(broker: Connected, etrade: EtradeServer) -> None:
    changing(etrade, "/portfolio/", lambda document: Reply(204))
    with pytest.raises(DataError, match="lots of VTI add up to 0 shares, but its position is 50"):
        broker.snapshot(ACCOUNT)


def test_whoever_waits_sees_how_many_lots_are_read(broker: Connected) -> None:
    seen: list[object] = []

    @contextmanager
    def show(what: str, total: int) -> Iterator[Callable[[], object]]:
        seen.append((what, total))
        yield lambda: seen.append("one more")

    show_steps_with(show)
    try:
        broker.snapshot(ACCOUNT)
    finally:
        show_steps_with(None)
    assert seen == [("reading lots of account …5636", 2), "one more", "one more"]


def test_what_is_not_managed_is_listed_with_its_units(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.accounts[0].positions = [
        position("SPAXX", "MMF", 250.5), position("TSLA", "EQ", -3), position("BAC.PR.K", "EQ", 7), position("QQQ", "OPTN", 1),
        position("OLD", "MF", 0),
    ]  # fmt: skip
    assert {one.symbol for one in broker.snapshot(ACCOUNT).lots} == {"VTI", "BND"}
    assert broker.others(ACCOUNT) == {"SPAXX": Decimal("250.5"), "TSLA": -3, "BAC.PR.K": 7, "OLD": 0}
    assert "account …5636 holds -3 TSLA owed: it is not managed, and not counted" in broker.notes()


def test_a_kind_of_security_that_is_not_known_is_left_alone_when_the_person_says_so(
    broker: Connected, etrade: EtradeServer, tmp_path: Path
) -> None:
    etrade.book.accounts[0].positions = [position("ACME", "WRNT")]
    with pytest.raises(DataError, match="kind 'WRNT', which is not known") as refused:
        broker.snapshot(ACCOUNT)
    assert 'not_managed = ["WRNT"]' in refused.value.remedy
    told = again(etrade, tmp_path, not_managed=("wrnt",))
    assert len(told.snapshot(ACCOUNT).lots) == 3
    assert "account …5636 holds 5 ACME of the kind WRNT: it is not managed, and not counted" in told.notes()


@pytest.mark.parametrize(("worth", "refused"), [("1001.50", True), ("1001.49", False), (None, False)])
def test_an_account_that_shows_nothing_and_is_worth_something_is_refused(
    broker: Connected, etrade: EtradeServer, worth: str | None, refused: bool
) -> None:
    etrade.book.accounts[0].lots = []
    etrade.book.accounts[0].settled = Decimal("1000.50")

    def change(document: Any) -> Any:
        document["BalanceResponse"]["Computed"]["RealTimeValues"]["totalAccountValue"] = worth
        return document

    changing(etrade, "balance", change)
    if refused:
        with pytest.raises(DataError, match="shows no positions, but is worth"):
            broker.snapshot(ACCOUNT)
    else:
        assert broker.snapshot(ACCOUNT).lots == ()


def test_a_part_of_an_account_has_the_lots_of_its_symbols_only(broker: Connected, etrade: EtradeServer) -> None:
    before = len(etrade.calls)
    (lot,) = broker.part(ACCOUNT, ["BND", "SCHB"]).lots
    assert (lot.symbol, lot.quantity, lot.cost) == ("BND", 40, Decimal(3204))
    assert sum("/portfolio/" in one for one in etrade.paths(before)) == 1


def test_an_account_with_nothing_but_a_deposit_that_is_held_back_is_empty(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.accounts[0].lots = []

    def change(document: Any) -> Any:
        computed = document["BalanceResponse"]["Computed"]
        computed |= {"cashAvailableForInvestment": 1000, "cashBalance": 6000, "netCash": 6000, "settledCashForInvestment": 1000}
        computed["RealTimeValues"]["totalAccountValue"] = 6000
        return document

    changing(etrade, "balance", change)
    assert broker.snapshot(ACCOUNT).cash.total == 1000


def test_an_etrade_that_says_no_time_is_told(broker: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker._client, "moment", lambda: None)
    for question in (broker.now, broker.accounts, lambda: broker.snapshot(ACCOUNT)):
        with pytest.raises(BrokerError, match="does not say what time it is"):
            question()


OTHER = "82314598"


@pytest.mark.parametrize(
    ("path", "change", "ask"),
    [
        ("balance", lambda found: found["BalanceResponse"].update(accountId=OTHER), lambda broker: broker.snapshot(ACCOUNT)),
        (
            "transactions",
            lambda found: found["TransactionListResponse"]["Transaction"][0].update(accountId=OTHER),
            lambda broker: broker.transactions(ACCOUNT, dt.date.min),
        ),
        (
            "preview",
            lambda found: found["PreviewOrderResponse"].update(accountId=OTHER),
            lambda broker: broker.preview(ACCOUNT, OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20")),
        ),
    ],
)
def test_an_answer_of_another_account_is_none(
    broker: Connected, etrade: EtradeServer, path: str, change: Callable[[Any], None], ask: Callable[[Connected], object]
) -> None:
    etrade.book.tell(etrade.book.accounts[0], "Dividend", "BND", 0, 0, dt.date(2026, 11, 23), amount=12.5)

    def changed(found: Any) -> Any:
        change(found)
        return found

    assert ask(broker) is not None
    changing(etrade, path, changed)
    with pytest.raises(DataError, match="account …5636 was asked about, and it is of account …4598"):
        ask(broker)


def test_a_placement_in_another_account_is_in_doubt(broker: Connected, etrade: EtradeServer) -> None:
    preview = broker.preview(ACCOUNT, OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20"))

    def changed(found: Any) -> Any:
        found["PlaceOrderResponse"]["accountId"] = OTHER
        return found

    changing(etrade, "place", changed)
    assert broker.place(ACCOUNT, preview) == Unknown("account …5636 was asked about, and it is of account …4598")


@pytest.mark.parametrize(
    ("further", "refused_"), [(Reply(204), False), (refused(400, 2005, "no such page"), False), (None, True)]
)
def test_a_full_page_that_says_nothing_is_the_last_one_when_there_is_no_other(
    broker: Connected, etrade: EtradeServer, further: Reply | None, refused_: bool
) -> None:
    etrade.book.accounts[0].positions = [position(f"X{number}", "MF") for number in range(48 if further else 60)]
    respond = etrade.api.respond

    def silent(call: Call) -> Reply:
        if further is not None and "pageNumber=2" in call.query:
            return further
        reply = respond(call)
        if call.path.endswith("portfolio.json") and reply.status == 200:
            found = json.loads(reply.body)
            block = found["PortfolioResponse"]["AccountPortfolio"][0]
            block.pop("totalPages")
            block.pop("nextPageNo", None)
            reply.body = json.dumps(found).encode()
        return reply

    etrade.api.respond = silent  # type: ignore[method-assign]
    if refused_:
        with pytest.raises(DataError, match="page 1 is full and names no next one, and there is one"):
            broker.snapshot(ACCOUNT)
    else:
        assert len(broker.snapshot(ACCOUNT).lots) == 3


def test_settled_cash_is_what_has_settled_and_no_more(broker: Connected, etrade: EtradeServer) -> None:
    def change(document: Any) -> Any:
        computed = document["BalanceResponse"]["Computed"]
        computed |= {"cashAvailableForInvestment": 1000, "settledCashForInvestment": 200}
        del computed["unSettledCashForInvestment"]
        return document

    changing(etrade, "balance", change)
    cash = broker.snapshot(ACCOUNT).cash
    assert (cash.settled, cash.unsettled) == (200, 800)


def test_the_mode_of_a_balance_is_that_of_the_list_or_an_error(broker: Connected, etrade: EtradeServer) -> None:
    modes = iter(["", "MARGIN", "MARGIN"])

    def change(document: Any) -> Any:
        document["BalanceResponse"]["accountMode"] = next(modes)
        return document

    changing(etrade, "balance", change)
    assert broker.snapshot(ACCOUNT).cash.total == Decimal("1500.5")
    with pytest.raises(DataError, match="it is MARGIN, and in the list it is CASH"):
        broker.snapshot(ACCOUNT)


def test_an_account_that_was_closed_lately_is_told(broker: Connected, etrade: EtradeServer) -> None:
    closed = Account("77771111", "closedOne", status="CLOSED", closed=dt.datetime(2026, 11, 13, tzinfo=dt.UTC))
    old = Account("77772222", "closedTwo", status="CLOSED", closed=dt.datetime(2026, 9, 13, tzinfo=dt.UTC))
    etrade.book.accounts += [closed, old]

    def change(document: Any) -> Any:
        for one in document["AccountListResponse"]["Accounts"]["Account"]:
            if one["accountStatus"] == "CLOSED":
                del one["accountMode"], one["accountType"], one["institutionType"]
        return document

    changing(etrade, "list.json", change)
    assert len(broker.accounts()) == 2
    told = "account …1111 was closed on 2026-11-12: what was traded in it before is not seen, and may count for wash sales"
    assert broker.notes() == [told]


def test_the_person_says_how_an_account_is_taxed_whose_type_is_not_known(
    etrade: EtradeServer, tmp_path: Path, broker: Connected
) -> None:
    etrade.book.accounts[0].kind = "REVOCABLE"
    assert broker.accounts()[0].kind is AccountKind.IRA
    assert broker.snapshot(ACCOUNT)
    assert any("unless account_kinds says how it is taxed" in one for one in broker.notes())
    told = again(etrade, tmp_path, account_kinds={ACCOUNT: AccountKind.TAXABLE})
    assert told.accounts()[0].kind is AccountKind.TAXABLE
    assert told.snapshot(ACCOUNT)
    assert told.notes() == []
    with pytest.raises(ConfigError, match="the login shows no account …3159"):
        again(etrade, tmp_path, account_kinds={"583159": AccountKind.TAXABLE}).accounts()
    with pytest.raises(ConfigError, match="says how it is taxed"):
        again(etrade, tmp_path, account_kinds={"82314598": AccountKind.TAXABLE}).accounts()


def test_a_fill_of_an_order_that_was_placed_weeks_ago_is_seen(broker: Connected, etrade: EtradeServer) -> None:
    """Good-until-cancelled orders are listed by the day on which they were placed."""
    ticket = {"client_id": "1", "action": "BUY", "symbol": "VTI", "quantity": Decimal(5), "limit": Decimal(210), "lots": []}
    order = etrade.book.place(etrade.book.accounts[0], ticket)
    order.placed -= dt.timedelta(days=120)
    (fill,) = broker.transactions(ACCOUNT, dt.date.min)
    assert (fill.date, fill.symbol, fill.quantity) == (dt.date(2026, 11, 24), "VTI", 5)


def test_symbols_whose_dividends_are_reinvested_are_in_the_snapshot(broker: Connected, etrade: EtradeServer) -> None:
    etrade.book.tell(etrade.book.accounts[0], "Dividend Reinvestment", "VTI", 0.25, 200, dt.date(2026, 9, 2), amount=-50)
    assert broker.snapshot(ACCOUNT).reinvests == ("VTI",)


def open_order(etrade: EtradeServer, symbol: str, kind: str, action: str = "BUY") -> None:
    account = etrade.book.accounts[0]
    ticket = {"client_id": "1", "action": "BUY", "symbol": "VTI", "quantity": Decimal(5), "limit": Decimal(10), "lots": []}
    etrade.book.place(account, ticket)

    def change(document: Any) -> Any:
        leg = document["OrdersResponse"]["Order"][0]["OrderDetail"][0]["Instrument"][0]
        leg["Product"] = {"symbol": symbol, "securityType": kind}
        leg["orderAction"] = action
        return document

    changing(etrade, "orders.json", change)


def test_an_open_order_for_options_binds_the_cash_of_their_shares(broker: Connected, etrade: EtradeServer) -> None:
    open_order(etrade, "VTI", "OPTN", "BUY_OPEN")
    (one,) = broker.snapshot(ACCOUNT).open_orders
    assert (one.side, one.symbol, one.quantity, one.limit) == (Side.BUY, "VTI", 500, 10)
    assert broker.notes() == []
    assert broker.orders(ACCOUNT, dt.date(2026, 11, 24)) == []


@pytest.mark.parametrize(
    ("symbol", "kind"), [("912828ZT0", "BOND"), ("BAC.PR.K", "EQ"), ("VTSAX", "MF"), ("VTI JAN 15 '27 $300 CALL", "OPTN")]
)
def test_an_open_order_for_something_else_is_told_and_hides_nothing(
    broker: Connected, etrade: EtradeServer, symbol: str, kind: str
) -> None:
    open_order(etrade, symbol, kind)
    assert broker.snapshot(ACCOUNT).open_orders == ()
    assert f"account …5636 has an open order 11 for 5 {symbol} of the kind {kind}: its cash is not counted" in broker.notes()
    assert broker.transactions(ACCOUNT, dt.date.min) == []


def test_an_order_for_a_fund_may_be_in_dollars(broker: Connected, etrade: EtradeServer) -> None:
    open_order(etrade, "VTSAX", "MF")

    def change(document: Any) -> Any:
        leg = document["OrdersResponse"]["Order"][0]["OrderDetail"][0]["Instrument"][0]
        leg |= {"orderedQuantity": 100, "filledQuantity": 200}
        return document

    changing(etrade, "orders.json", change)
    assert broker.snapshot(ACCOUNT).lots


def test_a_quote_of_something_odd_does_not_hide_the_others(broker: Connected, etrade: EtradeServer) -> None:
    def change(document: Any) -> Any:
        for one in document["QuoteResponse"]["QuoteData"]:
            if one["Product"]["symbol"] == "BND":
                del one["Product"]["securityType"], one["All"]
        return document

    changing(etrade, "quote", change)
    assert list(broker.quotes(["VTI", "BND"])) == ["VTI"]


ECHOES = [
    ("orderTerm", "GOOD_UNTIL_CANCEL", "term"), ("marketSession", "EXTENDED", "session"), ("priceType", "MARKET", "kind of price"),
    ("limitPrice", 71, "limit"), ("limitPrice", 0, "limit"), ("stopPrice", 60, "stop price"), ("allOrNone", True, "all or none"),
    ("Instrument.quantityType", "DOLLAR", "kind of quantity"),
    ("Instrument.quantity", 6, "shares"), ("Instrument.orderAction", "SELL", "action"),
    ("Instrument.Product", {"symbol": "BND", "securityType": "OPTN"}, "kind of security"),
    ("Instrument.Product", {"symbol": "BNDX", "securityType": "EQ"}, "symbol"),
    ("Instrument.Lots", {"Lot": [{"id": 1, "size": 5}]}, "lots"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "name"), ECHOES)
def test_a_preview_of_another_order_is_refused(
    broker: Connected, etrade: EtradeServer, field: str, value: object, name: str
) -> None:
    def change(document: Any) -> Any:
        (order,) = document["PreviewOrderResponse"]["Order"]
        where = order["Instrument"][0] if "." in field else order
        where[field.rpartition(".")[2]] = value
        return document

    request = OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20")
    assert broker.preview(ACCOUNT, request)
    changing(etrade, "preview", change)
    with pytest.raises(BrokerError, match=f"for another one: the {name} is"):
        broker.preview(ACCOUNT, request)


def test_what_is_placed_is_compared_with_what_was_previewed(
    broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rebalkit_etrade.trading import placing

    preview = broker.preview(ACCOUNT, OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20"))
    body = placing.place_body

    def other(ticket: Any, number: int) -> Any:
        found = body(ticket, number)
        found["PlaceOrderRequest"]["Order"][0]["limitPrice"] = 71
        return found

    with monkeypatch.context() as patch:
        patch.setattr(placing, "place_body", other)
        assert broker.place(ACCOUNT, preview) == Refused("preview_expired", "the order is not the one that was previewed")
    assert not [one for one in etrade.paths() if "place" in one]
    # A preview that says no end, as one of another program may, is placed: E*TRADE knows its age.
    endless = evolve(preview, expires=None)
    assert isinstance(broker.place(ACCOUNT, endless), Placed)


def test_a_preview_with_an_error_is_none(broker: Connected, etrade: EtradeServer) -> None:
    def change(document: Any) -> Any:
        message = {"code": 3, "type": "ERROR", "description": "Not in this account."}
        document["PreviewOrderResponse"]["Order"][0]["messages"] = {"Message": [message]}
        return document

    changing(etrade, "preview", change)
    with pytest.raises(BrokerError, match=r"says of the order: Not in this account\."):
        broker.preview(ACCOUNT, OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20"))


def test_a_preview_that_may_have_been_used_proves_nothing(broker: Connected, etrade: EtradeServer) -> None:
    """The code is that of a wrong preview and of one whose order is there."""
    preview = broker.preview(ACCOUNT, OrderRequest("BUY1", Side.BUY, "BND", 5, (), "70.20"))
    body = b'{"Error":{"code":101,"message":"{com.etrade.api.v1.order.InvalidPreviewId}"}}'
    changing(etrade, "place", lambda document: Reply(400, "application/json", body))
    assert isinstance(broker.place(ACCOUNT, preview), Unknown)
