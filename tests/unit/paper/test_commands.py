"""``rebalkit paper …`` as a person and a program use it, and as another command calls it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from paper_books import buy
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import BrokerError, DataError, RebalkitError, UsageError
from rebalkit.sample import SAMPLE_AS_OF, sample_folder
from rebalkit_paper import PaperBroker, PaperSettings, open_book
from rebalkit_paper.commands import paper
from rebalkit_paper.store import list_books


def run(*arguments: str) -> Result:
    return CliRunner().invoke(paper, list(arguments))


def ran(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    assert result.exit_code == 0
    return result.stdout


def book(*arguments: str) -> dict[str, Any]:
    value = json.loads(ran(*arguments, "--json"))
    assert isinstance(value, dict)
    return value


def problem(*arguments: str) -> RebalkitError:
    result = run(*arguments)
    assert isinstance(result.exception, RebalkitError), result.output
    return result.exception


def test_the_sample_becomes_a_book_with_the_commands_that_follow() -> None:
    text = ran("new", "demo", "--sample")
    assert "[brokers.paper]" in text
    assert "rebalkit plan --broker paper --set brokers.paper.book=demo --targets targets.toml" in text
    one = open_book("demo")
    assert one.today == SAMPLE_AS_OF
    assert [account.account for account in one.accounts] == ["taxable", "ira"]
    assert len(one.accounts[0].lots) > 80
    assert one.transactions


def test_another_command_makes_a_book_in_the_same_process(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        paper.main(["new", "demo", "--sample", "--force"], standalone_mode=False)
    assert list_books() == ["demo"]
    assert "demo" in capsys.readouterr().out
    with pytest.raises(UsageError):
        paper.main(["new", "demo", "--sample"], standalone_mode=False)


def test_a_folder_becomes_a_book_on_its_newest_day(tmp_path: Path) -> None:
    for path in sample_folder().glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert book("new", "mine", "--from", str(tmp_path))["today"] == "2025-04-08"
    assert book("new", "later", "--from", str(tmp_path), "--as-of", "2025-04-12")["closed"] == "weekend"
    assert problem("new", "early", "--from", str(tmp_path), "--as-of", "2025-04-07").exit_code == 3
    assert problem("new", "none", "--from", str(tmp_path / "none")).exit_code == 3
    assert list_books() == ["later", "mine"]


def test_prices_without_a_date_are_of_today(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account,kind,cash\nmain,taxable,100\n")
    (tmp_path / "lots.csv").write_text("account,lot,symbol,quantity,acquired,cost\n")
    (tmp_path / "prices.csv").write_text("symbol,price\nAAA,5\n")
    result = run("new", "mine", "--from", str(tmp_path))
    assert result.exit_code == 0
    assert "transactions.csv: there is no such file" in result.stderr
    one = open_book("mine")
    assert one.today == today_in_new_york()
    assert one.quotes["AAA"].date == one.today


def test_cash_becomes_a_book_without_a_past() -> None:
    text = ran("new", "mine", "--cash", "1000", "--as-of", "2025-04-12")
    assert "The market is closed on 2025-04-12 (weekend)" in text
    assert "rebalkit paper set-price mine SYMBOL PRICE" in text
    broker = PaperBroker(PaperSettings("mine"))
    assert broker.snapshot("taxable").cash.settled == 1000
    assert broker.history_from("taxable") == dt.date(1900, 1, 1)


def test_the_options_of_a_book_are_how_its_orders_fill() -> None:
    options = [
        "--slippage-bp",
        "2.5",
        "--fee",
        "1",
        "--fee-per-share",
        "0.005",
        "--partial",
        "0.5",
        "--reject",
        "aaa",
        "--fractional",
    ]
    assert book("new", "mine", "--cash", "1", *options)["fills"] == {
        "slippage_bp": "2.5",
        "fee_per_order": "1",
        "fee_per_share": "0.005",
        "partial": "0.5",
        "reject": ["AAA"],
        "share_step": "0.000001",
    }


def test_cash_prices_and_days_move() -> None:
    ran("new", "mine", "--cash", "1000", "--as-of", "2025-04-10")
    assert book("deposit", "mine", "500.50")["accounts"][0]["cash"]["settled"] == "1500.50"
    assert book("deposit", "mine", "-0.50", "--account", "taxable")["accounts"][0]["cash"]["settled"] == "1500.00"
    assert book("set-price", "mine", "AAA", "12.5")["quotes"]["AAA"]["ask"] == "12.5"
    moved = book("set-price", "mine", "aaa", "--bid", "12.40", "--ask", "12.50")
    quote = moved["quotes"]["AAA"]
    assert (quote["symbol"], quote["bid"], quote["ask"], quote["date"]) == ("AAA", "12.40", "12.50", "2025-04-10")
    broker = PaperBroker(PaperSettings("mine"))
    broker.place("taxable", broker.preview("taxable", buy("AAA", "10")))
    shown = book("show", "mine")["accounts"][0]
    assert shown["value"] == "1499.00"
    assert [(one["symbol"], one["quantity"], one["value"]) for one in shown["positions"]] == [("AAA", "10", "124.00")]
    assert book("advance", "mine")["today"] == "2025-04-11"
    assert book("advance", "mine", "--days", "2")["today"] == "2025-04-15"
    assert book("advance", "mine", "--to", "2025-04-18")["closed"] == "Good Friday"


def test_prices_of_a_new_day_come_from_a_file(tmp_path: Path) -> None:
    ran("new", "mine", "--cash", "1", "--as-of", "2025-04-10")
    prices = tmp_path / "prices.csv"
    prices.write_text("symbol,bid,ask,date\nAAA,1,2,\nBBB,3,4,2025-04-10\n")
    quotes = book("advance", "mine", "--prices", str(prices))["quotes"]
    assert (quotes["AAA"]["date"], quotes["BBB"]["date"]) == ("2025-04-11", "2025-04-10")
    before = open_book("mine")
    prices.write_text("symbol,price,date\nAAA,1,2025-04-15\n")
    assert problem("advance", "mine", "--prices", str(prices)).code == "from_the_future"
    prices.write_text("symbol,price\nAAA,x\n")
    assert f"{prices}:2" in problem("advance", "mine", "--prices", str(prices)).place
    assert problem("advance", "mine", "--prices", str(tmp_path / "none.csv")).code == "unreadable"
    assert open_book("mine") == before


def test_what_stands_open_is_shown() -> None:
    ran("new", "mine", "--cash", "1000", "--as-of", "2025-04-10")
    ran("set-price", "mine", "AAA", "10")
    broker = PaperBroker(PaperSettings("mine"))
    broker.place("taxable", broker.preview("taxable", buy("AAA", "3", "9.50")))
    assert "open: buy 3 AAA at 9.50 (paper-1)" in ran("show", "mine")


def test_books_are_listed() -> None:
    assert "rebalkit paper new" in ran("list")
    ran("new", "b", "--cash", "1")
    ran("new", "a", "--cash", "1")
    assert ran("list") == "a\nb\n"
    assert json.loads(ran("list", "--json")) == ["a", "b"]


WRONG: dict[str, tuple[list[str], type[RebalkitError], str]] = {
    "no beginning": (["new", "x"], UsageError, "no_beginning"),
    "two beginnings": (["new", "x", "--sample", "--cash", "1"], UsageError, "no_beginning"),
    "bad name": (["new", "../x", "--sample"], UsageError, "bad_book_name"),
    "book exists": (["new", "mine", "--sample"], UsageError, "book_exists"),
    "cash in words": (["new", "x", "--cash", "much"], UsageError, "bad_value"),
    "cash below zero": (["new", "x", "--cash", "-1"], UsageError, "bad_cash"),
    "cash below a cent": (["new", "x", "--cash", "0.001"], UsageError, "bad_cash"),
    "not a number": (["new", "x", "--cash", "nan"], UsageError, "bad_value"),
    "date in words": (["new", "x", "--cash", "1", "--as-of", "today"], UsageError, "bad_value"),
    "date beyond the calendar": (["new", "x", "--cash", "1", "--as-of", "2999-01-01"], DataError, "date_outside_calendar"),
    "too partial": (["new", "x", "--cash", "1", "--partial", "0"], UsageError, "bad_value"),
    "symbol": (["new", "x", "--cash", "1", "--reject", "<b>"], UsageError, "bad_value"),
    "no book": (["show", "none"], DataError, "no_such_book"),
    "deposit of nothing": (["deposit", "mine", "0"], UsageError, "bad_amount"),
    "deposit below a cent": (["deposit", "mine", "0.001"], UsageError, "bad_amount"),
    "overdraft": (["deposit", "mine", "-1000.01"], DataError, "overdraft"),
    "deposit into no account": (["deposit", "mine", "1", "--account", "none"], BrokerError, "unknown_account"),
    "price of nothing": (["set-price", "mine", "AAA", "0"], UsageError, "bad_value"),
    "no price": (["set-price", "mine", "AAA"], UsageError, "bad_price"),
    "half a quote": (["set-price", "mine", "AAA", "--bid", "1"], UsageError, "bad_price"),
    "price and quote": (["set-price", "mine", "AAA", "1", "--bid", "1"], UsageError, "bad_price"),
    "crossed quote": (["set-price", "mine", "AAA", "--bid", "2", "--ask", "1"], UsageError, "bad_price"),
    "price too fine": (["set-price", "mine", "AAA", "1.0000000001"], UsageError, "bad_value"),
    "back in time": (["advance", "mine", "--to", "2025-04-10"], UsageError, "not_later"),
    "two ways on": (["advance", "mine", "--to", "2025-04-11", "--days", "1"], UsageError, "usage"),
    "beyond the calendar": (["advance", "mine", "--to", "2999-01-01"], DataError, "date_outside_calendar"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_refused_by_name_and_changes_nothing(case: str) -> None:
    ran("new", "mine", "--cash", "1000", "--as-of", "2025-04-10")
    before = open_book("mine")
    arguments, kind, code = WRONG[case]
    found = problem(*arguments)
    assert type(found) is kind
    assert found.code == code
    assert found.place
    assert open_book("mine") == before
    assert list_books() == ["mine"]


def test_it_must_be_clear_which_account_is_meant(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account,kind,cash\na,taxable,1\nb,taxable,1\nc,ira,1\n")
    (tmp_path / "lots.csv").write_text("account,lot,symbol,quantity,acquired,cost\n")
    (tmp_path / "prices.csv").write_text("symbol,price\nAAA,5\n")
    ran("new", "mine", "--from", str(tmp_path))
    found = problem("deposit", "mine", "1")
    assert found.code == "account_not_named"
    assert "a, b, c" in found.remedy
    assert book("deposit", "mine", "1", "--account", "c")["accounts"][2]["cash"]["total"] == str(Decimal("2.00"))
