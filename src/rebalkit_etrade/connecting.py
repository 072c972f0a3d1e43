"""From the settings of a broker to what answers: the broker itself, and its login."""

from __future__ import annotations

import datetime as dt

from rebalkit.errors import BrokerError, LoginRequired, UsageError
from rebalkit.execution.system_clock import SystemClock
from rebalkit.secrets import resolve
from rebalkit_etrade.broker import EtradeBroker
from rebalkit_etrade.client import Client
from rebalkit_etrade.hosts import PRODUCTION, SANDBOX, Host, loopback
from rebalkit_etrade.login import Asked, ask, granted, revoke
from rebalkit_etrade.pace import Pace
from rebalkit_etrade.request_log import RequestLog
from rebalkit_etrade.rules import PRODUCTION_CAN, SANDBOX_CAN
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.signing import Signer
from rebalkit_etrade.tokens import TokenBox
from rebalkit_etrade.transport import Transport

__all__ = ["Connected"]


class Connected(EtradeBroker):
    """The broker of some settings. The consumer key is read when it is made, the token when something is asked.

    Args:
        settings: The settings.

    Raises:
        ConfigError: There is no consumer key where they say, or they name an address that is not allowed.
    """

    def __init__(self, settings: EtradeSettings) -> None:
        clock = SystemClock()
        host = _host(settings)
        self._signer = Signer(
            host, resolve(settings.consumer_key), resolve(settings.consumer_secret), clock, RequestLog.to(settings.request_log)
        )
        name = settings.session or settings.environment
        self._tokens = TokenBox(settings.tokens or TokenBox.usual(name), "rebalkit login")
        self._asked: Asked | None = None
        wire = Transport(self._signer, self._tokens, Pace(settings.requests_per_second, clock), clock, clock.now)
        super().__init__(Client(wire), SANDBOX_CAN if settings.environment == "sandbox" else PRODUCTION_CAN)

    def login_page(self) -> str:
        """Begin a login: the address of the page where a person says yes and is shown a code. It holds for five minutes."""
        self._asked = ask(self._signer)
        return self._asked.page

    def login(self, code: str) -> None:
        """End it with the ``code``. Raises LoginRequired for a wrong or late one."""
        if self._asked is None:
            raise UsageError("no login was begun", code="no_login_begun")
        asked, self._asked = self._asked, None
        self._tokens.keep(granted(self._signer, asked, code, dt.datetime.now(dt.UTC)))

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
