"""Requests of one session: each at its turn, with a token that lives; questions are asked again politely, orders never."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit_etrade.answers import Answer, error_of
from rebalkit_etrade.login import renewed
from rebalkit_etrade.pace import Clock, Pace
from rebalkit_etrade.signing import Signer
from rebalkit_etrade.tokens import Token, TokenBox

__all__ = ["Transport"]

_AGAIN = (2.0, 4.0, 8.0)
"""Seconds to wait before a question is asked again."""
_LONGEST_WAIT = 60.0
"""Seconds at most that E*TRADE is waited for when it says how long."""
_IDLE = dt.timedelta(minutes=110)
"""How long a token rests before it is renewed; after two hours it is inactive (documented)."""


class Transport:
    """Carries the requests of one customer.

    Args:
        signer: Signs and sends.
        tokens: Keeps the token.
        pace: When the next request may be sent.
        clock: Time.
        now: The moment on this machine, UTC.
    """

    def __init__(self, signer: Signer, tokens: TokenBox, pace: Pace, clock: Clock, now: Callable[[], dt.datetime]) -> None:
        self._signer = signer
        self._tokens = tokens
        self._pace = pace
        self._clock = clock
        self._now = now
        self._token: Token | None = None
        self._seen: tuple[dt.datetime, float] | None = None

    def moment(self) -> dt.datetime | None:
        """What time it is at E*TRADE, by its last answer; None before the first one."""
        if self._seen is None:
            return None
        moment, since = self._seen
        return moment + dt.timedelta(seconds=self._clock.monotonic() - since)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask, a few times where there is no answer or only that the service is busy."""
        renewed_once = False
        for wait in (*_AGAIN, None):
            try:
                answer = self._once("GET", path, self.alive(), query=query)
            except BrokerError as problem:
                if problem.code != "unreachable" or wait is None:
                    raise
                self._clock.sleep(wait)
                continue
            if answer.status == 401:
                if renewed_once:
                    raise self._over()
                self._renew()
                renewed_once = True
                continue
            if wait is None or not _busy(answer):
                return answer
            self._clock.sleep(wait)
        raise self._over()

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        """Send a body, exactly once."""
        answer = self._once(verb, path, self.alive(), body=body)
        if answer.status == 401:
            raise self._over()
        return answer

    def ready(self) -> None:
        """See that the token lives."""
        self.alive()

    def alive(self) -> Token:
        """The token, renewed where it has rested. Raises LoginRequired when its day is over."""
        token = self._token or self._tokens.read(self._signer.host.api)
        now = self.moment() or self._now()
        if token.day != now.astimezone(NEW_YORK).date():
            self._token = None
            raise self._tokens.required(f"the login of {token.day} ended at midnight in New York")
        self._token = token
        if now - token.used > _IDLE:
            self._renew()
        return self._token

    def _renew(self) -> None:
        """Renew the token. Raises LoginRequired when E*TRADE does not."""
        assert self._token is not None
        self._pace.wait()
        if not renewed(self._signer, self._token):
            raise self._over()
        self._note()

    def _once(
        self,
        verb: str,
        path: str,
        token: Token,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        self._pace.wait()
        answer, moment = self._signer.once(verb, path, (token.token, token.secret), query=query, body=body)
        if moment is not None:
            self._seen = moment, self._clock.monotonic()
        if answer.status != 401:
            self._note()
        return answer

    def _note(self) -> None:
        assert self._token is not None
        self._token = self._tokens.used(self._token, self.moment() or self._now())

    def _over(self) -> LoginRequired:
        self._token = None
        return self._tokens.required("E*TRADE does not accept the login any more")


def _busy(answer: Answer) -> bool:
    """Whether the same question may be answered a moment later."""
    return answer.status == 429 or answer.status >= 500 or (answer.status == 400 and error_of(answer).code == "rate_limited")
