"""What an export may not say: every row that is not understood is an error with its line, its kind and what to do."""

from __future__ import annotations

import pytest

from exports import SCHWAB, etrade, fidelity, legacy, read, schwab
from rebalkit.brokers.exports.text import decoded, header_seen
from rebalkit.errors import DataError


def s(action: str = "Buy", symbol: str = "VTI", quantity: str = "2", price: str = "$10.00", amount: str = "-$20.00") -> str:
    return schwab(("04/02/2025", action, symbol, quantity, price, amount))


def e(cells: str) -> str:
    return etrade(f"03/28/25,03/28/25,03/31/25,{cells},0.0,--,--")


def f(cells: str) -> str:
    return fidelity(f"03/18/2025,Me,Z1,{cells}")


WRONG = {
    # the kind
    "an unknown kind with shares": (SCHWAB, s("Mystery"), "unknown_kind", "'Mystery' of 'VTI': this kind of row is not known"),
    "an unknown kind with a symbol": (SCHWAB, s("Mystery", quantity="", price=""), "unknown_kind", "not known"),
    "an unknown kind with a quantity": (SCHWAB, s("Mystery", symbol=""), "unknown_kind", "not known"),
    "a dividend with shares": (SCHWAB, s("Qualified Dividend", price=""), "unknown_kind", "quantity of 2"),
    "a merger": (SCHWAB, s("Stock Merger"), "refused_kind", "deliver the old and receive the new"),
    "a spin-off": (SCHWAB, s("Spin-off"), "refused_kind", "transactions.csv"),
    "cash for a fraction": (SCHWAB, s("Cash In Lieu", quantity="", price="", amount="$3.10"), "refused_kind", "fraction"),
    "shares of a stock plan": (SCHWAB, s("Stock Plan Activity"), "refused_kind", "vest or receive"),
    "a cancelled purchase": (SCHWAB, s("Cancel Buy", amount="$20"), "refused_kind", "the one that it cancels"),
    "a short sale": ("etrade-history", e("Sold Short,TESLA INC,TSLA,--,-2,10,20"), "refused_kind", "Short sales"),
    "a reorganisation": ("etrade-history", e("Reorganization,OLD TO NEW,VTI,--,2,,0"), "refused_kind", "transactions.csv"),
    "a kind that E*TRADE forgot": ("etrade-legacy-history", legacy("12/06/24,0,EQ,VTI,5,-50,10,0,VTI"), "unknown_kind", "'0'"),
    "the old half of a reverse split": (
        "fidelity-history", f("REVERSE SPLIT R/S TO 123#REOR M1,UVXY,X,Cash,0,,USD,,-130,0,,,,,"), "refused_kind", "split",
    ),
    "a maturity": ("fidelity-history", f("REDEMPTION PAYOUT X (X),VTI,X,Cash,0,,USD,,-10,0,,,,10,"), "refused_kind", "transactions"),
    "a kind that would write on the terminal": (SCHWAB, s("\x1b[2J"), "bad_name", "cannot be printed"),
    "an account that would": ("etrade-history", "Account Activity for \x1b[2J from x\n" + e(""), "bad_name", "name of an account"),
    "an account of a row that would": (
        "fidelity-history", fidelity("03/18/2025,\x1b,Z1,YOU BOUGHT,V,V,Cash,0,,,8,1,0,,,,-8,"), "bad_name", "cannot be printed",
    ),
    "an endless name": ("etrade-history", f"Account Activity for {'n' * 65} from x\n" + e(""), "bad_name", "name of an account"),
    # symbols
    "a purchase of nothing": (SCHWAB, s(symbol=""), "empty_cell", "there is no symbol"),
    "a fund under an old number": (SCHWAB, s(symbol="88634T493"), "bad_symbol", "number (CUSIP)"),
    "a number that begins with a letter": (SCHWAB, s(symbol="G1234A567"), "bad_symbol", "number (CUSIP)"),
    "small letters": (SCHWAB, s(symbol="vti"), "bad_symbol", "not a ticker"),
    # figures
    "no quantity": (SCHWAB, s(quantity=""), "empty_cell", "there is no quantity"),
    "a quantity of 0": (SCHWAB, s(quantity="0"), "empty_cell", "there is no quantity"),
    "a negative purchase": (SCHWAB, s(quantity="-2", amount="$20.00"), "wrong_sign", "purchase of -2"),
    "money coming in for a purchase": (SCHWAB, s(amount="$20.00"), "wrong_sign", "coming in"),
    "money going out for a sale": (SCHWAB, s("Sell"), "wrong_sign", "going out"),
    "neither price nor amount": (SCHWAB, s(price="", amount=""), "empty_cell", "neither a price nor an amount"),
    "an amount of 0": (SCHWAB, s(amount="$0.00"), "amounts_differ", "the amount is 0"),
    "a price of another column": (SCHWAB, s(price="$20.00"), "amounts_differ", "20.00 more"),
    "a purchase that is a cent and more off": (SCHWAB, s(price="$10.0000", amount="-$20.02"), "amounts_differ", "0.02 less"),
    "a sale short of more than fees": (SCHWAB, s("Sell", quantity="100", amount="$999.00"), "amounts_differ", "1.00 more"),
    "a cent for a trillion shares": (SCHWAB, s(quantity="999999999999", price="", amount="-$0.01"), "amounts_differ", "cannot be"),
    "fees below 0": (SCHWAB, schwab(("04/02/2025", "Buy", "VTI", "2", "$10", "-$20"), fees="-$1"), "bad_number", "below 0"),
    "fees beyond the amount": (SCHWAB, schwab(("04/02/2025", "Buy", "VTI", "2", "$10", "-$20"), fees="$30"), "amounts_differ", "use up"),
    "a negative price": (SCHWAB, s(price="-$10"), "bad_number", "below 0"),
    "shares finer than a millionth": (SCHWAB, s(quantity="2.0000001"), "too_fine", "millionth"),
    "a price finer than a billionth": (SCHWAB, s(price="10.0000000001"), "too_fine", "billionth"),
    "a decimal comma": (SCHWAB, s(price="10,00"), "bad_number", "not a number"),
    "an exponent": (SCHWAB, s(quantity="1e2"), "bad_number", "not a number"),
    "a number that is none": (SCHWAB, s(quantity="NaN"), "bad_number", "not a number"),
    "two signs": (SCHWAB, s(amount="-$-20"), "bad_number", "not a number"),
    "brackets and a sign": (SCHWAB, s(amount="(-20)"), "bad_number", "two signs"),
    "another currency": ("fidelity-history", f("YOU BOUGHT X,VTI,X,Cash,0,,CAD,8,1,0,,,,-8,"), "not_usd", "it is in CAD"),
    # dates
    "a day first": (SCHWAB, schwab(("25/03/2025", "Buy", "VTI", "2", "$10", "-$20")), "bad_date", "not a day"),
    "words": (SCHWAB, schwab(("yesterday", "Buy", "VTI", "2", "$10", "-$20")), "bad_date", "month first"),
    "a broken as-of day": (SCHWAB, schwab(("04/02/2025 as of", "Buy", "VTI", "2", "$10", "-$20")), "bad_date", "not a date"),
    "a spreadsheet's zero": (SCHWAB, schwab(("01/00/1900", "Buy", "VTI", "2", "$10", "-$20")), "bad_date", "not a day"),
    "a year of long ago": (SCHWAB, schwab(("01/01/1900", "Buy", "VTI", "2", "$10", "-$20")), "bad_date", "before 1970"),
    "a broken day in the action": (
        "fidelity-history", f("YOU BOUGHT AS OF 13-45-25 X,VTI,X,Cash,0,,USD,8,1,0,,,,-8,"), "bad_date", "not a day",
    ),
    # splits
    "a split that adds nothing": ("etrade-history", e("Stock Split,SPLIT RATIO 1:1,VTI,--,10,,0"), "bad_split", "contradicts"),
    "a split that takes": ("etrade-history", e("Stock Split,SPLIT RATIO 2:1,VTI,--,-10,,0"), "bad_split", "contradicts"),
    "a ratio of nothing": ("etrade-history", e("Stock Split,SPLIT RATIO 2:0,VTI,--,10,,0"), "bad_split", "contradicts"),
    # the file
    "a row that ends early": (SCHWAB, s() + '"04/02/2025","Buy","VTI"\n', "bad_row", "ends early"),
    "a day alone at the end": (SCHWAB, s() + '"04/0\n"', "bad_row", "ends early"),
    "a comma too many": ("etrade-history", e("Bought,VTI, THE ETF,VTI,--,2,10,-20"), "bad_row", "quotation marks"),
    "an open quotation mark": (SCHWAB, s() + '"04/02/2025","Buy\n', "bad_row", "quotation marks"),
    "a second header": (SCHWAB, s() + s(), "bad_date", "'Date' is not a date"),
    "a header far below": (SCHWAB, "text\n" * 50 + s(), "unknown_export", "no line with the columns"),
    "no header": (SCHWAB, "a,b\n1,2\n", "unknown_export", "no line with the columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_is_an_error_that_names_it(case: str) -> None:
    name, text, code, words = WRONG[case]
    with pytest.raises(DataError) as caught:
        read(text, name)
    problem = caught.value.problems[0]
    assert problem.code == code
    assert words in str(problem)
    assert problem.place.startswith("file.csv")
    assert problem.remedy


def test_the_place_is_the_line_and_the_title_of_the_column() -> None:
    text = schwab(("04/02/2025", "Buy", "VTI", "2", "$10", "-$20"), ("04/01/2025", "Buy", "VTI", "x", "$10", "-$20"))
    with pytest.raises(DataError, match=r"file\.csv:3, column Quantity: 'x' is not a number"):
        read(text, SCHWAB)


def test_two_ratios_of_one_day_contradict_each_other() -> None:
    row = "03/28/25,03/28/25,03/31/25,Stock Split,SPLIT RATIO {}:1,VTI,--,10,,0,0.0,--,--"
    with pytest.raises(DataError, match="two ratios"):
        read(etrade(row.format(2), row.format(3)), "etrade-history")


def test_all_wrong_rows_are_told_at_once() -> None:
    text = schwab(*[("04/02/2025", "Mystery", "VTI", "2", "$10", "-$20")] * 25)
    with pytest.raises(DataError) as caught:
        read(text, SCHWAB)
    assert caught.value.reason == "25 problems"
    assert [one.place for one in caught.value.problems[:2]] == ["file.csv:2", "file.csv:3"]
    assert "5 more problems" in str(caught.value)


def test_a_column_that_is_there_twice_makes_no_table() -> None:
    text = s().replace('"Price"', '"Amount"')
    with pytest.raises(DataError, match="no line with the columns"):
        read(text, SCHWAB)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_may_be_utf_8_or_marked_utf_16(encoding: str) -> None:
    assert decoded("Señor, 1".encode(encoding), "x") == "Señor, 1"


@pytest.mark.parametrize("data", ["é".encode("cp1252"), "ab".encode("utf-16-le"), b"\xff\xfea", b"PK\x03\x04\x00"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match=r"x: the file is not UTF-8 or UTF-16 text\. .*CSV UTF-8"):
        decoded(data, "x")


def test_the_header_shown_is_the_first_line_that_looks_like_one() -> None:
    assert header_seen('Title\n\na,b\n"Date","Kind","Shares","USD"\n1,2,3,4\n') == "Date, Kind, Shares, USD"
    assert header_seen("one\ntwo\n") == ""
