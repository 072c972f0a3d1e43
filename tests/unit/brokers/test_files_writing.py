"""Templates and written folders: new files, all or none, that the reader understands."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import evolve

from rebalkit.brokers.files import read_folder
from rebalkit.brokers.files.formats import FORMATS
from rebalkit.brokers.files.publish import add_files
from rebalkit.brokers.files.templates import write_templates
from rebalkit.brokers.files.writer import write_folder
from rebalkit.errors import DataError, UsageError
from rebalkit.model import AccountKind, AccountSnapshot, Action, Cash, Lot, OpenOrder, Quote, Side, Transaction
from rebalkit.model.history import split_quantity

TODAY = dt.date(2025, 4, 8)
QUOTES = {"VOO": Quote("VOO", "470", "470.5")}
ACCOUNT = AccountSnapshot("main", AccountKind.TAXABLE, Cash("1", "0.5"), (Lot("a", "VOO", "1", None, None),))


def test_templates_without_rows_ask_for_them(tmp_path: Path) -> None:
    write_templates(tmp_path / "new" / "me")
    with pytest.raises(DataError) as caught:
        read_folder(str(tmp_path / "new" / "me"), TODAY)
    assert [one.code for one in caught.value.problems] == ["no_rows", "no_rows"]
    assert "main,taxable,1000.00" in str(caught.value)


def test_filled_templates_are_read(tmp_path: Path) -> None:
    """The example of each file, given a cell for each column of the template, is a row that the reader takes."""
    write_templates(tmp_path)
    for format in FORMATS:
        path = tmp_path / format.file
        header = path.read_text(encoding="utf-8")
        row = format.example + "," * (header.count(",") - format.example.count(","))
        path.write_text(f"{header}{row}\n", encoding="utf-8")
    contents = read_folder(str(tmp_path), TODAY)
    assert contents.notes == ()
    assert contents.accounts[0].lots[0].symbol == "VOO"
    assert contents.transactions[0].action is Action.BUY


def test_the_template_explains_every_column(tmp_path: Path) -> None:
    write_templates(tmp_path)
    text = (tmp_path / "README.txt").read_text(encoding="utf-8")
    for format in FORMATS:
        section = text.split(f"\n{format.file}\n")[1].split("\n\n")[0]
        assert [f"  {one.name}{'' if one.required else ' (may be left out)'}: {one.meaning}" for one in format.columns] == [
            line for line in section.splitlines() if not line.startswith("  A row: ")
        ]


@pytest.mark.parametrize("there", ["README.txt", "transactions.csv"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already there") as caught:
        write_templates(tmp_path)
    assert caught.value.place == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"


def test_a_link_to_nowhere_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "lots.csv").symlink_to("nowhere")
    with pytest.raises(UsageError, match="already there"):
        write_templates(tmp_path)


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    write_templates(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["config.toml", "README.txt", "accounts.csv", "lots.csv", "prices.csv", "transactions.csv"]
    )


@pytest.mark.parametrize("fails", [0, 1, 2])
def test_when_one_file_cannot_be_added_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int) -> None:
    rename, calls = Path.rename, []

    def full(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) > fails:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(UsageError, match="No space left"):
        add_files(tmp_path, {"a": "1", "b": "2", "c": "3"})
    assert list(tmp_path.iterdir()) == []
    assert len(calls) == fails + 1


def test_a_folder_below_a_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught:
        write_templates(tmp_path / "file" / "me")
    assert caught.value.code == "unwritable"


def test_a_written_folder_settles_its_cash(tmp_path: Path) -> None:
    write_folder(tmp_path, [ACCOUNT], QUOTES, [])
    contents = read_folder(str(tmp_path), TODAY)
    assert contents.accounts == (evolve(ACCOUNT, cash=Cash("1.5")),)
    assert contents.quotes == QUOTES


def test_a_simulated_day_may_lie_ahead(tmp_path: Path) -> None:
    quotes = {"VOO": Quote("VOO", "1", "1", dt.date(2090, 1, 2))}
    write_folder(tmp_path, [ACCOUNT], quotes, [])
    assert read_folder(str(tmp_path), dt.date(2090, 1, 2)).quotes == quotes
    with pytest.raises(DataError, match="after today"):
        read_folder(str(tmp_path), TODAY)


@pytest.mark.parametrize(
    ("account", "quotes", "transactions"),
    [
        (evolve(ACCOUNT, account=" main"), QUOTES, ()),
        (evolve(ACCOUNT, account="ma\nin"), QUOTES, ()),
        (evolve(ACCOUNT, account=""), QUOTES, ()),
        (evolve(ACCOUNT, cash=Cash("0.001")), QUOTES, ()),
        (evolve(ACCOUNT, open_orders=(OpenOrder("1", Side.BUY, "VOO", "1"),)), QUOTES, ()),
        (ACCOUNT, {}, ()),
        (ACCOUNT, {"SPY": QUOTES["VOO"]}, ()),
        (ACCOUNT, {"VOO": Quote("VOO", "2", "1")}, ()),
        (ACCOUNT, {"VOO": Quote("VOO", "0.0000000001", "1")}, ()),
        (ACCOUNT, QUOTES, [Transaction("other", TODAY, Action.BUY, "VOO", "1", "1")]),
        (ACCOUNT, QUOTES, [Transaction("main", TODAY, Action.BUY, "VOO", "1")]),
        (ACCOUNT, QUOTES, [Transaction("main", TODAY, Action.BUY, "VOO", "1", "1", order=" 7")]),
    ],
)
def test_what_a_folder_cannot_hold_is_not_written(
    tmp_path: Path, account: AccountSnapshot, quotes: dict[str, Quote], transactions: list[Transaction]
) -> None:
    with pytest.raises(DataError):
        write_folder(tmp_path, [account], quotes, transactions)
    assert list(tmp_path.iterdir()) == []


def test_a_split_of_one_for_three_is_written_as_it_is_read(tmp_path: Path) -> None:
    one = Transaction("main", TODAY, Action.SPLIT, "VOO", split_quantity(1, 3))
    write_folder(tmp_path, [ACCOUNT], QUOTES, [one, evolve(one, symbol="VTI", quantity="0.25")])
    assert "main,2025-04-08,split,VOO,1/3," in (tmp_path / "transactions.csv").read_text()
    found = read_folder(str(tmp_path), TODAY).transactions
    assert [split.ratio for split in found] == [Fraction(1, 3), Fraction(1, 4)]


def test_shares_are_no_fraction(tmp_path: Path) -> None:
    write_folder(tmp_path, [ACCOUNT], QUOTES, [Transaction("main", TODAY, Action.BUY, "VOO", 1, 400)])
    path = tmp_path / "transactions.csv"
    path.write_text(path.read_text().replace("buy,VOO,1,", "buy,VOO,1/2,"))
    with pytest.raises(DataError, match="1/2 is a fraction, which only a split has"):
        read_folder(str(tmp_path), TODAY)
