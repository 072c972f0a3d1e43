"""``rebalkit wash``: what it answers a person about the sample, and about accounts where it is harder."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import DAY, Ran, Shell, edit, newest_run
from rebalkit.model import Promise
from rebalkit.pipeline.promises import HOUSEHOLD
from rebalkit.report.schema import schema_of


def ask(shell: Shell, *more: str) -> Ran:
    return shell("wash", "--from", "account", "--as-of", DAY, *more)


def words(ran: Ran) -> str:
    assert ran.code == 0, ran.err
    return " ".join(ran.out.split())


def document(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    found = ran.document
    jsonschema.Draft202012Validator(schema_of("wash")).validate(found)
    return found


def test_after_a_loss_nothing_of_the_index_may_be_bought_in_any_account(shell: Shell) -> None:
    """IJH was sold at a loss on 2025-03-13: 60 shares at 57.21 of a cost of 67.87, so 639.60 is at stake."""
    for symbol in ("IJH", "ijh", "MDY"):
        found = document(ask(shell, symbol, "--json"))
        assert (found["identical"], found["index"]) == (["IJH", "IVOO", "MDY", "SPMD"], "S&P MidCap 400")
        assert (found["buying"]["allowed"], found["buying"]["free_from"]) == (False, "2025-04-13")
        assert found["buying"]["exposed"] == [
            {
                "what": "sale",
                "symbol": "IJH",
                "account": "taxable",
                "sold": "2025-03-13",
                "quantity": "60",
                "loss": "639.6",
                "through": "2025-04-12",
                "free_from": "2025-04-13",
            }
        ]
    said = words(ask(shell, "IJH"))
    assert "Not before 2025-04-13: until then a purchase, in whatever account, takes a loss away" in said
    assert "Count as one: IJH = IVOO = MDY = SPMD (same index: S&P MidCap 400, built in)" in said
    # It was bought in November, and the record begins in January.
    assert (
        "More may be at stake of 2025-03-13 in taxable: what was sold may have taken over a loss from before the record" in said
    )
    assert "Yes: all 120 shares that lose, $1,504.50 of losses." in said


def test_the_last_day_is_the_thirtieth(shell: Shell) -> None:
    edit("account/prices.csv", DAY, "2025-04-11")
    for day, allowed in (("2025-04-12", False), ("2025-04-13", True)):
        found = document(shell("wash", "IJH", "--from", "account", "--as-of", day, "--json"))
        assert found["buying"]["allowed"] is allowed


@pytest.mark.parametrize(("account", "permanent"), [("taxable", "0"), ("ira", "63.96")])
def test_a_purchase_takes_so_many_dollars_away_and_in_an_ira_for_good(shell: Shell, account: str, permanent: str) -> None:
    """6 shares of the 60: 6 × (67.87 − 57.21)."""
    asked = document(ask(shell, "IJH", "--buy", "6", "--account", account, "--json"))["buying"]["asked"]
    assert (asked["account"], asked["quantity"], asked["washed"], asked["permanent"]) == (account, "6", "63.96", permanent)
    assert [(one["sold"], one["quantity"]) for one in asked["matches"]] == [("2025-03-13", "6")]
    said = words(ask(shell, "IJH", "--buy", "6", "--account", account))
    assert f"washes $63.96 of losses{', lost for good' if permanent != '0' else ': deferred'}" in said


def test_a_recent_lot_stands_in_the_way_until_it_is_sold_along(shell: Shell) -> None:
    """35 IJR were bought on 2025-03-20: alone the old lot would be washed, in one order with it it is clean."""
    found = document(ask(shell, "IJR", "--json"))["selling"]
    lots = {one["lot"]: one for one in found["lots"]}
    assert {name: one["clean"] for name, one in lots.items()} == {
        "IJR-01": "24",
        "IJR-02": "38",
        "IJR-03": "0",
        "IJR-04": "28",
        "IJR-05": "35",
    }
    assert (lots["IJR-03"]["together"], lots["IJR-03"]["free_from"]) == (["IJR-05"], "2025-04-20")
    (obstacle,) = lots["IJR-03"]["obstacles"]
    assert (obstacle["account"], obstacle["lots"], obstacle["quantity"], obstacle["permanent"]) == (
        "taxable",
        ["IJR-05"],
        "35",
        False,
    )
    assert found["one_order"] == ["IJR-03", "IJR-05"]
    said = words(ask(shell, "IJR"))
    assert "Yes, but only whole and in one order: IJR-03 and IJR-05, 66 shares, $1,340.09 of losses." in said
    assert "But not both: shares bought today take away the losses that are taken on other lots through 2025-05-08" in said
    assert "no account may buy IJR or SPSM or VIOO through 2025-05-08, reinvested dividends included" in said
    together = document(ask(shell, "IJR", "--lots", "IJR-03", "--lots", "IJR-05", "--json"))["selling"]["asked"]
    assert (together["washed"], together["quantity"]) == ("0", "66")
    alone = document(ask(shell, "IJR", "--sell", "20", "--lots", "IJR-03", "--json"))["selling"]["asked"]
    assert (alone["washed"], alone["permanent"]) == ("514.8", "0")
    assert "takes $514.80 of losses, of which $514.80 is washed: deferred" in words(
        ask(shell, "IJR", "--sell", "20", "--lots", "IJR-03")
    )


def test_a_dividend_reinvested_in_the_ira_costs_the_loss_of_its_shares_and_no_more(shell: Shell) -> None:
    found = document(ask(shell, "VNQ", "--lots", "VNQ-04", "--json"))
    asked = found["selling"]["asked"]
    assert (asked["washed"], asked["permanent"]) == ("35.9", "35.9")
    assert found["selling"]["free_from"] == "2025-04-27"
    assert {"account": "ira", "kind": "ira", "symbol": "VNQ", "quantity": "103"} in found["elsewhere"]
    assert ("dividends_reinvested", "VNQ") in [(one["code"], one["subject"]) for one in found["hazards"]]
    said = words(ask(shell, "VNQ"))
    assert "Not before 2025-04-27: what was acquired lately takes the loss away." in said
    assert "lost for good" in said


def test_without_lots_what_came_in_first_is_sold_first(shell: Shell) -> None:
    asked = document(ask(shell, "IJR", "--sell", "70", "--json"))["selling"]["asked"]
    assert asked["lots"] == [
        {"lot": "IJR-01", "quantity": "24"},
        {"lot": "IJR-02", "quantity": "38"},
        {"lot": "IJR-03", "quantity": "8"},
    ]
    assert (asked["washed"], [one["quantity"] for one in asked["matches"]]) == ("205.92", ["8"])


def test_a_loss_inside_an_ira_is_none(shell: Shell) -> None:
    said = words(ask(shell, "VNQ", "--account", "ira", "--sell", "50"))
    assert "A loss in ira counts for nothing" in said
    assert "takes no loss" in said


def test_identical_symbols_that_the_person_declares(shell: Shell) -> None:
    Path("own.toml").write_text('[tax]\nidentical = [["IJR", "VNQ"]]\n')
    found = document(ask(shell, "VNQ", "--config", "own.toml", "--json"))
    assert (found["identical"], found["index"]) == (["IJR", "SPSM", "VIOO", "VNQ"], None)
    lots = {one["lot"]: one for one in found["selling"]["lots"]}
    assert [one["account"] for one in lots["VNQ-02"]["obstacles"]] == ["taxable", "ira"]
    apart = document(ask(shell, "IJR", "--set", "tax.same_index=false", "--json"))
    assert (apart["identical"], apart["index"]) == (["IJR"], None)


def test_a_sale_whose_purchase_is_not_on_record_may_have_been_a_loss(shell: Shell) -> None:
    edit("account/transactions.csv", "taxable,2024-11-25,buy,IJH,60,67.87,0.00,1004,IJH-07\n", "")
    found = document(ask(shell, "IJH", "--buy", "5", "--json"))["buying"]
    assert [one["loss"] for one in found["exposed"]] == [None]
    assert found["asked"]["washed"] == "0"
    said = words(ask(shell, "IJH", "--buy", "5"))
    assert "may wash what nobody can count: sale of 60 IJH on 2025-03-13 in taxable at an unknown loss" in said
    assert "washes nothing" not in said


def test_old_prices_and_short_histories_are_said(shell: Shell) -> None:
    edit("account/accounts.csv", "2025-01-01", "2025-03-20")
    codes = [
        one["code"] for one in document(shell("wash", "IJH", "--from", "account", "--as-of", "2025-04-11", "--json"))["hazards"]
    ]
    assert {"stale_quote", "history_short", "accounts_seen"} <= set(codes)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["IJX"], "Did you mean 'IJR'?", id="a slip of the pen"),
        pytest.param(["ZZZZ"], "nothing is known of 'ZZZZ'", id="an unknown symbol"),
        pytest.param(["IJH", "--buy", "0"], "0 is not above 0", id="no shares"),
        pytest.param(["IJH", "--buy", "some"], "'some' is not a number of shares", id="no number"),
        pytest.param(["IJH", "--buy", "0.0000001"], "is not a number of shares", id="too fine"),
        pytest.param(["IJH", "--sell", "351"], "351 IJH are more than the 350 of account taxable", id="more than is held"),
        pytest.param(
            ["IJH", "--sell", "51", "--lots", "IJH-05"], "51 IJH are more than the 50 of these lots", id="more than the lot"
        ),
        pytest.param(["IJH", "--lots", "IJR-03"], "account taxable has no lot 'IJR-03' of IJH", id="a lot of another security"),
        pytest.param(["IJH", "--account", "irra"], "Did you mean 'ira'?", id="an unknown account"),
    ],
)
def test_what_cannot_be_asked(shell: Shell, arguments: list[str], complaint: str) -> None:
    ran = ask(shell, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert complaint in " ".join(ran.err.split())


def test_a_lot_of_unknown_cost_is_not_guessed_at(shell: Shell) -> None:
    edit("account/lots.csv", "IJR-03,IJR,31,2021-06-08,3605.30", "IJR-03,IJR,31,2021-06-08,")
    ran = ask(shell, "IJR", "--lots", "IJR-03")
    assert (ran.code, ran.out) == (3, "")
    assert "what lot IJR-03 cost is not known" in ran.err
    lots = {one["lot"]: one for one in document(ask(shell, "IJR", "--json"))["selling"]["lots"]}
    assert (lots["IJR-03"]["loses"], lots["IJR-03"]["clean"], lots["IJR-03"]["basis"]) == (None, "0", None)


def test_a_symbol_without_a_quote_can_be_bought_but_not_judged(shell: Shell) -> None:
    """What is held needs no quote for the rule; whether it loses is not known."""
    edit("account/prices.csv", "IJR,90.56,2025-04-08\n", "")
    assert "It is not known" in words(ask(shell, "IJR"))
    ran = ask(shell, "IJR", "--sell", "1")
    assert ran.code == 3
    assert "there is no quote of IJR" in ran.err


def test_a_promise_of_an_earlier_plan_is_heeded(shell: Shell) -> None:
    """Its sale is in no file yet, so the ledger cannot count what a purchase takes away; the promise tells how much is at stake."""
    day = dt.date(2025, 4, 7)
    one = Promise("p-1", ("VNQ",), "taxable", day, dt.date(2025, 5, 7), dt.date(2025, 5, 8), 10, Decimal("99.50"), "1f0c9a2b7d3e")
    HOUSEHOLD.keep([one], day)
    found = document(ask(shell, "VNQ", "--buy", "3", "--json"))["buying"]
    assert (found["allowed"], found["free_from"]) == (False, "2025-05-08")
    assert [(one["what"], one["quantity"], one["loss"]) for one in found["exposed"]] == [("promise", "10", "99.5")]
    assert "may wash what nobody can count: promise of 10 VNQ on 2025-04-07" in words(ask(shell, "VNQ", "--buy", "3"))


def test_a_run_is_no_account(shell: Shell) -> None:
    shell.plan()
    ran = shell("wash", "IJH", "--from", str(newest_run()))
    assert (ran.code, ran.out) == (2, "")
    assert "this is the folder of a run, not of an account" in ran.err


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_it_fits_the_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for symbol in ("IJH", "IJR", "VNQ"):
        ran = ask(shell, symbol, "--buy", "3", "--sell", "2")
        assert ran.code == 0
        assert max(map(len, ran.out.splitlines())) <= int(width)
        assert "\x1b" not in ran.out
