"""Whether quantity, price, fees and amount of a trade fit together, and which price is exact."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from rebalkit.brokers.exports.entries import Entry
from rebalkit.brokers.exports.kinds import Move
from rebalkit.brokers.files.cells import BadCell
from rebalkit.money import CENT, plain, to_nanos, trim

__all__ = ["exact_price"]

_NANO = Decimal("1E-9")
_WIDE = Context(prec=60)
_HIGHEST = Decimal(10) ** 9
_UNPRINTED = Decimal("0.0001")
"""Of the proceeds of a sale: the regulators' fees, which some exports take from the amount without a column for them, are below that."""


def exact_price(entry: Entry, move: Move) -> Decimal:
    """USD per share, so that price, quantity and fees give the amount to the cent.

    What was paid is the amount; the printed price is often rounded. Where the printed one does not give the amount to the cent, the
    price is worked out from the amount, to a billionth of a dollar.

    Raises:
        BadCell: They do not fit together by more than rounding and the regulators' fees explain: a column is not what it seems.
    """
    quantity = abs(entry.quantity or Decimal(0))
    amount, price = entry.amount, entry.price
    if price is not None and price < 0:
        raise BadCell(f"the price {plain(price)} is below 0", code="bad_number")
    _fine(entry.fees)
    if entry.fees < 0:
        raise BadCell(f"fees of {plain(entry.fees)} are below 0", code="bad_number")
    if amount is None or (not amount and price is None):
        if price is None:
            raise BadCell("there is neither a price nor an amount", "Add the price to a copy of the file.", code="empty_cell")
        return _fine(price)
    sells = move is Move.SELL
    if not amount:
        raise BadCell("the amount is 0", "Has a column another meaning than its title says?", code="amounts_differ")
    if (amount > 0) != sells:
        way = "coming in" if amount > 0 else "going out"
        raise BadCell(
            f"an amount of {plain(amount)} is money {way}",
            "If the row cancels another one, take both out of a copy of the file.",
            code="wrong_sign",
        )
    gross = abs(amount) + (entry.fees if sells else -entry.fees)
    if gross <= 0:
        raise BadCell(f"fees of {plain(entry.fees)} use up the amount of {plain(amount)}", code="amounts_differ")
    if price is None:
        return _per_share(gross, quantity)
    difference = price * quantity - gross
    # Prices are printed with two decimals at least; a spreadsheet drops zeros at the end.
    unit = Decimal(1).scaleb(min(int(price.as_tuple().exponent), -2))
    allowed = CENT + unit * quantity / 2
    if sells and difference > 0:
        allowed += gross * _UNPRINTED
    if abs(difference) > allowed:
        raise BadCell(
            f"{plain(quantity)} × {plain(price)} with fees of {plain(entry.fees)} is not {plain(abs(amount))}, "
            f"but {plain(abs(difference).quantize(CENT))} {'more' if difference > 0 else 'less'}",
            "Has a column another meaning than its title says?",
            code="amounts_differ",
        )
    return _fine(price) if abs(difference) <= CENT / 2 else _per_share(gross, quantity)


def _per_share(dollars: Decimal, quantity: Decimal) -> Decimal:
    price = _WIDE.divide(dollars, quantity).quantize(_NANO, ROUND_HALF_EVEN, _WIDE)
    if not 0 < price < _HIGHEST:
        raise BadCell(f"{plain(dollars)} for {plain(quantity)} shares cannot be", code="amounts_differ")
    return trim(price)


def _fine(price: Decimal) -> Decimal:
    try:
        to_nanos(price)
    except ValueError as problem:
        raise BadCell(str(problem), code="too_fine") from None
    return price
