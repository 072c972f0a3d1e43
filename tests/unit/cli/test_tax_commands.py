"""``rebalkit tax``: the ledger, the tax year and Form 8949 of files."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import Shell, edit
from rebalkit.report.schema import schema_of

HISTORY = """account,date,action,symbol,quantity,price,fees,order,lot
main,2022-05-02,buy,VOO,40,378.915,1.00,,M1
main,2024-11-04,buy,VTI,30,281.3333,1.25,,M2
main,2025-03-04,sell,VTI,30,275.333,1.00,,M2
joint,2025-03-10,buy,VTI,12.5,270.4567,,,J1
roth,2025-03-20,reinvest,VTI,1.25,272,,,
main,2025-04-08,sell,VOO,25,455.14,0.95,,
main,2025-12-19,sell,VOO,15,350.25,,,
joint,2026-01-05,buy,IVV,4,630,,,J3
joint,2026-03-02,sell,VTI,12.5,310,,,
"""
RATES = ("--set", "tax.profile.short_rate=24", "--set", "tax.profile.long_rate=15")
KINDS = ["main:taxable", "joint:taxable", "roth:roth"]


@pytest.fixture
def history(shell: Shell) -> str:
    """The history as a folder without lots."""
    folder = Path("books")
    folder.mkdir()
    (folder / "accounts.csv").write_text("account,kind,cash\nmain,taxable,0\njoint,taxable,0\nroth,roth,0\n")
    (folder / "lots.csv").write_text("account,lot,symbol,quantity,acquired,cost\n")
    (folder / "prices.csv").write_text("symbol,price,date\nVOO,500,2026-03-02\n")
    (folder / "transactions.csv").write_text(HISTORY)
    return str(folder)


def valid(document: Any, name: str) -> Any:
    jsonschema.Draft202012Validator(schema_of(name)).validate(document)
    return document


def test_the_ledger_says_what_was_realised_and_why_a_loss_is_disallowed(shell: Shell, history: str) -> None:
    ran = shell("tax", "ledger", "--from", history)
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert "Wash-sale ledger of main (taxable), joint (taxable), roth (roth)" in words
    assert "are replaced by 12.5 sh VTI of lot J1, acquired in joint on 2025-03-10, 6 days after the sale" in words
    assert "roth is an IRA or treated like one" in words
    assert "The broker reports $0.00 in box 1g, not $83.54" in words
    assert "Rev. Rul. 2008-5" in words


def test_what_is_added_to_a_basis_is_the_same_amount_wherever_it_is_said(shell: Shell) -> None:
    """A loss of 142.17 is washed by 5 shares for half of it, 71.085, and by 0.2512 in the IRA for 3.57: 74.66 with one of them up."""
    Path("half.csv").write_text(
        "account,date,action,symbol,quantity,price,fees\n"
        "main,2025-10-01,buy,VOO,10,615.20,\nmain,2025-12-18,sell,VOO,10,601.00,0.17\n"
        "main,2025-12-22,buy,VOO,5,612.10,\nira,2025-12-23,reinvest,VOO,0.2512,611,\n"
    )
    ran = shell("tax", "ledger", "main=half.csv", "ira:ira=half.csv")
    assert ran.code == 0, ran.err
    assert re.search(r" 6,152\.00 +74\.66 +−67\.51", ran.out)
    assert "The loss of $71.09 is added" in " ".join(ran.out.split())
    assert re.search(r" 5 +3,131\.59 +71\.09 ", ran.out)
    note = (
        "losses taken on 2025-12-18 can be washed by purchases through 2026-01-17; the last trade in the files is of 2025-12-23"
    )
    assert f"Note: {note}" in ran.err
    assert note in shell("tax", "year", "main=half.csv", "ira:ira=half.csv", "--json").document["notes"]


def test_the_ledger_as_json(shell: Shell, history: str) -> None:
    document = valid(shell("tax", "ledger", "--from", history, "--json").document, "tax-ledger")
    assert {one["account"]: one["kind"] for one in document["accounts"]} == {
        "main": "taxable",
        "joint": "taxable",
        "roth": "roth",
    }
    assert [(one["symbol"], one["gain"], one["differs"]) for one in document["realised"]] == [
        ("VTI", "-98.72", ["1g"]), ("VOO", "1904.05", []), ("VOO", "-315.59", ["1g"]), ("VTI", "418.35", ["1e", "2"]),
    ]  # fmt: skip
    first, second, third = document["matches"]
    assert (first["loss_lot"], first["replacement_lot"], first["quantity"], first["permanent"]) == ("M2", "J1", "12.5", False)
    assert second["permanent"] is True
    assert {"rule": "R17", "source": "Rev. Rul. 2008-5"}.items() <= second["rules"][-1].items()
    assert (third["symbol"], third["replacement_symbol"]) == ("VOO", "IVV"), "the built-in table knows the index"
    held = {(one["account"], one["symbol"]): one for one in document["open_lots"]}
    assert (held["joint", "IVV"]["added"], held["joint", "IVV"]["acquired"]) == ("114.76", "2026-01-05")


def test_the_ledger_of_one_year_is_made_of_the_whole_history(shell: Shell, history: str) -> None:
    (row,) = shell("tax", "ledger", "--from", history, "--year", "2026", "--json").document["realised"]
    assert (row["sold"], row["acquired"], row["basis"]) == ("2026-03-02", "2025-03-10", "3456.65")


def test_sets_of_identical_symbols_and_settings_of_the_rule_can_be_given(shell: Shell, history: str) -> None:
    apart = shell("tax", "year", "--from", history, "--year", "2025", "--set", "tax.same_index=false", "--json").document
    assert (apart["disallowed"], apart["identical"]) == ("83.54", [])
    together = shell(
        "tax", "year", "--from", history, "--year", "2025", "--set", "tax.same_index=false", "--identical", "VOO, IVV", "--json"
    ).document
    assert (together["disallowed"], together["identical"]) == ("198.30", [["IVV", "VOO"]])


def test_a_tax_year_with_carryovers(shell: Shell, history: str) -> None:
    ran = shell("tax", "year", "--from", history, "--year", "2025", "--carry-short", "5000.50", "--carry-long", "10", "--json")
    document = valid(ran.document, "tax-year")
    assert document["recognised"] == {"short": "-98.72", "long": "1588.46"}
    assert document["carried_in"] == {"short": "5000.50", "long": "10.00"}
    assert document["netting"] == {
        "short": "-5099.22", "long": "1578.46", "net": "-3520.76", "deduction": "3000.00", "carry_short": "520.76",
        "carry_long": "0.00",
    }  # fmt: skip
    assert [one["line"] for one in document["schedule_d"]] == ["1b", "6", "7", "8b", "14", "15", "16", "21"]
    assert (document["permanent"], document["tax"], document["profile"]) == ("7.59", None, None)
    text = shell("tax", "year", "--from", history, "--year", "2025", "--carry-short", "5000.50", "--carry-long", "10").out
    assert "A net loss of $3,520.76: $3,000.00 deducted, $520.76 carried into 2026" in text


def test_tax_is_counted_with_a_profile_and_its_limit_holds(shell: Shell, history: str) -> None:
    Path("rebalkit.toml").write_text('[tax.profile]\nstatus = "separate"\nincome = 90000\nstate_rate = 5\n')
    document = shell("tax", "year", history, "--year", "2025", "--carry-short", "5000", "--json").document
    assert (document["limit"], document["netting"]["deduction"]) == ("1500.00", "1500.00")
    assert document["tax"] == {
        "federal_short": "-330.00", "federal_long": "0.00", "net_investment": None, "state": "-75.00", "total": "-405.00",
    }  # fmt: skip
    assert document["profile"]["sources"][0].endswith("Rev. Proc. 2024-40, sections 2.01 and 2.03")
    wrong = shell("tax", "year", history, "--year", "2025", "--set", "tax.profile.status=married")
    assert wrong.code == 2
    assert "--set tax.profile.status: expected one of single, joint, separate, head" in wrong.err


def test_a_separate_return_has_no_sales_of_the_spouse(shell: Shell, history: str) -> None:
    """Half of the limit, and the sales of one; the purchases of both."""
    edit(f"{history}/accounts.csv", "joint,taxable", "joint,spouse_taxable")
    edit(f"{history}/transactions.csv", "joint,2026-03-02,sell", "joint,2025-12-22,sell")
    together = shell("tax", "year", history, "--year", "2025", "--json").document
    apart = shell("tax", "year", history, "--year", "2025", "--set", "tax.profile.status=separate", *RATES, "--json")
    assert {row["account"] for row in together["rows"]} == {"main", "joint"}
    assert {row["account"] for row in apart.document["rows"]} == {"main"}
    assert apart.document["disallowed"] == together["disallowed"]
    assert "account joint: its sales are on the spouse's own return" in apart.err


def test_brackets_of_a_year_that_has_none_are_not_guessed(shell: Shell, history: str) -> None:
    Path("mine.toml").write_text('[tax.profile]\nstatus = "single"\nincome = 90000\n')
    edited = Path(history, "transactions.csv").read_text().replace("main,2025-04-08,sell", "main,2023-04-10,sell")
    rows = edited.splitlines()
    Path(history, "transactions.csv").write_text(
        "\n".join([rows[0], *sorted(rows[1:], key=lambda row: row.split(",")[1])]) + "\n"
    )
    ran = shell("tax", "year", history, "--year", "2023", "--config", "mine.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "mine.toml: tax.profile: there are no brackets of 2023, only of 2024, 2025, 2026. Set short_rate" in ran.err


def test_form_8949_as_text_json_and_csv(shell: Shell, history: str) -> None:
    ran = shell("tax", "8949", "--from", history, "--year", "2025", "--csv", "form.csv")
    assert ran.code == 0
    assert "Part I, short-term, box A" in ran.out
    assert "Part II, long-term, box D" in ran.out
    assert "Written: form.csv" in ran.err
    rows = list(csv.DictReader(Path("form.csv").read_text().splitlines()))
    assert [(row["part"], row["description"], row["code"], row["differs"]) for row in rows] == [
        ("I", "30 sh VTI", "W", "1g"), ("II", "25 sh VOO", "", ""), ("II", "15 sh VOO", "W", "1g"),
    ]  # fmt: skip
    document = valid(shell("tax", "8949", "--from", history, "--year", "2025", "--json").document, "form-8949")
    assert [row["gain"] for row in document["rows"]] == [row["gain"] for row in rows]
    for line in document["totals"]:
        part = [row for row in rows if (row["part"] == "I") == (line["line"] == "1b")]
        assert sum(Decimal(row["gain"]) for row in part) == Decimal(line["gain"])


def test_schedule_d_as_csv_and_the_year_as_a_page(shell: Shell, history: str) -> None:
    ran = shell("tax", "year", history, "--year", "2025", "--csv", "d.csv", "--html", "year.html", "--json")
    assert valid(ran.document, "tax-year")["year"] == 2025
    assert ran.err.splitlines()[-2:] == ["Written: d.csv", "Written: year.html"]
    lines = {one["line"]: one["gain"] for one in csv.DictReader(Path("d.csv").read_text().splitlines())}
    assert lines["16"] == "1489.74"
    page = Path("year.html").read_text()
    assert "<h1>Tax year 2025</h1>" in page
    assert "12.5 sh VTI of lot J1" in page


def test_files_can_be_given_alone_each_with_its_account(shell: Shell, history: str) -> None:
    lines = HISTORY.splitlines()
    for name in ("main", "joint", "roth"):
        own = [line for line in lines[1:] if line.startswith(f"{name},")]
        Path(f"{name}.csv").write_text("\n".join([lines[0], *own]) + "\n")
    given = [f"{kind}={kind.partition(':')[0]}.csv" for kind in KINDS]
    apart = shell("tax", "year", *given, "--year", "2025", "--json").document
    together = shell("tax", "year", history, "--year", "2025", "--json").document
    assert apart["netting"] == together["netting"]
    assert [row["gain"] for row in apart["rows"]] == [row["gain"] for row in together["rows"]]


def test_the_only_year_with_a_sale_need_not_be_said_and_another_is_an_error(shell: Shell) -> None:
    """The sample has one sale, in 2025."""
    ran = shell("tax", "year", "--from", "account", "--json")
    assert (ran.document["year"], ran.document["recognised"]["short"]) == (2025, "-639.60")
    for command in ("ledger", "year", "8949"):
        ran = shell("tax", command, "--from", "account", "--year", "2020")
        assert (ran.code, ran.out) == (3, "")
        assert "no taxable account sold anything in 2020; years with a sale: 2025" in ran.err
    carried = shell("tax", "year", "--from", "account", "--year", "2020", "--carry-long", "100", "--json").document
    assert carried["netting"]["deduction"] == "100.00"


def test_without_a_sale_no_year_is_asked_for(shell: Shell) -> None:
    """What is sold in an IRA is on no form, so that there is no year to be named."""
    Path("own.csv").write_text(f"{HISTORY.splitlines()[0]}\nira,2025-01-02,buy,VTI,2,250,,,\nira,2025-02-03,sell,VTI,2,240,,,\n")
    ran = shell("tax", "8949", "ira:ira=own.csv")
    assert (ran.code, ran.out) == (3, "")
    assert "no taxable account sold anything" in ran.err
    ran = shell("tax", "year", "ira:ira=own.csv", "--carry-long", "10")
    assert (ran.code, ran.out) == (2, "")
    assert "Give it: --year YEAR" in ran.err


def test_lots_of_a_folder_stand_for_purchases_that_are_not_on_record(shell: Shell) -> None:
    document = shell("tax", "ledger", "--from", "account", "--json").document
    held = {one["lot"]: one for one in document["open_lots"]}
    assert (held["IVV-01"]["acquired"], held["IVV-01"]["basis"]) == ("2019-01-07", "4092.32")
    assert document["realised"][0]["lot"] == "IJH-07"


def test_a_sale_without_a_known_basis_is_an_error_in_its_year(shell: Shell) -> None:
    text = Path("account/transactions.csv").read_text()
    Path("account/transactions.csv").write_text(text + "taxable,2025-04-01,sell,SPLG,10,65.00,0.00,1099,\n")
    ran = shell("tax", "year", "--from", "account", "--year", "2025")
    assert (ran.code, ran.out) == (3, "")
    assert "account taxable: the basis of 10 SPLG sold on 2025-04-01 is not known" in ran.err
    ledger = shell("tax", "ledger", "--from", "account")
    assert ledger.code == 0
    assert "the basis of 10 SPLG sold on 2025-04-01 is not known, and they are left out" in ledger.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "it is not said where the history is. Give a folder (--from FOLDER) or transaction files"),
        (("nothing.csv",), 3, "nothing.csv: there is no such file"),
        (("--from", "books"), 2, "the year is not said; years with a sale: 2025, 2026. Give it: --year YEAR."),
        (("--from", "books", "--year", "2025", "--identical", "VOO"), 2, "a set needs two symbols"),
        (("--from", "books", "--year", "2025", "--identical", "VOO,=1"), 2, "--identical VOO,=1"),
        (
            ("--from", "books", "--year", "2025", "--carry-short", "-1"),
            2,
            "write a loss that is carried over as a positive number",
        ),
        (("--from", "books", "--year", "2025", "--carry-long", "1.001"), 2, "'1.001' is not an amount in USD"),
        (("--from", "books", "--year", "2025", "--carry-long", "a lot"), 2, "'a lot' is not an amount in USD"),
        (("--from", "books", "--year", "2025", "--csv", "-"), 2, "'-' is not the name of a file"),
        (("--from", "books", "--year", "2025", "--html", "books"), 2, "'books' is a directory"),
        (("--from", "books", "--year", "2025", "--csv", "none/d.csv"), 3, "error: none/d.csv: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("history")
def test_what_cannot_be_answered_says_why_and_prints_no_figures(
    shell: Shell, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = shell("tax", "year", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_a_history_without_a_transaction_is_an_error(shell: Shell, history: str) -> None:
    Path(history, "transactions.csv").write_text(HISTORY.splitlines()[0] + "\n")
    ran = shell("tax", "ledger", history)
    assert (ran.code, ran.out) == (3, "")
    assert "books: there is no transaction" in ran.err


def test_selling_more_than_was_bought_is_an_error_that_names_the_row(shell: Shell, history: str) -> None:
    Path(history, "transactions.csv").write_text(HISTORY + "main,2026-03-03,sell,VOO,1,500,,,\n")
    ran = shell("tax", "year", history, "--year", "2025")
    assert (ran.code, ran.out) == (3, "")
    assert "2026-03-03" in ran.err


def test_every_command_has_help_with_examples(shell: Shell) -> None:
    for command in ((), ("ledger",), ("year",), ("8949",)):
        ran = shell("tax", *command, "--help")
        assert ran.code == 0
        assert "rebalkit tax" in ran.out.partition("Example")[2]


def test_a_mistyped_command_is_refused(shell: Shell) -> None:
    assert shell("tax", "8948").code == 2
