"""The files of the sample are read here with the csv module alone: they are the specimen of their format."""

from __future__ import annotations

import csv
import gzip
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalkit.calendar import is_session
from rebalkit.sample import SAMPLE_AS_OF, sample_folder

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (sample_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def targets() -> list[dict[str, Any]]:
    with (sample_folder() / "targets.toml").open("rb") as file:
        classes: list[dict[str, Any]] = tomllib.load(file)["asset_class"]
    return classes


def in_targets() -> set[str]:
    return {symbol for group in targets() for symbol in group["buy"] + group["hold"]}


def prices() -> dict[str, Decimal]:
    return {row["symbol"]: Decimal(row["price"]) for row in rows("prices.csv")}


def gains(account: str) -> dict[str, Decimal]:
    """Gain by lot at the sample's prices."""
    price = prices()
    return {
        row["lot"]: Decimal(row["quantity"]) * price[row["symbol"]] - Decimal(row["cost"])
        for row in rows("lots.csv")
        if row["account"] == account
    }


def test_the_columns_are_those_of_the_files_broker() -> None:
    expected = {
        "accounts.csv": ["account", "kind", "cash", "history_from"],
        "lots.csv": ["account", "lot", "symbol", "quantity", "acquired", "cost"],
        "prices.csv": ["symbol", "price", "date"],
        "transactions.csv": ["account", "date", "action", "symbol", "quantity", "price", "fees", "order", "lot"],
    }
    assert {name: list(rows(name)[0]) for name in expected} == expected


def test_one_account_is_taxable() -> None:
    kinds = {row["account"]: row["kind"] for row in rows("accounts.csv")}
    assert kinds == {"taxable": "taxable", "ira": "ira"}
    assert {row["account"] for row in rows("lots.csv") + rows("transactions.csv")} == set(kinds)


def test_the_targets_sum_to_100_and_name_each_ticker_once() -> None:
    classes = targets()
    assert [group["target"] for group in classes] == [41, 11, 5, 23, 5, 5, 3, 7]
    assert sum(group["target"] for group in classes) == 100
    assert sum(len(group["buy"]) + len(group["hold"]) for group in classes) == len(in_targets()) == 31


def test_everything_owned_or_targeted_has_one_price_of_the_day() -> None:
    listed = [row["symbol"] for row in rows("prices.csv")]
    assert len(listed) == len(set(listed))
    assert set(listed) == in_targets() | {row["symbol"] for row in rows("lots.csv")}
    assert {row["date"] for row in rows("prices.csv")} == {SAMPLE_AS_OF.isoformat()}


def test_lots_are_whole_shares_bought_on_sessions() -> None:
    lots = rows("lots.csv")
    assert [row["account"] for row in lots].count("taxable") == 85
    assert len({row["lot"] for row in lots}) == len(lots)
    for row in lots:
        acquired = date.fromisoformat(row["acquired"])
        assert is_session(acquired), row
        assert date(2016, 1, 1) <= acquired <= SAMPLE_AS_OF, row
        assert int(row["quantity"]) > 0, row
        assert Decimal(row["cost"]) > 0, row


def test_the_account_is_worth_about_half_a_million_and_has_drifted() -> None:
    price = prices()
    value = dict.fromkeys(price, Decimal(0))
    for row in rows("lots.csv"):
        if row["account"] == "taxable":
            value[row["symbol"]] += Decimal(row["quantity"]) * price[row["symbol"]]
    assert 400_000 < sum(value.values()) < 600_000
    inside = sum(value[symbol] for symbol in in_targets())
    drift = [sum(value[s] for s in group["buy"] + group["hold"]) * 100 / inside - group["target"] for group in targets()]
    assert max(drift) > 2
    assert min(drift) < -2
    assert max(map(abs, drift)) < 4


def test_about_a_third_of_the_lots_is_at_a_loss_in_several_classes() -> None:
    lost = {lot.split("-")[0] for lot, gain in gains("taxable").items() if gain < 0}
    assert sum(gain < 0 for gain in gains("taxable").values()) == 31
    assert sum(bool(lost & {*group["buy"], *group["hold"]}) for group in targets()) >= 6


def test_outside_the_targets_there_are_gains_and_losses() -> None:
    outside = {row["symbol"] for row in rows("lots.csv")} - in_targets()
    assert outside == {"QQQ", "GLD"}
    signs = {(lot.split("-")[0], gain > 0) for lot, gain in gains("taxable").items() if lot.split("-")[0] in outside}
    assert signs == {("QQQ", True), ("QQQ", False), ("GLD", True)}


def test_every_purchase_since_the_first_trade_is_a_lot_or_was_sold() -> None:
    """The history and the lots tell one story, in shares, dates and cents, both ways."""
    trades = rows("transactions.csv")
    assert trades == sorted(trades, key=lambda row: row["date"])
    assert len({row["order"] for row in trades}) == len(trades)
    assert all(is_session(date.fromisoformat(row["date"])) for row in trades)
    bought = {row["lot"]: row for row in trades if row["action"] in ("buy", "reinvest")}
    sold = {row["lot"]: row for row in trades if row["action"] == "sell"}
    assert len(bought) + len(sold) == len(trades)
    for lot, sale in sold.items():
        assert [sale[key] for key in ("account", "symbol", "quantity")] == [
            bought[lot][key] for key in ("account", "symbol", "quantity")
        ]
        assert sale["date"] > bought[lot]["date"]
    kept = {
        lot: (
            row["account"],
            row["symbol"],
            row["quantity"],
            row["date"],
            Decimal(row["quantity"]) * Decimal(row["price"]) + Decimal(row["fees"]),
        )
        for lot, row in bought.items()
        if lot not in sold
    }
    recent = {
        row["lot"]: (row["account"], row["symbol"], row["quantity"], row["acquired"], Decimal(row["cost"]))
        for row in rows("lots.csv")
        if row["acquired"] >= trades[0]["date"]
    }
    assert kept == recent


def test_trades_of_the_last_thirty_days_get_in_the_way() -> None:
    """A first choice sold, a ticker with older losses bought, and both accounts in it: something to see for a wash-sale rule."""
    since = (SAMPLE_AS_OF - timedelta(days=30)).isoformat()
    recent = {(row["account"], row["action"], row["symbol"]) for row in rows("transactions.csv") if row["date"] >= since}
    assert recent == {("taxable", "sell", "IJH"), ("taxable", "buy", "IJR"), ("ira", "buy", "IEMG"), ("ira", "reinvest", "VNQ")}
    assert "IJH" in {group["buy"][0] for group in targets()}
    bought = {row["lot"] for row in rows("transactions.csv") if row["date"] >= since}
    for symbol in ("IJR", "VNQ"):
        assert any(gain < 0 and lot.startswith(symbol) and lot not in bought for lot, gain in gains("taxable").items())


@pytest.mark.real_data
def test_prices_and_costs_are_closes_as_traded(real_data: Path) -> None:
    """Each cost is the close of the day times the shares of that day, which later splits have multiplied."""
    close: dict[tuple[str, str], Decimal] = {}
    splits: list[tuple[str, str, Decimal]] = []
    with gzip.open(real_data / "etf_daily_core.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            close[row["symbol"], row["date"]] = Decimal(row["close"])
            if Decimal(row["split"]) != 1 and row["date"] <= SAMPLE_AS_OF.isoformat():
                splits.append((row["symbol"], row["date"], Decimal(row["split"])))
    for row in rows("prices.csv"):
        assert Decimal(row["price"]) == close[row["symbol"], row["date"]], row
    for row in rows("transactions.csv"):
        assert Decimal(row["price"]) == close[row["symbol"], row["date"]], row
    for row in rows("lots.csv"):
        shares = Decimal(row["quantity"])
        for symbol, day, factor in splits:
            if symbol == row["symbol"] and row["acquired"] < day:
                shares /= factor
        assert shares == int(shares), row
        assert Decimal(row["cost"]) == shares * close[row["symbol"], row["acquired"]], row
