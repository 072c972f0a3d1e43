"""The wash-sale check against a ledger that works through the history share by share, without the plan and with it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import event, given, settings
from hypothesis import strategies as st

from checked import codes, findings_of, sample_plan
from oracles.wash_sales import Ledger, Trade
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    IdentityGroups,
    Lot,
    LotSale,
    Order,
    Quote,
    Reason,
    Side,
    Snapshot,
    Targets,
    Transaction,
    WashPolicy,
)

TODAY = dt.date(2025, 4, 8)
KINDS = {"main": AccountKind.TAXABLE, "spouse": AccountKind.SPOUSE_TAXABLE, "ira": AccountKind.IRA, "hsa": AccountKind.HSA}
TAXABLE = frozenset(name for name, kind in KINDS.items() if kind.taxable)
POLICY = WashPolicy(IdentityGroups([["IVV", "VOO"]]))
SYMBOLS = ("BND", "IVV", "VOO")
GROUP_OF = {symbol: POLICY.groups.of(symbol) for symbol in SYMBOLS}
TARGETS = Targets((AssetClass("all", 100, SYMBOLS),))
PRICES = [Decimal(8), Decimal(10), Decimal(12)]
BACK = [0, 1, 15, 29, 30, 31, 32, 45, 60, 61, 400]


def day(back: int) -> dt.date:
    return TODAY - dt.timedelta(days=back)


def washed(trades: list[Trade]) -> dict[int, int]:
    return Ledger(trades, TAXABLE, GROUP_OF).washed


def buy(number: int, back: int, shares: int = 1, price: int = 10, symbol: str = "IVV", account: str = "main") -> Trade:
    return Trade(number, day(back), account, symbol, shares, Decimal(price))


def sell(number: int, back: int, *of: tuple[int, int], price: int = 8, symbol: str = "IVV") -> Trade:
    return Trade(number, day(back), "main", symbol, sum(shares for _, shares in of), Decimal(price), of)


@pytest.mark.parametrize(
    ("trades", "expected"),
    [
        pytest.param([buy(0, 90, 3), buy(1, 40, 2), sell(2, 10, (0, 3))], {2: 2}, id="two of three within 30 days before"),
        pytest.param([buy(0, 90), buy(1, 41), sell(2, 10, (0, 1))], {}, id="31 days before"),
        pytest.param([buy(0, 90), sell(1, 40, (0, 1)), buy(2, 10)], {1: 1}, id="30 days after"),
        pytest.param([buy(0, 90), sell(1, 41, (0, 1)), buy(2, 10)], {}, id="31 days after"),
        pytest.param([buy(0, 20, 2), sell(1, 10, (0, 1))], {}, id="the rest of the same purchase"),
        pytest.param([buy(0, 90), buy(1, 20), sell(2, 10, (0, 1), (1, 1))], {}, id="old and recent sold in one order"),
        pytest.param([buy(0, 35), buy(1, 20), sell(2, 10, (1, 1))], {2: 1}, id="an older but recent one is still held"),
        pytest.param([buy(0, 90), buy(1, 20), sell(2, 11, (1, 1)), sell(3, 10, (0, 1))], {}, id="the recent one first"),
        pytest.param([buy(0, 90), sell(1, 10, (0, 1)), buy(2, 10), sell(3, 9, (2, 1), price=20)], {1: 1}, id="bought after, sold again"),
        pytest.param([buy(0, 90), sell(1, 12, (0, 1)), buy(2, 10, account="ira")], {1: 1}, id="in the IRA"),
        pytest.param([buy(0, 90), sell(1, 12, (0, 1)), buy(2, 10, symbol="VOO")], {1: 1}, id="another symbol of the group"),
        pytest.param([buy(0, 90), sell(1, 12, (0, 1)), buy(2, 10, symbol="BND")], {}, id="a symbol outside it"),
        pytest.param([buy(0, 90), sell(1, 12, (0, 1), price=10), buy(2, 10)], {}, id="sold at cost"),
        pytest.param([buy(0, 90), buy(1, 90), sell(2, 12, (0, 1)), sell(3, 11, (1, 1)), buy(4, 10)], {2: 1}, id="one share, one loss"),
        pytest.param([buy(0, 90), sell(1, 12, (0, 1)), buy(2, 10), sell(3, 0, (2, 1), price=11), buy(4, 0)], {1: 1, 3: 1}, id="a chain"),
    ],
)  # fmt: skip
def test_the_ledger_knows_the_rule(trades: list[Trade], expected: dict[int, int]) -> None:
    assert washed(trades) == expected


@st.composite
def histories(draw: st.DrawFn) -> list[Trade]:
    """Up to eight trades of whole shares; none sells what is not there."""
    trades: list[Trade] = []
    left: dict[int, int] = {}
    for number, back in enumerate(sorted(draw(st.lists(st.sampled_from(BACK), min_size=1, max_size=8)), reverse=True)):
        price = draw(st.sampled_from(PRICES))
        sellable = [one for one in trades if left.get(one.number)]
        if sellable and draw(st.integers(0, 1)):
            bought = draw(st.sampled_from(sellable))
            shares = draw(st.integers(1, left[bought.number]))
            left[bought.number] -= shares
            trades.append(Trade(number, day(back), bought.account, bought.symbol, shares, price, ((bought.number, shares),)))
        else:
            left[number] = draw(st.integers(1, 3))
            account = draw(st.sampled_from(["main", "main", *KINDS]))
            trades.append(Trade(number, day(back), account, draw(st.sampled_from(SYMBOLS)), left[number], price))
    return trades


def piece(number: int, basis: Decimal) -> str:
    """Name of the lot of those shares of a purchase that have this basis: a broker shows the parts of a wash sale apart."""
    return f"{number} at {basis}"


def account_of(name: str, ledger: Ledger) -> AccountSnapshot:
    held = [one for one in ledger.shares if not one.sold and one.bought.account == name]
    lots = [
        Lot(piece(bought.number, basis), bought.symbol, shares, bought.day, basis * shares)
        for (bought, basis), shares in Counter((one.bought, one.basis) for one in held).items()
    ]
    return AccountSnapshot(name, KINDS[name], Cash(10_000), tuple(lots))


@st.composite
def sales(draw: st.DrawFn, history: list[Trade], ledger: Ledger, price: dict[str, Decimal]) -> list[tuple[Trade, Order]]:
    """Sales of what the planned account holds, one order a symbol, as the ledger and as a plan has them."""
    found = []
    for symbol in SYMBOLS:
        held = [one.number for one in history if one.account == "main" and one.symbol == symbol and ledger.of(one.number)]
        chosen = draw(st.lists(st.sampled_from(held), unique=True)) if held else []
        of = tuple((number, draw(st.integers(1, len(ledger.of(number))))) for number in chosen)
        if not of:
            continue
        parts = Counter(piece(number, one.basis) for number, shares in of for one in ledger.of(number)[:shares])
        lots = tuple(LotSale(lot, shares) for lot, shares in parts.items())
        shares = sum(parts.values())
        trade = Trade(len(history) + len(found), TODAY, "main", symbol, shares, price[symbol], of)
        found.append((trade, order_of(trade, lots)))
    return found


def order_of(trade: Trade, lots: tuple[LotSale, ...] = ()) -> Order:
    side = Side.SELL if lots else Side.BUY
    return Order(side, trade.symbol, Decimal(trade.shares), lots, trade.price, trade.price * trade.shares, Reason("drawn"))


@settings(max_examples=1000)
@given(histories(), st.data())
def test_no_loss_that_a_plan_would_disallow_is_missed(history: list[Trade], data: st.DataObject) -> None:
    """Whatever a plan sells and buys: where it makes a loss of its own or of the past a wash sale, a finding stands against it."""
    before = Ledger(history, TAXABLE, GROUP_OF)
    accounts = [account_of(name, before) for name in KINDS]
    price = {symbol: data.draw(st.sampled_from(PRICES), symbol) for symbol in SYMBOLS}
    sold = data.draw(sales(history, before, price), "sold")
    buyable = [symbol for symbol in SYMBOLS if symbol not in {trade.symbol for trade, _ in sold}]
    bought = data.draw(st.lists(st.sampled_from(buyable), unique=True) if buyable else st.just([]), "bought")
    first = len(history) + len(sold)
    purchases = [Trade(first + n, TODAY, "main", symbol, 2, price[symbol]) for n, symbol in enumerate(bought)]
    added = washed([*history, *(trade for trade, _ in sold), *purchases]) != before.washed

    past = [
        Transaction(one.account, one.day, Action.SELL if one.of else Action.BUY, one.symbol, one.shares, one.price)
        for one in history
    ]
    quotes = {symbol: Quote(symbol, price[symbol], price[symbol], TODAY) for symbol in SYMBOLS}
    snapshot = Snapshot(TODAY, accounts[0], tuple(accounts[1:]), quotes, tuple(past))
    plan = evolve(sample_plan(), orders=(*(order for _, order in sold), *map(order_of, purchases)))
    found = codes(findings_of(plan, snapshot, TARGETS, policy=POLICY)) & {"wash_sale", "wash_buy"}
    event(f"washes: {added}, found: {bool(found)}")
    if added:
        assert found
