"""The part of a drill that only asks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from attrs import frozen

from rebalkit.calendar import session_hours
from rebalkit.errors import DataError
from rebalkit.plugin import steps
from rebalkit_etrade.answers import EtradeError
from rebalkit_etrade.client import Client
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.drill.watching import Watched
from rebalkit_etrade.records import Account, HistoryRow, ListedOrder, Position, PositionLot
from rebalkit_etrade.trading.cash import cash_in
from rebalkit_etrade.trading.history import happened
from rebalkit_etrade.trading.kinds import is_known, is_managed
from rebalkit_etrade.trading.listing import is_open, statuses_in
from rebalkit_etrade.trading.movements import moved

__all__ = ["Reads"]

_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=365)
_CENT = Decimal("0.01")


@frozen
class Reads:
    """Looks at one account.

    Attributes:
        client: Asks, over ``wire``.
        wire: Has the answers as they came.
        notebook: Where findings go.
        account: The account.
        today: The day in New York.
    """

    client: Client
    wire: Watched
    notebook: Notebook
    account: Account
    today: dt.date

    def all(self, accounts: Sequence[Account]) -> None:
        """Everything. Raises BrokerError without an answer; an answer that is not understood is a finding."""
        kinds = [f"{one.mode} {one.kind}" for one in accounts if is_managed(one)]
        known = all(is_known(one) for one in accounts if is_managed(one))
        self.notebook.found("account_kinds", ", ".join(sorted(set(kinds))), "agrees" if known else "differs")
        self._balance()
        positions = self._positions()
        if positions:
            self._lots(positions)
        orders = self._orders()
        self._history(orders)
        self._quotes(positions)

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except DataError as problem:
            self.notebook.found(name, f"{problem.place}: {problem.reason}", "differs")
        except EtradeError as problem:
            self.notebook.found(name, problem.reason, "differs")

    def _balance(self) -> None:
        with self._reading("cash"):
            balance = self.client.balance(self.account.key)
            cash_in(balance, self.account.mode)
            names = sorted(name for name, value in self.wire.content("BalanceResponse").one("Computed").plain().items() if value)
            self.notebook.found("cash", f"above or below 0: {', '.join(names)}", "agrees")
            if None not in (balance.settled, balance.unsettled, balance.cash_available):
                parts = (balance.settled or Decimal(0)) + (balance.unsettled or Decimal(0))
                same = "it is" if parts == balance.cash_available else "it is not"
                self.notebook.found("cash_parts", f"{same}, in a {balance.mode} account", "settled")

    def _positions(self) -> Sequence[Position]:
        with self._reading("pages"):
            positions = self.client.portfolio(self.account.key)
            if not positions:
                status = self.wire.last.status if self.wire.last else 0
                self.notebook.found("no_positions", f"HTTP {status}", "settled")
                return ()
            (block, *_) = self.wire.raw("PortfolioResponse", "AccountPortfolio")
            more = sorted(name for name in block if name.lower().startswith(("next", "total")))
            self.notebook.found(
                "pages", f"{len(positions)} positions; the last page has {', '.join(more) or 'nothing'}", "agrees"
            )
            return positions
        return ()

    def _lots(self, positions: Sequence[Position]) -> None:
        shares = [one for one in positions if one.security == "EQ" and one.long]
        lots: dict[int, tuple[PositionLot, ...]] = {}
        raw: list[dict[str, object]] = []
        with self._reading("lots_sum"):
            for one in steps("reading lots", shares):
                lots[one.position] = self.client.lots(self.account.key, one.position)
                raw += self.wire.raw("PositionLotsResponse", "PositionLot")
            sums = {one: sum((lot.quantity for lot in lots[one.position]), Decimal(0)) for one in shares}
            wrong = [f"{one.symbol} {total} of {one.quantity}" for one, total in sums.items() if total != one.quantity]
            self.notebook.found("lots_sum", ", ".join(wrong) or f"all {len(shares)} do", "differs" if wrong else "agrees")
        every = [lot for some in lots.values() for lot in some]
        if not every:
            return
        self._lot_fields(every, raw)
        self._lot_costs(shares, lots)
        with self._reading("lots_inside"):
            inside = {one.position: one.lots for one in self.client.portfolio(self.account.key, lots=True)}
            have = [one for one in shares if inside.get(one.position) is not None]
            same = [one for one in have if {*(inside[one.position] or ())} == {*lots.get(one.position, ())}]
            self.notebook.found("lots_inside", f"{len(have)} of {len(shares)} have them, {len(same)} the same", "settled")

    def _lot_fields(self, lots: Sequence[PositionLot], raw: Sequence[dict[str, object]]) -> None:
        undated = sum(1 for one in lots if one.acquired is None)
        self.notebook.found("lots_dates", f"{len(lots) - undated} of {len(lots)} have", "agrees")
        adjusted = sum(1 for one in raw if one.get("adjPrice"))
        self.notebook.found("lots_adjusted", f"{adjusted} of {len(raw)} have", "settled")
        codes = {name: Counter(str(one.get(name)) for one in raw) for name in ("termCode", "lotSourceCode", "shortType")}
        told = "; ".join(f"{name} {', '.join(sorted(values))}" for name, values in codes.items())
        self.notebook.found("lots_codes", told, "settled")
        free = sum(1 for one in lots if one.available == one.quantity)
        self.notebook.found("lots_available", f"remainingQty for {free} of {len(lots)}", "settled")

    def _lot_costs(self, shares: Sequence[Position], lots: dict[int, tuple[PositionLot, ...]]) -> None:
        told = [one for one in shares if one.total_cost is not None and lots.get(one.position)]
        equal = 0
        for one in told:
            cost = sum((lot.quantity * (lot.price or Decimal(0)) for lot in lots[one.position]), Decimal(0))
            equal += abs(cost - (one.total_cost or Decimal(0))) < _CENT
        self.notebook.found("lots_cost", f"within a cent for {equal} of {len(told)}", "settled")

    def _orders(self) -> Sequence[ListedOrder]:
        with self._reading("order_states"):
            orders = self.client.orders(self.account.key, self.today - 2 * _YEAR + dt.timedelta(days=1), self.today + _DAY)
            for one in orders:
                is_open(one)
            statuses_in(orders)
            states = Counter(one.status for one in orders)
            told = ", ".join(f"{name} {count}" for name, count in sorted(states.items()))
            self.notebook.found("order_states", told or "no order in two years", "agrees")
            parts = [one for one in orders if one.status in ("CANCELLED", "EXPIRED")]
            partly = [one for one in parts if any(leg.filled for leg in one.legs)]
            if parts:
                self.notebook.found("filled_part", f"{len(partly)} of {len(parts)} have filled shares", "settled")
            return orders
        return ()

    def _history(self, orders: Sequence[ListedOrder]) -> None:
        with self._reading("history_kinds"):
            rows = self.client.history(self.account.key, self.today - 2 * _YEAR + _DAY, self.today)
            problems = [reason for row in rows if (reason := self._not_understood(row))]
            kinds = ", ".join(sorted({row.kind for row in rows})) or "no transaction in two years"
            self.notebook.found("history_kinds", "; ".join(problems) or kinds, "differs" if problems else "agrees")
            signs = Counter("above 0" if (row.quantity or 0) > 0 else "below 0" for row in rows if row.kind.lower() == "sold")
            if signs:
                self.notebook.found("sale_sign", ", ".join(f"{name} {count}" for name, count in signs.items()), "settled")
            self._fills_told(rows, orders)
        with self._reading("history_back"):
            try:
                self.client.history(self.account.key, self.today - 3 * _YEAR + _DAY, self.today - 3 * _YEAR + 10 * _DAY)
                told = "three years are answered"
            except EtradeError as problem:
                if problem.status != 400:
                    raise
                told = f"three years are refused, {problem.reason}"
            self.notebook.found("history_back", told, "settled")

    def _not_understood(self, row: HistoryRow) -> str:
        try:
            moved(self.account.account_id, row, {})
        except DataError as problem:
            return problem.reason
        return ""

    def _fills_told(self, rows: Sequence[HistoryRow], orders: Sequence[ListedOrder]) -> None:
        """Of the days that had fills, how many are among the transactions with all of them."""
        account, filled, told = self.account.account_id, Counter[object](), Counter[object]()
        since = self.today - 10 * _DAY
        for one in happened(account, (), orders, self.today, {}).transactions:
            filled[one.date, one.symbol, one.action] += int(one.quantity) if one.date >= since else 0
        for one in happened(account, [row for row in rows if not self._not_understood(row)], (), self.today, {}).transactions:
            told[one.date, one.symbol, one.action] += int(one.quantity)
        filled = +filled  # those of the last days only
        if filled:
            there = sum(1 for key, count in filled.items() if told[key] >= count)
            self.notebook.found("fills_told", f"those of {there} of {len(filled)} days and symbols are", "settled")

    def _quotes(self, positions: Sequence[Position]) -> None:
        symbols = sorted({one.symbol for one in positions if one.security == "EQ"})[:5] or ["VTI"]
        with self._reading("quotes"):
            rows = self.client.quotes(symbols)
            states = sorted({row.status for row in rows.values()})
            now = self.client.moment()
            ages = [abs((now - row.at).total_seconds()) for row in rows.values() if row.at is not None and now is not None]
            age = f", {max(ages):.0f} seconds old at most" if ages else ""
            hours = session_hours(self.today)
            market_open = now is not None and hours is not None and hours[0] <= now < hours[1]
            if market_open:
                self.notebook.found("quotes", f"{', '.join(states)}{age}", "agrees" if states == ["REALTIME"] else "differs")
