"""The books of a household: which files make which ledger."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from rebalkit.errors import DataError
from rebalkit.pipeline.books import Books, open_books
from rebalkit.registry import Registry

TODAY = dt.date(2025, 6, 2)
HEADER = "account,date,action,symbol,quantity,price,fees,order,lot\n"


def books(folder: Path, transactions: str, lots: str = "") -> Books:
    (folder / "accounts.csv").write_text("account,kind,cash\nmain,taxable,0\nira,ira,0\n")
    (folder / "prices.csv").write_text("symbol,price,date\nVOO,500,2025-06-02\n")
    (folder / "lots.csv").write_text("account,lot,symbol,quantity,acquired,cost\n" + lots)
    (folder / "transactions.csv").write_text(HEADER + transactions)
    return open_books(Registry.load(plugins=False), [folder], today=TODAY)


def test_without_lots_the_record_is_the_whole_history(tmp_path: Path) -> None:
    found = books(tmp_path, "main,2024-01-02,buy,VOO,10,400,,,A\nmain,2025-03-03,sell,VOO,4,450,,,A\n")
    assert found.years == (2025,)
    assert [(row.lot, row.gain) for row in found.rows(2025)] == [("A", 200)]
    assert [(lot.lot, lot.quantity) for lot in found.ledger.open_lots] == [("A", 6)]


def test_lots_say_what_the_record_does_not(tmp_path: Path) -> None:
    """The lot of February is on no record, and takes the loss of March away."""
    found = books(
        tmp_path,
        "main,2024-01-02,buy,VOO,10,500,,,A\nmain,2025-03-03,sell,VOO,10,450,,,A\n",
        "main,B,VOO,4,2025-02-20,1840\nira,C,VOO,2,,\n",
    )
    (row,) = found.rows(2025)
    assert (row.lot, row.adjustment, row.code) == ("A", 200, "W")
    held = {lot.lot: lot for lot in found.ledger.open_lots}
    assert (held["B"].added, held["B"].basis) == (200, 2040)
    assert found.unpriced == {"C"}


def test_lots_of_two_accounts_with_one_name_are_told_apart(tmp_path: Path) -> None:
    found = books(tmp_path, "", "main,1,VOO,4,2025-02-20,1840\nira,1,VOO,2,2025-01-02,900\n")
    assert sorted(lot.lot for lot in found.ledger.open_lots) == ["ira/1", "main/1"]


def test_a_sale_that_nothing_explains_is_told_and_forbids_its_year(tmp_path: Path) -> None:
    found = books(
        tmp_path, "main,2024-03-04,sell,VTI,3,250,,,\nmain,2025-03-03,sell,VTI,2,250,,,\n", "main,B,VOO,4,2025-02-20,1840\n"
    )
    assert found.years == (2024, 2025)
    assert sum("is not known, and they are left out" in note for note in found.notes) == 2
    with pytest.raises(DataError, match=r"account main: the basis of 2 VTI sold on 2025-03-03 is not known.*transactions\.csv"):
        found.check(2025)
    found.check(2023)


def test_what_each_broker_reports_is_kept_beside(tmp_path: Path) -> None:
    found = books(
        tmp_path, "main,2024-01-02,buy,VOO,10,500,,,A\nmain,2025-03-03,sell,VOO,10,450,,,A\nira,2025-03-10,buy,VOO,1,440,,,\n"
    )
    (row,) = found.rows(2025)
    assert row.broker is not None
    assert (row.adjustment, row.permanent, row.broker.disallowed) == (50, 50, 0)


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no transaction"):
        books(tmp_path, "")


def test_losses_that_a_later_purchase_can_still_wash_are_named(tmp_path: Path) -> None:
    """A purchase of January takes a loss of December away, and a file that ends in December shows none."""
    bought = "main,2024-01-02,buy,VOO,10,500,,,A\n"
    early, late = (
        "main,2024-11-30,sell,VOO,2,450,,,A\n",
        "main,2024-12-18,sell,VOO,2,450,,,A\nmain,2024-12-20,sell,VOO,1,450,,,A\n",
    )
    after = "main,2024-12-31,buy,IVV,1,500,,,\n"
    (note,) = books(tmp_path, bought + early + late + after).still_open([2024])
    assert note == (
        "losses taken from 2024-12-18 to 2024-12-20 can be washed by purchases through 2025-01-19; the last trade in the files is of "
        "2024-12-31"
    )
    assert books(tmp_path, bought + early + late + after).still_open([2023]) == ()
    done = "main,2025-01-19,buy,IVV,1,500,,,\n"
    assert books(tmp_path, bought + early + late + done).still_open([2024]) == ()
    gained = "main,2024-12-20,sell,VOO,2,550,,,A\n"
    assert books(tmp_path, bought + gained).still_open([2024]) == ()
    (one,) = books(tmp_path, bought + "main,2024-12-20,sell,VOO,2,450,,,A\n").still_open([2024])
    assert one.startswith("losses taken on 2024-12-20 can be washed")


def test_a_folder_of_exports_is_no_folder_of_an_account(tmp_path: Path) -> None:
    (tmp_path / "etrade.csv").write_text("")
    with pytest.raises(DataError, match=r"has no accounts\.csv.*given one by one: NAME="):
        open_books(Registry.load(plugins=False), [tmp_path], today=TODAY)


def test_received_shares_of_which_nothing_is_known_say_the_row_to_write(tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    moved.write_text(
        "account,date,action,symbol,quantity,price,fees\nmain,2025-02-03,receive,VOO,2.5,,\nmain,2025-03-03,sell,VOO,1,500,\n"
    )
    registry = Registry.load(plugins=False)
    row = "main,2025-02-03,receive,VOO,2.5,BASIS PER SHARE,,DAY ACQUIRED"
    with pytest.raises(
        DataError, match=f"account main: 2.5 VOO were received on 2025-02-03, and nothing says .* Add the row {row} to a file"
    ):
        open_books(registry, [f"main={moved}"], today=TODAY)
    other = tmp_path / "other.csv"
    other.write_text(
        "account,date,action,symbol,quantity,price,fees\nold,2024-01-02,buy,VOO,2.5,400,\nold,2025-02-03,deliver,VOO,2.5,,\n"
    )
    found = open_books(registry, [f"old={other}", f"main={moved}"], today=TODAY)
    assert [one.gain for one in found.rows(2025)] == [100]
