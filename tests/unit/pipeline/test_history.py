"""Histories of households: whose file it is, how accounts are taxed, and what several files say together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from exports import etrade, fidelity, legacy, schwab
from rebalkit.brokers.files import FilesBroker, FilesSettings
from rebalkit.errors import DataError, UsageError
from rebalkit.model import AccountKind
from rebalkit.pipeline.history import Household, load_household, read_history
from rebalkit.pipeline.snapshot import take_snapshot
from rebalkit.pipeline.sources import FileSource, parse_source
from rebalkit.registry import Registry

TODAY = dt.date(2025, 4, 8)
REGISTRY = Registry.load(plugins=False, disabled=())
OWN = "account,date,action,symbol,quantity,price,fees\n"
BUY = schwab(("04/02/2025", "Buy", "VTI", "1", "$8", "-$8"))
TWO = fidelity(
    "03/18/2025,Joint,Z00001234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,",
    "03/17/2025,ROTH IRA,Y00005678,YOU BOUGHT VTV,VTV,VTV,Cash,0,,USD,9,1,0,,,,-9,",
)
SPLIT = schwab(("10/11/2024", "Stock Split", "SCHX", "60", "$23.10", ""), ("09/03/2024", "Buy", "SCHX", "30", "$66", "-$1980"))

Load = Callable[..., Household]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Writes files (name without .csv = text) into the working directory and loads what is asked for."""
    monkeypatch.chdir(tmp_path)

    def load_with(*paths: str, **files: str) -> Household:
        for name, text in files.items():
            Path(f"{name}.csv").write_text(text, encoding="utf-8")
        return load_household(REGISTRY, paths, TODAY)

    return load_with


def seen(household: Household) -> list[str]:
    return [f"{one.account} {one.date} {one.action} {one.symbol} {one.quantity}" for one in household.transactions]


def test_an_export_becomes_the_account_that_is_named(load: Load) -> None:
    household = load("main=a.csv", a=BUY)
    assert seen(household) == ["main 2025-04-02 buy VTI 1"]
    assert household.accounts == {"main": AccountKind.TAXABLE}


def test_its_kind_may_be_said_with_it(load: Load) -> None:
    assert load("mine:roth=a.csv", a=BUY).accounts == {"mine": AccountKind.ROTH}


def test_an_export_that_names_its_account_needs_no_name(load: Load) -> None:
    text = '"Transactions  for account Individual XXXX-4321 as of 04/08/2025 21:04:11 ET"\n' + BUY
    assert load("a.csv", a=text).accounts == {"Individual XXXX-4321": AccountKind.TAXABLE}


def test_one_account_under_two_names_is_not_split(load: Load) -> None:
    """A broker calls an account now by its nickname, now by its last digits. What one file bought must be there for the other to sell."""
    old = "For Account:,####1234\n\n" + legacy("04/01/25,Bought,EQ,VTI,1,-8,8,0,VANGUARD")
    new = "\n\nAccount Activity for Nest egg -1234 from 2025-04-02 to 2025-04-08\n\n" + etrade(
        "04/02/25,04/02/25,04/03/25,Sold,VANGUARD,VTI,--,-1,9,9,0.0,--,--"
    )
    with pytest.raises(
        DataError, match=r"b\.csv: 'Nest egg -1234' here and '1234' in a\.csv seem to be one account\. Say it: NAME="
    ):
        load("a.csv", "b.csv", a=old, b=new)
    assert load("main=a.csv", "main=b.csv").accounts == {"main": AccountKind.TAXABLE}
    assert set(load("main=a.csv", "other=b.csv").accounts) == {"main", "other"}
    assert set(load("a.csv", "other=b.csv").accounts) == {"1234", "other"}


