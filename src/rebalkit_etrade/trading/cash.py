"""Which of the amounts of a balance are cash that an order may spend. Nothing is ever borrowed."""

from __future__ import annotations

from decimal import Decimal

from rebalkit.model import Cash
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import Balance
from rebalkit_etrade.redaction import named

__all__ = ["cash_in"]


def cash_in(balance: Balance, mode: str) -> Cash:
    """Settled and unsettled cash, USD.

    A cash account has what is available for investment, of which a part has settled. A margin account shows 0 there, whatever it holds
    (observed): it has the least of net cash, cash buying power and cash less what is borrowed, so that none of it is credit.

    Args:
        balance: The balance.
        mode: ``accountMode`` of the account, as the list of accounts has it.

    Raises:
        DataError: An amount that this needs is missing, or the two say different modes.
    """
    if balance.mode not in ("", mode):
        raise unreadable(f"balance of {named(balance.account_id)}", f"it is {balance.mode}, and in the list it is {mode}")
    if mode in ("CASH", "IRA"):
        total = _needed(balance, "cashAvailableForInvestment", balance.cash_available)
    else:
        total = min(
            _needed(balance, "netCash", balance.net_cash),
            _needed(balance, "cashBuyingPower", balance.cash_buying_power),
            _needed(balance, "cashBalance", balance.cash_balance) + (balance.margin_balance or Decimal(0)),
        )
    unsettled = min(max(balance.unsettled or Decimal(0), Decimal(0)), max(total, Decimal(0)))
    settled = total - unsettled
    if mode in ("CASH", "IRA") and balance.settled is not None:
        settled = min(settled, balance.settled)
    return Cash(settled, total - settled)


def _needed(balance: Balance, name: str, value: Decimal | None) -> Decimal:
    if value is None:
        raise unreadable(f"balance of {named(balance.account_id)}", f"{name} is missing")
    return value
