"""Each check finds what it is for, with its weight, and nothing in the plan next to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from checked import codes, findings_of, sample, sample_plan, with_order
from rebalkit.calendar import table_written
from rebalkit.model import (
    AccountKind,
    Action,
    Cash,
    IdentityGroups,
    Limits,
    Lot,
    LotSale,
    OpenOrder,
    Plan,
    Quote,
    Severity,
    Side,
    Snapshot,
    Targets,
    Transaction,
    WashPolicy,
)

PLAN = sample_plan()
SNAPSHOT = sample().snapshot
DAY = SNAPSHOT.as_of
SELL = 0
BUY = len(PLAN.sells)


def account(**changes: Any) -> Snapshot:
    return evolve(SNAPSHOT, account=evolve(SNAPSHOT.account, **changes))


def traded(*transactions: Transaction) -> Snapshot:
    return evolve(SNAPSHOT, transactions=(*SNAPSHOT.transactions, *transactions))


def quoted(symbol: str, **changes: Any) -> Snapshot:
    return evolve(SNAPSHOT, quotes={**SNAPSHOT.quotes, symbol: evolve(SNAPSHOT.quotes[symbol], **changes)})


def unquoted(*symbols: str) -> Snapshot:
    return evolve(SNAPSHOT, quotes={name: quote for name, quote in SNAPSHOT.quotes.items() if name not in symbols})


def test_nothing_stands_against_the_plan_of_the_sample() -> None:
    findings = findings_of()
    assert codes(findings) == codes(findings, Severity.WARNING) == set()
    assert codes(findings, Severity.INFO) == {"accounts_seen"}


def first_sale(**changes: Any) -> Plan:
    return with_order(PLAN, SELL, **changes)


SALE = PLAN.orders[SELL]
PART = SALE.lots[0]
FIRST = PLAN.classes[0]
UNBOUGHT = evolve(FIRST, buy=None)
HAIR = Decimal("0.0000001")


def class_of_plan(**changes: Any) -> Plan:
    return evolve(PLAN, classes=(evolve(FIRST, **changes), *PLAN.classes[1:]))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(evolve(PLAN, classes=PLAN.classes[1:]), {"class_missing", "targets_sum", "arithmetic"}, id="class dropped"),
        pytest.param(evolve(PLAN, classes=()), {"class_missing", "targets_sum"}, id="no class at all"),
        pytest.param(
            evolve(PLAN, classes=(*PLAN.classes, evolve(PLAN.classes[0], name="Gold"))), {"class_unknown", "targets_sum", "arithmetic"},
            id="class invented",
        ),
        pytest.param(
            evolve(PLAN, classes=(evolve(PLAN.classes[0], target=Decimal(42)), *PLAN.classes[1:])), {"class_changed", "targets_sum"},
            id="target changed",
        ),
        pytest.param(
            evolve(PLAN, classes=(evolve(PLAN.classes[0], buy="IWB"), *PLAN.classes[1:])), {"buy_outside_class"}, id="hold-only bought"
        ),
        pytest.param(
            first_sale(lots=(evolve(PART, quantity=PART.quantity + 1), *SALE.lots[1:]), quantity=SALE.quantity + 1),
            {"lot_oversold", "arithmetic"}, id="a share too many of a lot",
        ),
        pytest.param(first_sale(lots=(*SALE.lots, PART), quantity=SALE.quantity + PART.quantity),
            {"lot_twice", "lot_oversold", "arithmetic"}, id="lot twice"),
        pytest.param(first_sale(lots=(evolve(PART, quantity=PART.quantity - 1), LotSale(PART.lot, 1), *SALE.lots[1:])), {"lot_twice"},
            id="lot in two parts"),
        pytest.param(
            first_sale(lots=(evolve(PART, quantity=PART.quantity - HAIR), *SALE.lots[1:]), quantity=SALE.quantity - HAIR),
            {"bad_quantity", "arithmetic"}, id="finer than a millionth of a share",
        ),
        pytest.param(first_sale(quantity=SALE.quantity + 1), {"lots_do_not_sum", "arithmetic"}, id="lots do not sum"),
        pytest.param(first_sale(lots=(LotSale("nobody", SALE.quantity),)), {"lot_unknown"}, id="lot nobody has"),
        pytest.param(first_sale(symbol="SCHX"), {"lot_unknown", "both_sides", "cash_below_reserve", "arithmetic"},
            id="lot of another symbol"),
        pytest.param(first_sale(quantity=Decimal(0), lots=()), {"bad_quantity", "cash_below_reserve", "arithmetic"}, id="nothing sold"),
        pytest.param(with_order(PLAN, BUY, quantity=Decimal("0.5")), {"quantity_step", "arithmetic"}, id="half a share bought"),
        pytest.param(with_order(PLAN, BUY, quantity=Decimal(-1)), {"bad_quantity", "arithmetic"}, id="negative purchase"),
        pytest.param(with_order(PLAN, BUY, quantity=PLAN.orders[BUY].quantity + 2), {"cash_below_reserve", "arithmetic"}, id="overspent"),
        pytest.param(with_order(PLAN, BUY, limit=PLAN.orders[BUY].limit - Decimal("0.01")), {"arithmetic"}, id="another limit"),
        pytest.param(
            with_order(PLAN, BUY, symbol="GLD"), {"buy_outside_targets", "arithmetic"},
            id="bought outside the targets",
        ),
        pytest.param(evolve(PLAN, orders=(*PLAN.orders, PLAN.orders[BUY])), {"two_orders", "cash_below_reserve", "arithmetic"},
            id="order twice"),
        pytest.param(evolve(PLAN, cash=evolve(PLAN.cash, after=PLAN.cash.after + Decimal("0.01"))), {"arithmetic"}, id="a cent too many"),
        pytest.param(evolve(PLAN, tax=evolve(PLAN.tax, short_loss=PLAN.tax.short_loss - 1)), {"arithmetic"}, id="a loss invented"),
        pytest.param(evolve(PLAN, tax=evolve(PLAN.tax, harvested=Decimal(0))), {"arithmetic"}, id="a harvest denied"),
        pytest.param(
            evolve(PLAN, tax=evolve(PLAN.tax, short_loss=PLAN.tax.long_loss, long_loss=PLAN.tax.short_loss)), {"arithmetic"},
            id="short for long",
        ),
        pytest.param(class_of_plan(value=FIRST.value + 1, after_sales=FIRST.after_sales + 1, after=FIRST.after + 1), {"arithmetic"},
            id="a class worth more"),
        pytest.param(class_of_plan(buy_quantity=FIRST.buy_quantity + 1), {"arithmetic"}, id="other shares in the class"),
        pytest.param(class_of_plan(percent=FIRST.percent + Decimal("0.02")), {"arithmetic"}, id="another percent"),
        pytest.param(class_of_plan(after_percent=FIRST.after_percent - Decimal("0.02")), {"arithmetic"}, id="another percent afterwards"),
    ],
)  # fmt: skip
def test_a_plan_that_is_wrong_is_blocked_by_name(plan: Plan, expected: set[str]) -> None:
    assert codes(findings_of(plan)) == expected


def test_a_figure_off_by_a_cent_is_found_in_every_place() -> None:
    cent = Decimal("0.01")
    for index in range(len(PLAN.orders)):
        changed = with_order(PLAN, index, estimated=PLAN.orders[index].estimated + cent)
        assert codes(findings_of(changed)) == {"arithmetic"}
    for index, one in enumerate(PLAN.classes):
        for name in ("value", "sales", "after_sales", "buy_cost", "after"):
            classes = list(PLAN.classes)
            classes[index] = evolve(one, **{name: getattr(one, name) + cent})
            assert codes(findings_of(evolve(PLAN, classes=tuple(classes)))) == {"arithmetic"}, (one.name, name)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda: unquoted(PLAN.orders[BUY].symbol), "quote_missing", id="no quote of what is bought"),
        pytest.param(lambda: unquoted("GLD"), "quote_missing", id="no quote of what is held"),
        pytest.param(lambda: quoted("SCHX", bid=Decimal(0)), "quote_bad", id="no bid"),
        pytest.param(lambda: quoted("GLD", ask=Decimal(1)), "quote_bad", id="ask below bid"),
        pytest.param(lambda: quoted("SCHX", date=DAY - dt.timedelta(days=4)), "stale_quote", id="quote of the session before last"),
        pytest.param(lambda: account(open_orders=(OpenOrder("1", Side.BUY, "SCHX", 1),)), "open_order", id="open order of a symbol traded"),
        pytest.param(lambda: account(lots=tuple(evolve(lot, acquired=None) for lot in SNAPSHOT.account.lots)), "basis_unknown",
            id="dates unknown"),
    ],
)  # fmt: skip
def test_data_that_a_plan_must_not_rest_on_blocks_it(change: Callable[[], Snapshot], code: str) -> None:
    assert code in codes(findings_of(snapshot=change()))


@pytest.mark.parametrize(
    ("change", "severity", "code"),
    [
        pytest.param(lambda: account(open_orders=(OpenOrder("1", Side.BUY, "XYZ", 1),)), Severity.WARNING, "open_order", id="open order"),
        pytest.param(lambda: quoted("GLD", date=DAY - dt.timedelta(days=1)), Severity.BLOCKING, "", id="quote of the last session"),
        pytest.param(lambda: quoted("GLD", date=None), Severity.INFO, "quote_undated", id="quote without a date"),
        pytest.param(lambda: unquoted("SCHF"), Severity.WARNING, "candidate_without_quote", id="candidate without a quote"),
        pytest.param(lambda: evolve(SNAPSHOT, history_from=None), Severity.WARNING, "history_unknown", id="history unknown"),
        pytest.param(
            lambda: evolve(SNAPSHOT, history_from=DAY - dt.timedelta(days=29)), Severity.WARNING, "history_short", id="history a day short"
        ),
        pytest.param(lambda: evolve(SNAPSHOT, history_from=DAY - dt.timedelta(days=30)), Severity.WARNING, "", id="history just enough"),
        pytest.param(lambda: account(reinvests=("IVV",)), Severity.WARNING, "dividends_reinvested", id="dividends of a harvest reinvested"),
        pytest.param(lambda: account(reinvests=("GLD",)), Severity.WARNING, "", id="other dividends reinvested"),
        pytest.param(lambda: evolve(SNAPSHOT, notes=("a column was ignored",)), Severity.INFO, "data_note", id="note of the reader"),
    ],
)  # fmt: skip
def test_what_a_person_should_know_does_not_block(change: Callable[[], Snapshot], severity: Severity, code: str) -> None:
    findings = findings_of(snapshot=change())
    assert codes(findings) == set()
    found = codes(findings, severity) - {"accounts_seen"}
    assert found == ({code} if code else set())


def test_a_class_left_out_for_want_of_a_quote_blocks_the_plan() -> None:
    plan = evolve(PLAN, classes=(UNBOUGHT, *PLAN.classes[1:]))
    assert "candidate_without_quote" in codes(findings_of(plan, unquoted("VOO")))


@pytest.mark.parametrize(
    ("day", "code"),
    [(dt.date(2025, 4, 18), "market_closed"), (dt.date(2025, 4, 19), "market_closed"), (dt.date(2025, 7, 3), "market_half_day")],
)
def test_a_closed_or_short_day_is_said(day: dt.date, code: str) -> None:
    assert code in codes(findings_of(evolve(PLAN, as_of=day), evolve(SNAPSHOT, as_of=day)), Severity.WARNING)


@pytest.mark.parametrize(("days", "old"), [(-200, False), (400, False), (401, True), (3000, True)])
def test_f085_a_calendar_of_more_than_400_days_is_said_to_be_old(days: int, old: bool) -> None:
    day = table_written() + dt.timedelta(days=days)
    found = codes(findings_of(evolve(PLAN, as_of=day), evolve(SNAPSHOT, as_of=day)), Severity.WARNING)
    assert ("calendar_old" in found) is old


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(reserve=PLAN.cash.after), ""),
        (Limits(reserve=PLAN.cash.after + Decimal("0.01")), "cash_below_reserve"),
        (Limits(max_order=Decimal("42398.00")), ""),
        (Limits(max_order=Decimal("42397.99")), "order_over_limit"),
        (Limits(max_turnover=Decimal(61)), ""),
        (Limits(max_turnover=Decimal(60)), "turnover_over_limit"),
    ],
)
def test_limits_hold_to_the_cent_and_are_off_unless_set(limits: Limits, code: str) -> None:
    assert codes(findings_of(limits=limits)) == ({code} if code else set())


def test_negative_cash_is_said_and_blocks_only_purchases() -> None:
    poor = account(cash=Cash(-PLAN.cash.proceeds - 1))
    assert "cash_below_reserve" in codes(findings_of(snapshot=poor))
    sells_only = evolve(PLAN, orders=PLAN.sells)
    findings = findings_of(sells_only, poor)
    assert "cash_below_reserve" not in codes(findings)
    assert {"cash_below_reserve", "cash_negative"} <= codes(findings, Severity.WARNING)


# The wash-sale rule. IVV is sold at a loss, SCHX is bought.


def wash(days: int, action: Action, symbol: str, of: str = "taxable") -> Snapshot:
    return traded(Transaction(of, DAY - dt.timedelta(days=days), action, symbol, 1, 100))


@pytest.mark.parametrize(
    ("days", "of", "late"), [(0, "taxable", True), (1, "taxable", True), (2, "taxable", False), (0, "ira", False)]
)
def test_what_was_sold_lately_may_still_be_among_the_lots(days: int, of: str, late: bool) -> None:
    """The sample is of a Tuesday, so the session before is of Monday."""
    found = [one for one in findings_of(snapshot=wash(days, Action.SELL, "IVV", of)) if one.code == "lots_late"]
    assert [(one.severity, one.subject) for one in found] == ([(Severity.WARNING, "IVV")] if late else [])


def test_a_lot_that_took_over_a_loss_of_another_account_costs_more_than_its_broker_says() -> None:
    """10 IVV bought in February replace 10 that another account sold at a loss of 200 each on the day after."""
    bought, sold = DAY - dt.timedelta(days=61), DAY - dt.timedelta(days=60)
    lot = Lot("IVV-NEW", "IVV", 10, bought, 5000)
    snapshot = traded(
        Transaction("elsewhere", DAY - dt.timedelta(days=400), Action.BUY, "IVV", 10, 700),
        Transaction("taxable", bought, Action.BUY, "IVV", 10, 500),
        Transaction("elsewhere", sold, Action.SELL, "IVV", 10, 500),
    )
    snapshot = evolve(
        snapshot,
        account=evolve(snapshot.account, lots=(*snapshot.account.lots, lot)),
        transactions=tuple(sorted(snapshot.transactions, key=lambda one: one.date)),
    )
    (kept,) = [one for one in findings_of(snapshot=snapshot) if one.code == "basis_differs"]
    assert (kept.severity, kept.subject) == (Severity.INFO, "IVV")
    held_since = bought - (sold - (DAY - dt.timedelta(days=400)))
    assert kept.details == {"lot": "IVV-NEW", "cost": "5000", "basis": "7000.00", "held_since": held_since.isoformat()}
    plan = first_sale(lots=(*SALE.lots, LotSale("IVV-NEW", 10)), quantity=SALE.quantity + 10)
    (warned,) = [one for one in findings_of(plan, snapshot) if one.code == "basis_differs"]
    assert warned.severity is Severity.WARNING
    assert [one for one in findings_of() if one.code == "basis_differs"] == []


@pytest.mark.parametrize("of", ["taxable", "ira"])
@pytest.mark.parametrize("action", [Action.BUY, Action.REINVEST, Action.VEST])
@pytest.mark.parametrize(("days", "washed"), [(0, True), (30, True), (31, False)])
def test_an_acquisition_within_30_days_washes_a_loss_in_whatever_account(
    of: str, action: Action, days: int, washed: bool
) -> None:
    assert codes(findings_of(snapshot=wash(days, action, "IVV", of))) == ({"wash_sale"} if washed else set())


@pytest.mark.parametrize("action", [Action.RECEIVE, Action.DELIVER, Action.SPLIT])
def test_what_is_no_acquisition_washes_nothing(action: Action) -> None:
    assert codes(findings_of(snapshot=wash(1, action, "IVV"))) == set()


def test_a_recent_lot_without_a_transaction_washes_too() -> None:
    lot = Lot("new", "IVV", 1, DAY - dt.timedelta(days=30), 500)
    worth_more = {"arithmetic"}  # the class has another lot than the plan knew
    assert codes(findings_of(snapshot=account(lots=(*SNAPSHOT.account.lots, lot)))) == {"wash_sale"} | worth_more
    older = evolve(lot, acquired=DAY - dt.timedelta(days=31))
    assert codes(findings_of(snapshot=account(lots=(*SNAPSHOT.account.lots, older)))) == worth_more


def test_acquisitions_of_one_day_are_told_together() -> None:
    twice = traded(*[Transaction("ira", DAY, Action.BUY, "IVV", 2, 100)] * 2)
    (finding,) = [one for one in findings_of(snapshot=twice) if one.code == "wash_sale"]
    assert "4 IVV" in finding.message
    assert finding.details["free"] == str(DAY + dt.timedelta(days=31))


@pytest.mark.parametrize(("days", "washed"), [(0, True), (30, True), (31, False)])
def test_a_purchase_within_30_days_of_a_sale_washes_its_loss(days: int, washed: bool) -> None:
    assert codes(findings_of(snapshot=wash(days, Action.SELL, "SCHX"))) == ({"wash_buy"} if washed else set())


def test_a_sale_inside_an_ira_is_no_loss_that_could_be_washed() -> None:
    assert codes(findings_of(snapshot=wash(1, Action.SELL, "SCHX", "ira"))) == set()
    spouse = evolve(SNAPSHOT.others[0], account="spouse", kind=AccountKind.SPOUSE_TAXABLE, lots=())
    household = evolve(wash(1, Action.SELL, "SCHX", "spouse"), others=(*SNAPSHOT.others, spouse))
    assert codes(findings_of(snapshot=household)) == {"wash_buy"}


def test_a_wash_that_the_person_accepts_is_a_warning() -> None:
    findings = findings_of(snapshot=wash(1, Action.SELL, "SCHX"), accept_wash=frozenset({"SCHX"}))
    assert codes(findings) == set()
    assert "wash_buy" in codes(findings, Severity.WARNING)


def test_symbols_declared_identical_wash_each_other() -> None:
    found = findings_of(policy=WashPolicy(IdentityGroups([["IVV", "SCHX"]])))
    assert codes(found) == {"wash_sale"}
    assert re.search(r"this plan buys \d+ SCHX", next(one.message for one in found if one.code == "wash_sale"))


def test_an_open_purchase_in_another_account_washes_a_loss() -> None:
    other = evolve(SNAPSHOT.others[0], open_orders=(OpenOrder("7", Side.BUY, "IVV", 1),))
    assert codes(findings_of(snapshot=evolve(SNAPSHOT, others=(other,)))) == {"wash_sale"}


def test_an_open_sale_of_a_taxable_account_stands_against_a_purchase() -> None:
    resting = (OpenOrder("7", Side.SELL, "SCHX", 1),)
    ira = evolve(SNAPSHOT.others[0], open_orders=resting)
    assert not ira.kind.taxable
    assert codes(findings_of(snapshot=evolve(SNAPSHOT, others=(ira,)))) == set()
    spouse = evolve(ira, kind=AccountKind.SPOUSE_TAXABLE)
    assert codes(findings_of(snapshot=evolve(SNAPSHOT, others=(spouse,)))) == {"wash_buy"}
    accepted = findings_of(snapshot=evolve(SNAPSHOT, others=(spouse,)), accept_wash=frozenset({"SCHX"}))
    assert codes(accepted) == set()


def test_a_sale_in_an_account_that_is_not_shown_may_be_a_loss() -> None:
    assert codes(findings_of(snapshot=wash(1, Action.SELL, "SCHX", "elsewhere"))) == {"wash_buy"}


def test_part_of_a_lot_sold_at_exactly_cost_is_no_loss() -> None:
    """The cost of these shares, as a Decimal of the usual 28 digits has it, is a hair above what they bring."""
    held, bid, sold = Decimal("6007887.870973"), Decimal("311792.848"), Decimal("935206.72068")
    assert held * bid * sold / held > sold * bid
    lot = Lot("even", "IVV", held, dt.date(2020, 1, 6), held * bid)
    dear = evolve(quoted("IVV", bid=bid, ask=bid), transactions=wash(1, Action.BUY, "IVV").transactions)
    plan = evolve(PLAN, orders=(evolve(SALE, lots=(LotSale("even", sold),), quantity=sold, limit=bid),))
    shot = evolve(dear, account=evolve(dear.account, lots=(lot,)))
    assert "wash_sale" not in codes(findings_of(plan, shot))
    dearer = evolve(lot, cost=held * bid + Decimal("1e-9"))
    shot = evolve(dear, account=evolve(dear.account, lots=(dearer,)))
    assert "wash_sale" in codes(findings_of(plan, shot))


def test_a_gain_is_never_washed() -> None:
    dear = quoted("IVV", bid=Decimal(2000), ask=Decimal(2000))
    bought = evolve(dear, transactions=(*dear.transactions, Transaction("ira", DAY, Action.BUY, "IVV", 1, 2000)))
    plan = with_order(PLAN, SELL, limit=Decimal(2000))
    assert "wash_sale" not in codes(findings_of(plan, bought))


def test_targets_that_changed_after_the_plan_are_noticed() -> None:
    targets = sample().targets
    assert targets is not None
    first, second, *rest = targets.classes
    moved = Targets((evolve(first, target=first.target + 1), evolve(second, target=second.target - 1), *rest))
    assert codes(findings_of(targets=moved)) == {"class_changed"}


def test_a_quote_is_asked_for_by_name() -> None:
    (finding,) = [one for one in findings_of(snapshot=unquoted("GLD")) if one.code == "quote_missing"]
    assert finding.subject == "GLD"
    assert Quote("GLD", 1, 1).sane
