"""What the ledger says: exact figures. USD and shares are fractions, never rounded; rounding to cents is for whoever reports."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from fractions import Fraction

from attrs import frozen

__all__ = ["Match", "OpenLot", "RealisedRow", "Term"]


class Term(StrEnum):
    """Short-term or long-term (26 USC 1222)."""

    SHORT = "short"
    LONG = "long"


@frozen
class RealisedRow:
    """What one sale realised on one lot in one term, in a taxable account. A sale inside an IRA realises nothing.

    Attributes:
        sale: Id of the sell trade.
        lot: The lot, named by the trade that brought it.
        account: Account of the sale.
        symbol: Ticker.
        sold: Trade date of the sale.
        acquired: Trade date on which the lot was really acquired.
        deemed_acquired: The earliest date from which any of its shares are deemed held, after earlier wash sales; ``acquired`` without.
        term: By the deemed date of each share (26 USC 1223(3)).
        quantity: Shares, in those of the day of the sale.
        proceeds: USD, net of selling fees.
        basis: USD, with buying fees and the additions of earlier wash sales.
        disallowed: USD, 0 or more: the part of the loss that a wash sale takes away now.
        permanent: USD, 0 or more: the part of ``disallowed`` that is added to no basis, because an IRA bought (Rev. Rul. 2008-5).
        washed: Shares, of ``quantity``, that a replacement was found for.
        exposed: Shares sold at a loss that no replacement was found for: each share acquired within the window would wash one.
        at_stake: USD, 0 or more: the loss on the ``exposed`` shares.
    """

    sale: str
    lot: str
    account: str
    symbol: str
    sold: dt.date
    acquired: dt.date
    deemed_acquired: dt.date
    term: Term
    quantity: Fraction
    proceeds: Fraction
    basis: Fraction
    disallowed: Fraction
    permanent: Fraction
    washed: Fraction
    exposed: Fraction
    at_stake: Fraction

    @property
    def gain(self) -> Fraction:
        """``proceeds`` − ``basis``, USD; a loss is below 0."""
        return self.proceeds - self.basis

    @property
    def recognised(self) -> Fraction:
        """``gain`` + ``disallowed``, USD: what counts in the tax year."""
        return self.gain + self.disallowed


@frozen
class Match:
    """Shares whose loss is disallowed, and the shares that replace them.

    Attributes:
        sale: Id of the sell trade.
        loss_lot: The lot that was sold at a loss.
        replacement_lot: The lot that replaces it.
        symbol: Ticker sold.
        replacement_symbol: Ticker of the replacement, of the same group.
        account: Account of the sale.
        replacement_account: Account of the replacement.
        sold: Trade date of the sale.
        replaced_on: Trade date on which the replacement was really acquired.
        quantity: Shares matched, in those of the day of the sale.
        amount: USD of loss disallowed.
        permanent: Whether the loss is lost for good, for an IRA bought.
        deemed_acquired: The date from which the replacement is deemed held from now on.
    """

    sale: str
    loss_lot: str
    replacement_lot: str
    symbol: str
    replacement_symbol: str
    account: str
    replacement_account: str
    sold: dt.date
    replaced_on: dt.date
    quantity: Fraction
    amount: Fraction
    permanent: bool
    deemed_acquired: dt.date


@frozen
class OpenLot:
    """Shares of one lot that are still held and share their basis and their holding period.

    Attributes:
        lot: The lot, named by the trade that brought it.
        account: Where it is.
        symbol: Ticker.
        quantity: Shares, after all splits.
        basis: USD in total, with the additions of wash sales.
        added: USD, of ``basis``, that wash sales added.
        acquired: Trade date on which the lot was really acquired. It decides about windows and about first in, first out.
        deemed_acquired: The date from which the shares are deemed held.
        replaced: Whether these shares have replaced a loss already, and so cannot replace another (Reg. 1.1091-1(e)).
        purchase: The same for all fills of one buy order, which are one acquisition, and for nothing else (Rev. Rul. 56-602).
        acquires: Whether they came by an acquisition of the rule (Reg. 1.1091-1(a), (f)), not by a gift or transfer.
        taxable: Whether the account is taxable; where not, a loss that these shares replace is lost for good (Rev. Rul. 2008-5).
    """

    lot: str
    account: str
    symbol: str
    quantity: Fraction
    basis: Fraction
    added: Fraction
    acquired: dt.date
    deemed_acquired: dt.date
    replaced: bool
    purchase: str
    acquires: bool
    taxable: bool

    @property
    def holding_period_start(self) -> dt.date:
        """The day after the deemed acquisition, which the count of the holding period starts with."""
        return self.deemed_acquired + dt.timedelta(days=1)
