"""Errors in whatever form they come."""

from __future__ import annotations

import pytest

from rebalkit.errors import DataError
from rebalkit_etrade.answers import Answer, EtradeError, document, error_of


@pytest.mark.parametrize(
    ("status", "body", "number", "text", "code"),
    [
        (400, '{"Error":{"code":102,"message":"no key"}}', "102", "no key", "etrade_102"),
        (400, '{"Error":{"code":"102","message":"no key"}}', "102", "no key", "etrade_102"),
        (400, "<Error><code>1037</code><message>Q &amp; A</message></Error>", "1037", "Q & A", "etrade_1037"),
        (400, '<?xml version="1.0"?>\n<Error>\n<message>x</message>\n</Error>', None, "x", "http_400"),
        (401, '{"Error":{"message":"oauth_problem=token_rejected"}}', None, "oauth_problem=token_rejected", "http_401"),
        (
            401,
            "<html><head><title>HTTP Status 401 - oauth_problem=x</title></head>",
            None,
            "HTTP Status 401 - oauth_problem=x",
            "http_401",
        ),
        (500, '{"Error":{"code":100,"message":"later"}}', "100", "later", "unavailable"),
        (500, '{"Error":{"code":670,"message":"maintenance"}}', "670", "maintenance", "unavailable"),
        (400, '{"Error":{"code":100,"message":"not yours"}}', "100", "not yours", "etrade_100"),
        (
            400,
            "<h1>Number of requests exceeded the rate limit set</h1>",
            None,
            "Number of requests exceeded the rate limit set",
            "rate_limited",
        ),
        (429, "", None, "", "rate_limited"),
        (502, "Bad \x1b[31mgateway", None, "Bad gateway", "http_502"),
        (500, "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), None, None, "http_500"),
    ],
)
def test_an_error_is_read_in_every_form(status: int, body: str, number: str | None, text: str | None, code: str) -> None:
    problem = error_of(Answer(status, "", body.encode()))
    assert (problem.status, problem.number, problem.code) == (status, number, code)
    assert text is None or problem.text == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b'{"Other": 1}',
        b'{"Root": null}',
        b'{"Root": NaN}',
        b'{"Root": 1, "Root": 2}',
        b"{",
        b"\xff",
        b"[" * 9999,
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    with pytest.raises((DataError, EtradeError)):
        document(Answer(200, "application/json", body), "Root")


def test_nothing_is_an_answer_only_where_it_may_be() -> None:
    assert document(Answer(204, "", b""), "Root", none_found=True) is None
    with pytest.raises(EtradeError):
        document(Answer(204, "", b""), "Root")
