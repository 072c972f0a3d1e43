"""``rebalkit wash``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from rebalkit.cli.options import Asked, account_options, json_option
from rebalkit.cli.output import show
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rebalkit.model import LotSale, Quote, Snapshot
    from rebalkit.tax.clean import CleanLot
    from rebalkit.tax.trial import Trial
    from rebalkit.tax.wash_view import WashView

__all__ = ["command"]


if TYPE_CHECKING:
    _SharesType = click.ParamType[Decimal]
else:  # generic only in newer releases of click
    _SharesType = click.ParamType


class _Shares(_SharesType):
    name = "shares"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        from rebalkit.money import to_decimal, to_micros

        try:
            shares = to_decimal(value)
            to_micros(shares)
        except ValueError:
            self.fail(f"{value!r} is not a number of shares: write 12 or 1.25.", param, ctx)
        if shares <= 0:
            self.fail(f"{value} is not above 0.", param, ctx)
        return shares


@click.command("wash")
@click.argument("symbol")
@click.option("--buy", type=_Shares(), metavar="SHARES", help="What would buying so many in the account take away?")
@click.option(
    "--sell", type=_Shares(), metavar="SHARES", help="What would selling so many wash? First in, first out without --lots."
)
@click.option("--lots", multiple=True, metavar="LOT", help="Sell this lot, with --sell only so many of it; can be repeated.")
@account_options
@json_option
@pass_state
def command(
    state: State, symbol: str, buy: Decimal | None, sell: Decimal | None, lots: tuple[str, ...], asked: Asked, as_json: bool
) -> None:
    """May I buy SYMBOL today? May I sell it at a loss, how many shares, and if not, why and until when?

    Counts to the share, over every account that is given. A purchase may be made in any account; lots are those of the one account
    (--account). Places no order and changes nothing.

    \b
    Examples:
      rebalkit wash IJH --from account
      rebalkit wash IJH --from account --buy 100
      rebalkit wash IJH --from account --buy 100 --account ira     # lost for good there
      rebalkit wash IJR --from account --sell 20 --lots IJR-03
    """
    from rebalkit.checks.wash_hazards import wash_hazards
    from rebalkit.pipeline.choose import choose_policy
    from rebalkit.pipeline.promises import scope_of
    from rebalkit.pipeline.snapshot import open_broker, take_snapshot
    from rebalkit.report.wash_answer import WashAnswer
    from rebalkit.report.wash_json import wash_document
    from rebalkit.report.wash_text import wash_lines
    from rebalkit.tax.trial import trial_purchase
    from rebalkit.tax.wash_view import WashView

    if asked.folder is not None and (asked.folder / "snapshot.json").is_file():
        raise UsageError(
            "this is the folder of a run, not of an account",
            place=f"--from {asked.folder}",
            remedy="Give the folder or the broker of the account itself.",
        )
    config, registry, source = asked.load(state)
    broker = open_broker(registry, source)
    promises = scope_of(registry, source).load()
    snapshot = take_snapshot(broker, source.account, config.targets, asked.as_of, to_trade=False, promises=promises)
    view = WashView(snapshot, choose_policy(config))
    symbol = symbol.upper()
    _check(symbol, snapshot, broker.quotes([symbol]), view)
    purchase = None if buy is None else trial_purchase(view, symbol, buy)
    sale = None if sell is None and not lots else _sale(view, symbol, sell, lots)
    answer = WashAnswer.of(view, symbol, purchase, sale, wash_hazards(view, symbol))
    show(lambda: wash_document(answer), lambda width, encoding: wash_lines(answer, width, encoding), as_json=as_json)


def _check(symbol: str, snapshot: Snapshot, quotes: Mapping[str, Quote], view: WashView) -> None:
    """Refuse a symbol of which nothing is known: "yes" would be a poor answer to a slip of the pen."""
    seen = {lot.symbol for account in snapshot.accounts for lot in account.lots} | snapshot.quotes.keys() | quotes.keys()
    seen |= {order.symbol for account in snapshot.accounts for order in account.open_orders}
    seen |= {one.symbol for one in snapshot.transactions} | {name for one in snapshot.promises for name in one.group}
    of = view.policy.groups.of
    if symbol in seen or of(symbol) in {of(name) for name in seen}:
        return
    import difflib  # Only a mistyped symbol needs it.

    close = difflib.get_close_matches(symbol, sorted(seen), n=1)
    raise UsageError(
        f"nothing is known of {symbol!r}: it is not held, was not traded, and has no quote",
        place="SYMBOL",
        code="unknown_symbol",
        remedy=f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(sorted(seen)) or 'none'}.",
    )


def _sale(view: WashView, symbol: str, sell: Decimal | None, lots: Sequence[str]) -> Trial:
    from rebalkit.tax.clean import CleanView
    from rebalkit.tax.trial import trial_sale

    quote = view.snapshot.quotes.get(symbol)
    held = {one.lot: one for one in CleanView(view).lots if one.symbol == symbol}
    parts = _parts(view.snapshot.account.account, symbol, held, sell, lots)
    if quote is None or not quote.sane:
        raise DataError(f"there is no quote of {symbol}, so it is not known what a sale loses", code="quote_missing")
    unknown = next((one.lot for one in parts if held[one.lot].basis is None), None)
    if unknown is not None:
        raise DataError(
            f"what lot {unknown} cost is not known, so it is not known what its sale loses",
            code="basis_unknown",
            remedy="Give its cost, or name other lots (--lots LOT).",
        )
    return trial_sale(view, symbol, quote.bid, parts)


def _parts(account: str, symbol: str, held: Mapping[str, CleanLot], sell: Decimal | None, lots: Sequence[str]) -> list[LotSale]:
    """What is sold of which lot: of those named in their order, else first in, first out (Reg. 1.1012-1(c))."""
    from rebalkit.model import LotSale

    missing = next((name for name in lots if name not in held), None)
    if missing is not None:
        raise UsageError(
            f"account {account} has no lot {missing!r} of {symbol}",
            place="--lots",
            code="unknown_lot",
            remedy=f"There are: {', '.join(held) or 'none'}.",
        )
    chosen = [held[name] for name in dict.fromkeys(lots)] or sorted(held.values(), key=lambda one: one.acquired or dt.date.min)
    there = sum((one.quantity for one in chosen), Decimal(0))
    left = there if sell is None else sell
    if left > there:
        raise UsageError(
            f"{left:f} {symbol} are more than the {there:f} of {'these lots' if lots else f'account {account}'}",
            place="--sell",
            code="oversold",
        )
    parts = []
    for one in chosen:
        sold = min(left, one.quantity)
        if sold:
            parts.append(LotSale(one.lot, sold))
            left -= sold
    return parts
