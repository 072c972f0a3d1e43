"""The token of a login between two starts of the program: whole and private, or not there."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyring_stub import Ring, ring
from rebalkit.errors import ConfigError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.wire.tokens import Token, TokenBox

__all__ = ["ring"]

HOST = "https://api.etrade.com"
MORNING = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
TOKEN = Token(HOST, Secret("/iQRgQ+CRGPo7Xdk="), Secret("/rC9scEp+zcwSEMy="), dt.date(2026, 11, 24), MORNING)


@pytest.fixture
def box(tmp_path: Path) -> TokenBox:
    return TokenBox(f"file:{tmp_path / 'new' / 'a.token'}", "rebalkit login --broker x")


@pytest.fixture
def kept(box: TokenBox) -> Path:
    """The file of a box that keeps a token."""
    box.keep(TOKEN)
    return Path(box.reference.removeprefix("file:"))


def required(box: TokenBox, why: str, host: str = HOST) -> None:
    with pytest.raises(LoginRequired, match=why) as caught:
        box.read(host)
    assert (caught.value.code, caught.value.remedy) == ("login", "Log in: `rebalkit login --broker x`.")
    assert "iQRgQ" not in f"{caught.value!r} {caught.value} {caught.value.__context__!r}"


# A file


@pytest.mark.parametrize("text", ["abc", "/ + = %2F", "'\"\\", "ends in a line\n", "  ", "Ωé😀", "\x00\x1b"])
def test_what_is_kept_is_what_is_read(box: TokenBox, text: str) -> None:
    token = Token(HOST, Secret(text), Secret(text[::-1]), dt.date(2026, 3, 8), MORNING + dt.timedelta(microseconds=1))
    box.keep(token)
    assert box.read(HOST) == token


def test_the_file_is_its_owners_alone_whatever_the_umask_is(box: TokenBox) -> None:
    before = os.umask(0)
    try:
        box.keep(TOKEN)
        path = Path(box.reference.removeprefix("file:"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        box.used(TOKEN, MORNING + dt.timedelta(hours=1))
        box.forget()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {one.name for one in path.parent.iterdir()} <= {"a.token", ".a.token.lock"}


def test_a_file_that_others_may_read_is_refused_and_not_taken_for_a_missing_login(box: TokenBox, kept: Path) -> None:
    kept.chmod(0o640)
    with pytest.raises(ConfigError, match="others on this machine may read") as caught:
        box.read(HOST)
    assert caught.value.code == "open_to_others"


@pytest.mark.parametrize("host", ["https://apisb.etrade.com", "http://127.0.0.1:80", "https://api.etrade.com/", ""])
def test_a_token_is_of_one_host(box: TokenBox, kept: Path, host: str) -> None:
    required(box, "the login is of another address", host)


def test_without_a_file_nobody_has_logged_in(box: TokenBox) -> None:
    required(box, "nobody has logged in to E\\*TRADE yet")


def test_after_a_logout_nothing_of_the_token_is_left(box: TokenBox, kept: Path) -> None:
    box.forget()
    assert kept.read_text() == "{}"
    required(box, "there is no login to E\\*TRADE")


def test_a_file_that_was_cut_off_anywhere_is_no_login(box: TokenBox, kept: Path) -> None:
    whole = kept.read_bytes()
    for length in (*range(0, len(whole), 9), len(whole) - 2, len(whole) - 1):
        kept.write_bytes(whole[:length])
        required(box, "there is no login|nobody has logged in")


@pytest.mark.parametrize(
    "garbage", [b"x", b"[]", b"null", b"7", b'"host"', b"{}", b"\xff\xfe", b"\n", b'{"host": NaN}', b"[" * 500]
)
def test_garbage_is_no_login(box: TokenBox, kept: Path, garbage: bytes) -> None:
    kept.write_bytes(garbage)
    required(box, "there is no login|nobody has logged in")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", ""), ("token", None), ("token", 7), ("secret", ""), ("secret", ["x"]), ("day", "yesterday"), ("day", 20261124),
        ("day", "2026-02-30"), ("used", ""), ("used", None), ("used", "soon"), ("host", None), ("host", "HTTPS://API.ETRADE.COM"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_or_missing_is_no_login(box: TokenBox, kept: Path, name: str, value: object) -> None:
    whole = json.loads(kept.read_text())
    kept.write_text(json.dumps({**whole, name: value}))
    required(box, "there is no login|of another address")
    del whole[name]
    kept.write_text(json.dumps(whole))
    required(box, "there is no login")


def test_nothing_is_kept_in_an_environment_variable() -> None:
    with pytest.raises(ConfigError, match="keeps nothing"):
        TokenBox("env:TOKEN", "rebalkit login").keep(TOKEN)


def test_no_token_shows_itself() -> None:
    assert "iQRgQ" not in repr(TOKEN)
    assert "rC9sc" not in repr(TOKEN)


def test_the_usual_place_is_a_file_of_this_users_state(home: Path) -> None:
    path = Path(TokenBox.usual("sandbox").removeprefix("file:"))
    assert path.name == "sandbox.token"
    assert path.is_relative_to(home)


# Its uses


@given(st.lists(st.integers(-60, 900), min_size=1, max_size=40))
def test_uses_are_noted_at_most_every_five_minutes_and_never_later_than_that(pauses: list[int]) -> None:
    """A moment that was noted is at least five minutes behind the one before; no use is more than five minutes away from one."""
    five = dt.timedelta(minutes=5)
    token, now, noted = TOKEN, MORNING, [MORNING]
    for pause in pauses:
        now += dt.timedelta(seconds=pause)
        token = TokenBox("env:NOWHERE", "x").used(token, now)
        if token.used != noted[-1]:
            noted.append(token.used)
        assert now - token.used < five
        assert token.used <= now or token.used == noted[-1]
    assert all(after - before >= five for before, after in pairwise(noted))


def test_a_use_changes_nothing_else(box: TokenBox, kept: Path) -> None:
    later = MORNING + dt.timedelta(minutes=5)
    assert box.used(TOKEN, later - dt.timedelta(microseconds=1)) is TOKEN
    noted = box.used(TOKEN, later)
    assert noted == box.read(HOST) == Token(HOST, TOKEN.token, TOKEN.secret, TOKEN.day, later)


# A keyring


def test_a_token_in_the_keyring_is_whole_and_is_nowhere_else(ring: Ring, home: Path) -> None:
    box = TokenBox("keyring:rebalkit/etrade", "rebalkit login --broker x")
    required(box, "nobody has logged in")
    box.keep(TOKEN)
    assert box.read(HOST) == TOKEN
    required(box, "of another address", "https://apisb.etrade.com")
    later = MORNING + dt.timedelta(hours=1)
    box.used(TOKEN, later)
    assert box.read(HOST).used == later
    assert list(ring.kept) == [("rebalkit", "etrade")]
    assert not list(home.rglob("*.token"))
    box.forget()
    assert ring.kept == {("rebalkit", "etrade"): "{}"}
    required(box, "there is no login")


def test_a_keyring_that_fails_is_told_of_and_is_no_missing_login(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(service: str, name: str) -> str:
        raise RuntimeError("locked")

    monkeypatch.setattr(ring, "get_password", locked)
    with pytest.raises(ConfigError, match="the keyring failed") as caught:
        TokenBox("keyring:rebalkit/etrade", "x").read(HOST)
    assert caught.value.code == "keyring_failed"
