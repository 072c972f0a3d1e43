"""The paper broker: a book through the protocol that live brokers have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from attrs import evolve, frozen

from rebalkit.calendar import NEW_YORK, is_half_day
from rebalkit.errors import BrokerError, RebalkitError
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    Cash,
    LotSale,
    OpenOrder,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    Placed,
    PlaceResult,
    Quote,
    Refused,
    Side,
    Transaction,
    VenueRules,
)
from rebalkit.money import from_cents, from_micros, to_cents, to_micros, to_nanos, trim
from rebalkit.plugin import BrokerCapabilities
from rebalkit.serial import digest
from rebalkit_paper.book import WHOLE, Book, PaperOrder
from rebalkit_paper.fills import execution_price, fill_first_part, net_cents, sold_from
from rebalkit_paper.plugin import CAPABILITIES
from rebalkit_paper.rules import checked, refuse_used_client_id
from rebalkit_paper.store import change, load, path_of

__all__ = ["PaperBroker", "PaperSettings", "status_of"]


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
        self._name = settings.book
        self._seen: tuple[tuple[int, int, int], Book] | None = None

    @property
    def book(self) -> Book:
        """The book as it is now. Raises DataError when it is missing or damaged."""
        try:
            stat = path_of(self._name).stat()
        except OSError:
            return load(self._name)
        key = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._seen is None or self._seen[0] != key:
            self._seen = (key, load(self._name))
        return self._seen[1]

    @property
    def capabilities(self) -> BrokerCapabilities:
        """What this broker can do; whether it deals in fractions is the book's setting."""
        step = self.book.fills.share_step
        return evolve(CAPABILITIES, venue=VenueRules(step, fractional_sells=step != WHOLE))

    def today(self) -> dt.date:
        """The day of the book."""
        return self.book.today

    def accounts(self) -> Sequence[AccountRef]:
        """All accounts of the book."""
        return [AccountRef(one.account, one.kind) for one in self.book.accounts]

    def snapshot(self, account: str) -> AccountSnapshot:
        """Lots, cash and open orders of ``account``. Raises BrokerError when there is no such account."""
        book = self.book
        one = book.account(account)
        waiting = tuple(
            OpenOrder(order.order, order.request.side, order.request.symbol, from_micros(order.open_micros), order.request.limit)
            for order in book.orders
            if order.account == account and order.open_micros
        )
        return AccountSnapshot(account, one.kind, Cash(one.settled, one.unsettled), one.lots, waiting, one.reinvests)

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes of those ``symbols`` that have one."""
        book = self.book
        return {symbol: book.quotes[symbol] for symbol in symbols if symbol in book.quotes}

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """What happened in ``account`` from ``since`` on, oldest first."""
        book = self.book
        book.account(account)
        return [one for one in book.transactions if one.account == account and one.date >= since]

    def history_from(self, account: str) -> dt.date | None:
        """First day that `transactions` covers completely; None when what the book was made from did not say."""
        return self.book.account(account).history_from

    def notes(self) -> Sequence[str]:
        """Nothing: a book holds only what was understood when it was made."""
        return ()

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """What ``request`` would do if all of it filled now, or at its limit. It can be placed until the paper day ends.

        Raises:
            BrokerError: The broker refuses it; the code says why.
        """
        book = self.book
        request = checked(book, account, request)
        order = book.next_order(account, request)
        price = execution_price(book.fills, book.quotes[request.symbol], request)
        warnings = []
        if price is None:
            assert request.limit is not None  # only a limit can be out of reach
            price = to_nanos(request.limit)
            warnings.append("The limit is out of reach at the present quote: the order would wait.")
        cash, fees = net_cents(book.fills, order, order.open_micros, price)
        if request.side is Side.BUY and -cash > to_cents(book.account(account).settled):
            warnings.append("Unsettled cash is spent: selling these shares before it has settled is a good faith violation.")
        close = dt.time(13) if is_half_day(book.today) else dt.time(16)
        return OrderPreview(
            _preview_id(book, account, request),
            request,
            from_cents(cash if request.side is Side.SELL else -cash),
            from_cents(fees),
            tuple(warnings),
            dt.datetime.combine(book.today, close, NEW_YORK),
        )

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Place the previewed order. Never unknown: the book is replaced as a whole, with the order, or stays as it was."""

        def placing(book: Book) -> Book:
            _check_preview(book, account, preview)
            order = book.next_order(account, checked(book, account, preview.request))
            book = evolve(book, counter=book.counter + 1, orders=(*book.orders, order))
            return fill_first_part(book, order)

        try:
            return Placed(change(self._name, placing).orders[-1].order)
        except RebalkitError as problem:
            return Refused(problem.code, str(problem))

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """All orders of ``account`` placed from ``since`` on, oldest first."""
        book = self.book
        book.account(account)
        return [status_of(one) for one in book.orders if one.account == account and one.placed.date() >= since]

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Cancel what is left of ``order``; one that is done stays as it is. Raises BrokerError when there is no such order."""

        def cancelling(book: Book) -> Book:
            found = _find(book, account, order)
            return book.with_order(evolve(found, state=OrderState.CANCELLED)) if found.open_micros else book

        return status_of(_find(change(self._name, cancelling), account, order))


def _find(book: Book, account: str, order: str) -> PaperOrder:
    book.account(account)
    for one in book.orders:
        if one.order == order and one.account == account:
            return one
    raise BrokerError(f"there is no order {order!r}", place=f"account {account}", code="no_such_order")


def _preview_id(book: Book, account: str, request: OrderRequest) -> str:
    """An id that nothing but this request, in this account and book, on this day, has."""
    return f"{book.today:%Y%m%d}-{digest((book.name, book.today, account, request))[:16]}"


def _check_preview(book: Book, account: str, preview: OrderPreview) -> None:
    refuse_used_client_id(book, preview.request.client_id)
    place = f"preview {preview.preview!r}"
    if not preview.preview.startswith(f"{book.today:%Y%m%d}-"):
        raise BrokerError("it is not of this day", place=place, remedy="Preview the order again.", code="preview_expired")
    if preview.preview != _preview_id(book, account, preview.request):
        raise BrokerError(
            "it is of another order", place=place, remedy="Preview exactly what is to be placed.", code="preview_unknown"
        )
    if preview.request.symbol in book.fills.reject:
        raise BrokerError(f"orders of {preview.request.symbol} are rejected, as the book is set to do", code="rejected")


def status_of(order: PaperOrder) -> OrderStatus:
    """``order`` as a broker lists it."""
    request = order.request
    filled = to_micros(order.filled)
    lots = tuple(LotSale(lot, from_micros(micros)) for lot, micros in sold_from(request.lots, 0, filled))
    return OrderStatus(
        order.order,
        request.client_id,
        request.side,
        request.symbol,
        request.quantity,
        order.filled,
        _average(order.notional, filled) if filled else None,
        order.fees,
        order.state,
        order.placed,
        lots,
        request.limit,
    )


def _average(notional: int, micros: int) -> Decimal:
    """USD per share to a billionth of a dollar."""
    with localcontext() as context:
        context.prec = 60
        return trim((Decimal(notional) / micros).scaleb(-9).quantize(Decimal("1e-9"), ROUND_HALF_EVEN))
