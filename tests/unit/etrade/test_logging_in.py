"""The three steps of a login, with a signer that answers from a list: what is asked, and what each problem means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer, EtradeError
from rebalkit_etrade.wire.hosts import PRODUCTION
from rebalkit_etrade.wire.login import Asked, ask, granted, read_code, renewed, revoke
from rebalkit_etrade.wire.tokens import Token

NOON = dt.datetime(2026, 11, 24, 17, 0, tzinfo=dt.UTC)
ASKED = Asked("page", Secret("request/token"), Secret("request+secret"))
TOKEN = Token(PRODUCTION.api, Secret("a/token"), Secret("its+secret"), NOON.date(), NOON)
RECORDED = (
    b"oauth_token=%2FiQRgQCRGPo7Xdk6G8QDSEzX0Jsy6sKNcULcDavAGgU%3D"
    b"&oauth_token_secret=%2FrC9scEpzcwSEMy4vE7nodSzPLqfRINnTNY4voczyFM%3D&oauth_callback_confirmed=true"
)


def pair(token: str, secret: str) -> Answer:
    return Answer(
        200, "text/plain", f"oauth_token={quote(token, safe='')}&oauth_token_secret={quote(secret, safe='')}\n".encode()
    )


def page(problem: str, status: int = 401) -> Answer:
    """A page of the server's, with the problem in its title."""
    return Answer(
        status, "text/html", f"<html><head><title>HTTP Status {status} - {problem}</title></head><body>x</body>".encode()
    )


class FakeSigner:
    """Gives ``answer`` to everything, and writes down what it was asked."""

    host = PRODUCTION

    def __init__(self, answer: Answer, key: str = "a-key", moment: dt.datetime | None = None) -> None:
        self.key, self.answer, self.moment = Secret(key), answer, moment
        self.asked: list[tuple[Any, ...]] = []

    def once(
        self, verb: str, path: str, token: tuple[Secret, Secret] | None, *, oauth: Mapping[str, Secret] | None = None
    ) -> tuple[Answer, dt.datetime | None]:
        self.asked.append(
            (
                verb,
                path,
                token and tuple(one.reveal() for one in token),
                {name: value.reveal() for name, value in (oauth or {}).items()},
            )
        )
        return self.answer, self.moment


def problem_of(answer: Answer) -> BrokerError:
    """The error that a login ends with, whichever of its two requests is answered so."""
    told = []
    for begin in (lambda signer: ask(signer), lambda signer: granted(signer, ASKED, Secret("WXYZ89"), NOON)):
        with pytest.raises(BrokerError) as caught:
            begin(FakeSigner(answer))
        told.append(caught.value)
    first, second = told
    assert (type(first), str(first), first.code) == (type(second), str(second), second.code)
    return first


# The page


def test_a_login_begins_out_of_band_and_without_a_token() -> None:
    signer = FakeSigner(Answer(200, "text/plain", RECORDED))
    asked = ask(signer)  # type: ignore[arg-type]
    assert signer.asked == [("GET", "/oauth/request_token", None, {"callback_uri": "oob"})]
    assert asked.token.reveal() == "/iQRgQCRGPo7Xdk6G8QDSEzX0Jsy6sKNcULcDavAGgU="
    assert asked.secret.reveal() == "/rC9scEpzcwSEMy4vE7nodSzPLqfRINnTNY4voczyFM="
    assert asked.page == (
        "https://us.etrade.com/e/t/etws/authorize?key=a-key&token=%2FiQRgQCRGPo7Xdk6G8QDSEzX0Jsy6sKNcULcDavAGgU%3D"
    )
    assert "iQRgQ" not in repr(asked)


@pytest.mark.parametrize(
    ("text", "encoded"),
    [("a/b", "a%2Fb"), ("a+b", "a%2Bb"), ("a=b", "a%3Db"), ("a&token=b", "a%26token%3Db"), ("a b", "a%20b"), ("%2F", "%252F"), ("#?", "%23%3F")],
)  # fmt: skip
def test_key_and_token_are_percent_encoded_in_the_address(text: str, encoded: str) -> None:
    asked = ask(FakeSigner(pair(text, "s"), key=text))  # type: ignore[arg-type]
    assert asked.page == f"{PRODUCTION.authorize}?key={encoded}&token={encoded}"


