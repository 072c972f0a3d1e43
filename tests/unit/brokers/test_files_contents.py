"""Folders as a whole: what is read, and that everything wrong is said at once, with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from rebalkit.brokers.files import Contents, read_folder
from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Action, Cash, Lot, Quote, Transaction

Read = Callable[..., Contents]
TODAY = dt.date(2025, 4, 8)
LOTS = "account,lot,symbol,quantity,acquired,cost\n"
TRANSACTIONS = "account,date,action,symbol,quantity,price,fees\n"


def problems(read: Read, **files: str | bytes) -> list[tuple[str, str]]:
    """Place and code of every problem of the folder."""
    with pytest.raises(DataError) as caught:
        read(**files)
    return [(one.place, one.code) for one in caught.value.problems]


def only_problem(read: Read, **files: str | bytes) -> DataError:
    with pytest.raises(DataError) as caught:
        read(**files)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value


def test_a_folder(read: Read) -> None:
    contents = read()
    main, ira = contents.accounts
    assert (main.account, main.kind, main.cash) == ("main", AccountKind.TAXABLE, Cash("1000"))
    assert main.lots == (Lot("a", "VOO", "10", dt.date(2024, 3, 1), "4700"),)
    assert (ira.kind, ira.cash, ira.lots) == (AccountKind.ROTH, Cash("0"), (Lot("a", "BND", "2.5", None, None),))
    assert contents.quotes == {"VOO": Quote("VOO", "470.25", "470.25"), "BND": Quote("BND", "72.10", "72.10")}
    assert contents.transactions == (Transaction("main", dt.date(2024, 3, 1), Action.BUY, "VOO", "10", "470", "0"),)
    assert contents.history_from == {}
    assert contents.notes == ()


def test_optional_columns(read: Read) -> None:
    contents = read(
        accounts="account,kind,cash,history_from,reinvests\nmain,taxable,1,2024-01-02,VOO BND\nira,ira,1,,\n",
        prices="symbol,bid,ask,date\nVOO,470,470.5,2025-04-07\nBND,72,72,\n",
        transactions=TRANSACTIONS.strip() + ",order,lot\nmain,2024-03-01,buy,VOO,10,470,1.5,77,a\n",
    )
    assert contents.history_from == {"main": dt.date(2024, 1, 2)}
    assert [one.reinvests for one in contents.accounts] == [("VOO", "BND"), ()]
    assert contents.quotes["VOO"] == Quote("VOO", "470", "470.5", dt.date(2025, 4, 7))
    assert contents.quotes["BND"].date is None
    assert (contents.transactions[0].order, contents.transactions[0].lot, contents.transactions[0].fees) == (
        "77",
        "a",
        Decimal("1.5"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(read: Read, encoding: str, end: str) -> None:
    text = 'account,kind,cash\n"Jürgen",taxable,"1,234.50"\nmain,ira,0\nira,ira,0\n'
    assert read(accounts=text.replace("\n", end).encode(encoding)).accounts[0].cash == Cash("1234.5")


def test_what_is_harmless_is_read(read: Read) -> None:
    """Titles in any case, spaces around cells, blank lines, rows of empty cells, no line end after the last row."""
    contents = read(
        lots=" Account , LOT,symbol,Quantity,acquired,cost\n\n main , a , VOO , 10 ,2024-03-01,$4700\n,,,,,\n  \nira,a,BND,1,,"
    )
    assert [len(one.lots) for one in contents.accounts] == [1, 1]


def test_no_lots_are_no_problem_but_no_accounts_and_no_prices_are(read: Read) -> None:
    assert read(lots=LOTS, transactions=TRANSACTIONS).accounts[0].lots == ()
    assert problems(read, accounts="account,kind,cash\n", prices="symbol,price\n", transactions=TRANSACTIONS) == [
        ("me/accounts.csv:2", "no_rows"),
        ("me/prices.csv:2", "no_rows"),
    ]


def test_f100_history_is_optional_and_its_absence_is_said(read: Read, folder: Path) -> None:
    (folder / "transactions.csv").unlink()
    contents = read()
    assert contents.transactions == ()
    assert contents.notes == ("me/transactions.csv: there is no such file; the wash-sale rule sees no earlier trade",)


def test_ignored_columns_are_said(read: Read) -> None:
    notes = read(prices="symbol,name,price,dat,\nVOO,Vanguard,1,x,\n").notes
    assert notes == ("me/prices.csv: ignored columns 'name', 'dat' (did you mean date?)",)


def test_transactions_are_by_date_and_keep_the_order_of_the_file_within_one(read: Read) -> None:
    rows = "main,2024-03-02,sell,VOO,1,470,\nira,2024-03-01,buy,BND,2,72,\nmain,2024-03-02,buy,VOO,3,470,\nmain,2024-03-01,buy,VOO,4,470,\n"
    assert [int(one.quantity) for one in read(transactions=TRANSACTIONS + rows).transactions] == [2, 4, 1, 3]


def test_transfers_and_splits_need_no_price(read: Read) -> None:
    rows = "main,2024-03-01,receive,VOO,1,,\nmain,2024-03-01,deliver,VOO,1,470,\nmain,2024-03-01,split,VOO,0.333333333333,,\n"
    contents = read(transactions=TRANSACTIONS + rows)
    assert [one.price for one in contents.transactions] == [None, Decimal(470), None]
    assert contents.transactions[2].quantity == Decimal("0.333333333333")


@pytest.mark.parametrize("action", ["buy", "sell", "reinvest", "vest"])
def test_trades_need_a_price(read: Read, action: str) -> None:
    error = only_problem(read, transactions=f"{TRANSACTIONS}main,2024-03-01,{action},VOO,1,,\n")
    assert (error.place, error.code) == ("me/transactions.csv:2, column price", "empty_cell")


def test_received_shares_have_a_basis_and_the_day_on_which_they_were_acquired(read: Read) -> None:
    header = TRANSACTIONS.strip() + ",acquired\n"
    received, bought = read(
        transactions=f"{header}main,2024-03-01,receive,VOO,1,310.5,,2019-05-06\nmain,2024-03-01,buy,VOO,1,470,,\n"
    ).transactions
    assert (received.price, received.acquired, bought.acquired) == (Decimal("310.5"), dt.date(2019, 5, 6), None)


@pytest.mark.parametrize("row", ["buy,VOO,1,470,,2024-03-01", "deliver,VOO,1,,,2020-01-02", "receive,VOO,1,,,2024-03-02"])
def test_nothing_else_is_acquired_on_another_day_and_nothing_later(read: Read, row: str) -> None:
    error = only_problem(read, transactions=f"{TRANSACTIONS.strip()},acquired\nmain,2024-03-01,{row}\n")
    assert (error.place, error.code) == ("me/transactions.csv:2, column acquired", "bad_date")


def test_all_problems_of_all_files_at_once(read: Read) -> None:
    assert problems(
        read,
        accounts="account,kind,cash\nmain,taxible,1.005\nira,ira,0\n",
        lots=LOTS + "main,a,voo,0,01/02/2024,-1\nira,b,BND,x,2024-02-30,\n",
        prices="symbol,price\nVOO,0\n",
        transactions=TRANSACTIONS + "main,2025-04-09,bye,VOO,-1,1,-1\n",
    ) == [
        ("me/accounts.csv:2, column kind", "unknown_word"),
        ("me/accounts.csv:2, column cash", "too_fine"),
        ("me/lots.csv:2, column symbol", "bad_symbol"),
        ("me/lots.csv:2, column quantity", "bad_number"),
        ("me/lots.csv:2, column acquired", "bad_date"),
        ("me/lots.csv:2, column cost", "bad_number"),
        ("me/lots.csv:3, column quantity", "bad_number"),
        ("me/lots.csv:3, column acquired", "bad_date"),
        ("me/prices.csv:2, column price", "bad_number"),
        ("me/transactions.csv:2, column date", "from_the_future"),
        ("me/transactions.csv:2, column action", "unknown_word"),
        ("me/transactions.csv:2, column quantity", "bad_number"),
        ("me/transactions.csv:2, column fees", "bad_number"),
    ]


def test_a_column_that_is_wrong_throughout_does_not_fill_the_screen(read: Read) -> None:
    with pytest.raises(DataError) as caught:
        read(lots=LOTS + "".join(f"main,{i},VOO,1,x,1\n" for i in range(500)), prices="symbol,price\nVOO,x\n")
    said = str(caught.value).splitlines()
    assert said[0] == "501 problems:"
    assert len(said) == 1 + 20 + 1 + 1
    assert "480 more problems" in said[21]
    assert "prices.csv:2" in said[22]


def test_line_numbers_count_blank_lines_and_lines_within_quotes(read: Read) -> None:
    lots = LOTS + '\n"main\n",a,VOO,1,,\n\nmain,b,VOO,x,,\n'
    assert problems(read, lots=lots) == [("me/lots.csv:6, column quantity", "bad_number")]


@pytest.mark.parametrize(
    ("files", "place", "code", "said"),
    [
        ({"accounts": ""}, "me/accounts.csv", "no_header", "The first line is account,kind,cash."),
        ({"lots": "\n \n"}, "me/lots.csv", "no_header", "empty"),
        ({"prices": "symbol,prices\nVOO,1\n"}, "me/prices.csv:1", "missing_column", "Rename 'prices' to price"),
        ({"prices": "symbol,bid\nVOO,1\n"}, "me/prices.csv:1", "missing_column", "no column ask, only 'symbol', 'bid'"),
        ({"prices": "symbol\nVOO\n"}, "me/prices.csv:1", "missing_column", "price or bid and ask"),
        ({"prices": "\n\nsymbol,cost\n"}, "me/prices.csv:3", "missing_column", "price or bid and ask"),
        ({"prices": "symbol,price,Price\nVOO,1,1\n"}, "me/prices.csv:1", "duplicate_column", "'price'"),
        ({"prices": "symbol,price\nVOO,1,2\n"}, "me/prices.csv:2", "bad_row", "3 cells where the header has 2"),
        ({"prices": "symbol,price\nVOO\n"}, "me/prices.csv:2", "bad_row", "1 cell where the header has 2"),
        ({"prices": "symbol,price,\nVOO,1,2\n"}, "me/prices.csv:2", "bad_row", "without a name"),
        ({"prices": "symbol,price\nVOO,\n"}, "me/prices.csv:2, column price", "empty_cell", "left out"),
        ({"prices": "symbol,price\n,1\n"}, "me/prices.csv:2, column symbol", "empty_cell", "Ticker in capitals"),
        ({"prices": "symbol,price\nVOO,1\nVOO,1\n"}, "me/prices.csv:3, column symbol", "duplicate_price", "in line 2"),
        ({"prices": "symbol,price\nVOO,x\nVOO,1\nVOO,1\n"}, "me/prices.csv:2, column price", "bad_number", "'x'"),
        ({"prices": "symbol,bid,ask\nVOO,2,1\n"}, "me/prices.csv:2, column ask", "bad_quote", "swapped"),
        ({"prices": "symbol,bid,ask\nVOO,2,\n"}, "me/prices.csv:2, column ask", "empty_cell", "bid and ask"),
        ({"prices": "symbol,price,bid,ask\nVOO,2,2,2\n"}, "me/prices.csv:2, column price", "ambiguous_price", "either"),
        ({"prices": "symbol,price,bid\nVOO,2,2\n"}, "me/prices.csv:2, column price", "ambiguous_price", "either"),
        ({"prices": 'symbol,price\n"VOO,1\n'}, "me/prices.csv:2", "bad_row", "quotation marks do not match"),
        ({"prices": 'symbol,price\n"VOO"x,1\n'}, "me/prices.csv:2", "bad_row", "quotation marks do not match"),
        ({"prices": f"symbol,price\n{'9' * 200_000},1\n"}, "me/prices.csv:2", "bad_row", "more than 131072 characters"),
        ({"prices": b"symbol,price\nVOO,1\n\xe9,1\n"}, "me/prices.csv:3", "bad_encoding", "CSV UTF-8"),
        ({"prices": b"symbol,price\nV\0O,1\n"}, "me/prices.csv:2", "bad_encoding", "NUL"),
        ({"prices": "symbol,price\n".encode("utf-16-le")}, "me/prices.csv:1", "bad_encoding", "NUL"),
        ({"prices": b"\xff\xfes\0x"}, "me/prices.csv", "bad_encoding", "not UTF-16"),
        ({"prices": "symbol;price\nVOO;1\n"}, "me/prices.csv:1", "missing_column", "commas between the cells, not ';'"),
        (
            {"accounts": "account,kind,cash\nmain,ira,\nira,ira,\nmain,ira,\n"},
            "me/accounts.csv:4, column account",
            "duplicate_account",
            "2",
        ),
        ({"lots": LOTS + "main,a,VOO,1,,\nmain,a,BND,1,,\n"}, "me/lots.csv:3, column lot", "duplicate_lot", "in line 2"),
        ({"lots": LOTS + "mian,a,VOO,1,,\n"}, "me/lots.csv:2, column account", "unknown_account", "Did you mean main?"),
        ({"lots": LOTS + "main,a,VOO,1,2025-04-09,\n"}, "me/lots.csv:2, column acquired", "from_the_future", "2025-04-08"),
        ({"lots": LOTS + "main,,VOO,1,,\n"}, "me/lots.csv:2, column lot", "empty_cell", "unique in its account"),
        (
            {"transactions": TRANSACTIONS + "x,2024-03-01,buy,VOO,1,1,\n"},
            *("me/transactions.csv:2, column account", "unknown_account", "is not in accounts.csv"),
        ),
        (
            {"transactions": TRANSACTIONS + "main,2024-03-01,buy,VOO,0.0000001,1,\n"},
            *("me/transactions.csv:2, column quantity", "too_fine", "millionth"),
        ),
        (
            {"transactions": "account,date,action,symbol,quantity,price\nmain,2024-03-01,buy,VOO,1,1\n"},
            *("me/transactions.csv:1", "missing_column", "no column fees"),
        ),
    ],
)
def test_one_problem(read: Read, files: dict[str, str | bytes], place: str, code: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(**files)
    first = caught.value.problems[0]
    assert (first.place, first.code) == (place, code)
    assert said in str(first)


def test_a_header_of_very_many_columns_is_refused_in_time(read: Read) -> None:
    """It would take hours if every title were compared with every other."""
    error = only_problem(read, prices="price," + ",".join(f"c{i}" for i in range(300_000)))
    assert error.code == "missing_column"
    assert len(str(error)) < 500


def test_several_problems_of_a_header(read: Read) -> None:
    assert problems(read, lots="account,lots,symbol,shares,acquired,cost\n") == [("me/lots.csv:1", "missing_column")] * 2


@pytest.mark.parametrize(
    "accounts", ["account,kind\nmain,ira\n", 'account,kind,cash\nmain,ira,\n"', "account,kind,cash\n\x07,ira,\n", b"\xff"]
)
def test_accounts_that_could_not_be_read_are_not_called_unknown(read: Read, accounts: str | bytes) -> None:
    """One mistake in accounts.csv gives one problem, not another for each lot."""
    assert [place for place, _ in problems(read, accounts=accounts) if "lots" in place] == []


def test_an_account_with_a_bad_cell_is_still_known(read: Read) -> None:
    assert problems(read, accounts="account,kind,cash\nmain,ira,x\nira,ira,\n") == [
        ("me/accounts.csv:2, column cash", "bad_number")
    ]


def test_price_and_bid_ask_may_share_a_file_row_by_row(read: Read) -> None:
    quotes = read(prices="symbol,price,bid,ask\nVOO,470,,\nBND,,72,72.5\n").quotes
    assert quotes == {"VOO": Quote("VOO", "470", "470"), "BND": Quote("BND", "72", "72.5")}


def test_missing_files_at_once(read: Read, folder: Path) -> None:
    for name in ("accounts", "lots", "prices", "transactions"):
        (folder / f"{name}.csv").unlink()
    (folder / "Prices.csv.txt").touch()
    (folder / "transactions.csv.csv").touch()
    with pytest.raises(DataError) as caught:
        read()
    assert {one.code for one in caught.value.problems} == {"missing_file"}
    assert [one.place for one in caught.value.problems] == [
        *("me/accounts.csv", "me/lots.csv", "me/prices.csv", "me/transactions.csv"),
    ]
    assert "but 'Prices.csv.txt'. Rename it to prices.csv." in str(caught.value)


def test_a_folder_in_place_of_a_file(read: Read, folder: Path) -> None:
    (folder / "lots.csv").unlink()
    (folder / "lots.csv").mkdir()
    assert only_problem(read).code == "not_a_file"


def test_a_file_that_may_not_be_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError) as caught:
        read_folder("me", TODAY)
    assert len(caught.value.problems) == 4
    assert "me/lots.csv: the file cannot be read: Permission denied. Check its permissions." in str(caught.value)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "missing_folder"),
        ("  ", "missing_folder"),
        ("nowhere", "missing_folder"),
        ("me/lots.csv", "not_a_folder"),
        ("a\0b", "unreadable"),
        ("x" * 5000, "unreadable"),
        ("~nobody-of-this-name/x", "unreadable"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_no_folder(path: str, code: str) -> None:
    with pytest.raises(DataError) as caught:
        read_folder(path, TODAY)
    assert caught.value.code == code
    assert caught.value.place


def test_the_home_folder_has_a_short_name(folder: Path, home: Path) -> None:
    folder.rename(home / "me")
    assert len(read_folder("~/me", TODAY).accounts) == 2
    (home / "me" / "prices.csv").write_text("", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_folder("~/me", TODAY)
    assert caught.value.place == "~/me/prices.csv"
