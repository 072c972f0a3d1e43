from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import evolve

import report_samples as samples
from rebalkit.model import ExecutionEnd, IdentityGroups, Lot, Quote, Report, Targets, WashPolicy
from rebalkit.report.view import view_of


def test_equal_reports_give_equal_views() -> None:
    assert view_of(samples.executed()) == view_of(samples.executed())


def test_gains_by_lot_sum_to_the_gains_of_the_account() -> None:
    view = view_of(samples.planned())
    assert view.unrealized.net == sum(lot.gain for lot in view.lots if lot.gain is not None)
    assert view.unrealized.loss < 0 < view.unrealized.gain
    held = [one for group in view.groups for one in group.securities]
    assert sum(one.gains.net for one in held) == view.unrealized.net
    assert sum((one.value for one in held if one.value), view.cash.before) == view.total


def test_lots_add_up_to_their_position_to_the_cent() -> None:
    """Half cents: rounded one by one, the lots would be a cent more than the position, and its loss another than the sale's."""
    shot = samples.snapshot()
    lots = tuple(Lot(name, "IVV", "0.5", dt.date(2025, 1, 2), "300") for name in "abc")
    quote = Quote("IVV", "498.81", "498.81", samples.AS_OF)
    view = view_of(Report(evolve(shot, account=evolve(shot.account, lots=lots), quotes={"IVV": quote}), None, None))
    assert [lot.value for lot in view.lots] == [Decimal("249.41"), Decimal("249.40"), Decimal("249.40")]
    assert view.groups[0].securities[0].value == Decimal("748.21")
    assert view.unrealized.loss == Decimal("748.21") - 900


def test_a_symbol_of_which_nothing_is_bought_is_not_shown_as_bought() -> None:
    report = samples.planned()
    assert report.plan is not None
    first, *rest = report.plan.classes
    nothing = evolve(first, buy="SCHX", buy_quantity=Decimal(0))
    changed = evolve(report, plan=evolve(report.plan, classes=(nothing, *rest)))
    assert view_of(changed).classes[0].buy is None


def test_lots_to_sell_sum_to_what_the_plan_realises() -> None:
    report = samples.planned()
    view = view_of(report)
    assert report.plan is not None
    assert sum(order.gain for order in view.sells if order.gain) == -report.plan.tax.harvested
    for order in view.sells:
        assert sum(lot.sold for lot in order.lots) == order.quantity
        assert all(lot.proceeds - lot.sold_cost == lot.sold_gain for lot in order.lots if lot.proceeds and lot.sold_cost)


def test_part_of_a_lot_takes_its_part_of_the_cost() -> None:
    lot = next(lot for lot in view_of(samples.planned()).lots if lot.lot == "IVV-14")
    assert (lot.quantity, lot.sold) == (24, 12)
    assert lot.cost is not None
    assert lot.sold_cost == lot.cost / 2


def test_terms_are_of_the_day_of_the_report() -> None:
    day = samples.AS_OF
    lots = (
        Lot("on the anniversary", "IVV", "1", day.replace(year=2024), "1"),
        Lot("a day more", "IVV", "1", dt.date(2024, 4, 7), "1"),
        Lot("unknown", "IVV", "1", None, "1"),
    )
    shot = samples.snapshot()
    view = view_of(Report(evolve(shot, account=evolve(shot.account, lots=lots)), None, None))
    assert [lot.term for lot in view.lots] == ["short", "long", "unknown"]
    assert view.lots[0].long_from == dt.date(2025, 4, 9)
    assert view.unrealized.unknown == 1


def test_securities_follow_the_targets_and_those_outside_come_last() -> None:
    view = view_of(samples.planned())
    assert [group.name for group in view.groups] == [*(one.name for one in samples.TARGETS.classes), None]
    assert [one.symbol for one in view.groups[-1].securities] == ["GLD", "QQQ"]
    large = view.groups[0]
    assert [(one.symbol, one.role) for one in large.securities] == [
        ("IVV", "1st choice"), ("SCHX", "2nd choice"), ("VOO", "4th choice"), ("IWB", "hold only"),
    ]  # fmt: skip
    assert large.idle == ("VV (3rd choice)",)


def test_recent_trades_are_those_of_30_days_in_every_account() -> None:
    trades = {
        (one.symbol, trade.account)
        for group in view_of(samples.planned()).groups
        for one in group.securities
        for trade in one.trades
    }
    assert trades == {("IJH", "taxable"), ("IJR", "taxable"), ("IEMG", "ira"), ("VNQ", "ira")}


def test_drift_is_what_is_in_the_wrong_class() -> None:
    view = view_of(samples.planned())
    # All drifts sum to nothing, so what is too much somewhere is too little elsewhere.
    too_much = sum(one.drift for one in view.classes if one.drift > 0)
    assert abs(view.drift - too_much) < Decimal("1e-20")
    assert round(view.drift, 2) == Decimal("3.38")
    assert view.drift_after is not None
    assert view.drift_after < view.drift


