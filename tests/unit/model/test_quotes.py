"""Quotes: when they were made, and whether they can be."""

from __future__ import annotations

import datetime as dt

import pytest

from rebalkit.errors import DataError
from rebalkit.model import Quote
from rebalkit.serial import dumps, loads

MOMENT = dt.datetime(2025, 4, 8, 15, tzinfo=dt.UTC)


def test_a_moment_without_a_zone_is_refused_since_nobody_knows_when_it_was() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        Quote("OLD", 1, 2, at=MOMENT.replace(tzinfo=None))
    with pytest.raises(DataError) as caught:
        loads(Quote, dumps(Quote("OLD", 1, 2, at=MOMENT)).replace("+00:00", ""))
    assert caught.value.code == "bad_file"


def test_a_quote_is_read_back_as_it_was_written() -> None:
    quote = Quote("OLD", "1.10", "1.20", MOMENT.date(), MOMENT, delayed=True)
    assert loads(Quote, dumps(quote)) == quote


def test_a_quote_of_an_older_file_says_nothing_of_its_moment() -> None:
    assert loads(Quote, '{"symbol": "OLD", "bid": "1", "ask": "2", "date": "2025-04-08"}') == Quote("OLD", 1, 2, MOMENT.date())


@pytest.mark.parametrize(
    ("bid", "ask", "sane"), [(1, 1, True), (1, 2, True), (0, 1, False), (2, 1, False), (-1, 1, False), (1, 0, False)]
)
def test_a_quote_has_a_bid_and_no_ask_below_it(bid: int, ask: int, sane: bool) -> None:
    assert Quote("OLD", bid, ask).sane is sane
