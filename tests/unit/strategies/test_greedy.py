"""The greedy strategy, rule by rule, on accounts that show one rule each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from attrs import evolve

from rebalkit.errors import PlanError
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

AS_OF = dt.date(2025, 6, 30)
OLD = dt.date(2020, 1, 2)
TARGETS = Targets((AssetClass("stocks", 60, (("AAA",), ("BBB", "CCC")), ("HHH",)), AssetClass("bonds", 40, ("DDD",))))
SYMBOLS = ("AAA", "BBB", "CCC", "HHH", "DDD", "OUT")


def lot(name: str, symbol: str, cost: str | None, shares: str = "10", acquired: dt.date | None = OLD) -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, None if cost is None else Decimal(cost))


def account(*lots: Lot, cash: str = "1000", history: tuple[Transaction, ...] = (), **more: Any) -> Snapshot:
    """Everything costs 10 dollars a share."""
    quotes = {symbol: Quote(symbol, Decimal(10), Decimal(10)) for symbol in SYMBOLS}
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(cash), lots)
    return evolve(Snapshot(AS_OF, main, quotes=quotes, transactions=history), **more)


def trade(action: Action, symbol: str, days: int, where: str = "main") -> Transaction:
    return Transaction(where, AS_OF - dt.timedelta(days=days), action, symbol, Decimal(5), Decimal(9))


def plan(data: Snapshot, groups: IdentityGroups = IdentityGroups(), accept: tuple[str, ...] = (), **wanted: Any) -> Plan:
    return Greedy(GreedySettings(**{"wash_rule": "by_ticker"} | wanted)).plan(
        data, TARGETS, PlanContext.of(data, policy=WashPolicy(groups), accept_wash=accept)
    )


def chosen(answer: Plan) -> dict[str, str | None]:
    return {one.name: one.buy for one in answer.classes}


def why_not(answer: Plan, subject: str) -> set[str]:
    return {entry.reason.code for entry in answer.not_traded if entry.subject == subject}


def sold(answer: Plan) -> dict[str, list[str]]:
    return {order.symbol: [part.lot for part in order.lots] for order in answer.sells}


def test_new_cash_goes_to_the_targets_in_whole_shares() -> None:
    answer = plan(account())
    assert [(o.symbol, o.quantity, o.estimated) for o in answer.buys] == [("AAA", 60, 600), ("DDD", 40, 400)]
    assert answer.buys[0].reason.details == {"class": "stocks", "rank": 1, "amount": "600.00", "passed_over": []}


def test_a_symbol_with_a_loss_to_forgo_is_passed_over_and_its_loss_taken() -> None:
    answer = plan(account(lot("l", "AAA", "150")))
    assert chosen(answer)["stocks"] == "BBB"
    assert sold(answer) == {"AAA": ["l"]}
    assert why_not(answer, "AAA") == {"loss_to_forgo"}
    assert chosen(plan(account(lot("l", "AAA", "150")), max_loss_to_forgo=50))["stocks"] == "AAA"
    assert chosen(plan(account(lot("l", "AAA", "150")), max_loss_to_forgo="49.99"))["stocks"] == "BBB"


def test_of_one_rank_the_least_loss_is_chosen_and_ties_keep_their_order() -> None:
    both = (lot("b", "BBB", "130"), lot("c", "CCC", "120"))
    history = (trade(Action.SELL, "AAA", 3),)
    assert chosen(plan(account(*both, history=history), max_loss_to_forgo=100))["stocks"] == "CCC"
    assert chosen(plan(account(history=history)))["stocks"] == "BBB"


@pytest.mark.parametrize(("days", "buy"), [(0, "BBB"), (30, "BBB"), (31, "AAA")])
@pytest.mark.parametrize("where", ["main", "ira"])
def test_a_sale_blocks_purchases_for_30_days_in_whatever_account(days: int, buy: str, where: str) -> None:
    answer = plan(account(history=(trade(Action.SELL, "AAA", days, where),)))
    assert chosen(answer)["stocks"] == buy
    if buy == "BBB":
        entry = next(one for one in answer.not_traded if one.subject == "AAA")
        assert entry.reason.code == "sold_recently"
        assert entry.reason.details["free_on"] == str(AS_OF + dt.timedelta(days=31 - days))


@pytest.mark.parametrize("action", [Action.BUY, Action.REINVEST, Action.VEST])
def test_an_acquisition_blocks_sales_for_30_days(action: Action) -> None:
    held = lot("o", "OUT", "150")
    assert sold(plan(account(held, history=(trade(action, "OUT", 30, "ira"),)))) == {}
    assert sold(plan(account(held, history=(trade(action, "OUT", 31, "ira"),)))) == {"OUT": ["o"]}
    assert why_not(plan(account(held, history=(trade(action, "OUT", 30),))), "OUT") == {"bought_recently"}


def test_transfers_and_splits_block_nothing() -> None:
    history = tuple(trade(action, "OUT", 3) for action in (Action.RECEIVE, Action.DELIVER, Action.SPLIT))
    assert sold(plan(account(lot("o", "OUT", "150"), history=history))) == {"OUT": ["o"]}


def test_an_identity_group_counts_as_one_ticker() -> None:
    groups = IdentityGroups((("AAA", "OUT"),))
    # A loss on OUT would be forgone by buying AAA; and where AAA is bought all the same, OUT is kept.
    held = lot("o", "OUT", "150")
    assert chosen(plan(account(held), groups))["stocks"] == "BBB"
    kept = plan(account(held), groups, max_loss_to_forgo=50)
    assert chosen(kept)["stocks"] == "AAA"
    assert sold(kept) == {}
    assert why_not(kept, "OUT") == {"being_bought"}
    assert chosen(plan(account(history=(trade(Action.SELL, "OUT", 3),)), groups))["stocks"] == "BBB"


def test_open_orders_count_as_filled_today() -> None:
    def with_order(side: Side, symbol: str) -> Snapshot:
        data = account(lot("o", "OUT", "150"))
        return evolve(data, account=evolve(data.account, open_orders=(OpenOrder("1", side, symbol, Decimal(1)),)))

    assert why_not(plan(with_order(Side.BUY, "OUT")), "OUT") == {"bought_recently"}
    assert why_not(plan(with_order(Side.SELL, "AAA")), "AAA") == {"sold_recently"}


def test_gaining_lots_of_worse_symbols_are_sold_within_the_limit() -> None:
    held = [lot("a", "HHH", "90"), lot("b", "HHH", "70"), lot("c", "HHH", "100"), lot("n", "AAA", "95")]
    assert sold(plan(account(*held))) == {"HHH": ["c"]}  # exactly at cost is a gain of 0
    assert sold(plan(account(*held), max_gain_to_realize="39.99")) == {"HHH": ["c", "a"]}
    answer = plan(account(*held), max_gain_to_realize=40)
    assert sold(answer) == {"HHH": ["c", "a", "b"]}
    assert why_not(answer, "AAA") == {"being_bought"}


def test_gains_on_a_symbol_no_worse_than_the_one_bought_are_not_realised() -> None:
    history = (trade(Action.SELL, "AAA", 3),)
    answer = plan(account(lot("c", "CCC", "50"), lot("a", "AAA", "50"), history=history), max_gain_to_realize=1000)
    assert chosen(answer)["stocks"] == "BBB"
    assert sold(answer) == {}
    assert "not_worse_than_buy" in why_not(answer, "CCC") & why_not(answer, "AAA")


def test_the_limit_on_gains_is_a_days() -> None:
    history = (trade(Action.SELL, "HHH", 0),)
    answer = plan(account(lot("h", "HHH", "50"), history=history), max_gain_to_realize=1000)
    assert why_not(answer, "HHH") == {"sold_today"}


def test_forced_buys() -> None:
    held = lot("l", "AAA", "150")
    assert chosen(plan(account(held), forced_buys={"stocks": "AAA"}))["stocks"] == "AAA"
    none = plan(account(held), forced_buys={"stocks": "none"})
    assert chosen(none) == {"stocks": None, "bonds": "DDD"}
    assert why_not(none, "stocks") == {"forced_none"}
    assert why_not(none, "AAA") == {"class_not_bought"}
    assert sold(plan(account(held), forced_buys={"stocks": None}, allow_underfilled=True)) == {"AAA": ["l"]}


def test_a_forced_buy_that_would_wash_is_made_only_when_that_is_allowed_too() -> None:
    data = account(history=(trade(Action.SELL, "AAA", 3, "ira"),))
    answer = plan(data, forced_buys={"stocks": "AAA"})
    assert chosen(answer)["stocks"] is None
    entry = next(one for one in answer.not_traded if one.subject == "stocks")
    assert entry.reason.code == "forced_buy_would_wash"
    assert entry.reason.details == {"symbol": "AAA", "free_on": "2025-07-28", "trades": ["2025-06-27 sell 5 AAA in ira"]}
    assert chosen(plan(data, accept=("AAA",), forced_buys={"stocks": "AAA"}))["stocks"] == "AAA"


@pytest.mark.parametrize(
    ("forced", "code", "remedy"),
    [
        ({"stokcs": "AAA"}, "unknown_class", "Did you mean 'stocks'?"),
        ({"stocks": "DDD"}, "symbol_outside_class", "Choose one of AAA, BBB, CCC, or none."),
        ({"stocks": "HHH"}, "hold_only", "Choose one of AAA, BBB, CCC, or none."),
    ],
)
def test_a_forced_buy_that_does_not_fit_is_refused(forced: dict[str, str], code: str, remedy: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan(account(), forced_buys=forced)
    assert (caught.value.code, caught.value.remedy) == (code, remedy)


def test_small_losses_and_small_orders_are_left_alone() -> None:
    held = lot("o", "OUT", "110")
    assert why_not(plan(account(held), min_loss="10.01"), "OUT") == {"below_min_loss"}
    assert sold(plan(account(held), min_loss=10, min_loss_percent=9)) == {"OUT": ["o"]}
    assert why_not(plan(account(held), min_loss_percent="9.1"), "OUT") == {"below_min_loss"}
    answer = plan(account(held, cash="100"), min_order="100.01")
    assert why_not(answer, "OUT") == {"sale_below_min_order"}
    assert why_not(answer, "stocks") == {"buy_below_min_order"}
    assert answer.orders == ()
    assert sold(plan(account(held), min_order=100)) == {"OUT": ["o"]}


def test_a_lot_without_cost_or_date_is_kept_and_listed() -> None:
    answer = plan(account(lot("c", "OUT", None), lot("d", "OUT", "900", acquired=None), lot("k", "OUT", "150")))
    assert sold(answer) == {"OUT": ["k"]}
    assert why_not(answer, "OUT") == {"unknown_basis"}


@pytest.mark.parametrize("fractional", [True, False])
def test_f090_fractions_are_sold_only_where_the_broker_lets_them(fractional: bool) -> None:
    venue = VenueRules(fractional_sells=fractional)
    held = (lot("dear", "OUT", "200", "10.25"), lot("cheap", "OUT", "30", "2.5"), lot("gain", "OUT", "1"))
    answer = plan(account(*held, venue=venue))
    assert [(str(p.lot), str(p.quantity)) for p in answer.sells[0].lots] == [
        ("dear", "10.25"),
        ("cheap", "2.5" if fractional else "1.75"),
    ]
    assert why_not(answer, "OUT") == {"gain_over_limit"} | (set() if fractional else {"not_whole_shares"})
    closing = plan(account(*held[:2], venue=venue))
    assert closing.sells[0].quantity == Decimal("12.75")


def test_a_fraction_alone_is_not_sold_where_the_broker_does_not_let_it() -> None:
    data = account(lot("dust", "OUT", "20", "0.5"), lot("gain", "OUT", "1"), venue=VenueRules(fractional_sells=False))
    assert plan(data).sells == ()


def test_a_candidate_without_a_sane_quote_is_passed_over() -> None:
    quotes = {s: q for s, q in account().quotes.items() if s != "AAA"} | {"BBB": Quote("BBB", Decimal(10), Decimal(9))}
    answer = plan(account(quotes=quotes))
    assert chosen(answer)["stocks"] == "CCC"
    assert answer.buys[0].reason.details["passed_over"] == ["AAA no_quote", "BBB no_quote"]


@pytest.mark.parametrize("cash", ["0", "-500", "0.001"])
def test_without_cash_nothing_is_bought_and_the_plan_says_so(cash: str) -> None:
    answer = plan(account(cash=cash))
    assert answer.orders == ()
    assert why_not(answer, "stocks") == {"nothing_to_invest"}


@pytest.mark.parametrize(("step", "code"), [("0", "bad_share_step"), ("0.0000001", "bad_share_step")])
def test_a_step_that_cannot_be_is_refused(step: str, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan(account(venue=VenueRules(Decimal(step))))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"max_loss_to_forgo": "-1"}, "max_loss_to_forgo must be 0 or more, not -1"),
        ({"min_loss_percent": "101"}, "min_loss_percent is a percentage of the cost, from 0 to 100, not 101"),
        ({"wash_rule": "none"}, "wash_rule must be 'exact' or 'by_ticker', not 'none'"),
        ({"rounding": "up"}, "rounding must be 'fill' or 'floor', not 'up'"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError) as caught:
        GreedySettings(**wrong)
    assert str(caught.value) == words


def test_f093_a_hundred_thousand_lots() -> None:
    dice = Random(5)
    many = [
        lot(f"l{i}", dice.choice(SYMBOLS), str(dice.randint(1_000, 25_000)), str(dice.randint(1, 99_999_999) / Decimal(10**6)))
        for i in range(100_000)
    ]
    answer = plan(account(*many, cash="250000"), max_gain_to_realize=500)
    assert sum(len(order.lots) for order in answer.sells) > 10_000
    gains = {order.symbol: Decimal(order.reason.details["gain"]) for order in answer.sells}
    assert max(gains.values()) <= 500
    assert answer.cash.after >= 0
