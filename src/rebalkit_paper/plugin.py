"""What the paper broker registers: the broker itself and its commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rebalkit.plugin import Broker, BrokerCapabilities, BrokerRecord, CommandRecord, hookimpl

if TYPE_CHECKING:
    import click

    from rebalkit_paper.broker import PaperSettings

__all__ = ["CAPABILITIES"]

CAPABILITIES = BrokerCapabilities(
    live=False, places_orders=True, lot_selection=True, echoes_client_id=True, dedupes_client_id=True
)
"""What every paper broker can do; whether it deals in fractions is a setting of its book."""


def _settings() -> type:
    from rebalkit_paper.broker import PaperSettings

    return PaperSettings


def _broker(settings: PaperSettings) -> Broker:
    from rebalkit_paper.broker import PaperBroker

    return PaperBroker(settings)


def _commands() -> click.Command:
    from rebalkit_paper.commands import paper

    return paper


@hookimpl
def rebalkit_brokers() -> Iterable[BrokerRecord]:
    """The paper broker."""
    return [
        BrokerRecord(
            "paper",
            "An account on disk that trades like a real one, without money",
            factory=_broker,
            settings=_settings,
            capabilities=CAPABILITIES,
        )
    ]


@hookimpl
def rebalkit_commands() -> Iterable[CommandRecord]:
    """The commands that make and move paper accounts."""
    return [CommandRecord("paper", "Make and move accounts on paper", factory=_commands)]