@pytest.mark.parametrize(
    ("text", "reason"), [("", "the file is empty"), (" \n", "the file is empty"), ("hello\n", "there is no table")]
)
def test_a_file_without_a_table_says_so_and_what_is_known(load: Load, text: str, reason: str) -> None:
    with pytest.raises(DataError, match=f"{reason}.*Give it as it was downloaded. Known are .*etrade-history"):
        load("main=a.csv", a=text)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("account,date,action,symbol,quantity,price,acquired", "but fees is missing. Add fees to the first line"),
        ("Date,Action,Symbol,Quantity,Price", "but account and fees are missing"),
        ("date,symbol,shares,cost", "no reader recognises the file; its columns seem to be 'date, symbol, shares, cost'"),
    ],
)
def test_a_file_that_is_nearly_transactions_csv_is_told_what_it_lacks(load: Load, header: str, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        load("main=a.csv", a=f"{header}\n")


def test_a_folder_of_exports_says_how_they_are_given(load: Load) -> None:
    Path("downloads").mkdir()
    with pytest.raises(DataError, match=r"downloads: the folder has no accounts\.csv") as caught:
        load("downloads")
    assert "one by one" not in str(caught.value)
    Path("downloads", "a.csv").write_text(BUY)
    with pytest.raises(DataError, match=r"Exports of brokers are given one by one: NAME=downloads/a\.csv\."):
        load("downloads")


def test_an_export_that_names_no_account_must_be_given_one(load: Load) -> None:
    with pytest.raises(DataError, match=r"a\.csv: the file does not say which account it is of\. Say it: NAME=a\.csv"):
        load("a.csv", a=BUY)


def test_an_account_that_may_not_be_taxable_needs_its_kind(load: Load) -> None:
    with pytest.raises(DataError, match=r"'ROTH IRA -5678' may not be taxable.*'ROTH IRA -5678:ira=a\.csv'"):
        load("a.csv", a=TWO)
    household = load("a.csv", "ROTH IRA -5678:roth=b.csv", b=TWO.replace("03/17/2025,ROTH", "03/16/2025,ROTH"))
    assert household.accounts == {"Joint -1234": AccountKind.TAXABLE, "ROTH IRA -5678": AccountKind.ROTH}


def test_of_a_file_with_several_accounts_one_may_be_chosen(load: Load) -> None:
    household = load("Joint -1234=a.csv", "ROTH IRA -5678:roth=a.csv", a=TWO)
    assert seen(household) == ["ROTH IRA -5678 2025-03-17 buy VTV 1", "Joint -1234 2025-03-18 buy VTI 1"]
    assert household.accounts == {"Joint -1234": AccountKind.TAXABLE, "ROTH IRA -5678": AccountKind.ROTH}
    assert "a.csv: account Joint -1234 alone, of Joint -1234, ROTH IRA -5678" in household.notes


def test_an_account_that_is_not_in_the_file_is_refused_with_those_that_are(load: Load) -> None:
    with pytest.raises(DataError, match=r"a\.csv: the file has no account 'Roth'\. Name one of them.*Joint -1234=a\.csv"):
        load("Roth=a.csv", a=TWO)


def test_an_account_without_trades_is_not_renamed_into_one_with(load: Load) -> None:
    """A cash row is all that the IRA has: its name must not pass to the other account's trades."""
    text = fidelity(
        "03/18/2025,Joint,Z00001234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,",
        "03/17/2025,Kid,Y00005678,INTEREST EARNED,,No Description,Cash,0,,USD,,0,0,,,,1,",
    )
    household = load("Kid -5678=a.csv", a=text)
    assert (seen(household), household.accounts) == ([], {"Kid -5678": AccountKind.TAXABLE})


def test_a_file_in_the_format_of_transactions_is_read_as_it_is(load: Load) -> None:
    text = OWN.replace("fees", "fees,acquired") + "a,2025-01-02,receive,VTI,2,90,,2020-02-03\nb,2025-01-03,buy,VTI,1,100,,\n"
    household = load("t.csv", t=text)
    assert seen(household) == ["a 2025-01-02 receive VTI 2", "b 2025-01-03 buy VTI 1"]
    assert household.transactions[0].acquired == dt.date(2020, 2, 3)
    assert household.accounts == {"a": AccountKind.TAXABLE, "b": AccountKind.TAXABLE}
    assert load("b:spouse_ira=t.csv").accounts == {"b": AccountKind.SPOUSE_IRA}


def test_a_folder_says_how_its_accounts_are_taxed(load: Load) -> None:
    Path("me").mkdir()
    for name, text in {
        "accounts": "account,kind,cash\nmain,taxable,1\nira,roth,\n",
        "lots": "account,lot,symbol,quantity,acquired,cost\n",
        "prices": "symbol,price\nVTI,1\n",
        "transactions": OWN + "main,2024-03-01,buy,VTI,10,470,\n",
    }.items():
        Path("me", f"{name}.csv").write_text(text, encoding="utf-8")
    household = load("me", "ira=a.csv", a=BUY)
    assert seen(household) == ["main 2024-03-01 buy VTI 10", "ira 2025-04-02 buy VTI 1"]
    assert household.accounts == {"main": AccountKind.TAXABLE, "ira": AccountKind.ROTH}


def test_the_ratio_of_a_split_may_be_told_by_another_file(load: Load) -> None:
    household = load("main=a.csv", "t.csv", a=SPLIT, t=OWN + "main,2024-10-11,split,SCHX,3,,\n")
    assert seen(household) == ["main 2024-09-03 buy SCHX 30", "main 2024-10-11 split SCHX 3"]


@pytest.mark.parametrize(
    "row", ["other,2024-10-11,split,SCHX,3,,", "main,2024-10-10,split,SCHX,3,,", "main,2024-10-11,split,VTI,3,,"]
)
def test_a_split_that_nobody_tells_is_an_error_with_the_row_to_write(load: Load, row: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv:2: a split of SCHX without its ratio.*main,2024-10-11,split,SCHX,RATIO,,"):
        load("main=a.csv", "t.csv", a=SPLIT, t=OWN + row + "\n")


MOVED = etrade(
    "12/02/24,12/02/24,12/02/24,Transfer,FROM ELSEWHERE,BND,--,20.0,,0.0,0.0,--,--",
    "12/02/24,12/02/24,12/02/24,Transfer,FROM ELSEWHERE,BND,--,5.0,,0.0,0.0,--,--",
    "12/01/24,12/01/24,12/01/24,Transfer,FROM ELSEWHERE,BND,--,1.0,,0.0,0.0,--,--",
)


def test_ones_own_rows_tell_what_received_shares_cost(load: Load) -> None:
    """They stand for the export's rows of that day, and do not add to them; another day's are left as they are."""
    own = (
        OWN.replace("fees", "fees,acquired")
        + "main,2024-12-02,receive,BND,10,70,,2020-02-03\nmain,2024-12-02,receive,BND,15,80,,\n"
    )
    household = load("main=a.csv", "t.csv", a=MOVED, t=own)
    assert [(one.quantity, one.price) for one in household.transactions] == [(1, None), (10, 70), (15, 80)]


def test_rows_for_other_shares_than_were_received_are_refused(load: Load) -> None:
    own = OWN + "main,2024-12-02,receive,BND,10,70,\n"
    with pytest.raises(DataError, match="account main received 25 BND on 2024-12-02, but rows for 10 say what they cost"):
        load("main=a.csv", "t.csv", a=MOVED, t=own)


def test_within_a_day_splits_come_first_and_the_rest_in_the_order_of_the_files(load: Load) -> None:
    text = etrade(
        "10/11/24,10/11/24,10/11/24,Stock Split,SPLIT RATIO 3:1,SCHX,--,60,,0,0.0,--,--",
        "10/11/24,10/11/24,10/11/24,Bought,SCHX,SCHX,--,1,22,-22,0.0,--,--",
    )
    household = load("b=b.csv", "a=a.csv", a=text, b=schwab(("10/11/2024", "Buy", "VTI", "1", "$8", "-$8")))
    assert [one.split(" ", 2)[2] for one in seen(household)] == ["split SCHX 3", "buy VTI 1", "buy SCHX 1"]


def test_files_of_one_account_complete_each_other_but_may_not_overlap(load: Load) -> None:
    later = schwab(("04/03/2025", "Buy", "VTI", "1", "$8", "-$8"))
    assert len(load("main=a.csv", "main=b.csv", a=BUY, b=later).transactions) == 2
    with pytest.raises(DataError, match=r"b\.csv: the buy of 1 VTI in account main on 2025-04-02 is also in a\.csv"):
        load("main=a.csv", "main=b.csv", a=BUY, b=BUY)
    with pytest.raises(DataError, match="do not overlap"):
        load("main=a.csv", "main=a.csv")


def test_two_equal_fills_in_one_file_are_two_trades(load: Load) -> None:
    row = ("04/02/2025", "Buy", "VTI", "1", "$8", "-$8")
    assert len(load("main=a.csv", a=schwab(row, row)).transactions) == 2


def test_what_is_not_known_is_said(load: Load) -> None:
    text = etrade(
        "12/02/24,12/02/24,12/02/24,Transfer,FROM ELSEWHERE,BND,--,25.0,,0.0,0.0,--,--",
        "12/01/24,12/01/24,12/01/24,Dividend,BND,BND,--,,,3.0,0.0,--,--",
    )
    notes = load("main=a.csv", a=f"Account Activity for x from 2024-01-01 to 2024-12-31\n{text}").notes
    assert "a.csv: rows that moved no shares of a ticker: 1 Dividend" in notes
    assert "a.csv: covers 2024-01-01 to 2024-12-31" in notes
    assert any(
        note.startswith("account main: what the BND received cost, and since when it is held, is known only if") for note in notes
    )


def test_nothing_happens_after_today(load: Load) -> None:
    with pytest.raises(DataError, match=r"a\.csv: the buy of 1 VTI is of 2025-04-09, which is after today, 2025-04-08"):
        load("main=a.csv", a=schwab(("04/09/2025", "Buy", "VTI", "1", "$8", "-$8")))


def test_an_account_is_not_of_two_kinds(load: Load) -> None:
    with pytest.raises(UsageError, match="account main is said to be roth and ira"):
        load("main:roth=a.csv", "main:ira=b.csv", a=BUY, b=schwab())


def test_rows_that_are_not_understood_stop_everything(load: Load) -> None:
    with pytest.raises(DataError, match=r"a\.csv:2: 'Mystery' of 'VTI': this kind of row is not known"):
        load("main=a.csv", a=BUY.replace("Buy", "Mystery"))


def test_something_must_be_given(load: Load) -> None:
    with pytest.raises(UsageError, match="no file is given"):
        load()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("a.csv", FileSource("a.csv")),
        ("main=a.csv", FileSource("a.csv", "main")),
        ("my:401k=b=c.csv", FileSource("b=c.csv", "my", AccountKind.FOUR_O_ONE_K)),
        ("Nest egg -1:taxable=~/a.csv", FileSource("~/a.csv", "Nest egg -1", AccountKind.TAXABLE)),
        ("there=is.csv", FileSource("there=is.csv")),
        (Path("x=y"), FileSource("x=y")),
        ("n" * 300 + "=a.csv", FileSource("a.csv", "n" * 300)),
    ],
)
def test_a_source_is_a_file_with_or_without_its_account(
    given: str | Path, meant: FileSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there=is.csv").touch()
    assert parse_source(given) == meant


@pytest.mark.parametrize("given", ["=a.csv", "main=", ":roth=a.csv", "main:=a.csv", "main:rothh=a.csv"])
def test_a_source_that_says_half_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match=r"is not ACCOUNT=FILE|is not a kind of account"):
        parse_source(given)


