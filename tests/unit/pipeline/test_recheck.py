"""Right before each order all accounts are looked at again, for this one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from executions import SOURCE, TARGETS, book, journals_in_memory, registry, run_of
from rebalkit.errors import DataError
from rebalkit.execution.world import World
from rebalkit.model import AccountRef, AccountSnapshot, IdentityGroups, LotSale, OrderRequest, Placed, Promise, Side, Transaction
from rebalkit.model.policy import WashPolicy
from rebalkit.pipeline.promises import Scope, scope_of
from rebalkit.pipeline.recheck import OrderCheck
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.worlds import open_world
from rebalkit_paper import PaperBroker, PaperSettings

__all__ = ["journals_in_memory"]

pytestmark = pytest.mark.usefixtures("journals_in_memory")

LOSS = OrderRequest("C1", Side.SELL, "OLD", Decimal(100), (LotSale("loss", Decimal(100)),), Decimal("99.70"))
GAIN = OrderRequest("C2", Side.SELL, "OLD", Decimal(50), (LotSale("gain", Decimal(50)),), Decimal("99.70"))
BUY = OrderRequest("C3", Side.BUY, "OLD", Decimal(1), (), Decimal(100))


def codes(check: OrderCheck, order: OrderRequest) -> list[str]:
    return [one.code for one in check(order)]


class Reads(PaperBroker):
    """Says what it is asked for."""

    def __init__(self) -> None:
        super().__init__(PaperSettings("test"))
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        self.asked.append((account, tuple(symbols)))
        return super().part(account, symbols)

    def snapshot(self, account: str) -> AccountSnapshot:
        pytest.fail("the whole account is read")


@pytest.fixture
def scope() -> Scope:
    book()
    return scope_of(registry(), SOURCE)


def check_at(broker: PaperBroker, scope: Scope, folder: Path, plugins: Any = None, **request: Any) -> OrderCheck:
    plan = run_of(folder).plan()
    with open_world(broker, scope.name, "main", str) as world:
        asked = PlanRequest(SOURCE, TARGETS, **request)
        return OrderCheck(
            plugins or registry(), World(broker, world.journal, world.clock, world.chance, str), asked, plan, scope, plan.plan_id
        )


def buy(account: str, symbol: str = "OLD", shares: int = 1) -> None:
    other = PaperBroker(PaperSettings("test"))
    preview = other.preview(account, OrderRequest("A1", Side.BUY, symbol, Decimal(shares), (), Decimal(100)))
    assert isinstance(other.place(account, preview), Placed)


def test_an_account_in_which_nothing_happened_forbids_nothing(scope: Scope, tmp_path: Path) -> None:
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    assert [codes(check, one) for one in (LOSS, GAIN, BUY)] == [[], [], []]


def test_f098_only_what_counts_as_one_with_the_security_is_read_and_it_counts_as_one(scope: Scope, tmp_path: Path) -> None:
    broker = Reads()
    check = check_at(broker, scope, tmp_path, policy=WashPolicy(IdentityGroups([["OLD", "NEW"]])))
    assert codes(check, LOSS) == []
    assert broker.asked == [("main", ("NEW", "OLD")), ("ira", ("NEW", "OLD"))]
    buy("ira", "NEW")
    assert codes(check, LOSS) == ["wash_sale"], "the two count as one"


def test_f099_a_purchase_in_another_account_since_the_plan_forbids_the_sale_at_a_loss(scope: Scope, tmp_path: Path) -> None:
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    buy("ira")
    assert codes(check, LOSS) == ["wash_sale"]
    assert codes(check, GAIN) == []
    (found,) = check(LOSS)
    assert not found.stops, "the other orders may go on"
    assert found.details["account"] == "ira"


def test_f099_a_sale_at_a_loss_since_the_plan_forbids_the_purchase(scope: Scope, tmp_path: Path) -> None:
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    other = PaperBroker(PaperSettings("test"))
    assert isinstance(other.place("main", other.preview("main", LOSS)), Placed)
    assert codes(check, BUY) == ["wash_buy"]


class Whole:
    """A broker that reads accounts only as a whole."""

    def __init__(self) -> None:
        broker = PaperBroker(PaperSettings("test"))
        self.capabilities = broker.capabilities
        self.accounts, self.today, self.snapshot = broker.accounts, broker.today, broker.snapshot
        self.transactions, self.history_from = broker.transactions, broker.history_from


class InOrder(Whole):
    """One that also knows what happened first."""

    def __init__(self) -> None:
        super().__init__()
        broker = PaperBroker(PaperSettings("test"))
        self.history = lambda: [one for name in ("main", "ira") for one in broker.transactions(name, dt.date.min)]

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        pytest.fail("it knows the order of all of them")


@pytest.mark.parametrize("kind", [Whole, InOrder])
def test_a_broker_that_reads_accounts_as_a_whole_is_asked_so(scope: Scope, tmp_path: Path, kind: type[Whole]) -> None:
    check = check_at(kind(), scope, tmp_path)  # type: ignore[arg-type]
    buy("ira")
    assert codes(check, LOSS) == ["wash_sale"]


def test_what_an_earlier_plan_promised_is_held_against_a_purchase(scope: Scope, tmp_path: Path) -> None:
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    broker = PaperBroker(PaperSettings("test"))
    assert isinstance(broker.place("main", broker.preview("main", LOSS)), Placed)
    today = broker.today()
    promise = Promise(
        "p-1", ("OLD",), "main", today, today + dt.timedelta(30), today + dt.timedelta(31), Decimal(100), Decimal(2000), "p"
    )
    scope.keep([promise], today)
    assert codes(check, BUY) == ["promised_not_to_buy"]


def test_what_the_plan_itself_promised_does_not_stop_its_own_orders(
    scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its orders were weighed against one another before it was approved."""
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    today = PaperBroker(PaperSettings("test")).today()
    mine = Promise(
        "m-1", ("OLD",), "main", today, today + dt.timedelta(30), today + dt.timedelta(31), Decimal(1), Decimal(1), check.plan_id
    )
    monkeypatch.setattr(Scope, "load", lambda self: (mine,))
    monkeypatch.setattr("rebalkit.pipeline.recheck.remembered", lambda promises, day, history: tuple(promises))
    assert codes(check, BUY) == []
    monkeypatch.setattr(
        Scope, "load", lambda self: (Promise("o-1", ("OLD",), "main", today, mine.through, mine.free_from, 1, 1, "other"),)
    )
    assert codes(check, BUY) == ["promised_not_to_buy"]


