"""``rebalkit check-export``: the website's portfolio against what the API says."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import Shell, newest_run
from etrade_server import EtradeServer
from rebalkit.errors import DataError
from rebalkit.pipeline.export_check import newest_export
from rebalkit_etrade.downloads.portfolio import PortfolioCsv

WIDE = """Account Summary
Account,Net Account Value,Total Gain $,Total Gain %,Available For Withdrawal,Cash Purchasing Power
"Mine -5636",14300.50,0,0,1500.50,1500.50


View Summary - All Positions
Filters applied:
Symbol,Security type(s),Sort by,Sort order,
,All,Symbol,Asc,

Symbol,Last Price $,Change $,Change %,Quantity,Price Paid $,Day's Gain $,Total Gain $,Total Gain %,Value $
BND,70.00,0,0,40,80.10,0,0,0,2800.00
QQQ Dec 31 '26 $600 Put,1.00,0,0,1,1.00,0,0,0,100.00
VTI,200.00,0,0,50,210.15,0,0,0,"10,000.00"
CASH,,,,,,,,,1500.50,
TOTAL,,,,,,,,,14300.50,

Generated at Nov 24 2026 09:58 AM ET
"""
SIMPLE = """Account Summary
Account,Net Account Value
"Mine -5636",14300.50

View Summary - PositionsSimple
Symbol,Qty #,Value $,Total Cost
BND,40.0000,2800.00,3204.00
     05/06/2024,40.0000,2800.00,3204.00
VTI,50.0000,10000.00,10507.50
     03/03/2025,30.0000,6000.00,7507.50
     02/14/2020,20.0000,4000.00,3000.00
