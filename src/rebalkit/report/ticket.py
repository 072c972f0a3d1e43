"""The order ticket: what a person enters by hand at a broker that takes no orders from programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rebalkit.errors import BlockedError
from rebalkit.model.findings import Severity
from rebalkit.model.reports import Report
from rebalkit.money import tick_down
from rebalkit.report.csv_report import Cell, table
from rebalkit.report.figures import day, dollars, long_day, money, price, shares, signed
from rebalkit.report.files import write_whole
from rebalkit.report.parts import OrderRow
from rebalkit.report.promised import PROMISED, PROMISED_TITLE
from rebalkit.report.view import ReportView, view_of
from rebalkit.report.wording import counted

__all__ = ["write_ticket"]

# Limits are rounded down to what a broker takes: a purchase then never costs more than planned.


def write_ticket(report: Report, into: Path) -> Sequence[Path]:
    """Write ``order-ticket.txt`` and ``order-ticket.csv`` into the folder ``into`` and return their paths.

    A sale has one line a lot in the table, so that each can be named to the broker.

    Raises:
        BlockedError: A finding forbids the plan to be executed; a ticket would be a way around it.
        ValueError: The report has no plan.
    """
    if report.plan is None:
        raise ValueError("the report has no plan")
    if report.blocked:
        blocking = [one.message for one in report.findings if one.severity is Severity.BLOCKING]
        raise BlockedError(" ".join(blocking), place="order ticket", remedy="Put this right and plan again.")
    view = view_of(report)
    return [
        write_whole(into / "order-ticket.txt", "\n".join(_lines(view)) + "\n"),
        write_whole(into / "order-ticket.csv", _table(view)),
    ]


def _table(view: ReportView) -> str:
    header = ("step", "side", "symbol", "quantity", "limit", "estimated", "lot", "lot_quantity", "acquired")

    def rows(order: OrderRow) -> Iterator[tuple[Cell, ...]]:
        step = "1" if order.side == "sell" or not view.sells else "2"
        start: tuple[Cell, ...] = (step, order.side, order.symbol, order.quantity, tick_down(order.limit), order.estimated)
        if not order.lots:
            yield (*start, None, None, None)
        for lot in order.lots:
            yield (*start, lot.lot, lot.sold, lot.acquired)

    return table(header, [row for order in view.orders for row in rows(order)])


def _lines(view: ReportView) -> Iterator[str]:
    yield f"ORDER TICKET  {view.title}"
    yield "  ".join(f"{name}: {text}" for name, text in view.facts)
    yield f"Prices are of {long_day(view.as_of)} at the latest; look at the market before you place an order."
    for one in view.found("warning"):
        yield f"WARNING  {one.message}"
    if not view.orders:
        yield ""
        yield "Nothing to do."
        return
    if view.sells:
        yield from ("", f'STEP 1  Place {counted(len(view.sells), "sale")}, naming the lots ("specific identification").', "")
        for order in view.sells:
            yield from _order(order)
            for lot in order.lots:
                yield (
                    f"       [ ] lot {lot.lot}: {shares(lot.sold)} of {shares(lot.quantity)} shares, "
                    f"acquired {day(lot.acquired)}, {lot.term} term, {'loss' if (lot.sold_gain or 0) < 0 else 'gain'} {signed(lot.sold_gain)}"
                )
        yield f"   Together about {dollars(view.cash.proceeds)}."
    if view.buys:
        if view.sells:
            yield from ("", "WAIT    Wait for the sales to fill, then buy. If they bring less than planned, buy less.")
        yield from ("", f"STEP {2 if view.sells else 1}  Place {counted(len(view.buys), 'purchase')}.", "")
        for order in view.buys:
            yield from _order(order)
        yield f"   Together about {dollars(view.cash.spent)}."
    yield from ("", f"Cash: {money(view.cash.before)} now, about {money(view.cash.after)} afterwards.")
    if view.promises:
        yield from ("", PROMISED_TITLE.upper(), f"  {PROMISED}")
        for row in view.promises:
            yield (
                f"  [ ] {row.symbols}: not before {day(row.free_from)} "
                f"({shares(row.quantity)} shares, {dollars(row.loss)}; sold {day(row.sold)} in {row.account})"
            )
    yield from ("", "AFTERWARDS")
    for step in view.steps:
        if not step.command.startswith("rebalkit execute"):
            yield f"  * {step.text}{': ' + step.command if step.command else ''}"


def _order(order: OrderRow) -> Iterator[str]:
    yield (
        f"  [ ] {order.side.upper():4} {shares(order.quantity):>10} {order.symbol:<10} "
        f"limit {price(tick_down(order.limit)):>10}   about {money(order.estimated):>14}"
    )
