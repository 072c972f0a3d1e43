"""Accounts and what is in them at one moment."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import field, frozen

from rebalkit.errors import DataError
from rebalkit.model.display import account_html
from rebalkit.model.lots import Lot, lots_to_frame
from rebalkit.model.orders import OpenOrder
from rebalkit.money import to_decimal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AccountKind", "AccountRef", "AccountSnapshot", "Cash"]


class AccountKind(StrEnum):
    """How an account is taxed, as far as wash sales care (26 USC 1091; Rev. Rul. 2008-5 for IRAs)."""

    TAXABLE = "taxable"
    IRA = "ira"
    ROTH = "roth"
    HSA = "hsa"
    FOUR_O_ONE_K = "401k"
    SPOUSE_TAXABLE = "spouse_taxable"
    SPOUSE_IRA = "spouse_ira"

    @property
    def taxable(self) -> bool:
        """Whether gains and losses in the account count for the owners' tax."""
        return self in (AccountKind.TAXABLE, AccountKind.SPOUSE_TAXABLE)


@frozen
class AccountRef:
    """An account that a broker knows: its ``account`` name and its ``kind``."""

    account: str
    kind: AccountKind


@frozen
class Cash:
    """Cash of an account in USD. Either part may be negative; plans may spend their sum."""

    settled: Decimal = field(converter=to_decimal)
    unsettled: Decimal = field(converter=to_decimal, default=Decimal(0))

    @property
    def total(self) -> Decimal:
        """Settled and unsettled cash together, USD."""
        return self.settled + self.unsettled


@frozen
class AccountSnapshot:
    """One account as its broker showed it at one moment.

    Attributes:
        account: Name of the account, unique at its broker.
        kind: How it is taxed.
        cash: Cash in USD.
        lots: All lots held.
        open_orders: Orders not yet filled.
        reinvests: Symbols whose dividends the broker is known to reinvest.

    Raises:
        DataError: Two lots of one name.
    """

    account: str
    kind: AccountKind
    cash: Cash
    lots: tuple[Lot, ...] = ()
    open_orders: tuple[OpenOrder, ...] = ()
    reinvests: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if len({lot.lot for lot in self.lots}) != len(self.lots):
            names = [lot.lot for lot in self.lots]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"two lots are named {twice!r}",
                place=f"account {self.account}",
                code="duplicate_lot",
                remedy="Give each lot its own name.",
            )

    def to_frame(self) -> pd.DataFrame:
        """The lots as a pandas frame (see `lots_to_frame`)."""
        return lots_to_frame(self.lots)

    def _repr_html_(self) -> str:
        return account_html(self)
