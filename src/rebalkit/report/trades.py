"""What is traded and what is not, with the reasons; what became of it; what the person does next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from rebalkit.model.orders import OrderState, Side
from rebalkit.model.plans import Order, Plan
from rebalkit.model.reports import Execution, ExecutionEnd, OrderResult, Report
from rebalkit.model.targets import Targets
from rebalkit.report.figures import long_day
from rebalkit.report.parts import LotRow, NotTradedRow, OrderRow, OutcomeRow, OutcomeView, Step
from rebalkit.report.wording import clean, counted, joined, sentence_of
from rebalkit.tax.window import FREE_AFTER

__all__ = ["not_traded_rows", "order_rows", "outcome_of", "steps_of"]


_UNVERIFIED = {
    ExecutionEnd.STOPPED: "The account was not planned again.",
    ExecutionEnd.GIVEN_UP: "The account was not planned again.",
    # The journal knows how it ended, but not by which plan.
    ExecutionEnd.CONVERGED: "Planned again afterwards: no orders.",
    ExecutionEnd.UNFINISHED: "Planned again afterwards: orders are left to do.",
}
"""What is said where no plan made afterwards is at hand."""


def order_rows(plan: Plan, targets: Targets | None, lots: Mapping[str, LotRow]) -> tuple[OrderRow, ...]:
    """The orders of ``plan``, sales first, with the lots that each names."""
    classes = targets.class_of() if targets else {}

    def row(order: Order) -> OrderRow:
        named = tuple(lots[part.lot] for part in order.lots if part.lot in lots)
        gains = [lot.sold_gain for lot in named if lot.sold_gain is not None]
        group = classes.get(order.symbol)
        return OrderRow(
            side=order.side.value,
            symbol=order.symbol,
            group=clean(group.name) if group else "outside the targets",
            quantity=order.quantity,
            limit=order.limit,
            estimated=order.estimated,
            code=order.reason.code,
            reason=sentence_of(order.reason, order.symbol),
            lots=named,
            gain=sum(gains, Decimal(0)) if gains else None,
        )

    return tuple(row(order) for order in (*plan.sells, *plan.buys))


def not_traded_rows(plan: Plan, targets: Targets | None, lots: Mapping[str, LotRow]) -> Iterator[NotTradedRow]:
    """What is not traded: classes first, then securities, then single lots."""
    names = {one.name for one in targets.classes} if targets else set()
    order = {"class": 0, "security": 1, "lot": 2}

    def row(subject: str, code: str, sentence: str) -> NotTradedRow:
        kind = "class" if subject in names else "lot" if subject in lots else "security"
        return NotTradedRow(clean(subject), kind, code, sentence)

    rows = (row(one.subject, one.reason.code, sentence_of(one.reason, one.subject)) for one in plan.not_traded)
    yield from sorted(rows, key=lambda one: order[one.kind])


def outcome_of(execution: Execution, targets: Targets | None) -> OutcomeView:
    """What became of the plan."""
    left = None if execution.verification is None else order_rows(execution.verification, targets, {})
    filled = sum(1 for one in execution.orders if one.filled and one.filled >= one.asked)
    done = f"{filled} of {counted(len(execution.orders), 'order')} filled in full."
    sentence = {
        ExecutionEnd.CONVERGED: f"Executed. {done}" if execution.orders else "Nothing had to be done.",
        ExecutionEnd.UNFINISHED: f"Executed{' in part' if filled < len(execution.orders) else ''}. {done}",
        ExecutionEnd.STOPPED: f"Broken off. {done}",
        ExecutionEnd.GIVEN_UP: f"Broken off and given up. {done}",
        ExecutionEnd.TICKET: "This broker takes no orders. An order ticket was written for you to place them by hand.",
    }[execution.end]
    if left is None:
        verification = _UNVERIFIED.get(execution.end, "")
    elif left:
        verification = f"Planned again afterwards: {counted(len(left), 'order')} left to do."
    else:
        verification = "Planned again afterwards: no orders. The account is where the plan wanted it."
    rows = tuple(_outcome_row(one) for one in execution.orders)
    mark = execution.journal
    journal = "" if mark is None else f"Journal: {counted(mark.events, 'event')}, the last one {mark.head}."
    return OutcomeView(sentence, rows, execution.cash_before, execution.cash_after, verification, left, journal)


def _outcome_row(one: OrderResult) -> OutcomeRow:
    state = "not placed" if one.state is None else one.state.value
    if one.filled and one.state is not OrderState.FILLED:
        state = f"partly filled, {state}"
    return OutcomeRow(
        one.side.value, one.symbol, one.planned, one.asked, one.filled, one.average_price, one.fees, state, clean(one.message)
    )


def steps_of(report: Report, lots: Mapping[str, LotRow]) -> Iterator[Step]:
    """What the person does next, most urgent first."""
    plan, execution = report.plan, report.execution
    if plan is None:
        yield Step("See what would be traded", "rebalkit plan")
        return
    if report.blocked:
        yield Step("Put right what is listed above as blocking, then plan again", "rebalkit plan")
    elif execution is None and plan.orders:
        yield Step("Read the orders. If you agree, execute the plan", f"rebalkit execute {plan.plan_id}")
    elif execution is not None and execution.end is ExecutionEnd.TICKET and plan.orders:
        yield Step(
            "Place the sales of the ticket and name the lots it lists; wait until they are filled; then place the purchases."
        )
        yield Step(
            "When the broker shows the new positions, export them and plan again: it should find nothing to do", "rebalkit plan"
        )
    elif execution is not None and execution.end is ExecutionEnd.STOPPED:
        yield Step("See what is known of its orders, and what comes next", "rebalkit status")
    elif execution is not None and execution.end in (ExecutionEnd.UNFINISHED, ExecutionEnd.GIVEN_UP):
        yield Step("See above what was not filled and why. Then plan again for what is left to do", "rebalkit plan")
    if not report.blocked:
        yield from _wash_sale_steps(report, plan, lots)


def _wash_sale_steps(report: Report, plan: Plan, lots: Mapping[str, LotRow]) -> Iterator[Step]:
    plan_id = plan.plan_id  # it is a digest of the whole plan
    promised = [one for one in report.promises if one.plan_id == plan_id]
    if promised:
        symbols = sorted({symbol for one in promised for symbol in one.group})
        until = long_day(max(one.free_from for one in promised))
        yield Step(
            f"Until {until}, turn off the reinvestment of dividends of {joined(symbols, 'and')} in every account of yours and your "
            "spouse's, and let no order to buy them rest there: what was promised above binds from the day of the sale."
        )
        return
    sold_at_loss = {
        order.symbol
        for order in plan.orders
        if order.side is Side.SELL and any((lots[part.lot].sold_gain or 0) < 0 for part in order.lots if part.lot in lots)
    }
    if report.execution is not None and report.execution.end is not ExecutionEnd.TICKET:
        sold_at_loss &= {one.symbol for one in report.execution.orders if one.side is Side.SELL and one.filled}
    if not sold_at_loss:
        return
    members = {group[0]: group for group in report.groups.groups}
    names = sorted({report.groups.of(symbol) for symbol in sold_at_loss})
    until = long_day(plan.as_of + FREE_AFTER)
    symbols = sorted(symbol for name in names for symbol in members.get(name, (name,)))
    shown = joined((" / ".join(members.get(name, (name,))) for name in names), "or")
    yield Step(
        f"Buy no {shown} before {until} (31 days after the day of the plan; later if you sell later), in any account of yours "
        "or your spouse's, IRAs and 401(k)s included: "
        "the purchase would wash the losses taken here."
    )
    yield Step(f"Until then, let no account reinvest dividends of {joined(symbols, 'or')}; a reinvestment is a purchase.")
