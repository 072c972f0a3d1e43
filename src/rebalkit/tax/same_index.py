"""Funds of different sponsors that track the same index.

Whether these are substantially identical is disputed, and no ruling says (26 USC 1091(a)); the cautious reading, and the default here,
is that they are. Funds of different indices are not, however alike the indices: the Bloomberg US Aggregate (AGG) and its float-adjusted
sister (BND) are two.
"""

from __future__ import annotations

from attrs import frozen

__all__ = ["SAME_INDEX", "SameIndex", "index_of"]


@frozen
class SameIndex:
    """Symbols of funds that track one index.

    Attributes:
        index: Its name.
        symbols: The funds, in alphabetical order, with former symbols of theirs.
        source: Where it is said of each of them.
    """

    index: str
    symbols: tuple[str, ...]
    source: str


SAME_INDEX = (
    SameIndex(
        "S&P 500",
        ("IVV", "SPLG", "SPY", "SPYM", "VOO"),
        "IVV, SPY, VOO: etf.com, Small Differences On Big S&P 500 ETFs; Vanguard, VOO fact sheet of 2024-09-30. "
        "SPYM: TradingView's description of the fund: this index since 2020-01-24, symbol SPLG until 2025-10-31",
    ),
    SameIndex(
        "S&P MidCap 400",
        ("IJH", "IVOO", "MDY", "SPMD"),
        "IJH, MDY: Morningstar, Efficient Exposure to Mid-Cap Stocks; MDY prospectus of 2012-01-26. "
        "IVOO: Vanguard, fact sheet of 2025-06-30. SPMD: etf.com's description of the fund: this index since 2020-01-24",
    ),
    SameIndex(
        "S&P SmallCap 600",
        ("IJR", "SPSM", "VIOO"),
        "IJR: Morningstar, Dissecting the 4 Most Popular Small-Blend ETFs. VIOO: Vanguard S&P ETFs prospectus of 2017-12-22. "
        "SPSM: etf.com's description of the fund: this index since 2020-01-24",
    ),
    SameIndex(
        "S&P 500 Growth",
        ("IVW", "SPYG", "VOOG"),
        "IVW: stockmarketmba.com's description of the fund. SPYG, VOOG: Seeking Alpha, SPY Vs. SPYG: How To Compare These ETFs",
    ),
    SameIndex(
        "Nasdaq-100",
        ("QQQ", "QQQM"),
        "QQQM: prospectus of 2023-12-20. QQQ: Investment U on Invesco QQQ",
    ),
    SameIndex(
        "Russell 2000",
        ("IWM", "VTWO"),
        "IWM: Morningstar, Dissecting the 4 Most Popular Small-Blend ETFs. VTWO: Vanguard Russell ETFs prospectus of 2024-12-20",
    ),
    # No index: each share is a part of a grantor trust that holds nothing but gold, which leaves less to tell apart than two funds of
    # one index. That the rule may not reach such trusts at all is a view some hold; no ruling says so.
    SameIndex(
        "price of gold",
        ("GLD", "GLDM", "IAU", "IAUM"),
        "GLD, GLDM: spdrgoldshares.com, questions and answers. IAU: annual report (10-K) of 2020. IAUM: annual report (10-K) of 2023",
    ),
)
"""The table. It is small: a fund of which it could not be read which index it tracks is not in it."""


def index_of(group: tuple[str, ...]) -> str | None:
    """The index that all symbols of ``group`` track; None when this table does not say so of each."""
    for one in SAME_INDEX:
        if set(group) <= set(one.symbols):
            return one.index
    return None
