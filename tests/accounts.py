"""Accounts as hypothesis draws them: ugly on purpose, and small enough that a failure can be read.

`cases` gives a snapshot with targets, identity groups and limits that all fit together. What is drawn includes empty accounts,
all cash, negative cash, classes of which nothing is held, positions outside the targets, a single ticker, half-cent ties, lots of
a millionth of a share, lots sold at exactly cost, unknown costs and dates, month ends and leap days, other accounts of every
kind, recent trades on both sides of the 30 days, and open orders.
"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

from attrs import frozen
from hypothesis import strategies as st

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    IdentityGroups,
    Limits,
    Lot,
    OpenOrder,
    Quote,
    Side,
    Snapshot,
    Targets,
    Transaction,
    VenueRules,
    WashPolicy,
)

SYMBOLS = ("VTI", "IVV", "VOO", "SPY", "IJR", "VEA", "BND", "TFI", "ZED")
"""The symbols of drawn accounts, drawn in any order; few, so that lots, classes and history meet often."""

_MICRO = Decimal("0.000001")


@frozen
class Case:
    """What a plan is made from."""

    snapshot: Snapshot
    targets: Targets
    groups: IdentityGroups = IdentityGroups()
    limits: Limits = Limits()

    @property
    def policy(self) -> WashPolicy:
        """The usual reading of the wash-sale rule with these groups."""
        return WashPolicy(self.groups)


def prices() -> st.SearchStrategy[Decimal]:
    """USD a share, > 0: penny stocks, half cents, four decimals, ordinary prices, and one that hardly any account can pay."""
    ordinary = st.integers(100, 60_000).map(lambda cents: Decimal(cents) / 100)
    fine = st.integers(1, 4_000_000).map(lambda n: Decimal(n) / 10_000)
    odd = st.sampled_from([Decimal(text) for text in ("0.0001", "0.01", "0.005", "1", "33.335", "99.995", "612345.67")])
    return st.one_of(ordinary, ordinary, fine, odd)


def quantities() -> st.SearchStrategy[Decimal]:
    """Shares, > 0: whole, fractional, or dust."""
    whole = st.integers(1, 300).map(Decimal)
    fraction = st.integers(1, 50_000_000).map(lambda micros: micros * _MICRO)
    return st.one_of(whole, whole, fraction, st.sampled_from([_MICRO, Decimal("0.5"), Decimal("0.333333"), Decimal("1.000001")]))


def amounts() -> st.SearchStrategy[Decimal]:
    """USD of cash: nothing, little, much, negative, or with half a cent."""
    cents = st.integers(-200_00, 60_000_00).map(lambda n: Decimal(n) / 100)
    return st.one_of(
        cents, cents, st.sampled_from([Decimal(text) for text in ("0", "0.01", "-0.01", "12.345", "-5000", "1000000")])
    )


def days_before(day: dt.date) -> st.SearchStrategy[dt.date]:
    """Days up to ``day``: around the edge of the 30 days, around a year back, or any time before."""
    back = st.one_of(st.sampled_from([1, 30, 31, 32, 364, 365, 366, 367]), st.integers(0, 45), *[st.integers(31, 3000)] * 4)
    return back.map(lambda number: day - dt.timedelta(days=number))


def days() -> st.SearchStrategy[dt.date]:
    """Days to plan on, leap days and ends of months among them."""
    ends = st.sampled_from([dt.date(2024, 2, 29), dt.date(2023, 3, 1), dt.date(2025, 3, 31), dt.date(2024, 12, 31)])
    return st.one_of(ends, st.dates(dt.date(2018, 1, 1), dt.date(2027, 12, 31)))


@st.composite
def some_targets(draw: st.DrawFn, symbols: tuple[str, ...] = SYMBOLS) -> Targets:
    """Targets over some of ``symbols``: 1 to 4 classes with ranks, shared ranks, symbols only held; percents down to 0.01."""
    shuffled = list(draw(st.permutations(symbols)))
    number = draw(st.integers(1, min(4, len(symbols))))
    edges = draw(st.lists(st.integers(1, 9_999), min_size=number - 1, max_size=number - 1, unique=True))
    cuts = [0, *sorted(edges), 10_000]
    percents = [Decimal(high - low) / 100 for low, high in itertools.pairwise(cuts)]
    classes = []
    for index, percent in enumerate(percents):
        still = number - index - 1
        most = min(4, len(shuffled) - still)
        mine = [shuffled.pop() for _ in range(draw(st.integers(1, most)))]
        hold = mine[: draw(st.sampled_from([0, 0, 0, 1, 1, 2]))]
        buy: list[tuple[str, ...]] = []
        for symbol in mine[len(hold) :]:
            if buy and draw(st.integers(0, 3)) == 0:
                buy[-1] = (*buy[-1], symbol)
            else:
                buy.append((symbol,))
        classes.append(AssetClass(f"class {index + 1}", percent, tuple(buy), tuple(hold)))
    return Targets(tuple(classes))


@st.composite
def lots(draw: st.DrawFn, name: str, as_of: dt.date, quotes: dict[str, Quote], basis_known: bool = False) -> Lot:
    """One lot of a quoted symbol, with a cost around its value: below, above, or equal to the last digit."""
    symbol = draw(st.sampled_from(sorted(quotes)))
    quantity = draw(quantities())
    value = quantity * quotes[symbol].bid
    cost: Decimal | None = value
    kind = draw(st.integers(0, 11))
    if kind == 0 and not basis_known:
        cost = None
    elif kind > 1:
        factor = Decimal(draw(st.integers(30, 180))) / 100
        cost = (value * factor).quantize(Decimal("0.01"))
    if cost is not None:
        cost = cost.quantize(Decimal("0.000000001"))
    acquired = None if not basis_known and draw(st.integers(0, 15)) == 0 else draw(days_before(as_of))
    return Lot(name, symbol, quantity, acquired, cost)


@st.composite
def accounts(
    draw: st.DrawFn, name: str, kind: AccountKind, as_of: dt.date, quotes: dict[str, Quote], most_lots: int = 10
) -> AccountSnapshot:
    """One account with lots of quoted symbols, cash, and now and then an open order."""
    number = draw(st.integers(0, most_lots)) if quotes else 0
    held = tuple(draw(lots(f"{name}-{i}", as_of, quotes)) for i in range(number))
    orders: tuple[OpenOrder, ...] = ()
    if draw(st.integers(0, 9)) == 0:
        orders = (OpenOrder("open-1", draw(st.sampled_from(list(Side))), draw(st.sampled_from(SYMBOLS)), Decimal(3)),)
    unsettled = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("250.50"), Decimal("-40")]))
    return AccountSnapshot(name, kind, Cash(draw(amounts()), unsettled), held, orders)


@st.composite
def transactions(draw: st.DrawFn, names: list[str], as_of: dt.date) -> tuple[Transaction, ...]:
    """Up to five transactions, oldest first."""
    found = []
    for _ in range(draw(st.integers(0, 5))):
        action = draw(st.sampled_from([Action.BUY, Action.SELL, Action.SELL, Action.REINVEST, Action.VEST, Action.RECEIVE]))
        price = None if action is Action.RECEIVE else Decimal("12.5")
        found.append(
            Transaction(
                draw(st.sampled_from(names)), draw(days_before(as_of)), action, draw(st.sampled_from(SYMBOLS)), Decimal(4), price
            )
        )
    return tuple(sorted(found, key=lambda one: one.date))


@st.composite
def on_record(draw: st.DrawFn, account: AccountSnapshot, as_of: dt.date) -> list[Transaction]:
    """Purchases of some lots, by name or by their day, and now and then a part of them that was sold since."""
    found = []
    for lot in account.lots:
        if lot.acquired is None or lot.cost is None or draw(st.integers(0, 3)):
            continue
        name = lot.lot if draw(st.booleans()) else None
        sold = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(2), Decimal("0.25")]))
        price = (lot.cost / lot.quantity).quantize(Decimal("0.000000001")) * draw(st.sampled_from([Decimal(1), Decimal("0.5")]))
        price = price.quantize(Decimal("0.000000001"))
        found.append(Transaction(account.account, lot.acquired, Action.BUY, lot.symbol, lot.quantity + sold, price, lot=name))
        if sold:
            day = draw(st.dates(lot.acquired, as_of))
            found.append(
                Transaction(account.account, day, Action.SELL, lot.symbol, sold, Decimal(draw(st.integers(0, 100))), lot=name)
            )
    return found


@st.composite
def cases(draw: st.DrawFn, spread: bool = True, most_lots: int = 10) -> Case:
    """Everything that a plan is made from. Every owned symbol has a bid above 0.

    Args:
        draw: Given by hypothesis.
        spread: Whether the ask may be above the bid; otherwise both are equal.
        most_lots: Most lots of the planned account.
    """
    as_of = draw(days())
    quotes: dict[str, Quote] = {}
    for symbol in SYMBOLS:
        bid = draw(prices())
        above = draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("0.0001"), Decimal("0.01"), Decimal("1.5")]))
        quotes[symbol] = Quote(symbol, bid, bid + above if spread else bid, as_of)
    account = draw(accounts("main", AccountKind.TAXABLE, as_of, quotes, most_lots))
    others = tuple(
        draw(accounts(f"other{i}", draw(st.sampled_from(list(AccountKind))), as_of, quotes, 2))
        for i in range(draw(st.sampled_from([0, 0, 1, 2])))
    )
    history = draw(transactions([one.account for one in (account, *others)], as_of))
    known = [row for one in (account, *others) for row in draw(on_record(one, as_of))]
    history = tuple(sorted((*history, *known), key=lambda one: one.date))
    owned = {lot.symbol for lot in account.lots}
    for symbol in draw(st.sets(st.sampled_from(SYMBOLS), max_size=2)) - owned:
        if draw(st.booleans()):
            del quotes[symbol]
        else:
            quotes[symbol] = Quote(symbol, Decimal(0), Decimal(10))
    steps = st.sampled_from([Decimal(1), Decimal(1), Decimal("0.001"), _MICRO])
    venue = VenueRules(draw(steps), draw(st.booleans()))
    sets = draw(st.sampled_from([(), (), (("IVV", "VOO", "SPY"),), (("VTI", "ZED"), ("IVV", "VOO"))]))
    limits = Limits(reserve=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("100.005"), Decimal(5000)])))
    snapshot = Snapshot(as_of, account, others, quotes, history, None, venue)
    return Case(snapshot, draw(some_targets()), IdentityGroups(sets), limits)
