"""Every reason that the built-in strategies give, with the sentence that says it in words.

``TEMPLATES`` is the list of codes. The names in braces are details of the reason; ``subject`` is the symbol or class it is about.
Amounts of money are named in ``MONEY`` and shown without their sign, since the words already say gain or loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rebalkit.model.plans import Reason

__all__ = ["MONEY", "TEMPLATES", "explain"]

TEMPLATES: Mapping[str, str] = {
    # Sales. The plan adds lots, gain, loss and both by term to the details of every sale.
    "harvest_loss": "Sell {lots} lots of {subject} to take a loss of {loss}.",
    "realize_gain": "Sell {lots} lots of {subject}, at a gain of {gain} (at most {limit} is allowed), to buy something better.",
    "harvest_and_realize": "Sell {lots} lots of {subject}: they take a loss of {loss} and a gain of {gain} (at most {limit}).",
    # Purchases.
    "buy_class": "Buy {subject}, rank {rank}, towards the {amount} that {class} is to get.",
    "forced_buy": "Buy {subject}, as asked, towards the {amount} that {class} is to get.",
    # Lots kept: one reason a symbol, with all its lots that it holds for.
    "being_bought": "{losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject} are kept: {bought} is being bought.",
    "bought_recently": "{losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject} are kept until {free_on}: "
    "it was bought within 30 days ({trades}).",
    "class_not_bought": "{losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject} are kept: "
    "nothing is bought in {class} to replace them.",
    "below_min_loss": "{losing_lots} losing lots of {subject} are kept: none of them loses enough (together {loss}).",
    "gain_over_limit": "{gaining_lots} lots of {subject} are kept: selling them too would realize more than {limit} of gains "
    "({gain} in all).",
    "not_worse_than_buy": "{gaining_lots} lots of {subject} with a gain of {gain} are kept: it is no worse than {bought}.",
    "sold_today": "{gaining_lots} lots of {subject} with a gain of {gain} are kept: it was sold today, and the limit on gains is a "
    "day's.",
    "unknown_basis": "{lots} lots of {subject} are kept: their cost or date is unknown.",
    "not_whole_shares": "{quantity} shares of {subject} are kept: only whole shares can be sold.",
    "sale_below_min_order": "{subject} is not sold: {estimated} is less than the smallest order, {min_order}.",
    # Candidates not bought.
    "sold_recently": "{subject} may not be bought before {free_on}: it was sold within 30 days ({trades}).",
    "loss_to_forgo": "{subject} is not bought: a loss of {loss} could not be taken any more, which is more than {limit}.",
    "no_quote": "{subject} is not bought: it has no sane quote.",
    # Classes in which nothing is bought.
    "no_ticker_to_buy": "Nothing is bought in {subject}: none of its {candidates} symbols may be.",
    "forced_none": "Nothing is bought in {subject}, as asked.",
    "forced_buy_would_wash": "Nothing is bought in {subject}: {symbol} was to be, but that would wash earlier sales ({trades}) until "
    "{free_on}.",
    "nothing_to_invest": "Nothing is bought in {subject}: there is no cash to invest.",
    "enough_held": "Nothing is bought in {subject}: other classes are further below their targets.",
    "share_costs_more_than_amount": "Nothing is bought in {subject}: it is to get {amount}, and {step} of {symbol} costs {price}.",
    "buy_below_min_order": "Nothing is bought in {subject}: {estimated} is less than the smallest order, {min_order}.",
    "strategy_holds": "Nothing is traded in {subject}: this strategy only holds.",
}

MONEY = frozenset({"amount", "estimated", "gain", "limit", "loss", "min_order", "price"})


def explain(reason: Reason, subject: str) -> str:
    """``reason`` as a sentence about ``subject``. A code of another strategy is shown as it is, with its details."""
    template = TEMPLATES.get(reason.code)
    if template is not None:
        try:
            return template.format_map(
                {name: _shown(name, value) for name, value in reason.details.items()} | {"subject": subject}
            )
        except KeyError:
            pass
    details = ", ".join(f"{name} {_shown(name, value)}" for name, value in reason.details.items())
    words = reason.code.replace("_", " ")
    return f"{subject}: {words} ({details})." if details else f"{subject}: {words}."


def _shown(name: str, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(str(one) for one in value)
    if name in MONEY:
        try:
            return f"${abs(Decimal(value)):,.2f}"
        except (InvalidOperation, TypeError):
            pass
    return str(value)
