"""Plans wash nothing: held against every share that the household ever had, today and in every future that keeps their promises.

The judge is `oracles.wash_ledger`, which knows the true past and nothing of the planner. The plans are made from what brokers show.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import evolve
from hypothesis import event, given, settings
from hypothesis import strategies as st

from accounts import Case, cases
from apply import apply
from histories import ACCOUNTS
from households import DAY, PRICES, SYMBOLS, Household, cents_up, greedy_settings, household_targets, households
from oracles.wash_ledger import Ledger, Share
from rebalkit.checks.wash_sale import check_wash_sale
from rebalkit.model import (
    Action,
    AssetClass,
    LotSale,
    Order,
    Plan,
    Promise,
    Reason,
    Severity,
    Side,
    Targets,
)
from rebalkit.money import from_micros, to_micros, to_nanos
from rebalkit.plugin import CheckInput, PlanContext
from rebalkit.strategies import Greedy, GreedySettings, Hold
from rebalkit.tax.outlook import effect
from rebalkit.tax.promises import promises_of
from rebalkit.tax.reconstruct import reconstruct
from rebalkit.tax.trades import Trade

LONG = settings().max_examples >= 1000  # of the profile that is loaded
MANY = settings(max_examples=20_000 if LONG else 300)
LATE = settings(max_examples=5_000 if LONG else 300)
SOME = settings(max_examples=5_000 if LONG else 150)
ZERO = Fraction(0)


@st.composite
def plans(
    draw: st.DrawFn, rules: Iterable[str] = ("exact", "exact", "exact", "by_ticker", "hold")
) -> tuple[Household, Targets, Plan]:
    """A household and what a built-in strategy plans for it."""
    household, targets, rule = draw(households()), draw(household_targets()), draw(st.sampled_from(list(rules)))
    strategy = Hold() if rule == "hold" else Greedy(draw(greedy_settings(targets, rule)))
    return (
        household,
        targets,
        strategy.plan(household.snapshot, targets, PlanContext.of(household.snapshot, policy=household.policy)),
    )


@st.composite
def futures(draw: st.DrawFn, household: Household, done: Ledger, allowed: Callable[[str, dt.date], bool]) -> list[Trade]:
    """What may happen after ``done``: up to six trades in all accounts that buy only what is ``allowed``."""
    held: Counter[tuple[str, str]] = Counter()
    for share in done.shares:
        if share.held:
            held[share.account, share.came.symbol] += done.micros
    trades: list[Trade] = []
    day = household.as_of
    for number in range(draw(st.integers(0, 6))):
        day += draw(st.sampled_from([0, 0, 1, 5, 14, 29, 30, 31])) * DAY
        name, price = f"future {number}", to_nanos(Decimal(draw(st.sampled_from(PRICES))))
        sellable = [place for place, micros in held.items() if micros]
        if sellable and draw(st.booleans()):
            account, symbol = draw(st.sampled_from(sellable))
            micros = done.micros * draw(st.integers(1, held[account, symbol] // done.micros))
            held[account, symbol] -= micros
            trades.append(Trade(name, day, account, symbol, Action.SELL, micros, price))
            continue
        buyable = [symbol for symbol in SYMBOLS if allowed(symbol, day)]
        if buyable:
            account, symbol = draw(st.sampled_from(list(ACCOUNTS))), draw(st.sampled_from(buyable))
            action = draw(st.sampled_from([Action.BUY, Action.BUY, Action.REINVEST, Action.VEST]))
            micros = done.micros * draw(st.integers(1, 8))
            held[account, symbol] += micros
            trades.append(Trade(name, day, account, symbol, action, micros, price))
    return trades


def free_from(promises: Iterable[Promise], symbol: str) -> dt.date:
    """The first day on which ``symbol`` may be bought."""
    return max((one.free_from for one in promises if symbol in one.group), default=dt.date.min)


@MANY
@given(plans(), st.data())
def test_no_plan_and_no_future_that_keeps_its_promises_washes_a_loss(
    made: tuple[Household, Targets, Plan], data: st.DataObject
) -> None:
    household, _, plan = made
    orders = household.orders(plan)
    done = household.after(orders)
    assert done.disallowed() == household.true.disallowed()
    promises = promises_of(household.snapshot, plan, household.policy)
    future = data.draw(futures(household, done, lambda symbol, day: day >= free_from(promises, symbol)), "future")
    assert {one.id for one in orders}.isdisjoint(household.after([*orders, *future]).disallowed())
    sold = {one.came.symbol: True for one in done.shares if one.sale in orders and one.loss}
    event(f"{len(plan.sells)} sales, {len(plan.buys)} purchases, {len(promises)} promises")
    assert {symbol for one in promises for symbol in one.group} >= set(sold)


@SOME
@given(plans(["exact", "exact", "by_ticker"]), st.sampled_from(list(ACCOUNTS)), st.data())
def test_promises_ask_for_no_day_no_share_and_no_cent_too_much(
    made: tuple[Household, Targets, Plan], account: str, data: st.DataObject
) -> None:
    """On the last day of a promise a single share, in whatever account, takes something away; so many shares take all of it."""
    household, _, plan = made
    orders = household.orders(plan)
    before = household.after(orders)
    for promise in promises_of(household.snapshot, plan, household.policy):
        symbol = data.draw(st.sampled_from(promise.group))
        assert promise.free_from == promise.through + DAY
        bite = Trade("bite", promise.through, account, symbol, Action.BUY, household.step, 1)
        assert household.after([*orders, bite]).disallowed() != before.disallowed()
        tiny = evolve(bite, micros=1)
        assert effect([*household.trades, *orders], [tiny], ACCOUNTS, household.policy)
        late = evolve(bite, date=promise.free_from)
        assert household.after([*orders, late]).disallowed() == before.disallowed()
        group = household.policy.groups.of(symbol)
        of_group = {one.id for one in [*household.trades, *orders] if household.policy.groups.of(one.symbol) == group}
        stake = {sale: at for sale, at in before.exposed(promise.through).items() if sale in of_group}
        every = evolve(bite, micros=int(sum(shares for shares, _ in stake.values()) * 10**6))
        washed = household.after([*orders, every]).disallowed()
        mine = [one.id for one in orders if one.action is Action.SELL and one.symbol in promise.group and one.id in stake]
        mine = [sale for sale in mine if promise.promise.endswith(f"-{next(one.symbol for one in orders if one.id == sale)}")]
        assert len(mine) == 1
        assert Fraction(promise.quantity) == stake[mine[0]][0]
        assert promise.loss == cents_up(washed[mine[0]])
        event("a promise")


def replaced(ledger: Ledger) -> Counter[tuple[object, ...]]:
    """USD of each sale by the symbol, account and day of what replaced its shares."""
    found: Counter[tuple[object, ...]] = Counter()
    for share in ledger.shares:
        other = share.replaced_by
        if other is not None and share.sale is not None:
            found[share.sale.id, other.came.symbol, other.account, other.acquired, other.account not in ledger.taxable] += (
                share.loss
            )  # type: ignore[assignment]
    return found


@st.composite
def bad_plans(draw: st.DrawFn) -> tuple[Household, tuple[Order, ...]]:
    """A household and orders that any strategy might make: parts of any lots, one order a symbol, and purchases."""
    household = draw(households())
    snapshot, orders = household.snapshot, []
    for symbol in SYMBOLS:
        quote = snapshot.quotes[symbol]
        lots = [lot for lot in snapshot.account.lots if lot.symbol == symbol]
        what = draw(st.sampled_from(["sell", "sell", "buy", "nothing"]))
        if what == "sell" and lots:
            chosen = draw(st.lists(st.sampled_from(lots), min_size=1, unique_by=lambda lot: lot.lot))
            sold = []
            for lot in chosen:
                steps = to_micros(lot.quantity) // household.step
                part = draw(st.one_of(st.just(steps), st.integers(1, steps)))
                sold.append(LotSale(lot.lot, from_micros(part * household.step)))
            total = sum(one.quantity for one in sold)
            orders.append(Order(Side.SELL, symbol, total, tuple(sold), quote.bid, total * quote.bid, Reason("drawn")))
        elif what == "buy":
            shares = from_micros(household.step * draw(st.integers(1, 6)))
            orders.append(Order(Side.BUY, symbol, shares, (), quote.ask, shares * quote.ask, Reason("drawn")))
    return household, tuple(draw(st.permutations(orders)))


@MANY
@given(bad_plans(), st.sampled_from(["0", "0", "0.5", "3", "100"]), st.sampled_from([frozenset(), frozenset({"AAA"})]))
def test_the_check_says_what_the_shares_say(
    made: tuple[Household, tuple[Order, ...]], budget: str, accepted: frozenset[str]
) -> None:
    """The same losses, to the cent, lost for good or deferred; blocking unless the person allowed it."""
    household, orders = made
    targets = Targets((AssetClass("all", 100, SYMBOLS),))
    hold = Hold().plan(household.snapshot, targets, PlanContext.of(household.snapshot, policy=household.policy))
    plan = evolve(hold, orders=orders)
    given_ = CheckInput(
        household.snapshot, targets, plan, policy=household.policy, accept_wash=accepted, wash_budget=Decimal(budget)
    )
    trades = household.orders(evolve(plan, orders=tuple(sorted(orders, key=lambda one: one.side is Side.BUY))))
    mine = {one.id for one in trades}
    new = replaced(household.after(trades))
    new.subtract(replaced(household.true))
    taken = {key: amount for key, amount in new.items() if amount > 0}
    allowed = {key for key in taken if key[0] not in mine and key[1] in accepted}
    within = sum((amount for key, amount in taken.items() if key not in allowed), ZERO) <= Fraction(budget)
    within = within and not any(key[-1] for key in taken)
    expected = Counter(
        (
            "wash_sale" if sale in mine else "wash_buy",
            Severity.WARNING if (sale, symbol, account, day, gone) in allowed or within else Severity.BLOCKING,
            account,
            str(day),
            gone,
            cents_up(amount),
        )
        for (sale, symbol, account, day, gone), amount in taken.items()
    )
    found = Counter(
        (
            one.code,
            one.severity,
            one.details["account"],
            one.details["acquired"],
            one.details["permanent"],
            Decimal(str(one.details["amount"])),
        )
        for one in check_wash_sale(given_)
        if one.code.startswith("wash_")
    )
    assert found == expected
    event(f"washes: {bool(taken)}, allowed: {bool(taken) and all(one[1] is Severity.WARNING for one in expected)}")


@LATE
@given(bad_plans(), st.data())
def test_a_record_that_begins_late_hides_no_wash_sale(made: tuple[Household, tuple[Order, ...]], data: st.DataObject) -> None:
    """Whatever the truth takes away, a finding stands against it, when the record reaches back the 30 days of the rule.

    But for what no broker shows: lots that took over a loss before the record began, in another account or of another symbol.
    """
    household, orders = made
    start = data.draw(st.sampled_from(starts(household)), "start")
    if hidden(household, start):
        event("taken over elsewhere, before the record")
        return
    snapshot = household.since(start)
    targets = Targets((AssetClass("all", 100, SYMBOLS),))
    hold = Hold().plan(snapshot, targets, PlanContext.of(snapshot, policy=household.policy))
    plan = evolve(hold, orders=tuple(sorted(orders, key=lambda one: one.side is Side.BUY)))
    trades = household.orders(plan)
    new = replaced(household.after(trades))
    new.subtract(replaced(household.true))
    mine = {one.id: one.symbol for one in trades}
    taken = {("wash_sale", mine[key[0]]) if key[0] in mine else ("wash_buy", key[1]) for key, amount in new.items() if amount > 0}
    given_ = CheckInput(snapshot, targets, plan, policy=household.policy)
    found = {(one.code, one.subject) for one in check_wash_sale(given_) if one.severity is Severity.BLOCKING}
    assert taken <= found
    event(f"washes: {bool(taken)}, blocked: {bool(found)}")


@LATE
@given(households(), household_targets(), st.data())
def test_a_plan_from_a_record_that_begins_late_washes_nothing(
    household: Household, targets: Targets, data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(starts(household)), "start")
    if hidden(household, start):
        return
    snapshot = household.since(start)
    wanted = data.draw(greedy_settings(targets, "exact"), "settings")
    plan = Greedy(wanted).plan(snapshot, targets, PlanContext.of(snapshot, policy=household.policy))
    assert household.after(household.orders(plan)).disallowed() == household.true.disallowed()
    event(f"{len(plan.sells)} sales, {len(plan.buys)} purchases")


def hidden(household: Household, start: dt.date) -> bool:
    """Whether a lot took over a loss that neither the record nor its broker shows."""
    held = [one for one in household.true.shares if one.held and one.replaces is not None]
    return not all(seen_by_broker(one, start) for one in held)


def seen_by_broker(share: Share, start: dt.date) -> bool:
    """Whether the loss that ``share`` took over is on the record that begins on ``start``, or else in what its broker says it cost."""
    lost = share.replaces
    while lost is not None and lost.sale is not None:
        if lost.sale.date < start and (lost.account, lost.came.symbol) != (share.account, share.came.symbol):
            return False
        lost = lost.replaces
    return True


def starts(household: Household) -> list[dt.date]:
    """Days on which a record may begin that reaches back far enough."""
    latest = household.as_of - household.policy.window
    return sorted({latest, *(day for one in household.trades for day in (one.date, one.date + DAY) if day <= latest)})


@LATE
@given(households(), household_targets(), st.data())
def test_every_loss_that_could_be_taken_is_taken_or_has_a_reason(
    household: Household, targets: Targets, data: st.DataObject
) -> None:
    """A lot that loses enough and is kept is one that nobody may sell, or whose loss would be washed, with all that could go with it."""
    wanted = evolve(data.draw(greedy_settings(targets, "exact")), min_loss=Decimal(0), min_loss_percent=Decimal(0))
    snapshot, policy = household.snapshot, household.policy
    plan = Greedy(wanted).plan(snapshot, targets, PlanContext.of(snapshot, policy=policy))
    sold = {one.lot for order in plan.sells for one in order.lots}
    why = {(entry.subject, entry.reason.code): entry.reason.details for entry in plan.not_traded}
    for symbol in SYMBOLS:
        bid = snapshot.quotes[symbol].bid
        lots = [lot for lot in snapshot.account.lots if lot.symbol == symbol]
        losing = [lot for lot in lots if lot.cost is not None and lot.cost - lot.quantity * bid >= Decimal("0.01")]
        kept = [lot for lot in losing if lot.lot not in sold]
        if not kept:
            continue
        codes = {code for subject, code in why if subject == symbol}
        reasons = {
            "being_bought",
            "class_not_bought",
            "loss_would_wash",
            "recent_lots_gain",
            "not_whole_shares",
            "sale_below_min_order",
        }
        assert codes & reasons
        event(f"kept: {sorted(codes & reasons)[0]}")
        if codes & reasons == {"loss_would_wash"}:
            recent = [lot for lot in lots if household.as_of - lot.acquired <= policy.window and lot not in losing]
            orders = tuple(LotSale(lot.lot, lot.quantity) for lot in [*losing, *recent])
            total = sum(one.quantity for one in orders)
            if not snapshot.venue.fractional_sells and total % 1:
                continue
            trade = household.order(1, Order(Side.SELL, symbol, total, orders, bid, total * bid, Reason("all of it")))
            after = household.after([trade])
            # What only the broker takes for a loss, blind to other accounts and symbols, nobody can wash.
            lost = any(one.loss for one in after.shares if one.sale is trade)
            assert not lost or after.disallowed() != household.true.disallowed()


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Case, GreedySettings]:
    """An ugly account without a spread, and settings of the exact rule that fit it."""
    case = draw(cases(spread=False))
    wanted = draw(greedy_settings(case.targets, "exact"))
    return case, evolve(wanted, min_order=Decimal(0))


def planned(case: Case, wanted: GreedySettings) -> Plan:
    return Greedy(wanted).plan(case.snapshot, case.targets, PlanContext.of(case.snapshot, case.limits, case.policy))


@LATE
@given(tasks())
def test_planning_again_afterwards_gives_no_order(task: tuple[Case, GreedySettings]) -> None:
    """Without a spread, which would make the account a little poorer than the plan counted with."""
    case, wanted = task
    plan = planned(case, wanted)
    found = list(check_wash_sale(CheckInput(case.snapshot, case.targets, plan, case.limits, case.policy)))
    assert [one for one in found if one.severity is Severity.BLOCKING] == []
    past = reconstruct(case.snapshot, case.policy)
    if past.differences or any(one.acquired is None and one.fees for one in past.trades):
        # A record that contradicts its lots: once they are sold, what their broker said they cost is gone, and with it the loss.
        event("lots dearer than their record")
        return
    again = planned(evolve(case, snapshot=apply(case.snapshot, plan)), wanted)
    assert not any(one.lot.startswith("new-") for order in again.sells for one in order.lots)
    gone = {case.groups.of(order.symbol) for order in plan.sells}
    for order in again.sells:
        # Only a sale of the group, of shares that would have taken this loss away, makes it free.
        assert case.groups.of(order.symbol) in gone
        event("a loss set free")
    if again.sells:
        return
    if wanted.rounding == "floor":
        # What flooring leaves over in one class may be enough for a share in another; filling spends that at once.
        assert again.cash.spent <= max(Decimal(0), plan.cash.after)
        return
    for order in again.buys:
        # Rounding positions to the cent moves targets by cents, which can be worth one more step, or several of less than a cent.
        one_step = -(-to_micros(case.snapshot.venue.share_step) * to_nanos(order.limit) // 10**13)
        assert order.estimated * 100 <= max(one_step, 5)
        event("one more step")
