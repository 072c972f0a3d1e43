"""E*TRADE through the protocol that every broker has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, ConfigError, DataError, LoginRequired
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    PlaceResult,
    Quote,
    Transaction,
)
from rebalkit.plugin import BrokerCapabilities
from rebalkit_etrade.client import Client
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import Account, HistoryRow, QuoteRow
from rebalkit_etrade.redaction import named
from rebalkit_etrade.trading.belonging import refuse_another
from rebalkit_etrade.trading.declared import Declared
from rebalkit_etrade.trading.history import RECENT, happened
from rebalkit_etrade.trading.kinds import is_known, is_managed, kind_of
from rebalkit_etrade.trading.listing import ORDER_DAYS, statuses_in
from rebalkit_etrade.trading.movements import reinvested_in
from rebalkit_etrade.trading.placing import Desk
from rebalkit_etrade.trading.snapshot import Reader

__all__ = ["EtradeBroker"]

_HISTORY = dt.timedelta(days=729)
"""How far back transactions go: two years, by one of two sentences that contradict each other (documented)."""
_SETTLED = dt.timedelta(days=10)
"""Transactions before these days do not change any more, and are asked for once."""


class EtradeBroker:
    """A customer's accounts at E*TRADE.

    Args:
        client: Asks E*TRADE.
        capabilities: What it can do in this environment.
        declared: What the person says of what E*TRADE does not tell.
    """

    def __init__(self, client: Client, capabilities: BrokerCapabilities, declared: Declared | None = None) -> None:
        self.capabilities = capabilities
        self._declared = declared or Declared()
        self._client = client
        self._desk = Desk(client, self.now)
        self._accounts: dict[str, Account] = {}
        self._notes: dict[tuple[str, str], Sequence[str]] = {}
        self._others: dict[str, Mapping[str, Decimal]] = {}
        self._unseen: list[str] = []
        self._settled: dict[str, tuple[dt.date, tuple[HistoryRow, ...]]] = {}

    def now(self) -> dt.datetime:
        """What time it is at E*TRADE, by its last answer."""
        moment = self._client.moment()
        if moment is None:
            self._client.accounts()
            moment = self._client.moment()
        if moment is None:
            raise BrokerError("E*TRADE does not say what time it is", code="no_time")
        return moment

    def today(self) -> dt.date:
        """The day in New York."""
        return self.now().astimezone(NEW_YORK).date()

    def accounts(self) -> Sequence[AccountRef]:
        """The brokerage accounts in use, by their numbers."""
        everything = self._client.accounts()
        found = [one for one in everything if is_managed(one)]
        since = self.today() - RECENT
        self._unseen = [
            _why_unseen(one) for one in everything if one not in found and (one.closed is None or one.closed >= since)
        ]
        strange = sorted(self._declared.account_kinds.keys() - {one.account_id for one in everything})
        if strange:
            raise ConfigError(
                f"the login shows no {', '.join(map(named, strange))}",
                place="account_kinds",
                code="unknown_account",
                remedy="Give the whole number of each account, as the website shows it.",
            )
        self._accounts = {one.account_id: one for one in found}
        return [AccountRef(one.account_id, kind_of(one, self._declared.account_kinds)) for one in found]

    def snapshot(self, account: str) -> AccountSnapshot:
        """The account, all of one moment."""
        read = self._read(account, None)
        return evolve(read, reinvests=reinvested_in(self._rows(account, self._account(account).key, self.today())))

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        """The account with the lots of ``symbols``: four requests, one more for each of the symbols that it holds."""
        return self._read(account, symbols)

    def _read(self, account: str, symbols: Collection[str] | None) -> AccountSnapshot:
        one = self._account(account)
        kind = kind_of(one, self._declared.account_kinds)
        found = Reader(self._client, one, kind, self._declared.not_managed).read(self.today(), symbols)
        notes = list(found.notes)
        if not is_known(one) and account not in self._declared.account_kinds:
            notes.append(
                f"{named(account)} is of the type {one.kind}, which is not known: it is taken for an IRA, unless account_kinds says "
                "how it is taxed"
            )
        self._notes[account, "holdings"] = notes
        self._others[account] = found.others
        return found.account

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes with a bid and an ask; one that is not of this moment says that it is delayed."""
        rows = self._client.quotes(list(symbols))
        return {symbol: quote for symbol, row in rows.items() if (quote := _quote(row)) is not None}

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """Executions, reinvestments and transfers; fills of the last days from the list of orders, too."""
        key, today = self._account(account).key, self.today()
        rows = self._rows(account, key, today)
        orders = [
            one
            for one in self._client.orders(key, today - ORDER_DAYS, today + dt.timedelta(days=1))
            if one.executed is None or one.executed.astimezone(NEW_YORK).date() >= today - _SETTLED
        ]
        found = happened(account, rows, orders, today, self._declared.moves)
        self._notes[account, "history"] = found.notes
        return [one for one in found.transactions if one.date >= since]

    def part_transactions(self, account: str, symbols: Collection[str]) -> Sequence[Transaction]:
        """Like `transactions`, of ``symbols``: two requests or a few."""
        return [one for one in self.transactions(account, dt.date.min) if one.symbol in symbols]

    def history_from(self, account: str) -> dt.date | None:
        """The first day of the two years that E*TRADE tells of."""
        return self.today() - _HISTORY

    def notes(self) -> Sequence[str]:
        """What the accounts hold that is not managed, and which accounts are left out."""
        return self._unseen + [note for notes in self._notes.values() for note in notes]

    def others(self, account: str) -> Mapping[str, Decimal]:
        """Shares or units of what the account holds and is not managed, by symbol, as of its last snapshot."""
        return self._others.get(account, {})

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """What the order would come to."""
        return self._desk.preview(self._account(account), request)

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Place the order, once."""
        return self._desk.place(self._account(account), preview)

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """All orders from ``since`` on, oldest first."""
        tomorrow = self.today() + dt.timedelta(days=1)
        return statuses_in(self._client.orders(self._account(account).key, since, tomorrow))

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Ask to cancel, and see how the order stands: the answer to a cancellation says only that it was received."""
        key = self._account(account).key
        problem: BrokerError | None = None
        try:
            self._client.cancel(key, int(order))
        except LoginRequired:
            raise
        except BrokerError as refused:
            problem = refused
        # Not the order's own page: what that says of its shares has been seen in one layout only, in the sandbox.
        listed = self.orders(account, self.today() - ORDER_DAYS)
        status = next((one for one in listed if one.order == order), None)
        if status is None:
            raise problem or unreadable("orders", f"order {order} is not among them")
        if problem is not None and status.state is OrderState.OPEN:
            raise problem
        return status

    def _account(self, account: str) -> Account:
        if account not in self._accounts:
            self.accounts()
        if account not in self._accounts:
            raise DataError(
                f"E*TRADE shows no brokerage account in use that is {named(account)}",
                code="no_account",
                remedy="`rebalkit show` lists the accounts that there are.",
            )
        return self._accounts[account]

    def _rows(self, account: str, key: str, today: dt.date) -> tuple[HistoryRow, ...]:
        """All transactions of two years; those of before the last days are asked for once a session."""
        until = today - _SETTLED
        kept = self._settled.get(account)
        if kept is None or kept[0] != until:
            kept = self._settled[account] = until, self._client.history(key, today - _HISTORY, until)
        recent = self._client.history(key, until + dt.timedelta(days=1), today)
        rows = {one.row: one for one in (*kept[1], *recent)}
        for one in rows.values():
            refuse_another(account, one.account_id, f"transaction {one.row}")
        if len(rows) != len(kept[1]) + len(recent):
            raise unreadable(f"{named(account)}", "a transaction is of two days at once")
        return tuple(rows.values())


def _why_unseen(one: Account) -> str:
    """Why an account is left out, in words."""
    if one.status == "ACTIVE":
        return f"{named(one.account_id)} is of the institution {one.institution}: what is in it is not managed, and not counted"
    day = f" on {one.closed}" if one.closed else ""
    return f"{named(one.account_id)} was closed{day}: what was traded in it before is not seen, and may count for wash sales"


def _quote(row: QuoteRow) -> Quote | None:
    if row.bid is None or row.ask is None:
        return None
    day = None if row.at is None else row.at.astimezone(NEW_YORK).date()
    return Quote(row.symbol, row.bid, row.ask, day, row.at, delayed=row.status != "REALTIME")
