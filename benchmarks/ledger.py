"""Times the wash-sale ledger on random histories: ``python benchmarks/ledger.py [--quick]``.

A history is what a household with three accounts, one of them an IRA, has after years of investing in 35 tickers: purchases with fees,
reinvested dividends, sales of named lots and first in, first out. Times are the processor's, the best of several runs, from trades that
are ready. The baseline is the common way to write such a calculator: each loss looks through all trades. Ends with 1 when a limit is not
met.
"""

from __future__ import annotations

import datetime as dt
import gc
import math
import random
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable
from fractions import Fraction

from rebalkit.model import AccountKind, Action, IdentityGroups, WashPolicy
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.trades import Trade

ACCOUNTS = {"joint": AccountKind.TAXABLE, "other": AccountKind.TAXABLE, "ira": AccountKind.IRA}
SYMBOLS = [f"T{number:02}" for number in range(35)]
POLICY = WashPolicy(IdentityGroups([SYMBOLS[0:4], SYMBOLS[4:6], SYMBOLS[6:9], SYMBOLS[9:11]]))

MOST = {10_000: 0.020, 1_000_000: 8.0}
"""Seconds that so many trades may take."""
MOST_GROWTH = 1.2
"""Exponent of the growth from 10,000 trades to the largest history."""
MOST_MEMORY = 1000
"""Megabytes of the whole process with a million trades."""


