"""The exact wash-sale rule of the greedy strategy, on accounts that show one thing each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    IdentityGroups,
    Lot,
    OpenOrder,
    Plan,
    Quote,
    Side,
    Snapshot,
    Targets,
    Transaction,
    VenueRules,
    WashPolicy,
)
from rebalkit.plugin import PlanContext
from rebalkit.strategies import Greedy, GreedySettings
from rebalkit.tax.promises import promises_of

AS_OF = dt.date(2025, 6, 30)
OLD = dt.date(2020, 1, 2)
TARGETS = Targets((AssetClass("stocks", 60, ("AAA", "BBB", "CCC"), ("HHH",)), AssetClass("bonds", 40, ("DDD",))))
SYMBOLS = ("AAA", "BBB", "CCC", "HHH", "DDD", "OUT")


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def lot(name: str, symbol: str, cost: str, shares: str = "10", acquired: dt.date = OLD) -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, Decimal(cost))


def other(name: str, kind: AccountKind, *lots: Lot, orders: tuple[OpenOrder, ...] = ()) -> AccountSnapshot:
    return AccountSnapshot(name, kind, Cash(0), lots, orders)


def account(*lots: Lot, history: tuple[Transaction, ...] = (), others: tuple[AccountSnapshot, ...] = (), **more: Any) -> Snapshot:
    """Everything costs 10 dollars a share."""
    quotes = {symbol: Quote(symbol, Decimal(10), Decimal(10)) for symbol in SYMBOLS}
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(1000), lots)
    return evolve(Snapshot(AS_OF, main, others, quotes, history), **more)


def trade(action: Action, symbol: str, days: int, shares: str = "5", price: str = "9", **more: Any) -> Transaction:
    return Transaction("main", ago(days), action, symbol, Decimal(shares), Decimal(price), **more)


def plan(data: Snapshot, policy: WashPolicy = WashPolicy(), budget: str = "0", **wanted: Any) -> Plan:
    context = PlanContext.of(data, policy=policy, wash_budget=Decimal(budget))
    return Greedy(GreedySettings(**wanted)).plan(data, TARGETS, context)


def sold(answer: Plan) -> dict[str, dict[str, Decimal]]:
    return {order.symbol: {part.lot: part.quantity for part in order.lots} for order in answer.sells}


def why_not(answer: Plan, subject: str) -> dict[str, Any]:
    return {entry.reason.code: entry.reason.details for entry in answer.not_traded if entry.subject == subject}


DRIP = (lot("old", "OUT", "1500", "100"), lot("drip", "OUT", "13.75", "1.25", ago(12)))
"""A hundred shares 500 dollars below their cost, and a dividend that was reinvested lately, a little below, too."""


def test_f097_a_reinvested_dividend_goes_with_the_harvest() -> None:
    answer = plan(account(*DRIP))
    assert sold(answer) == {"OUT": {"old": Decimal(100), "drip": Decimal("1.25")}}
    assert answer.tax.harvested == Decimal("501.25")
    assert [one.quantity for one in promises_of(account(*DRIP), answer)] == [Decimal("101.25")]


@pytest.mark.parametrize(("cost", "limit", "taken"), [("12.50", "0", True), ("10", "0", True), ("10", "2.50", True)])
def test_a_recent_lot_that_gains_a_little_goes_too(cost: str, limit: str, taken: bool) -> None:
    """At its cost it is no gain; a gain of a tenth of the losses is worth them, and so is one within the limit."""
    lots = (DRIP[0], lot("drip", "OUT", cost, "1.25", ago(12)))
    assert ("OUT" in sold(plan(account(*lots), max_gain_to_realize=limit))) is taken


def test_a_recent_lot_that_gains_much_keeps_the_losses() -> None:
    lots = (DRIP[0], lot("drip", "OUT", "50", "30", ago(12)))
    answer = plan(account(*lots))
    assert sold(answer) == {}
    assert why_not(answer, "OUT")["recent_lots_gain"]["free_on"] == str(ago(12 - 31))
    assert sold(plan(account(*lots), max_gain_to_realize=250)) == {"OUT": {"old": Decimal(100), "drip": Decimal(30)}}


@pytest.mark.parametrize(("days", "taken"), [(0, False), (30, False), (31, True)])
def test_what_an_ira_reinvested_keeps_the_losses_until_its_day_plus_31(days: int, taken: bool) -> None:
    """It cannot be sold with them, and what it takes away is lost for good, so that no budget buys it."""
    ira = other("ira", AccountKind.IRA, lot("drip", "OUT", "13.75", "1.25", ago(days)))
    for budget in ("0", "100000"):
        answer = plan(account(DRIP[0], others=(ira,)), budget=budget)
        assert sold(answer) == ({"OUT": {"old": Decimal(100)}} if taken else {})
        if not taken:
            kept = why_not(answer, "OUT")["loss_would_wash"]
            assert kept["free_on"] == str(ago(days - 31))
            assert kept["loss"] == "-500.00"


@pytest.mark.parametrize(("budget", "taken"), [("0", False), ("6.24", False), ("6.25", True)])
def test_a_budget_harvests_the_hundred_shares_that_a_spouses_dividend_touches(budget: str, taken: bool) -> None:
    """1.25 shares lose 5 dollars each: 6.25 dollars are deferred, to the cent."""
    spouse = other("spouse", AccountKind.SPOUSE_TAXABLE, lot("drip", "OUT", "13.75", "1.25", ago(12)))
    data = account(DRIP[0], others=(spouse,))
    answer = plan(data, budget=budget)
    assert sold(answer) == ({"OUT": {"old": Decimal(100)}} if taken else {})
    if taken:
        assert [(one.quantity, one.loss) for one in promises_of(data, answer)] == [(Decimal("98.75"), Decimal("493.75"))]


def test_a_budget_is_spent_once() -> None:
    spouse = other("spouse", AccountKind.SPOUSE_TAXABLE, lot("a", "AAA", "13", "1", ago(3)), lot("o", "OUT", "13", "1", ago(3)))
    data = account(lot("mine", "AAA", "150"), lot("yours", "OUT", "150"), others=(spouse,))
    assert set(sold(plan(data, budget="5"))) == {"AAA"}
    assert set(sold(plan(data, budget="10"))) == {"AAA", "OUT"}


def test_a_loss_that_would_be_deferred_as_a_whole_is_not_taken() -> None:
    spouse = other("spouse", AccountKind.SPOUSE_TAXABLE, lot("all", "OUT", "1100", "100", ago(3)))
    assert sold(plan(account(DRIP[0], others=(spouse,)), budget="1000")) == {}


def test_at_a_broker_of_whole_shares_the_fraction_stays_where_it_takes_nothing_away() -> None:
    """It is sold when the position is closed; else it is left of an old lot, never of the recent one."""
    whole = VenueRules(fractional_sells=False)
    assert sold(plan(account(*DRIP, venue=whole))) == {"OUT": {"old": Decimal(100), "drip": Decimal("1.25")}}
    gaining = lot("gain", "OUT", "10", "7")
    answer = plan(account(*DRIP, gaining, venue=whole))
    assert sold(answer) == {"OUT": {"old": Decimal("99.75"), "drip": Decimal("1.25")}}
    assert why_not(answer, "OUT")["not_whole_shares"]["quantity"] == "0.25"
    old = (lot("old", "OUT", "1501.50", "100.25"), gaining)
    assert sold(plan(account(*old, venue=whole))) == {"OUT": {"old": Decimal(100)}}


def test_a_recent_lot_alone_may_be_sold_at_a_loss_while_older_ones_stay() -> None:
    answer = plan(account(lot("old", "OUT", "10"), lot("new", "OUT", "150", acquired=ago(5))))
    assert sold(answer) == {"OUT": {"new": Decimal(10)}}


def test_an_older_lot_that_is_recent_too_goes_with_a_newer_one_unless_the_policy_ignores_it() -> None:
    lots = (lot("first", "OUT", "50", acquired=ago(20)), lot("second", "OUT", "150", acquired=ago(5)))
    assert "OUT" not in sold(plan(account(*lots)))
    assert sold(plan(account(*lots), WashPolicy(older_replacement="ignore"))) == {"OUT": {"second": Decimal(10)}}


def test_fills_of_one_order_replace_nothing_of_each_other() -> None:
    history = tuple(trade(Action.BUY, "OUT", 5, "10", price, order="7", lot=name) for name, price in (("a", "15"), ("b", "5")))
    lots = (lot("a", "OUT", "150", acquired=ago(5)), lot("b", "OUT", "50", acquired=ago(5)))
    assert sold(plan(account(*lots, history=history))) == {"OUT": {"a": Decimal(10)}}
    apart = tuple(evolve(one, order=None) for one in history)
    assert "OUT" not in sold(plan(account(*lots, history=apart)))


def test_only_losses_keep_a_symbol_from_being_bought() -> None:
    """A sale at a gain is no reason not to buy again; one whose basis nobody knows is."""
    bought = trade(Action.BUY, "AAA", 200, price="8")

    def buys(*history: Transaction, budget: str = "0") -> str | None:
        return plan(account(history=history), budget=budget).classes[0].buy

    assert buys(bought, trade(Action.SELL, "AAA", 3)) == "AAA"
    assert buys(bought, trade(Action.SELL, "AAA", 3, price="7")) == "BBB"
    assert buys(bought, trade(Action.SELL, "AAA", 31, price="7")) == "AAA"
    assert buys(trade(Action.SELL, "AAA", 3)) == "BBB"
    assert buys(trade(Action.SELL, "AAA", 3), budget="100000") == "BBB"
    assert buys(bought, trade(Action.SELL, "AAA", 3, price="7"), budget="5") == "AAA"
    assert buys(bought, trade(Action.SELL, "AAA", 3, price="7"), budget="4.99") == "BBB"


def test_a_loss_already_washed_keeps_nothing_from_being_bought() -> None:
    history = (trade(Action.BUY, "AAA", 200), trade(Action.SELL, "AAA", 20, price="7"), trade(Action.BUY, "AAA", 10))
    assert plan(account(lot("new", "AAA", "55", "5", ago(10)), history=history)).classes[0].buy == "AAA"


def test_a_purchase_touches_the_whole_group() -> None:
    groups = WashPolicy(IdentityGroups((("AAA", "OUT"),)))
    lots = (lot("o", "OUT", "150"), lot("a", "AAA", "50", "5", ago(5)))
    answer = plan(account(*lots), groups)
    assert "OUT" not in sold(answer)
    assert why_not(answer, "OUT")["being_bought"]["bought"] == "AAA"
    assert "OUT" in sold(plan(account(*lots)))
    instead = evolve(groups, groups=IdentityGroups((("HHH", "OUT"),)))
    kept = plan(account(lots[0], lot("h", "HHH", "50", "5", ago(5))), instead)
    assert set(why_not(kept, "OUT")) == {"loss_would_wash"}


def test_open_orders_count_as_filled_today() -> None:
    def with_order(side: Side) -> Snapshot:
        return account(DRIP[0], others=(other("ira", AccountKind.IRA, orders=(OpenOrder("1", side, "OUT", Decimal(3)),)),))

    assert sold(plan(with_order(Side.BUY), budget="1000")) == {}
    assert set(sold(plan(with_order(Side.SELL)))) == {"OUT"}


def test_what_another_account_added_to_the_basis_counts() -> None:
    """A spouse's loss was washed by the recent lot: it loses now, although its broker shows a gain."""
    history = (
        Transaction("spouse", ago(200), Action.BUY, "OUT", Decimal(10), Decimal(30)),
        Transaction("spouse", ago(20), Action.SELL, "OUT", Decimal(10), Decimal(10)),
        trade(Action.BUY, "OUT", 15, "10", "9.5", lot="mine"),
        trade(Action.BUY, "OUT", 3, "10", "9", lot="later"),
    )
    lots = (lot("mine", "OUT", "95", acquired=ago(15)), lot("later", "OUT", "90", acquired=ago(3)))
    data = account(*lots, history=history, others=(other("spouse", AccountKind.SPOUSE_TAXABLE),))
    assert sold(plan(data, max_gain_to_realize=5)) == {}
    assert "loss_would_wash" in why_not(plan(data, max_gain_to_realize=5), "OUT")
    assert set(sold(plan(data, max_gain_to_realize=15))["OUT"]) == {"mine", "later"}


