"""What orders do to lots and cash, to the cent; worked by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from paper_books import LOTS, NAME, TUESDAY, buy, paper_broker, sell, traded
from rebalkit.errors import DataError
from rebalkit.model import Action, Cash, LotSale, OpenOrder, OrderState, Quote, Side, Transaction
from rebalkit_paper import PaperBroker
from rebalkit_paper.cash import deposited
from rebalkit_paper.days import advanced, with_quotes
from rebalkit_paper.store import change

WEDNESDAY = dt.date(2025, 4, 9)
D = Decimal


def advance(to: dt.date, *quotes: Quote) -> None:
    change(NAME, lambda book: advanced(book, to, quotes))


def move(symbol: str, bid: str, ask: str) -> None:
    change(NAME, lambda book: with_quotes(book, [Quote(symbol, D(bid), D(ask), book.today)]))


def lot(broker: PaperBroker, name: str) -> tuple[Decimal, Decimal | None]:
    found = next(one for one in broker.snapshot("main").lots if one.lot == name)
    return found.quantity, found.cost


def test_a_purchase_fills_at_the_ask_and_makes_a_lot_with_its_fees() -> None:
    broker = paper_broker(fee_per_order=D("1.00"), fee_per_share=D("0.005"))
    order = traded(broker, buy("AAA", "3"))
    assert (order.state, order.average_price, order.fees) == (
        OrderState.FILLED,
        D(100),
        D("1.02"),
    )  # 0.015 rounds to the even 0.02
    assert broker.snapshot("main").cash == Cash(D("698.98"))
    assert lot(broker, order.order) == (D(3), D("301.02"))
    bought = next(one for one in broker.snapshot("main").lots if one.lot == order.order)
    assert bought.acquired == TUESDAY
    assert broker.transactions("main", TUESDAY) == [
        Transaction("main", TUESDAY, Action.BUY, "AAA", D(3), D(100), D("1.02"), order.order, order.order)
    ]


def test_a_sale_fills_at_the_bid_and_settles_on_the_next_day() -> None:
    broker = paper_broker(fee_per_order=D("1.00"))
    order = traded(broker, sell("AAA", "5", lots={"old": "5"}))
    assert (order.average_price, order.lots) == (D(99), (LotSale("old", D(5)),))
    assert broker.snapshot("main").cash == Cash(D("1000.00"), D("494.00"))
    assert "old" not in {one.lot for one in broker.snapshot("main").lots}
    advance(WEDNESDAY)
    assert broker.snapshot("main").cash == Cash(D("1494.00"))


def test_a_weekend_is_no_time_for_settling() -> None:
    broker = paper_broker(today=dt.date(2025, 4, 17))  # the Thursday before Good Friday
    traded(broker, sell("AAA", "1"))
    for day in (18, 19, 20):
        advance(dt.date(2025, 4, day))
        assert broker.snapshot("main").cash.unsettled == 99
    advance(dt.date(2025, 4, 21))
    assert broker.snapshot("main").cash == Cash(D("1099.00"))


def test_a_part_of_a_lot_takes_its_part_of_the_cost() -> None:
    broker = paper_broker()
    traded(
        broker,
        sell(
            "AAA",
            "3",
            lots={
                "old": "3",
            },
        ),
    )
    assert lot(broker, "old") == (D(2), D("120.004"))  # of 300.01, without losing the last part of a cent
    traded(broker, sell("AAA", "1", lots={"strange": "1"}))
    assert lot(broker, "strange") == (D(3), None)


def test_a_sale_without_lots_takes_the_oldest_first_and_unknown_dates_last() -> None:
    broker = paper_broker()
    assert traded(broker, sell("AAA", "17")).lots == (LotSale("old", D(5)), LotSale("new", D(10)), LotSale("strange", D(2)))


def test_the_fees_of_a_sale_are_spread_over_its_lots() -> None:
    broker = paper_broker(fee_per_order=D("1.00"))
    traded(broker, sell("AAA", "3", lots={"new": "2", "old": "1"}))
    sold = broker.transactions("main", TUESDAY)
    assert [(one.lot, one.quantity, one.price, one.fees) for one in sold] == [
        ("new", D(2), D(99), D("0.67")),
        ("old", D(1), D(99), D("0.33")),
    ]


def test_slippage_makes_both_sides_worse_but_never_beyond_the_limit() -> None:
    broker = paper_broker(slippage_bp=D(50))
    assert traded(broker, buy("AAA", "1")).average_price == D("100.5")
    assert traded(broker, buy("AAA", "1", "100.20")).average_price == D("100.2")
    assert traded(broker, sell("AAA", "1")).average_price == D("98.505")
    assert traded(broker, sell("AAA", "1", "98.80")).average_price == D("98.8")


def test_purchases_spend_settled_cash_before_proceeds() -> None:
    broker = paper_broker(cash="150.00")
    traded(broker, sell("AAA", "2"))
    traded(broker, buy("AAA", "1"))
    assert broker.snapshot("main").cash == Cash(D("50.00"), D("198.00"))
    preview = broker.preview("main", buy("AAA", "1"))
    assert "good faith violation" in preview.warnings[0]
    broker.place("main", preview)
    assert broker.snapshot("main").cash == Cash(D("0.00"), D("148.00"))


def test_a_limit_out_of_reach_waits_until_the_price_comes() -> None:
    broker = paper_broker()
    request = buy("AAA", "2", "95.00")
    assert "would wait" in broker.preview("main", request).warnings[0]
    order = traded(broker, request)
    assert (order.state, order.filled, order.average_price) == (OrderState.OPEN, 0, None)
    assert broker.snapshot("main").open_orders == (OpenOrder(order.order, Side.BUY, "AAA", D(2), D("95.00")),)
    move("AAA", "95.50", "96.00")
    assert broker.snapshot("main").open_orders
    move("AAA", "93.00", "94.00")
    assert broker.orders("main", TUESDAY)[0].average_price == 94
    assert not broker.snapshot("main").open_orders


def test_what_is_open_when_the_day_ends_expires() -> None:
    broker = paper_broker()
    traded(broker, sell("AAA", "2", "150.00"))
    advance(WEDNESDAY, Quote("AAA", D(200), D(200), WEDNESDAY))
    assert [one.state for one in broker.orders("main", TUESDAY)] == [OrderState.EXPIRED]
    assert sum(one.quantity for one in broker.snapshot("main").lots if one.symbol == "AAA") == 19
    assert broker.orders("main", WEDNESDAY) == []


def test_the_rest_of_a_partial_fill_comes_with_the_end_of_its_day() -> None:
    broker = paper_broker(partial=D("0.4"), fee_per_order=D("1.00"))
    order = traded(broker, buy("AAA", "6"))
    assert (order.state, order.filled, order.fees) == (OrderState.OPEN, 2, D("1.00"))
    move("AAA", "89.00", "90.00")
    assert broker.orders("main", TUESDAY)[0].filled == 2
    advance(WEDNESDAY, Quote("AAA", D(200), D(200), WEDNESDAY))
    order = broker.orders("main", TUESDAY)[0]
    assert (order.state, order.filled, order.fees) == (OrderState.FILLED, 6, D("1.00"))
    assert order.average_price == D("93.333333333")
    assert lot(broker, order.order) == (D(6), D("561.00"))
    assert [(one.date, one.quantity, one.price) for one in broker.transactions("main", TUESDAY)] == [
        (TUESDAY, D(2), D(100)),
        (TUESDAY, D(4), D(90)),
    ]


def test_what_is_left_of_a_cancelled_partial_fill_never_fills() -> None:
    broker = paper_broker(partial=D("0.5"))
    order = traded(broker, sell("AAA", "4", lots={"old": "3", "new": "1"}))
    order = broker.cancel("main", order.order)
    assert (order.state, order.filled, order.lots) == (OrderState.CANCELLED, 2, (LotSale("old", D(2)),))
    advance(WEDNESDAY)
    assert broker.orders("main", TUESDAY) == [order]
    assert lot(broker, "old")[0] == 3


def test_a_rest_that_the_cash_does_not_pay_any_more_expires() -> None:
    broker = paper_broker(partial=D("0.5"))
    traded(broker, buy("AAA", "10"))
    move("AAA", "120.00", "121.00")
    advance(WEDNESDAY)
    order = broker.orders("main", TUESDAY)[0]
    assert (order.state, order.filled) == (OrderState.EXPIRED, 5)
    assert broker.snapshot("main").cash == Cash(D("500.00"))


def test_at_least_a_share_fills_at_once() -> None:
    assert traded(paper_broker(partial=D("0.1")), buy("AAA", "3")).filled == 1
    assert traded(paper_broker(partial=D("0.5"), share_step=D("0.000001")), buy("AAA", "0.000003")).filled == D("0.000001")


def test_the_fills_of_an_order_are_rounded_to_the_cent_together() -> None:
    quotes = {"AAA": Quote("AAA", D("0.0625"), D("0.0625"))}
    broker = paper_broker(partial=D("0.5"), quotes=quotes)
    traded(broker, buy("AAA", "2"))  # 0.0625 rounds to 0.06, 0.125 to the even 0.12
    assert broker.snapshot("main").cash == Cash(D("999.94"))
    advance(WEDNESDAY)
    assert broker.snapshot("main").cash == Cash(D("999.88"))


def test_the_preview_says_what_the_order_then_does() -> None:
    broker = paper_broker(slippage_bp=D(10), fee_per_order=D("0.50"), fee_per_share=D("0.01"))
    for request in (buy("AAA", "3"), sell("AAA", "4"), buy("AAA", "2", "100.05"), sell("AAA", "2", "98.95")):
        before = broker.snapshot("main").cash.total
        preview = broker.preview("main", request)
        broker.place("main", preview)
        change_of_cash = broker.snapshot("main").cash.total - before
        assert preview.estimated == (change_of_cash if request.side is Side.SELL else -change_of_cash)
        assert preview.fees == broker.orders("main", TUESDAY)[-1].fees


def test_a_preview_writes_nothing_and_expires_with_the_session() -> None:
    broker = paper_broker(today=dt.date(2025, 7, 3))  # a half day
    request = sell("AAA", "1")
    preview = broker.preview("main", request)
    assert preview == broker.preview("main", request)
    assert preview.expires is not None
    assert preview.expires.isoformat() == "2025-07-03T13:00:00-04:00"


def test_a_negative_balance_can_be_sold_out_of_and_buys_nothing() -> None:
    broker = paper_broker(cash="-100.00")
    traded(broker, sell("AAA", "3"))
    assert broker.snapshot("main").cash == Cash(D("-100.00"), D("297.00"))
    traded(broker, buy("AAA", "1"))
    assert broker.snapshot("main").cash == Cash(D("-100.00"), D("197.00"))


def test_quotes_of_the_day_stand_for_the_next_and_older_ones_do_not() -> None:
    quotes = {
        "AAA": Quote("AAA", D(1), D(1), TUESDAY),
        "BBB": Quote("BBB", D(1), D(1), dt.date(2025, 4, 1)),
        "CCC": Quote("CCC", D(1), D(1)),
    }
    broker = paper_broker(quotes=quotes)
    advance(WEDNESDAY)
    dates = {symbol: quote.date for symbol, quote in broker.quotes(["AAA", "BBB", "CCC", "DDD"]).items()}
    assert dates == {"AAA": WEDNESDAY, "BBB": dt.date(2025, 4, 1), "CCC": WEDNESDAY}


def test_accounts_do_not_touch_each_other() -> None:
    broker = paper_broker()
    traded(broker, buy("BBB", "3"), "ira")
    assert broker.snapshot("main").cash == Cash(D("1000.00"))
    assert broker.snapshot("main").lots == LOTS
    assert broker.snapshot("ira").cash == Cash(D("470.00"))
    assert broker.orders("main", TUESDAY) == []
    assert broker.transactions("main", TUESDAY) == []
    assert [ref.account for ref in broker.accounts()] == ["main", "ira"]


@pytest.mark.parametrize(
    "settings", [{"slippage_bp": D(-1)}, {"fee_per_order": D("0.001")}, {"partial": D(0)}, {"share_step": D(2)}]
)
def test_settings_that_cannot_be(settings: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError):
        paper_broker(**settings)


def test_slippage_is_rounded_against_the_trader() -> None:
    tiny = Quote("AAA", D("0.0001"), D("0.0001"))
    broker = paper_broker(slippage_bp=D("3.33"), quotes={"AAA": tiny})  # 0.0001000333 and 0.0000999667, finer than a billionth
    traded(broker, buy("AAA", "1"))
    traded(broker, sell("AAA", "1"))
    assert [one.price for one in broker.transactions("main", TUESDAY)] == [D("0.000100034"), D("0.000099966")]


def test_cash_that_an_open_purchase_needs_cannot_be_withdrawn() -> None:
    broker = paper_broker()
    traded(broker, buy("AAA", "9", "98.00"))
    with pytest.raises(DataError, match=r"118\.00 USD are settled and free"):
        change(NAME, lambda book: deposited(book, "main", D("-118.01")))
    change(NAME, lambda book: deposited(book, "main", D("-118.00")))
    assert broker.snapshot("main").cash == Cash(D("882.00"))
