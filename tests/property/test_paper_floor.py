"""The paper broker, with its indexes and its log, against a book that is rebuilt whole with every step."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles import paper_book as oracle
from rebalkit.errors import BrokerError
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Lot, LotSale, OrderRequest, OrderState, Placed, Quote, Side
from rebalkit_paper import FillRules, PaperBroker, PaperSettings, create_book, open_book
from rebalkit_paper.book import Book, clock_of
from rebalkit_paper.days import advanced, with_quotes
from rebalkit_paper.store import change, opened, path_of

SYMBOLS = ("AAA", "BBB", "CCC")
ACCOUNTS = ("main", "ira")
MONDAY = dt.date(2025, 4, 7)
prices = st.sampled_from(["9.99", "10.00", "10.01", "25.00"]).map(Decimal)
whole = st.integers(1, 12).map(Decimal)


@st.composite
def books(draw: st.DrawFn, name: str) -> Book:
    accounts = []
    for account in ACCOUNTS:
        lots = tuple(
            Lot(
                f"lot{number}",
                draw(st.sampled_from(SYMBOLS)),
                draw(whole),
                draw(st.sampled_from([None, dt.date(2020, 1, 6), dt.date(2024, 7, 1)])),
                draw(st.sampled_from([None, "100.00", "33.333333333"])),
            )
            for number in range(draw(st.integers(0, 7)))
        )
        accounts.append(AccountSnapshot(account, AccountKind.TAXABLE, Cash(draw(st.integers(0, 900))), lots))
    quotes = {symbol: Quote(symbol, price, price) for symbol in SYMBOLS for price in [draw(prices)]}
    partial = draw(st.sampled_from(["1", "1", "0.5", "0.3"]))
    step = draw(st.sampled_from(["1", "0.000001"]))
    fills = FillRules("3.33", "1.00", "0.005", partial, (), step)
    return create_book(name, accounts, quotes, MONDAY, fills=fills, overwrite=True)


def request(draw: st.DrawFn, book: Book, account: str, number: int) -> OrderRequest:
    symbol = draw(st.sampled_from(SYMBOLS))
    limit = draw(st.none() | prices)
    lots = [lot for lot in book.account(account).lots if lot.symbol == symbol]
    # Now and then of a client id that was used before.
    client = f"c{draw(st.sampled_from([number] * 8 + [max(number - 1, 0)]))}"
    if not lots or draw(st.integers(0, 2)) == 0:
        return OrderRequest(client, Side.BUY, symbol, draw(whole | st.just(Decimal("1.5"))), (), limit)
    chosen = draw(st.lists(st.sampled_from(lots), unique_by=lambda lot: lot.lot, max_size=3))
    sales = tuple(LotSale(lot.lot, min(lot.quantity, draw(whole)) + draw(st.sampled_from([0] * 9 + [1]))) for lot in chosen)
    quantity = sum((sale.quantity for sale in sales), Decimal(0)) or draw(whole)
    return OrderRequest(client, Side.SELL, symbol, quantity, sales, limit)


def place(broker: PaperBroker, account: str, asked: OrderRequest) -> str:
    """The id of the order, or the code of the refusal."""
    try:
        preview = broker.preview(account, asked)
    except BrokerError as problem:
        return problem.code
    answer = broker.place(account, preview)
    assert isinstance(answer, Placed)
    return answer.order


def plain(book: Book) -> Book:
    return evolve(book, log=0)


def check_reads(broker: PaperBroker, book: Book) -> None:
    """Everything that can be asked for, derived from the whole book."""
    assert broker.now() == clock_of(book.today, book.counter)
    for account in ACCOUNTS:
        orders = [one for one in book.orders if one.account == account]
        for since in (dt.date.min, book.today):
            listed = broker.orders(account, since)
            assert [(one.order, one.state, one.filled) for one in listed] == [
                (one.order, one.state, one.filled) for one in orders if one.placed.date() >= since
            ]
            assert broker.transactions(account, since) == [
                one for one in book.transactions if one.account == account and one.date >= since
            ]
        whole = broker.snapshot(account)
        assert whole.lots == book.account(account).lots
        assert whole.cash == Cash(book.account(account).settled, book.account(account).unsettled)
        assert [one.order for one in whole.open_orders] == [one.order for one in orders if one.state is OrderState.OPEN]
        part = broker.part(account, ("CCC", "AAA", "none"))
        assert sorted(part.lots, key=whole.lots.index) == [lot for lot in whole.lots if lot.symbol in ("AAA", "CCC")]
        assert evolve(part, lots=whole.lots) == whole
        assert broker.part_transactions(account, ("AAA", "CCC")) == [
            one for one in book.transactions if one.account == account and one.symbol in ("AAA", "CCC")
        ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_the_indexed_book_is_the_plain_one_after_any_actions(data: st.DataObject) -> None:
    """In memory, and read from disk again after each action by a broker that knows nothing of it."""
    draw: Any = data.draw
    expected = draw(books("floor"))
    broker, other = PaperBroker(PaperSettings("floor")), PaperBroker(PaperSettings("floor"))
    for number in range(draw(st.integers(1, 12))):
        what = draw(st.sampled_from(["order"] * 6 + ["cancel", "price", "day", "fold", "torn", "other"]))
        if what == "order":
            account = draw(st.sampled_from(ACCOUNTS))
            asked = request(draw, expected, account, number)
            after = oracle.placed(expected, account, asked)
            answer = place(broker, account, asked)
            assert answer == (after if isinstance(after, str) else after.orders[-1].order)
            expected = expected if isinstance(after, str) else after
        elif what == "cancel" and expected.orders:
            one = draw(st.sampled_from(expected.orders))
            broker.cancel(one.account, one.order)
            expected = oracle.cancelled(expected, one.order)
        elif what == "price":
            quote = Quote(draw(st.sampled_from(SYMBOLS)), Decimal(8), draw(prices), expected.today)
            change("floor", lambda book, quote=quote: with_quotes(book, [quote]))
            expected = oracle.with_quotes(expected, [quote])
        elif what == "day":
            to = expected.today + dt.timedelta(days={4: 3}.get(expected.today.weekday(), 1))
            change("floor", lambda book, to=to: advanced(book, to))
            expected = oracle.advanced(expected, to)
        elif what == "fold":
            change("floor", lambda book: book)
        elif what == "torn":
            log = opened("floor").log
            log.write_bytes((log.read_bytes() if log.exists() else b"") + b'{"action":{"acc')
        else:
            broker, other = other, broker
        assert plain(broker.book) == plain(expected)
        assert plain(open_book("floor")) == plain(expected)
        check_reads(broker, expected)
    assert sorted(path.suffix for path in path_of("floor").parent.glob("floor*") if path.suffix != ".log") == [".json", ".lock"]
