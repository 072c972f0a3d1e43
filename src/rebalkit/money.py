"""Exact numbers: Decimal at the surface, plain integers in the hot loops.

Units of the integers: micro-shares (10⁻⁶ share), nano-dollars (10⁻⁹ USD), cents. A product of micro-shares and a price in
nano-dollars is in femto-dollars (10⁻¹⁵ USD) and exact, so the sign of a gain never depends on rounding. Python integers
cannot overflow. A float is refused everywhere: it cannot hold a cent.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

__all__ = [
    "CENT",
    "FEMTO_PER_CENT",
    "FEMTO_PER_NANO",
    "MICRO",
    "NANO",
    "from_cents",
    "from_micros",
    "from_nanos",
    "optional_decimal",
    "plain",
    "proportional_cents",
    "round_cents",
    "tick_down",
    "tick_up",
    "to_cents",
    "to_decimal",
    "to_micros",
    "to_nanos",
    "trim",
]

MICRO = 10**6
NANO = 10**9
FEMTO_PER_NANO = 10**6
FEMTO_PER_CENT = 10**13
CENT = Decimal("0.01")

_LARGEST = Decimal(10) ** 15
# Wide enough for any number below 10^15 with 45 decimals, whatever precision the caller's thread has set.
_WIDE = Context(prec=60)


def to_decimal(value: Any) -> Decimal:
    """``value`` (str, int or Decimal) as a finite Decimal.

    Raises TypeError for a float or bool, and ValueError for anything that is no finite number below 10¹⁵.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"expected a Decimal, int or str, got {type(value).__name__}: a float cannot hold a cent")
    else:
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise ValueError(f"{value!r} is not a number below 10^15")
    return number


def optional_decimal(value: Any) -> Decimal | None:
    """Like `to_decimal`, with None for None."""
    return None if value is None else to_decimal(value)


def trim(value: Any) -> Decimal:
    """``value`` as a Decimal without trailing zeros and without an exponent: the one written form of a quantity."""
    number = to_decimal(value)
    if number == number.to_integral_value():
        return Decimal(int(number))
    return number.normalize()


def plain(value: Decimal) -> str:
    """``value`` as text without an exponent."""
    return format(value, "f")


def _scaled(value: Decimal, digits: int, unit: str) -> int:
    scaled = _WIDE.scaleb(value, digits)
    whole = int(scaled)
    if scaled != whole:
        raise ValueError(f"{plain(value)} is finer than {unit}")
    return whole


def to_micros(shares: Decimal) -> int:
    """Shares as micro-shares. Raises ValueError when the number is finer than that."""
    return _scaled(shares, 6, "a millionth of a share")


def to_nanos(dollars: Decimal) -> int:
    """USD as nano-dollars. Raises ValueError when the amount is finer than that."""
    return _scaled(dollars, 9, "a billionth of a dollar")


def to_cents(dollars: Decimal) -> int:
    """USD, which must be a whole number of cents, as cents. Raises ValueError otherwise."""
    return _scaled(dollars, 2, "a cent")


def round_cents(femtos: int) -> int:
    """Femto-dollars to the nearest cent, a tie to the even one."""
    whole, rest = divmod(femtos, FEMTO_PER_CENT)
    twice = 2 * rest
    if twice > FEMTO_PER_CENT or (twice == FEMTO_PER_CENT and whole & 1):
        whole += 1
    return whole


def tick_up(price: Decimal) -> Decimal:
    """``price`` rounded up to the tick of an order: whole cents from 1 USD on, hundredths of a cent below (SEC Rule 612)."""
    return price.quantize(_tick(price), ROUND_CEILING)


def tick_down(price: Decimal) -> Decimal:
    """``price`` rounded down to the tick of an order."""
    return price.quantize(_tick(price), ROUND_FLOOR)


def _tick(price: Decimal) -> Decimal:
    return CENT if price >= 1 else Decimal("0.0001")


def from_cents(cents: int) -> Decimal:
    """Cents as USD with two decimals."""
    return Decimal(cents).scaleb(-2)


def from_micros(micros: int) -> Decimal:
    """Micro-shares as shares, without trailing zeros."""
    whole, fraction = divmod(micros, MICRO)
    return Decimal(micros).scaleb(-6).normalize() if fraction else Decimal(whole)


def from_nanos(nanos: int) -> Decimal:
    """Nano-dollars as USD, without trailing zeros beyond the cent."""
    value = Decimal(nanos).scaleb(-9)
    rounded = value.quantize(CENT, ROUND_HALF_EVEN)
    return rounded if rounded == value else value.normalize()


def proportional_cents(total: int, weights: list[int]) -> list[int]:
    """``total`` (any integer unit, ≥ 0) split in proportion to ``weights`` (≥ 0, not all 0), by largest remainder.

    The parts sum to ``total`` exactly; equal remainders go to the earlier part. Raises ValueError for weights that sum to 0.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("the weights sum to nothing")
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts
