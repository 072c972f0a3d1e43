"""Transaction exports: a whole file of each layout, and the traps that real ones set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from exports import READERS, SCHWAB, etrade, fidelity, legacy, read, schwab
from rebalkit.brokers.exports.securities import other_kind
from rebalkit.errors import DataError
from rebalkit.model import HistoryRows, Transaction

SAMPLES = Path(__file__).parents[2] / "export_files"

GOLDEN: Mapping[str, tuple[str, tuple[str, ...], list[str], Mapping[str, int]]] = {
    "etrade-history.csv": (
        "etrade-history",
        ("Nest egg(-0042) -7310",),
        [
            "2024-09-03 buy SCHX 30 at 66.4321 fees 6.95",
            "2024-10-11 split SCHX 3 at None fees 0",
            "2024-12-02 receive BND 25 at None fees 0",
            "2025-03-24 reinvest SCHX 0.566 at 22.1 fees 0",
            "2025-03-28 buy VV 3.5 at 250.1234 fees 0",
            "2025-03-28 sell SCHX 40 at 22.49925 fees 0",  # 3 cents of the regulators' fees have no column
        ],
        {"Dividend": 1, "Interest Income": 1, "Online Transfer": 1, "Service Fee": 1, "money market fund": 1, "option": 1},
    ),
    "etrade-legacy.csv": (
        "etrade-legacy-history",
        ("7310",),
        [
            "2023-10-05 buy IJR 9 at 93.4508 fees 0",
            "2023-10-05 sell VB 2 at 186.095 fees 0",
            "2023-12-27 reinvest VTV 0.566 at 145.777385159 fees 0",  # its price stands in the description only
        ],
        {"Dividend": 1, "Transfer": 1, "money market fund": 1, "option": 1},
    ),
    "schwab.csv": (
        "schwab-history",
        (),
        [
            "2025-01-08 buy SCHA 1471 at 25.0736 fees 0",
            "2025-01-10 receive VEA 45 at None fees 0",
            "2025-01-21 deliver VTI 7 at None fees 0",
            "2025-03-19 buy BRK.B 4 at 477.40 fees 0",
            "2025-03-20 sell SCHA 1471 at 24.07 fees 0.24",
            "2025-04-04 reinvest SCHB 0.1328 at 20.4525 fees 0",
        ],
        {
            "Bank Interest": 1, "MoneyLink Transfer": 1, "NRA Tax Adj": 1, "Qualified Dividend": 1, "Reinvest Dividend": 1,
            "bond or CD": 1, "money market fund": 1, "option": 1,
        },
    ),
    "schwab-older.csv": (
        "schwab-history",
        ("Individual XXXX-4321",),
        ["2020-08-25 buy SCHB 12 at 82.0736 fees 0", "2020-09-28 sell SCHB 12 at 79.50 fees 0.03"],
        {"Bank Interest": 1},
    ),
    "fidelity.csv": (
        "fidelity-history",
        ("Joint WROS -1234", "ROTH IRA -5678"),
        [
            "2025-02-10 receive VTV 10 at None fees 0",
            "2025-03-14 reinvest VTV 0.05 at 168.2 fees 0",
            "2025-03-31 reinvest VTEB 0.251 at 49.5 fees 0",
            "2025-04-02 sell VTV 10 at 170.11 fees 4.98",
            "2025-04-02 buy VTI 3 at 272.56 fees 0",
        ],
        {
            "DIVIDEND RECEIVED": 1, "ELECTRONIC FUNDS TRANSFER": 1, "PURCHASE INTO CORE ACCOUNT": 1, "TRANSFER OF ASSETS": 1,
            "money market fund": 1, "option": 1,
        },
    ),
    "fidelity-older.csv": (
        "fidelity-history",
        (),
        ["2019-01-08 buy VTI 3 at 131.20 fees 4.95", "2019-01-24 sell VTI 3 at 134.93 fees 4.97"],
        {"DIVIDEND RECEIVED": 1},
    ),
}  # fmt: skip


def told(one: Transaction) -> str:
    return f"{one.date} {one.action} {one.symbol} {one.quantity} at {one.price} fees {one.fees}"


def lines(rows: HistoryRows) -> list[str]:
    return [told(one) for one in rows.transactions]


@pytest.mark.parametrize("file", GOLDEN)
def test_a_whole_file_gives_exactly_its_transactions_and_counts_every_other_row(file: str) -> None:
    name, accounts, transactions, ignored = GOLDEN[file]
    rows = read((SAMPLES / file).read_text(encoding="utf-8"), name)
    assert rows.accounts == accounts
    assert lines(rows) == transactions
    assert rows.ignored == ignored
    assert not rows.open_splits


@pytest.mark.parametrize("file", GOLDEN)
def test_only_the_reader_of_its_layout_recognises_a_file(file: str) -> None:
    text = (SAMPLES / file).read_text(encoding="utf-8")
    assert [name for name, reader in READERS.items() if reader.recognises(text)] == [GOLDEN[file][0]]


@pytest.mark.parametrize("file", GOLDEN)
@pytest.mark.parametrize("spoil", [lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\n\n"), lambda t: "\n" + t])
def test_line_ends_and_blank_lines_change_nothing(file: str, spoil: object) -> None:
    text = (SAMPLES / file).read_text(encoding="utf-8")
    name = GOLDEN[file][0]
    assert read(spoil(text), name) == read(text, name)  # type: ignore[operator]


def test_a_copy_separated_by_tabs_reads_like_the_file() -> None:
    text = etrade("03/28/25,03/28/25,03/31/25,Bought,VV ETF,VV,--,2.0,250.0,-500.0,0.0,--,--")
    assert lines(read(text.replace(",", "\t"), "etrade-history")) == ["2025-03-28 buy VV 2 at 250.0 fees 0"]


def test_the_period_that_the_file_states_is_covered() -> None:
    rows = read((SAMPLES / "etrade-history.csv").read_text(encoding="utf-8"), "etrade-history")
    assert rows.covered == (dt.date(2024, 9, 1), dt.date(2025, 4, 8))


@pytest.mark.parametrize("period", ["Prior Year", "LAST 7 Days", "2024-01-01 to today", "2024-13-01 to 2024-13-02"])
def test_a_period_that_is_not_two_days_covers_nothing_for_certain(period: str) -> None:
    text = f"Account Activity for Nest egg -7310 from {period}\n\n" + etrade("")
    rows = read(text, "etrade-history")
    assert (rows.accounts, rows.covered) == (("Nest egg -7310",), None)


def test_rows_of_one_day_are_turned_round_with_the_file() -> None:
    """Newest first: what stands lower happened earlier."""
    rows = read(schwab(("04/02/2025", "Sell", "VTI", "1", "$9", "$9"), ("04/02/2025", "Buy", "VTI", "1", "$8", "-$8")), SCHWAB)
    assert [str(one.action) for one in rows.transactions] == ["buy", "sell"]
    assert not rows.notes


def test_a_file_that_somebody_sorted_oldest_first_is_taken_as_it_is() -> None:
    rows = read(
        schwab(
            ("04/01/2025", "Buy", "VTI", "1", "$8", "-$8"),
            ("04/02/2025", "Sell", "VTI", "1", "$9", "$9"),
            ("04/02/2025", "Buy", "VTI", "2", "$9", "-$18"),
        ),
        SCHWAB,
    )
    assert [str(one.action) for one in rows.transactions] == ["buy", "sell", "buy"]


def test_a_file_in_no_order_is_sorted_with_a_note() -> None:
    rows = read(
        schwab(
            ("04/01/2025", "Buy", "VTI", "1", "$8", "-$8"),
            ("04/03/2025", "Sell", "VTI", "1", "$9", "$9"),
            ("04/02/2025", "Buy", "VTI", "2", "$9", "-$18"),
        ),
        SCHWAB,
    )
    assert [one.date.day for one in rows.transactions] == [1, 2, 3]
    assert "not in order" in rows.notes[0]


def test_schwabs_as_of_day_is_the_trade_date_and_the_other_one_orders_the_file() -> None:
    rows = read(
        schwab(
            ("04/03/2025", "Sell", "VTI", "1", "$9", "$9"),
            ("04/03/2025 as of 03/31/2025", "Buy", "VTI", "1", "$8", "-$8"),
            ("04/01/2025", "Buy", "VTI", "2", "$8", "-$16"),
        ),
        SCHWAB,
    )
    assert [(one.date.isoformat(), one.quantity) for one in rows.transactions] == [
        ("2025-03-31", 1),
        ("2025-04-01", 2),
        ("2025-04-03", 1),
    ]
    assert not rows.notes


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("YOU BOUGHT AS OF 03-14-25 VTI", dt.date(2025, 3, 14)),
        ("YOU BOUGHT as of 03/14/2025 VTI", dt.date(2025, 3, 14)),
        ("YOU BOUGHT as of Mar-14-2025 VTI", dt.date(2025, 3, 14)),
        ("YOU BOUGHT as of 2025-03-14 VTI", dt.date(2025, 3, 14)),
        ("YOU BOUGHT VANGUARD AS OFFERED (VTI)", dt.date(2025, 3, 18)),
    ],
)
def test_fidelitys_as_of_day_is_the_trade_date(words: str, day: dt.date) -> None:
    rows = read(fidelity(f"03/18/2025,Me,Z1,{words},VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,"), "fidelity-history")
    assert [one.date for one in rows.transactions] == [day]


def test_sales_have_a_sign_or_none() -> None:
    row = ("04/02/2025", "Sell", "VTI", "-3", "$9", "$27")
    signed, plain = read(schwab(row), SCHWAB), read(schwab((*row[:3], "3", *row[4:])), SCHWAB)
    assert signed == plain
    assert signed.transactions[0].quantity == 3


def test_fee_columns_add_up() -> None:
    rows = read(fidelity("03/18/2025,Me,Z1,YOU SOLD VTI,VTI,VTI,Cash,0,,USD,8,-10,0,4.95,0.05,,75,"), "fidelity-history")
    assert rows.transactions[0].fees == Decimal("5.00")


def test_a_split_of_etrade_has_its_ratio_in_the_description() -> None:
    row = "04/22/26,04/22/26,04/21/26,Stock Split,VANGUARD GROWTH ETF SPLIT RATIO  6:1,VUG,--,{},,0.0,0.0,--,--"
    # Held in two parts, on cash and on margin: one split of all of it, though two rows say so.
    rows = read(etrade(row.format("256.39"), row.format("10")), "etrade-history")
    assert lines(rows) == ["2026-04-22 split VUG 6 at None fees 0"]


def test_a_reverse_split_has_a_ratio_below_one() -> None:
    row = "04/22/26,04/22/26,04/21/26,Reverse Split,ETF SPLIT RATIO 1:4,UVXY,--,-30,,0.0,0.0,--,--"
    assert lines(read(etrade(row), "etrade-history")) == ["2026-04-22 split UVXY 0.25 at None fees 0"]


def test_a_ratio_without_an_end_is_exact() -> None:
    row = "04/22/26,04/22/26,04/21/26,Reverse Split,ETF SPLIT RATIO 1:3,UVXY,--,-20,,0.0,0.0,--,--"
    (split,) = read(etrade(row), "etrade-history").transactions
    assert split.ratio == Fraction(1, 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (SCHWAB, schwab(("10/11/2024", "Stock Split", "SCHX", "60", "$23.10", ""))),
        ("fidelity-history", fidelity("10/11/2024,Me,Z1,DISTRIBUTION STOCK SPLIT (SCHX),SCHX,X,Cash,0,,USD,,60,0,,,,0,")),
        ("etrade-history", etrade("10/11/24,10/11/24,10/11/24,Stock Split,SCHX FORWARD SPLIT,SCHX,--,60,,0.0,0.0,--,--")),
    ],
)
def test_a_split_with_nothing_but_the_shares_added_is_left_open(name: str, text: str) -> None:
    """What was held before is not known from the file: another file may hold more of it."""
    rows = read(text, name)
    assert not rows.transactions
    assert [(one.symbol, one.date) for one in rows.open_splits] == [("SCHX", dt.date(2024, 10, 11))]
    assert rows.open_splits[0].place.startswith("file.csv:")


def test_what_is_no_ticker_is_counted_and_named() -> None:
    rows = read(
        schwab(
            ("04/02/2025", "Expired", "KO 03/28/2025 66.00 P", "-1", "", ""),
            ("03/18/2025", "Sell to Open", "KO 03/28/2025 66.00 P", "1", "$0.53", "$53"),
        ),
        SCHWAB,
    )
    assert rows.ignored == {"option": 2}
    assert "option; rows: 2" in rows.notes[0]
    assert "KO 03/28/2025 66.00 P" in rows.notes[0]


@pytest.mark.parametrize(
    ("symbol", "description", "kind"),
    [
        ("NVDA Dec 13 '24 $150 Put", "", "option"),
        ("KO 11/15/2024 66.00 P", "", "option"),
        ("BRK/B 11/15/2024 466.50 C", "", "option"),
        ("-XLU260710P44.5", "", "option"),
        ("AAPL--250620C00150000", "", "option"),
        ("XLU", "PUT (XLU) UTILITIES SELECT SECTOR SPDR JUL 10 26 $44.5 (100 SHS)", "option"),
        ("TSLA", "CALL TSLA   02/28/25   380.000", "option"),
        ("PUT", "PUTNAM FUND", None),
        ("CALL", "CALL CENTER HOLDINGS INC", None),
        ("912797LB1", "UNITED STATES TREAS BILLS ZERO CPN 0.00000% 05/23/2024", "bond or CD"),
        ("912797LB1", "US TREASURY BILL24 U S T BILL DUE 03/14/24", "bond or CD"),
        ("46656MXX0", "JPMORGAN CHASE BK NA CD 5.3% 01/15/25", "bond or CD"),
        ("", "AN OLD CERTIFICATE OF DEPOSIT", "bond or CD"),
        ("88634T493", "YIELDMAX ETF", None),  # the old number of a fund
        ("BIL", "SPDR 1-3 MONTH T-BILL ETF 100% TREASURY", None),
        ("SPAXX", "FIDELITY GOVERNMENT MONEY MARKET", "money market fund"),
        ("XX", "SHORT INC", None),
        ("VTI", "VANGUARD TOTAL STOCK MARKET ETF", None),
    ],
)
def test_what_is_certainly_no_share(symbol: str, description: str, kind: str | None) -> None:
    assert other_kind(symbol, description) == kind


def test_an_option_under_the_ticker_of_its_shares_is_no_sale_of_them() -> None:
    """E*TRADE's newer export names the underlying; taking it for shares would invent a sale."""
    rows = read(
        etrade(
            "02/28/25,02/28/25,02/27/25,Option Assigned,PUT  TSLA   02/28/25   370.000,TSLA,--,2.0,,0.0,0.0,--,--",
            "02/24/25,02/24/25,02/25/25,Sold,CALL TSLA   02/28/25   370.000,TSLA,--,-2.0,40.1,8018.73,1.26,--,--",
        ),
        "etrade-history",
    )
    assert (rows.transactions, rows.ignored) == ((), {"option": 2})


