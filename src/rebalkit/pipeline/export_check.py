"""Whether a portfolio that a person downloaded from the broker's website is what the broker's API says, position by position."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from rebalkit.brokers.exports.text import decoded
from rebalkit.errors import BlockedError, DataError
from rebalkit.model import AccountSnapshot, ExportedLot, ExportedPortfolio, ExportedPosition, Lot, Quote
from rebalkit.model.securities import is_ticker
from rebalkit.money import plain
from rebalkit.plugin import HoldsOthers, TellsTime

if TYPE_CHECKING:
    from rebalkit.plugin import Broker, PortfolioReader
    from rebalkit.registry import Registry

__all__ = ["Difference", "ExportCheck", "check_export", "newest_export", "refuse_unlike_export"]

_DIGITS = re.compile(r"([0-9]+)")
_CENT = Decimal("0.01")
TOLERANCE = Decimal(5)
"""Percent by which a value may differ: prices move between the download and the comparison."""
MAX_AGE = dt.timedelta(hours=24)
"""How old a file may be."""


@frozen
class Difference:
    """Where the two disagree.

    Attributes:
        what: ``position``, ``quantity``, ``value``, ``cash`` or ``lot``.
        symbol: The security; empty for cash.
        file: What the file says.
        broker: What the API says.
    """

    what: str
    symbol: str
    file: str
    broker: str

    def __str__(self) -> str:
        return f"{self.what}{f' of {self.symbol}' if self.symbol else ''}: the file says {self.file}, the broker {self.broker}"


@frozen
class ExportCheck:
    """A comparison.

    Attributes:
        path: The file.
        account: The account, by the broker's name of it.
        made: When the file was made; None where it does not say.
        told_account: Whether the file says whose it is, so that it was seen to be this account's.
        compared: How many positions were compared.
        unmanaged: What the file has beside them and nobody manages.
        differences: Where the two disagree.
    """

    path: Path
    account: str
    made: dt.datetime | None
    told_account: bool
    compared: int
    unmanaged: tuple[str, ...]
    differences: tuple[Difference, ...]


def newest_export(place: Path, is_portfolio: Callable[[Path], bool]) -> Path:
    """The file itself, or of a folder the portfolio whose name is the last one, numbers counted as numbers.

    Args:
        place: The file or folder.
        is_portfolio: Whether a CSV file is one; a folder of downloads has others, too.

    Raises:
        DataError: There is none.
    """
    if not place.is_dir():
        return place
    files = sorted(
        (one for one in place.iterdir() if one.suffix.lower() == ".csv" and one.is_file()),
        key=lambda one: [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(one.stem)],
        reverse=True,
    )
    newest = next((one for one in files if is_portfolio(one)), None)
    if newest is None:
        what = (
            f"none of the {len(files)} CSV files of the folder is a portfolio that is known"
            if files
            else "the folder has no CSV file"
        )
        raise DataError(what, place=str(place), code="no_export", remedy="Download the portfolio into it.")
    return newest


def check_export(
    registry: Registry,
    broker: Broker,
    account: str,
    place: Path,
    *,
    tolerance: Decimal = TOLERANCE,
    max_age: dt.timedelta = MAX_AGE,
) -> ExportCheck:
    """Compare.

    Args:
        registry: The plugins, which read the files of brokers.
        broker: The broker.
        account: The account.
        place: The file, or a folder of files.
        tolerance: Percent by which the value of a position may differ.
        max_age: How old the file may be, by the broker's clock.

    Raises:
        DataError: The file cannot be read, is of another account, or nobody knows its layout.
        BlockedError: It is too old, code ``export_old``.
        BrokerError: The broker cannot be asked.
    """
    path = newest_export(place, lambda one: _reader(registry, _text(one)) is not None)
    exported = _read(registry, path)
    told_account = _refuse_another_account(path, exported, account)
    shown = broker.snapshot(account)
    now = broker.now() if isinstance(broker, TellsTime) else dt.datetime.now(dt.UTC)
    if exported.made is not None and now - exported.made > max_age:
        hours = (now - exported.made).total_seconds() / 3600
        raise BlockedError(
            f"the file was made {hours:.0f} hours ago",
            place=str(path),
            code="export_old",
            remedy="Download the portfolio again.",
        )
    quotes = broker.quotes(sorted({lot.symbol for lot in shown.lots}))
    others = broker.others(account) if isinstance(broker, HoldsOthers) else {}
    managed = [one for one in exported.positions if is_ticker(one.symbol) and one.symbol not in others]
    beside = [one for one in exported.positions if one not in managed]
    differences = (*_differences(managed, exported.cash, shown, quotes, tolerance), *_beside(beside, others))
    return ExportCheck(
        path, account, exported.made, told_account, len(managed), tuple(dict.fromkeys(one.symbol for one in beside)), differences
    )


def refuse_unlike_export(registry: Registry, broker: Broker, account: str, place: str) -> None:
    """Raise BlockedError unless the newest file in ``place`` is what the broker says, code ``export_differs``."""
    try:
        found = check_export(registry, broker, account, Path(place).expanduser())
    except DataError as problem:
        raise BlockedError(
            f"the portfolio of the website cannot be compared: {problem.reason}",
            place=problem.place,
            code="export_missing",
            remedy="Download it into the folder that execution.require_export names.",
        ) from problem
    if found.differences:
        raise BlockedError(
            f"the broker's API does not say what its website does: {'; '.join(map(str, found.differences[:5]))}",
            place=str(found.path),
            code="export_differs",
            remedy="`rebalkit check-export` shows all differences. Nothing is traded before they are explained.",
        )


def _text(path: Path) -> str:
    """The text of a file in a folder of anything; nothing of one that is none."""
    try:
        return decoded(path.read_bytes(), str(path))
    except (OSError, DataError):
        return ""


def _reader(registry: Registry, text: str) -> PortfolioReader | None:
    readers = (registry.portfolio_readers[name].factory() for name in registry.portfolio_readers)
    return next((one for one in readers if one.recognises(text)), None)


def _read(registry: Registry, path: Path) -> ExportedPortfolio:
    try:
        text = decoded(path.read_bytes(), str(path))
    except OSError as problem:
        raise DataError(f"it cannot be read ({problem.strerror})", place=str(path), code="no_export") from None
    reader = _reader(registry, text)
    if reader is not None:
        return reader.read(text, str(path))
    known = ", ".join(record.summary for record in registry.portfolio_readers.values()) or "none"
    raise DataError("nobody knows this layout", place=str(path), code="unknown_export", remedy=f"Known: {known}.")


def _refuse_another_account(path: Path, exported: ExportedPortfolio, account: str) -> bool:
    """Whether the file says whose it is. Raises DataError where that is another account."""
    told = re.search(r"(\d{4})\D*$", exported.account)
    if told is None or not account[-4:].isdecimal():
        return False
    if told[1] != account[-4:]:
        raise DataError(
            f"it is of an account that ends in {told[1]}, not of one that ends in {account[-4:]}",
            place=str(path),
            code="another_account",
            remedy="Download the portfolio of this account.",
        )
    return True


def _differences(
    positions: Sequence[ExportedPosition],
    cash: Decimal | None,
    shown: AccountSnapshot,
    quotes: Mapping[str, Quote],
    tolerance: Decimal,
) -> Iterator[Difference]:
    held: dict[str, list[Lot]] = defaultdict(list)
    for lot in shown.lots:
        held[lot.symbol].append(lot)
    told: dict[str, list[ExportedPosition]] = defaultdict(list)
    for one in positions:
        told[one.symbol].append(one)
    for symbol in sorted(held.keys() | told.keys()):
        if symbol not in held or symbol not in told:
            yield Difference("position", symbol, "it" if symbol in told else "nothing", "it" if symbol in held else "nothing")
            continue
        yield from _of_position(symbol, told[symbol], held[symbol], quotes.get(symbol), tolerance)
    if abs((cash or 0) - shown.cash.total) >= _CENT:
        said = "nothing" if cash is None else f"{plain(cash)} USD"
        yield Difference("cash", "", said, f"{plain(shown.cash.total)} USD")


def _beside(positions: Sequence[ExportedPosition], others: Mapping[str, Decimal]) -> Iterator[Difference]:
    """What is not managed and has a symbol in both: is it as much?"""
    told: dict[str, Decimal] = defaultdict(Decimal)
    for one in positions:
        told[one.symbol] += one.quantity or 0
    for symbol, units in others.items():
        if is_ticker(symbol) and told.get(symbol) != units:
            here = f"{plain(told[symbol])} shares" if symbol in told else "nothing"
            yield Difference("quantity" if symbol in told else "position", symbol, here, f"{plain(units)} shares")


def _of_position(
    symbol: str, told: Sequence[ExportedPosition], held: Sequence[Lot], quote: Quote | None, tolerance: Decimal
) -> Iterator[Difference]:
    shares = sum((lot.quantity for lot in held), Decimal(0))
    quantities = [one.quantity for one in told if one.quantity is not None]
    if len(quantities) != len(told) or sum(quantities, Decimal(0)) != shares:
        yield Difference("quantity", symbol, f"{plain(sum(quantities, Decimal(0)))} shares", f"{plain(shares)} shares")
    values = [one.value for one in told if one.value is not None]
    if values and quote is not None and quote.sane:
        value, here = sum(values, Decimal(0)), shares * quote.bid
        if abs(value - here) * 100 > tolerance * max(value, here):
            yield Difference("value", symbol, f"{plain(value)} USD", f"{plain(here.quantize(_CENT))} USD")
    lots = [lot for one in told for lot in one.lots]
    if lots:
        theirs, ours = sorted(lots, key=_day_and_size), sorted(held, key=_day_and_size)
        if [_day_and_size(one)[:2] for one in theirs] != [_day_and_size(one)[:2] for one in ours]:
            yield Difference("lot", symbol, _said(theirs), _said(ours))
        else:
            for lot, mine in zip(theirs, ours, strict=True):
                if lot.cost is not None and mine.cost is not None and abs(lot.cost - mine.cost) > lot.cost_off:
                    named = f"{_said([lot])} for"
                    yield Difference("lot", symbol, f"{named} {plain(lot.cost)} USD", f"{named} {plain(mine.cost)} USD")


def _day_and_size(lot: Lot | ExportedLot) -> tuple[str, Decimal, bool, Decimal]:
    """What lots are compared by, then what those of one day and size are told apart by."""
    return str(lot.acquired or "unknown"), lot.quantity, lot.cost is not None, lot.cost or Decimal(0)


def _said(lots: Sequence[Lot | ExportedLot]) -> str:
    return ", ".join(f"{plain(one.quantity)} shares of {one.acquired or 'an unknown day'}" for one in lots)
