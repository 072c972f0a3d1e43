"""A scripted broker: what it has is the truth, what it shows and answers goes through everything that can go wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.model.accounts import AccountRef, AccountSnapshot
from rebalkit.model.history import Transaction
from rebalkit.model.lots import LotSale
from rebalkit.model.orders import OrderPreview, OrderRequest, OrderStatus, PlaceResult, Refused, Side
from rebalkit.model.securities import Quote
from rebalkit.money import CENT, from_cents, from_micros, to_micros
from rebalkit.plugin import BrokerCapabilities
from rebalkit.testing.simulation.harm import Witness
from rebalkit.testing.simulation.mail import Mail
from rebalkit.testing.simulation.outside import Outside
from rebalkit.testing.simulation.steps import Steps
from rebalkit.testing.simulation.venue import Venue

__all__ = ["QuickSimBroker", "SimBroker"]

_PREVIEW_LASTS = dt.timedelta(seconds=180)
_LONGEST_STALE = 15
"""Looks that may see the same old state, so that waiting for a minute may be in vain."""


@frozen
class _Shown:
    """An account as it was shown: after how many changes of everything, and of those that others made."""

    version: int
    changes: int
    snapshot: AccountSnapshot


class SimBroker:
    """A connection to a `Venue`.

    Args:
        venue: The truth.
        steps: Counts what is asked.
        outside: Lets others act between two questions.
        witness: Judges every order that lands.
        capabilities: What it says that it can do.

    Attributes:
        logged_in: Whether the session holds.
    """

    def __init__(self, venue: Venue, steps: Steps, outside: Outside, witness: Witness, capabilities: BrokerCapabilities) -> None:
        self.venue = venue
        self.capabilities = capabilities
        self.logged_in = True
        self._steps = steps
        self._outside = outside
        self._dice = venue.dice
        self._mail = Mail(venue, outside, witness, dedupes=capabilities.dedupes_client_id)
        self._previews: dict[str, OrderPreview] = {}
        self._shown: dict[str, _Shown] = {}
        self._old_shown: dict[str, _Shown] = {}
        self._old_orders: list[OrderStatus] = []
        self._stale_accounts: dict[str, tuple[int, _Shown]] = {}
        self._stale_orders = 0

    def today(self) -> dt.date:
        """The day in New York."""
        self._ask("today")
        return self.venue.day

    def accounts(self) -> Sequence[AccountRef]:
        """All accounts."""
        self._ask("accounts")
        return [AccountRef(book.account, book.kind) for book in self.venue.books.values()]

    def snapshot(self, account: str) -> AccountSnapshot:
        """One account, perhaps as it was a while ago."""
        self._ask("snapshot", account)
        return self._account(account)

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes, perhaps bad ones."""
        asked = sorted(symbols)
        self._ask("quotes", " ".join(asked))
        day, now = self.venue.day, self.venue.clock.true_now
        found = {one: self.venue.market.quote(one, day, now) for one in asked}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """Transactions, perhaps without the newest."""
        self._ask("transactions", account)
        return [one for one in self._transactions(account) if one.date >= since]

    def history_from(self, account: str) -> dt.date | None:
        """Everything is on record."""
        return dt.date.min

    def notes(self) -> Sequence[str]:
        """None."""
        return ()

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """A preview, perhaps of something else."""
        self._ask("preview", f"{request.side} {request.quantity} {request.symbol} {request.limit}")
        dice = self._dice
        if dice.happens("preview_refused"):
            raise BrokerError(f"{request.symbol} cannot be traded", code="refused")
        amount, fees = request.quantity * (request.limit or 0), from_cents(self.venue.fee)
        estimated = (amount + fees if request.side is Side.BUY else amount - fees).quantize(CENT)
        if dice.happens("preview_cost"):
            estimated *= dice.choice((2, 10))
        taken = request
        if dice.happens("preview_differs"):
            taken = (
                evolve(request, quantity=request.quantity + 1)
                if dice.random() < 0.5
                else evolve(request, lots=(LotSale("x", 1),))
            )
        expires = self.venue.clock.true_now + _PREVIEW_LASTS
        made = OrderPreview(self.venue.next_number("p"), taken, estimated, fees, (), expires)
        self._previews[made.preview] = made
        return made

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Place the order; whatever comes back, it may be there or not."""
        request = preview.request
        said = f"{request.client_id} {request.side} {request.quantity} {request.symbol} {request.limit}"
        self._steps.step("place", said, effect=True)
        self._pass_time()
        if not self.logged_in:
            return Refused("login", "the session is over")
        known = self._previews.get(preview.preview)
        if known is None or (known.expires is not None and known.expires < self.venue.clock.true_now):
            return Refused("preview_expired", "the preview is too old")
        answer = self._mail.post(request)
        self._steps.step("answer", _named(answer), effect=True)
        return answer

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """The list of orders, perhaps an old one, or one that lacks what is new."""
        self._ask("orders")
        now, dice, listed = self.venue.clock.milliseconds, self._dice, []
        if self._old_orders and not self._stale_orders and dice.happens("stale_orders"):
            self._stale_orders = dice.randrange(1, _LONGEST_STALE)
        if self._stale_orders:
            self._stale_orders -= 1
            return self._old_orders
        for order in self.venue.orders.values():
            order.hidden_looks -= 1
            if order.hidden_looks >= 0 or now < order.hidden_until:
                continue
            order.shown = now if order.shown is None else order.shown
            status = order.status(self.capabilities.echoes_client_id)
            if order.filled and dice.happens("falling_fill"):
                fewer = from_micros(dice.randrange(0, order.filled))
                status = evolve(status, filled=fewer, average_price=status.average_price if fewer else None)
            order.shown_filled = max(order.shown_filled, to_micros(status.filled))
            listed.append(status)
        self._old_orders = listed
        return listed

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Ask to cancel; the order may have filled meanwhile."""
        self._steps.step("cancel", order, effect=True)
        self._pass_time()
        self._refuse_logged_out()
        status = self._mail.cancel(self.venue.orders[order], self.capabilities.echoes_client_id)
        self._steps.step("cancelled", status.state, effect=True)
        return status

    def _ask(self, name: str, detail: object = "") -> None:
        """One question: time passes, others act, and perhaps there is no answer."""
        self._steps.step(name, detail)
        self._pass_time()
        happens = self._dice.happens
        if happens("login"):
            self.logged_in = False
        self._refuse_logged_out()
        if happens("read_timeout"):
            raise BrokerError("the broker did not answer within 30 seconds", code="unreachable")
        if happens("read_refused"):
            raise BrokerError("the broker answered 500", code="http_500")
        if happens("plugin_fails"):
            raise self._dice.choice((KeyError("positions"), ValueError("no JSON"), TypeError("None"), RecursionError("too deep")))

    def _refuse_logged_out(self) -> None:
        if not self.logged_in:
            raise LoginRequired("the session is over", remedy="Log in again.")

    def _pass_time(self) -> None:
        clock = self.venue.clock
        clock.advance(self._dice.randrange(20, 400))
        clock.disturb()
        self.venue.progress()
        self._outside.act()

    def _account(self, name: str) -> AccountSnapshot:
        venue = self.venue
        version, shown = venue.version + venue.books[name].version, self._shown.get(name)
        if shown is None or shown.version != version:
            if shown is not None:
                self._old_shown[name] = shown
            shown = self._shown[name] = _Shown(version, venue.changes, self._built(name))
        elif shown.changes < venue.changes:
            shown = self._shown[name] = evolve(shown, changes=venue.changes)
        looks, old = self._stale_accounts.get(name, (0, shown))
        if not looks and name in self._old_shown and self._dice.happens("stale_account"):
            looks, old = self._dice.randrange(1, _LONGEST_STALE), self._old_shown[name]
        if looks:
            self._stale_accounts[name] = looks - 1, old
            shown = old
        if name == venue.account:
            venue.seen_changes, venue.seen_cash = shown.changes, shown.snapshot.cash
        return shown.snapshot

    def _built(self, name: str) -> AccountSnapshot:
        venue, book = self.venue, self.venue.books[name]
        working = venue.working if name == venue.account else ()
        return AccountSnapshot(
            name, book.kind, book.shown_cash(), tuple(book.shown_lots()), tuple(one.as_open() for one in working)
        )

    def _transactions(self, account: str) -> Iterator[Transaction]:
        everything = self.venue.transactions
        if self._dice.happens("stale_transactions"):
            everything = everything[: max(0, len(everything) - self._dice.randrange(1, 4))]
        self.venue.seen_transactions[account] = len(everything)
        return (one for one in everything if one.account == account)


class QuickSimBroker(SimBroker):
    """One that also says what time it is and reads a few symbols at a time."""

    def now(self) -> dt.datetime:
        """The true moment."""
        self._ask("now")
        return self.venue.clock.true_now

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        """One account with the lots of ``symbols``."""
        self._ask("part", account)
        whole = self._account(account)
        return evolve(whole, lots=tuple(lot for lot in whole.lots if lot.symbol in symbols))

    def part_transactions(self, account: str, symbols: Collection[str]) -> Sequence[Transaction]:
        """Transactions of ``symbols``."""
        self._ask("part_transactions", account)
        return [one for one in self._transactions(account) if one.symbol in symbols]


def _named(answer: object) -> str:
    return f"{type(answer).__name__} {getattr(answer, 'order', '') or getattr(answer, 'code', '')}"
