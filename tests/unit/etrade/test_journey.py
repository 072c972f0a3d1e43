"""What a user of E*TRADE does, from the login to the report, against the local server."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commands import Ran, Shell, newest_run
from etrade_server import EtradeServer
from etrade_world import ACCOUNT, IRA, logged_in
from rebalkit.model import AccountKind, AccountRef


def planned(shell: Shell, server: EtradeServer) -> str:
    """Plan the account; the id of the plan, which was read at the server's moment."""
    ran = shell("plan", "--json")
    assert ran.code == 0, ran.err
    (newest_run() / "origin.json").write_text(json.dumps({"read": server.book.now.isoformat(), "live": True}))
    return str(ran.document["plan_id"])


def executed(shell: Shell, plan_id: str, *more: str) -> Ran:
    return shell("execute", plan_id, "--live", "--approve", plan_id, "--json", *more)


def held(server: EtradeServer) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for lot in server.book.accounts[0].lots:
        found[lot.symbol] = found.get(lot.symbol, Decimal(0)) + lot.quantity
    return found


def test_after_the_login_everything_can_be_read(etrade: EtradeServer, tmp_path: Path) -> None:
    broker = logged_in(etrade, tmp_path)
    assert broker.accounts() == [AccountRef(ACCOUNT, AccountKind.TAXABLE), AccountRef(IRA, AccountKind.IRA)]
    account = broker.snapshot(ACCOUNT)
    assert [(one.symbol, one.quantity, one.acquired, one.cost) for one in account.lots] == [
        ("VTI", 30, dt.date(2025, 3, 3), Decimal("7507.50")),
        ("VTI", 20, dt.date(2020, 2, 14), 3000),
        ("BND", 40, dt.date(2024, 5, 6), 3204),
    ]
    assert account.cash.total == Decimal("1500.50")
    assert broker.transactions(ACCOUNT, dt.date.min) == []
    assert broker.today() == dt.date(2026, 11, 24)


def test_without_a_login_the_command_to_run_is_said(shell: Shell) -> None:
    ran = shell("plan")
    assert ran.code == 6
    assert "Log in: `rebalkit login`." in ran.err


def test_login_plan_execute_report_logout(shell: Shell, etrade: EtradeServer) -> None:
    assert shell("login").code == 0
    plan_id = planned(shell, etrade)
    ran = executed(shell, plan_id)
    assert ran.code == 0, ran.err
    assert ran.document["end"] == "converged"
    assert shell("status").code == 0
    assert held(etrade)["VTI"] == 20
    sales = [one for one in etrade.book.accounts[0].orders if one.action == "SELL"]
    assert {one.symbol: one.lots for one in sales}["VTI"] == [(494715020211, 30)]
    assert all(len(one.client_id) <= 20 and one.client_id.isalnum() for one in etrade.book.accounts[0].orders)
    assert shell("report", str(newest_run())).code == 0
    assert shell("logout", "--json").document == {"broker": "etrade-live", "revoked": True}
    assert shell("plan").code == 6


def sent(server: EtradeServer) -> list[str]:
    return [one.symbol for one in reversed(server.book.accounts[0].orders)]


@pytest.fixture
def plan_id(shell: Shell, etrade: EtradeServer) -> str:
    assert shell("login").code == 0
    return planned(shell, etrade)


def test_sales_that_fill_in_part_leave_less_to_buy(shell: Shell, etrade: EtradeServer, plan_id: str) -> None:
    etrade.book.fills["VTI"] = [10, 0, 5]
    ran = executed(shell, plan_id)
    assert (ran.code, ran.document["end"]) == (5, "unfinished"), ran.err
    sale, *purchases = ran.document["orders"]
    assert (sale["asked"], sale["filled"], sale["state"]) == ("30", "15", "cancelled")
    assert etrade.book.accounts[0].cash >= 0
    assert sum(lot.quantity for lot in etrade.book.accounts[0].lots if lot.symbol == "VTI") == 35
    assert all(Decimal(one["filled"]) <= Decimal(one["asked"]) for one in purchases)