def test_a_file_that_nobody_knows_is_shown_its_header_and_the_known_formats(load: Load) -> None:
    with pytest.raises(DataError) as caught:
        load("a.csv", a="Report\n\nWhen,What,How many,For\n1,2,3,4\n")
    assert caught.value.code == "unknown_export"
    for words in ("a.csv", "'When, What, How many, For'", "transactions.csv", "Charles Schwab", "Fidelity", "E*TRADE"):
        assert words in str(caught.value)
    with pytest.raises(DataError, match="the file is empty"):
        load("a.csv", a="")


@pytest.mark.parametrize("path", ["none.csv", "no\0thing", "~nobody-of-this-name/a.csv"])
def test_a_file_that_is_not_there_is_named(path: str, load: Load) -> None:
    with pytest.raises(DataError, match=r"there is no such file|cannot be read"):
        load(path)


EAGER = """
from rebalkit.model import HistoryRows
from rebalkit.plugin import HistoryReaderRecord, hookimpl

class Eager:
    def recognises(self, text):
        return {recognises}
    def read(self, text, source):
        return {read}

@hookimpl
def rebalkit_history_readers():
    return [HistoryReaderRecord("eager", "Takes every file", factory=Eager)]
"""


@pytest.fixture
def with_reader(tmp_path: Path) -> Callable[..., Registry]:
    """A registry with one more reader, of a project's own file."""

    def load_registry(recognises: str = "True", read: str = "HistoryRows(('theirs',), ())") -> Registry:
        plugin = tmp_path / "eager.py"
        plugin.write_text(EAGER.format(recognises=recognises, read=read), encoding="utf-8")
        return Registry.load(disabled=(), local=[plugin])

    return load_registry


