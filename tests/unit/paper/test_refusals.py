"""The paper broker refuses what a real one refuses, by name, and changes nothing when it does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from paper_books import NAME, QUOTES, TUESDAY, buy, paper_broker, refused, sell, traded
from rebalkit.errors import BrokerError
from rebalkit.model import LotSale, OrderPreview, OrderRequest, Placed, Quote, Refused
from rebalkit_paper.days import advanced
from rebalkit_paper.store import change, path_of

REFUSED = {
    "bad_client_id-long": buy("AAA", "1", client_id="x" * 21),
    "bad_client_id-hyphen": buy("AAA", "1", client_id="a-b"),
    "bad_client_id-empty": buy("AAA", "1", client_id=""),
    "bad_client_id-digits-of-another-script": buy("AAA", "1", client_id="١٢"),
    "bad_quantity-zero": buy("AAA", "0"),
    "bad_quantity-negative": sell("AAA", "-1"),
    "bad_quantity-finer-than-a-millionth": sell("AAA", "1.0000001"),
    "bad_limit-zero": buy("AAA", "1", "0"),
    "bad_limit-negative": sell("AAA", "1", "-5"),
    "sub_penny_limit-above-a-dollar": buy("AAA", "1", "100.005"),
    "sub_penny_limit-below-a-dollar": buy("TINY", "1", "0.51005"),
    "no_quote": buy("ZZZ", "1"),
    "fractional_quantity-buy": buy("AAA", "1.5"),
    "fractional_quantity-sell": sell("BBB", "7.25"),
    "lots_on_buy": buy("AAA", "1", lots=(LotSale("old", Decimal(1)),)),
    "oversold-held": sell("AAA", "20"),
    "oversold-nothing-held": sell("TINY", "1"),
    "unknown_lot": sell("AAA", "1", lots={"none": "1"}),
    "unknown_lot-of-another-symbol": sell("AAA", "1", lots={"dust": "1"}),
    "lot_oversold": sell("AAA", "6", lots={"old": "6"}),
    "bad_lots-sum": sell("AAA", "6", lots={"old": "5"}),
    "bad_lots-twice": evolve(sell("AAA", "2"), lots=(LotSale("old", Decimal(1)), LotSale("old", Decimal(1)))),
    "bad_lots-zero": sell("AAA", "5", lots={"old": "5", "new": "0"}),
    "bad_lots-negative": sell("AAA", "4", lots={"old": "5", "new": "-1"}),
    "insufficient_cash-market": buy("AAA", "11"),
    "insufficient_cash-limit-counts-not-the-quote": buy("AAA", "10", "100.01"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_at_the_preview(case: str) -> None:
    broker = paper_broker()
    before = path_of(NAME).read_bytes()
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", REFUSED[case])
    assert caught.value.code == case.partition("-")[0]
    assert caught.value.place
    assert path_of(NAME).read_bytes() == before


@pytest.mark.parametrize("case", REFUSED)
def test_refused_when_placed_past_the_preview(case: str) -> None:
    """A preview that the broker never gave is no way around the rules."""
    broker = paper_broker()
    request = REFUSED[case]
    answer = broker.place("main", OrderPreview(f"{TUESDAY:%Y%m%d}-0123456789abcdef", request, Decimal(0)))
    assert isinstance(answer, Refused)
    assert answer.code == "preview_unknown"
    assert broker.orders("main", dt.date.min) == []


def test_an_account_that_is_not_there() -> None:
    broker = paper_broker()
    preview = broker.preview("main", buy("AAA", "1"))
    answer = broker.place("other", preview)
    assert isinstance(answer, Refused)
    calls = [
        lambda: broker.preview("other", buy("AAA", "1")),
        lambda: broker.snapshot("other"),
        lambda: broker.transactions("other", TUESDAY),
        lambda: broker.history_from("other"),
        lambda: broker.orders("other", TUESDAY),
        lambda: broker.cancel("other", "paper-1"),
    ]
    for call in calls:
        with pytest.raises(BrokerError) as caught:
            call()
        assert caught.value.code == "unknown_account"


@pytest.mark.parametrize(
    ("day", "why"), [(dt.date(2025, 4, 12), "weekend"), (dt.date(2025, 4, 18), "Good Friday")], ids=["weekend", "holiday"]
)
def test_no_order_while_the_market_is_closed(day: dt.date, why: str) -> None:
    broker = paper_broker(today=day)
    with pytest.raises(BrokerError, match=why) as caught:
        broker.preview("main", buy("AAA", "1"))
    assert caught.value.code == "market_closed"
    assert "paper advance test" in caught.value.remedy


def test_a_preview_does_not_outlive_its_day() -> None:
    broker = paper_broker()
    preview = broker.preview("main", buy("AAA", "1"))
    change(NAME, lambda book: advanced(book, dt.date(2025, 4, 9)))
    answer = broker.place("main", preview)
    assert isinstance(answer, Refused)
    assert answer.code == "preview_expired"


@pytest.mark.parametrize(
    "other",
    [{"quantity": Decimal(2)}, {"symbol": "BBB"}, {"limit": Decimal(120)}, {"client_id": "another"}],
    ids=["quantity", "symbol", "limit", "client id"],
)
def test_a_preview_is_of_one_request_only(other: dict[str, object]) -> None:
    broker = paper_broker()
    preview = broker.preview("main", buy("AAA", "1"))
    answer = broker.place("main", evolve(preview, request=evolve(preview.request, **other)))
    assert isinstance(answer, Refused)
    assert answer.code == "preview_unknown"


def test_a_preview_is_of_one_account_only() -> None:
    broker = paper_broker()
    answer = broker.place("ira", broker.preview("main", buy("AAA", "1")))
    assert isinstance(answer, Refused)
    assert answer.code == "preview_unknown"


def test_an_order_is_placed_once_however_often_it_is_sent() -> None:
    broker = paper_broker()
    request = buy("AAA", "1")
    preview = broker.preview("main", request)
    assert isinstance(broker.place("main", preview), Placed)
    again = broker.place("main", preview)
    assert isinstance(again, Refused)
    assert again.code == "duplicate_client_id"
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", evolve(request, quantity=Decimal(2)))
    assert caught.value.code == "duplicate_client_id"
    assert len(broker.orders("main", TUESDAY)) == 1


def test_of_two_previews_with_one_client_id_one_is_placed() -> None:
    broker = paper_broker()
    first = broker.preview("main", buy("AAA", "1", client_id="same"))
    second = broker.preview("main", buy("BBB", "1", client_id="same"))
    assert isinstance(broker.place("main", second), Placed)
    answer = broker.place("main", first)
    assert isinstance(answer, Refused)
    assert answer.code == "duplicate_client_id"


def test_what_another_order_took_meanwhile_is_refused_at_the_placing() -> None:
    broker = paper_broker()
    first = broker.preview("main", sell("AAA", "5", lots={"old": "5"}))
    traded(broker, sell("AAA", "1", lots={"old": "1"}))
    answer = broker.place("main", first)
    assert isinstance(answer, Refused)
    assert answer.code == "lot_oversold"


def test_open_sales_reserve_their_lots() -> None:
    broker = paper_broker()
    traded(broker, sell("AAA", "5", "150.00", lots={"old": "5"}))
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", sell("AAA", "1", lots={"old": "1"}))
    assert caught.value.code == "lot_oversold"
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", sell("AAA", "15"))
    assert caught.value.code == "oversold"
    assert traded(broker, sell("AAA", "14")).filled == 14


def test_open_purchases_reserve_their_cash_with_fees() -> None:
    broker = paper_broker(cash="1000.00", fee_per_order=Decimal("1.00"))
    traded(broker, buy("AAA", "5", "98.00"))  # 490 and 1 are spoken for
    with pytest.raises(BrokerError, match=r"510\.00 USD are needed, and 509\.00 are free"):
        broker.preview("main", buy("AAA", "5", "101.80"))
    assert traded(broker, buy("AAA", "5", "101.60")).filled == 5


def test_a_cancelled_order_reserves_nothing() -> None:
    broker = paper_broker()
    order = traded(broker, buy("AAA", "10", "98.00"))
    assert broker.cancel("main", order.order).state == "cancelled"
    assert traded(broker, buy("AAA", "10")).filled == 10


def test_a_closing_sale_may_be_of_any_fraction() -> None:
    assert traded(paper_broker(), sell("BBB", "7.5")).filled == Decimal("7.5")


def test_a_book_of_fractions_takes_them() -> None:
    broker = paper_broker(share_step=Decimal("0.000001"))
    assert broker.capabilities.venue.share_step == Decimal("0.000001")
    assert broker.capabilities.venue.fractional_sells
    assert traded(broker, buy("AAA", "1.000001")).filled == Decimal("1.000001")
    assert traded(broker, sell("BBB", "0.25")).filled == Decimal("0.25")


def test_rejected_symbols_pass_the_preview_and_are_refused_when_placed() -> None:
    broker = paper_broker(reject=("AAA",))
    assert refused(broker, buy("AAA", "1")).code == "rejected"
    assert broker.orders("main", TUESDAY) == []
    assert traded(broker, buy("BBB", "1")).filled == 1


def test_a_quote_that_makes_no_sense_trades_nothing() -> None:
    broker = paper_broker(quotes={**QUOTES, "AAA": Quote("AAA", Decimal(0), Decimal(100))})
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", buy("AAA", "1"))
    assert caught.value.code == "bad_quote"


def test_a_sale_that_costs_more_than_it_brings_needs_cash() -> None:
    broker = paper_broker(cash="0.00", fee_per_order=Decimal("500.00"))
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", sell("AAA", "1"))
    assert caught.value.code == "insufficient_cash"


def test_cancelling_an_order_that_is_not_there() -> None:
    with pytest.raises(BrokerError) as caught:
        paper_broker().cancel("main", "paper-9")
    assert caught.value.code == "no_such_order"


def test_cancelling_what_has_filled_changes_nothing() -> None:
    broker = paper_broker()
    order = traded(broker, buy("AAA", "1"))
    assert broker.cancel("main", order.order) == order


def test_every_case_is_refused_for_its_own_reason_only() -> None:
    """The requests of the table fail by what they are named after: the same without it are taken."""
    sound: list[OrderRequest] = [buy("AAA", "1", "100.00"), buy("TINY", "1", "0.5101"), sell("AAA", "19"), sell("BBB", "7")]
    for request in sound:
        assert paper_broker().preview("main", request).request.quantity == request.quantity
