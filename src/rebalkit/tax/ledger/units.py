"""Shares and prices in units: a unit is a share as it was at the start of the history, before all splits."""

from __future__ import annotations

from fractions import Fraction

from rebalkit.money import FEMTO_PER_NANO
from rebalkit.tax.ledger.lots import Micros
from rebalkit.tax.trades import Trade

__all__ = ["in_units", "of_unit", "proceeds", "whole"]


def whole(micros: Micros) -> Micros:
    """The same number, as an integer where it is one."""
    return micros.numerator if micros.denominator == 1 else micros


def proceeds(trade: Trade, scale: Micros) -> tuple[int, int]:
    """What a unit of a sale brought, in nano-dollars over the second number."""
    n, d = trade.price, 1
    if trade.fees:
        n, d = trade.micros * trade.price - trade.fees * FEMTO_PER_NANO, trade.micros
    return (n, d) if scale == 1 else of_unit(n, d, scale)


def of_unit(n: int, d: int, scale: Micros) -> tuple[int, int]:
    """``n / d`` USD a share as USD a unit, where a unit is ``scale`` shares."""
    unit = Fraction(n, d) * scale
    return unit.numerator, unit.denominator


def in_units(micros: Micros, scale: Micros) -> Micros:
    """Micro-shares as micro-units, where a unit is ``scale`` shares."""
    return whole(Fraction(micros) / scale)
