"""How many shares of each lot may be sold at a loss, held against the ledger itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import event, given

from accounts import Case, cases
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    Cash,
    IdentityGroups,
    Lot,
    LotSale,
    OpenOrder,
    Quote,
    Side,
    Snapshot,
    Transaction,
    WashPolicy,
)
from rebalkit.money import to_micros, to_nanos
from rebalkit.tax.clean import CleanLot, CleanView
from rebalkit.tax.outlook import effect
from rebalkit.tax.plan_trades import open_purchases
from rebalkit.tax.trades import Trade
from rebalkit.tax.trial import trial_purchase, trial_sale
from rebalkit.tax.wash_view import WashView

TODAY = dt.date(2025, 4, 8)
MICRO = Decimal("0.000001")


def day(back: int) -> dt.date:
    return TODAY - dt.timedelta(days=back)


def lot(name: str, back: int, cost: int | None = 200, quantity: int = 10, symbol: str = "AAA") -> Lot:
    return Lot(name, symbol, Decimal(quantity), day(back), None if cost is None else Decimal(cost))


def view_of(
    *lots: Lot,
    theirs: tuple[Lot, ...] = (),
    kind: AccountKind = AccountKind.IRA,
    mine: AccountKind = AccountKind.TAXABLE,
    orders: tuple[OpenOrder, ...] = (),
    history: tuple[Transaction, ...] = (),
    policy: WashPolicy = WashPolicy(),
) -> WashView:
    """An account with ``lots`` and another one with ``theirs``; a share of AAA or BBB is worth 10."""
    quotes = {symbol: Quote(symbol, Decimal(10), Decimal(10), TODAY) for symbol in ("AAA", "BBB")}
    accounts = AccountSnapshot("main", mine, Cash(0), lots), AccountSnapshot("other", kind, Cash(0), theirs, orders)
    return WashView(Snapshot(TODAY, accounts[0], (accounts[1],), quotes, history), policy)


def clean_of(view: WashView) -> dict[str, CleanLot]:
    return {one.lot: one for one in CleanView(view).lots}


def test_an_old_lot_is_clean_when_nothing_was_bought_lately() -> None:
    (found,) = CleanView(view_of(lot("old", 400))).lots
    assert (found.loses, found.clean, found.obstacles, found.free_from, found.together) == (True, 10, (), None, ())
    assert (found.gain, found.basis, found.long) == (-100, 200, {True})


def test_a_recent_lot_may_be_sold_by_itself_and_blocks_the_old_one() -> None:
    """P2: the recent lot is of one purchase with itself, and the old one is clean only in one order with it."""
    found = clean_of(view_of(lot("old", 400), lot("new", 10, quantity=1, cost=11)))
    assert (found["new"].clean, found["new"].together) == (1, ())
    old = found["old"]
    assert (old.clean, old.together, old.free_from) == (0, ("new",), day(10) + dt.timedelta(days=31))
    (obstacle,) = old.obstacles
    assert (obstacle.account, obstacle.lots, obstacle.micros, obstacle.taxable) == ("main", ("new",), 1_000_000, True)


def test_two_recent_lots_block_each_other_and_go_together() -> None:
    found = clean_of(view_of(lot("a", 20), lot("b", 10), lot("old", 99)))
    assert {name: (one.clean, one.together) for name, one in found.items()} == {
        "a": (0, ("b",)),
        "b": (0, ("a",)),
        "old": (0, ("a", "b")),
    }


def test_an_older_recent_lot_does_not_count_where_the_policy_says_so() -> None:
    found = clean_of(view_of(lot("a", 20), lot("b", 10), policy=WashPolicy(older_replacement="ignore")))
    assert {name: one.clean for name, one in found.items()} == {"a": 0, "b": 10}


@pytest.mark.parametrize(("back", "clean"), [(30, 0), (31, 10)])
def test_f079_the_window_ends_after_30_days(back: int, clean: int) -> None:
    found = clean_of(view_of(lot("old", 400), lot("new", back)))
    assert found["old"].clean == clean


@pytest.mark.parametrize(("kind", "permanent"), [(AccountKind.IRA, True), (AccountKind.SPOUSE_TAXABLE, False)])
def test_what_another_account_bought_cannot_be_sold_along(kind: AccountKind, permanent: bool) -> None:
    (old,) = CleanView(view_of(lot("old", 400), theirs=(lot("drip", 5, quantity=1),), kind=kind)).lots
    assert (old.clean, old.together) == (0, None)
    assert [(one.account, not one.taxable, one.lots) for one in old.obstacles] == [("other", permanent, ("drip",))]


def test_another_symbol_of_the_group_blocks_but_is_no_part_of_the_order() -> None:
    policy = WashPolicy(IdentityGroups([["AAA", "BBB"]]))
    found = clean_of(view_of(lot("old", 400), lot("new", 5, symbol="BBB"), policy=policy))
    assert (found["old"].clean, found["old"].together, found["new"].clean) == (0, None, 10)
    assert clean_of(view_of(lot("old", 400), lot("new", 5, symbol="BBB")))["old"].clean == 10


def test_an_open_order_counts_as_filled_today() -> None:
    order = OpenOrder("7", Side.BUY, "AAA", Decimal(3))
    (old,) = CleanView(view_of(lot("old", 400), orders=(order,), kind=AccountKind.TAXABLE)).lots
    assert (old.clean, old.together, old.free_from) == (0, None, TODAY + dt.timedelta(days=31))
    assert [(one.open_order, one.micros) for one in old.obstacles] == [("7", 3_000_000)]


def test_a_gain_is_never_in_the_way_of_anything() -> None:
    found = clean_of(view_of(lot("gain", 400, cost=50), lot("new", 10)))
    assert (found["gain"].loses, found["gain"].clean, found["gain"].obstacles) == (False, 10, ())


def test_a_loss_inside_an_ira_counts_for_nothing() -> None:
    found = clean_of(view_of(lot("old", 400), lot("new", 10), mine=AccountKind.IRA))
    assert (found["old"].loses, found["old"].clean, found["old"].gain) == (False, 10, -100)


def test_a_lot_of_unknown_cost_counts_as_if_it_lost() -> None:
    found = clean_of(view_of(lot("old", 400, cost=None), lot("new", 10)))
    assert (found["old"].loses, found["old"].basis, found["old"].gain, found["old"].clean) == (None, None, None, 0)


def test_a_share_that_has_replaced_a_loss_replaces_no_other() -> None:
    """R8: what was bought after an earlier loss is taken already; the lot sold is its own replacement's basis."""
    history = (
        Transaction("main", day(200), Action.BUY, "AAA", Decimal(10), Decimal(20), lot="gone"),
        Transaction("main", day(20), Action.SELL, "AAA", Decimal(10), Decimal(12), lot="gone"),
        Transaction("main", day(15), Action.BUY, "AAA", Decimal(10), Decimal(12), lot="new"),
    )
    found = clean_of(view_of(lot("old", 400), lot("new", 15, cost=120), history=history))
    assert found["old"].clean == 10
    assert (found["new"].basis, found["new"].deemed, found["new"].long) == (200, day(195), {False})