@settings(max_examples=40)
@given(st.text("/+=%&?# aZ9~é", min_size=1, max_size=9), st.text("/+=%&?# aZ9~é", min_size=1, max_size=9))
def test_the_page_reads_the_key_and_the_token_that_were_given(key: str, token: str) -> None:
    asked = ask(FakeSigner(pair(token, "s"), key=key))  # type: ignore[arg-type]
    address = urlsplit(asked.page)
    assert parse_qs(address.query, strict_parsing=True) == {"key": [key], "token": [token]}
    assert (f"{address.scheme}://{address.netloc}{address.path}", address.fragment) == (PRODUCTION.authorize, "")


@pytest.mark.parametrize(
    "body",
    [
        b"oauth_token=%FF&oauth_token_secret=b",
        b"", b"<html>maintenance</html>", b"oauth_token=a", b"oauth_token=&oauth_token_secret=b", b"oauth_token=a&oauth_token_secret=",
        b"oauth_token=a&oauth_token=b&oauth_token_secret=c", b'{"oauth_token": "a", "oauth_token_secret": "b"}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_an_answer_without_one_token_and_one_secret_ends_the_login(body: bytes) -> None:
    problem = problem_of(Answer(200, "text/plain", body))
    assert (problem.reason, problem.code, problem.remedy) == (
        "E*TRADE answered without a token",
        "unreadable",
        "Log in once more.",
    )


def test_a_plus_sign_is_one() -> None:
    """E*TRADE's tokens hold some."""
    asked = ask(FakeSigner(Answer(200, "", b"oauth_token=a+b%2Bc&oauth_token_secret=d+e")))  # type: ignore[arg-type]
    assert (asked.token.reveal(), asked.secret.reveal()) == ("a+b+c", "d+e")


def test_a_login_whose_page_would_show_no_code_ends() -> None:
    with pytest.raises(BrokerError, match="a callback address is registered") as caught:
        ask(FakeSigner(Answer(200, "", RECORDED.replace(b"confirmed=true", b"confirmed=false"))))  # type: ignore[arg-type]
    assert caught.value.code == "callback_rejected"


# Problems


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("token_rejected", "the code was wrong, or came too late: it lives for five minutes", "Log in once more."),
        ("token_expired", "the code came too late: it lives for five minutes", "Log in once more."),
        ("signature_invalid", "E*TRADE does not accept the signature", "Look whether the consumer secret belongs to the key."),
        ("consumer_key_rejected", "E*TRADE does not accept the consumer key", "Look whether it is of the right environment"),
        ("callback_rejected,oauth_acceptable_callback=oob", "a callback address is registered for the consumer key", "Ask E*TRADE's support"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("status", "kind"), [(401, LoginRequired), (400, BrokerError), (500, BrokerError)])
def test_each_known_problem_says_what_to_do(name: str, reason: str, remedy: str, status: int, kind: type) -> None:
    problem = problem_of(page(f"oauth_problem={name}", status))
    assert type(problem) is kind
    assert problem.code == name.partition(",")[0]
    assert problem.reason.startswith(reason)
    assert problem.remedy.startswith(remedy)


def test_a_problem_is_read_from_a_page_without_title_and_from_json_too() -> None:
    """As both were recorded."""
    recorded = b"<html><head><title> </title></head><body><h1>HTTP Status 401 - oauth_problem=token_rejected</h1></body></html>"
    in_json = b'{"Error":{"message":"oauth_problem=token_rejected"}}'
    assert {problem_of(Answer(401, "", body)).code for body in (recorded, in_json)} == {"token_rejected"}


def test_a_wrong_clock_is_told_with_the_range_that_it_must_be_in() -> None:
    text = "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=1795000000-1795000600"
    problem = problem_of(page(text))
    assert (problem.code, problem.remedy) == ("clock_wrong", "Set it, then log in once more.")
    assert problem.reason == "the clock of this machine is wrong: it must be between 2026-11-18 11:06:40 and 11:16:40 UTC"
    for no_range in (
        "",
        ",oauth_acceptable_timestamps=1795000000000-1795000600000",
        ",oauth_acceptable_timestamps=9" + "9" * 30 + "-1",
    ):
        assert problem_of(page(f"oauth_problem=timestamp_refused{no_range}")).reason == "the clock of this machine is wrong"


@pytest.mark.parametrize(
    ("answer", "kind", "code", "text"),
    [
        (page("oauth_problem=nonce_used"), LoginRequired, "http_401", "oauth_problem=nonce_used"),
        (page("Internal error", 500), BrokerError, "http_500", "Internal error"),
        (Answer(500, "", b'{"Error":{"code":100,"message":"later"}}'), BrokerError, "unavailable", "later"),
        (Answer(429, "", b""), BrokerError, "rate_limited", "no words"),
        (Answer(302, "", b""), BrokerError, "http_302", "no words"),
    ],
)
def test_any_other_problem_is_told_as_it_is(answer: Answer, kind: type, code: str, text: str) -> None:
    problem = problem_of(answer)
    assert (type(problem), problem.code, problem.remedy) == (kind, code, "Log in once more.")
    assert text in problem.reason


# The code


@pytest.mark.parametrize(
    ("typed", "read"),
    [("WXYZ89", "WXYZ89"), (" wxyz8\n", "wxyz8"), ("WX YZ\t89", "WXYZ89"), ("1234", "1234"), ("A" * 12, "A" * 12)],
)
def test_a_code_is_what_is_typed_but_for_the_space_in_and_around_it(typed: str, read: str) -> None:
    assert read_code(Secret(typed)).reveal() == read


@pytest.mark.parametrize("typed", [" ", "ABC", "A" * 13, "WXYZ-9", "WXYZ8é", "WXYZ89&x=1", "https://x", "１２３４"])
def test_what_is_no_code_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(LoginRequired, match="that is no code") as caught:
        read_code(Secret(typed))
    assert caught.value.code == "bad_code"
    assert not typed.strip() or typed not in str(caught.value)


def test_a_code_is_sent_with_the_token_of_its_request() -> None:
    signer = FakeSigner(pair("/t=", "+s"), moment=NOON)
    token = granted(signer, ASKED, Secret("WXYZ89"), NOON)  # type: ignore[arg-type]
    assert signer.asked == [("GET", "/oauth/access_token", ("request/token", "request+secret"), {"verifier": "WXYZ89"})]
    assert (token.host, token.token.reveal(), token.secret.reveal()) == ("https://api.etrade.com", "/t=", "+s")


@pytest.mark.parametrize(
    ("there", "here", "day"),
    [
        (dt.datetime(2026, 11, 25, 4, 59, 59, tzinfo=dt.UTC), NOON, dt.date(2026, 11, 24)),
        (dt.datetime(2026, 11, 25, 5, 0, 0, tzinfo=dt.UTC), NOON, dt.date(2026, 11, 25)),
        (dt.datetime(2026, 7, 16, 4, 0, 0, tzinfo=dt.UTC), NOON, dt.date(2026, 7, 16)),
        (None, dt.datetime(2026, 11, 2, 4, 59, 59, tzinfo=dt.UTC), dt.date(2026, 11, 1)),
    ],
)
def test_a_token_is_of_the_day_that_it_is_in_new_york_at_etrade(
    there: dt.datetime | None, here: dt.datetime, day: dt.date
) -> None:
    """By the clock of this machine only where the answer does not say."""
    token = granted(FakeSigner(pair("t", "s"), moment=there), ASKED, Secret("WXYZ89"), here)  # type: ignore[arg-type]
    assert (token.day, token.used) == (day, there or here)


# Renewal and end


DONE = {renewed: b"Access Token has been renewed", revoke: b"Revoked Access Token"}


@pytest.mark.parametrize(("act", "path"), [(renewed, "/oauth/renew_access_token"), (revoke, "/oauth/revoke_access_token")])
def test_a_token_is_renewed_and_revoked_with_its_own_signature(act: Any, path: str) -> None:
    signer = FakeSigner(Answer(200, "text/html", DONE[act]))
    assert act(signer, TOKEN) is True
    assert signer.asked == [("GET", path, ("a/token", "its+secret"), {})]


@pytest.mark.parametrize(
    "answer",
    [Answer(200, "text/html", b"<html>portal</html>"), *(Answer(status, "", DONE[revoke]) for status in (204, 302, 401, 500))],
)
def test_only_the_words_of_etrade_say_that_a_token_is_dead(answer: Answer) -> None:
    assert revoke(FakeSigner(answer), TOKEN) is False  # type: ignore[arg-type]


def test_only_status_401_says_that_a_token_is_not_renewed() -> None:
    """Any other answer says nothing of the token, which may still live."""
    assert renewed(FakeSigner(Answer(401, "", DONE[renewed])), TOKEN) is False  # type: ignore[arg-type]
    for answer in (
        Answer(200, "text/html", b"<html>portal</html>"),
        *(Answer(status, "", DONE[renewed]) for status in (204, 429, 500)),
    ):
        with pytest.raises(EtradeError):
            renewed(FakeSigner(answer), TOKEN)  # type: ignore[arg-type]
