"""Reports to be shown: of the packaged sample account, with a plan made by hand so that it does not move with any strategy."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from importlib.resources import files

from attrs import evolve

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    CashSummary,
    ClassPlan,
    Execution,
    ExecutionEnd,
    Finding,
    IdentityGroups,
    JournalMark,
    Limits,
    Lot,
    LotSale,
    NotTraded,
    OpenOrder,
    Order,
    OrderResult,
    OrderState,
    Plan,
    Promise,
    Quote,
    Reason,
    Report,
    Severity,
    Side,
    Snapshot,
    Targets,
    TaxSummary,
    Transaction,
    WashPolicy,
)
from rebalkit.tax.holding import is_long_term

AS_OF = dt.date(2025, 4, 8)
CENT = Decimal("0.01")
TARGETS = Targets([
    AssetClass("US large cap", "41", ["IVV", "SCHX", "VV", "VOO"], ["IWB"]),
    AssetClass("US mid cap", "11", ["IJH", "VO", "SCHM"], ["IWR"]),
    AssetClass("US small cap", "5", ["IJR", "SCHA", "VB"], ["VXF", "IWM"]),
    AssetClass("International developed", "23", ["VEA", "IEFA", "SCHF", "VEU"]),
    AssetClass("Emerging markets", "5", ["VWO", "IEMG", "SCHE"]),
    AssetClass("Real estate", "5", ["VNQ", "SCHH", "USRT"], ["RWR"]),
    AssetClass("Short bonds", "3", ["SUB", "SHM"]),
    AssetClass("Mid and long bonds", "7", ["MUB", "VTEB", "TFI"], ["ITM"]),
])  # fmt: skip


def _table(name: str) -> Iterator[dict[str, str]]:
    text = files("rebalkit").joinpath("sample", f"{name}.csv").read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


def snapshot() -> Snapshot:
    """The sample account, read without the help of any broker."""
    lots: dict[str, list[Lot]] = {}
    for row in _table("lots"):
        acquired = dt.date.fromisoformat(row["acquired"]) if row["acquired"] else None
        lots.setdefault(row["account"], []).append(Lot(row["lot"], row["symbol"], row["quantity"], acquired, row["cost"] or None))
    accounts = [
        AccountSnapshot(row["account"], AccountKind(row["kind"]), Cash(row["cash"]), tuple(lots.get(row["account"], ())))
        for row in _table("accounts")
    ]
    planned = next(one for one in accounts if one.account == "taxable")
    return Snapshot(
        as_of=AS_OF,
        account=planned,
        others=tuple(one for one in accounts if one is not planned),
        quotes={row["symbol"]: Quote(row["symbol"], row["price"], row["price"], AS_OF) for row in _table("prices")},
        transactions=tuple(
            Transaction(
                row["account"], dt.date.fromisoformat(row["date"]), Action(row["action"]), row["symbol"], row["quantity"],
                row["price"], row["fees"], row["order"], row["lot"],
            )
            for row in _table("transactions")
        ),
        history_from=dt.date(2024, 4, 8),
    )  # fmt: skip


def value_of(shot: Snapshot, symbols: Iterator[str] | tuple[str, ...]) -> Decimal:
    wanted = set(symbols)
    held: dict[str, Decimal] = {}
    for lot in shot.account.lots:
        if lot.symbol in wanted:
            held[lot.symbol] = held.get(lot.symbol, Decimal(0)) + lot.quantity
    return sum(((q * shot.quotes[s].bid).quantize(CENT, ROUND_FLOOR) for s, q in held.items()), Decimal(0))


def _sale(shot: Snapshot, symbol: str) -> Order | None:
    """All losing lots of ``symbol``, the last one in part when there are several."""
    bid = shot.quotes[symbol].bid
    losing = [lot for lot in shot.account.lots if lot.symbol == symbol and lot.cost is not None and lot.quantity * bid < lot.cost]
    if not losing:
        return None
    parts = [LotSale(lot.lot, lot.quantity) for lot in losing]
    if len(parts) > 2:
        parts[-1] = LotSale(parts[-1].lot, (losing[-1].quantity / 2).quantize(Decimal(1), ROUND_CEILING))
    quantity = sum((part.quantity for part in parts), Decimal(0))
    loss = sum((lot.quantity * bid - lot.cost for lot in losing if lot.cost is not None), Decimal(0))
    reason = Reason("harvest_loss", {"loss": str(-loss.quantize(CENT)), "lots": len(parts)})
    return Order(Side.SELL, symbol, quantity, tuple(parts), bid, (quantity * bid).quantize(CENT, ROUND_FLOOR), reason)


def plan(shot: Snapshot | None = None, targets: Targets = TARGETS) -> Plan:
    """A plausible plan: losses are sold, and the cash is spread in proportion to what the classes lack."""
    shot = shot or snapshot()
    chosen = {
        "US large cap": "SCHX", "US mid cap": "VO", "International developed": "IEFA",
        "Emerging markets": "VWO", "Real estate": "SCHH", "Short bonds": "SUB", "Mid and long bonds": "VTEB",
    }  # fmt: skip
    sales = [sale for symbol in ("IVV", "IJH", "SCHM", "VEA", "VNQ", "MUB", "QQQ") if (sale := _sale(shot, symbol))]
    sold = {order.symbol: order.estimated for order in sales}
    lots = {lot.lot: lot for lot in shot.account.lots}
    proceeds = sum(sold.values(), Decimal(0))
    cash = shot.account.cash.total + proceeds
    values = {one.name: value_of(shot, one.symbols) for one in targets.classes}
    left = {
        one.name: values[one.name] - sum((sold.get(s, Decimal(0)) for s in one.symbols), Decimal(0)) for one in targets.classes
    }
    whole = sum(left.values(), Decimal(0)) + cash
    lack = {one.name: max(Decimal(0), whole * one.target / 100 - left[one.name]) for one in targets.classes if one.name in chosen}
    buys, rows, spent = [], [], Decimal(0)
    for one in targets.classes:
        symbol = chosen.get(one.name)
        wanted = (cash * lack[one.name] / sum(lack.values())).quantize(CENT, ROUND_FLOOR) if symbol else Decimal(0)
        ask = shot.quotes[symbol].ask if symbol else Decimal(1)
        quantity = (wanted / ask).to_integral_value(ROUND_FLOOR)
        cost = (quantity * ask).quantize(CENT, ROUND_CEILING)
        spent += cost
        if symbol and quantity:
            rank = one.rank_of(symbol)
            reason = Reason("buy_class", {"class": one.name, "rank": rank, "amount": str(wanted)})
            buys.append(Order(Side.BUY, symbol, quantity, (), ask, cost, reason))
        rows.append(
            (one, values[one.name], values[one.name] - left[one.name], symbol if quantity else None, wanted, quantity, cost)
        )
    before, after = sum(values.values(), Decimal(0)), sum((v - s + c for _, v, s, _, _, _, c in rows), Decimal(0))
    sums = {(long, gain): Decimal(0) for long in (True, False) for gain in (True, False)}
    for order in sales:
        for part in order.lots:
            lot = lots[part.lot]
            assert lot.cost is not None
            assert lot.acquired is not None
            change = (part.quantity * order.limit - lot.cost * part.quantity / lot.quantity).quantize(CENT, ROUND_HALF_EVEN)
            sums[is_long_term(lot.acquired, shot.as_of), change > 0] += change
    return Plan(
        as_of=shot.as_of,
        account=shot.account.account,
        strategy="greedy",
        classes=tuple(
            ClassPlan(
                one.name, one.target, value, 100 * value / before if before else Decimal(0), sale, value - sale, symbol, wanted,
                quantity, cost, value - sale + cost, 100 * (value - sale + cost) / after if after else Decimal(0),
            )
            for one, value, sale, symbol, wanted, quantity, cost in rows
        ),
        orders=(*sales, *buys),
        not_traded=(
            NotTraded("US small cap", Reason("no_ticker_to_buy", {"candidates": 3})),
            NotTraded("IJR", Reason("bought_recently", {
                "losing_lots": 2, "gaining_lots": 3, "loss": "-684.25", "free_on": "2025-04-20", "trades": ["buy 35 on 2025-03-20"],
            })),
            NotTraded("IJH", Reason("sold_recently", {"free_on": "2025-04-13", "trades": ["sell 60 on 2025-03-13"]})),
            NotTraded("GLD", Reason("gain_over_limit", {"gaining_lots": 1, "gain": "1204.80", "limit": "0.00"})),
            NotTraded("IVV-14", Reason("my_own_rule", {"kept": 12})),
        ),
        tax=TaxSummary(
            sums[False, True], sums[False, False], sums[True, True], sums[True, False], -(sums[False, False] + sums[True, False])
        ),
        cash=CashSummary(shot.account.cash.total, proceeds, spent, cash - spent),
        snapshot=shot.digest,
    )  # fmt: skip


WARNINGS = (
    Finding("dividends_reinvested", Severity.WARNING, "The broker reinvests dividends of VNQ: a reinvestment within 30 days "
            "of the sale washes part of its loss. Turn it off before you sell.", "VNQ", {"account": "ira"}),
    Finding("half_day", Severity.WARNING, "The exchange closes at 1 p.m. on April 17, 2025.", ""),
    Finding("accounts_not_seen", Severity.INFO, "Only the accounts taxable and ira were read. A purchase in an account that is "
            "not here, a spouse's included, can wash a loss taken here.", "", {"seen": ["taxable", "ira"]}),
)  # fmt: skip
BLOCKING = Finding("stale_quote", Severity.BLOCKING, "The quote of IEFA is of 2025-03-28, before the last session. Get a newer one.",
                   "IEFA", {"date": "2025-03-28"})  # fmt: skip


def promises(plan_id: str) -> tuple[Promise, ...]:
    """One of the plan, and one that an earlier plan made in another account."""
    return (
        Promise("earlier-1", ("VWO",), "spouse", dt.date(2025, 3, 20), dt.date(2025, 4, 19), dt.date(2025, 4, 20), "12.5", "310.07",
                "0123456789ab"),
        Promise(f"{plan_id}-1", ("IVV", "SPY", "VOO"), "taxable", dt.date(2025, 4, 8), dt.date(2025, 5, 8), dt.date(2025, 5, 9), "85",
                "7289.83", plan_id),
    )  # fmt: skip


def planned() -> Report:
    """A plan with everything in it, not executed yet."""
    shot = snapshot()
    account = evolve(
        shot.account, reinvests=("VNQ",), open_orders=(OpenOrder("778", Side.BUY, "VTEB", Decimal(4), Decimal("47.10")),)
    )
    shot = evolve(shot, account=account, notes=("lots.csv: the column 'broker' is not used.",))
    return Report(
        shot,
        TARGETS,
        plan(shot),
        WARNINGS,
        limits=Limits(Decimal(100)),
        policy=WashPolicy(IdentityGroups([["IVV", "VOO", "SPY"]])),
        promises=promises(plan(shot).plan_id),
    )


def blocked() -> Report:
    """The same plan with a finding against it."""
    return evolve(planned(), findings=(*WARNINGS, BLOCKING))


def account_only() -> Report:
    """The account as it stands, with a lot of unknown basis and one without a quote."""
    shot = snapshot()
    strange = (Lot("GIFT-1", "IVV", "3.25", None, None), Lot("ODD-1", "ZVZZT", "100", dt.date(2024, 4, 8), "1200"))
    return Report(evolve(shot, account=evolve(shot.account, lots=(*shot.account.lots, *strange))), TARGETS, None)


def executed(end: ExecutionEnd = ExecutionEnd.CONVERGED) -> Report:
    """The plan after it was executed on a broker, or written as a ticket."""
    report = planned()
    made = report.plan
    assert made is not None
    finished = end is ExecutionEnd.CONVERGED
    unknown = (ExecutionEnd.TICKET, ExecutionEnd.STOPPED, ExecutionEnd.GIVEN_UP)

    def result(number: int, order: Order) -> OrderResult:
        if end is ExecutionEnd.TICKET:
            return OrderResult(
                f"c{number}", order.side, order.symbol, order.quantity, order.quantity, Decimal(0), None, Decimal(0), None
            )
        part = not finished and number == len(made.orders) - 1
        return OrderResult(
            f"c{number}", order.side, order.symbol, order.quantity, order.quantity,
            Decimal(1) if part else order.quantity, order.limit, Decimal("0.35"),
            OrderState.CANCELLED if part else OrderState.FILLED, "cancelled at the close" if part else "",
        )  # fmt: skip

    left = () if finished else (made.orders[-1],)
    return evolve(
        report,
        execution=Execution(
            made.plan_id, end, tuple(result(number, order) for number, order in enumerate(made.orders)), made.cash.before,
            None if end in unknown else made.cash.after,
            None if end in unknown else evolve(made, orders=left, not_traded=()),
            None if end is ExecutionEnd.TICKET else JournalMark(41, "5e" * 32),
        ),
        live=None if end is ExecutionEnd.TICKET else False,
    )  # fmt: skip


EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    '=HYPERLINK("http://example.invalid","click")',
    "'\"`${7*7}{{7*7}}",
    "\u202egnp.exe\u2066 \u200f",
    "\x1b]0;title\x07\x1b[31mred\x1b[0m\x9b2J\x00\r\n\tend",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "[bold red]markup[/] :warning: [link=http://example.invalid]x[/link]",
)


def hostile() -> Report:
    """A report in which every text that comes from outside is an attack."""
    names = dict(zip((one.name for one in TARGETS.classes), EVIL, strict=True))
    targets = Targets(tuple(evolve(one, name=names[one.name]) for one in TARGETS.classes))
    shot = snapshot()
    renamed = {lot.lot: f"{EVIL[number % len(EVIL)]}{number}" for number, lot in enumerate(shot.account.lots)}
    account = evolve(
        shot.account, account=EVIL[1], lots=tuple(evolve(lot, lot=renamed[lot.lot]) for lot in shot.account.lots),
        open_orders=(OpenOrder(EVIL[5], Side.SELL, "GLD", Decimal(1)),),
    )  # fmt: skip
    shot = evolve(
        shot, account=account, others=(evolve(shot.others[0], account=EVIL[0]),), notes=EVIL,
        transactions=tuple(evolve(one, account=EVIL[1]) for one in shot.transactions),
    )  # fmt: skip
    made = plan(snapshot())
    made = evolve(
        made, account=EVIL[1], strategy=EVIL[2],
        classes=tuple(evolve(one, name=names[one.name]) for one in made.classes),
        orders=tuple(
            evolve(
                one, lots=tuple(evolve(part, lot=renamed[part.lot]) for part in one.lots),
                reason=Reason("evil", {EVIL[0]: EVIL[number % len(EVIL)], "list": list(EVIL)}),
            )
            for number, one in enumerate(made.orders)
        ),
        not_traded=tuple(NotTraded(text, Reason("evil", {"why": text})) for text in EVIL),
    )  # fmt: skip
    findings = tuple(Finding("evil", severity, text, text, {"text": text}) for severity in Severity for text in EVIL)
    results = tuple(
        OrderResult(text, Side.SELL, "GLD", Decimal(1), Decimal(1), Decimal(0), None, Decimal(0), OrderState.REJECTED, text)
        for text in EVIL
    )
    done = Execution(
        made.plan_id, ExecutionEnd.UNFINISHED, results, made.cash.before, made.cash.after, evolve(made, not_traded=())
    )
    return Report(shot, targets, made, findings, done)