def test_the_front_of_a_lot_that_gains_may_be_sold_without_the_rest() -> None:
    """A lot that its broker shows as one was bought in two purchases."""
    history = (
        Transaction("main", day(100), Action.BUY, "AAA", Decimal(4), Decimal(5), lot="both"),
        Transaction("main", day(90), Action.BUY, "AAA", Decimal(6), Decimal(20), lot="both"),
    )
    both = Lot("both", "AAA", Decimal(10), day(100), Decimal(140))
    (found,) = CleanView(view_of(both, theirs=(lot("drip", 5, quantity=1),), history=history)).lots
    assert (found.loses, found.clean) == (True, 4)


def test_one_order_takes_what_can_be_taken() -> None:
    view = CleanView(view_of(lot("old", 400), lot("gain", 300, cost=20), lot("new", 10), lot("fine", 9, cost=90, quantity=9)))
    assert view.one_order("AAA") == ("old", "new", "fine")
    assert view.one_order("BBB") == ()


def test_a_purchase_that_is_asked_about_takes_the_earliest_losses() -> None:
    history = tuple(
        Transaction("main", day(back), Action.SELL, "AAA", Decimal(5), Decimal(12), lot=name)
        for name, back in (("x", 20), ("y", 10))
    )
    bought = tuple(Transaction("main", day(99), Action.BUY, "AAA", Decimal(5), Decimal(20), lot=name) for name in ("x", "y"))
    for kind in (AccountKind.TAXABLE, AccountKind.IRA):
        view = view_of(theirs=(), history=(*bought, *history))
        account = AccountSnapshot("here", kind, Cash(0))
        view = WashView(evolve(view.snapshot, account=account, others=(view.snapshot.account, *view.snapshot.others)))
        trial = trial_purchase(view, "AAA", Decimal(7))
        assert [(one.sold, one.quantity, one.amount) for one in trial.matches] == [(day(20), 5, 40), (day(10), 2, 16)]
        assert (trial.washed, trial.permanent) == (56, 0 if kind.taxable else 56)