@pytest.mark.parametrize(
    ("cost", "wanted", "taken"),
    [
        ("119.99", {}, False),
        ("120", {}, True),
        ("100.01", {"min_loss": 0, "min_loss_percent": 0}, True),
        ("100.009", {"min_loss": 0, "min_loss_percent": 0}, False),
        ("120", {"min_loss_percent": "16.7"}, False),
        ("120", {"min_loss": "20.01"}, False),
    ],
)
def test_a_loss_must_be_worth_a_trade(cost: str, wanted: dict[str, Any], taken: bool) -> None:
    """20 dollars and half a percent unless set; less than a cent is no loss but a cost that was rounded up."""
    assert ("OUT" in sold(plan(account(lot("o", "OUT", cost)), **wanted))) is taken


@pytest.mark.parametrize(("shares", "taken"), [("100", False), ("39", True)])
def test_what_was_bought_at_the_ask_is_not_sold_at_the_bid(shares: str, taken: bool) -> None:
    """A loss of 20 dollars is twice the spread of a quarter for 40 shares."""
    quotes = dict(account().quotes) | {"OUT": Quote("OUT", Decimal(10), Decimal("10.25"))}
    data = account(lot("o", "OUT", str(10 * Decimal(shares) + 20), shares), quotes=quotes)
    assert ("OUT" in sold(plan(data))) is taken
    assert "OUT" in sold(plan(data, min_loss=20, min_loss_percent=0))
