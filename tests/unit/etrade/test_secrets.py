"""No key, token, code or number of an account gets into a log, a file, an exception or a repr, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Shell
from etrade_server import FAULTS, EtradeServer
from etrade_world import ACCOUNT, logged_in
from rebalkit.errors import RebalkitError
from rebalkit.logs import set_up
from rebalkit.secrets.concealing import HIDDEN
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.redaction import redacted
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire.request_log import RequestLog, log_path

LIBRARIES = ("urllib3", "requests", "oauthlib", "requests_oauthlib", "http.client")


def secrets_of(server: EtradeServer) -> Iterator[str]:
    """Everything that nobody may see."""
    yield from (server.KEY, server.SECRET, server.book.accounts[0].key, server.book.accounts[1].key)
    for token in server.oauth.tokens.values():
        yield from (token.token, token.secret)
        if token.verifier:
            yield token.verifier


def nothing_shown(text: str, server: EtradeServer) -> None:
    from urllib.parse import quote

    for secret in secrets_of(server):
        for form in (secret, quote(secret, safe=""), quote(quote(secret, safe=""), safe="")):
            assert form not in text


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_whatever_goes_wrong_is_told_without_a_secret(
    etrade: EtradeServer, tmp_path: Path, capfd: pytest.CaptureFixture[str], fault: str | None
) -> None:
    """All loggers at DEBUG, as somebody who looks for a mistake would set them."""
    set_up(debug=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    settings = EtradeSettings(
        base_url=etrade.url, requests_per_second=4, tokens=f"file:{tmp_path / 'token'}", request_log="screen"
    )
    broker = Connected(settings)
    broker.login(etrade.authorize(broker.login_page()))
    known = list(secrets_of(etrade))
    if fault:
        etrade.faults.add(fault, 9)
    told = []
    for ask in (broker.accounts, lambda: broker.snapshot(ACCOUNT), lambda: broker.orders(ACCOUNT, broker.today()), broker.logout):
        try:
            told.append(repr(ask()))
        except RebalkitError as problem:
            told += [str(problem), repr(problem), problem.remedy]
            logging.getLogger("rebalkit").exception("it failed")
    out, err = capfd.readouterr()
    everything = "\n".join([*told, repr(broker), repr(settings), out, err])
    assert len(everything) > 500
    nothing_shown(everything, etrade)
    assert not [one for one in known if one in everything]


def test_the_token_is_in_a_file_of_its_owner_alone_and_nowhere_else(shell: Shell, etrade: EtradeServer, tmp_path: Path) -> None:
    assert shell("login").code == 0
    ran = shell("plan", "--json")
    nothing_shown(ran.out + ran.err, etrade)
    kept = [one for one in secrets_of(etrade) if one not in (etrade.KEY, etrade.SECRET)]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    holding = [path for path in files if any(secret in path.read_text("utf-8", "replace") for secret in kept)]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in holding)
    assert all(path.suffix == ".token" for path in holding)


def test_the_request_log_holds_everything_but_secrets(etrade: EtradeServer, tmp_path: Path) -> None:
    settings = EtradeSettings(base_url=etrade.url, requests_per_second=4, tokens=f"file:{tmp_path / 'token'}", request_log="file")
    broker = Connected(settings)
    broker.login(etrade.authorize(broker.login_page()))
    broker.snapshot(ACCOUNT)
    text = log_path().read_text()
    nothing_shown(text, etrade)
    assert log_path().stat().st_mode & 0o777 == 0o600
    assert "> GET /v1/accounts/…/portfolio.json?count=50&pageNumber=1" in text
    assert '"accountId": "…5636"' in text
    assert '"positionLotId": 494715020211' in text
    assert HIDDEN in text


def test_a_request_log_that_is_off_writes_nothing(
    etrade: EtradeServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logged_in(etrade, tmp_path).accounts()
    assert capfd.readouterr() == ("", "")
    assert not log_path().exists()


def test_a_log_file_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rebalkit_etrade.wire import request_log

    monkeypatch.setattr(request_log, "_LARGEST", 10_000)
    log = RequestLog.to("file")
    for number in range(300):
        log.asked(f"moment {number}", "GET", "/v1/accounts/list.json", None, "x" * 500)
    files = sorted(log_path().parent.glob("requests.log*"))
    assert len(files) == 6
    assert all(one.stat().st_size <= 10_000 and one.stat().st_mode & 0o777 == 0o600 for one in files)


def test_what_is_written_is_one_line_and_has_the_last_digits_of_an_account_only() -> None:
    told = redacted('{"accountId": "58315636",\n"accountIdKey":"vQMsebA1H5", "accountName":"Ada\'s", "orderId": 58315636}')
    assert told == '{"accountId": "…5636", "accountIdKey":"…", "accountName":"…", "orderId": 58315636}'
