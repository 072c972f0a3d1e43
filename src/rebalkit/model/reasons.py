"""Every reason that the built-in strategies give, with the sentence that says it in words.

``TEMPLATES`` is the list of codes. The names in braces are details of the reason; ``subject`` is the symbol or class it is about.
Amounts of money are named in ``MONEY`` and shown without their sign, since the words already say gain or loss.
"""

from __future__ import annotations

import re
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
    "being_bought": "Kept: {losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject}, for {bought} is being bought.",
    "bought_recently": "Kept until {free_on}: {losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject}, for it was "
    "bought within 30 days ({trades}).",
    "loss_would_wash": "Kept until {free_on}: {losing_lots} losing lots ({loss}) of {subject}, for shares acquired within 30 days would "
    "take the loss away ({trades}).",
    "recent_lots_gain": "Kept until {free_on}: {losing_lots} losing lots ({loss}) of {subject}. Shares acquired within 30 days ({trades}) "
    "would have to be sold with them, at a gain of {gain}: more than {limit}, and more than a tenth of the losses.",
    "class_not_bought": "Kept: {losing_lots} losing lots ({loss}) and {gaining_lots} others of {subject}, for nothing is bought in "
    "{class} to replace them.",
    "below_min_loss": "Kept: {losing_lots} losing lots of {subject}, for none loses enough (together {loss}).",
    "gain_over_limit": "Kept: {gaining_lots} lots of {subject}, for selling more would realize more than {limit} of gains "
    "({gain} in all).",
    "not_worse_than_buy": "Kept: {gaining_lots} lots of {subject} with a gain of {gain}, for it is no worse than {bought}.",
    "sold_today": "Kept: {gaining_lots} lots of {subject} with a gain of {gain}, for it was sold today, and the limit on gains is a "
    "day's.",
    "unknown_basis": "Kept: {lots} lots of {subject}, because the cost or the date is unknown.",
    "not_whole_shares": "Kept: {quantity} shares of {subject}, for only whole shares can be sold.",
    "sale_below_min_order": "{subject} is not sold: {estimated} is less than the smallest order, {min_order}.",
    # Candidates not bought.
    "sold_recently": "{subject} may not be bought before {free_on}: it was sold within 30 days ({trades}).",
    "would_wash": "{subject} may not be bought before {free_on}: it would take away losses already taken ({trades}).",
    "loss_to_forgo": "{subject} is not bought: a loss of {loss} could not be taken any more, which is more than {limit}.",
    "no_quote": "{subject} is not bought: it has no sane quote.",
    # Classes in which nothing is bought.
    "no_ticker_to_buy": "Nothing is bought in {subject}: none of its {candidates} symbols to buy may be bought now.",
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


_NO_LOSERS = re.compile(r"\b0 losing lots \(\$0\.00\) and (\d+) others")
_ONE = re.compile(r"(?<![\d.,])1 ((?:losing )?lot|other|share|symbol)s\b")


def explain(reason: Reason, subject: str) -> str:
    """``reason`` as a sentence about ``subject``. A code of another strategy is shown as it is, with its details."""
    template = TEMPLATES.get(reason.code)
    if template is not None:
        try:
            shown = {name: _shown(name, value) for name, value in reason.details.items()}
            return _counted(template.format_map(shown | {"subject": subject}))
        except KeyError:
            pass
    details = ", ".join(f"{name} {_shown(name, value)}" for name, value in reason.details.items())
    words = reason.code.replace("_", " ")
    return f"{subject}: {words} ({details})." if details else f"{subject}: {words}."


def _counted(sentence: str) -> str:
    """``sentence`` without the half of it that counts nothing, and with the singular where there is one."""
    sentence = _NO_LOSERS.sub(r"\1 lots", sentence).replace(" and 0 others", "")
    return _ONE.sub(r"1 \1", sentence)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(str(one) for one in value)
    if name in MONEY:
        try:
            return f"${abs(Decimal(value)):,.2f}"
        except (InvalidOperation, TypeError):
            pass
    return str(value)
