"""The commands ``rebalkit etrade …``."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import DEFAULT_CONFIG, json_option
from rebalkit.cli.output import BLOCKED, say, show
from rebalkit.errors import BlockedError, UsageError

if TYPE_CHECKING:
    from rebalkit.model import OrderRequest
    from rebalkit.pipeline.request import Source
    from rebalkit_etrade.drill.notebook import Notebook

__all__ = ["etrade"]


@click.group()
def etrade() -> None:
    """Try E*TRADE itself, carefully."""


@etrade.command()
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help=f"The configuration, {DEFAULT_CONFIG} where there is one."
)
@click.option("--broker", metavar="NAME", help="A broker of the configuration.")
@click.option("--account", metavar="NAME", help="The account; by default the only one of the configuration.")
@click.option("--order", "symbol", metavar="SYMBOL", help="Go on to place, watch and cancel an order for one share of SYMBOL.")
@click.option("--sell", is_flag=True, help="The order sells a share of a lot; by default it buys one.")
@click.option(
    "--away",
    default=25,
    show_default=True,
    type=click.IntRange(20, 60),
    metavar="PERCENT",
    help="How far the limit is from the quote.",
)
@click.option("--twice", is_flag=True, help="Send the same placement once more, to see whether E*TRADE refuses it.")
@json_option
def drill(
    config: Path | None,
    broker: str | None,
    account: str | None,
    symbol: str | None,
    sell: bool,
    away: int,
    twice: bool,
    as_json: bool,
) -> int:
    """See whether E*TRADE is as it was told.

    Whatever is seen is written down.

    Without --order it only asks. With it, after a phrase that you type, one order for one share is placed at a limit that the market
    will not reach, watched, and cancelled; take an ETF that you do not hold, while the market is open.

    Ends with 0 when all is as it was told, with 4 when something differs, with 7 when the end of the order could not be seen.

    \b
    Examples:
      rebalkit etrade drill --account main
      rebalkit etrade drill --account main --order SCHB
      rebalkit etrade drill --account main --order VTI --sell --json
    """
    from rebalkit.config import structure_settings
    from rebalkit.model import Side, check_symbol
    from rebalkit_etrade.drill.interrupting import ended_as_interrupted
    from rebalkit_etrade.drill.precautions import Wanted
    from rebalkit_etrade.drill.running import Drill
    from rebalkit_etrade.session import Session
    from rebalkit_etrade.settings import EtradeSettings

    if symbol is None and (sell or twice):
        raise UsageError(
            "--sell and --twice say how the order is", place="--order", code="usage", remedy="Name a symbol: --order SYMBOL."
        )
    wanted = None
    if symbol is not None:
        wanted = Wanted(check_symbol(symbol.upper()), Side.SELL if sell else Side.BUY, Decimal(away))
    source = _source(config, broker, account)
    settings = structure_settings(EtradeSettings, source.settings, "brokers.etrade")
    if wanted is not None and settings.environment == "sandbox":
        raise BlockedError("the sandbox takes no orders", place="--order", code="drill_sandbox", remedy="Leave --order out.")
    session = Session(settings)
    if source.name:
        session.login_command = f"rebalkit login {source.name}"
    drilled, traded = Drill(session, settings.declared, source.account, say), None
    try:
        drilled.ask()
        if wanted is not None:
            with drilled.alone(), ended_as_interrupted():
                traded = drilled.order(wanted, lambda request: _ask_for_phrase(request, twice), twice=twice)
    except BaseException:
        # What was seen is of use whatever came then, and never hides it.
        with suppress(OSError, ValueError):
            _show(drilled.notebook, None, as_json)
        raise
    _show(drilled.notebook, traded, as_json)
    if traded:
        raise BlockedError(
            f"the order was filled: {traded:f} shares", code="drill_filled", remedy="They were traded; look at them."
        )
    return BLOCKED if any(one.verdict == "differs" for one in drilled.notebook.seen) else 0


def _source(config: Path | None, broker: str | None, account: str | None) -> Source:
    """An account at a broker of the configuration that is this one."""
    from rebalkit.config import load_config
    from rebalkit.pipeline.choose import choose_source

    if config is None and Path(DEFAULT_CONFIG).exists():
        config = Path(DEFAULT_CONFIG)
    source = choose_source(load_config(config), broker=broker, account=account)
    if source.broker != "etrade":
        raise UsageError(
            f"the account is at {source.broker!r}",
            place="--account",
            code="not_etrade",
            remedy="Name one at E*TRADE, or --broker NAME.",
        )
    return source


def _ask_for_phrase(request: OrderRequest, twice: bool) -> None:
    """Let the person type what is about to happen. Raises BlockedError where they do not."""
    phrase = f"{request.side.value.upper()} 1 {request.symbol} AT {request.limit}{' TWICE' if twice else ''}"
    cost = f" It costs {request.limit} USD at most." if request.side.value == "buy" else ""
    say(f"LIVE: one order with real money, to be cancelled at once.{cost} To place it type: {phrase}")
    if click.prompt("Phrase", err=True).upper().split() != phrase.split():
        raise BlockedError("that is not the phrase", code="drill_no_consent", remedy="Nothing was placed.")


def _show(notebook: Notebook, traded: Decimal | None, as_json: bool) -> None:
    from rebalkit_etrade.drill.show import as_document, as_lines

    show(lambda: as_document(notebook, traded), lambda width, encoding: as_lines(notebook, width, encoding), as_json=as_json)
