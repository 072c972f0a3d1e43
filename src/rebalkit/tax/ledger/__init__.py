"""The wash-sale ledger: from the trades of all accounts to what is realised, disallowed, and still held."""

from rebalkit.tax.ledger.ledger import Ledger, build_ledger
from rebalkit.tax.ledger.records import Match, OpenLot, RealisedRow, Term

__all__ = ["Ledger", "Match", "OpenLot", "RealisedRow", "Term", "build_ledger"]
