"""OAuth 1.0a, the side that checks (RFC 5849): signatures, timestamps, nonces, tokens and how long they live."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from etrade_server.replies import Call

NEW_YORK = ZoneInfo("America/New_York")
WINDOW = dt.timedelta(minutes=5)
IDLE = dt.timedelta(hours=2)


class Refused(Exception):
    """Somebody is not let in, and why."""

    def __init__(self, problem: str, status: int = 401) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status


@dataclass
class Granted:
    """A token."""

    token: str
    secret: str
    at: dt.datetime
    used: dt.datetime
    verifier: str = ""
    access: bool = False


def encoded(text: str) -> str:
    """Percent-encoded as the RFC wants it."""
    return quote(text, safe="-._~")


def base_string(verb: str, address: str, parameters: list[tuple[str, str]]) -> str:
    """What is signed (section 3.4.1)."""
    pairs = sorted((encoded(name), encoded(value)) for name, value in parameters)
    return "&".join(encoded(one) for one in (verb.upper(), address, "&".join(f"{name}={value}" for name, value in pairs)))


def signature(base: str, consumer_secret: str, token_secret: str) -> str:
    """HMAC-SHA1 (section 3.4.2)."""
    key = f"{encoded(consumer_secret)}&{encoded(token_secret)}".encode()
    return base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()


class OAuth:
    """Lets programs in.

    Args:
        key: The only consumer key.
        secret: Its secret.
        host: Address of this server, which is signed.

    Attributes:
        clock: What timestamps are compared with: the true time, whatever day it is in the book.
    """

    def __init__(self, key: str, secret: str, host: str) -> None:
        self.key = key
        self.secret = secret
        self.host = host
        self.tokens: dict[str, Granted] = {}
        self.clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
        self._nonces: set[tuple[str, str]] = set()

    def endpoint(self, call: Call, now: dt.datetime) -> str:
        """The answer of one of the four endpoints. Raises Refused."""
        what = call.path.removeprefix("/oauth/")
        if what == "request_token":
            given = self._checked(call, None)
            if given.get("oauth_callback") != "oob":
                raise Refused("callback_rejected", 400)
            return self._form(self._made(now))
        token = self._token(call)
        given = self._checked(call, token)
        if what == "access_token":
            if token.access or now - token.at > WINDOW:
                raise Refused("token_expired")
            if not token.verifier or given.get("oauth_verifier") != token.verifier:
                raise Refused("token_rejected")
            del self.tokens[token.token]
            made = self._made(now)
            made.access = True
            return self._form(made)
        self._alive(token, now, idle_counts=False)
        if what == "renew_access_token":
            token.used = now
            return "Access Token has been renewed"
        if what == "revoke_access_token":
            del self.tokens[token.token]
            return "Revoked Access Token"
        raise Refused("parameter_absent", 400)

    def admit(self, call: Call, now: dt.datetime) -> None:
        """See that a request is signed with a token that lives. Raises Refused."""
        token = self._token(call)
        self._checked(call, token)
        self._alive(token, now, idle_counts=True)
        token.used = now

    def authorize(self, query: str, now: dt.datetime) -> str:
        """A person says yes on the page: the code that it shows. Raises Refused."""
        given = dict(parse_qsl(query, keep_blank_values=True))
        token = self.tokens.get(given.get("token", ""))
        if given.get("key") != self.key or token is None or token.access or now - token.at > WINDOW:
            raise Refused("token_rejected")
        token.verifier = secrets.token_hex(3).upper()[:5]
        return token.verifier

    def _made(self, now: dt.datetime) -> Granted:
        made = Granted(f"/+{secrets.token_urlsafe(18)}=", f"={secrets.token_urlsafe(18)}/+&", now, now)
        self.tokens[made.token] = made
        return made

    @staticmethod
    def _form(made: Granted) -> str:
        return urlencode({"oauth_token": made.token, "oauth_token_secret": made.secret, "oauth_callback_confirmed": "true"})

    def _token(self, call: Call) -> Granted:
        token = self.tokens.get(_header(call).get("oauth_token", ""))
        if token is None:
            raise Refused("token_rejected")
        return token

    @staticmethod
    def _alive(token: Granted, now: dt.datetime, *, idle_counts: bool) -> None:
        if not token.access or token.at.astimezone(NEW_YORK).date() != now.astimezone(NEW_YORK).date():
            raise Refused("token_expired")
        if idle_counts and now - token.used > IDLE:
            raise Refused("token_rejected")

    def _checked(self, call: Call, token: Granted | None) -> dict[str, str]:
        given = _header(call)
        if given.get("oauth_consumer_key") != self.key:
            raise Refused("consumer_key_rejected")
        if given.get("oauth_signature_method") != "HMAC-SHA1":
            raise Refused("signature_method_rejected", 400)
        if not re.fullmatch(r"\d+", given.get("oauth_timestamp", "")):
            raise Refused("parameter_absent", 400)
        moment, now = dt.datetime.fromtimestamp(int(given["oauth_timestamp"]), dt.UTC), self.clock()
        if abs(moment - now) > WINDOW:
            first, last = (int((now + side).timestamp()) for side in (-WINDOW, WINDOW))
            raise Refused(f"timestamp_refused,oauth_acceptable_timestamps={first}-{last}")
        used = (given["oauth_timestamp"], given.get("oauth_nonce", ""))
        if not used[1] or used in self._nonces:
            raise Refused("nonce_used")
        parameters = [one for one in given.items() if one[0] not in ("oauth_signature", "realm")]
        parameters += parse_qsl(call.query, keep_blank_values=True)
        base = base_string(call.verb, f"{self.host}{call.path}", parameters)
        if not hmac.compare_digest(signature(base, self.secret, token.secret if token else ""), given.get("oauth_signature", "")):
            raise Refused("signature_invalid")
        self._nonces.add(used)
        return given


def _header(call: Call) -> dict[str, str]:
    """The parameters of the Authorization header (section 3.5.1)."""
    text = call.headers.get("authorization", "")
    if not text.startswith("OAuth "):
        return {}
    return {name: unquote(value) for name, value in re.findall(r'([a-z_]+)="([^"]*)"', text)}
