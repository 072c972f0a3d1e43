"""Plans from decisions: figures worked out by hand, and decisions that no plan can express."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from rebalkit.errors import PlanError
from rebalkit.model import AccountKind, AccountSnapshot, AssetClass, Cash, Lot, Plan, Quote, Reason, Snapshot, Targets
from rebalkit.plugin import PlanContext
from rebalkit.strategies import Choice, Sale, assemble_plan

AS_OF = dt.date(2025, 6, 30)
TARGETS = Targets((AssetClass("stocks", 60, ("AAA", "BBB"), ("CCC",)), AssetClass("bonds", 40, ("DDD",))))
WHY = Reason("because", {"mood": "good"})


def snapshot(*lots: Lot, cash: str = "1000") -> Snapshot:
    prices = {"AAA": "10", "BBB": "20.005", "CCC": "33.33", "DDD": "50", "OUT": "7"}
    quotes = {name: Quote(name, Decimal(price), Decimal(price) + Decimal("0.01")) for name, price in prices.items()}
    return Snapshot(AS_OF, AccountSnapshot("main", AccountKind.TAXABLE, Cash(cash), lots), quotes=quotes)


def lot(name: str, symbol: str, shares: str, cost: str | None, acquired: dt.date | None = dt.date(2020, 1, 2)) -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, None if cost is None else Decimal(cost))


def assembled(data: Snapshot, sales: dict[str, dict[str, str]], buys: dict[str, tuple[str, str]]) -> Plan:
    context = PlanContext.of(data)
    sold = [Sale.of_lots(context.book, s, {name: Decimal(n) for name, n in parts.items()}, WHY) for s, parts in sales.items()]
    choices = {name: Choice(symbol, Decimal("123.456"), Decimal(n), WHY) for name, (symbol, n) in buys.items()}
    return assemble_plan(data, TARGETS, context, "mine", sold, choices, ())


def test_figures_worked_out_by_hand() -> None:
    data = snapshot(
        lot("a", "AAA", "10", "150.00"), lot("b", "CCC", "3", "50.00", dt.date(2025, 1, 2)), lot("o", "OUT", "1.5", "9.00")
    )
    plan = assembled(data, {"OUT": {"o": "1.5"}, "CCC": {"b": "1"}, "AAA": {"a": "10"}}, {"bonds": ("DDD", "3")})
    assert [(o.side, o.symbol, str(o.quantity), str(o.estimated)) for o in plan.orders] == [
        ("sell", "AAA", "10", "100.00"),
        ("sell", "CCC", "1", "33.33"),
        ("sell", "OUT", "1.5", "10.50"),
        ("buy", "DDD", "3", "150.03"),
    ]
    # CCC: 33.33 - 50 / 3 = 16.6633, bought in the same year; OUT: 10.50 - 9; AAA: 100 - 150.
    # The cost of what is sold is 150 + 16.6667 + 9, so 143.83 - 175.67 = -31.84.
    tax = plan.tax
    assert [str(one) for one in (tax.short_gain, tax.short_loss, tax.long_gain, tax.long_loss)] == [
        "16.66",
        "0.00",
        "1.50",
        "-50.00",
    ]
    assert str(tax.harvested) == "50.00"
    stocks, bonds = plan.classes
    assert [str(v) for v in (stocks.value, stocks.sales, stocks.after_sales, stocks.after)] == [
        "199.99",
        "133.33",
        "66.66",
        "66.66",
    ]
    assert [str(v) for v in (stocks.percent, bonds.percent)] == ["100.00", "0.00"]
    assert [str(v) for v in (stocks.after_percent, bonds.after_percent)] == ["30.76", "69.24"]
    assert (stocks.buy, stocks.buy_target, stocks.buy_quantity) == (None, Decimal("0.00"), Decimal(0))
    assert (bonds.buy, str(bonds.buy_target), str(bonds.buy_quantity), str(bonds.buy_cost)) == ("DDD", "123.45", "3", "150.03")
    cash = plan.cash
    assert [str(v) for v in (cash.before, cash.proceeds, cash.spent, cash.after)] == ["1000.00", "143.83", "150.03", "993.80"]


def test_a_sale_carries_its_figures_in_the_reason() -> None:
    plan = assembled(snapshot(lot("a", "AAA", "10", "150"), lot("b", "AAA", "2", "1")), {"AAA": {"a": "10", "b": "2"}}, {})
    assert plan.orders[0].reason.code == "because"
    assert plan.orders[0].reason.details == {
        "mood": "good", "lots": 2, "gain": "19.00", "loss": "-50.00",
        "short_gain": "0.00", "short_loss": "0.00", "long_gain": "19.00", "long_loss": "-50.00",
    }  # fmt: skip


def test_f092_an_empty_account_has_percents_of_0() -> None:
    plan = assembled(snapshot(cash="0"), {}, {})
    assert [(str(one.percent), str(one.after_percent)) for one in plan.classes] == [("0.00", "0.00")] * 2


def test_the_term_changes_the_day_after_a_year() -> None:
    for day, term in ((dt.date(2024, 6, 30), "short_gain"), (dt.date(2024, 6, 29), "long_gain")):
        plan = assembled(snapshot(lot("a", "AAA", "1", "4", day)), {"AAA": {"a": "1"}}, {})
        # Bought on the last day of June it is short-term until the first of July.
        assert getattr(plan.tax, term) == 6


@pytest.mark.parametrize(
    ("sales", "buys", "code"),
    [
        ({"AAA": {"nope": "1"}}, {}, "unknown_lot"),
        ({"BBB": {"a": "1"}}, {}, "unknown_lot"),
        ({"AAA": {"a": "10.000001"}}, {}, "oversold_lot"),
        ({"AAA": {"a": "0"}}, {}, "oversold_lot"),
        ({"AAA": {"a": "0.0000001"}}, {}, "too_fine"),
        ({"AAA": {}}, {}, "nothing_to_sell"),
        ({"CCC": {"cost": "1"}}, {}, "unknown_basis"),
        ({"CCC": {"date": "1"}}, {}, "unknown_basis"),
        ({}, {"gold": ("AAA", "1")}, "unknown_class"),
        ({}, {"bonds": ("AAA", "1")}, "symbol_outside_class"),
        ({}, {"bonds": ("DDD", "-1")}, "bad_quantity"),
    ],
)
def test_a_decision_that_no_plan_can_express_is_refused(
    sales: dict[str, dict[str, str]], buys: dict[str, tuple[str, str]], code: str
) -> None:
    data = snapshot(lot("a", "AAA", "10", "150"), lot("cost", "CCC", "1", None), lot("date", "CCC", "1", "5", None))
    with pytest.raises(PlanError) as caught:
        assembled(data, sales, buys)
    assert caught.value.code == code
    assert caught.value.place == "decisions of the strategy"


def test_all_owned_symbols_without_a_price_are_named_at_once() -> None:
    data = snapshot(lot("a", "AAA", "1", "1"), lot("x", "XXX", "1", "1"), lot("y", "YYY", "1", "1"))
    with pytest.raises(PlanError) as caught:
        assembled(data, {}, {})
    assert [problem.code for problem in caught.value.problems] == ["no_quote", "no_quote"]
    assert "XXX" in str(caught.value)
    assert "YYY" in str(caught.value)