def history(count: int, seed: int = 1, *, growth: float = 0.10) -> list[Trade]:
    """``count`` trades, about 1,000 a year, at prices that grow by so much a year on average and swing by 16 % (one sigma)."""
    per_trade = len(SYMBOLS) / 1000
    drift, swing = math.log1p(growth) * per_trade, 0.16 * math.sqrt(per_trade)
    chance = random.Random(seed)
    day = dt.date(2025, 6, 30) - dt.timedelta(days=max(365, count * 365 // 1000))
    days = (dt.date(2025, 6, 30) - day).days
    price = {symbol: chance.uniform(20, 400) for symbol in SYMBOLS}
    held: defaultdict[tuple[str, str], deque[list[int | str]]] = defaultdict(deque)
    trades: list[Trade] = []
    places = [(account, symbol) for account in ACCOUNTS for symbol in SYMBOLS]
    for number in range(count):
        date = day + dt.timedelta(days=number * days // count)
        account, symbol = chance.choice(places)
        price[symbol] *= math.exp(chance.gauss(drift, swing))
        if not 2 < price[symbol] < 4000:
            price[symbol] = chance.uniform(20, 400)
        nanos = round(price[symbol] * 100) * 10**7
        lots = held[account, symbol]
        draw = chance.random()
        if lots and draw < 0.42:
            fees = 0 if draw < 0.3 else 10**7
            if draw < 0.2:
                one = lots[-1] if draw < 0.1 else lots[0]
                micros = one[1] if draw < 0.15 else max(1, one[1] // 2)
                named = ((one[0], micros),)
                if micros == one[1]:
                    lots.remove(one)
                else:
                    one[1] -= micros
            else:
                wanted = micros = min(chance.randint(1, 120) * 10**6, sum(one[1] for one in lots))
                named = ()
                while wanted:
                    taken = min(wanted, lots[0][1])
                    lots[0][1] -= taken
                    wanted -= taken
                    if not lots[0][1]:
                        lots.popleft()
            trades.append(Trade(f"S{number}", date, account, symbol, Action.SELL, micros, nanos, fees, named))
        else:
            drip = draw > 0.8
            micros = chance.randint(1, 3_000_000) if drip else chance.randint(1, 80) * 10**6
            action, fees = (Action.REINVEST, 0) if drip else (Action.BUY, 10**9 if draw < 0.5 else 0)
            trades.append(Trade(f"B{number}", date, account, symbol, action, micros, nanos, fees))
            lots.append([f"B{number}", micros])
    return trades


def scanning(trades: list[Trade]) -> Fraction:
    """Dollars disallowed, the common way: a list of purchases, and each loss looks through all of it."""
    group = POLICY.groups.of
    bought: list[list[object]] = []  # trade, shares left, shares that have replaced nothing, addition a share
    for one in trades:
        if one.action is not Action.SELL:
            bought.append([one, one.micros, one.micros, Fraction(0)])
    disallowed = Fraction(0)
    for sale in trades:
        if sale.action is not Action.SELL:
            continue
        left, sold = sale.micros, []
        proceeds = Fraction(sale.price, 10**15) - Fraction(sale.fees, sale.micros * 10**9)
        for lot in bought:
            one = lot[0]
            if (one.account, one.symbol) != (sale.account, sale.symbol) or one.date > sale.date or not lot[1]:
                continue
            if sale.lots and sale.lots[0][0] != one.id:
                continue
            taken = min(left, lot[1])
            lot[1] -= taken
            lot[2] = min(lot[2], lot[1])
            left -= taken
            sold.append((lot, taken))
            if not left:
                break
        for lot, shares in sold:
            one = lot[0]
            loss = Fraction(one.price, 10**15) + Fraction(one.fees, one.micros * 10**9) + lot[3] - proceeds
            if loss <= 0 or not ACCOUNTS[sale.account].taxable:
                continue
            for other in bought:
                near = other[0]
                if (
                    group(near.symbol) != group(sale.symbol)
                    or abs((near.date - sale.date).days) > 30
                    or near is one
                    or not other[2]
                ):
                    continue
                matched = min(shares, other[2])
                other[2] -= matched
                shares -= matched
                disallowed += matched * loss
                other[3] += loss * matched / near.micros
                if not shares:
                    break
    return disallowed


def best_of(runs: int, call: Callable[[], object]) -> float:
    """Seconds of the fastest of ``runs`` calls."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        made = call()
        times.append(time.process_time() - start)
        del made  # Taking it apart is no part of making it.
    return min(times)


def measure(count: int) -> tuple[float, list[str]]:
    """Print one line; return seconds and what is wrong."""
    trades = history(count)
    ledger = build_ledger(trades, ACCOUNTS, POLICY)
    fields = [
        (one.id, one.date, one.account, one.symbol, one.action, one.micros, one.price, one.fees, one.lots) for one in trades
    ]
    making = best_of(3, lambda: [Trade(*one) for one in fields])
    seconds = best_of(max(3, min(20, 200_000 // count)), lambda: build_ledger(trades, ACCOUNTS, POLICY))
    reading = best_of(1, lambda: (ledger.realised, ledger.matches, ledger.open_lots))
    print(
        f"{count:>9,} trades: {seconds * 1000:9.2f} ms   making the trades {making * 1000:8.2f} ms, all rows {reading * 1000:8.2f} ms"
        f"   ({len(ledger.realised):,} rows, {len(ledger.matches):,} matches, {len(ledger.open_lots):,} open)"
    )
    found = [f"{count:,} trades take {seconds:.3f} s, more than {MOST[count]}"] if seconds > MOST.get(count, math.inf) else []
    return seconds, found


def peak_memory(count: int) -> float:
    """Megabytes of a process that makes so many trades and a ledger of them."""
    code = (
        f"import ledger; ledger.build_ledger(ledger.history({count}), ledger.ACCOUNTS, ledger.POLICY); "
        "print(open('/proc/self/status').read())"
    )
    # Not getrusage: what it says of a child includes the memory of the parent that it was forked from.
    status = subprocess.run([sys.executable, "-c", code], cwd=sys.path[0], check=True, capture_output=True, text=True).stdout
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(arguments: list[str]) -> int:
    """Run all sizes, or none above 100,000 trades with ``--quick``."""
    problems: list[str] = []
    times: dict[int, float] = {}
    sizes = [1_000, 10_000, 100_000] + ([] if "--quick" in arguments else [1_000_000])
    for count in sizes:
        times[count], found = measure(count)
        problems += found
    flat = history(10_000, growth=0)
    ledger = build_ledger(flat, ACCOUNTS, POLICY)
    seconds = best_of(20, lambda: build_ledger(flat, ACCOUNTS, POLICY))
    print(f"   10,000 trades: {seconds * 1000:9.2f} ms   in a market that goes nowhere ({len(ledger.matches):,} matches)")
    growth = math.log(times[sizes[-1]] / times[10_000]) / math.log(sizes[-1] / 10_000)
    print(f"growth from 10,000 to {sizes[-1]:,} trades: n^{growth:.2f}")
    if round(growth, 2) > MOST_GROWTH:
        problems.append(f"time grows with n^{growth:.2f}, more than {MOST_GROWTH}")
    for count in (1_000, 10_000):
        baseline = best_of(1, lambda count=count: scanning(history(count)))
        print(
            f"{count:>9,} trades, each loss looking through all: {baseline * 1000:9.1f} ms ({baseline / times[count]:5.0f} times slower)"
        )
    memory = peak_memory(sizes[-1])
    print(f"peak memory with {sizes[-1]:,} trades: {memory:.0f} MB")
    if memory > MOST_MEMORY:
        problems.append(f"{memory:.0f} MB, more than {MOST_MEMORY}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
