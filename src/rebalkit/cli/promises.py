"""``rebalkit promises``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show
from rebalkit.errors import UsageError

if TYPE_CHECKING:
    from rebalkit.model.promises import Promise
    from rebalkit.report.page import Line

__all__ = ["command"]


@click.group("promises", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List what must not be bought after losses were taken, until when, and what is at stake.

    Executing a plan, or writing its order ticket, keeps a promise for each loss; later plans heed it until it ends. Everything real
    shares one household, for the law looks at the taxpayer; each paper account is apart.

    \b
    Examples:
      rebalkit promises
      rebalkit promises list --json
      rebalkit promises drop 1f0c9a2b7d3e-1       # the sale was never made
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_promises, as_json=False)


@command.command("list")
@json_option
def list_promises(as_json: bool) -> None:
    """List the promises that are kept, those that end first on top."""
    from rebalkit.pipeline.promises import all_promises
    from rebalkit.serial import to_plain

    kept = [(scope, one) for scope, promises in all_promises().items() for one in promises]
    kept.sort(key=lambda pair: (pair[1].free_from, pair[0], pair[1].promise))
    if not kept and not as_json:
        say("No promise is kept.")
        return
    show(
        lambda: {"promises": [{"scope": scope, **to_plain(one)} for scope, one in kept]},
        lambda width, encoding: _lines(kept, width, encoding),
        as_json=as_json,
    )


@command.command("drop")
@click.argument("promise")
def drop(promise: str) -> None:
    """Forget PROMISE, because its sale was never made. What is forgotten no later plan heeds.

    \b
    Example:
      rebalkit promises drop 1f0c9a2b7d3e-1
    """
    from rebalkit.pipeline.promises import drop_promise

    gone = drop_promise(promise)
    if gone is None:
        raise UsageError(
            f"there is no promise {promise!r}", place="PROMISE", code="no_promise", remedy="`rebalkit promises` lists those kept."
        )
    say(f"Forgotten: not to buy {' / '.join(gone.group)} before {gone.free_from}.")


def _lines(kept: list[tuple[str, Promise]], width: int, encoding: str) -> list[Line]:
    from rebalkit.report.figures import day, money, shares
    from rebalkit.report.page import Page
    from rebalkit.report.promised import PROMISED, PROMISED_TITLE
    from rebalkit.report.wording import clean

    page = Page(width, encoding)
    page.say(PROMISED_TITLE, "bold")
    page.say(PROMISED)
    for scope in dict.fromkeys(scope for scope, _ in kept):
        page.head(clean(scope))
        page.table(("Promise", "~Not to be bought", "Last day", "Free from", "#Shares", "#At stake", "~Loss taken"), (
            (clean(one.promise), " / ".join(one.group), day(one.through), day(one.free_from), shares(one.quantity), money(one.loss),
             f"{day(one.sold)} in {clean(one.account)}")
            for name, one in kept if name == scope
        ))  # fmt: skip
    return page.lines
