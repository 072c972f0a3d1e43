"""Whatever stands in the files: values or a DataError; and what was written is read as what it was."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.brokers.files.contents import Contents, understand
from rebalkit.brokers.files.folder import read_folder
from rebalkit.brokers.files.formats import FORMATS, Format
from rebalkit.brokers.files.writer import write_folder
from rebalkit.errors import DataError
from rebalkit.model import AccountKind, AccountSnapshot, Action, Cash, Lot, Quote, Transaction

TODAY = dt.date(2025, 4, 8)
PATHS = {format.file: f"me/{format.file}" for format in FORMATS}
FILES = {
    "accounts.csv": b'\xef\xbb\xbfaccount,kind,cash,history_from,reinvests\r\nmain,taxable,"$1,000.00",2024-01-01,VOO\r\nira,roth,(3),,\r\n',
    "lots.csv": b'account,lot,symbol,quantity,acquired,cost\nmain,"a ""1""",VOO,10,2024-03-01,4700.00\nira,a,BND,2.5,,\n',
    "prices.csv": "symbol,price,bid,ask,date\nVOO,470.25,,,2025-04-08\nBND,,72.10,72.11,\n".encode("utf-16"),
    "transactions.csv": b"account,date,action,symbol,quantity,price,fees,order\nmain,2024-03-01,buy,VOO,10,470.00,,7\n",
}

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda text: text.isprintable() and text == text.strip()
)
symbols = st.from_regex(r"[A-Z][A-Z0-9]{0,3}(?:\.[A-Z])?", fullmatch=True)
days = st.dates(dt.date(1900, 1, 1), TODAY)


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(least, most, places=places, allow_nan=False, allow_infinity=False)


shares = decimals("0.000001", "99999999", 6)
prices = decimals("0.000000001", "999999", 9)
amounts = decimals("0", "999999999", 9)


@st.composite
def folders(draw: st.DrawFn) -> Contents:
    """Everything that a folder can hold."""
    kinds = st.sampled_from(AccountKind)
    lots = st.builds(Lot, names, symbols, shares, st.none() | days, st.none() | amounts)
    account = st.builds(
        AccountSnapshot,
        account=names,
        kind=kinds,
        cash=st.builds(Cash, decimals("-9999999", "999999999", 2)),
        lots=st.lists(lots, max_size=5, unique_by=lambda lot: lot.lot).map(tuple),
        reinvests=st.lists(symbols, max_size=3, unique=True).map(tuple),
    )
    accounts = tuple(draw(st.lists(account, min_size=1, max_size=4, unique_by=lambda one: one.account)))
    quote = st.builds(
        lambda symbol, bid, spread, date: Quote(symbol, bid, bid + spread, date), symbols, prices, amounts, st.none() | days
    )
    quotes = {one.symbol: one for one in draw(st.lists(quote, min_size=1, max_size=5))}
    trade = st.builds(
        Transaction,
        account=st.sampled_from([one.account for one in accounts]),
        date=days,
        action=st.sampled_from(Action),
        symbol=symbols,
        quantity=shares,
        price=prices,
        fees=amounts,
        order=st.none() | names,
        lot=st.none() | names,
    )
    transfers = st.builds(evolve, trade, action=st.sampled_from([Action.RECEIVE, Action.DELIVER, Action.SPLIT]), price=st.none())
    older = st.builds(
        lambda one, days_held: evolve(
            one, action=Action.RECEIVE, acquired=max(one.date - dt.timedelta(days_held), dt.date(1900, 1, 1))
        ),
        trade,
        st.integers(0, 9999),
    )
    transactions = sorted(draw(st.lists(trade | transfers | older, max_size=6)), key=lambda one: one.date)
    history_from = draw(st.dictionaries(st.sampled_from([one.account for one in accounts]), days))
    return Contents(accounts, quotes, tuple(transactions), history_from)


@given(folders())
def test_what_is_written_is_read_as_it_was(contents: Contents) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "me"
        write_folder(folder, contents.accounts, contents.quotes, contents.transactions, contents.history_from)
        assert read_folder(str(folder), TODAY) == contents


def test_the_files_that_are_spoiled_below_are_good() -> None:
    contents = understand(FILES, PATHS, TODAY)
    assert contents.accounts[0].lots[0].lot == 'a "1"'
    assert contents.accounts[1].cash == Cash("-3")
    assert len(contents.quotes) == 2


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, bytes]:
    """The files with bytes replaced, cut out or put in, at one to eight places."""
    files = dict(FILES)
    pieces = st.binary(max_size=4) | st.sampled_from(
        [b",", b'"', b"\n", b"\r", b"\0", b"-", b"$", b"(", b"1e9", b"=", b"\xff\xfe", b"9" * 30]
    )
    for _ in range(draw(st.integers(1, 8))):
        file = draw(st.sampled_from(sorted(files)))
        data = files[file]
        start = draw(st.integers(0, len(data)))
        files[file] = data[:start] + draw(pieces) + data[start + draw(st.integers(0, 4)) :]
    return files


def read_or_refused(files: dict[str, bytes]) -> None:
    """Reads or gives problems that each have a place, a reason and a code; any other exception fails the test."""
    try:
        contents = understand(files, PATHS, TODAY)
    except DataError as error:
        for one in error.problems:
            assert one.place.startswith(tuple(PATHS.values()))
            assert one.reason
            assert one.code
            assert str(one).isprintable(), one
    else:
        assert contents.accounts
        assert all(lot.quantity > 0 for account in contents.accounts for lot in account.lots)
        assert all(quote.sane for quote in contents.quotes.values())


@given(spoiled())
def test_spoiled_files_are_read_or_refused_by_name(files: dict[str, bytes]) -> None:
    read_or_refused(files)


@given(st.fixed_dictionaries({file: st.binary(max_size=80) for file in PATHS}))
def test_noise_is_refused_by_name(files: dict[str, bytes]) -> None:
    with pytest.raises(DataError):
        understand(files, PATHS, TODAY)


cell = st.text(st.sampled_from("0123456789.,-$()eE/ '=aV\u00e9\u0663\u202e\t"), max_size=8)


@given(st.sampled_from(FORMATS), st.lists(st.lists(cell, min_size=5, max_size=9), max_size=4), st.booleans())
def test_odd_cells_are_read_or_refused_by_name(format: Format, rows: list[list[str]], quoted: bool) -> None:
    """Cells of the characters that numbers and dates are made of, in their columns."""
    header = [column.name for column in format.columns if column.name not in {"bid", "ask"}]
    lines = [",".join(header)]
    for row in rows:
        padded = (row + [""] * len(header))[: len(header)]
        lines.append(",".join(f'"{one}"' if quoted else one.replace(",", "") for one in padded))
    read_or_refused({**FILES, format.file: "\n".join(lines).encode()})
