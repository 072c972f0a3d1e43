"""The answer about the wash-sale rule as a JSON document. `rebalkit.report.wash_schema` describes it."""

from __future__ import annotations

from typing import Any

from rebalkit.money import from_micros, from_nanos, plain, trim
from rebalkit.report.tax_json import exact
from rebalkit.report.wash_answer import WashAnswer, last_day
from rebalkit.serial import to_plain
from rebalkit.tax.clean import CleanLot
from rebalkit.tax.trial import Trial
from rebalkit.tax.wash_view import Exposed, Recent

__all__ = ["wash_document"]


def wash_document(answer: WashAnswer) -> dict[str, Any]:
    """All of ``answer``."""
    return {
        "as_of": to_plain(answer.as_of),
        "account": answer.account,
        "kind": answer.kind.value,
        "symbol": answer.symbol,
        "identical": list(answer.identical),
        "index": answer.index,
        "buying": {
            "allowed": answer.buy_from is None,
            "free_from": to_plain(answer.buy_from),
            "exposed": [_exposed(one) for one in answer.exposed],
            "asked": None if answer.purchase is None else _trial(answer.purchase),
        },
        "selling": {
            "price": to_plain(answer.quote.bid) if answer.quote is not None and answer.quote.sane else None,
            "lots": [_lot(one) for one in answer.lots],
            "one_order": list(answer.one_order),
            "free_from": to_plain(answer.sell_from),
            "asked": None if answer.sale is None else _trial(answer.sale),
        },
        "elsewhere": [to_plain(one) for one in answer.elsewhere],
        "hazards": [to_plain(one) for one in answer.hazards],
    }


def _exposed(one: Exposed) -> dict[str, Any]:
    return {
        "what": one.what,
        "symbol": one.symbol,
        "account": one.account,
        "sold": to_plain(one.sold),
        "quantity": to_plain(trim(from_micros(one.micros))),
        "loss": None if one.loss is None else to_plain(trim(from_nanos(one.loss))),
        "through": to_plain(last_day(one)),
        "free_from": to_plain(one.free_from),
    }


def _lot(one: CleanLot) -> dict[str, Any]:
    return {
        "lot": one.lot,
        "quantity": to_plain(one.quantity),
        "acquired": to_plain(one.acquired),
        "deemed_acquired": to_plain(one.deemed),
        "terms": ["long" if long else "short" for long in sorted(one.long)],
        "basis": None if one.basis is None else exact(one.basis),
        "gain": None if one.gain is None else exact(one.gain),
        "loses": one.loses,
        "clean": to_plain(trim(one.clean)),
        "together": None if one.together is None else list(one.together),
        "free_from": to_plain(one.free_from),
        "obstacles": [_obstacle(other) for other in one.obstacles],
    }


def _obstacle(one: Recent) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "account": one.account,
        "lots": list(one.lots),
        "open_order": one.open_order,
        "acquired": to_plain(one.acquired),
        "quantity": plain(from_micros(one.micros)),
        "free_from": to_plain(one.free_from),
        "permanent": not one.taxable,
    }


def _trial(one: Trial) -> dict[str, Any]:
    return {
        "account": one.account,
        "quantity": to_plain(trim(one.quantity)),
        "lots": [to_plain(lot) for lot in one.lots],
        "washed": exact(one.washed),
        "permanent": exact(one.permanent),
        "matches": [
            {
                "symbol": match.symbol,
                "account": match.account,
                "sold": to_plain(match.sold),
                "replacement_symbol": match.replacement_symbol,
                "replacement_account": match.replacement_account,
                "replaced_on": to_plain(match.replaced_on),
                "quantity": exact(match.quantity),
                "amount": exact(match.amount),
                "permanent": match.permanent,
            }
            for match in one.matches
        ],
    }
