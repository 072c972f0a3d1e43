"""The paper broker: a book through the protocol that live brokers have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from attrs import evolve, frozen

from rebalkit.calendar import NEW_YORK, is_half_day
from rebalkit.errors import BrokerError, RebalkitError
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    Cash,
    Lot,
    OpenOrder,
    OrderPreview,
    OrderRequest,
    OrderStatus,
    Placed,
    PlaceResult,
    Quote,
    Refused,
    Side,
    Transaction,
    Unknown,
    VenueRules,
)
from rebalkit.money import from_cents, from_micros, to_cents, to_nanos
from rebalkit.plugin import BrokerCapabilities
from rebalkit.serial import digest
from rebalkit_paper.actions import Action, find_order
from rebalkit_paper.book import WHOLE, Book
from rebalkit_paper.fills import execution_price, net_cents
from rebalkit_paper.floor import Floor
from rebalkit_paper.holder import Holder
from rebalkit_paper.kept import KeptBook
from rebalkit_paper.log import HALF_WRITTEN
from rebalkit_paper.plugin import CAPABILITIES
from rebalkit_paper.rules import checked, refuse_used_client_id
from rebalkit_paper.status import status_of

__all__ = ["PaperBroker", "PaperSettings"]


@frozen
class PaperSettings:
    """Settings of a paper broker.

    Attributes:
        book: Name of its book (``rebalkit paper list`` shows those there are).
    """

    book: str = "default"


class PaperBroker:
    """A broker whose accounts are a book on disk. Every call sees the book as it is on disk at that moment."""

    def __init__(self, settings: PaperSettings) -> None:
        """Open no file yet: a book that is missing or damaged is reported by the first call that needs it."""
        self._kept = KeptBook(settings.book)

    @property
    def book(self) -> Book:
        """The book as it is now. Raises DataError when it is missing or damaged."""
        return self._kept.floor.book

    @property
    def capabilities(self) -> BrokerCapabilities:
        """What this broker can do; whether it deals in fractions is the book's setting."""
        step = self._kept.floor.fills.share_step
        return evolve(CAPABILITIES, venue=VenueRules(step, fractional_sells=step != WHOLE))

    def today(self) -> dt.date:
        """The day of the book."""
        return self._kept.floor.today

    def now(self) -> dt.datetime:
        """The book's clock: half past nine on its day, and a millisecond more with each order."""
        return self._kept.floor.now

    def accounts(self) -> Sequence[AccountRef]:
        """All accounts of the book."""
        return [AccountRef(one.name, one.kind) for one in self._kept.floor.holders]

    def snapshot(self, account: str) -> AccountSnapshot:
        """Lots, cash and open orders of ``account``. Raises BrokerError when there is no such account."""
        holder = self._kept.floor.holder(account)
        return _snapshot(holder, holder.lots)

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        """Like `snapshot` with the lots of ``symbols`` only, symbol by symbol."""
        holder = self._kept.floor.holder(account)
        return _snapshot(holder, tuple(lot for symbol in dict.fromkeys(symbols) for lot in holder.lots_of(symbol).values()))

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes of those ``symbols`` that have one."""
        quotes = self._kept.floor.quotes
        return {symbol: quotes[symbol] for symbol in symbols if symbol in quotes}

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """What happened in ``account`` from ``since`` on, oldest first."""
        floor = self._kept.floor
        floor.holder(account)
        return floor.transactions(account, since)

    def part_transactions(self, account: str, symbols: Collection[str]) -> Sequence[Transaction]:
        """What ever happened to ``symbols`` in ``account``, oldest first."""
        return self._kept.floor.transactions_of(account, symbols)

    def history_from(self, account: str) -> dt.date | None:
        """First day that `transactions` covers completely; None when what the book was made from did not say."""
        return self._kept.floor.holder(account).history_from

    def notes(self) -> Sequence[str]:
        """Nothing: a book holds only what was understood when it was made."""
        return ()

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """What ``request`` would do if all of it filled now, or at its limit. It can be placed until the paper day ends.

        Raises:
            BrokerError: The broker refuses it; the code says why.
        """
        floor = self._kept.floor
        request = checked(floor, account, request)
        order = floor.next_order(account, request)
        price = execution_price(floor.fills, floor.quotes[request.symbol], request)
        warnings = []
        if price is None:
            assert request.limit is not None  # only a limit can be out of reach
            price = to_nanos(request.limit)
            warnings.append("The limit is out of reach at the present quote: the order would wait.")
        cash, fees = net_cents(floor.fills, order, order.open_micros, price)
        if request.side is Side.BUY and -cash > to_cents(floor.holder(account).settled):
            warnings.append("Unsettled cash is spent: selling these shares before it has settled is a good faith violation.")
        close = dt.time(13) if is_half_day(floor.today) else dt.time(16)
        return OrderPreview(
            _preview_id(floor, account, request),
            request,
            from_cents(cash if request.side is Side.SELL else -cash),
            from_cents(fees),
            tuple(warnings),
            dt.datetime.combine(floor.today, close, NEW_YORK),
        )

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Place the previewed order. It is on disk before the answer is given; unknown only when the disk fails in the middle."""

        def placing(floor: Floor) -> Action:
            _check_preview(floor, account, preview)
            return Action(account, checked(floor, account, preview.request))

        try:
            outcome = self._kept.act(placing)
        except RebalkitError as problem:
            return Unknown(str(problem)) if problem.code == HALF_WRITTEN else Refused(problem.code, str(problem))
        assert outcome is not None  # there was something to do
        return Placed(outcome.order)

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """All orders of ``account`` placed from ``since`` on, oldest first."""
        return self._kept.floor.holder(account).orders(since)

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Cancel what is left of ``order``; one that is done stays as it is. Raises BrokerError when there is no such order."""

        def cancelling(floor: Floor) -> Action | None:
            return Action(account, cancel=order) if find_order(floor, account, order).open_micros else None

        self._kept.act(cancelling)
        return status_of(find_order(self._kept.floor, account, order))


def _snapshot(holder: Holder, lots: tuple[Lot, ...]) -> AccountSnapshot:
    waiting = tuple(
        OpenOrder(order.order, order.request.side, order.request.symbol, from_micros(order.open_micros), order.request.limit)
        for order in holder.open.values()
    )
    return AccountSnapshot(holder.name, holder.kind, Cash(holder.settled, holder.unsettled), lots, waiting, holder.reinvests)


def _preview_id(floor: Floor, account: str, request: OrderRequest) -> str:
    """An id that nothing but this request, in this account and book, on this day, has."""
    return f"{floor.today:%Y%m%d}-{digest((floor.name, floor.today, account, request))[:16]}"


def _check_preview(floor: Floor, account: str, preview: OrderPreview) -> None:
    refuse_used_client_id(floor, preview.request.client_id)
    place = f"preview {preview.preview!r}"
    if not preview.preview.startswith(f"{floor.today:%Y%m%d}-"):
        raise BrokerError("it is not of this day", place=place, remedy="Preview the order again.", code="preview_expired")
    if preview.preview != _preview_id(floor, account, preview.request):
        raise BrokerError(
            "it is of another order", place=place, remedy="Preview exactly what is to be placed.", code="preview_unknown"
        )
    if preview.request.symbol in floor.fills.reject:
        raise BrokerError(f"orders of {preview.request.symbol} are rejected, as the book is set to do", code="rejected")
