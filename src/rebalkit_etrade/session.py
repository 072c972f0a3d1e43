"""E*TRADE for one customer: the login, and the client that asks with it. This is the door for programs of one's own, too."""

from __future__ import annotations

from rebalkit.errors import BrokerError, LoginRequired, UsageError
from rebalkit.execution.system_clock import SystemClock
from rebalkit.secrets import resolve
from rebalkit_etrade.client import Client
from rebalkit_etrade.hosts import PRODUCTION, SANDBOX, Host, loopback
from rebalkit_etrade.login import Asked, ask, granted, revoke
from rebalkit_etrade.pace import Pace
from rebalkit_etrade.request_log import RequestLog
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.signing import Signer
from rebalkit_etrade.tokens import TokenBox
from rebalkit_etrade.transport import Transport

__all__ = ["Session"]


class Session:
    """A customer's way to E*TRADE. The consumer key is read when it is made, the token of a login when something is asked.

    Args:
        settings: How to reach E*TRADE; those that say nothing else are of production, with key and secret in the environment.

    Attributes:
        clock: Time.
        wire: Carries the requests of ``client``.
        client: Asks.

    Raises:
        ConfigError: There is no consumer key where the settings say, or they name an address that is not allowed.
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
        name = settings.session or settings.environment
        self._tokens = TokenBox(settings.tokens or TokenBox.usual(name), "rebalkit login")
        self._asked: Asked | None = None
        pace = Pace(settings.requests_per_second, self.clock)
        self.wire = Transport(self._signer, self._tokens, pace, self.clock, self.clock.now)
        self.client = Client(self.wire)

    def login_page(self) -> str:
        """Begin a login: the address of the page where a person says yes and is shown a code. It holds for five minutes.

        Raises BrokerError when E*TRADE does not let it begin.
        """
        self._asked = ask(self._signer)
        return self._asked.page

    def login(self, code: str) -> None:
        """End it with the ``code``. Raises LoginRequired for a wrong or late one."""
        if self._asked is None:
            raise UsageError("no login was begun", code="no_login_begun")
        asked, self._asked = self._asked, None
        self._tokens.keep(granted(self._signer, asked, code, self.clock.now()))

    def logout(self) -> bool:
        """Let the token die and forget it. Whether E*TRADE said that it is dead."""
        try:
            dead = revoke(self._signer, self._tokens.read(self._signer.host.api))
        except LoginRequired:
            return True
        except BrokerError:
            dead = False
        self._tokens.forget()
        return dead


def _host(settings: EtradeSettings) -> Host:
    if settings.base_url:
        return loopback(settings.base_url)
    return SANDBOX if settings.environment == "sandbox" else PRODUCTION
