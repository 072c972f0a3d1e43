"""The wash-sale ledger: from the trades of all accounts to what is realised, disallowed, and still held."""

from rebalkit.tax.ledger.records import Match, OpenLot, RealisedRow, Term

__all__ = ["Match", "OpenLot", "RealisedRow", "Term"]
