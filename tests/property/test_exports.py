"""Exports of brokers: what is written in a layout comes back, and whatever a file holds, it is read or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import READERS, SCHWAB, etrade, fidelity, legacy, read, schwab
from rebalkit.brokers.exports.text import decoded
from rebalkit.errors import DataError
from rebalkit.model import Action, HistoryRows, Transaction

SAMPLES = sorted((Path(__file__).parents[1] / "export_files").glob("*.csv"))
BYTES = {path.name: path.read_bytes() for path in SAMPLES}
CENT = Decimal("0.01")

symbols = st.sampled_from(["VTI", "VXUS", "BRK.B", "A"])
days = st.dates(dt.date(2001, 1, 1), dt.date(2030, 12, 31))
prices = st.decimals("0.01", "5000", places=4)
quantities = st.decimals("0.001", "20000", places=3)
fees = st.decimals("0", "20", places=2)


@st.composite
def trades(draw: st.DrawFn) -> Transaction:
    action = draw(st.sampled_from([Action.BUY, Action.SELL, Action.REINVEST, Action.RECEIVE, Action.DELIVER]))
    quantity = draw(quantities)
    if action in (Action.RECEIVE, Action.DELIVER):
        return Transaction("", draw(days), action, draw(symbols), quantity)
    price, cost = draw(prices), draw(fees) if action is not Action.REINVEST else Decimal(0)
    made = Transaction("", draw(days), action, draw(symbols), quantity, price, cost)
    # The amount to the cent must leave something after fees, or it is no trade.
    return made if abs(amount(made)) > cost + CENT and quantity * price > cost + CENT else draw(trades())


def amount(one: Transaction) -> Decimal:
    assert one.price is not None
    gross = one.quantity * one.price
    exact = gross - one.fees if one.action is Action.SELL else -(gross + one.fees)
    return exact.quantize(CENT, ROUND_HALF_EVEN)


def signed(one: Transaction) -> Decimal:
    return -one.quantity if one.action in (Action.SELL, Action.DELIVER) else one.quantity


def cells(one: Transaction) -> tuple[str, str, str]:
    """Quantity with its sign, price and amount."""
    if one.price is None:
        return str(signed(one)), "", ""
    return str(signed(one)), str(one.price), str(amount(one))


def as_schwab(history: list[Transaction]) -> str:
    words = {
        "buy": "Buy",
        "sell": "Sell",
        "reinvest": "Reinvest Shares",
        "receive": "Journaled Shares",
        "deliver": "Security Transfer",
    }
    lines = [
        schwab(
            (one.date.strftime("%m/%d/%Y"), words[one.action], one.symbol.replace(".", "/"), *cells(one)), fees=f"${one.fees}"
        ).splitlines()
        for one in history
    ]
    return "\n".join([*schwab().splitlines(), *(row for _, row in lines)])


def as_etrade(history: list[Transaction]) -> str:
    words = {"buy": "Bought", "sell": "Sold", "reinvest": "Dividend Reinvestment", "receive": "Transfer", "deliver": "Transfer"}
    return etrade(
        *(
            f"{one.date:%m/%d/%y},{one.date:%m/%d/%y},--,{words[one.action]},AN ETF,{one.symbol},--,"
            f"{quantity},{price or '--'},{dollars},{one.fees},--,--"
            for one in history
            for quantity, price, dollars in [cells(one)]
        )
    )


def as_legacy(history: list[Transaction]) -> str:
    words = {"buy": "Bought", "sell": "Sold", "reinvest": "Dividend", "receive": "Transfer", "deliver": "Transfer"}
    return legacy(
        *(
            f"{one.date:%m/%d/%y},{words[one.action]},EQ,{one.symbol},{quantity},{dollars or 0},{price or 0},{one.fees},AN ETF"
            for one in history
            for quantity, price, dollars in [cells(one)]
        )
    )


def as_fidelity(history: list[Transaction]) -> str:
    words = {
        "buy": "YOU BOUGHT", "sell": "YOU SOLD", "reinvest": "REINVESTMENT", "receive": "TRANSFER OF ASSETS", "deliver": "TRANSFERRED TO",
    }  # fmt: skip
    return fidelity(
        *(
            f'{one.date:%m/%d/%Y},,,"{words[one.action]} AN ETF ({one.symbol}) (Cash)", {one.symbol},AN ETF,Cash,0,,USD,'
            f"{price},{quantity},0,{one.fees},,,{dollars},"
            for one in history
            for quantity, price, dollars in [cells(one)]
        )
    )


WRITERS: dict[str, Callable[[list[Transaction]], str]] = {
    SCHWAB: as_schwab,
    "etrade-history": as_etrade,
    "etrade-legacy-history": as_legacy,
    "fidelity-history": as_fidelity,
}


@pytest.mark.parametrize("name", WRITERS)
@given(history=st.lists(trades(), max_size=12))
def test_what_is_written_comes_back(name: str, history: list[Transaction]) -> None:
    """Oldest first, as it was before the broker turned it round, with the figures as printed."""
    history.sort(key=lambda one: one.date)
    text = WRITERS[name](history[::-1])
    assert [reader for reader, one in READERS.items() if one.recognises(text)] == [name]
    rows = read(text, name)
    assert list(rows.transactions) == history
    assert not rows.ignored


@given(
    name=st.sampled_from(sorted(BYTES)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["set", "insert", "drop"]), st.integers(0, 255)), max_size=6),
)
def test_spoiled_bytes_are_read_or_refused(name: str, changes: list[tuple[float, str, int]]) -> None:
    data = bytearray(BYTES[name])
    for where, how, byte in changes:
        place = int(where * (len(data) - 1))
        data[place : place + (how != "insert")] = b"" if how == "drop" else bytes([byte])
    try:
        text = decoded(bytes(data), name)
    except DataError:
        return
    refused_or_read(text)


@given(
    name=st.sampled_from(sorted(BYTES)),
    changes=st.lists(
        st.tuples(
            st.integers(0, 40),
            st.integers(0, 20),
            st.sampled_from(["", "--", "0", "-1", "1e9", "(2)", "9" * 12, "NaN", "VTI", "1:3", "02/30/2025", "13/01/25"]),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_spoiled_cells_are_read_or_refused(name: str, changes: list[tuple[int, int, str]]) -> None:
    lines = [line.split(",") for line in BYTES[name].decode().splitlines()]
    for row, column, text in changes:
        chosen = lines[row % len(lines)]
        chosen[column % len(chosen)] = text
    refused_or_read("\n".join(",".join(cells) for cells in lines))


@given(name=st.sampled_from(sorted(BYTES)), keep=st.floats(0, 1))
def test_a_file_cut_off_anywhere_loses_no_row_unnoticed(name: str, keep: float) -> None:
    """Cut inside a row, the file is refused; at a line's end, the rows before it are there."""
    text = BYTES[name].decode()
    cut = text[: int(keep * len(text))]
    for reader in READERS.values():
        if not reader.recognises(cut):
            continue
        try:
            rows = reader.read(cut, "file.csv")
        except DataError:
            continue
        whole = reader.read(text, "file.csv")
        # Newest first: what is there is the newest part, and nothing in it has changed.
        count = len(rows.transactions)
        assert rows.transactions == whole.transactions[len(whole.transactions) - count :]


def refused_or_read(text: str) -> None:
    for reader in READERS.values():
        if not reader.recognises(text):
            continue
        try:
            rows = reader.read(text, "file.csv")
        except DataError:
            continue
        check(rows)


def check(rows: HistoryRows) -> None:
    """What every history keeps to, whatever it was read from."""
    assert list(rows.transactions) == sorted(rows.transactions, key=lambda one: one.date)
    for one in rows.transactions:
        assert one.quantity > 0
        assert one.fees >= 0
        assert (one.price is None) == (one.action in (Action.RECEIVE, Action.DELIVER, Action.SPLIT))
        assert one.price is None or one.price > 0
