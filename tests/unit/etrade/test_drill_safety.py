"""Whatever happens while the order of a drill lives, it is cancelled, or the person is told that it may be open."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from commands import Ran, Shell
from etrade_drill import PHRASE, Person, drilled, notebook, person, placements, seen
from etrade_server import EtradeServer
from etrade_server.replies import Reply, refused
from rebalkit_etrade.drill.following import Following
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.drill.order import OrderDrill

__all__ = ["person"]


def states(etrade: EtradeServer) -> list[str]:
    return [one.status for one in etrade.book.accounts[0].orders]


def cancels(etrade: EtradeServer) -> int:
    return sum(one.endswith("cancel.json") for one in etrade.paths())


def after_the_order(etrade: EtradeServer, change: Callable[[Any], object], *, number: int = 1) -> None:
    """Let something happen right after the order of that number was taken."""
    place, taken = etrade.book.place, []

    def placing(*given: Any, **more: Any) -> Any:
        order = place(*given, **more)
        taken.append(order)
        if len(taken) == number:
            change(order)
        return order

    etrade.book.place = placing  # type: ignore[method-assign]


def cancelling(etrade: EtradeServer, answer: Callable[[int], Reply | None]) -> None:
    """Answer cancellations by their number, from 1; None lets the server answer."""
    cancel, asked = etrade.api.desk.cancel, []

    def other(account: Any, body: Any) -> Reply:
        asked.append(body)
        return answer(len(asked)) or cancel(account, body)

    etrade.api.desk.cancel = other  # type: ignore[method-assign]


def assert_told(ran: Ran, etrade: EtradeServer) -> None:
    assert ran.code == 7, ran.err
    assert "the order of the drill may be open" in ran.err
    assert placements(etrade) == 1


def test_a_second_order_that_is_listed_late_is_waited_for(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    person.types = f"{PHRASE} TWICE"
    after_the_order(etrade, lambda order: setattr(order, "hidden", 3), number=2)
    ran = drilled(shell, "--order", "SCHB", "--twice")
    assert ran.code == 0, ran.err
    assert states(etrade) == ["CANCELLED", "CANCELLED"]


def test_a_second_order_behind_an_error_is_looked_for_as_long_as_there_is_patience(
    shell: Shell, etrade: EtradeServer, person: Person
) -> None:
    """It was taken, answered with a code that nobody knows, and is listed late."""
    person.types = f"{PHRASE} TWICE"
    place = etrade.api.desk.place

    def answered(account: Any, body: Any) -> Reply:
        reply = place(account, body)
        if len(states(etrade)) == 2:
            etrade.book.accounts[0].orders[0].hidden = 10
            return refused(400, 4711, "Something is not as it should be")
        return reply

    etrade.api.desk.place = answered  # type: ignore[method-assign]
    ran = drilled(shell, "--order", "SCHB", "--twice")
    assert ran.code == 0, ran.err
    assert states(etrade) == ["CANCELLED", "CANCELLED"]


def test_an_order_of_a_known_number_is_followed_however_it_is_listed(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    after_the_order(etrade, lambda order: setattr(order, "limit", Decimal("45.01")))
    ran = drilled(shell, "--order", "SCHB")
    assert states(etrade) == ["CANCELLED"]
    assert (ran.code, seen(ran)["listed_as"]) == (4, "OPEN, limit 45.01")


def test_an_order_whose_number_is_known_is_cancelled_although_the_list_fails(
    shell: Shell, etrade: EtradeServer, person: Person
) -> None:
    after_the_order(etrade, lambda order: etrade.faults.add("list_busy", 10))
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 0, ran.err
    assert states(etrade) == ["CANCELLED"]


def test_an_order_whose_number_is_known_is_cancelled_although_the_list_never_shows_it(
    shell: Shell, etrade: EtradeServer, person: Person
) -> None:
    etrade.faults.add("late_list")
    ran = drilled(shell, "--order", "SCHB")
    assert_told(ran, etrade)
    assert cancels(etrade) > 1
    etrade.book.look(etrade.book.accounts[0])
    assert states(etrade) == ["CANCELLED"]


@pytest.mark.parametrize(
    "answer", [refused(500, 100, "busy"), refused(401, None, "oauth_problem=token_rejected"), Reply(drop=True)]
)
def test_a_cancellation_that_failed_is_asked_for_again(shell: Shell, etrade: EtradeServer, person: Person, answer: Reply) -> None:
    cancelling(etrade, lambda number: answer if number == 1 else None)
    ran = drilled(shell, "--order", "SCHB")
    assert states(etrade) == ["CANCELLED"], ran.err


def test_an_order_that_cannot_be_cancelled_keeps_no_other_one_open(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    person.types = f"{PHRASE} TWICE"
    cancel = etrade.api.desk.cancel
    etrade.api.desk.cancel = lambda account, body: (  # type: ignore[method-assign]
        refused(400, 4711, "no") if body["CancelOrderRequest"]["orderId"] == 11 else cancel(account, body)
    )
    ran = drilled(shell, "--order", "SCHB", "--twice")
    assert ran.code == 7
    assert "order 11 is OPEN" in ran.err
    assert states(etrade) == ["CANCELLED", "OPEN"]


def interrupting(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, times: int) -> None:
    """Ctrl-C, so many times, whenever ``owner.name`` begins."""
    method, left = getattr(owner, name), [KeyboardInterrupt] * times

    def interrupted(self: Any, *given: Any, **more: Any) -> Any:
        if left:
            raise left.pop()
        return method(self, *given, **more)

    monkeypatch.setattr(owner, name, interrupted)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (OrderDrill, "_listed_as"),
        (Following, "shown"),
        (Following, "to_the_end"),
        (Following, "ask_to_cancel"),
        (OrderDrill, "_ended"),
    ],
)
def test_the_first_ctrl_c_at_whatever_moment_leaves_nothing_open(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    interrupting(monkeypatch, owner, name, 1)
    drilled(shell, "--order", "SCHB")
    assert states(etrade) == ["CANCELLED"]
    assert notebook()[-1]["what"] == "ended"


def test_ctrl_c_again_and_again_leaves_it_to_the_person_who_is_told(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupting(monkeypatch, Following, "to_the_end", 2)
    assert_told(drilled(shell, "--order", "SCHB"), etrade)


def test_ctrl_c_before_the_order_is_sent_is_no_order(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupting(monkeypatch, OrderDrill, "_placed", 1)
    assert drilled(shell, "--order", "SCHB").code == 130
    assert placements(etrade) == 0
    assert notebook()[-1]["how"] == "there is no order"
    etrade.book.now += dt.timedelta(seconds=2)
    assert drilled(shell, "--order", "SCHB").code == 0


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no such signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_closed_terminal_is_a_reason_to_see_the_order_off(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = signal.getsignal(getattr(signal, name))
    shown = Following.shown

    def killed(self: Following, sent: Any) -> Any:
        os.kill(os.getpid(), getattr(signal, name))
        return shown(self, sent)

    monkeypatch.setattr(Following, "shown", killed)
    assert drilled(shell, "--order", "SCHB").code == 130
    assert states(etrade) == ["CANCELLED"]
    assert signal.getsignal(getattr(signal, name)) == before


def test_a_fill_is_told_whatever_else_went_wrong(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falling(self: OrderDrill, *given: Any) -> None:
        etrade.book.prices["SCHB"] = Decimal(44), Decimal("44.02")
        raise KeyboardInterrupt

    monkeypatch.setattr(OrderDrill, "_listed_as", falling)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "the order was filled: 1 shares" in ran.err


def test_a_full_disk_after_the_order_keeps_it_from_nothing(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def full(descriptor: int) -> None:
        if states(etrade):
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 0, ran.err
    assert states(etrade) == ["CANCELLED"]
    assert '"what": "ended"' in ran.err  # what could not be written


def test_a_full_disk_before_the_order_is_no_order(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Notebook.write

    def full(self: Notebook, what: str, **more: object) -> None:
        if what == "placing":
            raise OSError(28, "No space left on device")
        write(self, what, **more)

    monkeypatch.setattr(Notebook, "write", full)
    assert drilled(shell, "--order", "SCHB").code != 0
    assert placements(etrade) == 0


@pytest.mark.parametrize("problem", [BrokenPipeError(32, "Broken pipe"), OSError(28, "No space left on device")])
def test_nobody_who_reads_the_findings_hides_an_order_that_may_be_open(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch, problem: OSError
) -> None:
    etrade.faults.add("late_list")
    echo = click.echo

    def gone(message: object = None, err: bool = False, **more: Any) -> None:
        if not err:
            raise problem
        echo(message, err=err, **more)

    monkeypatch.setattr(click, "echo", gone)
    assert_told(drilled(shell, "--order", "SCHB"), etrade)


@pytest.mark.parametrize(
    ("hours", "bid", "words"), [(7, "60.00", "the market is not open"), (1, "44.50", "the limit would be"), (25, "60.00", "")]
)
def test_everything_is_looked_at_again_after_the_question(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch, hours: int, bid: str, words: str
) -> None:
    def waiting(text: str, **more: Any) -> str:
        etrade.book.now += dt.timedelta(hours=hours)
        etrade.book.prices["SCHB"] = Decimal(bid), Decimal(bid) + Decimal("0.02")
        return PHRASE

    monkeypatch.setattr(click, "prompt", waiting)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == (4 if words else 6)  # a day later nobody is logged in any more
    assert words in ran.err
    assert placements(etrade) == 0


def test_two_drills_at_once_send_one_order(
    shell: Shell, etrade: EtradeServer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[Ran] = []

    def asking(text: str, **more: Any) -> str:
        if not inner:
            etrade.book.now += dt.timedelta(seconds=5)
            inner.append(drilled(shell, "--order", "SCHB"))
        return PHRASE

    monkeypatch.setattr(click, "prompt", asking)
    ran = drilled(shell, "--order", "SCHB")
    assert (ran.code, inner[0].code) == (0, 4)
    assert "another drill is about to send an order" in inner[0].err
    assert placements(etrade) == 1


def test_an_earlier_order_without_an_end_blocks_an_order_and_no_question(
    shell: Shell, etrade: EtradeServer, person: Person
) -> None:
    etrade.faults.add("reset_before")
    assert drilled(shell, "--order", "SCHB").code == 7
    path = next(Path(shell_home()).glob("*.jsonl"))
    path.write_bytes(path.read_bytes() + b'{"at": "2026-11-24T15:00:00+00:00", "what": "\xe2\x80')  # cut off in a character
    etrade.book.now += dt.timedelta(seconds=5)
    assert drilled(shell).code == 0
    etrade.book.now += dt.timedelta(seconds=5)
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "did not see it end" in ran.err


def shell_home() -> Path:
    from rebalkit_etrade.drill.notebook import folder

    return folder()


@pytest.mark.parametrize("at", [None, 120])
def test_a_quote_that_is_old_is_none(shell: Shell, etrade: EtradeServer, person: Person, at: int | None) -> None:
    respond = etrade.api.respond

    def old(call: Any) -> Reply:
        reply = respond(call)
        if "/quote/" in call.path:
            moment = str(int(etrade.book.now.timestamp())).encode()
            before = b"0" if at is None else str(int(etrade.book.now.timestamp()) - at).encode()
            reply.body = reply.body.replace(moment, before)
        return reply

    etrade.api.respond = old  # type: ignore[method-assign]
    ran = drilled(shell, "--order", "SCHB")
    assert ran.code == 4
    assert "no quote of this moment" in ran.err


def test_no_number_of_an_account_is_in_the_notebook_or_the_findings(shell: Shell, etrade: EtradeServer, person: Person) -> None:
    account = etrade.book.accounts[0]
    etrade.book.tell(account, "Transfer", None, 0, 0, dt.date(2026, 11, 2), amount=5, words="TRNSFR TO 82314598 FROM 5831-5636")
    etrade.book.tell(account, "From 58315636", "VTI", 3, 0, dt.date(2026, 11, 2))
    ran = drilled(shell)
    assert "…5636" in seen(ran)["history_kinds"]
    text = next(shell_home().glob("*.jsonl")).read_text() + ran.out
    for number in ("58315636", "82314598", "5831-5636"):
        assert number not in text


def test_what_the_service_refuses_is_a_finding_and_the_next_question_is_asked(
    shell: Shell, etrade: EtradeServer, person: Person
) -> None:
    respond = etrade.api.respond

    def refusing(call: Any) -> Reply:
        return refused(400, 7, "no such thing") if "lotsRequired" in call.query else respond(call)

    etrade.api.respond = refusing  # type: ignore[method-assign]
    found = seen(drilled(shell))
    assert "no such thing" in found["lots_inside"]
    assert "history_back" in found
