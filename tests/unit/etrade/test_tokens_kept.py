"""The token of a login between processes: whose it is, who may write over it, and what is left of it on the disk."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from etrade_server import EtradeServer
from etrade_world import logged_in
from rebalkit.errors import ConfigError, LoginRequired
from rebalkit.places import alone_at, state_folder
from rebalkit.secrets import Secret, store
from rebalkit_etrade.session import Session
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire.hosts import PRODUCTION
from rebalkit_etrade.wire.tokens import Token, TokenBox

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=10)


def token(value: str, host: str = PRODUCTION.api) -> Token:
    return Token(host, Secret(f"token-{value}"), Secret(f"secret-{value}"), NOW.date(), NOW)


@pytest.fixture
def box(tmp_path: Path) -> TokenBox:
    return TokenBox(f"file:{tmp_path / 'box' / 'token'}", "rebalkit login", "owner-of-it")


def kept(box: TokenBox) -> str:
    return Path(box.reference.removeprefix("file:")).read_text()


def session_at(etrade: EtradeServer, **settings: object) -> Session:
    return Session(EtradeSettings(base_url=etrade.url, requests_per_second=4, **settings))  # type: ignore[arg-type]


def log_in(etrade: EtradeServer, session: Session) -> Session:
    session.login(etrade.authorize(session.login_page()))
    return session


# Who writes over what


def test_a_use_is_noted_over_the_own_token(box: TokenBox) -> None:
    box.keep(token("a"))
    noted = box.used(token("a"), LATER)
    assert noted.used == LATER
    assert box.read(PRODUCTION.api).used == LATER


def test_a_use_that_is_older_than_what_is_on_record_changes_nothing(box: TokenBox) -> None:
    """Two processes use one token; the slower one does not set its moment back."""
    box.keep(evolve(token("a"), used=LATER + dt.timedelta(minutes=1)))
    box.used(token("a"), LATER)
    assert box.read(PRODUCTION.api).used == LATER + dt.timedelta(minutes=1)


def test_a_running_process_does_not_put_an_old_token_over_a_new_login(box: TokenBox) -> None:
    box.keep(token("new"))
    assert box.used(token("old"), LATER).token == Secret("token-old")
    assert box.read(PRODUCTION.api).is_same(token("new"))


def test_a_running_process_does_not_undo_a_logout(box: TokenBox) -> None:
    box.keep(token("a"))
    box.forget()
    box.used(token("a"), LATER)
    assert kept(box) == "{}"


def test_a_running_process_uses_its_login_to_the_end_and_leaves_a_newer_one_alone(etrade: EtradeServer, tmp_path: Path) -> None:
    running = logged_in(etrade, tmp_path)
    running.accounts()
    etrade.book.now += dt.timedelta(minutes=10)
    logged_in(etrade, tmp_path)
    newer = (tmp_path / "token").read_text()
    running.accounts()
    assert (tmp_path / "token").read_text() == newer


def test_a_use_that_cannot_be_noted_stops_nothing(box: TokenBox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request that was sent may have been an order: its answer must not be lost for this."""
    box.keep(token("a"))

    def full(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", full)
        assert box.used(token("a"), LATER).used == LATER
    assert box.read(PRODUCTION.api).used == NOW


def lock_of(box: TokenBox) -> Path:
    path = Path(box.reference.removeprefix("file:"))
    return path.with_name(f".{path.name}.lock")


def test_while_another_process_writes_a_use_is_not_noted_and_not_waited_for(box: TokenBox) -> None:
    box.keep(token("a"))
    with alone_at(lock_of(box), 0):
        assert box.used(token("a"), LATER).used == LATER
    assert box.read(PRODUCTION.api).used == NOW


def test_a_login_and_a_logout_wait_for_another_process_and_say_so(box: TokenBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rebalkit_etrade.wire.tokens._PATIENCE", 0.05)
    box.keep(token("a"))
    for write in (lambda: box.keep(token("b")), box.forget, box.prepare):
        with alone_at(lock_of(box), 0), pytest.raises(ConfigError, match="another process is at work there"):
            write()
    assert box.read(PRODUCTION.api).is_same(token("a"))


def test_a_logout_forgets_the_token_that_it_ended_and_no_later_login(box: TokenBox) -> None:
    box.keep(token("later"))
    box.forget(token("ended"))
    assert box.read(PRODUCTION.api).is_same(token("later"))
    box.forget(token("later"))
    assert kept(box) == "{}"


# Whose it is


def test_each_host_and_each_consumer_key_has_a_file_of_its_own(etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine, which stands for the real one in tests, does not write over the real login."""
    monkeypatch.setenv("OTHER_KEY", "0000000000000000")
    other = EtradeSettings(consumer_key="env:OTHER_KEY", consumer_secret="env:OTHER_KEY")
    settings = [EtradeSettings(), other, EtradeSettings(environment="sandbox"), EtradeSettings(base_url=etrade.url)]
    names = [Path(Session(one)._tokens.reference.removeprefix("file:")) for one in settings]
    assert len(set(names)) == 4
    assert {one.parent for one in names} == {state_folder() / "etrade"}
    assert [one.name.split("-")[0] for one in names] == ["production", "production", "sandbox", "production"]
    assert etrade.KEY not in str(names)
    assert Session(settings[0])._tokens.reference == f"file:{names[0]}"


def test_two_consumer_keys_do_not_touch_each_others_login(etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "0000000000000000")
    mine = log_in(etrade, session_at(etrade))
    other = session_at(etrade, consumer_key="env:OTHER_KEY", consumer_secret="env:OTHER_KEY")
    with pytest.raises(LoginRequired, match="nobody has logged in"):
        other.client.accounts()
    assert other.logout()
    assert len(mine.client.accounts()) == 2


def test_a_login_of_another_consumer_key_in_a_shared_place_is_neither_used_nor_sent(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_KEY", "0000000000000000")
    log_in(etrade, session_at(etrade, tokens=f"file:{tmp_path / 'token'}"))
    before = len(etrade.calls)
    other = session_at(
        etrade, tokens=f"file:{tmp_path / 'token'}", consumer_key="env:OTHER_KEY", consumer_secret="env:OTHER_KEY"
    )  # fmt: skip
    with pytest.raises(LoginRequired, match="the login is of another consumer key"):
        other.client.accounts()
    assert not other.logout()
    assert etrade.calls[before:] == []
    assert (tmp_path / "token").read_text() == "{}"


@pytest.mark.parametrize("wrong", ["../../x", "a/b", "a b", ".", "a.b", "x" * 65, "é", "a\n"])
def test_a_name_of_a_session_leads_out_of_no_folder(etrade: EtradeServer, wrong: str) -> None:
    with pytest.raises(ConfigError, match="is no name of a login") as caught:
        session_at(etrade, session=wrong)
    assert (caught.value.place, caught.value.code) == ("session", "bad_session")


def test_a_session_is_the_name_of_its_file(etrade: EtradeServer) -> None:
    log_in(etrade, session_at(etrade, session="the-family_2"))
    assert (state_folder() / "etrade" / "the-family_2.token").exists()


# What is read


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("+00:00", ""), lambda text: "[" * 60_000, lambda text: "[]", lambda text: "null", lambda text: "x",
        lambda text: text.replace('"token-a"', '""'), lambda text: text.replace('"token-a"', "5"),
        lambda text: text.replace('"2026-11-24"', "null"), lambda text: "logged out",
    ],
)  # fmt: skip
def test_what_is_no_whole_token_is_none(box: TokenBox, broken: Callable[[str], str]) -> None:
    box.keep(token("a"))
    text = broken(kept(box))
    assert text != kept(box)
    store(box.reference, Secret(text))
    with pytest.raises(LoginRequired, match="there is no login"):
        box.read(PRODUCTION.api)
    box.used(token("a"), LATER)
    assert kept(box) == text
    box.forget(token("a"))
    assert kept(box) == "{}"


def test_a_token_that_does_not_say_whose_it_is_is_taken_as_ones_own(box: TokenBox) -> None:
    """As an earlier version has written it where the configuration names the place."""
    box.keep(token("a"))
    found = json.loads(kept(box))
    del found["owner"]
    store(box.reference, Secret(json.dumps(found)))
    assert box.read(PRODUCTION.api).is_same(token("a"))


# Beginning


@pytest.mark.parametrize("reference", ["file:/proc/no-such-folder/token", "env:NO_PLACE", "keyring:rebalkit/token", "file:token"])
def test_a_login_that_could_not_be_kept_is_not_begun(
    etrade: EtradeServer, reference: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.chdir(tmp_path)
    session = session_at(etrade, tokens=reference)
    with pytest.raises(ConfigError):
        session.login_page()
    assert etrade.calls == []
    assert list(tmp_path.rglob("*.lock")) == []


def test_to_begin_a_login_leaves_the_one_before_as_it_is(etrade: EtradeServer) -> None:
    first = log_in(etrade, session_at(etrade))
    session_at(etrade).login_page()
    assert len(session_at(etrade).client.accounts()) == len(first.client.accounts()) == 2


def test_to_begin_a_login_makes_no_token_valid_that_others_may_have_read(etrade: EtradeServer, box: TokenBox) -> None:
    """Its file is this user's alone afterwards, so that nothing would warn of it any more."""
    box.keep(token("a", etrade.url))
    path = Path(box.reference.removeprefix("file:"))
    path.chmod(0o644)
    session = session_at(etrade, tokens=box.reference)
    session.login_page()
    assert (kept(box), path.stat().st_mode & 0o777) == ("{}", 0o600)


def test_a_token_that_cannot_be_kept_dies_at_once(etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_at(etrade, tokens=f"file:{tmp_path / 'token'}")
    code = etrade.authorize(session.login_page())

    def full(*given: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        session.login(code)
    assert etrade.oauth.tokens == {}
