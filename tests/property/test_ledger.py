"""The wash-sale ledger on random histories: it agrees with one object per share, and obeys the laws of the rule exactly."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction
from typing import Any

from attrs import evolve
from hypothesis import event, given, settings
from hypothesis import strategies as st

from histories import ACCOUNTS, SYMBOLS, histories, policies
from oracles import wash_ledger as oracle
from rebalkit.model import AccountKind, Action, IdentityGroups, WashPolicy
from rebalkit.tax.broker_view import broker_disallowed
from rebalkit.tax.ledger import Ledger, build_ledger
from rebalkit.tax.outlook import blockers, effect, exposures
from rebalkit.tax.trades import Trade

EXAMPLES = settings().max_examples  # of the profile that is loaded
MANY = settings(max_examples=min(20_000, 5 * EXAMPLES))
SOME = settings(max_examples=min(4_000, EXAMPLES))
ZERO = Fraction(0)


def realised(ledger: Ledger) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = {}
    for row in ledger.realised:
        names = ("quantity", "proceeds", "basis", "disallowed", "permanent", "washed", "exposed", "acquired", "deemed_acquired")
        assert (row.sale, row.lot, row.term.value) not in rows
        rows[row.sale, row.lot, row.term.value] = {name: getattr(row, name) for name in (*names, "account", "symbol", "sold")}
    return rows


def matches(ledger: Ledger) -> dict[tuple[Any, ...], tuple[Fraction, Fraction]]:
    sums: dict[tuple[Any, ...], tuple[Fraction, Fraction]] = {}
    for one in ledger.matches:
        key = (one.sale, one.loss_lot, one.replacement_lot, one.deemed_acquired, one.permanent)
        shares, amount = sums.get(key, (ZERO, ZERO))
        sums[key] = (shares + one.quantity, amount + one.amount)
    return sums


def open_lots(ledger: Ledger) -> dict[tuple[Any, ...], tuple[Fraction, Fraction, Fraction]]:
    sums: dict[tuple[Any, ...], tuple[Fraction, Fraction, Fraction]] = {}
    for lot in ledger.open_lots:
        unit = lot.basis / lot.quantity
        key = (lot.lot, lot.account, lot.symbol, lot.acquired, lot.deemed_acquired, unit, lot.replaced)
        shares, basis, added = sums.get(key, (ZERO, ZERO, ZERO))
        sums[key] = (shares + lot.quantity, basis + lot.basis, added + lot.added)
    return sums


def disallowed(ledger: Ledger) -> dict[str, Fraction]:
    sums: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in ledger.realised:
        sums[row.sale] += row.disallowed
    return {sale: amount for sale, amount in sums.items() if amount}


@MANY
@given(histories(), policies())
def test_it_agrees_with_one_object_per_share(trades: list[Trade], policy: WashPolicy) -> None:
    """Every figure of every row, match and open lot, under every reading of the rule."""
    ledger, slow = build_ledger(trades, ACCOUNTS, policy), oracle.Ledger(trades, ACCOUNTS, policy)
    assert realised(ledger) == slow.realised()
    assert matches(ledger) == slow.matches()
    assert open_lots(ledger) == slow.open_lots()
    chained = any(one.replaces and one.replaced_by for one in slow.shares)
    event(f"matched: {bool(ledger.matches)}, a chain: {chained}, for good: {any(one.permanent for one in ledger.matches)}")


@MANY
@given(histories(), policies())
def test_its_laws_hold_exactly(trades: list[Trade], policy: WashPolicy) -> None:
    ledger = build_ledger(trades, ACCOUNTS, policy)
    slow = oracle.Ledger(trades, ACCOUNTS, policy)
    taxed = [share for share in slow.shares if ACCOUNTS[share.account].taxable]
    cost = sum((share.cost for share in taxed if share.sale), ZERO)
    away = sum(
        (share.basis - share.cost for share in taxed if share.gone and not share.sale), ZERO
    )  # given away with their basis
    recognised = sum((row.recognised for row in ledger.realised), ZERO)
    economic = sum((row.proceeds for row in ledger.realised), ZERO) - cost
    permanent = sum((row.permanent for row in ledger.realised), ZERO)
    assert recognised == economic + permanent + away + sum((lot.added for lot in ledger.open_lots), ZERO)

    for row in ledger.realised:
        pieces = [one for one in taxed if one.sale and (one.sale.id, one.came.id) == (row.sale, row.lot)]
        assert 0 <= row.permanent <= row.disallowed <= sum((one.loss for one in pieces), ZERO)
        assert 0 <= row.washed + row.exposed <= row.quantity
        assert row.deemed_acquired <= row.acquired <= row.sold
    assert sum((one.amount for one in ledger.matches), ZERO) == sum((row.disallowed for row in ledger.realised), ZERO)

    bought = {one.id: one for one in trades}
    used: defaultdict[str, Fraction] = defaultdict(Fraction)
    for one in ledger.matches:
        used[one.replacement_lot] += one.quantity
        assert one.amount > 0
        assert one.quantity > 0
        assert bought[one.replacement_lot].action.acquires
        assert abs(one.replaced_on - one.sold) <= policy.window
        assert one.permanent is (not ACCOUNTS[one.replacement_account].taxable)
    assert all(shares <= Fraction(bought[lot].micros, 10**6) for lot, shares in used.items())

    for lot in ledger.open_lots:
        trade = bought[lot.lot]
        first = Fraction(trade.price, 10**9) + Fraction(trade.fees, 10**9) / Fraction(trade.micros, 10**6)
        assert lot.added >= 0
        assert lot.basis == lot.added + first * lot.quantity
        assert lot.deemed_acquired <= lot.acquired
        if not ACCOUNTS[lot.account].taxable:
            assert (lot.added, lot.deemed_acquired) == (0, lot.acquired)


@SOME
@given(histories(), policies(), st.data())
def test_names_mean_nothing(trades: list[Trade], policy: WashPolicy, data: st.DataObject) -> None:
    """With symbols, accounts, trades and orders called otherwise, every figure is the same."""
    symbol = dict(zip(SYMBOLS, data.draw(st.permutations(SYMBOLS)), strict=True))
    account = dict(zip(ACCOUNTS, data.draw(st.permutations(list(ACCOUNTS))), strict=True))
    names = data.draw(st.permutations(range(len(trades))))
    name = {one.id: f"trade {number}" for one, number in zip(trades, names, strict=True)}
    other = [
        evolve(
            one,
            id=name[one.id],
            symbol=symbol[one.symbol],
            account=account[one.account],
            lots=tuple((name[lot], shares) for lot, shares in one.lots),
            order=one.order and f"another {one.order}",
            transfer_of=one.transfer_of and name[one.transfer_of],
        )
        for one in trades
    ]
    groups = IdentityGroups([[symbol[one] for one in group] for group in policy.groups.groups])
    kinds = {account[one]: kind for one, kind in ACCOUNTS.items()}
    ledger, renamed = build_ledger(trades, ACCOUNTS, policy), build_ledger(other, kinds, evolve(policy, groups=groups))
    there = {(name[sale], name[lot], term): row for (sale, lot, term), row in realised(ledger).items()}
    for row in there.values():
        row["symbol"], row["account"] = symbol[row["symbol"]], account[row["account"]]
    assert realised(renamed) == there
    assert matches(renamed) == {(name[a], name[b], name[c], *rest): row for (a, b, c, *rest), row in matches(ledger).items()}
    assert open_lots(renamed) == {
        (name[lot], account[place], symbol[ticker], *rest): row for (lot, place, ticker, *rest), row in open_lots(ledger).items()
    }


@SOME
@given(histories(transfers=False, moves=False), policies(), st.data())
def test_a_split_in_every_account_only_restates_quantities(trades: list[Trade], policy: WashPolicy, data: st.DataObject) -> None:
    """Every amount and date is what it would be, had the shares always been the new ones.

    Without groups: how many old shares of one fund a new share of another replaces is nobody's to say.
    """
    factor = data.draw(st.sampled_from([Fraction(2), Fraction(3), Fraction(1, 5), Fraction(3, 2)]))
    day = data.draw(st.sampled_from([one.date for one in trades]))
    cut = next(place for place, one in enumerate(trades) if one.date == day)  # a split takes effect before trading begins
    policy = evolve(policy, groups=IdentityGroups())

    def scaled(one: Trade, shares: Fraction, price: Fraction, fees: int) -> Trade:
        lots = tuple((lot, int(micros * shares)) for lot, micros in one.lots)
        return evolve(one, micros=int(one.micros * shares), price=int(one.price * price), fees=one.fees * fees, lots=lots)

    # Scaled so that nothing leaves a rest: the amounts of both are the same, 900 times the factor those of the trades as drawn.
    amounts = int(900 * factor)
    plain = [scaled(one, 30 * factor, Fraction(30), amounts) for one in trades]
    early = [scaled(one, Fraction(30), 30 * factor, amounts) for one in trades[:cut]]
    splits = [
        Trade(f"split {account} {symbol}", day, account, symbol, Action.SPLIT, 0, ratio=factor)
        for account in ACCOUNTS
        for symbol in SYMBOLS
        if any((one.account, one.symbol) == (account, symbol) for one in trades[:cut])
    ]
    whole, parted = build_ledger(plain, ACCOUNTS, policy), build_ledger([*early, *splits, *plain[cut:]], ACCOUNTS, policy)
    before = {one.id for one in early}
    there = realised(whole)
    for (sale, _, _), row in there.items():
        if sale in before:
            for figure in ("quantity", "washed", "exposed"):
                row[figure] /= factor
    assert realised(parted) == there
    assert open_lots(parted) == open_lots(whole)
    assert {key: amount for key, (_, amount) in matches(parted).items()} == {
        key: amount for key, (_, amount) in matches(whole).items()
    }
    event(f"split between: {bool(0 < cut < len(trades))}")


@SOME
@given(histories(), st.integers(0, 14), policies())
def test_the_effect_of_trades_is_the_difference_they_make(trades: list[Trade], cut: int, policy: WashPolicy) -> None:
    history, added = trades[:cut], trades[cut:]
    before, after = oracle.Ledger(history, ACCOUNTS, policy).disallowed(), oracle.Ledger(trades, ACCOUNTS, policy).disallowed()
    difference = {sale: after.get(sale, ZERO) - before.get(sale, ZERO) for sale in {*before, *after}}
    assert effect(history, added, ACCOUNTS, policy) == {sale: amount for sale, amount in difference.items() if amount}


@SOME
@given(histories(), policies(), st.integers(0, 35))
def test_the_planner_sees_what_the_shares_say(trades: list[Trade], policy: WashPolicy, later: int) -> None:
    """Exposures by sale, and for every open lot what would wash a loss taken on it."""
    as_of = trades[-1].date + dt.timedelta(days=later)
    ledger, slow = build_ledger(trades, ACCOUNTS, policy), oracle.Ledger(trades, ACCOUNTS, policy)
    assert {one.sale: (one.quantity, one.loss) for one in exposures(ledger, as_of)} == slow.exposed(as_of)
    for one in exposures(ledger, as_of):
        assert one.through == one.sold + policy.window
        assert one.free_from == one.through + dt.timedelta(days=1)
        assert one.group == policy.groups.of(one.symbol)
    for lot in {one.lot for one in ledger.open_lots}:
        found = blockers(ledger, lot, as_of)
        assert {one.lot: one.quantity for one in found} == slow.blocking(lot, as_of)
        for one in found:
            assert one.permanent is (not ACCOUNTS[one.account].taxable)
            assert one.free_from == one.acquired + policy.window + dt.timedelta(days=1)


@SOME
@given(histories(moves=False))
def test_a_broker_sees_one_account_and_one_symbol(trades: list[Trade]) -> None:
    """Box 1g is what the shares say when there is nothing else in the world."""
    seen: dict[str, Fraction] = {}
    for account in ACCOUNTS:
        for symbol in SYMBOLS:
            part = [one for one in trades if (one.account, one.symbol) == (account, symbol)]
            seen |= oracle.Ledger(part, {account: ACCOUNTS[account]}).disallowed()
    assert {sale: amount for sale, amount in broker_disallowed(trades, ACCOUNTS).items() if amount} == seen


@SOME
@given(histories())
def test_in_an_ira_nothing_is_realised(trades: list[Trade]) -> None:
    ledger = build_ledger(trades, dict.fromkeys(ACCOUNTS, AccountKind.ROTH))
    assert ledger.realised == ()
    assert ledger.matches == ()
    assert all(lot.added == 0 for lot in ledger.open_lots)
    assert disallowed(ledger) == {}
