"""What identifies an account is taken out of whatever form it comes in, and of errors as well as of logs."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from etrade_server import EtradeServer
from etrade_server.replies import page, refused
from etrade_world import ACCOUNT, logged_in
from rebalkit.errors import BrokerError
from rebalkit.logs import set_up
from rebalkit.model import LotSale, OrderRequest, Side, Unknown
from rebalkit_etrade.answers import Answer, error_of
from rebalkit_etrade.redaction import redacted

KEY = "vQMsebA1H5WltUfDkJP48g"
SALE = OrderRequest("SALE0001", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'{{"AccountIdKey":"{KEY}","AccountId":"58315636"}}', '{"AccountIdKey":"…","AccountId":"…5636"}'),
        (f"<accountIdKey>{KEY}</accountIdKey>", "<accountIdKey>…</accountIdKey>"),
        (f'<ns:AccountIdKey type="x">{KEY}</ns:AccountIdKey>', '<ns:AccountIdKey type="x">…</ns:AccountIdKey>'),
        (f"&lt;accountIdKey&gt;{KEY}&lt;/accountIdKey&gt;", "&lt;accountIdKey&gt;…&lt;/accountIdKey&gt;"),
        ("<accountId>58315636</accountId>", "<accountId>…5636</accountId>"),
        ("<accountName>Ada &amp; Bob</accountName>", "<accountName>…</accountName>"),
        (rf'"https:\/\/x\/v1\/accounts\/{KEY}\/transactions\/1"', r'"https:\/\/x\/v1\/accounts\/…\/transactions\/1"'),
        (f"x=https%3A%2F%2Fx%2Fv1%2Faccounts%2F{KEY}%2Fbalance", "x=https%3A%2F%2Fx%2Fv1%2Faccounts%2F…%2Fbalance"),
        ("GET /v1/Accounts/listX8abc/balance.json", "GET /v1/Accounts/…/balance.json"),
        ("GET /v1/accounts/list-X8_abc/balance.json", "GET /v1/accounts/…/balance.json"),
        ("GET /v1/accounts/list.json and /v1/accounts/list?x", "GET /v1/accounts/list.json and /v1/accounts/list?x"),
        (f"GET /v1/x?accountIdKey={KEY}&y=1", "GET /v1/x?accountIdKey=…&y=1"),
        (f"Please enter valid Account Key: {KEY}.", "Please enter valid Account Key: …."),
        ("Please enter valid Account Key", "Please enter valid Account Key"),
        ('{"accountId":"5831-5636"}', '{"accountId":"…5636"}'),
        ('{"accountId" : 58315636, "x": 1}', '{"accountId" : …5636, "x": 1}'),
        ('{"accountNumber":"58315636"}', '{"accountNumber":"…5636"}'),
        ('{"accountNo":"N583-15636"}', '{"accountNo":"…5636"}'),
        ('{"accountId":null}', '{"accountId":null}'),
        ('{"message":"account 58315636 is restricted"}', '{"message":"account …5636 is restricted"}'),
        ("Account number: 5831-5636, account #58315636", "Account number: …5636, account #…5636"),
        ("account $1234567 and account 12345.67", "account $1234567 and account 12345.67"),
        (r'{"accountName":"Ada \"The\" Lovelace","x":1}', r'{"accountName":"…","x":1}'),
        (
            r'{"body":"{\"accountName\":\"Ada Lovelace\",\"accountId\":\"58315636\"}"}',
            r'{"body":"{\"accountName\":\"…\",\"accountId\":\"…5636\"}"}',
        ),
        ("{'accountDesc': \"Ada's\"}", "{'accountDesc': \"…\"}"),
        ('{"accountDescription":"Ada Love', '{"accountDescription":"…'),
        *(
            (plain, plain)
            for plain in (
                '{"accountMode":"CASH","orderId":58315636,"totalAccountValue":1234567}',
                "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=1764000000-1764000300",
                "For your protection, we have timed out your original order request.",
                "This order cannot be accepted due to insufficient funds in your account",
            )
        ),
        (f"GET /v1/accounts/{KEY[:9]}\u200b{KEY[9:]}/x", "GET /v1/accounts/…/x"),
        ('OAuth oauth_consumer_key="unknown", oauth_token="unknown"', 'OAuth oauth_consumer_key="•••", oauth_token="•••"'),
    ],
)  # fmt: skip
def test_every_form_is_taken_out_and_nothing_else(text: str, told: str) -> None:
    assert redacted(text) == told


def test_a_text_made_to_take_long_does_not() -> None:
    """Before each backslash all that follow would be looked through once more."""
    started = time.monotonic()
    redacted("\\" * 100_000 + "account 1" + "-111" * 20_000 + "x")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        f'{{"Error":{{"code":"/accounts/{KEY}/","message":"no account /v1/accounts/{KEY}/x, accountId=58315636"}}}}',
        f"<Error><code>1</code><message>no account /v1/accounts/{KEY}/x, accountId=58315636</message></Error>",
        f"<html><title>404 /v1/accounts/{KEY}/x for account 58315636</title></html>",
        f"no account /v1/accounts/{KEY}/x, account 58315636",
    ],
)
def test_an_error_quotes_no_key_and_no_number(body: str) -> None:
    problem = error_of(Answer(404, "", body.encode()))
    shown = f"{problem} {problem!r} {problem.text} {problem.code}"
    assert KEY not in shown
    assert "58315636" not in shown
    assert "5636" in shown


def test_an_address_in_the_answer_to_an_order_is_not_in_the_journal(etrade: EtradeServer, tmp_path: Path) -> None:
    broker = logged_in(etrade, tmp_path)
    preview = broker.preview(ACCOUNT, SALE)
    etrade.api._served = lambda call: page(503, f"HTTP Status 503 - {call.path}")  # type: ignore[method-assign]
    result = broker.place(ACCOUNT, preview)
    assert isinstance(result, Unknown)
    assert KEY not in repr(result)
    assert "503" in result.why


@pytest.mark.parametrize("status", [404, 502])
def test_a_key_that_an_answer_names_without_any_word_before_it_is_taken_out(
    etrade: EtradeServer, tmp_path: Path, status: int
) -> None:
    """It was in the address of the question, so that it is known."""
    broker = logged_in(etrade, tmp_path)
    broker.accounts()
    etrade.api._served = lambda call: refused(status, 7, f"what is {KEY}?")  # type: ignore[method-assign]
    with pytest.raises(BrokerError) as caught:
        broker.snapshot(ACCOUNT)
    assert KEY not in f"{caught.value} {caught.value!r}"


def test_a_header_that_is_echoed_is_not_in_an_error(etrade: EtradeServer, tmp_path: Path) -> None:
    broker = logged_in(etrade, tmp_path)
    etrade.api._served = lambda call: page(404, f"Bad gateway for {call.headers['authorization']}")  # type: ignore[method-assign]
    with pytest.raises(BrokerError) as caught:
        broker.accounts()
    for part in ("oauth_token", "oauth_signature", "oauth_nonce", "oauth_consumer_key"):
        assert f'{part}="•••"' in str(caught.value)


def test_a_program_that_shows_everything_its_libraries_say_sees_no_secret(etrade: EtradeServer, tmp_path: Path) -> None:
    """Not by way of the command line: its own handler, and levels set on each logger. What it asks for itself is shown."""
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    leaves = (
        "requests_oauthlib.oauth1_auth",
        "oauthlib.oauth1.rfc5849",
        "urllib3.connectionpool",
        "requests_oauthlib.oauth1_session",
    )
    before = {name: logging.getLogger(name).level for name in leaves}
    try:
        for name in leaves:
            logging.getLogger(name).setLevel(logging.DEBUG)
        broker = logged_in(etrade, tmp_path)
        broker.snapshot(ACCOUNT)
        logging.getLogger("urllib3.connectionpool").debug("of the program's own")
    finally:
        root.removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    text = shown.getvalue()
    (token,) = etrade.oauth.tokens.values()
    for secret in (token.token, quote(token.token, safe=""), etrade.KEY, KEY, "oauth_verifier", "oauth_signature"):
        assert secret not in text
    assert text == "of the program's own\n"


def test_the_command_line_shows_no_warning_of_urllib3(capsys: pytest.CaptureFixture[str]) -> None:
    """They quote addresses, with keys of accounts in them. Errors and the warnings of the other libraries are told."""
    set_up(debug=True)
    logging.getLogger("urllib3.connectionpool").warning("Failed to parse headers (url=%s)", KEY)
    logging.getLogger("urllib3").warning(KEY)
    logging.getLogger("urllib3.connectionpool").error("told")
    logging.getLogger("keyring.core").warning("told")
    logging.getLogger("urllib3_like").warning("told")
    assert (
        capsys.readouterr().err == "ERROR urllib3.connectionpool: told\nWARNING keyring.core: told\nWARNING urllib3_like: told\n"
    )
