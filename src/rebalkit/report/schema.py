"""JSON Schemas (draft 2020-12) of the documents that --json prints."""

from __future__ import annotations

from typing import Any

from rebalkit.report.export_schema import EXPORT
from rebalkit.report.journal_words import JOURNAL
from rebalkit.report.run_status import JOURNALS
from rebalkit.report.schema_types import (
    CODE,
    DATE,
    DECIMAL,
    HASH,
    NUMBER,
    PLAN_ID,
    SIDE,
    SYMBOL,
    TEXT,
    list_of,
    obj,
    or_null,
    said,
)
from rebalkit.report.tax_schema import FORM_8949, TAX_LEDGER, TAX_YEAR
from rebalkit.report.wash_schema import WASH

__all__ = ["DOCUMENTS", "schema_of"]

_REASON = {
    "type": "object",
    "description": "Why: a code, and beside it the numbers that belong to the code.",
    "properties": {"code": CODE},
    "required": ["code"],
}
_FINDING = obj(
    code=CODE,
    severity={"enum": ["info", "warning", "blocking"]},
    message=TEXT,
    subject=said(TEXT, "Symbol, class, lot or account that it is about; empty for the whole."),
    details={"type": "object"},
)
_ORDER = obj(
    side=SIDE,
    symbol=SYMBOL,
    quantity=said(DECIMAL, "Shares."),
    lots=said(list_of(obj(lot=TEXT, quantity=DECIMAL)), "Lots that a sale names; empty for a purchase."),
    limit=said(DECIMAL, "USD a share that the plan counts with."),
    estimated=said(DECIMAL, "USD."),
    reason=_REASON,
)
_CLASS = obj(
    name=TEXT,
    target=said(DECIMAL, "Percent."),
    value=said(DECIMAL, "USD now, at the bid."),
    percent=said(DECIMAL, "Percent of what all classes hold now."),
    sales=said(DECIMAL, "USD of proceeds."),
    after_sales=said(DECIMAL, "USD."),
    buy=said(or_null(SYMBOL), "Symbol chosen to be bought; null when none is. Of one chosen, `buy_quantity` can still be 0."),
    buy_target=said(DECIMAL, "USD that the allocation gives to the class, before rounding to shares."),
    buy_quantity=said(DECIMAL, "Shares."),
    buy_cost=said(DECIMAL, "USD."),
    after=said(DECIMAL, "USD after the plan."),
    after_percent=said(DECIMAL, "Percent of what all classes hold after the plan."),
)
_SUMS = {
    "short_gain": said(DECIMAL, "USD of gains on lots held one year or less, before netting."),
    "short_loss": said(DECIMAL, "USD of losses on such lots, 0 or negative."),
    "long_gain": said(DECIMAL, "USD of gains on lots held more than one year, before netting."),
    "long_loss": said(DECIMAL, "USD of losses on such lots, 0 or negative."),
}
_PROMISE = {
    "promise": said(TEXT, "Its name, unique."),
    "group": said(list_of(SYMBOL), "What must not be acquired, in any account."),
    "account": said(TEXT, "Where the loss was taken."),
    "sold": DATE,
    "through": said(DATE, "Last day on which a purchase washes the loss."),
    "free_from": said(DATE, "First day on which it does not any more."),
    "quantity": said(DECIMAL, "Shares that a purchase can wash at most."),
    "loss": said(DECIMAL, "USD, positive: what is at stake."),
    "plan_id": said(TEXT, "The plan that promised it."),
}
_KEPT = obj(promises=list_of(obj(scope=said(TEXT, "`household`, or which paper account: whom it binds."), **_PROMISE)))
_PROMISES = said(
    list_of(obj(**_PROMISE)), "What must not be bought: the promises of earlier plans that are in force, and of this one."
)
_PLAN = obj(
    plan_id=said(PLAN_ID, "Equal plans have equal ids."),
    as_of=DATE,
    account=TEXT,
    strategy=TEXT,
    classes=list_of(_CLASS),
    orders=said(list_of(_ORDER), "Sales first."),
    not_traded=list_of(obj(subject=said(TEXT, "Symbol, class or lot."), reason=_REASON)),
    tax=obj(**_SUMS, harvested=said(DECIMAL, "USD of all losses together, positive; gross, not a return.")),
    cash=obj(before=DECIMAL, proceeds=DECIMAL, spent=DECIMAL, after=DECIMAL),
    findings=list_of(_FINDING),
    identical=said(
        list_of(obj(symbols=list_of(SYMBOL), index=said(or_null(TEXT), "What all of them track; null where you declared them."))),
        "Sets of symbols that the wash-sale rule treats as one.",
    ),
    promises=_PROMISES,
)
_LOT = obj(
    lot=TEXT,
    symbol=SYMBOL,
    quantity=DECIMAL,
    acquired=or_null(DATE),
    term={"enum": ["short", "long", "unknown"]},
    cost=or_null(DECIMAL),
    value=or_null(DECIMAL),
    gain=or_null(DECIMAL),
)
_ACCOUNT = obj(
    as_of=DATE,
    account=TEXT,
    kind={"enum": ["taxable", "ira", "roth", "hsa", "401k", "spouse_taxable", "spouse_ira"]},
    total=said(DECIMAL, "USD, positions at the bid and cash."),
    classes=said(list_of(obj(name=TEXT, target=DECIMAL, value=DECIMAL, percent=DECIMAL)), "Empty without targets."),
    securities=list_of(
        obj(symbol=SYMBOL, quantity=DECIMAL, price=or_null(DECIMAL), value=or_null(DECIMAL), **{"class": or_null(TEXT)})
    ),
    lots=list_of(_LOT),
    gains=obj(**_SUMS),
    cash=obj(settled=DECIMAL, unsettled=DECIMAL, total=DECIMAL),
    findings=list_of(_FINDING),
    notes=said(list_of(TEXT), "Remarks on the data that was read."),
    promises=_PROMISES,
)
_RESULT = obj(
    client_id=TEXT,
    side=SIDE,
    symbol=SYMBOL,
    planned=said(DECIMAL, "Shares that the plan wanted."),
    asked=said(DECIMAL, "Shares that were asked for."),
    filled=said(DECIMAL, "Shares."),
    average_price=or_null(DECIMAL),
    fees=DECIMAL,
    state=said({"enum": ["open", "filled", "cancelled", "expired", "rejected", None]}, "Null when it was never placed."),
    message=TEXT,
)
_EXECUTION = obj(
    plan_id=PLAN_ID,
    account=TEXT,
    end={"enum": ["converged", "unfinished", "ticket", "stopped", "given_up"]},
    orders=list_of(_RESULT),
    cash=obj(before=DECIMAL, after=or_null(DECIMAL)),
    live=said({"enum": [True, False, None]}, "Whether its orders moved real money; null where the broker takes none."),
    journal=said(
        or_null(obj(events=NUMBER, head=HASH)),
        "How far the journal of the account was: how many events, and the hash of the last one, which stands for all of them.",
    ),
    verification=said(or_null(obj(plan_id=PLAN_ID, orders=list_of(_ORDER))), "The plan made afterwards; no orders = done."),
    plan=said(or_null(_PLAN), "The plan that was executed."),
)
_TITLES: dict[str, tuple[str, dict[str, Any]]] = {
    "plan": ("A plan", _PLAN),
    "account": ("An account as it stands", _ACCOUNT),
    "execution": ("What became of a plan", _EXECUTION),
    "status": ("What is under way: what `rebalkit status --json` prints", JOURNALS),
    "journal": (
        "The record of all orders: what `rebalkit journal show --json` and `rebalkit journal verify --json` print",
        JOURNAL,
    ),
    "check-export": ("A comparison with a downloaded portfolio: what `rebalkit check-export --json` prints", EXPORT),
    "promises": ("What must not be bought: what `rebalkit promises list --json` prints", _KEPT),
    "wash": ("What may be bought, and sold at a loss: what `rebalkit wash --json` prints", WASH),
    "tax-ledger": ("The wash-sale ledger: what `rebalkit tax ledger --json` prints", TAX_LEDGER),
    "tax-year": ("A tax year: what `rebalkit tax year --json` prints", TAX_YEAR),
    "form-8949": ("The rows of Form 8949: what `rebalkit tax 8949 --json` prints", FORM_8949),
}

DOCUMENTS = tuple(_TITLES)
"""Names of the documents that have a schema."""


def schema_of(document: str) -> dict[str, Any]:
    """The schema of ``document``, one of `DOCUMENTS`. Raises KeyError for any other name. Decimals are text, never JSON numbers."""
    title, schema = _TITLES[document]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
