"""Shares and prices in units: a unit is a share as it was at the start of the history, before all splits."""

from __future__ import annotations

from fractions import Fraction

from rebalkit.money import FEMTO_PER_NANO
from rebalkit.tax.ledger.lots import Micros
from rebalkit.tax.trades import Trade

__all__ = ["in_units", "proceeds", "whole"]


def whole(micros: Micros) -> Micros:
    """The same number, as an integer where it is one."""
    return micros.numerator if micros.denominator == 1 else micros


def proceeds(trade: Trade, scale: Micros) -> tuple[int, int]:
    """What a unit of a sale brought, in nano-dollars over the second number."""
    n, d = trade.price, 1
    if trade.fees:
        n, d = trade.micros * trade.price - trade.fees * FEMTO_PER_NANO, trade.micros
    if scale != 1:
        _, n, d = in_units(0, n, d, scale)
    return n, d


def in_units(micros: Micros, n: int, d: int, scale: Micros) -> tuple[Micros, int, int]:
    """Shares and USD a share as units and USD a unit, where a unit is ``scale`` shares."""
    unit = Fraction(n, d) * scale
    return whole(Fraction(micros) / scale), unit.numerator, unit.denominator
