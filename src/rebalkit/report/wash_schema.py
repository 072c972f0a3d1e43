"""JSON Schema of the answer about the wash-sale rule."""

from __future__ import annotations

from rebalkit.model import AccountKind
from rebalkit.report.schema_types import CODE, DATE, DECIMAL, SYMBOL, TEXT, list_of, obj, or_null, said

__all__ = ["WASH"]

_FLAG = {"type": "boolean"}
_KIND = {"enum": [one.value for one in AccountKind]}
_TRIAL = obj(
    account=TEXT,
    quantity=said(DECIMAL, "Shares."),
    lots=said(list_of(obj(lot=TEXT, quantity=DECIMAL)), "Of a sale the lots."),
    washed=said(DECIMAL, "USD of loss that would be disallowed, 0 or more."),
    permanent=said(DECIMAL, "USD of it that would be lost for good."),
    matches=said(
        list_of(
            obj(
                symbol=said(SYMBOL, "What is sold at a loss."),
                account=TEXT,
                sold=DATE,
                replacement_symbol=SYMBOL,
                replacement_account=TEXT,
                replaced_on=DATE,
                quantity=said(DECIMAL, "Shares."),
                amount=said(DECIMAL, "USD of loss."),
                permanent=_FLAG,
            )
        ),
        "Which shares would replace which.",
    ),
)
WASH = obj(
    as_of=DATE,
    account=said(TEXT, "The account that would sell, or buy."),
    kind=_KIND,
    symbol=SYMBOL,
    identical=said(list_of(SYMBOL), "All symbols that count as one with it, itself among them."),
    index=said(
        or_null(TEXT), "The index that all of them track by the built-in table; null when they were declared, or it is alone."
    ),
    buying=obj(
        allowed=said(_FLAG, "Whether a purchase today takes no earlier loss away."),
        free_from=said(or_null(DATE), "First day on which it does not; null: today."),
        exposed=said(
            list_of(
                obj(
                    what={"enum": ["sale", "open order", "promise"]},
                    symbol=SYMBOL,
                    account=TEXT,
                    sold=DATE,
                    quantity=said(DECIMAL, "Shares whose loss is at stake."),
                    loss=said(or_null(DECIMAL), "USD, above 0; null when it is not known."),
                    through=said(DATE, "Last day on which a purchase takes it away."),
                    free_from=DATE,
                )
            ),
            "The losses that a purchase would take away, the earliest first.",
        ),
        asked=said(or_null(_TRIAL), "The purchase asked about (`--buy`)."),
    ),
    selling=obj(
        price=said(or_null(DECIMAL), "The bid, USD; null without a quote."),
        lots=said(
            list_of(
                obj(
                    lot=TEXT,
                    quantity=DECIMAL,
                    acquired=or_null(DATE),
                    deemed_acquired=said(or_null(DATE), "The earliest date from which shares of it are deemed held."),
                    terms=said(list_of({"enum": ["short", "long"]}), "Both, where its parts differ; empty when it is not known."),
                    basis=said(or_null(DECIMAL), "USD, with the additions of wash sales; null when the cost is not known."),
                    gain=said(or_null(DECIMAL), "USD at the bid."),
                    loses=said(
                        or_null(_FLAG), "Whether some share would be sold at a loss that counts; null when it is not known."
                    ),
                    clean=said(DECIMAL, "Shares that may be sold at a loss when nothing else is sold."),
                    together=said(
                        or_null(list_of(TEXT)),
                        "Lots to sell whole in one order with the whole of this one, so that nothing is washed; null: there are none.",
                    ),
                    free_from=said(or_null(DATE), "First day on which nothing stands in the way; null: today."),
                    obstacles=said(
                        list_of(
                            obj(
                                symbol=SYMBOL,
                                account=TEXT,
                                lots=said(list_of(TEXT), "Lots of that account."),
                                open_order=said(or_null(TEXT), "The order, where they are not bought yet."),
                                acquired=DATE,
                                quantity=said(DECIMAL, "Shares: each takes the loss of one away."),
                                free_from=DATE,
                                permanent=said(_FLAG, "Whether the loss would be lost for good."),
                            )
                        ),
                        "What stands in the way.",
                    ),
                )
            ),
            "The lots of the security in the account.",
        ),
        one_order=said(list_of(TEXT), "Lots that sold whole in one order take as much loss as can be taken without a wash."),
        free_from=said(or_null(DATE), "First day on which every lot may be sold at a loss; null: today."),
        asked=said(or_null(_TRIAL), "The sale asked about (`--sell`)."),
    ),
    elsewhere=said(
        list_of(obj(account=TEXT, kind=_KIND, symbol=SYMBOL, quantity=DECIMAL)),
        "What is held otherwise of the symbols that count as one.",
    ),
    hazards=said(
        list_of(
            obj(
                code=CODE,
                severity={"enum": ["info", "warning", "blocking"]},
                message=TEXT,
                subject=TEXT,
                details={"type": "object"},
            )
        ),
        "What could spoil the answer.",
    ),
)
"""Schema of the document."""
