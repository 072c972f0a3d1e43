"""The files broker behind the protocol of brokers."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from rebalkit.brokers.files import CAPABILITIES, FilesBroker, FilesSettings
from rebalkit.calendar import today_in_new_york
from rebalkit.errors import BrokerError, DataError
from rebalkit.model import AccountKind, AccountRef, OrderPreview, OrderRequest, Refused, Side
from rebalkit.plugin import Broker

TODAY = dt.date(2025, 4, 8)
REQUEST = OrderRequest("a1", Side.BUY, "VOO", "1")


@pytest.fixture
def broker(folder: Path) -> Broker:
    return FilesBroker(FilesSettings(str(folder)), today=lambda: TODAY)


def test_it_reads(broker: Broker) -> None:
    assert broker.accounts() == (AccountRef("main", AccountKind.TAXABLE), AccountRef("ira", AccountKind.ROTH))
    assert [lot.lot for lot in broker.snapshot("main").lots] == ["a"]
    assert list(broker.quotes(["VOO", "SPY"])) == ["VOO"]
    assert broker.today() == TODAY
    assert broker.notes() == ()


def test_transactions_are_of_one_account_from_a_day_on(broker: Broker) -> None:
    assert len(broker.transactions("main", dt.date(2024, 3, 1))) == 1
    assert broker.transactions("main", dt.date(2024, 3, 2)) == ()
    assert broker.transactions("ira", dt.date.min) == ()


def test_how_far_history_reaches_is_known_only_where_the_file_says_it(broker: Broker, folder: Path) -> None:
    """The first row of transactions.csv is no proof: an earlier one may be missing."""
    (folder / "accounts.csv").write_text("account,kind,cash,history_from\nmain,ira,,2024-01-01\nira,ira,,\n", encoding="utf-8")
    assert broker.history_from("main") == dt.date(2024, 1, 1)
    assert broker.history_from("ira") is None


def test_all_answers_are_of_one_moment(broker: Broker, folder: Path) -> None:
    broker.accounts()
    for path in folder.iterdir():
        path.unlink()
    assert len(broker.snapshot("main").lots) == 1
    assert len(broker.quotes(["VOO", "BND"])) == 2


def test_nothing_is_read_before_the_first_question() -> None:
    broker = FilesBroker(FilesSettings("nowhere"))
    assert broker.today() == today_in_new_york()
    with pytest.raises(DataError, match="no such folder"):
        broker.accounts()


def test_an_unknown_account(broker: Broker) -> None:
    for ask in (broker.snapshot, broker.history_from, lambda name: broker.transactions(name, dt.date.min)):
        with pytest.raises(DataError) as caught:
            ask("mian")
        assert caught.value.place == "me/accounts.csv"
        assert caught.value.remedy == "Did you mean main?"


def test_it_takes_no_orders(broker: Broker) -> None:
    assert not CAPABILITIES.live
    assert not CAPABILITIES.places_orders
    assert broker.capabilities == CAPABILITIES
    with pytest.raises(BrokerError) as caught:
        broker.preview("main", REQUEST)
    assert "order ticket" in caught.value.remedy
    with pytest.raises(BrokerError):
        broker.cancel("main", "1")
    placed = broker.place("main", OrderPreview("p", REQUEST, "470.25"))
    assert isinstance(placed, Refused)
    assert placed.code == "places_no_orders"
    assert broker.orders("main", dt.date.min) == ()


def test_it_is_light_to_import() -> None:
    heavy = {"numpy", "pandas", "requests", "cattrs", "rich", "jinja2", "tempfile", "difflib", "holidays"}
    script = (
        f"import sys; from rebalkit.brokers.files import FilesBroker, FilesSettings;print(sorted({heavy!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
