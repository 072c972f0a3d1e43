"""Rows as transactions: what each kind does, and what is counted, noted or refused on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from rebalkit.brokers.exports.amounts import exact_price
from rebalkit.brokers.exports.entries import Entry
from rebalkit.brokers.exports.kinds import CORRECT, Kind, Move
from rebalkit.brokers.exports.securities import Other, other_kind, ticker
from rebalkit.brokers.files.cells import BadCell
from rebalkit.brokers.files.problems import Problems, shown
from rebalkit.errors import DataError
from rebalkit.model import Action, HistoryRows, OpenSplit, Transaction
from rebalkit.model.history import split_quantity
from rebalkit.money import plain, to_micros, trim

__all__ = ["Gathering"]

_ACTIONS = {Move.BUY: Action.BUY, Move.SELL: Action.SELL, Move.REINVEST: Action.REINVEST}
_NAMES_LOT = re.compile(r"\bLOT \d{8}\b|\bVERSUS PURCHASE\b|\bVSP\b", re.I)
_MOST_SYMBOLS = 10
_UNKNOWN = (
    "If it moves no shares, take it out of a copy of the file; if it does, write it as a row of transactions.csv instead. "
    "Please report it, so that it can be read."
)
_BESIDE = {
    Other.OPTION: "; an option to buy, too, can wash a loss, and premiums of those exercised belong to the shares: neither is seen",
    Other.BOND: "",
    Other.MONEY_FUND: "; a share of these is always a dollar",
}


class Gathering:
    """What is found in one file.

    Args:
        source: The file, for messages.
        problems: Where problems go.
        label: Label of the account above the table; empty when there is none.
        ratio_of: See `ExportReader`.
        word_of: See `ExportReader`.
    """

    def __init__(
        self,
        source: str,
        problems: Problems,
        label: str,
        ratio_of: Callable[[Entry], tuple[int, int] | None],
        word_of: Callable[[Entry], str],
    ) -> None:
        self._source = source
        self._problems = problems
        self._label = label
        self._ratio_of = ratio_of
        self._word_of = word_of
        self._found: list[tuple[dt.date, Transaction | OpenSplit]] = []
        self._recorded: list[dt.date] = []
        self._ignored: Counter[str] = Counter()
        self._others: dict[Other, Counter[str]] = {}
        self._remarks: Counter[str] = Counter()
        self._splits: dict[tuple[str, str, dt.date], Decimal] = {}
        self._numbers: dict[str, str] = {}

    def add(self, entry: Entry, kind: Kind | None) -> None:
        """Take one row, in the order of the file."""
        self._recorded.append(entry.recorded)
        try:
            self._take(entry, kind)
        except (BadCell, DataError) as bad:
            self._problems.add(
                self._source,
                f"{shown(entry.kind)}{f' of {shown(entry.symbol)}' if entry.symbol else ''}: {bad.reason}",
                line=entry.line,
                remedy=bad.remedy or CORRECT,
                code=bad.code,
            )

    def _take(self, entry: Entry, kind: Kind | None) -> None:
        if self._numbers.setdefault(entry.account, entry.number) != entry.number:
            reason = f"two accounts would be named {shown(entry.account)}"
            raise BadCell(reason, "Download them into separate files.", code="duplicate_account")
        cash = kind is not None and (
            kind.move is Move.SWEEP or (kind.move in (Move.CASH, Move.TRANSFER) and entry.quantity is None)
        )
        word = self._word_of(entry) or "without a kind"
        other = other_kind(entry.symbol, entry.description, entry.security)
        if not cash and other is not None:
            self._ignored[str(other)] += 1
            self._others.setdefault(other, Counter())[entry.symbol or entry.description] += 1
        elif cash or (kind is None and entry.quantity is None and not entry.symbol):
            self._ignored[word] += 1
            if kind is not None and kind.advice:
                self._remarks[f"{word} ({kind.advice})"] += 1
        elif kind is None:
            raise BadCell("this kind of row is not known", _UNKNOWN, code="unknown_kind")
        elif kind.move is Move.REFUSED:
            raise BadCell("this kind of row cannot be read", kind.advice, code="refused_kind")
        elif kind.move is Move.CASH:
            reason = f"it should move no shares, but has a quantity of {plain(entry.quantity or Decimal(0))}"
            raise BadCell(reason, _UNKNOWN, code="unknown_kind")
        else:
            self._move(entry, kind.move)

    def _move(self, entry: Entry, move: Move) -> None:
        symbol = ticker(entry.symbol)
        if not symbol:
            raise BadCell("there is no symbol", "Add its ticker to a copy of the file.", code="empty_cell")
        if entry.currency not in ("", "USD"):
            raise BadCell(f"it is in {entry.currency}; only USD can be read", code="not_usd")
        account = self._label or entry.account
        if move is Move.SPLIT:
            self._split(entry, account, symbol)
            return
        if entry.quantity is None:
            raise BadCell("there is no quantity", "Add the shares to a copy of the file.", code="empty_cell")
        shares = trim(abs(entry.quantity))
        try:
            to_micros(shares)
        except ValueError as problem:
            raise BadCell(str(problem), code="too_fine") from None
        if move is Move.TRANSFER:
            action = Action.RECEIVE if entry.quantity > 0 else Action.DELIVER
            # A price printed beside a transfer is the market's of that day, not what the shares have cost.
            self._found.append((entry.date, Transaction(account, entry.date, action, symbol, shares)))
            return
        if entry.quantity < 0 and move is not Move.SELL:
            reason = f"a purchase of {plain(entry.quantity)} shares"
            remedy = "If the row cancels another one, take both out of a copy of the file."
            raise BadCell(reason, remedy, code="wrong_sign")
        price = exact_price(entry, move)
        if price != entry.price:
            self._remarks["prices worked out from the amounts, as those printed are rounded or missing"] += 1
        if move is Move.SELL and _NAMES_LOT.search(entry.description):
            self._remarks["sales that name their lot, which is not read: the first shares bought count as the first sold"] += 1
        made = Transaction(account, entry.date, _ACTIONS[move], symbol, shares, price, entry.fees)
        self._found.append((entry.date, made))

    def _split(self, entry: Entry, account: str, symbol: str) -> None:
        ratio = self._ratio_of(entry)
        if ratio is None:
            self._found.append((entry.date, OpenSplit(f"{self._source}:{entry.line}", account, entry.date, symbol)))
            return
        new, old = ratio
        if not new or not old or new == old or (entry.quantity is not None and (entry.quantity > 0) != (new > old)):
            added = "no" if entry.quantity is None else plain(entry.quantity)
            raise BadCell(f"a ratio of {new}:{old} with {added} shares added contradicts itself", code="bad_split")
        value = split_quantity(new, old)
        # Brokers write one row for each part of a position (cash, margin); the ratio holds for all of it, once.
        known = self._splits.setdefault((account, symbol, entry.date), value)
        if known != value:
            raise BadCell(f"the split has two ratios, {plain(known)} and {plain(value)}", code="bad_split")
        split = Transaction(account, entry.date, Action.SPLIT, symbol, value)
        if split not in (one for _, one in self._found):
            self._found.append((entry.date, split))

    def rows(self, covered: tuple[dt.date, dt.date] | None, notes: Sequence[str]) -> HistoryRows:
        """All that was found, oldest first.

        Exports begin with the newest row, and so do the rows of one day. Only where the days of a file never fall is it taken as it is.
        """
        steps = [later - earlier for earlier, later in zip(self._recorded, self._recorded[1:], strict=False)]
        rises, falls = any(step.days > 0 for step in steps), any(step.days < 0 for step in steps)
        ordered = self._found if rises and not falls else self._found[::-1]
        ordered = sorted(ordered, key=lambda one: one[0])
        transactions = tuple(one for _, one in ordered if isinstance(one, Transaction))
        labels = [self._label] if self._label else [label for label in self._numbers if label]
        return HistoryRows(
            accounts=tuple(labels),
            transactions=transactions,
            open_splits=tuple(one for _, one in ordered if isinstance(one, OpenSplit)),
            ignored=dict(sorted(self._ignored.items())),
            covered=covered,
            notes=(*notes, *self._notes(mixed=rises and falls)),
        )

    def _notes(self, *, mixed: bool) -> Iterator[str]:
        if mixed:
            yield f"{self._source}: the rows are not in order of their days; those of one day are taken as newest first"
        for other, symbols in self._others.items():
            names = [shown(symbol) for symbol in list(symbols)[:_MOST_SYMBOLS]]
            more = f" and {len(symbols) - _MOST_SYMBOLS} more" if len(symbols) > _MOST_SYMBOLS else ""
            yield f"{self._source}: not a ticker ({other}; rows: {symbols.total()}): {', '.join(names)}{more}{_BESIDE[other]}"
        for remark, count in self._remarks.items():
            yield f"{self._source}: {remark} (rows: {count})"
