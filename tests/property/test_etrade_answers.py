"""Answers of E*TRADE with one field dropped, nulled, retyped, or the whole cut off: understood the same, unknown, or an error."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etrade_server.api import Api
from etrade_server.faults import Faults
from etrade_server.replies import Call
from etrade_world import ACCOUNT, customer
from rebalkit.errors import BrokerError, DataError, UsageError
from rebalkit.model import AccountKind, LotSale, OrderRequest, Placed, Refused, Side
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.client import Client
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.trading.rules import PRODUCTION_CAN

SALE = OrderRequest("SALE0001", Side.SELL, "VTI", 10, (LotSale("494715020211", 10),), "199.50")
ERRORS = (BrokerError, DataError, UsageError)
Path = tuple[str | int, ...]


class ApiWire:
    """Requests straight to the server's answers, one of which is changed on its way."""

    def __init__(self) -> None:
        self.book = customer()
        account = self.book.accounts[0]
        for number in range(3):
            self.book.tell(account, "Bought", "BND", 5, 70.25, dt.date(2026, 11, 20 - number), fee=1)
        self.book.tell(account, "Dividend", "BND", 0, 0, dt.date(2026, 11, 2), amount=12.5)
        self.book.place(
            account,
            {"client_id": "A", "action": "BUY", "symbol": "BND", "quantity": Decimal(2), "limit": Decimal(71), "lots": []},
        )
        self.api = Api(self.book, Faults(), None)
        self.change: Mutation | None = None
        self.changed = False
        self.sent: list[Any] = []

    def moment(self) -> dt.datetime:
        return self.book.now

    def ready(self) -> None:
        pass

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self._answer("GET", path, query or {}, b"")

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        self.sent.append((path, body))
        return self._answer(verb, path, {}, json.dumps(body).encode())

    def _answer(self, verb: str, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        from urllib.parse import urlencode

        reply = self.api.respond(Call(verb, path, urlencode(query), {}, body))
        content = reply.body
        if self.change is not None and reply.status == 200 and self.change.of in path:
            content = self.change.applied(content)
            self.changed |= content != reply.body
        return Answer(reply.status, reply.kind, content)


class Mutation:
    """One change of the answers whose path holds ``of``; ``pick`` chooses the field, ``how`` what happens to it."""

    def __init__(self, of: str, pick: int, how: str, value: Any) -> None:
        self.of, self.pick, self.how, self.value = of, pick, how, value

    def __repr__(self) -> str:
        return f"Mutation({self.of!r}, {self.pick}, {self.how!r}, {self.value!r})"

    def applied(self, content: bytes) -> bytes:
        if self.how == "cut":
            return content[: self.pick % max(1, len(content))]
        document = json.loads(content)
        places = list(_places(document, ()))
        place = places[self.pick % len(places)]
        target = document
        for step in place[:-1]:
            target = target[step]
        if self.how == "drop":
            del target[place[-1]]
        elif self.how == "text":
            if isinstance(target[place[-1]], (int, float)) and not isinstance(target[place[-1]], bool):
                target[place[-1]] = str(target[place[-1]])
        elif place[-1] == "symbol" and isinstance(self.value, str) and self.value.isalnum():
            target[place[-1]] = "~"  # another ticker in the place of one cannot be found out
        else:
            target[place[-1]] = self.value
        return json.dumps(document).encode()


def _places(document: Any, at: Path) -> Any:
    """Every field of every object, not the elements of lists: a server that leaves out a whole position cannot be found out."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield (*at, name)
            yield from _places(value, (*at, name))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from _places(value, (*at, number))


MUTATIONS = st.builds(
    Mutation,
    st.sampled_from(
        ["list.json", "portfolio.json", "portfolio/", "balance", "orders.json", "transactions", "quote", "preview", "place"]
    ),
    st.integers(0, 10**6),
    st.sampled_from(["drop", "cut", "text", "set"]),
    st.sampled_from([None, "", {}, [], True, False, "~", "1e3", "NaN", [7], {"a": 1}, [[]], "0x10", " "]),
)


def told(broker: EtradeBroker) -> dict[str, Any]:
    """What the broker says of everything, or the error of each question."""

    def asked(question: Any) -> Any:
        try:
            return question()
        except ERRORS as problem:
            return problem

    return {
        "accounts": asked(broker.accounts),
        "snapshot": asked(lambda: broker.snapshot(ACCOUNT)),
        "orders": asked(lambda: broker.orders(ACCOUNT, dt.date(2026, 11, 23))),
        "transactions": asked(lambda: broker.transactions(ACCOUNT, dt.date.min)),
        "quotes": asked(lambda: broker.quotes(["VTI", "BND"])),
    }


TRUE = told(EtradeBroker(Client(ApiWire()), PRODUCTION_CAN))


def test_unchanged_answers_say_everything() -> None:
    assert not [one for one in TRUE.values() if isinstance(one, ERRORS)]
    assert [len(one) for name, one in TRUE.items() if name != "snapshot"] == [2, 1, 4, 2]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MUTATIONS)
def test_a_changed_answer_is_understood_the_same_or_unknown_or_an_error(change: Mutation) -> None:
    """Never a crash, never another number, never fewer of anything."""
    wire = ApiWire()
    wire.change = change
    broker = EtradeBroker(Client(wire), PRODUCTION_CAN)
    found = told(broker)
    if any(remark.endswith("not managed, and not counted") for remark in broker.notes()):
        return  # a symbol that is no ticker any more, an account of another institution: the person is told of it
    for name, answer in found.items():
        if not isinstance(answer, ERRORS):
            assert known(name, answer, TRUE[name]) == TRUE[name], (name, answer)


def known(name: str, answer: Any, true: Any) -> Any:
    """The answer with what it does not say put back as it was: nobody is misled by what is said to be unknown."""
    if name == "snapshot":
        lots = tuple(
            evolve(lot, acquired=lot.acquired or was.acquired, cost=was.cost if lot.cost is None else lot.cost)
            for lot, was in zip(answer.lots, true.lots, strict=True)
        )
        return evolve(answer, lots=lots, cash=_cash(answer.cash, true.cash), kind=true.kind)
    if name == "accounts":
        # A type that is not known is taken for an IRA, which is never traded.
        return [was if one == evolve(was, kind=AccountKind.IRA) else one for one, was in zip(answer, true, strict=True)]
    if name == "orders":
        return [
            evolve(one, fees=max(one.fees, was.fees), limit=was.limit if one.limit is None else one.limit)
            for one, was in zip(answer, true, strict=True)
        ]
    if name == "transactions":
        return [evolve(one, fees=max(one.fees, was.fees)) for one, was in zip(answer, true, strict=True)]
    if name == "quotes":
        # A quote without a bid or a moment is none, or an old one; both are refused where they matter.
        return {symbol: _quote(answer.get(symbol), was) for symbol, was in true.items()}
    return answer


def _cash(cash: Any, true: Any) -> Any:
    """Unsettled cash that is not told of is counted as settled; the sum stays."""
    return true if cash.total == true.total else cash


def _quote(quote: Any, was: Any) -> Any:
    return was if quote is None or quote.delayed or quote.at is None else quote


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MUTATIONS.filter(lambda one: one.of in ("preview", "place")))
def test_an_order_is_placed_as_it_was_meant_or_not_at_all_or_in_doubt(change: Mutation) -> None:
    wire = ApiWire()
    broker = EtradeBroker(Client(wire), PRODUCTION_CAN)
    broker.accounts()
    wire.change = change
    try:
        preview = broker.preview(ACCOUNT, SALE)
    except ERRORS:
        return
    assert preview.request == SALE
    result = broker.place(ACCOUNT, preview)
    landed = [one for one in wire.book.accounts[0].orders if one.client_id == "SALE0001"]
    assert len([path for path, _ in wire.sent if path.endswith("place.json")]) <= 1
    if isinstance(result, Placed):
        assert [str(one.number) for one in landed] == [result.order]
    if isinstance(result, Refused):
        assert landed == []
    for one in landed:
        assert (one.action, one.symbol, one.quantity, one.limit, one.lots) == (
            "SELL",
            "VTI",
            10,
            Decimal("199.5"),
            [(494715020211, 10)],
        )


@pytest.mark.parametrize("name", ["Position", "Product", "quantity", "positionId"])
def test_first_letters_may_be_small_or_large(name: str) -> None:
    wire = ApiWire()
    respond = wire.api.respond

    def swapped(call: Call) -> Any:
        reply = respond(call)
        reply.body = reply.body.replace(f'"{name}"'.encode(), f'"{name[0].swapcase()}{name[1:]}"'.encode())
        return reply

    wire.api.respond = swapped  # type: ignore[method-assign]
    assert EtradeBroker(Client(wire), PRODUCTION_CAN).snapshot(ACCOUNT) == TRUE["snapshot"]
