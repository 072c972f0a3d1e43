"""What a user of E*TRADE does, from the login to the report, against the local server."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

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
