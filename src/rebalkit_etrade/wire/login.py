"""Logging in: OAuth 1.0a in three steps, between which a person says yes on E*TRADE's own page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from attrs import field, frozen

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer, error_of
from rebalkit_etrade.wire.signing import Signer
from rebalkit_etrade.wire.tokens import Token

__all__ = ["Asked", "ask", "granted", "read_code", "renewed", "revoke"]

_CODE = re.compile(r"[A-Za-z0-9]{4,12}")
_RANGE = re.compile(r"oauth_acceptable_timestamps=(\d+)-(\d+)")
_RENEWED, _REVOKED = b"Access Token has been renewed", b"Revoked Access Token"
"""What E*TRADE answers when it did so (documented). A status alone proves nothing: others than E*TRADE may answer, too."""


@frozen
class Asked:
    """A login that was begun: the address of the ``page`` for the person, and the request token, which lives for five minutes."""

    page: str = field(repr=False)
    token: Secret = field(repr=False)
    secret: Secret = field(repr=False)


def ask(signer: Signer) -> Asked:
    """Begin a login. Raises BrokerError when E*TRADE does not let it begin."""
    answer, _ = signer.once("GET", "/oauth/request_token", None, oauth={"callback_uri": Secret("oob")})
    form = _form(answer)
    token, secret = _pair(form)
    if form.get("oauth_callback_confirmed", "true") != "true":
        reason, remedy = _PROBLEMS["callback_rejected"]
        raise BrokerError(reason, code="callback_rejected", remedy=remedy)
    # Tokens have characters of their own meaning in an address (documented by an example).
    page = f"{signer.host.authorize}?key={quote(signer.key.reveal(), safe='')}&token={quote(token.reveal(), safe='')}"
    return Asked(page, token, secret)


def read_code(typed: Secret) -> Secret:
    """The code in what a person has ``typed``, who may have copied it with spaces. Raises LoginRequired where it cannot be one."""
    if not _CODE.fullmatch("".join(typed.reveal().split())):
        raise LoginRequired("that is no code: it is a few letters and digits", code="bad_code", remedy="Log in once more.")
    return Secret("".join(typed.reveal().split()))


def granted(signer: Signer, asked: Asked, code: Secret, now: dt.datetime) -> Token:
    """The access token for the ``code`` that the page has shown. Raises LoginRequired for a wrong or late one."""
    answer, moment = signer.once("GET", "/oauth/access_token", (asked.token, asked.secret), oauth={"verifier": code})
    token, secret = _pair(_form(answer))
    moment = moment or now
    return Token(signer.host.api, token, secret, moment.astimezone(NEW_YORK).date(), moment)


def renewed(signer: Signer, token: Token) -> bool:
    """Renew a token that has rested; it stays the same.

    Returns:
        Whether E*TRADE did; False where it does not accept the token any more.

    Raises:
        EtradeError: It said neither, so that the token may still live.
        BrokerError: There is no answer.
    """
    answer, _ = signer.once("GET", "/oauth/renew_access_token", (token.token, token.secret))
    if answer.status == 200 and _RENEWED in answer.body:
        return True
    if answer.status == 401:
        return False
    raise error_of(answer)


def revoke(signer: Signer, token: Token) -> bool:
    """Let a token die. Whether E*TRADE said that it did. Raises BrokerError when there is no answer."""
    answer, _ = signer.once("GET", "/oauth/revoke_access_token", (token.token, token.secret))
    return answer.status == 200 and _REVOKED in answer.body


def _form(answer: Answer) -> Mapping[str, str]:
    """The values in an answer of the form of a query, each of which must be there once. Raises BrokerError for any other answer."""
    if answer.status != 200:
        raise _refused(answer)
    try:
        pairs = [one.partition("=")[::2] for one in answer.body.decode("ascii").strip().split("&")]
        # A plus sign is one: E*TRADE's tokens hold some (documented), and only a form that a browser sends has spaces to write so.
        form = {unquote(name, errors="strict"): unquote(value, errors="strict") for name, value in pairs}
    except UnicodeError:
        raise _without_token() from None
    if len(form) != len(pairs):
        raise _without_token()
    return form


def _pair(form: Mapping[str, str]) -> tuple[Secret, Secret]:
    """The token and its secret."""
    token, secret = (form.get(name, "") for name in ("oauth_token", "oauth_token_secret"))
    if not token or not secret:
        raise _without_token()
    return Secret(token), Secret(secret)


def _without_token() -> BrokerError:
    return BrokerError("E*TRADE answered without a token", code="unreadable", remedy="Log in once more.")


_PROBLEMS = {
    "consumer_key_rejected": (
        "E*TRADE does not accept the consumer key",
        "Look whether it is of the right environment; a key can also end without notice: ask for a new one.",
    ),
    "callback_rejected": (
        "a callback address is registered for the consumer key, so that no code is ever shown",
        "Ask E*TRADE's support to take it away.",
    ),
    "signature_invalid": ("E*TRADE does not accept the signature", "Look whether the consumer secret belongs to the key."),
    "token_rejected": ("the code was wrong, or came too late: it lives for five minutes", "Log in once more."),
    "token_expired": ("the code came too late: it lives for five minutes", "Log in once more."),
}
"""What E*TRADE's problems with a login mean (observed in the titles of its pages)."""


def _refused(answer: Answer) -> BrokerError:
    problem = error_of(answer)
    kind = LoginRequired if answer.status == 401 else BrokerError
    if "timestamp_refused" in problem.text:
        how = _range_in(problem.text)
        return kind(f"the clock of this machine is wrong{how}", code="clock_wrong", remedy="Set it, then log in once more.")
    for name, (reason, remedy) in _PROBLEMS.items():
        if name in problem.text:
            return kind(reason, code=name, remedy=remedy)
    return kind(problem.reason, code=problem.code, remedy="Log in once more.")


def _range_in(text: str) -> str:
    """What time it may be, where E*TRADE says so in numbers that are moments; else nothing."""
    found = _RANGE.search(text)
    if found is None:
        return ""
    try:
        first, last = (dt.datetime.fromtimestamp(int(one), dt.UTC) for one in found.groups())
    except (ValueError, OverflowError, OSError):
        return ""
    return f": it must be between {first:%Y-%m-%d %H:%M:%S} and {last:%H:%M:%S} UTC"
