"""What E*TRADE can do, and what its orders may be."""

from __future__ import annotations

from rebalkit.model import VenueRules
from rebalkit.plugin import BrokerCapabilities

__all__ = ["PRODUCTION_CAN", "SANDBOX_CAN"]

_VENUE = VenueRules(share_step=1, fractional_sells=False)
"""Whole shares; a fraction can be sold only together with the whole position (observed)."""

PRODUCTION_CAN = BrokerCapabilities(
    live=True,
    places_orders=True,
    lot_selection=True,
    venue=_VENUE,
    echoes_client_id=False,  # no answer ever shows it (documented)
    dedupes_client_id=False,  # promised, but nobody has seen what a second order of one id answers
    history_days=729,
    logs_in=True,
)
SANDBOX_CAN = BrokerCapabilities(
    live=False, places_orders=False, lot_selection=True, venue=_VENUE, history_days=729, logs_in=True
)
"""The sandbox answers from stored data, whatever it is sent (observed): a plan for it ends in a ticket."""
