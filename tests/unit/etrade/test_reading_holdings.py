"""Accounts, positions and lots, as recorded and with one thing changed, become records or an error that names what is wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from etrade_reading import told, wrong
from rebalkit_etrade.reading.accounts import accounts_in, balance_in
from rebalkit_etrade.reading.portfolio import lots_in, positions_in
from rebalkit_etrade.records import Account, PositionLot

BIG = 2**60 + 1

ACCOUNT = {
    "accountId": "82314598", "accountIdKey": "dBZOKt9xDrtRSAOl4MSiiA", "accountMode": "IRA", "accountDesc": "Brokerage",
    "accountName": "NickName-1", "accountType": "MARGIN", "institutionType": "BROKERAGE", "accountStatus": "ACTIVE",
    "closedDate": 0, "shareWorksAccount": False,
}  # fmt: skip
POSITION = {
    "positionId": "301369347900", "Product": {"securitySubType": "ETF", "securityType": "EQ", "symbol": "FYX"},
    "symbolDescription": "FYX", "dateAcquired": "1676350800000", "pricePaid": "86.90", "quantity": "11", "positionType": "LONG",
    "marketValue": "947.8171", "totalCost": "955.8999",
}  # fmt: skip
LOT = {
    "positionId": 10087531, "positionLotId": 494715020211, "price": 42.6989, "totalCost": 12980.4656, "originalQty": 304,
    "remainingQty": 304, "availableQty": 304, "acquiredDate": 1481950800000,
}  # fmt: skip


def accounts(*some: dict[str, Any]) -> tuple[Account, ...]:
    return accounts_in(told({"Accounts": {"Account": list(some)}}))


# Accounts


def test_an_account_is_read_as_it_was_recorded() -> None:
    assert accounts(ACCOUNT) == (
        Account("82314598", "dBZOKt9xDrtRSAOl4MSiiA", "IRA", "MARGIN", "NickName-1", "Brokerage", "BROKERAGE", "ACTIVE", None),
    )


def test_one_account_may_stand_without_its_list_and_its_number_be_a_number() -> None:
    (one,) = accounts_in(told({"accounts": {"account": {**ACCOUNT, "accountId": 82314598, "accountStatus": "closed"}}}))
    assert (one.account_id, one.status) == ("82314598", "CLOSED")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"accountId": "82-31"}, "no number"), ({"accountId": None}, "no number"), ({"accountId": "٨٢"}, "no number"),
        ({"accountStatus": "FROZEN"}, "accountStatus is 'FROZEN'"), ({"accountIdKey": ""}, "accountIdKey is missing"),
        ({"institutionType": None}, "institutionType is missing"), ({"accountMode": None}, "accountMode is missing"),
    ],
)  # fmt: skip
def test_an_account_that_is_not_understood_is_an_error(change: dict[str, Any], why: str) -> None:
    wrong(lambda: accounts({**ACCOUNT, **change}), why)


def test_of_a_closed_account_only_its_names_and_its_day_are_needed() -> None:
    """As recorded: in seconds."""
    closed = {
        **dict.fromkeys(ACCOUNT),
        "accountId": "8",
        "accountIdKey": "k",
        "accountStatus": "CLOSED",
        "closedDate": 1521027780,
    }
    (one,) = accounts(closed)
    assert (one.status, one.closed, one.mode) == ("CLOSED", dt.date(2018, 3, 14), "")


def test_accounts_are_told_apart() -> None:
    wrong(lambda: accounts(ACCOUNT, {**ACCOUNT, "accountIdKey": "another"}), "the same account_id")
    wrong(lambda: accounts(ACCOUNT, {**ACCOUNT, "accountId": "1"}), "the same key")
    wrong(lambda: accounts(), "the list of accounts is empty")


def test_a_balance_tells_what_it_is_told_and_of_the_rest_nothing() -> None:
    balance = balance_in(told({"accountId": 1, "accountMode": "cash", "Computed": {"cashAvailableForInvestment": "0.10"}}))
    assert (balance.mode, balance.cash_available, balance.net_cash, balance.total_value) == ("CASH", Decimal("0.1"), None, None)
    wrong(lambda: balance_in(told({"accountId": 1, "accountMode": "CASH"})), "Computed is missing")


# Positions and lots


@pytest.mark.parametrize("portfolio", [{"Position": POSITION}, {"position": [POSITION]}, [{"Position": [POSITION]}]])
def test_a_position_is_read_as_it_was_recorded(portfolio: Any) -> None:
    (one,), following, pages = positions_in(told({"AccountPortfolio": portfolio}))
    assert (one.position, one.symbol, one.sub_type, one.long, one.quantity) == (301369347900, "FYX", "ETF", True, 11)
    assert (one.acquired, one.total_cost, following, pages) == (dt.date(2023, 2, 14), Decimal("955.8999"), "", None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"symbolDescription": "VTI"}, "it is of FYX and of VTI at once"), ({"quantity": -1}, "a quantity of -1 cannot be LONG"),
        ({"positionType": "SHORT"}, "a quantity of 11 cannot be SHORT"), ({"positionType": "WIDE"}, "neither LONG nor SHORT"),
        ({"quantity": None}, "quantity is missing"), ({"Product": {"symbol": "FYX"}}, "securityType is missing"),
    ],
)  # fmt: skip
def test_a_position_that_is_not_understood_is_an_error(change: dict[str, Any], why: str) -> None:
    wrong(lambda: positions_in(told({"AccountPortfolio": {"Position": {**POSITION, **change}}})), why)


@pytest.mark.parametrize(
    ("symbol", "shown", "security"),
    [("BRK.B", "BRK/B", "EQ"), ("VTI", "VANGUARD TOTAL STOCK", "EQ"), ("VTI", "", "EQ"), ("VTI", "VTI270115C00300000", "OPTN")],
)
def test_what_is_shown_of_a_share_is_its_ticker_or_its_name(symbol: str, shown: str, security: str) -> None:
    one = {**POSITION, "symbolDescription": shown, "Product": {"symbol": symbol, "securityType": security}}
    assert positions_in(told({"AccountPortfolio": {"Position": one}}))[0][0].symbol == symbol


def test_a_position_has_its_lots_and_the_block_of_its_view_where_they_come_with_it() -> None:
    one = {**POSITION, "positionId": 10087531, "PositionLot": [LOT], "Complete": {"beta": 1.5, "id": BIG}}
    ((read,), _, pages) = positions_in(told({"AccountPortfolio": {"Position": one, "totalPages": "3"}}))
    assert read.lots is not None
    assert ([lot.lot for lot in read.lots], read.details, pages) == ([494715020211], {"beta": Decimal("1.5"), "id": BIG}, 3)
    wrong(
        lambda: positions_in(told({"AccountPortfolio": {"Position": {**one, "positionId": 7}}})), "of position 10087531, not of 7"
    )


def test_what_is_owed_is_below_zero() -> None:
    (one,), _, _ = positions_in(told({"AccountPortfolio": {"Position": {**POSITION, "quantity": -3, "positionType": "SHORT"}}}))
    assert (one.long, one.quantity) == (False, -3)


def test_the_next_page_is_one_whoever_names_it() -> None:
    assert positions_in(told({"AccountPortfolio": [{"nextPageNo": "2"}, {"nextPageNo": 2}, {"nextPageNo": ""}]})) == (
        (),
        "2",
        None,
    )
    wrong(lambda: positions_in(told({"AccountPortfolio": [{"nextPageNo": "2"}, {"nextPageNo": "3"}]})), "several pages: 2, 3")


def test_a_lot_is_read_and_its_id_is_exact() -> None:
    assert lots_in(told({"PositionLot": {**LOT, "positionLotId": BIG, "positionId": BIG + 2}}), BIG + 2) == (
        PositionLot(BIG, BIG + 2, Decimal(304), Decimal(304), dt.date(2016, 12, 17), Decimal("42.6989"), Decimal("12980.4656")),
    )


@pytest.mark.parametrize(
    "date", [{"acquiredDate": -68400000}, {"acquiredDate": -57600000}, {"acquiredDate": 0}, {"acquiredDate": None}]
)
def test_a_lot_without_a_date_has_none(date: dict[str, Any]) -> None:
    (lot,) = lots_in(told({"PositionLot": [{**LOT, **date}]}), 10087531)
    assert lot.acquired is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"positionId": 10087532}, "of position 10087532, not of 10087531"), ({"remainingQty": -1}, "less than nothing"),
        ({"availableQty": -1}, "less than nothing"), ({"price": -0.01}, "less than nothing"),
        ({"remainingQty": None}, "remainingQty is missing"), ({"positionLotId": None}, "positionLotId is missing"),
        ({"positionLotId": 4.5}, "not a whole number"),
    ],
)  # fmt: skip
def test_a_lot_that_is_not_understood_is_an_error(change: dict[str, Any], why: str) -> None:
    wrong(lambda: lots_in(told({"PositionLot": [{**LOT, **change}]}), 10087531), why)


def test_two_lots_of_one_id_are_an_error() -> None:
    wrong(lambda: lots_in(told({"PositionLot": [LOT, {**LOT, "remainingQty": 1}]}), 10087531), "the same positionLotId")
