"""A login lives and dies when E*TRADE says so, time goes on while a machine sleeps, and whoever is asked to wait waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etrade_server import EtradeServer
from etrade_server.replies import Call, Reply, page
from etrade_world import ACCOUNT, logged_in
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.model import LotSale, OrderRequest, Refused, Side
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire.signing import _date

SALE = OrderRequest("SALE0001", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")
LIST, RENEW = "GET /v1/accounts/list.json", "GET /oauth/renew_access_token"


@pytest.fixture
def broker(etrade: EtradeServer, tmp_path: Path) -> Connected:
    return logged_in(etrade, tmp_path)


def again(etrade: EtradeServer, folder: Path) -> Connected:
    """Another process with the login of the first."""
    return Connected(EtradeSettings(base_url=etrade.url, requests_per_second=4, tokens=f"file:{folder / 'token'}"))


def answer(etrade: EtradeServer, part: str, *replies: Callable[[Call], Reply | None]) -> None:
    """Answer the next requests whose path holds ``part`` with ``replies``; None leaves one to the server."""
    respond, left = etrade.api.respond, list(replies)

    def changed(call: Call) -> Reply:
        reply = left.pop(0)(call) if left and part in call.path else None
        return reply or respond(call)

    etrade.api.respond = changed  # type: ignore[method-assign]


def wire_of(broker: Connected) -> Any:
    return broker._client._wire


def busy(call: Call) -> Reply:
    return page(500, "HTTP Status 500")


def down(call: Call) -> Reply:
    return Reply(drop=True)


def dead(call: Call) -> Reply:
    return page(401, "HTTP Status 401 - oauth_problem=token_rejected")


# Renewing


@pytest.mark.parametrize("problem", [busy, down, lambda call: Reply(429)])
def test_a_renewal_that_fails_in_passing_is_tried_again(
    broker: Connected, etrade: EtradeServer, problem: Callable[[Call], Reply]
) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    answer(etrade, "renew", problem, problem, problem)
    before = len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert etrade.paths(before) == [RENEW] * 4 + [LIST]


def test_a_renewal_that_goes_on_failing_is_no_dead_login(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    answer(etrade, "renew", *[busy] * 4)
    before = len(etrade.calls)
    with pytest.raises(BrokerError) as caught:
        broker.accounts()
    assert not isinstance(caught.value, LoginRequired)
    assert caught.value.code == "http_500"
    assert etrade.paths(before) == [RENEW] * 4
    assert len(broker.accounts()) == 2


def test_a_renewal_that_is_refused_otherwise_is_told_as_it_is_and_at_once(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    answer(etrade, "renew", lambda call: page(400, "HTTP Status 400 - oauth_problem=odd"))
    before = len(etrade.calls)
    with pytest.raises(BrokerError, match="oauth_problem=odd") as caught:
        broker.accounts()
    assert not isinstance(caught.value, LoginRequired)
    assert etrade.paths(before) == [RENEW]


def test_a_renewal_that_is_refused_for_the_token_ends_the_login(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    answer(etrade, "renew", dead)
    with pytest.raises(LoginRequired, match="does not accept the login any more"):
        broker.accounts()


def test_the_attempt_that_renewed_does_not_count(broker: Connected, etrade: EtradeServer) -> None:
    """Three times busy, then a dead token: the question is asked once more, with the renewed one."""
    answer(etrade, "list.json", busy, busy, busy, dead)
    before = len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert etrade.paths(before) == [LIST] * 4 + [RENEW, LIST]


def test_a_login_is_renewed_once_for_a_question_and_not_without_end(broker: Connected, etrade: EtradeServer) -> None:
    answer(etrade, "list.json", *[dead] * 9)
    before = len(etrade.calls)
    with pytest.raises(LoginRequired):
        broker.accounts()
    assert etrade.paths(before) == [LIST, RENEW, LIST]


# Two processes


def test_a_login_of_another_process_is_taken_in_the_place_of_renewing(
    broker: Connected, etrade: EtradeServer, tmp_path: Path
) -> None:
    broker.accounts()
    etrade.oauth.tokens.clear()
    logged_in(etrade, tmp_path)
    before = len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert etrade.paths(before) == [LIST, LIST]


def test_a_login_of_another_process_is_taken_when_ours_has_rested(
    broker: Connected, etrade: EtradeServer, tmp_path: Path
) -> None:
    broker.accounts()
    etrade.oauth.tokens.clear()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    logged_in(etrade, tmp_path)
    before = len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert etrade.paths(before) == [LIST]


def test_a_login_of_another_process_is_taken_when_the_day_of_ours_is_over(
    broker: Connected, etrade: EtradeServer, tmp_path: Path
) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(days=1)
    logged_in(etrade, tmp_path)
    assert len(broker.accounts()) == 2


def test_a_login_of_another_process_that_is_dead_too_is_renewed_once(
    broker: Connected, etrade: EtradeServer, tmp_path: Path
) -> None:
    broker.accounts()
    logged_in(etrade, tmp_path)
    answer(etrade, "list.json", dead, dead, dead)
    before = len(etrade.calls)
    with pytest.raises(LoginRequired):
        broker.accounts()
    assert etrade.paths(before) == [LIST, LIST, RENEW, LIST]


def test_a_box_that_cannot_be_read_does_not_stop_a_renewal(broker: Connected, etrade: EtradeServer, tmp_path: Path) -> None:
    """A keyring that was locked in the meantime, or a file that is gone: the token that we hold may live."""
    broker.accounts()
    (tmp_path / "token").chmod(0o644)
    answer(etrade, "list.json", dead)
    before = len(etrade.calls)
    assert len(broker.accounts()) == 2
    assert etrade.paths(before) == [LIST, RENEW, LIST]


# Time


@pytest.mark.parametrize("off", [dt.timedelta(minutes=-2), dt.timedelta(minutes=2)])
def test_a_clock_that_is_off_by_a_little_ends_no_login_around_midnight(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off: dt.timedelta
) -> None:
    """Before its first answer a process knows the time of its own machine alone; E*TRADE decides."""
    side = dt.timedelta(seconds=30) if off < dt.timedelta(0) else dt.timedelta(seconds=-30)
    etrade.book.now = dt.datetime(2026, 11, 25, 5, 0, tzinfo=dt.UTC) + side
    logged_in(etrade, tmp_path)
    broker = again(etrade, tmp_path)
    monkeypatch.setattr(wire_of(broker), "_now", lambda: etrade.book.now + off)
    assert len(broker.accounts()) == 2


def test_a_login_of_yesterday_is_not_even_tried(etrade: EtradeServer, tmp_path: Path) -> None:
    """Not by a process that knows the time of its own machine alone, either."""
    logged_in(etrade, tmp_path)
    etrade.book.now = dt.datetime(2026, 11, 25, 5, 10, tzinfo=dt.UTC)
    before = len(etrade.calls)
    with pytest.raises(LoginRequired, match="ended at midnight in New York"):
        again(etrade, tmp_path).accounts()
    assert etrade.calls[before:] == []


@pytest.mark.parametrize("stands", ["monotonic", "now"])
def test_a_preview_grows_old_while_the_machine_sleeps(
    broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch, stands: str
) -> None:
    """One of its two clocks may stand still then."""
    preview = broker.preview(ACCOUNT, SALE)
    wire = wire_of(broker)
    if stands == "monotonic":
        at = wire._clock.monotonic()
        monkeypatch.setattr(type(wire._clock), "monotonic", lambda self: at)
    else:
        now = wire._now()
        monkeypatch.setattr(wire, "_now", lambda: now)
    etrade.book.now += dt.timedelta(minutes=30)
    before = len(etrade.calls)
    result = broker.place(ACCOUNT, preview)
    assert isinstance(result, Refused)
    assert result.code == "preview_expired"
    assert etrade.calls[before:] == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 24 Nov 2026 15:00:00 GMT", dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)),
        ("Tue, 24 Nov 2026 15:00:00", dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)),
        ("Tue, 24 Nov 2026 15:00:00 -0000", dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)),
        ("Tue, 24 Nov 2026 10:00:00 -0500", dt.datetime(2026, 11, 24, 15, tzinfo=dt.UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("later", None),
        ("", None),
    ],
)
def test_a_date_without_a_zone_is_of_utc_wherever_this_machine_is(
    monkeypatch: pytest.MonkeyPatch, text: str, moment: dt.datetime | None
) -> None:
    import time

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Los_Angeles")
        time.tzset()
        found = _date(text)
    time.tzset()
    assert found == moment


# Waiting


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("30", 30), ("1", 2), ("3600", 60), ("Tue, 24 Nov 2026 15:00:20 GMT", 20), ("", 2), ("soon", 2), ("-5", 2), ("9" * 400, 60),
        ("Tue, 24 Nov 2026 14:00:00 GMT", 2),
    ],
)  # fmt: skip
def test_whoever_is_asked_to_wait_waits_within_reason(etrade: EtradeServer, tmp_path: Path, header: str, waited: int) -> None:
    etrade.book.now = dt.datetime(2026, 11, 24, 14, 59, 50, tzinfo=dt.UTC)
    broker = logged_in(etrade, tmp_path)
    etrade.book.now = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
    answer(etrade, "list.json", lambda call: Reply(429, "text/plain", b"slow", {"Retry-After": header} if header else {}))
    started = etrade.book.now
    assert len(broker.accounts()) == 2
    assert (etrade.book.now - started).total_seconds() == pytest.approx(waited, abs=0.3)


def test_a_renewal_waits_as_long_as_it_is_asked_to(broker: Connected, etrade: EtradeServer) -> None:
    broker.accounts()
    etrade.book.now += dt.timedelta(hours=2, minutes=1)
    answer(etrade, "renew", lambda call: Reply(503, "text/plain", b"slow", {"Retry-After": "30"}))
    started = etrade.book.now
    broker.accounts()
    assert (etrade.book.now - started).total_seconds() == pytest.approx(30, abs=0.6)


def test_tls_that_fails_is_not_tried_again(broker: Connected, etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    tried = []

    def refused(*given: object, **named: object) -> object:
        tried.append(given)
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests.Session, "send", refused)
    with pytest.raises(BrokerError) as caught:
        broker.accounts()
    assert (caught.value.code, len(tried)) == ("tls", 1)
