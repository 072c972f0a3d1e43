"""What stands against an order right before it is sent: each rule alone, on both sides of its edge."""

from __future__ import annotations

import datetime as dt
import json
import locale
import shutil
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, OpenOrder, Quote, Side
from rebalkit.serial import to_plain
from situations import DAY, LOTS, MOMENT, against, codes, purchase, sale

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, **changes: Any) -> list[str]:
    """What stands against a sale at this time of day in New York, on a day that the plan is for."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)
    quote = Quote("OLD", "100.00", "100.05", moment.date(), moment)
    return codes(sale(at=moment, clock=moment, quote=quote, as_of=moment.date(), **changes))


def account(cash: Cash = Cash("1500.00", "500.00"), lots: tuple[Lot, ...] = LOTS, *orders: OpenOrder) -> AccountSnapshot:  # noqa: B008
    return AccountSnapshot("main", AccountKind.TAXABLE, cash, lots, orders)


def quote(bid: str, ask: str, seconds: float = 0, **more: Any) -> Quote:
    return Quote("OLD", bid, ask, DAY, MOMENT - dt.timedelta(seconds=seconds), **more)


def test_nothing_stands_against_an_order_that_is_as_it_was_planned() -> None:
    assert codes(sale()) == []
    assert codes(purchase()) == []
    assert codes(sale(live=False)) == []
    assert codes(purchase(live=False)) == []


# Hours


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-04-08 09:29:59", ["market_closed!"]),
        ("2025-04-08 09:30:00", ["near_open!"]),
        ("2025-04-08 09:34:59", ["near_open!"]),
        ("2025-04-08 09:35:00", []),
        ("2025-04-08 15:49:59", []),
        ("2025-04-08 15:50:00", ["near_close!"]),
        ("2025-04-08 15:59:59", ["near_close!"]),
        ("2025-04-08 16:00:00", ["market_closed!"]),
        ("2025-04-08 00:00:00", ["market_closed!"]),
        ("2025-04-05 11:00:00", ["market_closed!"]),  # a Saturday
        ("2025-04-18 11:00:00", ["market_closed!"]),  # Good Friday
        ("2025-01-09 11:00:00", ["market_closed!"]),  # a day of mourning
    ],
)
def test_f078_nothing_is_sent_but_in_the_hours_of_the_exchange(moment: str, expected: list[str]) -> None:
    assert at(moment) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27 12:49:59", []),
        ("2026-11-27 12:50:00", ["near_close!"]),
        ("2026-11-27 13:00:00", ["market_closed!"]),
        ("2026-11-27 14:00:00", ["market_closed!"]),
        ("2026-11-26 11:00:00", ["market_closed!"]),
    ],
)
def test_f072_a_half_day_ends_at_13_00(moment: str, expected: list[str]) -> None:
    assert at(moment) == expected


@pytest.mark.parametrize(("monday", "opens", "closes"), [("2026-03-09", "13:30", "20:00"), ("2026-11-02", "14:30", "21:00")])
def test_f075_after_the_clocks_change_the_exchange_opens_at_its_own_9_30(monday: str, opens: str, closes: str) -> None:
    """The moments are those of UTC: summer time begins on 2026-03-08 and ends on 2026-11-01."""

    def in_utc(clock: str, seconds: int = 0) -> list[str]:
        moment = dt.datetime.fromisoformat(f"{monday} {clock}+00:00") + dt.timedelta(seconds=seconds)
        shown = Quote("OLD", "100.00", "100.05", None, moment)
        return codes(sale(at=moment, clock=moment, quote=shown, as_of=moment.date()), after_open=0, before_close=0)

    assert in_utc(opens, -1) == ["market_closed!"]
    assert in_utc(opens) == []
    assert in_utc(closes, -1) == []
    assert in_utc(closes) == ["market_closed!"]


def test_f077_the_close_passes_between_two_orders() -> None:
    assert at("2025-04-08 15:49:58") == []
    (objection,) = against(sale(at=_in_new_york(16, 1), clock=_in_new_york(16, 1), quote=quote("100", "100.05", -18_060)))
    assert (objection.code, objection.stops) == ("market_closed", True)
    assert objection.message == "the market is open from 09:30 to 16:00 in New York, and it is 16:01"
    assert objection.details == {
        "at": "2025-04-08T16:01:00-04:00",
        "opens": "2025-04-08T09:30:00-04:00",
        "closes": "2025-04-08T16:00:00-04:00",
    }


def _in_new_york(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2025, 4, 8, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture(params=["Australia/Sydney", "Pacific/Kiritimati", "America/Los_Angeles"])
def elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """This machine stands in another zone, and its numbers and dates are written as there."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this process cannot be changed here")
def test_f074_hours_and_days_are_new_yorks_wherever_the_machine_stands(elsewhere: str) -> None:
    assert dt.datetime.now().astimezone().utcoffset() == dt.datetime.now(ZoneInfo(elsewhere)).utcoffset()
    local = MOMENT.astimezone()
    assert codes(sale(at=local, clock=local)) == []
    late = _in_new_york(15, 55).astimezone()
    assert codes(sale(at=late, clock=late, quote=quote("100.00", "100.05", -17_700))) == ["near_close!"]
    (objection,) = against(
        sale(at=_in_new_york(8).astimezone(), clock=_in_new_york(8).astimezone(), quote=quote("100", "100.05", 10_800))
    )
    assert objection.message.endswith("it is 08:00")


