"""JSON Schemas of the documents of the ledger and the tax year."""

from __future__ import annotations

from rebalkit.config.profile import FilingStatus
from rebalkit.model import AccountKind
from rebalkit.report.schema_types import DATE, DECIMAL, SYMBOL, TEXT, list_of, obj, or_null, said

__all__ = ["FORM_8949", "TAX_LEDGER", "TAX_YEAR"]

_TERM = {"enum": ["short", "long"]}
_YEAR = {"type": "integer"}
_FLAG = {"type": "boolean"}
_BY_TERM = obj(short=DECIMAL, long=DECIMAL)
_ROW = obj(
    part=said({"enum": ["I", "II"]}, "Part of the form: I short-term, II long-term."),
    box=said({"enum": ["A", "D"]}, "Box of the part: reported on Form 1099-B with its basis."),
    term=_TERM,
    description=said(TEXT, "Column a."),
    acquired=said(DATE, "Column b: the day on which the shares were really acquired."),
    sold=said(DATE, "Column c."),
    proceeds=said(DECIMAL, "Column d: USD, net of selling fees."),
    basis=said(DECIMAL, "Column e: USD, with the additions of earlier wash sales."),
    code=said({"enum": ["", "T", "TW", "W"]}, "Column f: W wash sale, T the broker reports the other term."),
    adjustment=said(DECIMAL, "Column g: USD of loss disallowed, 0 or more."),
    gain=said(DECIMAL, "Column h: d − e + g, what is recognised."),
    permanent=said(DECIMAL, "USD of the adjustment that is added to no basis."),
    account=TEXT,
    symbol=SYMBOL,
    quantity=said(DECIMAL, "Shares."),
    sale=said(TEXT, "Id of the sale."),
    lot=said(TEXT, "Id of the lot."),
    broker=said(
        or_null(
            obj(
                term=said(_TERM, "Box 2."),
                basis=said(DECIMAL, "Box 1e: USD."),
                disallowed=said(DECIMAL, "Box 1g: USD, 0 or more."),
            )
        ),
        "What the broker's Form 1099-B says, which looks at one account and one security; null when that is not known.",
    ),
    differs=said(list_of({"enum": ["1e", "1g", "2"]}), "Boxes of Form 1099-B that say something else."),
)
_MATCH = obj(
    sale=TEXT,
    loss_lot=TEXT,
    replacement_lot=TEXT,
    symbol=SYMBOL,
    replacement_symbol=SYMBOL,
    account=TEXT,
    replacement_account=TEXT,
    sold=DATE,
    replaced_on=said(DATE, "Day on which the replacement was really acquired."),
    permanent=said(_FLAG, "Whether the loss is added to no basis."),
    deemed_acquired=said(DATE, "The date from which the replacement is deemed held."),
    quantity=said(DECIMAL, "Shares, to a billionth."),
    amount=said(DECIMAL, "USD of loss disallowed, to a billionth."),
    explanation=said(TEXT, "All of it in words, with the rules and their sources."),
    rules=said(list_of(obj(rule=TEXT, words=TEXT, source=TEXT)), "The rules that it rests on."),
)
_OPEN_LOT = obj(
    lot=TEXT,
    account=TEXT,
    symbol=SYMBOL,
    replaced=said(_FLAG, "Whether the shares have replaced a loss."),
    acquired=said(or_null(DATE), "Null when it is not known."),
    deemed_acquired=or_null(DATE),
    holding_period_start=said(or_null(DATE), "The day after the deemed acquisition."),
    quantity=said(DECIMAL, "Shares, to a billionth."),
    basis=said(
        or_null(DECIMAL), "USD in total, to a billionth, with the additions of wash sales; null when the cost is not known."
    ),
    added=said(DECIMAL, "USD that wash sales added."),
)
_LINE = obj(
    line=said(TEXT, "Number of the line of Schedule D (Form 1040)."),
    label=TEXT,
    gain=said(DECIMAL, "Column h: USD; a loss is below 0."),
    proceeds=said(or_null(DECIMAL), "Column d; null on a line without it."),
    basis=said(or_null(DECIMAL), "Column e."),
    adjustment=said(or_null(DECIMAL), "Column g."),
)
_NETTING = obj(
    short=said(DECIMAL, "USD, after what was carried in."),
    long=DECIMAL,
    net=said(DECIMAL, "Both together."),
    deduction=said(DECIMAL, "USD of a net loss that is deducted this year, 0 or more."),
    carry_short=said(DECIMAL, "USD of short-term loss for the next year, 0 or more."),
    carry_long=DECIMAL,
)
_PROFILE = obj(
    year=_YEAR,
    status={"enum": [one.value for one in FilingStatus]},
    short_rate=said(DECIMAL, "Percent of the next dollar."),
    long_rate=DECIMAL,
    net_investment_rate=said(or_null(DECIMAL), "Null when it is not known whether the tax is due; it is not counted then."),
    state_rate=said(or_null(DECIMAL), "Null when it is not known; no state tax is counted then."),
    sources=said(list_of(TEXT), "Where each rate comes from."),
)
_ESTIMATE = obj(
    federal_short=said(DECIMAL, "USD; below 0 what is saved."),
    federal_long=DECIMAL,
    net_investment=or_null(DECIMAL),
    state=or_null(DECIMAL),
    total=DECIMAL,
)
_NOTES = said(list_of(TEXT), "Remarks on the files that were read.")

TAX_LEDGER = obj(
    accounts=list_of(obj(account=TEXT, kind={"enum": [one.value for one in AccountKind]})),
    realised=said(list_of(_ROW), "Sales in taxable accounts, by year, in whole cents."),
    matches=said(list_of(_MATCH), "Which shares replace which, and why."),
    open_lots=said(list_of(_OPEN_LOT), "What is still held."),
    notes=_NOTES,
)
TAX_YEAR = obj(
    year=_YEAR,
    accounts=list_of(obj(account=TEXT, kind={"enum": [one.value for one in AccountKind]})),
    identical=said(list_of(list_of(SYMBOL)), "Sets of symbols that were treated as identical, as far as they were traded."),
    recognised=said(_BY_TERM, "USD, before what was carried in."),
    disallowed=said(DECIMAL, "USD that wash sales take away, 0 or more."),
    permanent=said(DECIMAL, "USD of it that is added to no basis."),
    carried_in=said(_BY_TERM, "USD of loss carried in, as it was given, 0 or more."),
    limit=said(DECIMAL, "USD that may be deducted of a net loss."),
    netting=_NETTING,
    schedule_d=list_of(_LINE),
    profile=said(or_null(_PROFILE), "Rates; null without a [tax.profile]."),
    tax=said(or_null(_ESTIMATE), "What the year costs, or saves, estimated; null without a [tax.profile]."),
    rows=said(list_of(_ROW), "The rows of Form 8949."),
    notes=_NOTES,
)
FORM_8949 = obj(
    year=_YEAR,
    rows=list_of(_ROW),
    totals=said(list_of(_LINE), "The lines of Schedule D that hold their sums."),
    notes=_NOTES,
)
