"""Where E*TRADE is. A request goes to one of two hosts, or, for tests, to this machine; never to an address out of an answer."""

from __future__ import annotations

import re

from attrs import frozen

from rebalkit.errors import ConfigError

__all__ = ["PRODUCTION", "SANDBOX", "Host", "loopback"]


@frozen
class Host:
    """One E*TRADE.

    Attributes:
        name: Its name in files and messages.
        api: Address of everything but the page.
        authorize: The page where a person lets a program in.
    """

    name: str
    api: str
    authorize: str


_AUTHORIZE = "https://us.etrade.com/e/t/etws/authorize"

PRODUCTION = Host("production", "https://api.etrade.com", _AUTHORIZE)
"""The real one (documented)."""
SANDBOX = Host("sandbox", "https://apisb.etrade.com", _AUTHORIZE)
"""The one that answers everything from stored data (documented). Its login works at its own address, too (observed)."""

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}")


def loopback(base_url: str) -> Host:
    """A server on this machine that stands for E*TRADE in tests. Raises ConfigError for any other address."""
    if not _LOOPBACK.fullmatch(base_url):
        raise ConfigError(
            f"{base_url!r} is not an address of this machine",
            place="base_url",
            code="bad_base_url",
            remedy="Leave it out: E*TRADE's own addresses are built in. For tests it is http://127.0.0.1:PORT.",
        )
    return Host(base_url, base_url, f"{base_url}/e/t/etws/authorize")
