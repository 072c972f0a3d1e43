"""A server on this machine that behaves as E*TRADE is known to: what it does was written from the documentation, not from our client.

It knows nothing of `rebalkit_etrade`, so that a mistake there is not made here, too.
"""

from etrade_server.book import Book, Listed, Lot
from etrade_server.faults import FAULTS, Faults
from etrade_server.server import EtradeServer

__all__ = ["FAULTS", "Book", "EtradeServer", "Faults", "Listed", "Lot"]