def test_an_account_without_plan_shows_the_percents_of_its_classes() -> None:
    view = view_of(samples.account_only())
    assert sum(one.percent for one in view.classes) == 100
    assert all(one.percent == round(one.percent, 2) for one in view.classes)
    assert view.realized is None
    assert view.outcome is None
    assert view.unrealized.unknown == 2
    assert view.cash.before == view.cash.after


def test_an_account_without_targets_shows_all_it_holds() -> None:
    view = view_of(evolve(samples.account_only(), targets=None))
    assert view.classes == ()
    assert len(view.groups) == 1
    assert {lot.symbol for lot in view.lots} == {one.symbol for one in view.groups[0].securities}


def test_an_empty_account_can_be_shown() -> None:
    shot = samples.snapshot()
    for targets in (None, samples.TARGETS):
        view = view_of(Report(evolve(shot, account=evolve(shot.account, lots=())), targets, None))
        assert view.total == shot.account.cash.total
        assert sum(one.percent for one in view.classes) == 0


def test_a_blocking_finding_comes_first_and_no_step_executes() -> None:
    view = view_of(samples.blocked())
    assert view.findings[0].severity == "blocking"
    assert view.status.level == "bad"
    assert "cannot be executed" in view.status.sentence
    assert [step.command for step in view.steps] == ["rebalkit plan"]


def test_losses_taken_say_until_when_their_group_is_not_to_be_bought() -> None:
    """Sold on April 8: the 30th day after is May 8, so a purchase is harmless from May 9 on (26 USC 1091(a))."""
    report = evolve(samples.planned(), policy=WashPolicy(IdentityGroups([["IVV", "VOO", "SPY"]])), promises=())
    step = next(step for step in view_of(report).steps if step.text.startswith("Buy no"))
    assert "IVV / SPY / VOO" in step.text
    assert "before May 9, 2025" in step.text


def test_promises_are_shown_with_their_days_and_what_is_at_stake() -> None:
    view = view_of(samples.planned())
    assert [(row.symbols, row.through.isoformat(), row.free_from.isoformat(), row.new) for row in view.promises] == [
        ("VWO", "2025-04-19", "2025-04-20", False),
        ("IVV / SPY / VOO", "2025-05-08", "2025-05-09", True),
    ]
    assert [(row.quantity, row.loss) for row in view.promises] == [(Decimal("12.5"), Decimal("310.07")), (85, Decimal("7289.83"))]


def test_with_promises_made_the_next_step_is_to_keep_them() -> None:
    """An earlier plan's promise is shown, but is no step of this one."""
    steps = [step.text for step in view_of(samples.planned()).steps]
    (kept,) = [
        text for text in steps if text.startswith("Until May 9, 2025, turn off the reinvestment of dividends of IVV, SPY and VOO")
    ]
    assert "VWO" not in kept
    assert not [text for text in steps if text.startswith("Buy no")]


def test_it_is_said_which_symbols_were_treated_as_one_and_on_whose_word() -> None:
    """A group that touches neither an account nor the targets is left out: nobody asked."""
    groups = IdentityGroups([["SPY", "VOO"], ["IEMG", "VWO"], ["QQQM", "QQQX"], ["XYZ", "ZYX"]])
    view = view_of(evolve(samples.planned(), policy=WashPolicy(groups)))
    assert [one.words for one in view.identical] == [
        "IEMG = VWO (declared)",
        "SPY = VOO (same index: S&P 500, built in)",
    ]


def test_harvested_losses_are_never_shown_without_saying_what_they_are_not() -> None:
    view = view_of(samples.planned())
    assert "not a return" in next(tile.note for tile in view.tiles if tile.label == "Harvested losses")
    assert "not a return" in view.headline


def test_every_end_of_an_execution_has_its_words() -> None:
    views = {end: view_of(samples.executed(end)) for end in ExecutionEnd}
    assert {end: view.status.word for end, view in views.items()} == {
        ExecutionEnd.CONVERGED: "Done", ExecutionEnd.UNFINISHED: "Unfinished", ExecutionEnd.TICKET: "Ticket written",
        ExecutionEnd.STOPPED: "Stopped", ExecutionEnd.GIVEN_UP: "Given up",
    }  # fmt: skip
    outcome = views[ExecutionEnd.UNFINISHED].outcome
    assert outcome is not None
    assert "12 of 13 orders filled" in outcome.sentence
    assert outcome.orders[-1].state == "partly filled, cancelled"
    assert outcome.left is not None
    assert len(outcome.left) == 1


def test_a_security_that_another_account_traded_and_no_class_knows_is_left_out() -> None:
    report = samples.planned()
    targets = Targets(tuple(evolve(one, buy=[r for r in one.buy if "IEMG" not in r]) for one in samples.TARGETS.classes))
    view = view_of(evolve(report, targets=targets))
    assert "IEMG" not in {one.symbol for group in view.groups for one in group.securities}
