"""Shares that moved between two accounts of the record: they were acquired once.

Where they came from, their purchase and their delivery are on record; where they are now, a lot of the same day is. Unless the two are
known for the same shares, one purchase would replace two losses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from attrs import define, evolve

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.tax.position import Position
from rebalkit.tax.trades import Trade

__all__ = ["joined"]

_Placed = tuple[dt.date, int, int, Trade]


@define(eq=False)
class _Arrived:
    """A lot whose purchase is not on record where it is, and how many of its micro-shares nothing explains yet."""

    account: str
    lot: str
    opening: Trade
    micros: int


def joined(
    positions: Sequence[Position], kinds: Mapping[str, AccountKind]
) -> tuple[list[_Placed], dict[tuple[str, str], list[tuple[str, int]]]]:
    """The trades of ``positions`` and the parts of their lots, with what was delivered arriving where a lot of its day is found.

    Only shares that were never split and an account that is taxed alike come into question.
    """
    placed = [one for position in positions for one in position.trades]
    lots = {key: parts for position in positions for key, parts in position.lots.items()}
    if not any(position.delivered for position in positions):
        return placed, lots
    acquired = {trade.id: trade.acquired or trade.date for _, _, _, trade in placed}
    arrived = [_Arrived(position.account, lot, trade, trade.micros) for position in positions for lot, trade in position.opened]
    found: list[_Placed] = []
    gone: dict[str, dict[str, int]] = {}
    for day, turn, number, sent in [one for position in positions for one in position.delivered]:
        for bought, left in sent.lots:
            for one in arrived:
                moved = min(left, one.micros)
                same = (one.opening.symbol, acquired[one.opening.id]) == (sent.symbol, acquired[bought])
                alike = one.account != sent.account and kinds[one.account].taxable == kinds[sent.account].taxable
                if not (moved and same and alike):
                    continue
                left -= moved
                one.micros -= moved
                gone.setdefault(sent.id, {}).setdefault(bought, 0)
                gone[sent.id][bought] += moved
                name = f"{sent.id} of {bought}, as {one.lot} in {one.account}"
                leaves = evolve(sent, id=name, micros=moved, lots=((bought, moved),))
                arrives = Trade(f"arrival of {name}", day, one.account, sent.symbol, Action.RECEIVE, moved, transfer_of=name)
                found += [(day, turn, number, leaves), (day, turn, number, arrives)]
                parts = lots[one.account, one.lot]
                others = [(trade, micros - moved if trade == one.opening.id else micros) for trade, micros in parts]
                lots[one.account, one.lot] = [(bought, moved), *others]
    unexplained = {one.opening.id: one.micros for one in arrived}
    rest = [(day, turn, number, _less(trade, gone.get(trade.id, {}), unexplained)) for day, turn, number, trade in placed]
    kept = {key: [(trade, micros) for trade, micros in parts if micros] for key, parts in lots.items()}
    return [*(one for one in rest if one[3].micros or one[3].action is Action.SPLIT), *found], kept


def _less(trade: Trade, gone: Mapping[str, int], unexplained: Mapping[str, int]) -> Trade:
    """``trade`` without what arrives elsewhere, or without what arrived."""
    if trade.id in unexplained and unexplained[trade.id] != trade.micros:
        micros = unexplained[trade.id]
        return evolve(trade, micros=micros, fees=trade.fees * micros // trade.micros)
    if gone:
        lots = tuple((lot, micros - gone.get(lot, 0)) for lot, micros in trade.lots if micros > gone.get(lot, 0))
        return evolve(trade, micros=sum([micros for _, micros in lots]), lots=lots)
    return trade
