"""One signed request on the wire, and what came back: no redirect, no retry, no answer that never ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from attrs import field, frozen

from rebalkit.errors import BrokerError
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.hosts import Host
from rebalkit_etrade.pace import Clock
from rebalkit_etrade.request_log import RequestLog

if TYPE_CHECKING:
    from requests_oauthlib import OAuth1Session

__all__ = ["Signer"]

_CONNECT, _READ, _WHOLE = 5.0, 30.0, 90.0
"""Seconds to connect, between two pieces of an answer, and for all of it."""
_LARGEST = 20_000_000
"""Bytes of an answer: more is none."""


@frozen
class Signer:
    """Sends signed requests to one host.

    Attributes:
        host: The host.
        key: The consumer key.
        secret: Its secret.
        clock: Time.
        log: Where requests are written down.
    """

    host: Host
    key: Secret = field(repr=False)
    secret: Secret = field(repr=False)
    clock: Clock = field(repr=False)
    log: RequestLog = field(repr=False)

    def once(
        self,
        verb: str,
        path: str,
        token: tuple[Secret, Secret] | None,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        oauth: Mapping[str, str] | None = None,
    ) -> tuple[Answer, dt.datetime | None]:
        """One request, exactly once.

        Args:
            verb: GET, POST or PUT.
            path: Path at the host, percent-encoded.
            token: Token and its secret; None before there is one.
            query: The query.
            body: JSON to send; None for none.
            oauth: More of OAuth's parameters: ``callback_uri``, ``verifier``.

        Returns:
            The answer, and what time it is there; None where it does not say.

        Raises:
            BrokerError: There is no answer, code ``unreachable``; or a redirect, code ``redirected``.
        """
        content = None if body is None else json.dumps(body).encode()
        self.log.asked(_now(), verb, path, query, "" if content is None else content.decode())
        started = self.clock.monotonic()
        try:
            with self._session(token, oauth or {}) as session:
                answer, moment = self._exchanged(session, verb, path, query, content)
        except BrokerError as problem:
            self.log.answered(_now(), problem.code, self.clock.monotonic() - started, str(problem.reason).encode())
            raise
        self.log.answered(_now(), answer.status, self.clock.monotonic() - started, answer.body)
        return answer, moment

    def _session(self, token: tuple[Secret, Secret] | None, oauth: Mapping[str, str]) -> OAuth1Session:
        from requests_oauthlib import OAuth1Session

        session = OAuth1Session(
            self.key.reveal(),
            client_secret=self.secret.reveal(),
            resource_owner_key=token[0].reveal() if token else None,
            resource_owner_secret=token[1].reveal() if token else None,
            **oauth,
        )
        # Neither a proxy of the environment nor a .netrc of the home folder gets between this machine and the host.
        session.trust_env = False
        return session

    def _exchanged(
        self, session: OAuth1Session, verb: str, path: str, query: Mapping[str, str] | None, content: bytes | None
    ) -> tuple[Answer, dt.datetime | None]:
        import requests

        address = f"{self.host.api}{path}{f'?{urlencode(query)}' if query else ''}"
        headers = {"Accept": "application/json", "Cache-Control": "no-cache", "Connection": "close"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            with session.request(
                verb, address, data=content, headers=headers, timeout=(_CONNECT, _READ), allow_redirects=False, stream=True
            ) as response:
                if response.is_redirect or 300 <= response.status_code < 400:
                    raise BrokerError(f"{self.host.name} answered with a redirect, which is never followed", code="redirected")
                body = self._all_of(response.iter_content(65_536))
                kind = response.headers.get("Content-Type", "")
                moment = _date(response.headers.get("Date", ""))
                expected = response.headers.get("Content-Length", "")
        # What requests raises says the address, and with it keys of accounts: only its kind is told.
        except requests.RequestException as problem:
            raise _unreachable(self.host, type(problem).__name__) from None
        except (OSError, ValueError) as problem:
            raise _unreachable(self.host, type(problem).__name__) from None
        if expected.isdigit() and len(body) < int(expected) and "Content-Encoding" not in response.headers:
            raise _unreachable(self.host, "the answer was cut off")
        return Answer(response.status_code, kind, body), moment

    def _all_of(self, pieces: Any) -> bytes:
        """The whole body, unless it is too large or drips for too long."""
        started, found = self.clock.monotonic(), bytearray()
        for piece in pieces:
            found += piece
            if len(found) > _LARGEST:
                raise BrokerError(f"{self.host.name} answered with more than {_LARGEST:,} bytes", code="unreadable")
            if self.clock.monotonic() - started > _WHOLE:
                raise _unreachable(self.host, f"the answer was not over after {_WHOLE:.0f} seconds")
        return bytes(found)


def _unreachable(host: Host, why: str) -> BrokerError:
    return BrokerError(f"E*TRADE ({host.name}) gave no answer: {why}", code="unreachable", remedy="Try again in a moment.")


def _date(text: str) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(dt.UTC) if text else None
    except (TypeError, ValueError):
        return None


_moment: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)  # noqa: E731


def _now() -> str:
    return _moment().isoformat(timespec="milliseconds")
