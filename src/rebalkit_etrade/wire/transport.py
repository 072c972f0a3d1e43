"""Requests of one session: each at its turn, with a token that lives; questions are asked again politely, orders never."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from attrs import evolve

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, ConfigError, LoginRequired
from rebalkit_etrade.answers import Answer, EtradeError, error_of
from rebalkit_etrade.wire.login import renewed
from rebalkit_etrade.wire.pace import Clock, Pace
from rebalkit_etrade.wire.signing import Signer
from rebalkit_etrade.wire.tokens import Token, TokenBox

__all__ = ["Transport"]

_AGAIN = (2.0, 4.0, 8.0)
"""Seconds to wait before a question is asked again."""
_LONGEST_WAIT = 60.0
"""Seconds at most that E*TRADE is waited for when it says how long."""
_IDLE = dt.timedelta(minutes=110)
"""How long a token rests before it is renewed; after two hours it is inactive (documented)."""
_CLOCK_ERROR = dt.timedelta(minutes=5)
"""How much the clock of this machine may be off: E*TRADE takes no requests beyond (documented)."""
_MOST_REVIVALS = 3
"""How often a question may find its login dead: other processes may log in meanwhile, but not without end."""


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
        self._seen: tuple[dt.datetime, float, dt.datetime] | None = None

    def moment(self) -> dt.datetime | None:
        """What time it is at E*TRADE, by its last answer; None before the first one."""
        if self._seen is None:
            return None
        moment, since, then = self._seen
        # A machine that sleeps may stop one of its clocks, and somebody may set the other one back: what is old must not look young.
        passed = max(self._clock.monotonic() - since, (self._now() - then).total_seconds())
        return moment + dt.timedelta(seconds=passed)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask, a few times where there is no answer or only that the service is busy."""
        waits, renewed_one = list(_AGAIN), False
        for _ in range(len(_AGAIN) + _MOST_REVIVALS):
            token = self.alive()
            try:
                answer = self._once("GET", path, token, query=query)
            except BrokerError as problem:
                self._wait_or_raise(waits, problem)
                continue
            if answer.status == 401:
                # That took none of the attempts: a login that was taken over or renewed is used once at least.
                if renewed_one:
                    raise self._over()
                renewed_one = not self._taken_over() and self._renew()
                continue
            if not waits or not _busy(answer):
                return answer
            self._clock.sleep(_pause(waits.pop(0), answer.wait))
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
        """The token, renewed where it has rested.

        Raises:
            LoginRequired: Its day is over, or E*TRADE does not accept it any more.
            BrokerError: It must be renewed, and E*TRADE does not say whether it is.
        """
        now = self.moment() or self._now()
        if self._token is None or self._ended(self._token):
            self._token = None
            token = self._tokens.read(self._signer.host.api)
            if self._ended(token):
                raise self._tokens.required(f"the login of {token.day} ended at midnight in New York")
            self._token = token
        if now - self._token.used > _IDLE and (not self._taken_over() or now - self._token.used > _IDLE):
            self._renew()
        return self._token

    def _ended(self, token: Token) -> bool:
        """Whether its day is over for certain. A day to come is one of a clock that is off, and E*TRADE knows better."""
        now = self.moment() or self._now() - _CLOCK_ERROR
        return token.day < now.astimezone(NEW_YORK).date()

    def _taken_over(self) -> bool:
        """Whether another process has logged in since: its token is ours from now on. Raises LoginRequired when one has logged out."""
        assert self._token is not None
        try:
            kept = self._tokens.read(self._signer.host.api)
        except ConfigError:
            return False  # a keyring that is locked by now, for example: the token that is known may live
        except LoginRequired:
            self._token = None
            raise
        if kept.is_same(self._token) or self._ended(kept):
            return False
        self._token = kept
        return True

    def _renew(self) -> bool:
        """Renew the token; then True.

        Raises:
            LoginRequired: E*TRADE does not accept it any more.
            BrokerError: E*TRADE does not say whether it does, so that it may still live.
        """
        assert self._token is not None
        waits = list(_AGAIN)
        while True:
            self._pace.wait()
            try:
                if not renewed(self._signer, self._token):
                    raise self._over()
                break
            except BrokerError as problem:
                self._wait_or_raise(waits, problem)
        self._note()
        return True

    def _wait_or_raise(self, waits: list[float], problem: BrokerError) -> None:
        """Wait before a request that had no answer, or was told that the service is busy, is sent again."""
        if not waits or not _passing(problem):
            raise problem
        self._clock.sleep(_pause(waits.pop(0), problem.wait if isinstance(problem, EtradeError) else 0))

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
            self._seen = moment, self._clock.monotonic(), self._now()
        if answer.status != 401:
            self._note()
        return answer

    def _note(self) -> None:
        """Note the use of the token. It raises nothing: there is an answer, which may be of an order that was placed."""
        assert self._token is not None
        now = self.moment() or self._now()
        try:
            self._token = self._tokens.used(self._token, now)
        except Exception:  # noqa: BLE001 - a file, a keyring and what it is made of may fail in any way
            self._token = evolve(self._token, used=now)

    def _over(self) -> LoginRequired:
        self._token = None
        return self._tokens.required("E*TRADE does not accept the login any more")


def _busy(answer: Answer) -> bool:
    """Whether the same question may be answered a moment later."""
    return answer.status == 429 or answer.status >= 500 or (answer.status == 400 and error_of(answer).code == "rate_limited")


def _passing(problem: BrokerError) -> bool:
    """Whether the same request may be answered a moment later."""
    if isinstance(problem, EtradeError):
        return problem.code == "rate_limited" or problem.status >= 500
    return problem.code == "unreachable"


def _pause(own: float, asked: float) -> float:
    """Seconds to wait: as long as it was ``asked`` for, within reason, and never less than our ``own``."""
    return max(own, min(asked, _LONGEST_WAIT))
