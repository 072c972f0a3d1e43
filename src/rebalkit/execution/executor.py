"""A run, phase by phase: sales, each to its end; the cash read; purchases sized from it and sent; and the same again after a crash.

Whatever is done next follows from the journal alone, so that to go on after an interruption is to do the same as before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve, field, frozen

from rebalkit.errors import BlockedError, JournalError, RebalkitError, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.expected import expected_cash, expected_position
from rebalkit.execution.following import check_lots_sold, follow, refuse_late_fills
from rebalkit.execution.machine import AT_BROKER, CERTAINLY_NOT_SENT, IN_DOUBT, OrderPhase, RunPhase
from rebalkit.execution.mandate import Mandate
from rebalkit.execution.preparing import previewed
from rebalkit.execution.reading import PATIENCE, listed_orders, read, read_part
from rebalkit.execution.reconcile import find_order, person_needed
from rebalkit.execution.results import result_of
from rebalkit.execution.sending import Recheck, Sender
from rebalkit.execution.sizing import size_buys
from rebalkit.execution.state import Run
from rebalkit.execution.world import World
from rebalkit.model.accounts import AccountSnapshot, Cash
from rebalkit.model.orders import OrderPreview, OrderStatus, Side
from rebalkit.model.reports import OrderResult
from rebalkit.money import plain
from rebalkit.serial import to_plain

__all__ = ["Executor"]

_REFUSALS = 3
"""Orders that a broker refuses before the run stops: it knows something that was not seen."""


@frozen
class Executor:
    """Carries out one plan at one broker, each order at most once.

    Attributes:
        world: The broker, the journal, the clock.
        mandate: What is to be done.
        recheck: What else is looked at right before each order.
        event: Told of each order's state at the broker.
    """

    world: World = field(repr=False)
    mandate: Mandate
    recheck: Recheck = field(repr=False)
    event: Callable[[OrderStatus], None] = field(repr=False)

    def previews(self) -> Sequence[OrderPreview]:
        """The broker's word on the sales, before anything is placed. Purchases can be previewed only once their cash is there.

        Raises BrokerError when the broker refuses one.
        """
        account = self.mandate.plan.account
        return [previewed(self.world, account, one) for one in self.mandate.requests if one.side is Side.SELL]

    def begin(self, how: Mapping[str, str]) -> Run:
        """Write down that the plan is approved, and ``how``; nothing is sent.

        Raises:
            JournalError: It cannot be written, or the plan was begun before.
            BrokerError: The account cannot be read.
        """
        mandate, plan = self.mandate, self.mandate.plan
        symbols = sorted({order.symbol for order in plan.orders})
        account = read_part(self.world, plan.account, symbols)
        positions = dict.fromkeys(symbols, Decimal(0)) | _positions(account)
        self.world.journal.record(
            Kind.RUN_START,
            mandate.plan_id,
            account=plan.account,
            broker=mandate.broker,
            live=mandate.live,
            folder=mandate.folder,
            as_of=plan.as_of.isoformat(),
            orders=[to_plain(one) for one in mandate.requests],
            positions={symbol: plain(shares) for symbol, shares in positions.items()},
            cash=plain(account.cash.total),
            versions=dict(mandate.versions),
        )
        self._record(Kind.APPROVED, **how)
        return self.state

    @property
    def state(self) -> Run:
        """How far the run is. Raises KeyError before it has begun."""
        return self.world.journal.state.runs[self.mandate.plan_id]

    def run(self) -> Iterator[OrderResult]:
        """Do what is left to do; gives the result of each order as soon as it has ended.

        Raises:
            UnknownOrderState: It is not known whether the broker has an order, or how it ends. Nothing more was sent.
            BlockedError: Something forbids to go on; the code says what.
            BrokerError: The broker cannot be asked; ``LoginRequired`` where the session is over.
            JournalError: Something cannot be written. Nothing more was sent.
        """
        run = self.state
        try:
            if run.phase is not RunPhase.APPROVED:
                self._record(Kind.RESUME)
            yield from self._sells(run)
            yield from self._buys(run)
        except JournalError:
            raise
        except RebalkitError as problem:
            self._record(Kind.STOP, code=problem.code, reason=str(problem))
            raise
        except KeyboardInterrupt:
            self._record(Kind.STOP, code="interrupted", reason="interrupted by the person")
            raise

    def finish(self, end: str) -> None:
        """Write down that the run is over, and how the plan that was made of the account afterwards says it ended."""
        self._record(Kind.RUN_END, end=end)

    def give_up(self, reason: str) -> None:
        """Drop what was not sent and end the run.

        Raises UnknownOrderState while an order is in doubt or may still fill.
        """
        run = self.state
        for leg in run.legs.values():
            if leg.phase in IN_DOUBT | AT_BROKER:
                raise self._asked(run, leg.number)
        for leg in run.legs.values():
            if leg.phase in CERTAINLY_NOT_SENT:
                request = leg.asked
                self.world.journal.record(Kind.DROPPED, run.run, leg.number, request.client_id, code="void", reason=reason)
        self._record(Kind.VOID, end="stopped", reason=reason)

    def settle(self) -> None:
        """See what became of orders that were sent, and send none. Raises as `run` does.

        One that nothing is seen of stays in doubt where the broker certainly refuses a second one: `run` sends it again.
        """
        run = self.state
        for number in run.legs:
            while run.legs[number].phase in IN_DOUBT | AT_BROKER:
                if run.legs[number].phase in AT_BROKER:
                    self._follow(run, number)
                elif not find_order(self.world, run, number):
                    if self._repeatable(run, number):
                        break
                    raise self._asked(run, number)
        refuse_late_fills(self.world, run, listed_orders(self.world, run))

    def _sells(self, run: Run) -> Iterator[OrderResult]:
        if run.phase is RunPhase.APPROVED:
            self._record(Kind.SELLING)
        for leg in list(run.sells):
            yield from self._carry_out(run, leg.number, leg.planned.quantity)
        if run.phase in (RunPhase.SELLING, RunPhase.SOLD):
            refuse_late_fills(self.world, run, listed_orders(self.world, run))
            cash = self._cash(run)
            self._record(Kind.CASH_READ, settled=plain(cash.settled), unsettled=plain(cash.unsettled))

    def _buys(self, run: Run) -> Iterator[OrderResult]:
        buys = [leg.number for leg in run.buys]
        if run.phase is RunPhase.SOLD and buys:
            sizes = self._sizes(run)
            self._record(Kind.BUYS_SIZED, sizes={str(number): plain(shares) for number, shares in sizes.items()})
        if run.phase is RunPhase.SIZED:
            self._record(Kind.BUYING)
        for number in buys:
            assert run.sizes is not None
            yield from self._carry_out(run, number, run.sizes[number])
        if run.phase is not RunPhase.BALANCED:
            refuse_late_fills(self.world, run, listed_orders(self.world, run))
            self._check_positions(run)
            self._record(Kind.BALANCED)

    def _carry_out(self, run: Run, number: int, quantity: Decimal) -> Iterator[OrderResult]:
        """One order to its end, wherever it stands."""
        sender = Sender(self.world, self.mandate, run, self.recheck)
        ended_before = run.legs[number].ended
        while not run.legs[number].ended:
            phase = run.legs[number].phase
            if phase in CERTAINLY_NOT_SENT:
                sender.send(number, quantity)
            elif phase in IN_DOUBT:
                self._find(run, number, sender)
            else:
                self._follow(run, number)
        if not ended_before:
            check_lots_sold(self.world, run, number)
        leg = run.legs[number]
        yield result_of(leg)
        if ended_before:
            return
        if leg.phase is not OrderPhase.REFUSED:
            return
        refused = sum(other.phase is OrderPhase.REFUSED for other in run.legs.values())
        if refused >= _REFUSALS:
            raise BlockedError(
                f"the broker refused {refused} orders; the last: {leg.reason}",
                code="refused_orders",
                remedy="Look at the account at the broker, then plan again.",
            )

    def _find(self, run: Run, number: int, sender: Sender) -> None:
        """See whether the broker has the order; where it certainly refuses a second one, send the same again."""
        if find_order(self.world, run, number):
            return
        if self._repeatable(run, number) and (sender.send_again(number) or find_order(self.world, run, number)):
            return
        raise self._asked(run, number)

    def _repeatable(self, run: Run, number: int) -> bool:
        """Whether the order may be sent once more without a second one."""
        return run.legs[number].phase is OrderPhase.UNKNOWN and self.world.broker.capabilities.dedupes_client_id

    def _asked(self, run: Run, number: int) -> UnknownOrderState:
        """The error that a person must say, once it is recorded that one is asked."""
        leg = run.legs[number]
        reason = (
            f"{leg.reason}; the broker lists no such order, which is no proof" if leg.reason else "the broker lists no such order"
        )
        if leg.phase is OrderPhase.UNKNOWN:
            self.world.journal.record(Kind.ASK, run.run, number, leg.asked.client_id, reason=reason, candidates=[])
        return person_needed(run.legs[number])

    def _follow(self, run: Run, number: int) -> None:
        follow(self.world, run, number, self.mandate.rules.fill_wait, self.event)

    def _cash(self, run: Run) -> Cash:
        """The cash after the sales, once it shows their proceeds; what it shows last where it does not."""
        enough = expected_cash(run)
        enough -= max(Decimal(1), (enough - run.cash) / 1000)
        cash = read_part(self.world, run.account, ()).cash
        for wait in PATIENCE[1:]:
            if cash.total >= enough:
                break
            self.world.clock.sleep(wait)
            cash = read_part(self.world, run.account, ()).cash
        return cash

    def _sizes(self, run: Run) -> Mapping[int, Decimal]:
        """Shares of each purchase that the cash pays for, at most those planned; none where a holding has no usable quote."""
        world, mandate = self.world, self.mandate
        account = read(world, lambda: world.broker.snapshot(run.account))
        account = evolve(account, cash=Cash(min(account.cash.total, expected_cash(run))))
        symbols = {leg.planned.symbol for leg in run.buys} | {lot.symbol for lot in account.lots}
        quotes = read(world, lambda: world.broker.quotes(symbols))
        gone = sorted(symbol for symbol in symbols if symbol not in quotes or not quotes[symbol].sane)
        numbers = [leg.number for leg in run.buys]
        if gone:
            for number in numbers:
                if run.legs[number].ended:  # dropped for that already, before an interruption
                    continue
                client = run.legs[number].planned.client_id
                reason = f"no usable quote for {', '.join(gone)}"
                world.journal.record(Kind.DROPPED, run.run, number, client, code="bad_quote", reason=reason)
            return dict.fromkeys(numbers, Decimal(0))
        sized = size_buys(mandate.plan, mandate.targets, account, quotes, mandate.reserve, mandate.venue.share_step)
        return {number: one.quantity for number, one in zip(numbers, sized, strict=True)}

    def _check_positions(self, run: Run) -> None:
        """See that the account holds what it held before and what the run's orders filled."""
        expected = {symbol: expected_position(run, symbol) for symbol in run.positions}
        shown: Mapping[str, Decimal] = {}
        for wait in PATIENCE:
            self.world.clock.sleep(wait)
            shown = _positions(read_part(self.world, run.account, tuple(expected)))
            if all(shown.get(symbol, 0) == shares for symbol, shares in expected.items()):
                return
        wrong = [
            f"{symbol} {plain(shown.get(symbol, Decimal(0)))} instead of {plain(shares)}"
            for symbol, shares in expected.items()
            if shown.get(symbol, 0) != shares
        ]
        raise BlockedError(
            f"the account does not hold what the orders came to: {', '.join(wrong)}",
            code="position_differs",
            remedy="Look at the account at the broker; `rebalkit journal show` says what was ordered and filled.",
        )

    def _record(self, kind: Kind, /, **body: Any) -> None:
        self.world.journal.record(kind, self.mandate.plan_id, **body)


def _positions(account: AccountSnapshot) -> dict[str, Decimal]:
    """Shares by symbol."""
    shares: dict[str, Decimal] = {}
    for lot in account.lots:
        shares[lot.symbol] = shares.get(lot.symbol, Decimal(0)) + lot.quantity
    return shares
