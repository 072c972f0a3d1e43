"""Accounts and balances."""

from __future__ import annotations

from rebalkit_etrade.reading.fields import Fields, unreadable
from rebalkit_etrade.records import Account, Balance

__all__ = ["accounts_in", "balance_in"]


def accounts_in(answer: Fields) -> tuple[Account, ...]:
    """The accounts of an ``AccountListResponse``, closed ones and those without securities included."""
    found = tuple(_account(one) for one in answer.one("Accounts").many("Account"))
    if not all(one.account_id.isascii() and one.account_id.isdigit() for one in found):
        raise unreadable(answer.place, "the accountId of an account is no number")
    for name in ("account_id", "key"):
        if len({getattr(one, name) for one in found}) != len(found):
            raise unreadable(answer.place, f"two accounts have the same {name}")
    if not found:
        raise unreadable(answer.place, "the list of accounts is empty")
    return found


def _account(one: Fields) -> Account:
    status = one.text("accountStatus").upper()
    if status not in ("ACTIVE", "CLOSED"):
        raise unreadable(one.place, f"accountStatus is {status!r}, neither ACTIVE nor CLOSED")
    # Of a closed one nothing is asked any more.
    text = one.text if status == "ACTIVE" else one.text_or
    return Account(
        account_id=one.label("accountId"),
        key=one.text("accountIdKey"),
        mode=text("accountMode").upper(),
        kind=text("accountType").upper(),
        name=one.text_or("accountName"),
        description=one.text_or("accountDesc"),
        institution=text("institutionType").upper(),
        status=status,
        closed=one.day_or_none("closedDate"),
    )


def balance_in(answer: Fields) -> Balance:
    """The balance of a ``BalanceResponse``."""
    computed = answer.one("Computed")
    real_time = computed.one("RealTimeValues") if computed.has("RealTimeValues") else None
    return Balance(
        account_id=answer.label("accountId"),
        mode=answer.text_or("accountMode").upper(),
        cash_available=computed.amount_or_none("cashAvailableForInvestment"),
        settled=computed.amount_or_none("settledCashForInvestment"),
        unsettled=computed.amount_or_none("unSettledCashForInvestment"),
        net_cash=computed.amount_or_none("netCash"),
        cash_balance=computed.amount_or_none("cashBalance"),
        margin_balance=computed.amount_or_none("marginBalance"),
        cash_buying_power=computed.amount_or_none("cashBuyingPower"),
        total_value=real_time.amount_or_none("totalAccountValue") if real_time else None,
    )