def test_a_return_of_capital_is_named_because_it_changes_the_basis() -> None:
    rows = read(schwab(("04/02/2025", "Return Of Capital", "AMLP", "", "", "$12.10")), SCHWAB)
    assert rows.ignored == {"Return Of Capital": 1}
    assert "lowers the basis" in rows.notes[0]


def test_sales_that_name_their_lot_are_noted() -> None:
    text = etrade("03/28/25,03/28/25,03/31/25,Sold,EXAMPLE ETF  LOT 20240618,VXUS,--,-1.5,50.0,75.0,0.0,--,--")
    assert "name their lot" in read(text, "etrade-history").notes[0]


def test_columns_that_are_new_are_noted() -> None:
    text = fidelity("").replace("Settlement Date", "Mood", 1)
    assert read(text, "fidelity-history").notes == ("file.csv: ignored columns 'Mood'",)


def test_two_accounts_of_one_label_are_refused() -> None:
    text = fidelity(
        "03/18/2025,Me,A11111234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,",
        "03/18/2025,Me,B22221234,YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,",
    )
    with pytest.raises(DataError, match="two accounts would be named 'Me -1234'"):
        read(text, "fidelity-history")


@pytest.mark.parametrize("owner", ["Me,Z00001234", "PASSIVE Z00001234,", ",Z00001234"])
def test_the_number_of_an_account_is_never_shown_whole(owner: str) -> None:
    rows = read(fidelity(f"03/18/2025,{owner},YOU BOUGHT VTI,VTI,VTI,Cash,0,,USD,8,1,0,,,,-8,"), "fidelity-history")
    assert rows.accounts == (rows.transactions[0].account,)
    assert "-1234" in rows.accounts[0]
    assert "Z00001234" not in repr(rows)


