"""What the benchmarks plan: the sample that comes with rebalkit, and accounts like it with as many lots as wanted."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from decimal import Decimal
from random import Random

from rebalkit.model import AccountKind, AccountSnapshot, Action, AssetClass, Cash, Lot, Quote, Snapshot, Targets, Transaction
from rebalkit.sample import SAMPLE_AS_OF, sample_folder


def _rows(name: str) -> list[dict[str, str]]:
    with (sample_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sample() -> tuple[Snapshot, Targets]:
    """The taxable account of the sample household, with its other account and its history."""
    raw = tomllib.loads((sample_folder() / "targets.toml").read_text(encoding="utf-8"))
    targets = Targets(tuple(AssetClass(c["name"], c["target"], tuple(c["buy"]), tuple(c["hold"])) for c in raw["asset_class"]))
    accounts = []
    for one in _rows("accounts.csv"):
        lots = tuple(
            Lot(r["lot"], r["symbol"], Decimal(r["quantity"]), dt.date.fromisoformat(r["acquired"]), Decimal(r["cost"]))
            for r in _rows("lots.csv")
            if r["account"] == one["account"]
        )
        accounts.append(AccountSnapshot(one["account"], AccountKind(one["kind"]), Cash(one["cash"]), lots))
    quotes = {
        r["symbol"]: Quote(r["symbol"], Decimal(r["price"]), Decimal(r["price"]), SAMPLE_AS_OF) for r in _rows("prices.csv")
    }
    history = tuple(
        Transaction(r["account"], dt.date.fromisoformat(r["date"]), Action(r["action"]), r["symbol"], Decimal(r["quantity"]))
        for r in _rows("transactions.csv")
    )
    return Snapshot(SAMPLE_AS_OF, accounts[0], tuple(accounts[1:]), quotes, history), targets


def generated(lots: int, seed: int = 1) -> tuple[Snapshot, Targets]:
    """The sample's targets, prices and history with ``lots`` made-up lots, none of them recent, about every third losing."""
    base, targets = sample()
    dice = Random(seed)
    symbols = sorted({lot.symbol for lot in base.account.lots})
    made = []
    for number in range(lots):
        symbol = dice.choice(symbols)
        quantity = Decimal(dice.randint(1, 80)) if dice.random() < 0.5 else Decimal(dice.randint(1, 80_000)) / 1000
        cost = (quantity * base.quotes[symbol].bid * Decimal(dice.randint(4000, 12_500)) / 10_000).quantize(Decimal("0.01"))
        acquired = base.as_of - dt.timedelta(days=dice.randint(40, 3600))
        made.append(Lot(f"lot-{number}", symbol, quantity, acquired, cost))
    account = AccountSnapshot("taxable", AccountKind.TAXABLE, base.account.cash, tuple(made))
    return Snapshot(base.as_of, account, (), base.quotes, base.transactions), targets