def washed(view: WashView, *sales: tuple[str, Decimal]) -> bool:
    """Whether selling so many shares of lots, in one order at the bid, washes anything by the ledger's own word."""
    snapshot, past = view.snapshot, view.past
    account = snapshot.account.account
    parts: dict[str, int] = {}
    (symbol,) = {one.symbol for one in snapshot.account.lots if one.lot in dict(sales)}
    for name, quantity in sales:
        left = to_micros(quantity)
        for trade, there in past.lots[account, name]:
            parts[trade] = parts.get(trade, 0) + min(left, there)
            left -= min(left, there)
    lots = tuple((trade, micros) for trade, micros in parts.items() if micros)
    bid = to_nanos(snapshot.quotes[symbol].bid)
    sale = Trade("sale", snapshot.as_of, account, symbol, Action.SELL, sum(micros for _, micros in lots), bid, lots=lots)
    return bool(effect([*past.trades, *open_purchases(snapshot)], [sale], past.accounts, view.policy))


@given(cases())
def test_what_is_clean_washes_nothing_and_a_micro_share_more_does(case: Case) -> None:
    """Both directions, by the ledger of history and sale against the ledger of history alone."""
    view = WashView(case.snapshot, case.policy)
    clean = CleanView(view)
    for one in clean.lots:
        if one.symbol not in case.snapshot.quotes or not case.snapshot.quotes[one.symbol].sane:
            continue
        if one.clean:
            assert not washed(view, (one.lot, one.clean))
        if one.clean < one.quantity and one.loses:
            event("blocked" if one.together is None else "blocked alone")
            assert washed(view, (one.lot, one.clean + MICRO))
        if one.together is not None:
            held = {lot.lot: lot.quantity for lot in case.snapshot.account.lots}
            assert not washed(view, *((name, held[name]) for name in (one.lot, *one.together)))
    for symbol in {one.symbol for one in clean.lots}:
        order = clean.one_order(symbol)
        if order:
            held = {lot.lot: lot.quantity for lot in case.snapshot.account.lots}
            assert not washed(view, *((name, held[name]) for name in order))


@given(cases())
def test_a_trade_that_is_asked_about_does_what_the_ledger_says_of_it(case: Case) -> None:
    view = WashView(case.snapshot, case.policy)
    history = [*view.past.trades, *open_purchases(case.snapshot)]
    for symbol in sorted({lot.symbol for lot in case.snapshot.account.lots} | set(view.exposed)):
        quantity = Decimal("2.5")
        trade = Trade("bought", case.snapshot.as_of, "main", symbol, Action.BUY, to_micros(quantity))
        expected = effect(history, [trade], view.past.accounts, view.policy)
        assert trial_purchase(view, symbol, quantity).washed == sum(expected.values())
    for lot in case.snapshot.account.lots:
        quote = case.snapshot.quotes[lot.symbol]
        trial = trial_sale(view, lot.symbol, quote.bid, [LotSale(lot.lot, lot.quantity)])
        assert bool(trial.washed) is washed(view, (lot.lot, lot.quantity))


def test_a_share_of_unknown_date_may_be_washed() -> None:
    """It counts as held for ages, so its replacement is long-term at once."""
    unknown = Lot("unknown", "AAA", Decimal(10), None, Decimal(200))
    view = view_of(unknown, lot("new", 5))
    (match,) = trial_sale(view, "AAA", Decimal(10), [LotSale("unknown", Decimal(10))]).matches
    assert match.amount == 100
    assert match.deemed_acquired < dt.date(1950, 1, 1)
    assert (clean_of(view)["unknown"].acquired, clean_of(view)["unknown"].long) == (None, frozenset())
