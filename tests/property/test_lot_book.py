"""The lot book gives back exactly what it was given, and has its lots in the order that it promises."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from accounts import days_before, quantities
from rebalkit.lots import LotBook
from rebalkit.model import Lot

AS_OF = dt.date(2025, 6, 30)


@st.composite
def many_lots(draw: st.DrawFn) -> list[Lot]:
    dollars = st.integers(0, 10**15).map(lambda nanos: Decimal(nanos).scaleb(-9))
    costs = st.one_of(st.none(), dollars, st.sampled_from([Decimal("0"), Decimal("10"), Decimal("10.00"), Decimal("1E+2")]))
    shares = st.one_of(quantities(), st.sampled_from([Decimal("2.500"), Decimal("1E+1"), Decimal("99999999.999999")]))
    symbols = st.sampled_from(["AAA", "BBB", "ZZZ"])
    number = draw(st.integers(0, 12))
    dates = st.one_of(st.none(), days_before(AS_OF))
    return [Lot(f"lot {i}", draw(symbols), draw(shares), draw(dates), draw(costs)) for i in range(number)]


@given(many_lots())
def test_round_trip(lots: list[Lot]) -> None:
    book = LotBook.from_lots(lots)
    assert book.lots() == lots
    for symbol in ("AAA", "BBB", "ZZZ"):
        assert book.shares(symbol) == sum(lot.quantity for lot in lots if lot.symbol == symbol)


@given(many_lots(), st.integers(1, 10**12))
def test_the_lots_that_lose_at_a_price_are_the_first_ones(lots: list[Lot], price: int) -> None:
    for held in LotBook.from_lots(lots):
        known = [cost is not None for cost in held.costs]
        assert known == sorted(known, reverse=True), "lots of unknown cost come last"
        unit = [Fraction(cost * 10**6, micros) for cost, micros in zip(held.costs, held.micros, strict=True) if cost is not None]
        for at in {price, *map(int, unit)}:
            loses = [one > at for one in unit]
            assert loses == sorted(loses, reverse=True)


@given(many_lots(), st.randoms(use_true_random=False))
def test_the_order_of_the_account_plays_no_part(lots: list[Lot], dice: object) -> None:
    shuffled = list(lots)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [held.names for held in LotBook.from_lots(shuffled)] == [held.names for held in LotBook.from_lots(lots)]
