"""JSON Schemas (draft 2020-12) of the documents in `rebalkit.report.json_report`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DOCUMENTS", "schema_of"]

_DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_SYMBOL = {"type": "string", "pattern": "^[A-Z][A-Z0-9]{0,9}([./-][A-Z0-9]{1,5})?$"}
_PLAN_ID = {"type": "string", "pattern": "^[0-9a-f]{12}$"}
_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_SIDE = {"enum": ["buy", "sell"]}


def _said(schema: Mapping[str, Any], meaning: str) -> dict[str, Any]:
    return {**schema, "description": meaning}


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(schema), {"type": "null"}]}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


_REASON = {
    "type": "object",
    "description": "Why: a code, and beside it the numbers that belong to the code.",
    "properties": {"code": _CODE},
    "required": ["code"],
}
_FINDING = _object(
    code=_CODE,
    severity={"enum": ["info", "warning", "blocking"]},
    message=_TEXT,
    subject=_said(_TEXT, "Symbol, class, lot or account that it is about; empty for the whole."),
    details={"type": "object"},
)
_ORDER = _object(
    side=_SIDE,
    symbol=_SYMBOL,
    quantity=_said(_DECIMAL, "Shares."),
    lots=_said(_list(_object(lot=_TEXT, quantity=_DECIMAL)), "Lots that a sale names; empty for a purchase."),
    limit=_said(_DECIMAL, "USD a share that the plan counts with."),
    estimated=_said(_DECIMAL, "USD."),
    reason=_REASON,
)
_CLASS = _object(
    name=_TEXT,
    target=_said(_DECIMAL, "Percent."),
    value=_said(_DECIMAL, "USD now, at the bid."),
    percent=_said(_DECIMAL, "Percent of what all classes hold now."),
    sales=_said(_DECIMAL, "USD of proceeds."),
    after_sales=_said(_DECIMAL, "USD."),
    buy=_said(_or_null(_SYMBOL), "Symbol to buy; null when nothing is bought in the class."),
    buy_target=_said(_DECIMAL, "USD that the allocation gives to the class, before rounding to shares."),
    buy_quantity=_said(_DECIMAL, "Shares."),
    buy_cost=_said(_DECIMAL, "USD."),
    after=_said(_DECIMAL, "USD after the plan."),
    after_percent=_said(_DECIMAL, "Percent of what all classes hold after the plan."),
)
_SUMS = {
    "short_gain": _said(_DECIMAL, "USD of gains on lots held one year or less, before netting."),
    "short_loss": _said(_DECIMAL, "USD of losses on such lots, 0 or negative."),
    "long_gain": _said(_DECIMAL, "USD of gains on lots held more than one year, before netting."),
    "long_loss": _said(_DECIMAL, "USD of losses on such lots, 0 or negative."),
}
_PROMISE = _object(
    promise=_said(_TEXT, "Its name, unique."),
    group=_said(_list(_SYMBOL), "What must not be acquired, in any account."),
    account=_said(_TEXT, "Where the loss was taken."),
    sold=_DATE,
    through=_said(_DATE, "Last day on which a purchase washes the loss."),
    free_from=_said(_DATE, "First day on which it does not any more."),
    quantity=_said(_DECIMAL, "Shares that a purchase can wash at most."),
    loss=_said(_DECIMAL, "USD, positive: what is at stake."),
    plan_id=_said(_TEXT, "The plan that promised it."),
)
_PROMISES = _said(_list(_PROMISE), "What must not be bought: the promises of earlier plans that are in force, and of this one.")
_PLAN = _object(
    plan_id=_said(_PLAN_ID, "Equal plans have equal ids."),
    as_of=_DATE,
    account=_TEXT,
    strategy=_TEXT,
    classes=_list(_CLASS),
    orders=_said(_list(_ORDER), "Sales first."),
    not_traded=_list(_object(subject=_said(_TEXT, "Symbol, class or lot."), reason=_REASON)),
    tax=_object(**_SUMS, harvested=_said(_DECIMAL, "USD of all losses together, positive; gross, not a return.")),
    cash=_object(before=_DECIMAL, proceeds=_DECIMAL, spent=_DECIMAL, after=_DECIMAL),
    findings=_list(_FINDING),
    identical=_said(
        _list(
            _object(symbols=_list(_SYMBOL), index=_said(_or_null(_TEXT), "What all of them track; null where you declared them."))
        ),
        "Sets of symbols that the wash-sale rule treats as one.",
    ),
    promises=_PROMISES,
)
_LOT = _object(
    lot=_TEXT,
    symbol=_SYMBOL,
    quantity=_DECIMAL,
    acquired=_or_null(_DATE),
    term={"enum": ["short", "long", "unknown"]},
    cost=_or_null(_DECIMAL),
    value=_or_null(_DECIMAL),
    gain=_or_null(_DECIMAL),
)
_ACCOUNT = _object(
    as_of=_DATE,
    account=_TEXT,
    kind={"enum": ["taxable", "ira", "roth", "hsa", "401k", "spouse_taxable", "spouse_ira"]},
    total=_said(_DECIMAL, "USD, positions at the bid and cash."),
    classes=_said(_list(_object(name=_TEXT, target=_DECIMAL, value=_DECIMAL, percent=_DECIMAL)), "Empty without targets."),
    securities=_list(
        _object(
            symbol=_SYMBOL, quantity=_DECIMAL, price=_or_null(_DECIMAL), value=_or_null(_DECIMAL), **{"class": _or_null(_TEXT)}
        )
    ),
    lots=_list(_LOT),
    gains=_object(**_SUMS),
    cash=_object(settled=_DECIMAL, unsettled=_DECIMAL, total=_DECIMAL),
    findings=_list(_FINDING),
    notes=_said(_list(_TEXT), "Remarks on the data that was read."),
    promises=_PROMISES,
)
_RESULT = _object(
    client_id=_TEXT,
    side=_SIDE,
    symbol=_SYMBOL,
    planned=_said(_DECIMAL, "Shares that the plan wanted."),
    asked=_said(_DECIMAL, "Shares that were asked for."),
    filled=_said(_DECIMAL, "Shares."),
    average_price=_or_null(_DECIMAL),
    fees=_DECIMAL,
    state=_said({"enum": ["open", "filled", "cancelled", "expired", "rejected", None]}, "Null when it was never placed."),
    message=_TEXT,
)
_EXECUTION = _object(
    plan_id=_PLAN_ID,
    account=_TEXT,
    end={"enum": ["converged", "unfinished", "ticket", "stopped"]},
    orders=_list(_RESULT),
    cash=_object(before=_DECIMAL, after=_or_null(_DECIMAL)),
    verification=_said(_or_null(_object(plan_id=_PLAN_ID, orders=_list(_ORDER))), "The plan made afterwards; no orders = done."),
    plan=_said(_or_null(_PLAN), "The plan that was executed."),
)
_TITLES: dict[str, tuple[str, dict[str, Any]]] = {
    "plan": ("A plan", _PLAN),
    "account": ("An account as it stands", _ACCOUNT),
    "execution": ("What became of a plan", _EXECUTION),
}

DOCUMENTS = tuple(_TITLES)
"""Names of the documents that have a schema."""


def schema_of(document: str) -> dict[str, Any]:
    """The schema of ``document``, one of `DOCUMENTS`. Raises KeyError for any other name. Decimals are text, never JSON numbers."""
    title, schema = _TITLES[document]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
