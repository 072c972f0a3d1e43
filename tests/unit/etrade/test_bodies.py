"""The bodies of orders, to the letter."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import UsageError
from rebalkit_etrade.bodies import cancel_body, place_body, preview_body
from rebalkit_etrade.ticket import OrderTicket

SALE = OrderTicket("SALE1", "SELL", "VTI", Decimal(12), Decimal("199.50"), ((2**60 + 1, Decimal(10)), (7, Decimal("2.0"))))


def sale(**more: Any) -> OrderTicket:
    given: dict[str, Any] = {"client_id": "X1", "action": "SELL", "symbol": "VTI", "quantity": Decimal(1), "limit": Decimal(1)}
    return OrderTicket(**{**given, **more})


def instrument(body: dict[str, Any]) -> dict[str, Any]:
    ((request,),) = (body.values(),)
    ((order,),) = (request["Order"],)
    ((only,),) = (order["Instrument"],)
    assert isinstance(only, dict)
    return only


def test_a_sale_is_written_with_its_lots_and_only_with_what_has_a_value() -> None:
    assert json.dumps(preview_body(SALE)) == (
        '{"PreviewOrderRequest": {"orderType": "EQ", "clientOrderId": "SALE1", "Order": [{"allOrNone": false, "priceType": "LIMIT", '
        '"limitPrice": 199.5, "orderTerm": "GOOD_FOR_DAY", "marketSession": "REGULAR", "Instrument": [{"Product": '
        '{"securityType": "EQ", "symbol": "VTI"}, "orderAction": "SELL", "quantityType": "QUANTITY", "quantity": 12, '
        '"Lots": {"Lot": [{"id": 1152921504606846977, "size": 10}, {"id": 7, "size": 2}]}}]}]}}'
    )


def test_what_is_placed_is_what_was_previewed_with_the_number_of_the_preview() -> None:
    placed = place_body(SALE, 2**60 + 3)["PlaceOrderRequest"]
    assert placed.pop("PreviewIds") == [{"previewId": 1152921504606846979}]
    assert placed == preview_body(SALE)["PreviewOrderRequest"]


def test_a_cancellation_names_the_order_by_its_number() -> None:
    assert json.dumps(cancel_body(2**60 + 1)) == '{"CancelOrderRequest": {"orderId": 1152921504606846977}}'


@pytest.mark.parametrize("body", [preview_body(sale()), place_body(sale(), 1)])
def test_lists_are_lists_with_one_element_too_and_no_lots_are_no_element(body: dict[str, Any]) -> None:
    """E*TRADE refuses objects in their place."""
    assert "Lots" not in instrument(body)
    (request,) = body.values()
    assert [type(request["Order"]), type(request["Order"][0]["Instrument"])] == [list, list]
    assert type(request.get("PreviewIds", [])) is list


def test_one_lot_is_a_list_too() -> None:
    assert instrument(preview_body(sale(lots=((7, Decimal(1)),))))["Lots"] == {"Lot": [{"id": 7, "size": 1}]}


@given(st.integers(1, 10**15))
def test_any_cents_are_written_with_the_shortest_digits_and_read_back_exactly(cents: int) -> None:
    limit = Decimal(cents) / 100
    found = re.search(r'"limitPrice": ([^,]+),', json.dumps(preview_body(sale(limit=limit))))
    assert found is not None
    assert re.fullmatch(r"[1-9]\d*|(0|[1-9]\d*)\.\d?[1-9]", found[1])
    assert Decimal(found[1]) == limit


@given(st.lists(st.tuples(st.integers(1, 2**63 - 1), st.integers(1, 10**9)), max_size=4, unique_by=lambda lot: lot[0]))
def test_whole_shares_and_lots_are_whole_numbers(lots: list[tuple[int, int]]) -> None:
    shares = sum(size for _, size in lots) or 7
    ticket = sale(quantity=Decimal(f"{shares}.000"), lots=tuple((lot, Decimal(f"{size}.0")) for lot, size in lots))
    read = instrument(json.loads(json.dumps(preview_body(ticket)), parse_float=Decimal))
    sizes = [(one["id"], one["size"]) for one in read.get("Lots", {}).get("Lot", [])]
    assert (read["quantity"], sizes) == (shares, lots)
    assert {type(one) for one in (read["quantity"], *(number for pair in sizes for number in pair))} == {int}


@given(st.decimals("0.0001", "99999.9999", places=4))
def test_a_fraction_of_a_share_is_exact(shares: Decimal) -> None:
    read = json.loads(json.dumps(preview_body(sale(quantity=shares))), parse_float=Decimal)
    assert instrument(read)["quantity"] == shares


@pytest.mark.parametrize(
    ("name", "value"),
    [("quantity", "0.12345678901234567890"), ("quantity", "1.0000000000000000000001"), ("limit", "999999999999999.99")],
)
def test_what_a_number_of_json_cannot_hold_is_not_rounded(name: str, value: str) -> None:
    with pytest.raises(UsageError, match="too many digits for an order"):
        preview_body(sale(**{name: Decimal(value)}))