@pytest.mark.skipif(
    not (shutil.which("localedef") and Path("/usr/share/i18n/locales/de_DE").exists()), reason="no such locale can be made here"
)
def test_f074_numbers_are_written_alike_in_a_locale_with_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", tmp_path / "de_DE.UTF-8"], check=True, capture_output=True)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
        assert f"{1.5:n}" == "1,5"
        (objection,) = against(sale(limit="100.50", quote=quote("100.50", "102.55")))
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert "2.00 % apart" in objection.message
    assert objection.details == {"bid": "100.50", "ask": "102.55", "most": "1"}


def test_f080_an_evening_in_new_york_is_still_that_day() -> None:
    """20:30 on 8 April is the 9th in UTC: it is too late for an order, but not another day."""
    evening = dt.datetime(2025, 4, 9, 0, 30, tzinfo=dt.UTC)
    assert codes(sale(at=evening, clock=evening, quote=evolve(quote("100.00", "100.05"), at=evening))) == ["market_closed!"]
    assert codes(sale(at=evening, live=False)) == []


@pytest.mark.parametrize("live", [True, False])
def test_a_plan_is_for_its_day_alone(live: bool) -> None:
    tomorrow = MOMENT + dt.timedelta(days=1)
    shown = evolve(quote("100.00", "100.05"), at=tomorrow)
    (objection,) = against(sale(at=tomorrow, clock=tomorrow, quote=shown, live=live))
    assert (objection.code, objection.stops) == ("day_changed", True)
    assert objection.details == {"planned": "2025-04-08", "day": "2025-04-09"}


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        against(sale(at=MOMENT.replace(tzinfo=None)))


def test_f084_nothing_is_sent_in_a_year_that_the_calendar_does_not_know() -> None:
    assert at("2100-04-08 11:00") == []
    assert at("2101-04-08 11:00") == ["no_calendar!"]


@pytest.mark.parametrize("seconds", [-61, -60, 0, 60, 61, 3600])
def test_f076_clocks_may_be_a_minute_apart(seconds: int) -> None:
    found = codes(sale(clock=MOMENT + dt.timedelta(seconds=seconds)))
    assert found == (["clock_skew!"] if abs(seconds) > 60 else [])


def test_a_simulated_market_has_no_hours_no_clocks_and_no_age_of_quotes() -> None:
    night = dt.datetime(2025, 4, 8, 5, tzinfo=dt.UTC)
    old = Quote("OLD", "100.00", "100.05", delayed=True)
    live = sale(at=night, clock=MOMENT, quote=old, traded_today=Decimal(10**6))
    assert codes(live) == ["clock_skew!", "market_closed!", "delayed_quote", "day_turnover!"]
    assert codes(evolve(live, live=False)) == []


# The account


def test_f071_an_open_order_that_no_journal_knows_stops_the_run() -> None:
    (objection,) = against(sale(foreign=(OpenOrder("77", Side.BUY, "ELSE", 3),), live=False))
    assert (objection.code, objection.stops) == ("foreign_order", True)
    assert "buy 3 ELSE (its number 77)" in objection.message
    assert objection.details == {"order": "77", "side": "buy", "symbol": "ELSE", "quantity": "3"}


@pytest.mark.parametrize("held", ["99", "101", "0", "99.999999", "70"])
def test_a_position_that_the_journal_does_not_explain_stops_the_run(held: str) -> None:
    lots = (Lot("one", "OLD", held, None, None), *LOTS[2:]) if held != "0" else LOTS[2:]
    found = against(purchase(account=account(lots=lots)))
    assert [one.code for one in found] == ["account_changed"]
    assert found[0].stops
    assert found[0].details == {"symbol": "OLD", "held": held, "expected": "100"}


