"""Short histories for the tests of the tax year, written one line a trade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from rebalkit.config.profile import ProfileConfig
from rebalkit.model import IdentityGroups, WashPolicy
from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.report.tax_report import TaxReport
from rebalkit.tax.broker_view import broker_rows
from rebalkit.tax.ledger import Ledger, RealisedRow, build_ledger
from rebalkit.tax.profile import TaxProfile, deduction_limit
from rebalkit.tax.trades import Trade
from rebalkit.tax.year import TaxYear

KINDS = {"main": AccountKind.TAXABLE, "other": AccountKind.TAXABLE, "ira": AccountKind.IRA}


def trade(line: str) -> Trade:
    """``B1 2025-01-02 main buy 10 VOO 500.25`` or, with fees, a lot or both, ``S1 2025-03-03 main sell 4 VOO 480 1.50 B1``."""
    name, day, account, action, shares, symbol, price, *more = line.split()
    lots = [one for one in more if one[0].isalpha()]
    fees = next((one for one in more if one not in lots), "0")
    kind = Action(action)
    return Trade.of(
        name, dt.date.fromisoformat(day), account, symbol, kind, shares, price, fees, lots=[(one, shares) for one in lots]
    )


def trades(text: str) -> list[Trade]:
    """The trades of a text, one a line."""
    return [trade(line) for line in text.strip().splitlines()]


def ledger(text: str, groups: Iterable[Iterable[str]] = (), kinds: Mapping[str, AccountKind] = KINDS) -> Ledger:
    """The ledger of a text."""
    return build_ledger(trades(text), kinds, WashPolicy(IdentityGroups(tuple(tuple(one) for one in groups))))


def single_brokers(text: str) -> list[RealisedRow]:
    """What each broker would report by itself: a ledger for each account and symbol."""
    by_place: dict[tuple[str, str], list[Trade]] = {}
    for one in trades(text):
        by_place.setdefault((one.account, one.symbol), []).append(one)
    return [row for (account, _), own in by_place.items() for row in build_ledger(own, {account: KINDS[account]}).realised]


RICH = """
M1 2022-05-02 main buy 40 VOO 378.915 1.00
M2 2024-11-04 main buy 30 VTI 281.3333 1.25
M3 2025-02-10 main buy 12.345678 VTI 299.1111
S1 2025-03-04 main sell 30 VTI 275.333 1.00 M2
J1 2025-03-10 joint buy 12.5 VTI 270.4567
R1 2025-03-20 roth reinvest 1.25 VTI 272
S2 2025-04-08 main sell 25 VOO 455.14 0.95
J2 2025-04-15 joint buy 3 IVV 540
S3 2025-06-16 joint sell 12.5 VTI 266.1 0.50
S4 2025-09-15 main sell 12.345678 VTI 290.5
S5 2025-12-19 main sell 15 VOO 350.25
J3 2026-01-05 joint buy 4 IVV 630
"""
"""Washed at another broker, by a Roth IRA and by another fund of the index; fractions of a share and of a cent; both terms."""

RICH_KINDS = {"main": AccountKind.TAXABLE, "joint": AccountKind.TAXABLE, "roth": AccountKind.ROTH}
RICH_GROUPS = (("IVV", "VOO"),)


def rich_report(said: ProfileConfig | None = None, carry_short: str = "5000", notes: tuple[str, ...] = ()) -> TaxReport:
    """The report of 2025 of that history."""
    books = ledger(RICH, RICH_GROUPS, RICH_KINDS)
    broker = [row for rows in broker_rows(trades(RICH), RICH_KINDS).values() for row in rows]
    limit = deduction_limit(said)
    year = TaxYear.of(books, 2025, carry_short=Decimal(carry_short), limit=limit, broker=broker)
    matches = tuple(one for one in books.matches if one.sold.year == 2025)
    profile = said and TaxProfile.of(said, 2025)
    return TaxReport(year, profile, RICH_KINDS, RICH_GROUPS, matches, notes)
