"""From the settings of a broker to the broker itself, with its login."""

from __future__ import annotations

from rebalkit_etrade.session import Session
from rebalkit_etrade.settings import EtradeSettings
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.trading.rules import PRODUCTION_CAN, SANDBOX_CAN

__all__ = ["Connected"]


class Connected(EtradeBroker):
    """The broker of some settings, which a person logs in to.

    Args:
        settings: The settings.

    Raises:
        ConfigError: There is no consumer key where they say, or they name an address that is not allowed.
    """

    def __init__(self, settings: EtradeSettings) -> None:
        session = self._session = Session(settings)
        self.login_page = session.login_page
        self.login = session.login
        self.logout = session.logout
        can = SANDBOX_CAN if settings.environment == "sandbox" else PRODUCTION_CAN
        super().__init__(session.client, can, settings.declared)

    @property
    def login_command(self) -> str:
        """The command that logs in, as messages name it."""
        return self._session.login_command

    @login_command.setter
    def login_command(self, command: str) -> None:
        self._session.login_command = command
