"""What is written down about a request never takes its answer away, and what is written is this user's alone."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest

from etrade_server import EtradeServer
from etrade_world import ACCOUNT, logged_in
from rebalkit.errors import ConfigError
from rebalkit.model import LotSale, OrderRequest, Placed, Side
from rebalkit.secrets import Secret
from rebalkit_etrade.connecting import Connected
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire import request_log
from rebalkit_etrade.wire.request_log import RequestLog, log_path
from rebalkit_etrade.wire.tokens import TokenBox

SALE = OrderRequest("SALE0001", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")


def written(log: RequestLog) -> None:
    log.asked("then", "GET", "/v1/accounts/list.json", None, "")
    log.answered("then", 200, 0.1, b"{}")


@pytest.mark.parametrize("problem", [ConfigError("full"), OSError(28, "No space left on device"), RuntimeError("keyring")])
def test_a_token_that_cannot_be_written_does_not_hide_that_an_order_was_placed(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    broker = logged_in(etrade, tmp_path)
    preview = broker.preview(ACCOUNT, SALE)

    def full(*given: object) -> None:
        raise problem

    monkeypatch.setattr(TokenBox, "used", full)
    assert broker.place(ACCOUNT, preview) == Placed("11")
    assert len(broker.accounts()) == 2


def test_a_use_that_cannot_be_written_is_remembered_all_the_same(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the token would be renewed before every request, after two hours."""
    broker = logged_in(etrade, tmp_path)

    def full(*given: object) -> None:
        raise ConfigError("full")

    monkeypatch.setattr(TokenBox, "used", full)
    for _ in range(3):
        etrade.book.now += dt.timedelta(minutes=50)
        broker.accounts()
    assert "GET /oauth/renew_access_token" not in etrade.paths()


@pytest.mark.parametrize("when", [" > ", " < "])
def test_a_screen_that_is_gone_does_not_hide_that_an_order_was_placed(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    class Gone:
        def write(self, text: str) -> int:
            if when in text:
                raise BrokenPipeError(32, "Broken pipe")
            return len(text)

        def flush(self) -> None:
            pass

    logged_in(etrade, tmp_path)
    broker = Connected(
        EtradeSettings(base_url=etrade.url, requests_per_second=4, tokens=f"file:{tmp_path / 'token'}", request_log="screen")
    )
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Gone())
        assert broker.place(ACCOUNT, broker.preview(ACCOUNT, SALE)) == Placed("11")


@pytest.mark.parametrize("stream", ["closed", "none"])
def test_a_screen_that_is_closed_or_missing_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: str
) -> None:
    """Without a stderr `print` would write to stdout, where results are."""
    with open(tmp_path / "closed", "w") as closed:
        pass
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", closed if stream == "closed" else None)
        written(RequestLog.to("screen"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("what", ["folder", "no folder", "link", "full"])
def test_a_log_file_that_cannot_be_written_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], what: str
) -> None:
    """Not even a traceback: that of `logging` shows the line."""
    victim = tmp_path / "victim"
    victim.write_text("x")
    folder = log_path().parent
    if what == "no folder":
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_text("a file")
    else:
        folder.mkdir(parents=True, exist_ok=True)
    if what == "folder":
        log_path().mkdir()
    if what == "link":
        log_path().symlink_to(victim)

    def full(*given: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if what == "full":
            patch.setattr(request_log.os, "open", full)
        written(RequestLog.to("file"))
    assert capfd.readouterr() == ("", "")
    assert victim.read_text() == "x"


def test_a_log_file_that_others_could_read_is_closed_to_them() -> None:
    log_path().parent.mkdir(parents=True, exist_ok=True)
    log_path().write_text("before\n")
    log_path().chmod(0o644)
    written(RequestLog.to("file"))
    assert log_path().stat().st_mode & 0o777 == 0o600
    assert log_path().read_text().startswith("before\nthen > GET")


def test_a_secret_is_not_cut_in_half_where_a_long_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of one would not be known as a secret."""
    monkeypatch.setattr(request_log, "_SHOWN", 60)
    secret = Secret("canary-of-thirty-two-characters!")
    lines: list[str] = []
    RequestLog(lines.append).answered("then", 200, 0.1, f"{'.' * 30}{secret.reveal()}".encode())
    assert "canary" not in lines[0]
    assert len(lines[0]) <= 60