@pytest.mark.parametrize("answer", ["not today", ValueError("it broke")])
def test_a_veto_forbids_the_order_and_so_does_a_plugin_that_fails(scope: Scope, tmp_path: Path, answer: object) -> None:
    class Plugins:
        def decide(self, hook: str, **given: Any) -> Sequence[tuple[str, object]]:
            assert hook == "rebalkit_before_order"
            return [("careful", answer if given["request"] == LOSS else None)]

    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path, plugins=Plugins())
    (found,) = check(LOSS)
    assert found.code == "veto"
    assert "careful" in found.message
    assert check(GAIN) == []


def test_f030_an_account_that_is_gone_is_an_error(scope: Scope, tmp_path: Path) -> None:
    class Gone(PaperBroker):
        def accounts(self) -> Sequence[AccountRef]:
            return [one for one in super().accounts() if one.account != "main"]

    check = check_at(Gone(PaperSettings("test")), scope, tmp_path)
    with pytest.raises(DataError, match="no account"):
        check(LOSS)


def test_an_order_without_a_limit_is_none_of_a_plan(scope: Scope, tmp_path: Path) -> None:
    check = check_at(PaperBroker(PaperSettings("test")), scope, tmp_path)
    with pytest.raises(ValueError, match="limit"):
        check(OrderRequest("C9", Side.BUY, "OLD", Decimal(1)))