@pytest.mark.parametrize("step", range(1, 30, 4))
def test_a_process_that_dies_at_any_request_is_taken_up_and_nothing_is_sent_twice(
    shell: Shell, etrade: EtradeServer, plan_id: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    respond, left = etrade.api.respond, iter(range(step))
    died = []

    def dying(call: object) -> object:
        reply = respond(call)  # type: ignore[arg-type]
        if next(left, None) is None and not died:
            died.append(call)
        return reply

    with monkeypatch.context() as patch:
        from rebalkit_etrade.wire.signing import Signer

        once = Signer.once

        def killed(self: Signer, *given: object, **more: object) -> object:
            answer = once(self, *given, **more)  # type: ignore[arg-type]
            if died:
                raise GeneratorExit
            return answer

        patch.setattr(etrade.api, "respond", dying)
        patch.setattr(Signer, "once", killed)
        with pytest.raises(GeneratorExit):
            shell("execute", plan_id, "--live", "--approve", plan_id)
    if shell("status").code == 0:
        assert sent(etrade) == []
        return
    ran = shell("resume", "--live", "--approve", plan_id, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["end"] == "converged"
    assert len(sent(etrade)) == len(set(sent(etrade)))


def test_an_order_that_was_taken_and_is_listed_late_is_never_sent_twice_and_a_person_is_asked(
    shell: Shell, etrade: EtradeServer, plan_id: str
) -> None:
    etrade.faults.add("late_list")
    etrade.faults.add("reset_after")
    ran = executed(shell, plan_id)
    assert ran.code == 7
    first = sent(etrade)
    assert len(first) == 1
    ran = shell("resume", "--live", "--approve", plan_id)
    assert ran.code == 7
    assert "--not-placed" in ran.err
    assert sent(etrade) == first
    order = etrade.book.accounts[0].orders[0]
    order.hidden = 0
    ran = shell("resume", "--live", "--approve", plan_id, "--placed", f"{order.client_id}={order.number}", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["end"] == "converged"
    assert sent(etrade).count(first[0]) == 1


def test_a_session_that_ends_in_the_middle_stops_the_run_between_two_orders(
    shell: Shell, etrade: EtradeServer, plan_id: str
) -> None:
    """A login, and it goes on."""
    admit = etrade.oauth.admit

    def over(call: object, now: dt.datetime) -> None:
        if sent(etrade):
            etrade.oauth.tokens.clear()
        admit(call, now)  # type: ignore[arg-type]

    etrade.oauth.admit = over  # type: ignore[method-assign]
    ran = executed(shell, plan_id)
    assert ran.code == 6
    assert "rebalkit login" in ran.err
    etrade.oauth.admit = admit  # type: ignore[method-assign]
    assert shell("status").code == 7
    assert shell("login").code == 0
    ran = shell("resume", "--live", "--approve", plan_id, "--json")
    assert ran.code == 0, ran.err
    assert len(sent(etrade)) == len(set(sent(etrade)))


def test_two_idle_hours_between_the_login_and_the_plan_cost_one_renewal(shell: Shell, etrade: EtradeServer) -> None:
    assert shell("login").code == 0
    etrade.book.now += dt.timedelta(hours=3)
    before = len(etrade.calls)
    assert shell("plan").code == 0
    assert etrade.paths(before).count("GET /oauth/renew_access_token") == 1


def jumping(etrade: EtradeServer, jump: dt.timedelta, also: Any = None) -> None:
    """Let time jump once, as for a machine that slept, right after the first order was sent."""
    respond, jumped = etrade.api.respond, []

    def sleeping(call: Any) -> Any:
        if sent(etrade) and not jumped:
            jumped.append(call)
            etrade.book.now += jump
            if also is not None:
                also()
        return respond(call)

    etrade.api.respond = sleeping  # type: ignore[method-assign]


def test_two_idle_hours_in_the_middle_of_a_run_cost_one_renewal(shell: Shell, etrade: EtradeServer, plan_id: str) -> None:
    jumping(etrade, dt.timedelta(hours=2, minutes=30))
    before = len(etrade.calls)
    ran = executed(shell, plan_id)
    assert (ran.code, ran.document["end"]) == (0, "converged"), ran.err
    assert etrade.paths(before).count("GET /oauth/renew_access_token") == 1
    assert len(sent(etrade)) == len(set(sent(etrade)))


def test_midnight_in_the_middle_of_a_run_ends_it_and_what_filled_counts(shell: Shell, etrade: EtradeServer, plan_id: str) -> None:
    """The order of the day before has expired with a part filled; a new plan does the rest."""
    etrade.book.fills["VTI"] = [10]
    jumping(etrade, dt.timedelta(hours=24), etrade.book.expire)
    ran = executed(shell, plan_id)
    assert ran.code == 6
    assert "rebalkit login" in ran.err
    del etrade.book.fills["VTI"]
    etrade.book.open = True
    assert shell("login").code == 0
    ran = shell("resume", "--live", "--approve", plan_id, "--json")
    assert (ran.code, ran.document["end"]) == (4, "given_up"), ran.err
    (sale,) = (one for one in ran.document["orders"] if one["symbol"] == "VTI")
    assert (sale["filled"], sale["state"]) == ("10", "expired")
    ran = executed(shell, planned(shell, etrade))
    assert ran.code == 0, ran.err
    sales = [one for one in etrade.book.accounts[0].orders if one.action == "SELL" and one.symbol == "VTI"]
    assert [one.filled for one in reversed(sales)] == [10, 20]


def test_a_wrong_code_is_told_and_a_new_login_can_begin(shell: Shell, browser: Any) -> None:
    browser.server.authorize = lambda address: "WRONG1"
    ran = shell("login")
    assert ran.code == 6
    assert "the code was wrong, or came too late" in ran.err
    del browser.server.authorize
    assert shell("login").code == 0


def test_a_wrong_clock_is_told_with_the_range(shell: Shell, etrade: EtradeServer) -> None:
    etrade.oauth.clock = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    ran = shell("login")
    assert ran.code == 6
    assert "the clock of this machine is wrong: it must be between" in ran.err


def test_without_a_key_nothing_is_asked(shell: Shell, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ETRADE_CONSUMER_KEY")
    ran = shell("login")
    assert ran.code == 2
    assert "ETRADE_CONSUMER_KEY is not set" in ran.err
    assert etrade.calls == []
