"""The end of a login: what a logout lets die, what it says, and what is left on the disk; and a login that is kept in a keyring."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from commands import Shell, edit
from etrade_server import EtradeServer
from etrade_server.replies import Call, Reply, page
from etrade_world import logged_in
from keyring_stub import Ring, ring
from rebalkit.errors import ConfigError
from rebalkit.places import alone_at, state_folder
from rebalkit.secrets import Secret, resolve, store
from rebalkit_etrade.session import Session
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire.tokens import Token, TokenBox

__all__ = ["ring"]

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


def token(host: str) -> Token:
    return Token(host, Secret("token-a"), Secret("secret-a"), NOW.date(), NOW)


@pytest.fixture
def box(tmp_path: Path) -> TokenBox:
    return TokenBox(f"file:{tmp_path / 'box' / 'token'}", "rebalkit login")


def kept(box: TokenBox) -> str:
    return Path(box.reference.removeprefix("file:")).read_text()


def session_at(etrade: EtradeServer, box: TokenBox) -> Session:
    return Session(EtradeSettings(base_url=etrade.url, requests_per_second=4, tokens=box.reference))


@pytest.fixture
def answers(etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Reply], None]:
    """Lets the server answer everything whose path has a word in it with one reply."""

    def answer(word: str, reply: Reply) -> None:
        respond = etrade.api.respond

        def responding(call: Call) -> Reply:
            return reply if word in call.path else respond(call)

        monkeypatch.setattr(etrade.api, "respond", responding)

    return answer


def test_a_logout_lets_the_token_die_and_forgets_it(etrade: EtradeServer, tmp_path: Path) -> None:
    broker = logged_in(etrade, tmp_path)
    assert broker.logout()
    assert etrade.oauth.tokens == {}
    assert (tmp_path / "token").read_text() == "{}"
    before = len(etrade.calls)
    assert broker.logout()
    assert etrade.calls[before:] == []


@pytest.mark.parametrize(
    "reply",
    [
        page(200, "Welcome to the hotel"),
        page(500, "busy"),
        Reply(drop=True),
        Reply(200),
        page(401, "oauth_problem=token_rejected"),
    ],
)
def test_a_logout_that_etrade_does_not_confirm_in_its_words_is_not_confirmed_and_forgotten(
    etrade: EtradeServer, tmp_path: Path, answers: Callable[[str, Reply], None], reply: Reply
) -> None:
    broker = logged_in(etrade, tmp_path)
    answers("revoke", reply)
    assert not broker.logout()
    assert (tmp_path / "token").read_text() == "{}"


def test_a_login_of_another_host_is_forgotten_and_not_said_to_be_over(etrade: EtradeServer, box: TokenBox) -> None:
    box.keep(token("https://apisb.etrade.com"))
    assert not session_at(etrade, box).logout()
    assert etrade.calls == []
    assert kept(box) == "{}"


def test_a_token_that_others_may_read_is_not_used_but_dies_at_a_logout(etrade: EtradeServer, tmp_path: Path) -> None:
    logged_in(etrade, tmp_path)
    (tmp_path / "token").chmod(0o644)
    session = session_at(etrade, TokenBox(f"file:{tmp_path / 'token'}", ""))
    with pytest.raises(ConfigError, match="others on this machine may read"):
        session.client.accounts()
    assert session.logout()
    assert etrade.oauth.tokens == {}
    assert (tmp_path / "token").read_text() == "{}"
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["no token at all", '{"host": "x"}'])
def test_what_cannot_be_read_is_forgotten_and_not_said_to_be_over(etrade: EtradeServer, box: TokenBox, text: str) -> None:
    store(box.reference, Secret(text))
    assert not session_at(etrade, box).logout()
    assert kept(box) == "{}"


def test_a_token_dies_although_it_cannot_be_forgotten(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = logged_in(etrade, tmp_path)

    def full(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        broker.logout()
    assert etrade.oauth.tokens == {}


def test_a_process_that_is_killed_while_it_writes_leaves_no_token_after_the_logout(etrade: EtradeServer, tmp_path: Path) -> None:
    broker = logged_in(etrade, tmp_path)
    live = json.loads((tmp_path / "token").read_text())["token"]
    child = os.fork()
    if child == 0:
        os.replace = lambda *given, **more: os._exit(9)  # type: ignore[assignment]
        with suppress(BaseException):
            box = TokenBox(f"file:{tmp_path / 'token'}", "rebalkit login")
            box.keep(box.left() or token("none"))
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len([one for one in tmp_path.iterdir() if live in one.read_text()]) == 2
    broker.logout()
    assert [one for one in tmp_path.iterdir() if one.is_file() and live in one.read_text()] == []
    assert [one.name for one in tmp_path.glob(".*.new")] == []


def test_the_words_of_a_logout_name_the_broker(shell: Shell, etrade: EtradeServer) -> None:
    assert shell("login").code == 0
    assert "You are logged out of etrade-live.\n" in shell("logout").err
    assert "You are logged out of etrade-live.\n" in shell("logout").err


# A keyring


def test_a_login_can_be_kept_in_the_keyring(shell: Shell, etrade: EtradeServer, ring: Ring, tmp_path: Path) -> None:
    """From the login over a plan to the logout; no file holds the token, and a use is noted there, too."""
    edit("rebalkit.toml", "requests_per_second", 'tokens = "keyring:rebalkit/etrade-token"\nrequests_per_second')
    ran = shell("plan")
    assert (ran.code, "Log in: `rebalkit login`." in ran.err) == (6, True), ran.err
    assert shell("login").code == 0
    found = json.loads(ring.kept["rebalkit", "etrade-token"])
    assert found["token"] in etrade.oauth.tokens
    etrade.book.now += dt.timedelta(minutes=10)
    ran = shell("plan", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ring.kept["rebalkit", "etrade-token"])["used"] > found["used"]
    files = [one for one in tmp_path.rglob("*") if one.is_file()] + [one for one in state_folder().rglob("*") if one.is_file()]
    assert not [one for one in files if found["token"] in one.read_text("utf-8", "replace")]
    assert shell("logout", "--json").document == {"broker": "etrade-live", "revoked": True}
    assert ring.kept == {("rebalkit", "etrade-token"): "{}"}
    assert etrade.oauth.tokens == {}
    assert shell("plan").code == 6


def test_a_keyring_is_held_alone_too(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalkit_etrade.wire.tokens._PATIENCE", 0.05)
    box = TokenBox("keyring:rebalkit/etrade-token", "rebalkit login")
    box.keep(token("https://api.etrade.com"))
    (lock,) = (state_folder() / "locks").iterdir()
    with alone_at(lock, 0), pytest.raises(ConfigError, match="another process is at work there"):
        box.forget()
    assert json.loads(resolve(box.reference).reveal())["token"] == "token-a"
