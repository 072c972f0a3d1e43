"""Logging in: OAuth 1.0a in three steps, between which a person says yes on E*TRADE's own page."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs, quote

from attrs import field, frozen

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer, error_of
from rebalkit_etrade.signing import Signer
from rebalkit_etrade.tokens import Token

__all__ = ["Asked", "ask", "granted", "renewed", "revoke"]

_CODE = re.compile(r"[A-Za-z0-9]{4,12}")
_RANGE = re.compile(r"oauth_acceptable_timestamps=(\d+)-(\d+)")


@frozen
class Asked:
    """A login that was begun: the address of the ``page`` for the person, and the request token, which lives for five minutes."""

    page: str = field(repr=False)
    token: Secret = field(repr=False)
    secret: Secret = field(repr=False)


def ask(signer: Signer) -> Asked:
    """Begin a login. Raises BrokerError when E*TRADE does not let it begin."""
    answer, _ = signer.once("GET", "/oauth/request_token", None, oauth={"callback_uri": "oob"})
    token, secret = _pair(answer)
    # Tokens have characters of their own meaning in an address (documented by an example).
    page = f"{signer.host.authorize}?key={quote(signer.key.reveal(), safe='')}&token={quote(token.reveal(), safe='')}"
    return Asked(page, token, secret)


def granted(signer: Signer, asked: Asked, code: str, now: dt.datetime) -> Token:
    """The access token for the ``code`` that the page has shown. Raises LoginRequired for a wrong or late one."""
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise LoginRequired("that is no code: it is a few letters and digits", code="bad_code", remedy="Log in once more.")
    verifier = Secret(code)
    answer, moment = signer.once("GET", "/oauth/access_token", (asked.token, asked.secret), oauth={"verifier": verifier.reveal()})
    token, secret = _pair(answer)
    moment = moment or now
    return Token(signer.host.api, token, secret, moment.astimezone(NEW_YORK).date(), moment)


def renewed(signer: Signer, token: Token) -> bool:
    """Renew a token that has rested; it stays the same. Whether E*TRADE did."""
    answer, _ = signer.once("GET", "/oauth/renew_access_token", (token.token, token.secret))
    return answer.status == 200


def revoke(signer: Signer, token: Token) -> bool:
    """Let a token die. Whether E*TRADE did."""
    answer, _ = signer.once("GET", "/oauth/revoke_access_token", (token.token, token.secret))
    return answer.status == 200


def _pair(answer: Answer) -> tuple[Secret, Secret]:
    """The token and its secret in an answer of the form of a query."""
    if answer.status != 200:
        raise _refused(answer)
    found = parse_qs(answer.body.decode("ascii", "replace").strip())
    try:
        ((token,), (secret,)) = found["oauth_token"], found["oauth_token_secret"]
    except (KeyError, ValueError):
        raise BrokerError("E*TRADE answered without a token", code="unreadable", remedy="Log in once more.") from None
    return Secret(token), Secret(secret)


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
    off = _RANGE.search(problem.text)
    if "timestamp_refused" in problem.text:
        how = ""
        if off:
            first, last = (dt.datetime.fromtimestamp(int(one), dt.UTC) for one in off.groups())
            how = f": it must be between {first:%Y-%m-%d %H:%M:%S} and {last:%H:%M:%S} UTC"
        return kind(f"the clock of this machine is wrong{how}", code="clock_wrong", remedy="Set it, then log in once more.")
    for name, (reason, remedy) in _PROBLEMS.items():
        if name in problem.text:
            return kind(reason, code=name, remedy=remedy)
    return kind(problem.reason, code=problem.code, remedy="Log in once more.")
