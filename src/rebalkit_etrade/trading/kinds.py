"""How E*TRADE's kinds of accounts are taxed. Either of two fields may say that an account is an IRA; they can contradict each other."""

from __future__ import annotations

from collections.abc import Mapping

from rebalkit.errors import ConfigError
from rebalkit.model import AccountKind
from rebalkit_etrade.records import Account
from rebalkit_etrade.redaction import named

__all__ = ["is_known", "is_managed", "kind_of"]

_MODES = frozenset({"CASH", "MARGIN", "CHECKING", "IRA", "SAVINGS", "CD", "PDT ACCOUNT"})
"""Modes (documented, the last one by an example)."""
_EMPLOYER = ("INDIVIDUAL_K", "401K", "PROFIT_SHARING", "MONEY_PURCHASE", "PENSION", "KEOGH")
_SHELTERED = ("IRA", "ROLLOVER", "CONTRIBUTORY", "SEP", "SIMPLE", "BENEFICIARY", "COVERDELL", "ESA", *_EMPLOYER)
_TAXABLE = (
    "INDIVIDUAL",
    "JOINT",
    "JT",
    "CASH",
    "MARGIN",
    "PDT",
    "TENANTS",
    "COMMUNITY",
    "TRUST",
    "LIVING",
    "TOD",
    "TRANSFER_ON_DEATH",
)


def is_managed(account: Account) -> bool:
    """Whether it is a brokerage account in use: others hold no securities, or nothing any more."""
    return account.status == "ACTIVE" and account.institution == "BROKERAGE"


def kind_of(account: Account, declared: Mapping[str, AccountKind]) -> AccountKind:
    """How it is taxed. One whose kind is not known is taken for an IRA: it is never traded, and its purchases count for wash sales.

    Args:
        account: The account.
        declared: What the person says of accounts whose kind is not known, by number.

    Raises:
        ConfigError: The person says something of one whose kind is known.
    """
    said = declared.get(account.account_id)
    if said is not None:
        if is_known(account):
            raise ConfigError(
                f"{named(account.account_id)} is {account.mode} {account.kind} at E*TRADE, which says how it is taxed",
                place="account_kinds",
                code="account_kind_known",
                remedy="Leave it out.",
            )
        return said
    words = f"{account.mode} {account.kind}"
    if "ROTH" in words:
        return AccountKind.ROTH
    if "HSA" in words or "HEALTH" in words:
        return AccountKind.HSA
    if any(one in words for one in _EMPLOYER):
        return AccountKind.FOUR_O_ONE_K
    if any(one in words for one in _SHELTERED) or not is_known(account):
        return AccountKind.IRA
    return AccountKind.TAXABLE


def is_known(account: Account) -> bool:
    """Whether its mode and its type are ones whose tax is known."""
    return account.mode in _MODES and any(
        account.kind.startswith(one) for one in (*_TAXABLE, *_SHELTERED, "ROTH", "HSA", "HEALTH")
    )
