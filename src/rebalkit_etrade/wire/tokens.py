"""The access token between two starts of the program: kept where a reference says, with the day that it is of.

Several processes may use one token at the same time, and a person may log in or out meanwhile. So whoever writes holds the place alone,
and a process that notes when it has used a token writes over that token only, never over a newer login or the end of one.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress

from attrs import define, evolve, field, frozen

from rebalkit.errors import ConfigError, LoginRequired
from rebalkit.places import state_folder
from rebalkit.secrets import Secret, resolve, store
from rebalkit.secrets.references import alone_with

__all__ = ["Token", "TokenBox"]

_NONE = "{}"
"""What is kept in the place of a token when there is none: too short to be looked for as a secret in what is said."""
_PATIENCE = 10.0
"""Seconds that another process is waited for, which holds the place for the moment of a writing."""
_SELDOM = dt.timedelta(minutes=5)
"""How often the use of a token is noted at most."""


@frozen
class Token:
    """An access token.

    Attributes:
        host: Address of the E*TRADE that gave it; it is sent to no other.
        token: The token.
        secret: Its secret.
        day: Day in New York on which it was given: it dies at the end of that day (documented).
        used: Moment of its last use that is on record, UTC: after two hours it must be renewed (documented).
        owner: Who may use it, see `TokenBox`; empty where that is not on record.
    """

    host: str
    token: Secret = field(repr=False)
    secret: Secret = field(repr=False)
    day: dt.date
    used: dt.datetime
    owner: str = ""

    def is_same(self, other: Token) -> bool:
        """Whether both are of one login, whenever they were used."""
        return self.host == other.host and self.token == other.token and self.secret == other.secret


@define
class TokenBox:
    """Keeps the token of one login.

    Attributes:
        reference: Where: ``keyring:SERVICE/NAME`` or ``file:PATH``.
        login: The command that logs in, for messages.
        owner: The consumer key at its host, as a fingerprint that gives neither away: a token of another one is not used.
    """

    reference: str
    login: str
    owner: str = ""

    @staticmethod
    def usual(name: str) -> str:
        """The reference of a file of this user in the state folder."""
        return f"file:{state_folder() / 'etrade' / f'{name}.token'}"

    def read(self, host: str) -> Token:
        """The token of ``host``.

        Raises:
            LoginRequired: There is none, or it is of another host or another consumer key.
            ConfigError: It cannot be read, or others may read it.
        """
        try:
            token = _parsed(resolve(self.reference))
        except ConfigError as problem:
            if problem.code != "no_secret":
                raise
            raise self.required("nobody has logged in to E*TRADE yet") from None
        except ValueError:
            token = None
        if token is None:
            raise self.required("there is no login to E*TRADE")
        if token.host != host:
            raise self.required("the login is of another address")
        if not self.may_use(token):
            raise self.required("the login is of another consumer key")
        return token

    def may_use(self, token: Token) -> bool:
        """Whether it was given to this consumer key, as far as that is on record."""
        return token.owner in ("", self.owner)

    def left(self) -> Token | None:
        """Whatever token is kept there, although others may read it too: to let it die. None where there certainly is none.

        Raises ConfigError or ValueError when it cannot be read.
        """
        try:
            return _parsed(resolve(self.reference, exposed=True))
        except ConfigError as problem:
            if problem.code != "no_secret":
                raise
            return None

    def prepare(self) -> None:
        """See that a token can be kept, before there is one. What is kept stays, if it can be read by its owner alone.

        Raises ConfigError when nothing can be kept there.
        """
        with alone_with(self.reference, _PATIENCE):
            try:
                kept = resolve(self.reference)
            except ConfigError:
                kept = Secret(_NONE)
            store(self.reference, kept)

    def keep(self, token: Token) -> None:
        """Keep ``token`` in the place of the one before. Raises ConfigError when it cannot be written."""
        with alone_with(self.reference, _PATIENCE):
            self._write(token)

    def used(self, token: Token, now: dt.datetime) -> Token:
        """Note that it was used, at most every few minutes, and over itself alone.

        Args:
            token: The token.
            now: The moment, UTC.

        Returns:
            The token with the moment of its use. It raises nothing: a request that was answered does not fail because it cannot be noted,
            and whoever reads the older moment renews a token that need not be.
        """
        if now - token.used < _SELDOM:
            return token
        noted = evolve(token, used=now)
        with suppress(ConfigError, ValueError), alone_with(self.reference, 0):
            there = _parsed(resolve(self.reference))
            if there is not None and there.is_same(token) and there.used < now:
                self._write(noted)
        return noted

    def forget(self, token: Token | None = None) -> None:
        """Keep no token any more; of a later login than that of ``token`` it stays.

        Raises ConfigError when that cannot be written.
        """
        with alone_with(self.reference, _PATIENCE):
            try:
                there = self.left()
            except (ConfigError, ValueError):
                there = None
            if there is None or token is None or there.is_same(token):
                store(self.reference, Secret(_NONE))

    def required(self, reason: str) -> LoginRequired:
        """The error that somebody has to log in."""
        return LoginRequired(reason, code="login", remedy=f"Log in: `{self.login}`.")

    def _write(self, token: Token) -> None:
        text = {
            "host": token.host,
            "token": token.token.reveal(),
            "secret": token.secret.reveal(),
            "day": token.day.isoformat(),
            "used": token.used.isoformat(),
            "owner": self.owner,
        }
        store(self.reference, Secret(json.dumps(text)))


def _parsed(kept: Secret) -> Token | None:
    """The token that is kept; None where it is said that there is none. Raises ValueError for anything else."""
    if kept.reveal() == _NONE:
        return None
    try:
        found = json.loads(kept.reveal())
        token = Token(
            str(found["host"]),
            Secret(found["token"]),
            Secret(found["secret"]),
            dt.date.fromisoformat(found["day"]),
            dt.datetime.fromisoformat(found["used"]),
            str(found.get("owner", "")),
        )
    except (KeyError, TypeError, RecursionError):
        raise ValueError("that is no token") from None
    if token.used.tzinfo is None:
        raise ValueError("the moment of its use has no zone")
    return token