@pytest.mark.parametrize(
    "action",
    ["REINVESTMENT FDIC INSURED DEPOSIT AT SOME BANK (QPIAQ) NOT COVERED BY SIPC (Cash)", "REINVESTMENT CASH (315994103) (Cash)"],
)
def test_interest_reinvested_in_the_cash_of_the_account_is_cash(action: str) -> None:
    rows = read(fidelity(f'03/18/2025,Me,Z1,"{action}",QPIAQ,CASH,Cash,0,,USD,1,0.12,0,,,,-0.12,'), "fidelity-history")
    assert (rows.transactions, rows.ignored) == ((), {"REINVESTMENT": 1})


def test_shares_moved_between_cash_and_margin_stay_in_the_account() -> None:
    text = fidelity(
        "03/18/2025,Me,Z1,JOURNALED JNL VS A/C TYPES (VTI) (Margin),VTI,VTI,Margin,0,,USD,,5,0,,,,0,",
        "03/18/2025,Me,Z1,JOURNALED JNL VS A/C TYPES (VTI) (Cash),VTI,VTI,Cash,0,,USD,,-5,0,,,,0,",
    )
    rows = read(text, "fidelity-history")
    assert (rows.transactions, rows.ignored) == ((), {"JOURNALED JNL VS A/C TYPES": 2})


def test_a_table_without_rows_is_an_empty_history() -> None:
    assert read(legacy(), "etrade-legacy-history").transactions == ()


# What was paid is the amount; how the printed price relates to it.
@pytest.mark.parametrize(
    ("quantity", "price", "amount", "exact"),
    [
        ("0.0155", "$42.4901", "-$0.66", "42.4901"),  # right to the cent
        ("3", "$10.33", "-$31.00", "10.333333333"),  # the price is rounded
        ("1000", "$10.33", "-$10,333.33", "10.33333"),
        ("3", "", "-$31.00", "10.333333333"),
        ("3", "$10", "", "10"),
    ],
)
def test_the_price_gives_the_amount(quantity: str, price: str, amount: str, exact: str) -> None:
    rows = read(schwab(("04/02/2025", "Buy", "VTI", quantity, price, amount)), SCHWAB)
    assert rows.transactions[0].price == Decimal(exact)
