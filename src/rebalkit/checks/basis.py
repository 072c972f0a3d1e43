"""Where the ledger knows a lot better than its broker: a wash sale in another account has raised its basis, or made it older."""

from __future__ import annotations

from collections.abc import Container, Iterator
from fractions import Fraction

from rebalkit.checks.findings import info, warning
from rebalkit.model.findings import Finding
from rebalkit.money import CENT, MICRO, from_cents
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.ledger import OpenLot
from rebalkit.tax.wash_view import WashView

__all__ = ["basis_findings"]


def basis_findings(view: WashView, sold: Container[str]) -> Iterator[Finding]:
    """``basis_differs`` for each lot of the planned account that has taken over a loss which its broker's cost does not show.

    A broker looks at one account and one security only (26 USC 6045(g)(2)(B)(ii)). A plan counts with the broker's figures; the tax
    return has to use the others. It is a warning for a lot that is sold, an info for one that is kept.
    """
    account = view.snapshot.account
    raised: dict[str, list[OpenLot]] = {}
    for one in view.ledger.open_lots:
        if one.added and one.account == account.account:
            raised.setdefault(one.lot, []).append(one)
    if not raised:
        return
    held: dict[str, list[OpenLot]] = {}
    for one in view.ledger.open_lots:
        held.setdefault(one.lot, []).append(one)
    for lot in account.lots:
        parts = view.past.lots[account.account, lot.lot]
        if lot.cost is None or not any(trade in raised for trade, _ in parts):
            continue
        basis = sum([_share(held[trade], micros) for trade, micros in parts if trade in held], Fraction(0))
        dollars = from_cents(nearest_cent(basis))
        if dollars <= lot.cost + CENT:
            continue
        since = min([one.deemed_acquired for trade, _ in parts for one in raised.get(trade, ())])
        message = (
            f"Lot {lot.lot} of {lot.symbol} costs {lot.cost:,f} USD by its broker and {dollars:,f} USD by the ledger of all accounts: it "
            f"took over losses that wash sales disallowed, and part of it counts as held since {since}. The plan counts with the broker's "
            "cost and date; the tax return takes the ledger's."
        )
        say = warning if lot.lot in sold else info
        details = {"lot": lot.lot, "cost": f"{lot.cost:f}", "basis": f"{dollars:f}", "held_since": since.isoformat()}
        yield say("basis_differs", message, lot.symbol, **details)


def _share(of_trade: list[OpenLot], micros: int) -> Fraction:
    """The basis of so many micro-shares of what is left of one purchase, in proportion."""
    basis = sum([one.basis for one in of_trade], Fraction(0))
    return basis * Fraction(micros, MICRO) / sum([one.quantity for one in of_trade], Fraction(0))
