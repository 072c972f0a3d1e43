"""A customer of the local E*TRADE server: accounts, a key in the environment, a configuration, and a machine with the server's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from etrade_server import Book, EtradeServer, Lot
from etrade_server.book import Account
from rebalkit.pipeline import worlds
from rebalkit_etrade import session
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.settings import EtradeSettings

__all__ = ["ACCOUNT", "IRA", "MORNING", "WorldClock", "etrade", "etrade_config"]

MORNING = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
"""Ten in New York, on a Tuesday."""
ACCOUNT, IRA = "58315636", "82314598"

CONFIG = """
[accounts.main]
broker = "etrade-live"
account_id = "58315636"
[brokers.etrade-live]
plugin = "etrade"
consumer_key = "env:ETRADE_CONSUMER_KEY"
consumer_secret = "env:ETRADE_CONSUMER_SECRET"
base_url = "{url}"
requests_per_second = 4
[[asset_class]]
name = "Stocks"
target = 60
buy = ["VTI", "SCHB"]
[[asset_class]]
name = "Bonds"
target = 40
buy = ["BND"]
[execution]
day_turnover = 200
"""


class WorldClock:
    """The clock of a machine that agrees with the server's; waiting moves both."""

    server: EtradeServer

    def now(self) -> dt.datetime:
        return self.server.book.now

    def monotonic(self) -> float:
        return self.server.book.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.server.book.now += dt.timedelta(seconds=seconds)


def customer() -> Book:
    """A taxable account with lots that lost and lots that gained, and an IRA."""
    book = Book(MORNING)
    book.prices = {
        symbol: (Decimal(bid), Decimal(ask))
        for symbol, bid, ask in (
            ("VTI", "200.00", "200.05"),
            ("SCHB", "60.00", "60.02"),
            ("BND", "70.00", "70.03"),
            ("VXUS", "50.00", "50.02"),
        )
    }
    book.add(
        Account(ACCOUNT, "vQMsebA1H5WltUfDkJP48g", settled=Decimal("1500.50")),
        Lot("VTI", Decimal(30), Decimal("250.25"), dt.date(2025, 3, 3)),
        Lot("VTI", Decimal(20), Decimal("150.00"), dt.date(2020, 2, 14)),
        Lot("BND", Decimal(40), Decimal("80.10"), dt.date(2024, 5, 6)),
    )
    book.add(
        Account(IRA, "dBZOKt9xDrtRSAOl4MSiiA", mode="IRA", kind="MARGIN", settled=Decimal(100)),
        Lot("VXUS", Decimal(10), Decimal("55.00"), dt.date(2023, 1, 4)),
    )
    return book


@pytest.fixture
def etrade(monkeypatch: pytest.MonkeyPatch) -> Iterator[EtradeServer]:
    """The server, with its key in the environment and its clock on this machine."""
    with EtradeServer(customer()) as server:
        clock = type("Clock", (WorldClock,), {"server": server})
        monkeypatch.setattr(worlds, "SystemClock", clock)
        monkeypatch.setattr(session, "SystemClock", clock)
        monkeypatch.setenv("ETRADE_CONSUMER_KEY", server.KEY)
        monkeypatch.setenv("ETRADE_CONSUMER_SECRET", server.SECRET)
        yield server


def etrade_config(server: EtradeServer) -> str:
    """A configuration of the customer."""
    return CONFIG.format(url=server.url)


def logged_in(server: EtradeServer, folder: Path) -> Connected:
    """The broker, with a login of today."""
    broker = Connected(EtradeSettings(base_url=server.url, requests_per_second=4, tokens=f"file:{folder / 'token'}"))
    broker.login(server.authorize(broker.login_page()))
    return broker
