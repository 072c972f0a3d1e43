"""The wash-sale check against a ledger that works through the history share by share, without the plan and with it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import event, given, settings
from hypothesis import strategies as st

from checked import codes, findings_of, sample_plan
from oracles.wash_ledger import Ledger, Share
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
from rebalkit.money import from_nanos
from rebalkit.tax.trades import Trade

TODAY = dt.date(2025, 4, 8)
KINDS = {"main": AccountKind.TAXABLE, "spouse": AccountKind.SPOUSE_TAXABLE, "ira": AccountKind.IRA, "hsa": AccountKind.HSA}
POLICY = WashPolicy(IdentityGroups([["IVV", "VOO"]]))
SYMBOLS = ("BND", "IVV", "VOO")
TARGETS = Targets((AssetClass("all", 100, SYMBOLS),))
PRICES = [Decimal(8), Decimal(10), Decimal(12)]
BACK = [0, 1, 15, 29, 30, 31, 32, 45, 60, 61, 400]


def day(back: int) -> dt.date:
    return TODAY - dt.timedelta(days=back)


def ledger_of(trades: list[Trade]) -> Ledger:
    return Ledger(trades, KINDS, POLICY, unit=1_000_000)


def washed(ledger: Ledger) -> Counter[str]:
    """Each sale's shares whose loss is disallowed."""
    return Counter(one.sale.id for one in ledger.shares if one.replaced_by is not None)


def buy(number: int, back: int, shares: int = 1, price: Decimal | int = 10, symbol: str = "IVV", account: str = "main") -> Trade:
    return Trade.of(f"{number}", day(back), account, symbol, Action.BUY, shares, price)


def sell(
    number: int, back: int, *of: tuple[int, int], price: Decimal | int = 8, symbol: str = "IVV", account: str = "main"
) -> Trade:
    lots = [(f"{lot}", shares) for lot, shares in of]
    return Trade.of(f"{number}", day(back), account, symbol, Action.SELL, sum(shares for _, shares in of), price, lots=lots)


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
    assert washed(ledger_of(trades)) == {f"{sale}": shares for sale, shares in expected.items()}


@st.composite
def histories(draw: st.DrawFn) -> list[Trade]:
    """Up to eight trades of whole shares; none sells what is not there."""
    trades: list[Trade] = []
    left: dict[int, int] = {}
    for number, back in enumerate(sorted(draw(st.lists(st.sampled_from(BACK), min_size=1, max_size=8)), reverse=True)):
        price = draw(st.sampled_from(PRICES))
        sellable = [lot for lot, shares in left.items() if shares]
        if sellable and draw(st.integers(0, 1)):
            lot = draw(st.sampled_from(sellable))
            shares = draw(st.integers(1, left[lot]))
            left[lot] -= shares
            bought = trades[lot]
            trades.append(sell(number, back, (lot, shares), price=price, symbol=bought.symbol, account=bought.account))
        else:
            left[number] = draw(st.integers(1, 3))
            account = draw(st.sampled_from(["main", "main", *KINDS]))
            trades.append(buy(number, back, left[number], price, draw(st.sampled_from(SYMBOLS)), account))
    return trades


def piece(share: Share) -> str:
    """Name of the lot of those shares of a purchase that have this basis: a broker shows the parts of a wash sale apart."""
    return f"{share.came.id} at {share.basis}"


def account_of(name: str, ledger: Ledger) -> AccountSnapshot:
    lots = []
    held = [one for one in ledger.shares if one.held and one.account == name]
    for name_of_lot, count in Counter(map(piece, held)).items():
        one = next(one for one in held if piece(one) == name_of_lot)
        lots.append(Lot(name_of_lot, one.came.symbol, count, one.acquired, int(one.basis * count)))
    return AccountSnapshot(name, KINDS[name], Cash(10_000), tuple(lots))


@st.composite
def sales(draw: st.DrawFn, history: list[Trade], ledger: Ledger, price: dict[str, Decimal]) -> list[tuple[Trade, Order]]:
    """Sales of what the planned account holds, one order a symbol, as the ledger and as a plan has them."""
    found = []
    for symbol in SYMBOLS:
        held: dict[int, list[Share]] = defaultdict(list)
        for one in ledger.shares:
            if one.held and (one.account, one.came.symbol) == ("main", symbol):
                held[int(one.came.id)].append(one)
        chosen = draw(st.lists(st.sampled_from(list(held)), unique=True)) if held else []
        of = [(lot, draw(st.integers(1, len(held[lot])))) for lot in chosen]
        if not of:
            continue
        parts = Counter(piece(one) for lot, shares in of for one in held[lot][:shares])
        trade = sell(len(history) + len(found), 0, *of, price=price[symbol], symbol=symbol)
        found.append((trade, order_of(trade, tuple(LotSale(lot, shares) for lot, shares in parts.items()))))
    return found


def order_of(trade: Trade, lots: tuple[LotSale, ...] = ()) -> Order:
    side, price = Side.SELL if lots else Side.BUY, from_nanos(trade.price)
    return Order(side, trade.symbol, trade.quantity, lots, price, price * trade.quantity, Reason("drawn"))


@settings(max_examples=1000)
@given(histories(), st.data())
def test_no_loss_that_a_plan_would_disallow_is_missed(history: list[Trade], data: st.DataObject) -> None:
    """Whatever a plan sells and buys: where it makes a loss of its own or of the past a wash sale, a finding stands against it."""
    before = ledger_of(history)
    accounts = [account_of(name, before) for name in KINDS]
    price = {symbol: data.draw(st.sampled_from(PRICES), symbol) for symbol in SYMBOLS}
    sold = data.draw(sales(history, before, price), "sold")
    buyable = [symbol for symbol in SYMBOLS if symbol not in {trade.symbol for trade, _ in sold}]
    bought = data.draw(st.lists(st.sampled_from(buyable), unique=True) if buyable else st.just([]), "bought")
    first = len(history) + len(sold)
    purchases = [buy(first + n, 0, 2, price[symbol], symbol) for n, symbol in enumerate(bought)]
    added = washed(ledger_of([*history, *(trade for trade, _ in sold), *purchases])) != washed(before)

    past = [Transaction(one.account, one.date, one.action, one.symbol, one.quantity, from_nanos(one.price)) for one in history]
    quotes = {symbol: Quote(symbol, price[symbol], price[symbol], TODAY) for symbol in SYMBOLS}
    snapshot = Snapshot(TODAY, accounts[0], tuple(accounts[1:]), quotes, tuple(past))
    plan = evolve(sample_plan(), orders=(*(order for _, order in sold), *map(order_of, purchases)))
    found = codes(findings_of(plan, snapshot, TARGETS, policy=POLICY)) & {"wash_sale", "wash_buy"}
    event(f"washes: {added}, found: {bool(found)}")
    if added:
        assert found
