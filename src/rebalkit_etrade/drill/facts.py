"""What a drill looks at, and what documents or other people say of it."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

__all__ = ["FACTS", "Fact", "Seen", "Verdict"]

Verdict = Literal["agrees", "differs", "settled"]
"""Whether what was seen is as it was told, is not, or answers what nobody could tell."""


@frozen
class Fact:
    """Something about the service.

    Attributes:
        name: Its name in files.
        asks: The question.
        told: What is told of it, or what would be harmless.
        known: Whether that is ``documented``, was ``observed`` by others, or is ``uncertain``.
        orders: Whether only an order can show it.
    """

    name: str
    asks: str
    told: str
    known: Literal["documented", "observed", "uncertain"]
    orders: bool = False


@frozen
class Seen:
    """What was seen of a fact."""

    fact: Fact
    what: str
    verdict: Verdict


_ALL = (
    Fact("clock", "How far apart are the clocks of E*TRADE and of this machine?", "five minutes at most", "documented"),
    Fact("account_kinds", "Are the kinds of the accounts ones whose tax is known?", "all are", "observed"),
    Fact("cash", "Does the balance have the amounts that cash is counted from?", "it has", "observed"),
    Fact("cash_parts", "Is the cash for investment the settled and the unsettled together?", "nobody says", "uncertain"),
    Fact("pages", "How does a portfolio tell its last page?", "by no nextPageNo", "documented"),
    Fact("no_positions", "What is the answer of an account without positions?", "204, or a list without any", "uncertain"),
    Fact("lots_inside", "Are lots in the portfolio when lotsRequired is true?", "documented, and used by nobody", "uncertain"),
    Fact("lots_sum", "Do the lots add up to their positions?", "they do, but for moments after a trade", "observed"),
    Fact("lots_cost", "Do the lots cost, at price times shares, what their positions cost?", "nobody says", "uncertain"),
    Fact("lots_adjusted", "Do lots have adjusted prices (adjPrice, for wash sales)?", "0 in the samples", "uncertain"),
    Fact("lots_codes", "What are termCode, lotSourceCode and shortType of lots?", "nobody says", "uncertain"),
    Fact("lots_dates", "Do lots have their day of acquisition?", "some transferred ones have none", "observed"),
    Fact("lots_available", "What is availableQty while no order is open?", "remainingQty", "uncertain"),
    Fact("order_states", "Are the states of orders ones that are known?", "all are", "documented"),
    Fact("filled_part", "Does a cancelled or expired order keep its filled shares?", "nobody says", "uncertain"),
    Fact("history_kinds", "Are the transactions that move shares of known kinds?", "all are", "observed"),
    Fact("sale_sign", "Which sign has the quantity of a sale among the transactions?", "nobody says", "uncertain"),
    Fact("fills_told", "Are the fills of the last days among the transactions?", "nobody says when", "uncertain"),
    Fact("history_back", "How far back do transactions go?", "two years, or three", "uncertain"),
    Fact("quotes", "Are quotes of this moment?", "with the market-data agreement, while the market is open", "documented"),
    Fact("preview_id", "Does a preview have a number and its moment?", "it has", "documented", True),
    Fact("preview_echo", "Does a preview repeat the order?", "it does", "observed", True),
    Fact("preview_total", "Which sign has the estimated total?", "above 0 for a purchase, below for a sale", "observed", True),
    Fact("preview_remarks", "What remarks does a limit far away get?", "9011 for a high purchase", "uncertain", True),
    Fact("placed_code", "Which code does a placed order get?", "1026 while the market is open", "observed", True),
    Fact("placed_number", "Where is the number of the order?", "in OrderIds", "observed", True),
    Fact("listed_after", "After how long is the order in the list?", "nobody says", "uncertain", True),
    Fact("listed_as", "Is it listed as it was placed, and as OPEN?", "it is", "documented", True),
    Fact("client_id", "Is the client id in the list?", "it never is", "documented", True),
    Fact("held_back", "Does an open order take from the cash or from availableQty?", "presumably", "uncertain", True),
    Fact(
        "double",
        "What does a second placement of one preview answer?",
        "documented as refused, seen by nobody",
        "uncertain",
        True,
    ),
    Fact("cancel_code", "Which code does a cancellation get?", "5011 or 4186", "observed", True),
    Fact("cancel_path", "How does the order end?", "CANCEL_REQUESTED, then CANCELLED", "observed", True),
    Fact("cancel_again", "What does a second cancellation answer?", "5001", "observed", True),
)

FACTS = {one.name: one for one in _ALL}
"""All of them, in the order in which they are looked at."""