def test_shares_where_there_must_be_none_stop_the_run() -> None:
    assert codes(purchase(expected={"OLD": Decimal(0)})) == ["account_changed!"]


def test_what_was_traded_last_must_be_in_the_account_before_a_purchase() -> None:
    """Else its cash may be of a moment before that, and be spent twice."""
    expected = {"OLD": Decimal(100), "LAST": Decimal(5)}
    (objection,) = against(purchase(expected=expected))
    assert (objection.code, objection.stops, objection.details) == (
        "account_changed",
        True,
        {"symbol": "LAST", "held": "0", "expected": "5"},
    )
    lots = (*LOTS, Lot("last", "LAST", 5, None, None))
    assert codes(purchase(account=account(lots=lots), expected=expected)) == []


SPLITS = ["3/2", "4/3", "5/4", "2", "3", "4", "5", "6", "7", "8", "10", "15", "20", "25", "30", "40", "50", "100"]


@pytest.mark.parametrize("ratio", SPLITS)
def test_f094_a_position_that_grew_or_shrank_as_in_a_split_voids_the_plan(ratio: str) -> None:
    """New shares for old ones, and the other way round; one share more or less is no split."""
    more, less = Fraction(ratio) * 4200, Fraction(4200)
    for held, expected in ((more, less), (less, more)):
        lots = (Lot("one", "OLD", Decimal(int(held)), None, None),)
        assert codes(purchase(account=account(lots=lots), expected={"OLD": Decimal(int(expected))})) == ["split_suspected!"]
        assert codes(purchase(account=account(lots=lots), expected={"OLD": Decimal(int(expected) + 1)})) == ["account_changed!"]


@pytest.mark.parametrize(
    ("bid", "ask", "expected"),
    [
        ("50.00", "50.02", ["split_suspected!"]),  # 2 for 1
        ("48.60", "48.62", ["split_suspected!"]),  # 2 for 1, and 2.8 % down
        ("66.67", "66.70", ["split_suspected!"]),  # 3 for 2
        ("33.33", "33.34", ["split_suspected!"]),  # 3 for 1
        ("10.00", "10.01", ["split_suspected!"]),  # 10 for 1
        ("1000.00", "1000.50", ["split_suspected!"]),  # 1 for 10
        ("90.00", "90.04", ["price_drift"]),
        ("88.00", "88.04", ["price_drift"]),
        ("57.00", "57.02", ["price_drift"]),
    ],
)
@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
def test_f094_a_price_that_jumped_as_in_a_split_voids_the_plan(side: Side, bid: str, ask: str, expected: list[str]) -> None:
    """The quantity of the order does not matter, so that its limit follows the new price and its cash is there."""
    shown = quote(bid, ask)
    assert codes(sale(limit=bid, quote=shown) if side is Side.SELL else purchase("1", limit=ask, quote=shown)) == expected


# The quote


@pytest.mark.parametrize(("bid", "ask"), [("0", "100"), ("100", "0"), ("0", "0"), ("100.06", "100.05"), ("-1", "100")])
@pytest.mark.parametrize("situation", [sale(), purchase()], ids=["sale", "purchase"])
def test_f086_a_quote_that_cannot_be_drops_the_order(situation: Any, bid: str, ask: str) -> None:
    (objection,) = against(evolve(situation, quote=quote(bid, ask)))
    assert (objection.code, objection.stops) == ("bad_quote", False)
    assert objection.details == {"bid": bid, "ask": ask}


