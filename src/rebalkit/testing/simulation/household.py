"""A random small account, what is traded beside it, and a plan for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction
from rebalkit.model.identity import IdentityGroups
from rebalkit.model.lots import LotSale
from rebalkit.model.orders import Side
from rebalkit.model.plans import CashSummary, Order, Plan, Reason, TaxSummary
from rebalkit.model.targets import AssetClass, Targets
from rebalkit.money import from_cents, from_micros
from rebalkit.testing.simulation.book import Book, cost_of, proceeds_of
from rebalkit.testing.simulation.faults import Dice
from rebalkit.testing.simulation.market import CENT_PRICE, Market, dollars

__all__ = ["ACCOUNT", "Household", "make_household"]

ACCOUNT = "main"
_SHARE = 10**6
_NAMES = ("STK", "BND", "INT", "REI", "GLD", "CSH")


@frozen
class Household:
    """Accounts and a plan.

    Attributes:
        books: Accounts by name, the one to trade first.
        market: Prices.
        history: How the lots came to be.
        plan: What is to be traded.
        targets: Its targets.
        groups: What counts as one for the wash-sale rule.
        symbols: What others trade in, too.
        value: USD that the account is worth.
    """

    books: Mapping[str, Book]
    market: Market
    history: Sequence[Transaction]
    plan: Plan
    targets: Targets
    groups: IdentityGroups
    symbols: Sequence[str]
    value: Decimal


def make_household(dice: Dice, day: dt.date, step: int, fee: int, sells: int | None, buys: int | None) -> Household:
    """Draw one.

    Args:
        dice: Chance.
        day: The day of the plan.
        step: Smallest step of a purchase, micro-shares.
        fee: Cents that an order costs.
        sells: How many sales the plan has; drawn where None.
        buys: How many purchases; drawn where None.
    """
    sells = dice.randrange(1, 5) if sells is None else sells
    buys = dice.randrange(0, 6) if buys is None else buys
    count = max(2, min(len(_NAMES), max(sells, buys) + dice.randrange(0, 2)))
    names = _NAMES[:count]
    market = _market(dice, names)
    books = {ACCOUNT: Book(ACCOUNT, AccountKind.TAXABLE, dice.choice((0, 100, 50_000, 1_000_000)))}
    if dice.random() < 0.3:
        books["roth"] = Book("roth", AccountKind.ROTH, 10**6)
    history: list[Transaction] = []
    sold_symbols = [f"{name}A" for name in dice.sample(names, sells)]
    for symbol in sorted({*sold_symbols, *(f"{dice.choice(names)}B" for _ in range(2))}):
        for _ in range(dice.randrange(1, 4)):
            _acquire(
                dice, books[dice.choice(list(books)) if symbol not in sold_symbols else ACCOUNT], market, history, symbol, day
            )
    history.sort(key=lambda one: one.date)
    orders = [_sale(dice, books[ACCOUNT], market, symbol) for symbol in sold_symbols]
    losing = {one.symbol[:3] for one in orders if one.reason.code == "loss"}
    cash = books[ACCOUNT].cents + sum(proceeds_of(int(one.quantity * _SHARE), market.bid(one.symbol)) - fee for one in orders)
    orders += _purchases(dice, market, dice.sample(names, buys), losing, cash, step, fee)
    targets = Targets(_classes(dice, names))
    nil = Decimal(0)
    plan = Plan(
        day,
        ACCOUNT,
        "simulated",
        (),
        tuple(orders),
        (),
        TaxSummary(nil, nil, nil, nil, nil),
        CashSummary(nil, nil, nil, nil),
    )
    groups = IdentityGroups([(f"{name}A", f"{name}B") for name in names])
    worth = sum(proceeds_of(lot.micros, market.bid(lot.symbol)) for lot in books[ACCOUNT].lots.values())
    value = from_cents(worth + books[ACCOUNT].cents)
    traded = sorted({symbol for one in orders for symbol in (f"{one.symbol[:3]}A", f"{one.symbol[:3]}B")})
    return Household(books, market, history, plan, targets, groups, traded, value)


def _market(dice: Dice, names: Sequence[str]) -> Market:
    market = Market(dice)
    for name in names:
        for fund in "ABC":
            bid = dice.randrange(1_000, 40_000) * CENT_PRICE
            market.list_symbol(f"{name}{fund}", bid, max(1, bid // 5_000 // CENT_PRICE) * CENT_PRICE)
    return market


def _acquire(dice: Dice, book: Book, market: Market, history: list[Transaction], symbol: str, day: dt.date) -> None:
    """A lot that came long enough ago to be no concern of the wash-sale rule."""
    micros = dice.randrange(1, 200) * _SHARE
    if dice.random() < 0.1:
        micros += dice.randrange(1, 1000) * 1000
    price = market.bid(symbol) * dice.randrange(60, 150) // 100 // CENT_PRICE * CENT_PRICE
    acquired = day - dt.timedelta(days=dice.randrange(62, 900))
    cents, lot = cost_of(micros, price), f"lot{len(history)}"
    book.add(lot, symbol, micros, acquired, cents)
    history.append(
        Transaction(book.account, acquired, Action.BUY, symbol, from_micros(micros), dollars(price), order=f"h{lot}", lot=lot)
    )


def _sale(dice: Dice, book: Book, market: Market, symbol: str) -> Order:
    """Some lots of ``symbol``, the last one perhaps in part."""
    held = [(name, lot) for name, lot in book.lots.items() if lot.symbol == symbol]
    taken = dice.sample(held, dice.randrange(1, len(held) + 1))
    parts = [(name, lot.micros) for name, lot in taken]
    name, last = taken[-1]
    if last.micros > _SHARE and dice.random() < 0.3:
        parts[-1] = name, dice.randrange(1, last.micros // _SHARE + 1) * _SHARE
    micros, bid = sum(part for _, part in parts), market.bid(symbol)
    losing = any(proceeds_of(lot.micros, bid) < lot.cents for _, lot in taken)
    return Order(
        Side.SELL,
        symbol,
        from_micros(micros),
        tuple(LotSale(name, from_micros(part)) for name, part in parts),
        Decimal(bid) / 10_000,
        from_cents(proceeds_of(micros, bid)),
        Reason("loss" if losing else "gain"),
    )


def _purchases(
    dice: Dice, market: Market, names: Sequence[str], losing: set[str], cents: int, step: int, fee: int
) -> list[Order]:
    """Purchases for about what the sales bring. Of a class that is sold at a loss mostly what is not the same fund."""
    orders: list[Order] = []
    shares = [dice.randrange(1, 10) for _ in names]
    budget = cents * dice.choice((50, 95, 99, 100, 100, 103)) // 100 - fee * len(names)
    for name, weight in zip(names, shares, strict=True):
        symbol = f"{name}C" if name in losing and dice.random() < 0.95 else f"{name}B"
        ask = market.ask(symbol)
        micros = max(0, budget) * weight // sum(shares) * 10**8 // ask // step * step
        if micros:
            orders.append(
                Order(
                    Side.BUY,
                    symbol,
                    from_micros(micros),
                    (),
                    Decimal(ask) / 10_000,
                    from_cents(cost_of(micros, ask)),
                    Reason("below_target"),
                )
            )
    return orders


def _classes(dice: Dice, names: Sequence[str]) -> list[AssetClass]:
    weights = [dice.randrange(5, 100 // len(names) + 1) for _ in names]
    weights[0] += 100 - sum(weights)
    return [AssetClass(name, weight, [f"{name}B", f"{name}C"], [f"{name}A"]) for name, weight in zip(names, weights, strict=True)]
