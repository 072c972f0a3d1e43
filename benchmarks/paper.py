"""The paper broker at scale: what an order costs with many lots, alone and in a whole run from plan to report.

python benchmarks/paper.py [POSITIONS LOTS]

Ends 1 when an order alone costs more than its limit, or the run more than a minute.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Cash,
    Lot,
    LotSale,
    OrderRequest,
    Placed,
    Quote,
    Side,
)
from rebalkit_paper import PaperBroker, PaperSettings, create_book

DAY = dt.date(2025, 4, 8)
CLASSES = 10
ORDER_LIMIT = 0.002
"""Seconds of CPU time for an order, with all that is asked before and after it."""
RUN_LIMIT = 60.0
"""Seconds of wall time for plan, checks and execution of the whole account."""
REPORT = ("--json", "--reporter", "json")  # a page of every lot is for people, who have fewer


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print the wall and the CPU time of a block."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{name:<44}{time.perf_counter() - wall:9.2f} s{time.process_time() - cpu:9.2f} s CPU", flush=True)


def account(positions: int, lots: int) -> tuple[AccountSnapshot, dict[str, Quote]]:
    """An account of ``positions`` symbols with ``lots`` lots, about every third losing, none bought of late."""
    dice = Random(1)
    symbols = [f"S{number:04}" for number in range(positions)]
    prices = {symbol: Decimal(dice.randint(1000, 30_000)) / 100 for symbol in [*symbols, *(f"B{one}" for one in range(CLASSES))]}
    held = []
    for number in range(lots):
        symbol = symbols[number % positions]
        quantity = Decimal(dice.randint(1, 80))
        cost = (quantity * prices[symbol] * Decimal(dice.randint(4000, 12_500)) / 10_000).quantize(Decimal("0.01"))
        held.append(Lot(f"lot-{number}", symbol, quantity, DAY - dt.timedelta(days=dice.randint(40, 3600)), cost))
    quotes = {symbol: Quote(symbol, price, price, DAY) for symbol, price in prices.items()}
    return AccountSnapshot("main", AccountKind.TAXABLE, Cash("100000.00"), tuple(held)), quotes


def targets(positions: int) -> str:
    """A targets file of classes that hold the symbols in turn, and buy a fund of their own."""
    blocks = []
    for one in range(CLASSES):
        held = [f"S{number:04}" for number in range(one, positions, CLASSES)]
        blocks.append(
            f'[[asset_class]]\nname = "Class {one}"\ntarget = {100 // CLASSES}\nbuy = ["B{one}"]\nhold = {json.dumps(held)}\n'
        )
    return "\n".join(blocks)


def orders_alone(owner: AccountSnapshot, quotes: dict[str, Quote]) -> float:
    """CPU seconds for an order: one for each symbol, a part of each of its lots, asked about as an executor asks."""
    create_book("alone", [owner], quotes, DAY)
    broker = PaperBroker(PaperSettings("alone"))
    with timed("  the book is read"):
        broker.today()
    of_symbol: dict[str, list[Lot]] = {}
    for lot in owner.lots:
        of_symbol.setdefault(lot.symbol, []).append(lot)
    before = time.process_time()
    with timed(f"  {len(of_symbol)} orders"):
        for number, (symbol, lots) in enumerate(of_symbol.items()):
            sales = tuple(LotSale(lot.lot, Decimal(1)) for lot in lots)
            broker.quotes([symbol])
            request = OrderRequest(f"c{number}", Side.SELL, symbol, Decimal(len(lots)), sales, quotes[symbol].bid)
            preview = broker.preview("main", request)
            broker.now()
            broker.part("main", [symbol])
            broker.part_transactions("main", [symbol])
            broker.orders("main", DAY)
            placed = broker.place("main", preview)
            assert isinstance(placed, Placed), placed
            assert broker.orders("main", DAY)[-1].filled == len(lots)
    spent = time.process_time() - before
    with timed("  the book is read with its log"):
        assert len(PaperBroker(PaperSettings("alone")).orders("main", DAY)) == len(of_symbol)
    return spent / len(of_symbol)


def whole_run(owner: AccountSnapshot, quotes: dict[str, Quote], positions: int, folder: Path) -> float:
    """Wall seconds of two commands: one plans and checks, one executes and plans again; each writes its report as JSON."""
    create_book("whole", [owner], quotes, DAY, history_from={"main": dt.date(2000, 1, 1)})
    (folder / "targets.toml").write_text(targets(positions), encoding="utf-8")
    before = time.perf_counter()
    command(
        "plan", "--broker", "paper", "--set", "brokers.paper.book=whole", "--targets", "targets.toml", "--json", folder=folder
    )
    [run] = (folder / "runs").iterdir()
    done = command("execute", str(run), "--yes", *REPORT, folder=folder)
    seconds = time.perf_counter() - before
    print(f"  {len(done['orders'])} orders, {done['end']}")
    assert done["end"] == "converged"
    return seconds


def command(*arguments: str, folder: Path) -> dict[str, Any]:
    """What ``rebalkit`` prints as JSON, once it has ended well; its costs are printed."""
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run([sys.executable, "-m", "rebalkit", *arguments], cwd=folder, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - wall
    print(f"  rebalkit {arguments[0]:<33}{seconds:9.2f} s{cpu:9.2f} s CPU, {after.ru_maxrss // 1024} MB at most", flush=True)
    return dict(json.loads(ran.stdout))


def main() -> int:
    """Both benchmarks; 1 when one is above its limit."""
    positions, lots = (int(one) for one in sys.argv[1:]) if len(sys.argv) > 1 else (3_000, 100_000)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REBALKIT_HOME"] = folder
        owner, quotes = account(positions, lots)
        print(f"{positions} positions, {lots} lots")
        order = orders_alone(owner, quotes)
        print(f"an order: {order * 1000:.2f} ms CPU, {order / ORDER_LIMIT:.0%} of the limit")
        seconds = whole_run(owner, quotes, positions, Path(folder))
        print(f"plan, checks and execution: {seconds:.1f} s, {seconds / RUN_LIMIT:.0%} of the limit")
    return int(order > ORDER_LIMIT or seconds > RUN_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
