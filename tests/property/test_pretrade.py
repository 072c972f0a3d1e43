"""What stands against an order, on orders and accounts that nobody thought of, beside integers of cents and of millionths of shares."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.execution.pricing import limit_price
from rebalkit.execution.rules import ExecutionRules
from rebalkit.execution.situation import Situation
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, LotSale, OpenOrder, OrderRequest, Quote, Side
from situations import DAY, MOMENT, against, codes, purchase, sale

MICROS = st.integers(1, 10**10)
"""Shares in millionths: up to 10,000."""
TICKS = st.integers(1, 9_999) | st.integers(100, 500_000).map(lambda cents: 100 * cents)
"""Prices that an order can name, in hundredths of a cent."""
CENTS = st.integers(0, 10**7)


def shares(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)


def dollars(ticks: int) -> Decimal:
    return Decimal(ticks).scaleb(-4)


@given(MICROS, TICKS, CENTS, st.integers(-2, 2) | st.integers(-(10**9), 10**9))
def test_f089_a_purchase_passes_if_and_only_if_whole_cents_say_that_it_fits(
    micros: int, ticks: int, fees: int, over: int
) -> None:
    """A millionth of a share times a hundredth of a cent is 10⁻⁸ cents; ``over`` is what is left when it was paid."""
    cost = -(-micros * ticks // 10**8) + fees
    situation = purchase(
        str(shares(micros)), str(dollars(ticks)), fees=Decimal(fees).scaleb(-2), spendable=Decimal(cost + over).scaleb(-2)
    )
    assert ("cash_short" in codes(situation)) is (over < 0)


LOTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 20), min_size=1)
"""Millionths of a share by lot: few, so that edges are met."""


@st.composite
def sales(draw: st.DrawFn) -> tuple[Situation, bool]:
    """A sale and whether it can be: by sums of integers over the lots that it names."""
    held = draw(LOTS)
    others = draw(st.dictionaries(st.sampled_from("ef"), st.integers(1, 20)))
    anything = st.lists(st.tuples(st.sampled_from("abcdeg"), st.integers(-1, 12)), max_size=4)
    fitting = st.tuples(*(st.tuples(st.just(lot), st.integers(1, one)) for lot, one in held.items()))
    parts = draw(fitting | fitting | anything)
    total = sum(part for _, part in parts)
    quantity = draw(st.just(total) | st.just(total) | st.integers(0, 30))
    busy = draw(st.just(0) | st.integers(0, 20))
    asked: dict[str, int] = {}
    for lot, part in parts:
        asked[lot] = asked.get(lot, 0) + part
    fits = (
        quantity > 0
        and quantity == total
        and all(part > 0 for _, part in parts)
        and all(part <= held.get(lot, 0) for lot, part in asked.items())
        and (busy == 0 or busy + quantity <= sum(held.values()))
    )
    lots = [Lot(lot, "OLD", shares(one), None, None) for lot, one in held.items()]
    lots += [Lot(lot, "NEW", shares(one), None, None) for lot, one in others.items()]
    orders = (OpenOrder("1", Side.SELL, "OLD", shares(busy)),) if busy else ()
    made = sale(
        account=AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), tuple(lots), orders),
        expected={"OLD": shares(sum(held.values()))},
    )
    wanted = tuple(LotSale(lot, shares(part)) for lot, part in parts)
    return evolve(made, request=OrderRequest("s", Side.SELL, "OLD", shares(quantity), wanted, Decimal("99.70"))), fits


@given(sales())
def test_f020_a_sale_passes_if_and_only_if_its_lots_are_there_and_free(drawn: tuple[Situation, bool]) -> None:
    situation, fits = drawn
    assert (codes(situation) == []) is fits


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    """A quote that can be, in any fraction of a cent, as brokers also show them."""
    bid = draw(st.integers(1, 10**9))
    ask = bid + draw(st.integers(0, 10**6) | st.just(0))
    return Quote("OLD", Decimal(bid).scaleb(-5), Decimal(ask).scaleb(-5), DAY, MOMENT)


COLLARS = st.integers(0, 9_999).map(lambda hundredths: Decimal(hundredths).scaleb(-2))


@given(quotes(), TICKS, COLLARS, st.sampled_from(Side))
def test_a_limit_is_within_the_collar_and_never_above_what_was_approved(
    quote: Quote, ticks: int, collar: Decimal, side: Side
) -> None:
    rules, planned = ExecutionRules(collar=collar), dollars(ticks)
    limit = limit_price(side, planned, quote, rules)
    assert limit > 0
    assert limit == limit.quantize(Decimal("0.01") if limit >= 1 else Decimal("0.0001"))
    if side is Side.BUY:
        assert limit <= planned
        situation = purchase(limit=str(limit), quote=quote)
    else:
        assert limit <= max(quote.bid, Decimal("0.0001"))
        situation = sale(limit=str(limit), quote=quote)
    assert "price_collar" not in codes(situation, collar=collar)


@given(quotes(), st.integers(1, 10**9), COLLARS, st.sampled_from(Side))
def test_a_limit_of_another_maker_passes_only_within_the_collar(
    quote: Quote, hundredths: int, collar: Decimal, side: Side
) -> None:
    """By integers: prices in 10⁻⁵ USD, the collar in hundredths of a percent; a tick beside it is the rounding."""
    limit = Decimal(hundredths).scaleb(-4)
    bid, ask, part = int(quote.bid * 10**5), int(quote.ask * 10**5), int(collar * 100)
    situation = sale(limit=str(limit), quote=quote) if side is Side.SELL else purchase(limit=str(limit), quote=quote)
    if "price_collar" in codes(situation, collar=collar):
        return
    tick = 10 if hundredths < 10**4 else 1000
    if side is Side.SELL:
        assert (10 * hundredths + tick) * 10**4 > bid * (10**4 - part)
    else:
        assert (10 * hundredths - tick) * 10**4 < ask * (10**4 + part)


NUMBERS: dict[str, st.SearchStrategy[Any]] = {
    "collar": st.integers(0, 99),
    "max_spread": st.integers(0, 100),
    "max_drift": st.integers(0, 200),
    "quote_age": st.integers(0, 100),
    "clock_skew": st.integers(0, 100),
    "day_turnover": st.integers(0, 100),
}


def _cents(lowest: int, highest: int) -> st.SearchStrategy[Decimal]:
    return st.integers(lowest, highest).map(lambda number: Decimal(number).scaleb(-2))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Anything that may be true right before an order, most of it as it should be."""
    make = draw(st.sampled_from([sale, purchase]))
    bid = draw(_cents(9_950, 10_050) | _cents(9_000, 11_000))
    ask = bid + draw(_cents(0, 20) | _cents(-5, 300))
    moment = MOMENT + dt.timedelta(seconds=draw(st.integers(-3_000, 3_000) | st.integers(-30_000, 30_000)))
    off = st.integers(-50, 50) | st.integers(-120, 120)
    return make(
        limit=str(draw(st.just(bid) | st.just(ask) | _cents(9_000, 11_000))),
        live=draw(st.booleans()),
        at=moment,
        clock=moment + dt.timedelta(seconds=draw(off)),
        quote=Quote("OLD", bid, ask, DAY, moment - dt.timedelta(seconds=draw(off))),
        expected={"OLD": draw(st.just(Decimal(100)) | st.sampled_from([Decimal(50), Decimal(60)]))},
        spendable=draw(_cents(120_000, 300_000) | _cents(-10_000, 300_000)),
        fees=draw(_cents(0, 2_000)),
        traded_today=draw(_cents(0, 10**7)),
        account_value=draw(_cents(10**6, 3 * 10**7)),
    )


@given(situations(), st.sampled_from(sorted(NUMBERS)), st.data())
def test_a_looser_rule_never_forbids_more(situation: Situation, name: str, data: st.DataObject) -> None:
    low, high = sorted(data.draw(st.tuples(NUMBERS[name], NUMBERS[name])))
    assert set(codes(situation, **{name: high})) <= set(codes(situation, **{name: low}))


@given(situations(), st.integers(0, 10**6))
def test_more_money_never_forbids_more(situation: Situation, cents: int) -> None:
    more = Decimal(cents).scaleb(-2)
    before = set(codes(situation))
    assert set(codes(evolve(situation, spendable=situation.spendable + more))) <= before
    assert set(codes(evolve(situation, account_value=situation.account_value + more))) <= before
    assert set(codes(evolve(situation, fees=situation.fees + more))) >= before
    assert set(codes(evolve(situation, traded_today=situation.traded_today + more))) >= before


@given(situations())
def test_what_holds_for_paper_holds_for_real_money(situation: Situation) -> None:
    """Real money is looked at more closely, never less; and the same is said every time."""
    assert set(codes(evolve(situation, live=False))) <= set(codes(evolve(situation, live=True)))
    assert against(situation) == against(situation)