CASH,,1500.50,
TOTAL,,14300.50,
Generated at Nov 24 2026 09:58 AM ET
"""


@pytest.fixture
def file(shell: Shell) -> Path:
    """The wide layout, as the website gave it two minutes before; somebody is logged in."""
    assert shell("login").code == 0
    path = Path("PortfolioDownload.csv")
    path.write_text(WIDE)
    return path


def differences(shell: Shell, place: str = "PortfolioDownload.csv", *more: str) -> list[tuple[str, str | None]]:
    ran = shell("check-export", place, "--account", "main", "--json", *more)
    assert ran.code == (4 if ran.document["differences"] else 0), ran.err
    jsonschema.validate(ran.document, shell("schema", "check-export").document)
    assert ran.document["equal"] is (not ran.document["differences"])
    return [(one["what"], one["symbol"]) for one in ran.document["differences"]]


@pytest.mark.parametrize(
    "text", [WIDE, SIMPLE, WIDE.replace(",", "\t").replace("10\t000.00", "10,000.00")], ids=["wide", "simple", "tabs"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_both_layouts_agree_with_the_broker_in_every_encoding(shell: Shell, file: Path, text: str, encoding: str) -> None:
    file.write_bytes(text.encode(encoding))
    assert differences(shell) == []
    told = shell("check-export", str(file), "--account", "main")
    assert told.code == 0
    assert "agree: 2 positions and the cash" in told.out


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("VTI,200.00,0,0,50", "VTI,200.00,0,0,49", [("quantity", "VTI")]),
        ("VTI,200.00,0,0,50", "VTI,200.00,0,0,50.001", [("quantity", "VTI")]),
        ("VTI,200.00", "VXUS,200.00", [("position", "VTI"), ("position", "VXUS")]),
        ('"10,000.00"', "9400.00", [("value", "VTI")]),
        ('"10,000.00"', "9600.00", []),
        ("CASH,,,,,,,,,1500.50", "CASH,,,,,,,,,1500.49", [("cash", None)]),
        ("BND,70.00,0,0,40", "BND,70.00,0,0,--", [("quantity", "BND")]),
    ],
)
def test_every_difference_is_listed(shell: Shell, file: Path, old: str, new: str, expected: list[tuple[str, str | None]]) -> None:
    assert old in WIDE
    file.write_text(WIDE.replace(old, new))
    assert differences(shell) == expected


@pytest.mark.parametrize(
    ("old", "new"), [("03/03/2025", "03/04/2025"), ("03/03/2025", "--"), ("30.0000", "29.0000"), ("7507.50\n", "7507.60\n")]
)
def test_lots_are_compared_where_the_file_has_them(shell: Shell, file: Path, old: str, new: str) -> None:
    file.write_text(SIMPLE.replace(old, new))
    assert differences(shell) == [("lot", "VTI")]


def test_values_may_be_apart_as_far_as_is_said(shell: Shell, file: Path) -> None:
    file.write_text(WIDE.replace('"10,000.00"', "9600.00"))
    assert differences(shell, "PortfolioDownload.csv", "--tolerance", "4") == []
    assert differences(shell, "PortfolioDownload.csv", "--tolerance", "3.9") == [("value", "VTI")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WIDE[: WIDE.index("TOTAL")], "it was cut off"),
        (WIDE[: WIDE.index("Generated")], "it was cut off"),
        (WIDE.replace("-5636", "-4598"), "ends in 4598, not of one that ends in 5636"),
        (WIDE.replace("Quantity", "Amount"), "nobody knows this layout"),
        (WIDE.replace("2800.00", "28OO"), "line 12: '28OO' is not a number"),
        ("", "nobody knows this layout"),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused(shell: Shell, file: Path, text: str, message: str) -> None:
    file.write_text(text)
    ran = shell("check-export", str(file), "--account", "main")
    assert ran.code == 3
    assert message in ran.err


def test_an_old_file_is_no_proof(shell: Shell, file: Path, etrade: EtradeServer) -> None:
    file.write_text(WIDE.replace("Nov 24 2026 09:58 AM", "Nov 23 2026 09:58 AM"))
    ran = shell("check-export", str(file), "--account", "main")
    assert ran.code == 4
    assert "the file was made 24 hours ago" in ran.err
    assert shell("check-export", str(file), "--account", "main", "--max-age", "25").code == 0


def test_of_a_folder_the_last_name_counts_with_numbers_as_numbers(tmp_path: Path) -> None:
    for name in ("PortfolioDownload.csv", "PortfolioDownload (2).csv", "PortfolioDownload (10).csv", "notes.txt"):
        (tmp_path / name).write_text("")
    assert newest_export(tmp_path, lambda path: True).name == "PortfolioDownload (10).csv"
    (tmp_path / "PortfolioDownload (10).csv").unlink()
    assert newest_export(tmp_path, lambda path: True).name == "PortfolioDownload (2).csv"
    (tmp_path / "²5.csv").write_text("")
    assert newest_export(tmp_path, lambda path: "²" not in path.name).name == "PortfolioDownload (2).csv"
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="has no CSV file"):
        newest_export(tmp_path / "empty", lambda path: True)


def test_of_a_folder_of_downloads_only_portfolios_count(shell: Shell, file: Path) -> None:
    Path("Taxes 2026.csv").write_text("a,b\n1,2\n")
    Path("Zebra.csv").write_bytes(b"\x00\xff\x00")
    ran = shell("check-export", ".", "--account", "main", "--json")
    assert (ran.code, Path(ran.document["file"]).name) == (0, "PortfolioDownload.csv")
    file.unlink()
    ran = shell("check-export", ".", "--account", "main")
    assert ran.code == 3
    assert "none of the 2 CSV files of the folder is a portfolio" in ran.err


def test_what_is_not_managed_is_compared_by_its_shares(shell: Shell, file: Path, etrade: EtradeServer) -> None:
    etrade.book.accounts[0].positions += [
        position("SPAXX", "MMF", 250.5), position("VTSAX", "MF", 3), position("TSLA", "EQ", -5), position("QQQ", "OPTN", 1)
    ]  # fmt: skip
    rows = "SPAXX,1,0,0,250.5,1,0,0,0,250.50\nTSLA,200,0,0,-5,1,0,0,0,-1000\nVTSAX,100,0,0,3,1,0,0,0,300\nVTI,"
    file.write_text(WIDE.replace("VTI,", rows))
    ran = shell("check-export", str(file), "--account", "main", "--json")
    assert ran.code == 0, ran.document["differences"]
    assert ran.document["unmanaged"] == ["QQQ Dec 31 '26 $600 Put", "SPAXX", "TSLA", "VTSAX"]
    file.write_text(WIDE.replace("VTI,", rows.replace(",3,", ",4,")).replace("SPAXX", "OTHER"))
    ran = shell("check-export", str(file), "--account", "main", "--json")
    assert sorted((one["what"], one["symbol"]) for one in ran.document["differences"]) == [
        ("position", "OTHER"),
        ("position", "SPAXX"),
        ("quantity", "VTSAX"),
    ]


def position(symbol: str, kind: str, quantity: float) -> dict[str, object]:
    return {
        "positionId": abs(hash((symbol, kind))) % 10**9 + 1, "Product": {"symbol": symbol, "securityType": kind}, "quantity": quantity,
        "positionType": "SHORT" if quantity < 0 else "LONG",
    }  # fmt: skip


def test_without_a_row_of_cash_the_cash_differs(shell: Shell, file: Path) -> None:
    file.write_text(WIDE.replace("CASH,,,,,,,,,1500.50,\n", ""))
    ran = shell("check-export", str(file), "--account", "main", "--json")
    assert ran.document["differences"] == [{"what": "cash", "symbol": None, "file": "nothing", "broker": "1500.5 USD"}]


def test_a_file_that_does_not_say_whose_it_is_is_told(shell: Shell, file: Path) -> None:
    file.write_text(WIDE.replace("Mine -5636", "Mine"))
    ran = shell("check-export", str(file), "--account", "main")
    assert ran.code == 0
    assert "does not say of which account" in ran.out


def test_the_ticker_cash_is_a_position() -> None:
    found = PortfolioCsv().read(WIDE.replace("VTI,200.00", "CASH,200.00"), "file")
    assert [one.symbol for one in found.positions][-1] == "CASH"
    assert found.cash == Decimal("1500.5")


@pytest.mark.parametrize("day", ["5/6/2024", "05/06/24"])
def test_days_of_lots_may_be_short(day: str) -> None:
    found = PortfolioCsv().read(SIMPLE.replace("05/06/2024", day), "file")
    assert found.positions[0].lots[0].acquired == dt.date(2024, 5, 6)


def test_lots_of_one_day_and_size_are_compared_without_an_order(shell: Shell, file: Path, etrade: EtradeServer) -> None:
    """One of them without a known cost is no trouble."""
    lots = etrade.book.accounts[0].lots
    lots[0].quantity = lots[1].quantity = Decimal(25)
    lots[0].acquired = lots[1].acquired
    lots[0].price = None
    rows = "     02/14/2020,25.0000,5000.00,\n     02/14/2020,25.0000,5000.00,3750.00\n"
    file.write_text(SIMPLE.replace("     03/03/2025,30.0000,6000.00,7507.50\n     02/14/2020,20.0000,4000.00,3000.00\n", rows))
    ran = shell("check-export", str(file), "--account", "main", "--json")
    assert ran.code == 0, ran.err


def test_a_rounded_price_is_as_good_as_its_digits() -> None:
    """A thousand shares at 90.12 may have cost 90,123.40."""
    text = WIDE.replace("VTI,200.00", "VTI,200.00").replace("CASH,,", "     03/03/2025,,,,1000,90.12,,,,\nCASH,,")
    (lot,) = PortfolioCsv().read(text, "file").positions[-1].lots
    assert (lot.cost, lot.cost_off) == (Decimal("90120.00"), Decimal("5.05"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda path: None, None),
        (lambda path: path.write_text(WIDE.replace("0,0,50", "0,0,51")), "export_differs"),
        (lambda path: path.unlink(), "export_missing"),
    ],
)
def test_where_an_export_is_required_nothing_is_sent_without_it(
    shell: Shell, file: Path, etrade: EtradeServer, change: object, code: str | None
) -> None:
    folder = Path("downloads")
    folder.mkdir()
    file = file.rename(folder / file.name)
    config = Path("rebalkit.toml")
    config.write_text(config.read_text() + f'require_export = "{folder.absolute()}"\n')
    plan_id = shell("plan", "--json").document["plan_id"]
    (newest_run() / "origin.json").write_text(json.dumps({"read": etrade.book.now.isoformat(), "live": True}))
    change(file)  # type: ignore[operator]
    ran = shell("execute", plan_id, "--live", "--approve", plan_id)
    assert (ran.code, len(etrade.book.accounts[0].orders) > 0) == ((0, True) if code is None else (4, False)), ran.err


@given(st.binary(max_size=40), st.integers(0, len(WIDE)), st.integers(0, 30))
def test_damaged_bytes_are_an_error_or_change_nothing_but_what_they_say(junk: bytes, place: int, cut: int) -> None:
    data = WIDE.encode()
    text = (data[:place] + junk + data[place + cut :]).decode("utf-8", "replace")
    reader = PortfolioCsv()
    if reader.recognises(text):
        try:
            found = reader.read(text, "file")
        except DataError:
            return
        assert all(one.quantity is None or isinstance(one.quantity, Decimal) for one in found.positions)
        assert found.made is None or found.made.tzinfo is not None
