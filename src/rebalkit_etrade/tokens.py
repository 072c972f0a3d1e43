"""The access token between two starts of the program: kept where a reference says, with the day that it is of."""

from __future__ import annotations

import datetime as dt
import json

from attrs import evolve, field, frozen

from rebalkit.errors import ConfigError, LoginRequired
from rebalkit.places import state_folder
from rebalkit.secrets import Secret, resolve, store

__all__ = ["Token", "TokenBox"]

_GONE = "logged out"
"""What is kept in the place of a token after a logout."""


@frozen
class Token:
    """An access token.

    Attributes:
        host: Address of the E*TRADE that gave it; it is sent to no other.
        token: The token.
        secret: Its secret.
        day: Day in New York on which it was given: it dies at the end of that day (documented).
        used: Moment of its last use that is on record, UTC: after two hours it must be renewed (documented).
    """

    host: str
    token: Secret = field(repr=False)
    secret: Secret = field(repr=False)
    day: dt.date
    used: dt.datetime


@frozen
class TokenBox:
    """Keeps the token of one login.

    Attributes:
        reference: Where: ``keyring:SERVICE/NAME`` or ``file:PATH``.
        login: The command that logs in, for messages.
    """

    reference: str
    login: str

    @staticmethod
    def usual(name: str) -> str:
        """The reference of a file of this user in the state folder."""
        return f"file:{state_folder() / 'etrade' / f'{name}.token'}"

    def read(self, host: str) -> Token:
        """The token of ``host``. Raises LoginRequired when there is none, or it is of another host."""
        try:
            kept = json.loads(resolve(self.reference).reveal())
            token = Token(
                str(kept["host"]),
                Secret(kept["token"]),
                Secret(kept["secret"]),
                dt.date.fromisoformat(kept["day"]),
                dt.datetime.fromisoformat(kept["used"]),
            )
        except ConfigError as problem:
            if problem.code != "no_secret":
                raise
            raise self.required("nobody has logged in to E*TRADE yet") from None
        except (ValueError, KeyError, TypeError):
            raise self.required("there is no login to E*TRADE") from None
        if token.host != host:
            raise self.required("the login is of another address")
        return token

    def keep(self, token: Token) -> None:
        """Keep ``token`` in the place of the one before. Raises ConfigError when it cannot be written."""
        text = {
            "host": token.host,
            "token": token.token.reveal(),
            "secret": token.secret.reveal(),
            "day": token.day.isoformat(),
            "used": token.used.isoformat(),
        }
        store(self.reference, Secret(json.dumps(text)))

    def used(self, token: Token, now: dt.datetime) -> Token:
        """Note that it was used, at most every few minutes; returns it as it is on record."""
        if now - token.used < dt.timedelta(minutes=5):
            return token
        noted = evolve(token, used=now)
        self.keep(noted)
        return noted

    def forget(self) -> None:
        """Keep no token any more."""
        store(self.reference, Secret(_GONE))

    def required(self, reason: str) -> LoginRequired:
        """The error that somebody has to log in."""
        return LoginRequired(reason, code="login", remedy=f"Log in: `{self.login}`.")
