"""Sales whose basis is on record and yet may be higher: what they sold may have replaced shares whose loss nobody knows.

A purchase takes the loss of what it replaces into its basis (26 USC 1091(d)). Where that loss is not known, because the record begins
later or the basis of what was sold is not on record, a sale at an apparent gain may be one at a loss.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence

from attrs import frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.model.policy import WashPolicy
from rebalkit.tax.position import UnknownSale
from rebalkit.tax.trades import Trade

__all__ = ["Doubt", "doubt_of"]


@frozen
class Doubt:
    """What may have a higher basis than is known.

    Attributes:
        sales: Sales in taxable accounts.
        purchases: Names of the trades that brought shares which may have replaced others of unknown loss.
    """

    sales: tuple[UnknownSale, ...] = ()
    purchases: frozenset[str] = frozenset()


def doubt_of(
    trades: Sequence[Trade],
    on_record: Container[str],
    unknown: Iterable[UnknownSale],
    accounts: Mapping[str, AccountKind],
    policy: WashPolicy,
    history_from: dt.date | None,
) -> Doubt:
    """What follows from ``unknown`` sales, and from a record that begins late.

    What other accounts' sales before the record did to lots that are still held, nobody can tell: a broker shows what its own did.

    Args:
        trades: In order of date.
        on_record: Names of the purchases that are on record; of other lots the broker says what they cost.
        unknown: The sales whose basis is not on record.
        accounts: The kind of each account.
        policy: How the rule is read.
        history_from: First day of the record; None when it is not known, and then it is taken for complete.
    """
    of, window = policy.groups.of, policy.window
    days: dict[str, set[dt.date]] = {}
    for one in unknown:
        days.setdefault(of(one.symbol), set()).add(one.sold)
    bought = {one.id: one for one in trades if one.action.acquires}
    # Within so many days of the beginning a purchase may replace what was sold before it.
    certain = dt.date.min if history_from is None else history_from + window
    early = {one.id for one in bought.values() if one.date < certain and one.id in on_record}
    if not days and not early:
        return Doubt()

    def follows(name: str) -> bool:
        one = bought.get(name)
        lost = days.get(of(one.symbol), ()) if one is not None else ()
        return one is not None and any(abs((one.acquired or one.date) - day) <= window for day in lost)

    sales = [one for one in trades if one.action is Action.SELL and accounts[one.account].taxable]
    found: list[UnknownSale] = []
    again = True
    while again:
        again, left = False, []
        for sale in sales:
            if not any(lot in early or follows(lot) for lot, _ in sale.lots):
                left.append(sale)
                continue
            found.append(UnknownSale(sale.account, sale.symbol, sale.date, sale.micros))
            lost = days.setdefault(of(sale.symbol), set())
            again = again or sale.date not in lost
            lost.add(sale.date)
        sales = left
    taxed = [one.id for one in bought.values() if accounts[one.account].taxable]
    return Doubt(tuple(found), frozenset(filter(follows, taxed)))
