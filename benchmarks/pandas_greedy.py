"""The baseline: the rules of the greedy strategy in pandas, row by row and in floats, as they are commonly written today.

It knows only what the benchmarks need: default settings, whole shares, no identity groups. It gives no reasons, no taxes and no
table of classes, so it does less than what it is compared with.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pandas as pd

from rebalkit.model import Action, Snapshot, Targets


class Frames(NamedTuple):
    """The inputs as somebody who plans with pandas has them."""

    lots: pd.DataFrame
    classes: pd.DataFrame
    symbols: pd.DataFrame
    trades: pd.DataFrame
    cash: float
    as_of: dt.date


class Answer(NamedTuple):
    """Symbol to buy in each class, names of the lots to sell, shares to buy in each class."""

    buy: dict[str, str | None]
    sell: set[str]
    shares: dict[str, int]


def frames(snapshot: Snapshot, targets: Targets) -> Frames:
    """Everything as frames; not part of what is timed."""
    lots = pd.DataFrame(
        [(lot.lot, lot.symbol, float(lot.quantity), lot.acquired, float(lot.cost or 0)) for lot in snapshot.account.lots],
        columns=["lot", "symbol", "quantity", "acquired", "cost"],
    )
    classes = pd.DataFrame([(one.name, float(one.target)) for one in targets.classes], columns=["class", "target"])
    ranks = {symbol: (one.name, one.rank_of(symbol)) for one in targets.classes for symbol in one.symbols}
    symbols = pd.DataFrame(
        [(s, *ranks.get(s, (None, None)), float(q.bid)) for s, q in snapshot.quotes.items()],
        columns=["symbol", "class", "rank", "price"],
    )
    trades = [(t.symbol, t.date, "sell" if t.action is Action.SELL else "buy") for t in snapshot.transactions]
    trades += [(lot.symbol, lot.acquired, "buy") for one in snapshot.accounts for lot in one.lots]
    recent = pd.DataFrame(trades, columns=["symbol", "date", "side"])
    return Frames(lots, classes, symbols, recent, float(snapshot.account.cash.total), snapshot.as_of)


def plan(data: Frames) -> Answer:
    """Choose what to buy, sell the losing lots, spread the cash."""
    first = data.as_of - dt.timedelta(days=30)
    recent = data.trades[data.trades.apply(lambda trade: first <= trade["date"] <= data.as_of, axis=1)]
    sold_lately = set(recent[recent["side"] == "sell"]["symbol"])
    bought_lately = set(recent[recent["side"] == "buy"]["symbol"])

    lots = data.lots.merge(data.symbols, on="symbol", how="left")
    lots["value"] = lots.apply(lambda lot: lot["quantity"] * lot["price"], axis=1)
    lots["gain"] = lots.apply(lambda lot: round(lot["value"] - lot["cost"], 9), axis=1)

    buy: dict[str, str | None] = {}
    for _, one in data.classes.iterrows():
        candidates = data.symbols[data.symbols["class"] == one["class"]].dropna(subset=["rank"]).sort_values("rank")
        buy[one["class"]] = None
        for _, candidate in candidates.iterrows():
            symbol = candidate["symbol"]
            losing = lots[(lots["symbol"] == symbol) & (lots["gain"] < 0)]
            if symbol not in sold_lately and (symbol in bought_lately or losing["gain"].sum() == 0):
                buy[one["class"]] = symbol
                break

    bought = {symbol for symbol in buy.values() if symbol}
    ranks = data.symbols.set_index("symbol")["rank"]

    def is_sold(lot: pd.Series) -> bool:
        if lot["symbol"] in bought or lot["symbol"] in bought_lately:
            return False
        if pd.isna(lot["class"]):
            return bool(lot["gain"] <= 0)
        if buy[lot["class"]] is None:
            return False
        worse = pd.isna(lot["rank"]) or lot["rank"] > ranks[buy[lot["class"]]]
        return bool(lot["gain"] < 0 or (lot["gain"] == 0 and worse))

    lots["sold"] = lots.apply(is_sold, axis=1)
    sold = lots[lots["sold"]]
    cash = max(0.0, data.cash + sold["value"].sum())
    kept = lots[~lots["sold"]].groupby("class")["value"].sum()

    classes = data.classes.copy()
    classes["buy"] = classes["class"].map(buy)
    classes = classes.dropna(subset=["buy"])
    classes["held"] = classes["class"].map(kept).fillna(0.0)
    classes["price"] = classes["buy"].map(data.symbols.set_index("symbol")["price"])
    classes["goal"] = (classes["held"].sum() + cash) * classes["target"] / classes["target"].sum()
    below = classes
    while True:
        shift = (below["held"].sum() + cash - below["goal"].sum()) / len(below)
        too_high = below["goal"] + shift < below["held"]
        if not too_high.any():
            break
        below = below[~too_high]
    classes["amount"] = (below["goal"] + shift - below["held"]).reindex(classes.index).fillna(0.0)
    classes["shares"] = classes.apply(lambda one: int((one["amount"] + 1e-9) // one["price"]), axis=1)
    left = cash - (classes["shares"] * classes["price"]).sum()
    while True:
        missing = classes["goal"] - classes["held"] - classes["shares"] * classes["price"]
        falls = (classes["price"] * (2 * missing - classes["price"])).where(classes["price"] <= left)
        if not (falls > 0).any():
            break
        best = falls.idxmax()
        classes.loc[best, "shares"] += 1
        left -= classes.loc[best, "price"]
    return Answer(buy, set(sold["lot"]), dict(zip(classes["class"], classes["shares"], strict=True)))
