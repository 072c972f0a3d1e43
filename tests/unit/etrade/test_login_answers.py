"""What E*TRADE's answers to the steps of a login prove, and what they do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer, EtradeError
from rebalkit_etrade.wire.hosts import PRODUCTION
from rebalkit_etrade.wire.login import Asked, ask, granted, read_code, renewed, revoke
from rebalkit_etrade.wire.tokens import Token

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
TOKEN = Token(PRODUCTION.api, Secret("token"), Secret("secret"), NOW.date(), NOW)
ASKED = Asked("page", Secret("request-token"), Secret("request-secret"))
HOTEL = b"<html><head><title>Welcome to the hotel</title></head><body>Your access token for the pool</body></html>"


class Signer:
    """Gets one answer, whatever is asked."""

    host = PRODUCTION
    key = Secret("consumer-key")

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = Answer(status, "text/html", body)
        self.oauth: Mapping[str, Secret] = {}

    def once(self, verb: str, path: str, token: object, *, oauth: Mapping[str, Secret] | None = None) -> tuple[Answer, None]:
        self.oauth = oauth or {}
        return self.answer, None


def answering(status: int, body: bytes) -> Any:
    return Signer(status, body)


def title(problem: str) -> bytes:
    return f"<html><head><title>HTTP Status 401 - oauth_problem={problem}</title></head></html>".encode()


# Renewing and revoking


def test_a_token_is_renewed_when_etrade_says_so_in_its_words() -> None:
    assert renewed(answering(200, b"Access Token has been renewed\n"), TOKEN) is True


def test_a_token_that_is_not_accepted_is_not_renewed() -> None:
    assert renewed(answering(401, title("token_rejected")), TOKEN) is False


@pytest.mark.parametrize(
    ("status", "body"), [(200, HOTEL), (200, b""), (200, b"Revoked Access Token"), (500, b"busy"), (400, b""), (204, b"")]
)
def test_any_other_answer_says_nothing_of_the_token(status: int, body: bytes) -> None:
    """Neither that it was renewed nor that it is dead: it may be asked for again."""
    with pytest.raises(EtradeError) as caught:
        renewed(answering(status, body), TOKEN)
    assert caught.value.status == status


def test_a_token_is_dead_when_etrade_says_so_in_its_words() -> None:
    assert revoke(answering(200, b"Revoked Access Token\n"), TOKEN) is True


@pytest.mark.parametrize(
    ("status", "body"), [(200, HOTEL), (200, b""), (200, b"Access Token has been renewed"), (500, b"Revoked Access Token"), (401, b"")]
)  # fmt: skip
def test_no_other_answer_says_that_a_token_is_dead(status: int, body: bytes) -> None:
    assert revoke(answering(status, body), TOKEN) is False


# Tokens


def test_a_token_is_read_as_it_is_written() -> None:
    """A plus sign is one, as it is and encoded; nothing is a space that is not written as one."""
    made = granted(answering(200, b"oauth_token=ab+cd%2Fef%2B%3D&oauth_token_secret=%2Fx%26y\n"), ASKED, Secret("WXYZ8"), NOW)
    assert (made.token.reveal(), made.secret.reveal()) == ("ab+cd/ef+=", "/x&y")
    assert (made.host, made.day, made.used) == (PRODUCTION.api, dt.date(2026, 11, 24), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"", HOTEL, b"oauth_token=a", b"oauth_token=a&oauth_token_secret=", b"oauth_token=&oauth_token_secret=b",
        b"oauth_token=a\xff&oauth_token_secret=b", b"oauth_token=a%FF&oauth_token_secret=b", "oauth_token=é&oauth_token_secret=b".encode(),
        b"oauth_token=a&oauth_token=b&oauth_token_secret=c", b"oauth_token=a&oauth_token_secret=b&oauth%5Ftoken=c",
    ],
)  # fmt: skip
def test_an_answer_without_one_whole_token_and_secret_is_none(body: bytes) -> None:
    for step in (lambda: ask(answering(200, body)), lambda: granted(answering(200, body), ASKED, Secret("WXYZ8"), NOW)):
        with pytest.raises(BrokerError, match="without a token"):
            step()


def test_a_login_whose_callback_is_not_confirmed_shows_no_page() -> None:
    """The page would show no code, and the person would wait for one."""
    body = b"oauth_token=ab%2F&oauth_token_secret=x&oauth_callback_confirmed="
    assert ask(answering(200, body + b"true")).page.endswith("?key=consumer-key&token=ab%2F")
    with pytest.raises(BrokerError, match="a callback address is registered") as caught:
        ask(answering(200, body + b"false"))
    assert caught.value.code == "callback_rejected"


# Codes


@pytest.mark.parametrize("typed", ["WXYZ89", " WXYZ89\n", "WXY Z89", "W X Y Z 8 9", "WXYZ\u00a089\t"])
def test_a_code_may_be_copied_with_spaces(typed: str) -> None:
    assert read_code(Secret(typed)) == Secret("WXYZ89")


@pytest.mark.parametrize("typed", [" ", "ABC", "WXYZ-9", "x" * 13, "WXYZ8é", "https://us.etrade.com"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(LoginRequired) as caught:
        read_code(Secret(typed))
    assert caught.value.code == "bad_code"


def test_the_code_is_sent_and_the_parameters_do_not_show_it() -> None:
    """They stand in variables, which some tracebacks show."""
    signer = answering(200, b"oauth_token=a&oauth_token_secret=b")
    granted(signer, ASKED, Secret("WXYZ8"), NOW)
    assert {name: value.reveal() for name, value in signer.oauth.items()} == {"verifier": "WXYZ8"}
    assert "WXYZ8" not in f"{signer.oauth} {signer.oauth!r}"


# A wrong clock


def test_a_wrong_clock_is_told_with_the_time_that_it_may_have() -> None:
    body = title("timestamp_refused,oauth_acceptable_timestamps=1764000000-1764000600")
    with pytest.raises(LoginRequired) as caught:
        ask(answering(401, body))
    assert caught.value.reason == "the clock of this machine is wrong: it must be between 2025-11-24 16:00:00 and 16:10:00 UTC"


@pytest.mark.parametrize("moments", ["1764000000000-1764000300000", "9" * 100 + "-1", f"1-{'9' * 30}", "0-1764000000000000000"])
def test_a_wrong_clock_is_told_although_the_range_makes_no_sense(moments: str) -> None:
    with pytest.raises(LoginRequired) as caught:
        ask(answering(401, title(f"timestamp_refused,oauth_acceptable_timestamps={moments}")))
    assert (caught.value.reason, caught.value.code) == ("the clock of this machine is wrong", "clock_wrong")
