"""One signed request on the wire, and what came back: no redirect, no retry, no answer that never ends."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from attrs import field, frozen

from rebalkit.errors import BrokerError
from rebalkit.outside_text import clean
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.redaction import conceal_key_in
from rebalkit_etrade.wire.hosts import Host
from rebalkit_etrade.wire.hushing import hushed
from rebalkit_etrade.wire.pace import Clock
from rebalkit_etrade.wire.request_log import RequestLog

if TYPE_CHECKING:
    from requests_oauthlib import OAuth1Session

    from rebalkit_etrade.wire.deadline import Deadline

__all__ = ["Signer"]

_CONNECT, _READ, _WHOLE = 5.0, 30.0, 90.0
"""Seconds to connect, between two pieces of an answer, and for all of it, the question included."""
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
        oauth: Mapping[str, Secret] | None = None,
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
            BrokerError: There is no answer, code ``unreachable``; nobody can say that it is E*TRADE who answers, code ``tls``; or a
                redirect, code ``redirected``. Whether the request arrived is not known, whatever the code.
        """
        content = None if body is None else json.dumps(body).encode()
        conceal_key_in(path)
        self.log.asked(_now(), verb, path, query, "" if content is None else content.decode())
        started = self.clock.monotonic()
        try:
            with hushed():
                answer, moment = self._exchanged(verb, path, token, query, content, oauth or {})
        except BrokerError as problem:
            self.log.answered(_now(), problem.code, self.clock.monotonic() - started, str(problem.reason).encode())
            raise
        self.log.answered(_now(), answer.status, self.clock.monotonic() - started, answer.body)
        return answer, moment

    def _session(self, token: tuple[Secret, Secret] | None, oauth: Mapping[str, Secret], deadline: Deadline) -> OAuth1Session:
        from requests_oauthlib import OAuth1Session

        from rebalkit_etrade.wire.deadline import TimedAdapter

        session = OAuth1Session(
            self.key.reveal(),
            client_secret=self.secret.reveal(),
            resource_owner_key=token[0].reveal() if token else None,
            resource_owner_secret=token[1].reveal() if token else None,
            **{name: value.reveal() for name, value in oauth.items()},
        )
        # Neither a proxy of the environment nor a .netrc of the home folder gets between this machine and the host.
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, TimedAdapter(deadline))
        return session

    def _exchanged(
        self,
        verb: str,
        path: str,
        token: tuple[Secret, Secret] | None,
        query: Mapping[str, str] | None,
        content: bytes | None,
        oauth: Mapping[str, Secret],
    ) -> tuple[Answer, dt.datetime | None]:
        import requests
        from urllib3.exceptions import HTTPError

        from rebalkit_etrade.wire.deadline import Deadline

        address = f"{self.host.api}{path}{f'?{urlencode(query)}' if query else ''}"
        headers = {"Accept": "application/json", "Cache-Control": "no-cache", "Connection": "close"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        with Deadline(_WHOLE) as deadline:
            try:
                with (
                    self._session(token, oauth, deadline) as session,
                    session.request(
                        verb,
                        address,
                        data=content,
                        headers=headers,
                        timeout=(_CONNECT, _READ),
                        allow_redirects=False,
                        stream=True,
                    ) as response,
                ):
                    if response.is_redirect or 300 <= response.status_code < 400:
                        raise BrokerError(
                            f"{self.host.name} answered with a redirect, which is never followed", code="redirected"
                        )
                    body = self._all_of(response.iter_content(65_536))
            # What they raise says the address, and with it keys of accounts: only its kind is told.
            except (requests.RequestException, HTTPError, OSError, ValueError) as problem:
                raise (_late(self.host) if deadline.over else _failed(self.host, problem)) from None
            if deadline.over:
                # One that does not say its length looks whole when it is cut off.
                raise _late(self.host)
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and len(body) < int(expected) and "Content-Encoding" not in response.headers:
            raise _unreachable(self.host, "the answer was cut off")
        moment = _date(response.headers.get("Date", ""))
        wait = _seconds(response.headers.get("Retry-After", ""), moment or _moment())
        return Answer(response.status_code, response.headers.get("Content-Type", ""), body, wait), moment

    def _all_of(self, pieces: Any) -> bytes:
        """The whole body, unless it is too large."""
        found = bytearray()
        for piece in pieces:
            found += piece
            if len(found) > _LARGEST:
                raise BrokerError(f"{self.host.name} answered with more than {_LARGEST:,} bytes", code="unreadable")
        return bytes(found)


def _unreachable(host: Host, why: str) -> BrokerError:
    return BrokerError(f"E*TRADE ({host.name}) gave no answer: {why}", code="unreachable", remedy="Try again in a moment.")


def _late(host: Host) -> BrokerError:
    return _unreachable(host, f"it was not over after {_WHOLE:g} seconds")


def _failed(host: Host, problem: Exception) -> BrokerError:
    """The error for what the library raised. TLS that fails does so again; not so where only the line broke in the middle of it."""
    import ssl

    import requests

    origins = list(_origins(problem))
    broken = any(isinstance(one, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for one in origins)
    if broken or not isinstance(problem, requests.exceptions.SSLError):
        return _unreachable(host, type(problem).__name__)
    # Python's own errors of TLS lack what those of the library below have.
    said = [getattr(one, name, "") for name in ("verify_message", "reason") for one in origins if isinstance(one, ssl.SSLError)]
    why = next((one for one in said if one), type(problem).__name__)
    return BrokerError(
        f"nobody can say that it is E*TRADE ({host.name}) who answers: TLS says {clean(why)}",
        code="tls",
        remedy="Look for a proxy or a virus scanner that looks into TLS, at the list of certificates (the Python package certifi), and "
        "at the clock of this machine. Proxies and REQUESTS_CA_BUNDLE of the environment are not used.",
    )


def _origins(problem: BaseException | None) -> Iterator[BaseException]:
    """``problem`` and everything that it was made of."""
    left, seen = [problem], set()
    while left:
        one = left.pop(0)
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__, *(more for more in one.args if isinstance(more, BaseException))]


def _date(text: str) -> dt.datetime | None:
    """A moment of a header, UTC; None for what is none. It is of UTC where it does not say."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _seconds(text: str, now: dt.datetime) -> float:
    """How long a header ``Retry-After`` asks to wait; 0 for what is none."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = _date(text)
    return 0.0 if until is None else max(0.0, (until - now).total_seconds())


_moment: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)  # noqa: E731


def _now() -> str:
    return _moment().isoformat(timespec="milliseconds")