def test_f086_a_symbol_without_a_quote_is_not_traded() -> None:
    assert codes(sale(quote=None)) == ["bad_quote"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_f086_a_price_that_is_no_number_never_becomes_a_quote(number: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        quote(number, "100")


def test_f073_a_halt_that_the_calendar_does_not_know_shows_in_the_quote() -> None:
    """In the middle of a session: a broker shows a halted symbol without a bid, or with the quote of before the halt."""
    assert codes(sale(quote=quote("0", "100.05"))) == ["bad_quote"]
    assert codes(sale(quote=quote("100.00", "100.05", 61))) == ["stale_quote"]


@pytest.mark.parametrize(("seconds", "stale"), [(0, False), (60, False), (61, True), (-60, False), (-61, True), (86_400, True)])
def test_f087_a_quote_is_at_most_a_minute_old_and_not_of_the_future(seconds: int, stale: bool) -> None:
    found = against(sale(quote=quote("100.00", "100.05", seconds)))
    assert [one.code for one in found] == ["stale_quote"] * stale
    assert all(one.details["seconds"] == seconds and not one.stops for one in found)
    assert all(f" {abs(seconds)} seconds " in one.message for one in found)


def test_f087_a_delayed_quote_or_one_without_its_moment_is_not_traded_on() -> None:
    assert codes(sale(quote=quote("100.00", "100.05", delayed=True))) == ["delayed_quote"]
    assert codes(sale(quote=Quote("OLD", "100.00", "100.05", DAY))) == ["stale_quote"]


@pytest.mark.parametrize(("ask", "wide"), [("101.01", False), ("101.02", True), ("150", True)])
def test_f088_bid_and_ask_are_at_most_one_percent_of_the_ask_apart(ask: str, wide: bool) -> None:
    """1.01 of 101.01 USD are 0.9999 %."""
    found = against(sale(quote=quote("100.00", ask)))
    assert [one.code for one in found] == ["wide_spread"] * wide
    assert all(one.details == {"bid": "100.00", "ask": ask, "most": "1"} for one in found)


def test_f088_exactly_one_percent_is_not_too_wide() -> None:
    assert codes(sale(limit="99.00", planned_price=Decimal(99), quote=quote("99", "100"))) == []


@pytest.mark.parametrize(("bid", "moved"), [("99.00", False), ("98.99", True), ("101.00", False), ("101.01", True)])
def test_a_price_that_moved_more_than_one_percent_since_the_plan_drops_the_sale(bid: str, moved: bool) -> None:
    found = codes(sale(limit=bid, quote=quote(bid, "101.02" if bid > "1" and Decimal(bid) > 100 else "99.50")))
    assert found == ["price_drift"] * moved


@pytest.mark.parametrize(("ask", "moved"), [("101.05", False), ("101.06", True), ("99.05", False), ("99.04", True)])
def test_a_price_that_moved_more_than_one_percent_since_the_plan_drops_the_purchase(ask: str, moved: bool) -> None:
    """Of 100.05 USD one percent is 1.0005 USD."""
    found = against(purchase(limit=ask, quote=quote(str(Decimal(ask) - Decimal("0.05")), ask)))
    assert [one.code for one in found] == ["price_drift"] * moved
    assert all(one.message == "the price of OLD moved 1.01 % since the plan, more than 1 %" for one in found)


@pytest.mark.parametrize(
    ("limit", "outside"), [("99.70", False), ("99.69", True), ("99.71", False), ("150", False), ("0", True), (None, True)]
)
def test_a_sale_at_a_limit_below_the_collar_is_dropped(limit: str | None, outside: bool) -> None:
    assert codes(sale(limit=limit)) == ["price_collar"] * outside


@pytest.mark.parametrize(("limit", "outside"), [("100.36", False), ("100.37", True), ("1", False), ("0", True), (None, True)])
def test_a_purchase_at_a_limit_above_the_collar_is_dropped(limit: str | None, outside: bool) -> None:
    """0.3 % above 100.05 USD are 100.35015 USD, and the next cent is 100.36."""
    assert codes(purchase(limit=limit)) == ["price_collar"] * outside


# The order


def test_an_order_for_nothing_or_less_is_dropped() -> None:
    assert "bad_quantity" in codes(purchase("0"))
    assert "bad_quantity" in codes(purchase("-1"))
    assert codes(purchase("0.000001")) == []


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [
        ("61", [("one", "61")]),
        ("100", [("one", "61"), ("two", "39")]),
        ("99", [("one", "60"), ("two", "40")]),
        ("101", [("one", "60"), ("two", "40")]),
        ("10", [("gone", "10")]),
        ("5", [("other", "5")]),  # a lot of another symbol
        ("70", [("one", "40"), ("one", "30")]),  # the same lot twice
        ("60", [("one", "63"), ("two", "-3")]),
        ("60", [("one", "60"), ("two", "0")]),
        ("60.000001", [("one", "60.000001")]),
    ],
)
def test_f020_a_sale_never_takes_more_from_a_lot_than_is_there(quantity: str, parts: list[tuple[str, str]]) -> None:
    assert set(codes(sale(quantity, *parts))) == {"oversell"}


def test_f020_a_sale_without_lots_is_no_sale() -> None:
    situation = sale()
    assert codes(evolve(situation, request=evolve(situation.request, lots=()))) == ["oversell"]


def test_f020_the_objection_names_the_lot_and_its_shares() -> None:
    (objection,) = against(sale("70", ("one", "70")))
    assert objection.details == {"lot": "one", "held": "60", "quantity": "70"}
    assert not objection.stops


@pytest.mark.parametrize(
    ("orders", "busy"),
    [
        ([OpenOrder("1", Side.SELL, "OLD", 50)], False),
        ([OpenOrder("1", Side.SELL, "OLD", 51)], True),
        ([OpenOrder("1", Side.SELL, "OLD", 50), OpenOrder("2", Side.SELL, "OLD", 1)], True),
        ([OpenOrder("1", Side.BUY, "OLD", 500)], False),
        ([OpenOrder("1", Side.SELL, "NEW", 60)], False),
    ],
)
def test_f020_shares_that_an_open_order_is_about_to_sell_are_not_sold_again(orders: list[OpenOrder], busy: bool) -> None:
    """Whose order it is does not matter here; 50 of 100 shares are to be sold."""
    assert codes(sale("50", ("one", "50"), account=account(Cash(0), LOTS, *orders))) == ["lot_busy"] * busy


@pytest.mark.parametrize(
    ("quantity", "limit", "fees", "spendable", "short"),
    [
        ("10", "100.05", "0", "1000.50", False),
        ("10", "100.05", "0", "1000.49", True),
        ("10", "100.05", "0.01", "1000.50", True),
        ("10", "100.05", "0.01", "1000.51", False),
        ("0.333333", "100.05", "0", "33.35", False),  # 33.34996665, rounded up
        ("0.333333", "100.05", "0", "33.34", True),
        ("1", "100.05", "0", "0", True),
        ("1", "100.05", "0", "-5", True),
    ],
)
def test_a_purchase_never_costs_more_than_may_be_spent(quantity: str, limit: str, fees: str, spendable: str, short: bool) -> None:
    found = against(purchase(quantity, limit, fees=Decimal(fees), spendable=Decimal(spendable)))
    assert [one.code for one in found] == ["cash_short"] * short
    assert all(not one.stops and one.details["spendable"] == spendable for one in found)


def test_f091_nothing_is_bought_on_credit_but_sales_go_on() -> None:
    debt = account(Cash("-700.00", "200.00"))
    (first, second) = against(purchase(account=debt, spendable=Decimal(-500)))
    assert (first.code, first.stops, first.details) == ("negative_cash", False, {"cash": "-500.00"})
    assert second.code == "cash_short"
    assert codes(sale(account=debt, spendable=Decimal(-500))) == []
    assert first.message == "the account owes 500.00 USD: nothing is bought on credit"
    for cash in (Cash("-700.00", "2700.00"), Cash("-700.00", "700.00"), Cash("0.50")):
        assert codes(purchase(account=account(cash))) == []


@pytest.mark.parametrize(("traded", "over"), [("90030.00", False), ("90030.01", True)])
def test_the_orders_of_a_day_stay_within_their_part_of_the_account(traded: str, over: bool) -> None:
    """100 shares at 99.70 USD are 9,970 USD of the 100,000 USD of the account."""
    found = against(sale(traded_today=Decimal(traded)))
    assert [one.code for one in found] == ["day_turnover"] * over
    assert all(one.stops and one.details == {"total": "100000.01", "most": "100000"} for one in found)
    assert codes(sale(traded_today=Decimal(traded), account_value=Decimal(200_000)), day_turnover=Decimal("45")) == (
        ["day_turnover!"]
    )


def test_an_order_without_a_limit_is_dropped_for_that_alone() -> None:
    """What it would cost is not known, so that nothing is said of it."""
    assert codes(purchase(limit=None, spendable=Decimal(0), traded_today=Decimal(100_000))) == ["price_collar"]


# All of them


def test_everything_that_stands_against_an_order_is_told_with_its_numbers() -> None:
    """Details are ready for JSON."""
    night = dt.datetime(2025, 4, 8, 5, tzinfo=dt.UTC)
    found = against(
        purchase(
            "0",
            "200",
            at=night,
            clock=MOMENT,
            as_of=DAY - dt.timedelta(days=1),
            account=account(Cash("-1")),
            expected={"OLD": Decimal(17)},
            quote=quote("100", "115", -70),
            foreign=(OpenOrder("77", Side.BUY, "ELSE", 3),),
            spendable=Decimal(-1),
            traded_today=Decimal(10**6),
        )
    )
    assert [one.code for one in found] == [
        "day_changed", "clock_skew", "market_closed", "foreign_order", "account_changed", "stale_quote", "wide_spread", "price_drift",
        "price_collar", "bad_quantity", "negative_cash", "cash_short", "day_turnover",
    ]  # fmt: skip
    assert all(one.details and one.message for one in found)
    assert json.loads(json.dumps(to_plain([one.details for one in found])))
