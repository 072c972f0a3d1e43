"""The JSON Schema of a comparison with a downloaded portfolio."""

from __future__ import annotations

from rebalkit.report.schema_types import NUMBER, TEXT, list_of, obj, or_null, said

__all__ = ["EXPORT"]

EXPORT = obj(
    file=said(TEXT, "The file."),
    account=said(TEXT, "The account, by the broker's name of it."),
    told_account=said({"type": "boolean"}, "Whether the file says whose it is, so that it was seen to be this account's."),
    made=said(or_null({"type": "string", "format": "date-time"}), "When the file was made; null where it does not say."),
    compared=said(NUMBER, "How many positions of the file were compared."),
    unmanaged=said(
        list_of(TEXT), "What the file has beside them and nobody manages; compared by its shares where both name it by a ticker."
    ),
    equal=said({"type": "boolean"}, "Whether nothing differs."),
    differences=list_of(
        obj(
            what=said({"enum": ["position", "quantity", "value", "cash", "lot"]}, "What differs."),
            symbol=said(or_null(TEXT), "Null for cash."),
            file=said(TEXT, "What the file says."),
            broker=said(TEXT, "What the broker's API says."),
        )
    ),
)
