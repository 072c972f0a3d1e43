"""Lots, accounts and snapshots refuse what cannot be, and give themselves to files and frames unchanged."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from rebalkit.errors import DataError
from rebalkit.lots import LotBook
from rebalkit.model import AccountKind, AccountSnapshot, Action, Cash, Lot, Quote, Snapshot, Transaction
from rebalkit.serial import digest, dumps, loads

DAY = dt.date(2025, 4, 8)
LOT = Lot("a", "VOO", "1.5", dt.date(2024, 1, 2), "700.25")
ACCOUNT = AccountSnapshot("main", AccountKind.TAXABLE, Cash("10", "-2.5"), (LOT, Lot("b", "VV", 3, None, None)))
SNAPSHOT = Snapshot(
    DAY,
    ACCOUNT,
    quotes={"VOO": Quote("VOO", "450", "450.01", DAY)},
    transactions=(Transaction("main", DAY, Action.SELL, "VV", 1, "200"),),
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 0}, "bad_quantity"),
        ({"quantity": "-1"}, "bad_quantity"),
        ({"quantity": "0.0000001"}, "too_fine"),
        ({"cost": "-0.01"}, "bad_cost"),
        ({"cost": "0.0000000001"}, "too_fine"),
        ({"symbol": "voo"}, "bad_symbol"),
    ],
)
def test_a_lot_that_cannot_be_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as caught:
        evolve(LOT, **change)
    assert caught.value.code == code


@pytest.mark.parametrize("value", [1.5, True, float("nan")])
def test_a_float_is_never_money(value: float) -> None:
    with pytest.raises(TypeError, match="cannot hold a cent"):
        evolve(LOT, cost=value)
    with pytest.raises(TypeError, match="cannot hold a cent"):
        Cash(value)


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        LOT.quantity = Decimal(2)  # type: ignore[misc]


def test_two_lots_of_one_name_are_refused() -> None:
    with pytest.raises(DataError, match="two lots are named 'a'"):
        evolve(ACCOUNT, lots=(LOT, evolve(LOT, symbol="VV")))


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": dt.date(2024, 1, 1)},
        {"transactions": (Transaction("main", DAY + dt.timedelta(days=1), Action.BUY, "VV", 1, 2),)},
        {"quotes": {"VOO": Quote("VOO", 1, 1, DAY + dt.timedelta(days=1))}},
        {"others": (evolve(ACCOUNT, account="ira", lots=(evolve(LOT, acquired=DAY + dt.timedelta(days=1)),)),)},
    ],
)
def test_what_is_dated_after_the_day_of_the_plan_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="--as-of") as caught:
        evolve(SNAPSHOT, **change)
    assert caught.value.code == "from_the_future"


def test_a_quote_is_filed_under_its_symbol() -> None:
    with pytest.raises(DataError, match="filed under VV"):
        evolve(SNAPSHOT, quotes={"VV": Quote("VOO", 1, 1)})


def test_a_snapshot_survives_its_file_with_the_same_digest() -> None:
    again = loads(Snapshot, dumps(SNAPSHOT))
    assert again == SNAPSHOT
    assert again.digest == SNAPSHOT.digest
    assert dumps(again) == dumps(SNAPSHOT)


def test_the_digest_tells_snapshots_apart() -> None:
    assert evolve(SNAPSHOT, as_of=DAY + dt.timedelta(days=1)).digest != SNAPSHOT.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [('"1.5"', "1.5"), ('"taxable"', '"taxed"'), ('"lots"', '"lot"'), ("{", "["), ('"2025-04-08"', '"08.04.2025"')],
)
def test_a_changed_file_is_refused_by_its_name(old: str, new: str) -> None:
    with pytest.raises(DataError) as caught:
        loads(Snapshot, dumps(SNAPSHOT).replace(old, new), "snapshot.json")
    assert caught.value.place == "snapshot.json"


def test_a_float_has_no_place_in_a_file() -> None:
    with pytest.raises(TypeError, match="float has no place"):
        digest({"price": 1.5})


def test_lots_give_a_frame_with_exact_numbers() -> None:
    pytest.importorskip("pandas")
    frame = ACCOUNT.to_frame()
    assert list(frame.columns) == ["symbol", "quantity", "acquired", "cost"]
    assert frame.loc["a", "cost"] == Decimal("700.25")
    assert frame.loc["b", "cost"] is None
    assert LotBook.from_lots(ACCOUNT.lots).to_frame().equals(frame)
