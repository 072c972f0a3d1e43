"""E*TRADE: a small typed client of its API, and the rebalkit plugin that trades with it.

The names below are for programs that use the client alone. They are imported when they are first used: a plugin must be light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rebalkit_etrade.answers import EtradeError
    from rebalkit_etrade.client import Client
    from rebalkit_etrade.session import Session
    from rebalkit_etrade.settings import EtradeSettings
    from rebalkit_etrade.ticket import OrderTicket

__all__ = ["Client", "EtradeError", "EtradeSettings", "OrderTicket", "Session"]

_HOMES = {
    "Client": "client",
    "EtradeError": "answers",
    "EtradeSettings": "settings",
    "OrderTicket": "ticket",
    "Session": "session",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
