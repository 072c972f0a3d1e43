"""What no order can be is refused before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from rebalkit.errors import UsageError
from rebalkit_etrade import OrderTicket

SALE: dict[str, Any] = {
    "client_id": "SALE0001", "action": "SELL", "symbol": "VTI", "quantity": Decimal("10.5"), "limit": Decimal("199.50"),
    "lots": ((7, Decimal(10)), (8, Decimal("0.5"))),
}  # fmt: skip


def test_orders_that_can_be() -> None:
    assert OrderTicket(**SALE).quantity == Decimal("10.5")
    assert OrderTicket(**SALE | {"lots": ()}).lots == ()
    assert OrderTicket("B", "BUY", "BRK.B", Decimal(1), Decimal("0.1234")).limit == Decimal("0.1234")
    assert OrderTicket("B", "BUY", "VTI", Decimal(1), Decimal("0.9999")).limit == Decimal("0.9999")
    assert OrderTicket("B", "BUY", "VTI", Decimal(1), Decimal("1.01")).limit == Decimal("1.01")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": ""}, "1 to 20 letters"),
        ({"client_id": "A" * 21}, "1 to 20 letters"),
        ({"client_id": "A-1"}, "1 to 20 letters"),
        ({"action": "SELL_SHORT"}, "BUY or SELL"),
        ({"symbol": "vti"}, "no ticker"),
        ({"quantity": Decimal(0), "lots": ()}, "above 0"),
        ({"quantity": Decimal("NaN"), "lots": ()}, "no number"),
        ({"limit": Decimal("Infinity")}, "no number"),
        ({"action": "BUY", "lots": ()}, "only whole shares can be bought"),
        ({"limit": Decimal("199.505")}, "whole cents"),
        ({"limit": Decimal("0.12345")}, "whole cents"),
        ({"limit": Decimal("1.001")}, "whole cents"),
        ({"limit": Decimal("1.0001")}, "whole cents"),
        ({"lots": ((7, Decimal("10.5")), (8, Decimal(0)))}, "shares above 0"),
        ({"limit": Decimal(0)}, "above 0"),
        ({"limit": Decimal("-1")}, "above 0"),
        ({"action": "BUY", "quantity": Decimal(10), "lots": ((7, Decimal(10)),)}, "only a sale names lots"),
        ({"lots": ((7, Decimal(10)), (7, Decimal("0.5")))}, "named once"),
        ({"lots": ((7, Decimal(11)), (8, Decimal("-0.5")))}, "shares above 0"),
        ({"lots": ((7, Decimal(10)),)}, "add up to 10 shares instead of 10.5"),
    ],
)
def test_orders_that_cannot_be(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        OrderTicket(**SALE | change)
