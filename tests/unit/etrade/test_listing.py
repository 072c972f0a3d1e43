"""Orders and movements of shares in the core's terms; what is not known is not guessed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from rebalkit.errors import DataError
from rebalkit.model import Action, OrderState, Side, is_ticker
from rebalkit_etrade.records import HistoryRow, ListedOrder, OrderLeg
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.trading.history import happened
from rebalkit_etrade.trading.listing import open_orders_in, others_open_in, status_of, statuses_in
from rebalkit_etrade.trading.movements import moved

DAY = dt.date(2026, 11, 23)
NOON = dt.datetime(2026, 11, 23, 17, 0, tzinfo=dt.UTC)
ROW = HistoryRow(
    "1", "58315636", DAY, DAY, "Bought", "BND", "EQ", Decimal(5), Decimal("70.25"), Decimal("-351.25"), None, "", None
)
LEG = OrderLeg("BND", "EQ", "BUY", Decimal(5), Decimal(0), None, None, None)
ORDER = ListedOrder(
    7, 0, NOON, None, "OPEN", "GOOD_FOR_DAY", "LIMIT", Decimal("70.3"), None, "REGULAR", False, None, None, (LEG,)
)


# Orders


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("OPEN", "open"), ("PARTIAL", "open"), ("INDIVIDUAL_FILLS", "open"), ("CANCEL_REQUESTED", "open"), ("EXECUTED", "filled"),
        ("DONE_TRADE_EXECUTED", "filled"), ("CANCELLED", "cancelled"), ("DO_NOT_EXERCISE", "cancelled"), ("EXPIRED", "expired"),
        ("REJECTED", "rejected"),
    ],
)  # fmt: skip
def test_each_status_means_one_state(status: str, state: str) -> None:
    one = evolve(ORDER, status=status)
    assert status_of(one).state is OrderState(state)
    assert len(open_orders_in([one])) == (state == "open")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "PONDERED"}, "its status is 'PONDERED'"), ({"status": ""}, "its status is ''"),
        ({"legs": (evolve(LEG, security="NFT"),)}, "its securityType is 'NFT'"),
        ({"legs": (evolve(LEG, symbol="~"),)}, "'~' is no symbol of anything"),
        ({"legs": (evolve(LEG, symbol=""),)}, "'' is no symbol of anything"), ({"legs": (evolve(LEG, action="HOLD"),)}, "its action is 'HOLD'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("read", [open_orders_in, statuses_in])
def test_an_order_that_is_not_understood_is_an_error(read: Any, change: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError, match=why):
        read([evolve(ORDER, **change)])


def test_an_open_order_binds_what_is_not_filled_and_one_of_an_option_a_hundred_shares_a_contract() -> None:
    part = evolve(LEG, filled=Decimal(2), average_price=Decimal(70))
    option = evolve(LEG, security="OPTN", action="SELL_OPEN", ordered=Decimal(3), filled=Decimal(1), average_price=Decimal(1))
    found = open_orders_in([evolve(ORDER, legs=(part, option)), evolve(ORDER, order=8), evolve(ORDER, status="CANCELLED")])
    assert [(one.order, one.side, one.quantity) for one in found] == [
        ("7.0.0", Side.BUY, 3),
        ("7.0.1", Side.SELL, 200),
        ("8", Side.BUY, 5),
    ]


def test_what_else_may_still_fill_is_told_in_words() -> None:
    bond, fund = evolve(LEG, symbol="912828ZT0", security="BOND"), evolve(LEG, symbol="VTSAX", security="MF")
    orders = [evolve(ORDER, legs=(bond, LEG)), evolve(ORDER, order=8, legs=(fund,), status="EXPIRED")]
    assert others_open_in(orders) == ["order 7 for 5 912828ZT0 of the kind BOND"]
    assert [one.order for one in statuses_in(orders)] == ["7.0.1"]


def test_orders_are_told_oldest_first_with_fees_only_where_something_filled() -> None:
    fees = {"commission": Decimal("0.05"), "fees": Decimal("0.01")}
    filled = evolve(LEG, filled=Decimal(5), average_price=Decimal(70), **fees)
    later = evolve(ORDER, order=8, status="EXECUTED", placed=NOON + dt.timedelta(hours=1), legs=(filled,))
    first, second = statuses_in([later, evolve(ORDER, legs=(evolve(LEG, **fees),))])
    assert [(one.order, one.fees, one.client_id) for one in (first, second)] == [("7", 0, None), ("8", Decimal("0.06"), None)]


def test_the_rest_of_a_fill_has_its_part_of_the_fees_and_its_day_in_new_york() -> None:
    leg = evolve(LEG, ordered=Decimal(4), filled=Decimal(4), average_price=Decimal("70.2"), fees=Decimal("0.10"))
    late = evolve(ORDER, executed=dt.datetime(2026, 11, 24, 4, 59, tzinfo=dt.UTC), status="EXECUTED", legs=(leg,))
    found = happened("A", [evolve(ROW, quantity=Decimal(1))], [late], DAY + dt.timedelta(days=1), {})
    whole, rest = found.transactions
    assert (whole.order, rest.order, rest.date, rest.quantity, rest.fees) == (None, "7", DAY, 3, Decimal("0.08"))


# Movements of shares


@pytest.mark.parametrize(
    ("kind", "quantity", "action"),
    [
        ("Bought", 5, Action.BUY), ("BOUGHT", -5, Action.BUY), ("Sold", -5, Action.SELL), ("Sold", 5, Action.SELL),
        ("Bought", "0.25", Action.REINVEST), ("Dividend Reinvestment", 5, Action.REINVEST), ("Reinvest", 5, Action.REINVEST),
        ("Dividend", 5, Action.REINVEST), ("Exchange Received In", 5, Action.RECEIVE), ("Exchange Delivered Out", -5, Action.DELIVER),
        ("Transfer", 5, Action.RECEIVE), ("Transfer", -5, Action.DELIVER), ("Online Transfer", -5, Action.DELIVER),
        ("Journal", 5, Action.RECEIVE),
    ],
)  # fmt: skip
def test_each_type_of_transaction_is_one_action_whatever_the_sign_of_a_sale_is(kind: str, quantity: Any, action: Action) -> None:
    one = moved("A", evolve(ROW, kind=kind, quantity=Decimal(quantity), fee=Decimal("-0.02")), {})
    assert one is not None
    traded = action not in (Action.RECEIVE, Action.DELIVER)
    assert (one.action, one.quantity, one.fees) == (action, abs(Decimal(quantity)), Decimal("0.02"))
    assert one.price == (Decimal("70.25") if traded else None)


@pytest.mark.parametrize("kind", ["Dividend", "Transfer", "Interest Income", "Fee", "Wire", "Something New"])
@pytest.mark.parametrize("quantity", [None, Decimal(0)])
def test_what_moved_no_shares_is_no_movement(kind: str, quantity: Decimal | None) -> None:
    assert moved("A", evolve(ROW, kind=kind, quantity=quantity, amount=Decimal(3)), {}) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantity": None}, "tells no shares"), ({"quantity": Decimal(0)}, "tells no shares"), ({"price": None}, "tells no price"),
        ({"price": Decimal(0)}, "tells no price"), ({"symbol": None}, "names no security"),
        ({"security": "NFT"}, "its securityType is 'NFT'"), ({"kind": "Stock Split"}, "what that means for wash sales is not known"),
        ({"kind": "Fee"}, "what that means for wash sales is not known"),
    ],
)  # fmt: skip
def test_a_movement_of_which_something_is_missing_is_an_error(change: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        moved("A", evolve(ROW, **change), {})
    assert caught.value.place == "E*TRADE, transaction 1 of 2026-11-23"


@pytest.mark.parametrize("change", [{"security": "OPTN"}, {"security": "MMF"}, {"symbol": "912828ZT0 BOND", "security": "BOND"}])
def test_what_is_not_managed_is_no_movement(change: dict[str, Any]) -> None:
    assert moved("A", evolve(ROW, **change), {}) is None


# Symbols and settings


@pytest.mark.parametrize(
    ("symbol", "ticker"), [("VTI", True), ("BRK.B", True), ("", False), ("A B", False), ("912828ZT0 x", False)]
)
def test_only_what_can_be_traded_is_a_ticker(symbol: str, ticker: bool) -> None:
    assert is_ticker(symbol) is ticker


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "PRODUCTION"}, {"request_log": "on"}, {"moves": {"spun off": "keep"}},
        *({"requests_per_second": one} for one in (0, -1, 4.01, float("nan"))),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}"):
        EtradeSettings(**wrong)


def test_what_the_person_says_is_kept_in_the_letters_that_it_is_looked_for_in() -> None:
    said = EtradeSettings(moves={"Spun Off": "receive", "Merger": "none"}, not_managed=("nft",)).declared
    assert (said.moves, said.not_managed) == ({"spun off": Action.RECEIVE, "merger": None}, frozenset({"NFT"}))
