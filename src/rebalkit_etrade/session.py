"""E*TRADE for one customer: the login, and the client that asks with it. This is the door for programs of one's own, too."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress

from rebalkit.errors import BrokerError, ConfigError, UsageError
from rebalkit.execution.system_clock import SystemClock
from rebalkit.secrets import Secret, resolve
from rebalkit_etrade.client import Client
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.wire.hosts import PRODUCTION, SANDBOX, Host, loopback
from rebalkit_etrade.wire.login import Asked, ask, granted, read_code, revoke
from rebalkit_etrade.wire.pace import Pace
from rebalkit_etrade.wire.request_log import RequestLog
from rebalkit_etrade.wire.signing import Signer
from rebalkit_etrade.wire.tokens import Token, TokenBox
from rebalkit_etrade.wire.transport import Transport

__all__ = ["Session"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Session:
    """A customer's way to E*TRADE. The consumer key is read when it is made, the token of a login when something is asked.

    Args:
        settings: How to reach E*TRADE; those that say nothing else are of production, with key and secret in the environment.

    Attributes:
        clock: Time.
        wire: Carries the requests of ``client``.
        client: Asks.

    Raises:
        ConfigError: There is no consumer key where the settings say, or they name an address or a session that is not allowed.
    """

    def __init__(self, settings: EtradeSettings | None = None) -> None:
        settings = settings or EtradeSettings()
        self.clock = SystemClock()
        self._signer = Signer(
            _host(settings),
            resolve(settings.consumer_key),
            resolve(settings.consumer_secret),
            self.clock,
            RequestLog.to(settings.request_log),
        )
        owner = _owner(self._signer)
        name = _session(settings) or f"{settings.environment}-{owner}"
        self._tokens = TokenBox(settings.tokens or TokenBox.usual(name), "rebalkit login", owner)
        self._asked: Asked | None = None
        pace = Pace(settings.requests_per_second, self.clock)
        self.wire = Transport(self._signer, self._tokens, pace, self.clock, self.clock.now)
        self.client = Client(self.wire)

    @property
    def login_command(self) -> str:
        """The command that logs in, as messages name it: whoever knows the name of this login in a configuration sets it."""
        return self._tokens.login

    @login_command.setter
    def login_command(self, command: str) -> None:
        self._tokens.login = command

    def login_page(self) -> str:
        """Begin a login: the address of the page where a person says yes and is shown a code. It holds for five minutes.

        Raises:
            ConfigError: The token of a login could not be kept, so that none is begun.
            BrokerError: E*TRADE does not let it begin.
        """
        self._tokens.prepare()
        self._asked = ask(self._signer)
        return self._asked.page

    def login(self, code: str) -> None:
        """End it with the ``code``.

        Raises:
            LoginRequired: It cannot be a code (``bad_code``): it was not sent, and another one may be given. Or it is wrong or late.
            BrokerError: E*TRADE gave no answer, or none with a token. A login must be begun once more.
            ConfigError: The token cannot be kept. E*TRADE was told to let it die.
        """
        typed = Secret(code or " ")  # nothing is no secret, and no code either
        del code  # a traceback with the values of variables does not show it
        if self._asked is None:
            raise UsageError("no login was begun", code="no_login_begun")
        read = read_code(typed)
        asked, self._asked = self._asked, None
        token = granted(self._signer, asked, read, self.clock.now())
        try:
            self._tokens.keep(token)
        except BaseException:
            # Nobody could use it, or let it die, any more.
            with suppress(BrokerError):
                revoke(self._signer, token)
            raise

    def logout(self) -> bool:
        """Let the token die and forget it, whatever E*TRADE says. Whether no login is left: E*TRADE said so, or there was none.

        Raises ConfigError when the token cannot be forgotten; E*TRADE was told to let it die even then.
        """
        self._asked = None
        token: Token | None = None
        try:
            token = self._tokens.left()
            dead = token is None or self._died(token)
        except (ConfigError, ValueError):
            dead = False
        finally:
            self._tokens.forget(token)
        return dead

    def _died(self, token: Token) -> bool:
        """Let it die, if it is of this consumer key at this host: it is sent to no other. Whether E*TRADE said that it is dead."""
        if token.host != self._signer.host.api or not self._tokens.may_use(token):
            return False
        try:
            return revoke(self._signer, token)
        except BrokerError:
            return False


def _host(settings: EtradeSettings) -> Host:
    if settings.base_url:
        return loopback(settings.base_url)
    return SANDBOX if settings.environment == "sandbox" else PRODUCTION


def _owner(signer: Signer) -> str:
    """A fingerprint of the consumer key at its host: two keys, or one at two hosts, share no login."""
    whole = f"{signer.host.api}\0{signer.key.reveal()}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _session(settings: EtradeSettings) -> str:
    """The name of the login, which becomes that of a file; empty where the settings say none."""
    if settings.session and not _NAME.fullmatch(settings.session):
        raise ConfigError(
            f"{settings.session!r} is no name of a login",
            place="session",
            code="bad_session",
            remedy="Write letters, digits, - and _ only, at most 64 of them.",
        )
    return settings.session
