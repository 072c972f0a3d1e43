"""The ledger: all groups worked through, and what it says."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property

from attrs import field, frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.model.policy import WashPolicy
from rebalkit.money import FEMTO_PER_NANO, MICRO, NANO
from rebalkit.tax.holding import is_long_term
from rebalkit.tax.ledger.found import Taken, Washed
from rebalkit.tax.ledger.group import Group
from rebalkit.tax.ledger.lots import Lot, Piece, loss_of_unit
from rebalkit.tax.ledger.problems import refused, unlike_lots
from rebalkit.tax.ledger.records import Match, OpenLot, RealisedRow, Term
from rebalkit.tax.trades import Trade

__all__ = ["Ledger", "build_ledger"]

_FEMTO = NANO * FEMTO_PER_NANO
"""Femto-dollars in a dollar: micro-shares times nano-dollars a share are femto-dollars."""


@frozen(eq=False, slots=False)
class Ledger:
    """What a history comes to under a policy.

    The work is done when the ledger is built; its records are made when they are asked for.

    Attributes:
        policy: How the rule was read.
    """

    policy: WashPolicy
    _groups: Sequence[Group] = field(repr=False)
    _trades: Sequence[Trade] = field(repr=False)

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """The place of each trade in the history."""
        return {one.id: place for place, one in enumerate(self._trades)}

    @cached_property
    def realised(self) -> tuple[RealisedRow, ...]:
        """One row per sale, lot and term, in the order of the sales, the lots of each in order of their acquisition."""
        rows: dict[tuple[str, str, Term], list[Taken]] = {}
        with _no_collection():
            for group in self._groups:
                for one in group.taken:
                    sold = one.trade.date
                    term = Term.LONG if is_long_term(dt.date.fromordinal(one.deemed), sold) else Term.SHORT
                    rows.setdefault((one.trade.id, one.lot.trade.id, term), []).append(one)
            found = sorted(rows.items(), key=lambda item: self._order[item[0][0]])
            return tuple([_row(term, pieces) for (_, _, term), pieces in found])

    @cached_property
    def matches(self) -> tuple[Match, ...]:
        """Every replacement found, in the order of the sales."""
        with _no_collection():
            found = [one for group in self._groups for one in group.washed]
            return tuple([_match(one) for one in sorted(found, key=lambda one: self._order[one.trade.id])])

    @cached_property
    def open_lots(self) -> tuple[OpenLot, ...]:
        """What is still held, in the order in which it came; of one lot the shares that are sold first."""
        found = [(group, lot) for group in self._groups for lot in group.lots if lot.held]
        found.sort(key=lambda one: self._order[one[1].trade.id])
        return tuple(open_lot for group, lot in found for open_lot in _open(group, lot))


def build_ledger(trades: Sequence[Trade], accounts: Mapping[str, AccountKind], policy: WashPolicy = WashPolicy()) -> Ledger:
    """The ledger of a history.

    Args:
        trades: All trades of all accounts of one taxpayer (a couple that files jointly is one), in order of their dates; those of one
            day in the order in which they were recorded.
        accounts: The kind of each account. A loss counts in a taxable one only; a purchase counts in every one.
        policy: How the rule is read.

    Raises:
        DataError: A trade that cannot be: its place names it. Nothing is guessed.
    """
    with _no_collection():
        taxable = {name: kind.taxable for name, kind in accounts.items()}
        groups, named = _sorted_out(trades, taxable, policy)
        return Ledger(policy, [Group(line, named, taxable, policy) for line in groups], trades)


def _sorted_out(trades: Sequence[Trade], accounts: Container[str], policy: WashPolicy) -> tuple[list[list[Trade]], set[str]]:
    """The trades of each group, once it is seen that each of them can be; and the ids of the lots that they name."""
    ids: set[str] = set()
    named: set[str] = set()
    groups: dict[str, list[Trade]] = {}
    of: dict[str, list[Trade]] = {}
    last = dt.date.min
    for one in trades:
        if one.id in ids:
            raise refused(one, f"the id {one.id!r} is used twice", "Give each trade its own id.", "duplicate_trade")
        ids.add(one.id)
        date = one.date
        if date is not last:
            if date < last:
                raise refused(one, f"it comes after a trade of {last}", "Put the trades in order of their dates.", "out_of_order")
            last = date
        if one.action is Action.SPLIT:
            if one.ratio is None or one.ratio <= 0:
                raise refused(one, "a split needs a ratio above 0", "Say how many new shares each old one becomes.", "bad_split")
        elif one.micros <= 0 or one.price < 0 or one.fees < 0:
            raise refused(one, "a quantity must be above 0, and price and fees 0 or more", "Correct the row.", "bad_trade")
        if one.lots:
            rest = one.micros
            for name, micros in one.lots:
                if micros <= 0:
                    raise unlike_lots(one)
                rest -= micros
                named.add(name)
            if rest:
                raise unlike_lots(one)
        if one.account not in accounts:
            raise refused(one, f"there is no account {one.account!r}", "Say of which kind the account is.", "unknown_account")
        symbol = one.symbol
        line = of.get(symbol)
        if line is None:
            line = of[symbol] = groups.setdefault(policy.groups.of(symbol), [])
        line.append(one)
    return list(groups.values()), named


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold back the collector of cycles. A long history makes many objects and no cycle; looking for some takes longer than the work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _row(term: Term, pieces: Sequence[Taken]) -> RealisedRow:
    first = pieces[0]
    trade, lot, scale = first.trade, first.lot, first.scale
    losses = [(one, *loss_of_unit(one.n, one.d, one.pn, one.pd)) for one in pieces]
    lost = [(one, loss, ld * _FEMTO) for one, loss, ld in losses if loss > 0]
    return RealisedRow(
        trade.id,
        lot.trade.id,
        trade.account,
        trade.symbol,
        trade.date,
        dt.date.fromordinal(lot.day),
        dt.date.fromordinal(min([one.deemed for one in pieces])),
        term,
        _sum([(one.micros, scale, MICRO) for one in pieces]),
        _sum([(one.micros, one.pn, one.pd * _FEMTO) for one in pieces]),
        _sum([(one.micros, one.n, one.d * _FEMTO) for one in pieces]),
        _sum([(one.washed, loss, ld) for one, loss, ld in lost]),
        _sum([(one.permanent, loss, ld) for one, loss, ld in lost]),
        _sum([(one.washed, scale, MICRO) for one, _, _ in lost]),
        _sum([(one.micros - one.washed, scale, MICRO) for one, _, _ in lost]),
        _sum([(one.micros - one.washed, loss, ld) for one, loss, ld in lost]),
    )


def _sum(products: Iterable[tuple[int | Fraction, int | Fraction, int]]) -> Fraction:
    """The sum of a × b / c over all triples; a or b is a fraction only after an odd split."""
    found = Fraction(0)
    for a, b, c in products:
        one = _over(a * b, c)
        found = found + one if found else one
    return found


def _over(number: int | Fraction, divisor: int) -> Fraction:
    """``number / divisor``, in lowest terms at once."""
    return Fraction(number, divisor) if isinstance(number, int) else number / divisor


def _match(one: Washed) -> Match:
    trade, lot, other = one.trade, one.lot, one.replacement
    return Match(
        trade.id,
        lot.trade.id,
        other.trade.id,
        trade.symbol,
        other.trade.symbol,
        trade.account,
        other.trade.account,
        trade.date,
        dt.date.fromordinal(other.day),
        _over(one.micros * one.scale, MICRO),
        _over(one.micros * one.n, one.d * _FEMTO),
        not other.taxable,
        dt.date.fromordinal(one.deemed),
    )


def _open(group: Group, lot: Lot) -> Iterable[OpenLot]:
    trade, scale = lot.trade, group.scales.get(lot.trade.symbol, 1)
    stretches: list[tuple[Piece, bool]] = [(piece, True) for piece in lot.pieces or ()]
    if lot.fresh:
        stretches.append(((lot.fresh, lot.n, lot.d, lot.day), False))
    for (micros, n, d, deemed), replaced in stretches:
        basis = _over(micros * n, d * _FEMTO)
        yield OpenLot(
            trade.id,
            lot.account,
            trade.symbol,
            _over(micros * scale, MICRO),
            basis,
            basis - _over(micros * lot.n, lot.d * _FEMTO) if replaced else Fraction(0),
            dt.date.fromordinal(lot.day),
            dt.date.fromordinal(deemed),
            replaced,
            lot.own,
            trade.action.acquires,
            lot.taxable,
        )
