"""Reading the files of wash-sale vectors. Their format is described in docs/reference/vectors.md."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import frozen

from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Action
from rebalkit.model.policy import HoldingMethod, OlderReplacement
from rebalkit.testing.shapes import Shape, amount, date, each, flag, mapping, named, number, record, refuse, text

__all__ = ["Kind", "Vector", "read_vector"]


class Kind(StrEnum):
    """What a vector asks about: a history, what a history means for trades to come, or the netting of a year."""

    LEDGER = "ledger"
    PLANNER = "planner"
    NETTING = "netting"


@frozen
class Vector:
    """One vector as it was read.

    Attributes:
        kind: What it asks about; told apart by its keys.
        id: Its name.
        description: What it shows.
        data: All of its keys, with amounts as fractions, dates as dates, and names as their meanings.
    """

    kind: Kind
    id: str
    description: str
    data: dict[str, Any]


_SIDES = {"drip": Action.REINVEST, **{action.value: action for action in Action}}
_KINDS = {"spouse": AccountKind.SPOUSE_TAXABLE, **{kind.value: kind for kind in AccountKind}}

_TRADE = record(
    {"id": text, "date": date, "account": text, "symbol": text, "side": named(_SIDES), "quantity": number, "price": number, "fees": number},
    {"lots": each(record({"lot": text, "quantity": number})), "order": text, "acquired": date, "transfer_of": text},
)  # fmt: skip
_ABOUT = {"id": text, "source": text, "description": text}
_NOTES = {"tags": each(text), "judgement": each(text), "note": text}
_HISTORY = {
    "accounts": each(record({"id": text, "kind": named(_KINDS)})),
    "groups": each(each(text)),
    "trades": each(_TRADE),
}
_POLICY = record(
    {},
    {
        "older_replacement": named({one.value: one for one in OlderReplacement}),
        "holding": named({one.value: one for one in HoldingMethod}),
    },
)

_REALIZED = record(
    {
        "trade": text, "lot": text, "term": named({"short": "short", "long": "long"}),
        "quantity": amount, "proceeds": amount, "basis": amount, "gain": amount,
        "disallowed": amount, "permanent": amount, "recognized": amount,
    }
)  # fmt: skip
_OPEN_LOT = record(
    {
        "lot": text, "account": text, "symbol": text, "quantity": amount, "basis_total": amount,
        "acquired": date, "deemed_acquired": date, "holding_period_start": date,
    }
)  # fmt: skip
_MATCH = record(
    {"trade": text, "loss_lot": text, "replacement_lot": text, "quantity": amount, "amount": amount, "permanent": flag}
)
_FIGURES = record(
    {"realized": each(_REALIZED), "open_lots": each(_OPEN_LOT), "matches": each(_MATCH)},
    {"years": mapping(record({"short": amount, "long": amount})), "broker_disallowed": mapping(amount)},
)
_EXPOSURE = record(
    {"group": text, "trade": text, "quantity": amount, "loss": amount, "do_not_buy_through": date, "clean_from": date}
)
_BLOCKER = record({"lot": text, "quantity": amount, "clean_from": date, "permanent": flag})
_QUERIES = {
    "exposures": record({"ask": text, "as_of": date, "answer": each(_EXPOSURE)}, {"note": text}),
    "backward": record({"ask": text, "as_of": date, "lot": text, "answer": each(_BLOCKER)}, {"note": text}),
    "effect": record({"ask": text, "trades": each(_TRADE), "answer": mapping(amount)}, {"note": text}),
}
_YEAR = {"short": number, "long": number}
_NETTED = ("st_net", "lt_net", "net", "deduction", "st_carry", "lt_carry")


def _expected(value: Any, place: str) -> Any:
    if isinstance(value, dict) and "error" in value:
        found = record({"error": flag})(value, place)
        if not found["error"]:
            raise refuse("an error is either expected or not named", f"{place}.error")
        return found
    return _FIGURES(value, place)


def _query(value: Any, place: str) -> Any:
    ask = value.get("ask") if isinstance(value, dict) else None
    if ask not in _QUERIES:
        raise refuse(f"{ask!r} is not one of {', '.join(_QUERIES)}", f"{place}.ask")
    return _QUERIES[ask](value, place)


_VECTORS: dict[Kind, Shape] = {
    Kind.LEDGER: record({**_ABOUT, **_HISTORY, "expected": _expected}, {**_NOTES, "policy": _POLICY}),
    Kind.PLANNER: record({**_ABOUT, **_HISTORY, "queries": each(_query)}, {**_NOTES, "policy": _POLICY}),
    Kind.NETTING: record(
        {
            **_ABOUT,
            "input": record(_YEAR, {"carry_short": number, "carry_long": number, "limit": number}),
            "expected": record(dict.fromkeys(_NETTED, amount)),
        },
        _NOTES,
    ),
}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object as a dictionary. ``json`` itself would keep the last of two equal keys and say nothing."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise refuse("a key stands twice in one object", "")
    return found


def read_vector(path: Path) -> Vector:
    """Read one vector.

    Raises:
        DataError: The file cannot be read, is no JSON, or is no vector: a key is unknown or missing, a value has the wrong form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (OSError, ValueError) as problem:
        raise DataError(str(problem), code="vector") from None
    keys = found.keys() if isinstance(found, dict) else ()
    kind = Kind.PLANNER if "queries" in keys else Kind.NETTING if "input" in keys else Kind.LEDGER
    data = _VECTORS[kind](found, "")
    return Vector(kind, data["id"], data["description"], data)