def test_a_reader_of_a_plugin_is_asked_like_the_others(with_reader: Callable[..., Registry], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("anything at all", encoding="utf-8")
    assert read_history(with_reader(), path).accounts == ("theirs",)
    assert read_history(with_reader(), path, "mine").accounts == ("mine",)


def test_two_readers_that_recognise_a_file_are_both_named(with_reader: Callable[..., Registry], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(BUY, encoding="utf-8")
    with pytest.raises(DataError, match="more than one reader recognises the file: schwab-history, eager"):
        read_history(with_reader(), path, "main")


@pytest.mark.parametrize("broken", [{"recognises": "1 / 0"}, {"read": "1 / 0"}])
def test_a_reader_that_fails_is_named(broken: dict[str, str], with_reader: Callable[..., Registry], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("anything at all", encoding="utf-8")
    with pytest.raises(DataError, match="the history reader eager failed: ZeroDivisionError"):
        read_history(with_reader(**broken), path)


def test_a_single_export_with_an_open_split_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(SPLIT, encoding="utf-8")
    with pytest.raises(DataError, match="a split of SCHX without its ratio"):
        read_history(REGISTRY, path, "main")


def test_a_plugin_that_was_left_out_is_named_where_a_file_is_not_recognised(
    with_reader: Callable[..., Registry], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("When,What,How many,For", encoding="utf-8")
    with pytest.raises(DataError, match=r"Left out: .*eager.*SyntaxError"):
        read_history(with_reader(read="an error"), path)


DAY = (
    "a,2025-01-02,buy,VTI,10,100,0\na,2025-03-03,sell,VTI,10,80,0\nb,2025-03-03,buy,VTI,10,80,0\nb,2025-03-03,sell,VTI,10,79,0\n"
    "a,2025-03-03,buy,VTI,10,78,0\nb,2025-03-03,buy,VTI,10,80,0\n"
)
"""What happened on the third in two accounts, in this order."""


def folder_of(path: Path, accounts: str) -> Path:
    (path / "accounts.csv").write_text(f"account,kind,cash\n{accounts}", encoding="utf-8")
    (path / "lots.csv").write_text("account,lot,symbol,quantity,acquired,cost\n", encoding="utf-8")
    (path / "prices.csv").write_text("symbol,price\nVTI,80\n", encoding="utf-8")
    (path / "transactions.csv").write_text(OWN + DAY, encoding="utf-8")
    return path


@pytest.mark.parametrize("accounts", ["a,taxable,0\nb,ira,0\n", "b,ira,0\na,taxable,0\n"])
def test_the_order_of_a_day_is_that_of_the_record_and_not_that_of_the_accounts(tmp_path: Path, accounts: str) -> None:
    """In what replaces a loss the order of a day counts (Reg. 1.1091-1(b)): a tax year must not depend on accounts.csv."""
    folder = folder_of(tmp_path, accounts)
    expected = [line.split(",")[0] + " " + " ".join(line.split(",")[1:5]) for line in DAY.splitlines()]
    assert seen(load_household(REGISTRY, [folder], TODAY)) == expected
    snapshot = take_snapshot(FilesBroker(FilesSettings(str(folder)), lambda: TODAY), "a")
    assert [f"{one.account} {one.date} {one.action} {one.symbol} {one.quantity}" for one in snapshot.transactions] == expected


def test_a_broker_that_does_not_tell_the_order_gives_account_by_account(tmp_path: Path) -> None:
    class Silent(FilesBroker):
        history = None  # type: ignore[assignment]

    broker = Silent(FilesSettings(str(folder_of(tmp_path, "b,ira,0\na,taxable,0\n"))), lambda: TODAY)
    assert [one.account for one in take_snapshot(broker, "a").transactions] == ["a", "b", "b", "b", "a", "a"]


@pytest.mark.parametrize("paths", [("a=x.csv", "b:ira=x.csv"), ("b:ira=x.csv", "a=x.csv")])
def test_a_file_that_is_given_for_each_of_its_accounts_keeps_its_order(load: Load, paths: tuple[str, ...]) -> None:
    both = load("x.csv", x=OWN + DAY)
    assert load(*paths, x=OWN + DAY).transactions == both.transactions


def test_so_does_an_export_of_several_accounts(load: Load) -> None:
    day = fidelity(
        "03/18/2025,Joint,Z00001234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,",
        "03/18/2025,ROTH IRA,Y00005678,YOU BOUGHT VTV,VTV,VTV,Cash,0,,USD,9,1,0,,,,-9,",
        "03/18/2025,Joint,Z00001234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,7,1,0,,,,-7,",
    )
    for paths in (("Joint -1234=f.csv", "ROTH IRA -5678:roth=f.csv"), ("ROTH IRA -5678:roth=f.csv", "Joint -1234=f.csv")):
        assert [one.price for one in load(*paths, f=day).transactions] == [7, 9, 8]
