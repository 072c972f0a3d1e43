"""The first try of the real service, against the local one: what it sees, what it refuses, and that its order never stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commands import Shell
from etrade_drill import PHRASE, Person, drilled, notebook, person, placements, seen
from etrade_server import EtradeServer
from rebalkit_etrade import session
from rebalkit_etrade.drill.facts import FACTS

__all__ = ["person"]


def test_without_an_order_it_only_asks(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    before = len(etrade.calls)
    ran = drilled(shell)
    assert ran.code == 0, ran.err
    assert {one.verb for one in etrade.calls[before:]} == {"GET"}
    found = seen(ran)
    assert found["lots_inside"] == "2 of 2 have them, 2 the same"
    assert found["lots_sum"] == "all 2 do"
    assert found["cash_parts"] == "it is, in a CASH account"
    assert found["quotes"] == "REALTIME, 0 seconds old at most"
    assert ran.document["traded"] is None
    assert list(ran.document) == ["notebook", "traded", "differs", "seen", "not_seen"]
    assert {tuple(one) for one in ran.document["seen"]} == {("fact", "asks", "told", "known", "seen", "verdict")}
    names = [one["fact"] for one in ran.document["seen"]] + ran.document["not_seen"]
    assert sorted(names) == sorted(FACTS)
    assert "placed_code" in ran.document["not_seen"]


def test_the_order_is_placed_once_watched_and_cancelled(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 0, ran.err
    (order,) = etrade.book.accounts[0].orders
    assert (order.symbol, order.quantity, order.limit, order.status) == ("SCHB", 1, Decimal("45.00"), "CANCELLED")
    assert placements(etrade) == 1
    found = seen(ran)
    assert found["placed_code"] == "1026"
    assert found["listed_after"] == "0 seconds"
    assert found["cancel_code"] == "5011"
    assert found["cancel_path"] == "OPEN after 0 s, CANCELLED after 2 s"
    assert found["cancel_again"] == "5001"
    assert ran.document["traded"] == "0"
    assert not [
        name
        for name in ran.document["not_seen"]
        if name not in ("no_positions", "filled_part", "sale_sign", "fills_told", "double")
    ]
    assert [one["what"] for one in notebook()][-1] == "ended"


def test_a_sale_names_the_lot_with_the_lowest_cost(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    person.types = "sell 1 vti at 250.07"
    ran = drilled(shell, "--order", "VTI", "--sell")
    assert ran.code == 0, ran.err
    (order,) = etrade.book.accounts[0].orders
    assert (order.action, order.lots, order.status) == ("SELL", [(494715020212, Decimal(1))], "CANCELLED")
    assert seen(ran)["held_back"] == "it takes 1 shares of availableQty"


@pytest.mark.parametrize("refuses", [True, False])
def test_the_second_placement_is_seen_and_both_orders_are_cancelled(
    shell: Shell, etrade: EtradeServer, person: Person, refuses: bool
) -> None:
    etrade.api.desk.refuses_doubles = refuses
    person.types = f"{PHRASE} TWICE"
    ran = drilled(shell, "--order", "SCHB", "--twice")
    assert ran.code == 0, ran.err
    orders = etrade.book.accounts[0].orders
    assert [one.status for one in orders] == ["CANCELLED"] * (1 if refuses else 2)
    assert seen(ran)["double"].startswith("it proves nothing: E*TRADE answered: A duplicate" if refuses else "a second order")


@pytest.mark.parametrize("fault", ["reset_after", "error_after", "html_after", "empty_after", "no_number", "cut_after"])
def test_after_a_lost_answer_the_list_tells_and_the_order_is_cancelled(
    shell: Shell, etrade: EtradeServer, person: Person, fault: str
) -> None:
    etrade.faults.add(fault)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 0, ran.err
    assert [one.status for one in etrade.book.accounts[0].orders] == ["CANCELLED"]
    assert placements(etrade) == 1


@pytest.mark.parametrize("faults", [["reset_before"], ["reset_after", "late_list"]])
def test_an_order_that_never_shows_up_is_left_to_the_person_and_blocks_the_next_drill(
    shell: Shell, etrade: EtradeServer, person: Person, faults: list[str]
) -> None:
    for fault in faults:
        etrade.faults.add(fault)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 7
    assert "the order of the drill may be open" in ran.err
    assert placements(etrade) == 1
    again = drilled(shell, "--order", "SCHB")
    assert again.code == 4
    assert "did not see it end" in again.err
    etrade.book.now += dt.timedelta(days=1)
    assert drilled(shell).code == 6  # the login ended at midnight; the order of yesterday is no obstacle any more


def test_a_refused_order_is_told_and_is_no_obstacle(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    etrade.faults.add("preview_timed_out")
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "refused the order" in ran.err
    assert drilled(shell, "--order", "SCHB").code == 0
    assert [one.status for one in etrade.book.accounts[0].orders] == ["CANCELLED"]


def test_ctrl_c_cancels_the_order(shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, interrupts = session.SystemClock, iter([KeyboardInterrupt])
    waited = clock.sleep

    def sleep(self: object, seconds: float) -> None:
        if seconds == 2.0:
            for interrupt in interrupts:
                raise interrupt
        waited(self, seconds)  # type: ignore[arg-type]

    monkeypatch.setattr(clock, "sleep", sleep)
    etrade.faults.add("reset_after")
    taken = etrade.book.place

    def hidden(*given: Any, **more: Any) -> Any:
        order = taken(*given, **more)
        order.hidden = 2
        return order

    monkeypatch.setattr(etrade.book, "place", hidden)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 130
    assert [one.status for one in etrade.book.accounts[0].orders] == ["CANCELLED"]
    assert [one["what"] for one in notebook()][-1] == "ended"


def test_an_order_that_fills_after_all_is_told(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    taken = etrade.book.place

    def crash(*given: Any, **more: Any) -> Any:
        etrade.book.prices["SCHB"] = Decimal("44.00"), Decimal("44.02")
        return taken(*given, **more)

    etrade.book.place = crash  # type: ignore[method-assign]
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "the order was filled: 1 share" in ran.err
    assert seen(ran)["cancel_code"] == "5001"


def without_quote(server: EtradeServer) -> None:
    server.book.quote_status["SCHB"] = "DELAYED"


def closed(server: EtradeServer) -> None:
    server.book.now = dt.datetime(2026, 11, 24, 20, 50, tzinfo=dt.UTC)


def without_cash(server: EtradeServer) -> None:
    server.book.accounts[0].settled = Decimal(40)


def sold_before(server: EtradeServer) -> None:
    server.book.tell(server.book.accounts[1], "Sold", "SCHB", -3, 50, dt.date(2026, 11, 2))


def open_order(server: EtradeServer) -> None:
    ticket = {"client_id": "1", "action": "BUY", "symbol": "BND", "quantity": Decimal(1), "limit": Decimal(20), "lots": []}
    server.book.place(server.book.accounts[0], ticket)


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (without_quote, "no quote of this moment for SCHB"),
        (closed, "the market is not open for a drill"),
        (without_cash, "the settled cash does not cover one share"),
        (sold_before, "SCHB was sold on 2026-11-02"),
        (open_order, "the account has open orders: 11"),
    ],
)
def test_what_does_not_allow_an_order_stops_it_before_anything_is_sent(
    shell: Shell, etrade: EtradeServer, person: Person, obstacle: Any, words: str
) -> None:
    obstacle(etrade)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert words in ran.err
    assert placements(etrade) == 0
    assert "lots_sum" in seen(ran)  # what was read is told nevertheless


def test_another_phrase_is_a_no(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    person.types = "yes"
    ran = drilled(shell, "--order", "SCHB")
    assert (ran.code, placements(etrade)) == (4, 0)
    assert "that is not the phrase" in ran.err


@pytest.mark.parametrize("more", [("--sell",), ("--twice",), ("--order", "SCHB", "--away", "10"), ("--order", "no ticker")])
def test_options_that_make_no_sense_are_refused(shell: Shell, person: Person, more: tuple[str, ...]) -> None:
    assert drilled(shell, *more).code in (2, 3)


def test_the_sandbox_takes_no_order(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    config = Path("rebalkit.toml")
    config.write_text(config.read_text().replace('plugin = "etrade"', 'plugin = "etrade"\nenvironment = "sandbox"'))
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "the sandbox takes no orders" in ran.err


def test_answers_that_are_not_understood_are_findings_and_not_the_end(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    etrade.faults.add("lots_behind")
    etrade.book.tell(etrade.book.accounts[0], "Spun Off", "BND", 3, 0, dt.date(2026, 10, 2))
    ran = drilled(shell)
    assert ran.code == 4
    found = seen(ran)
    assert found["lots_sum"] == "VTI 51 of 50"
    assert "'Spun Off' moved 3 BND" in found["history_kinds"].casefold().replace("spun off", "Spun Off").replace("bnd", "BND")
    assert ran.document["differs"] is True


def test_a_person_reads_a_table(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    ran = shell("etrade", "drill", "--order", "SCHB")
    assert ran.code == 0, ran.err
    assert "Now known" in ran.out
    assert "As it was told" in ran.out
    assert "Placing buy 1 SCHB at 45.00." in ran.err


def test_the_notebook_is_private_and_names_no_account(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    ran = drilled(shell, "--order", "SCHB")
    path = Path(ran.document["notebook"])
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "…5636" in text
    for secret in ("58315636", "vQMsebA1H5WltUfDkJP48g", "82314598", etrade.KEY, etrade.SECRET):
        assert secret not in text
