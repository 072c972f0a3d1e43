"""The report in a terminal, and the same as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rebalkit.model.reports import Report
from rebalkit.report.figures import day, dollars, money, percent, price, shares, signed, signed_percent
from rebalkit.report.files import write_whole
from rebalkit.report.page import Line, Page, plain
from rebalkit.report.parts import Gains, OrderRow
from rebalkit.report.promised import PROMISED, PROMISED_TITLE
from rebalkit.report.view import ReportView, view_of

__all__ = ["TerminalReporter", "plain_text", "report_lines"]

_LEVELS = {"good": "bold green", "neutral": "bold", "warning": "bold yellow", "bad": "bold red"}
_MONEY = {"LIVE": "bold bright_white on red", "PAPER": "bold black on green"}
_SEVERITIES = {"blocking": "bold red", "warning": "bold yellow", "info": "bold"}


class TerminalReporter:
    """Writes ``report.txt``."""

    def render(self, report: Report, into: Path) -> Sequence[Path]:
        """Write the text into the folder ``into``."""
        return [write_whole(into / "report.txt", plain_text(report))]


def plain_text(report: Report, width: int = 100, encoding: str = "utf-8") -> str:
    """``report`` as text without colours, in lines of at most ``width`` columns where they can be, in letters of ``encoding``."""
    return plain(report_lines(report, width, encoding))


def report_lines(report: Report, width: int, encoding: str) -> list[Line]:
    """``report`` as the lines of a terminal."""
    return _Report(width, encoding).show(view_of(report))


class _Report(Page):
    """Lays out a view."""

    def show(self, view: ReportView) -> list[Line]:
        if view.money:
            self.say(view.money, _MONEY[view.money])
        self.say(view.title, "bold")
        self.say("  ".join(f"{name}: {text}" for name, text in view.facts), "dim")
        self.space()
        self.say(view.headline)
        self.space()
        self.say(f"{view.status.word.upper()}  {view.status.sentence}", _LEVELS[view.status.level])
        for one in view.findings:
            subject = f"{one.subject}: " if one.subject else ""
            self.say(f"{one.severity.value.upper()}  {subject}{one.message} [{one.code}]", _SEVERITIES[one.severity.value], 2)
        for note in view.notes:
            self.say(f"NOTE  {note}", indent=2)
        self.outcome(view)
        self.classes(view)
        if view.planned:
            self.orders(view)
        self.securities(view)
        self.sums(view)
        self.promises(view)
        self.steps(view)
        return self.lines

    def outcome(self, view: ReportView) -> None:
        outcome = view.outcome
        if outcome is None:
            return
        self.head("Execution")
        self.say(f"{outcome.sentence} {outcome.verification}".rstrip())
        if outcome.orders:
            names = ("Order", "Security", "#Planned", "#Asked", "#Filled", "#Average", "#Fees", "State")
            self.table(names, (
                (o.side, o.symbol, shares(o.planned), shares(o.asked), shares(o.filled), price(o.average_price), money(o.fees),
                 f"{o.state}: {o.message}" if o.message else o.state)
                for o in outcome.orders
            ))  # fmt: skip
        if outcome.left:
            self.say("Left to do:", "bold")
            self.table(*_order_table(outcome.left))
        if outcome.cash_after is not None:
            self.say(f"Cash {dollars(outcome.cash_before)} before, {dollars(outcome.cash_after)} afterwards.")
        if outcome.journal:
            self.say(outcome.journal)

    def classes(self, view: ReportView) -> None:
        if not view.classes:
            return
        self.head("Classes")
        after = "" if view.drift_after is None else f"; {percent(view.drift_after)} % after the plan"
        self.say(f"{percent(view.drift)} % of the invested money is in the wrong class now{after}.")
        if not view.planned:
            self.table(("Class", "#Target %", "#Now %", "#Drift", "#Now USD"), (
                (c.name, percent(c.target), percent(c.percent), signed_percent(c.drift), money(c.value)) for c in view.classes
            ))  # fmt: skip
            return
        names = ("Class", "#Target %", "#Now %", "#Drift", "Buy", "#After USD", "#After %", "#Drift")
        self.table(names, (
            (c.name, percent(c.target), percent(c.percent), signed_percent(c.drift),
             f"{shares(c.buy_quantity)} {c.buy}" if c.buy else "–", money(c.after), percent(c.after_percent),
             signed_percent(c.after_drift))
            for c in view.classes
        ))  # fmt: skip

    def orders(self, view: ReportView) -> None:
        if view.sells:
            self.head("Sales, with the lots to name")
        for order in view.sells:
            self.say(
                f"SELL {shares(order.quantity)} {order.symbol} at {price(order.limit)}, about {dollars(order.estimated)}, "
                f"{'loss' if order.gain is not None and order.gain < 0 else 'gain'} {signed(order.gain)}",
                "bold",
            )
            self.say(order.reason, indent=2)
            self.table(("Lot", "#Sell", "#of", "Acquired", "Term", "#Cost", "#Proceeds", "#Gain"), (
                (lot.lot, shares(lot.sold), shares(lot.quantity), day(lot.acquired), lot.term, money(lot.sold_cost),
                 money(lot.proceeds), signed(lot.sold_gain))
                for lot in order.lots
            ), 2)  # fmt: skip
        if view.buys:
            self.head("Purchases, when the sales are filled" if view.sells else "Purchases")
            self.table(*_order_table(view.buys))
        if view.not_traded:
            self.head("Not traded, and why")
            self.table(("What", "~Why"), ((one.subject, one.reason) for one in view.not_traded))

    def securities(self, view: ReportView) -> None:
        rows = [(group.name or "outside the targets", one) for group in view.groups for one in group.securities]
        if not rows:
            return
        self.head("Securities")
        names = ("Security", "Rank", "#Shares", "#Value", "#Gains", "#Losses", *(("Plan",) if view.planned else ("Class",)))
        self.table(names, (
            (one.symbol, one.role, shares(one.quantity), money(one.value), signed(one.gains.gain), signed(one.gains.loss),
             one.action if view.planned else name)
            for name, one in rows
        ))  # fmt: skip
        trades = [(trade, one.symbol) for _, one in rows for trade in one.trades]
        if trades:
            self.space()
            self.say("Trades of the last 30 days, all accounts", "bold")
            self.table(("Date", "Account", "Trade", "Security", "#Shares", "#Price"), (
                (day(t.date), t.account, t.action, symbol, shares(t.quantity), price(t.price)) for t, symbol in trades
            ))  # fmt: skip

    def sums(self, view: ReportView) -> None:
        self.head("Gains and losses, before netting")
        if view.realized is not None:
            self.terms("Realised by this plan", view.realized)
            self.say(f"Harvested losses: {dollars(view.harvested)}, gross; not a return.")
            self.space()
        self.terms("Unrealised now", view.unrealized)
        self.head("Cash")
        if view.planned:
            cash = view.cash
            moved = f"{signed(cash.proceeds)} from sales, {signed(-cash.spent)} for purchases"
            self.say(f"{dollars(cash.before)} before, {moved}: {dollars(cash.after)} after.")
        else:
            self.say(f"{dollars(view.cash.before)}, of it {dollars(view.unsettled)} not settled.")
        for one in view.open_orders:
            self.say(f"Open order: {one}")
        self.say(f"Other accounts seen by the wash-sale rule: {', '.join(view.others) or 'none'}.")
        for group in view.identical:
            self.say(f"Treated as identical: {group.words}.")

    def terms(self, label: str, gains: Gains) -> None:
        self.table((label, "#Gains", "#Losses", "#Sum"), (
            ("short term", signed(gains.short_gain), signed(gains.short_loss), signed(gains.short)),
            ("long term", signed(gains.long_gain), signed(gains.long_loss), signed(gains.long)),
        ))  # fmt: skip
        if gains.unknown:
            self.say(f"Not in it: {gains.unknown} without a known basis, date or quote.")

    def promises(self, view: ReportView) -> None:
        if not view.promises:
            return
        self.head(PROMISED_TITLE)
        self.say(PROMISED)
        self.table(("~Not to be bought", "Last day", "Free from", "#Shares", "#At stake", "~Loss taken"), (
            (one.symbols, day(one.through), day(one.free_from), shares(one.quantity), money(one.loss),
             f"{day(one.sold)} in {one.account}{', by this plan' if one.new else ''}")
            for one in view.promises
        ))  # fmt: skip

    def steps(self, view: ReportView) -> None:
        self.head("Next steps")
        if not view.steps:
            self.say("None. Plan again when prices have moved or cash has come in.")
        for number, step in enumerate(view.steps, 1):
            self.say(f"{number}. {step.text}{': ' if step.command else ''}{step.command}")


def _order_table(orders: Iterable[OrderRow]) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    names = ("Order", "Security", "#Shares", "#Limit", "#Estimated", "~Why")
    rows = ((o.side, o.symbol, shares(o.quantity), price(o.limit), money(o.estimated), o.reason) for o in orders)
    return names, rows
