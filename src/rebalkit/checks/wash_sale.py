"""The wash-sale rule, held against the orders of whatever strategy: the ledger of history and plan against the ledger of history alone.

26 USC 1091(a): a loss is not deductible when substantially identical stock is acquired from 30 days before to 30 days after the
sale. The ledger looks at all accounts that were given, and counts to the share. Open orders that buy count as if they filled today. What it
cannot know errs on the safe side: a sale whose basis is not on record, or an open order that sells, is taken for a loss.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil

from attrs import evolve

from rebalkit.checks.basis import basis_findings
from rebalkit.checks.findings import blocking, warning
from rebalkit.model.findings import Finding
from rebalkit.money import MICRO, from_cents, from_micros, plain
from rebalkit.plugin import CheckInput
from rebalkit.tax.ledger import Match, build_ledger
from rebalkit.tax.plan_trades import OPEN_ORDER, trades_of_orders
from rebalkit.tax.wash_view import WashView

__all__ = ["check_wash_sale"]


def check_wash_sale(given: CheckInput) -> Iterator[Finding]:
    """``wash_sale`` for a loss of the plan, ``wash_buy`` for a loss taken before, that would be disallowed.

    Also ``history_differs`` and ``basis_differs``.
    """
    snapshot, policy, view = given.snapshot, given.policy, given.wash
    past = view.past
    for difference in past.differences:
        yield warning("history_differs", f"The record does not explain the lots: {difference}. They count as held.")
    history = view.history(order.symbol for order in given.plan.orders)
    orders = trades_of_orders(snapshot, past, given.plan.orders)
    before = _by_acquisition(build_ledger(history, past.accounts, policy).matches)
    after = _by_acquisition(build_ledger([*history, *(trade for _, trade in orders)], past.accounts, policy).matches)
    washed = [
        evolve(one, amount=amount, quantity=one.quantity - (earlier.quantity if earlier else 0))
        for key, one in after.items()
        if (amount := one.amount - (((earlier := before.get(key)) and earlier.amount) or 0)) > 0
    ]
    yield from _washed(given, {trade.id for _, trade in orders}, washed)
    yield from _unknown(given, view)
    yield from basis_findings(view, {sale.lot for order in given.plan.sells for sale in order.lots})


def _by_acquisition(matches: Iterable[Match]) -> dict[tuple[object, ...], Match]:
    """What one sale loses to the shares of one symbol acquired on one day in one account, in one sum."""
    found: dict[tuple[object, ...], Match] = {}
    for one in matches:
        key = (one.sale, one.replacement_symbol, one.replacement_account, one.replaced_on, one.permanent)
        same = found.get(key)
        found[key] = one if same is None else evolve(one, amount=one.amount + same.amount, quantity=one.quantity + same.quantity)
    return found


def _washed(given: CheckInput, mine: Container[str], washed: Sequence[Match]) -> Iterator[Finding]:
    """A finding for each loss of which the plan, whose trades are ``mine``, takes something away."""
    accepted = [one.sale not in mine and one.replacement_symbol in given.accept_wash for one in washed]
    total = sum([one.amount for one, allowed in zip(washed, accepted, strict=True) if not allowed], Fraction(0))
    within = total <= given.wash_budget and not any(one.permanent for one in washed)
    for one, allowed in zip(washed, accepted, strict=True):
        say, why = blocking, ""
        if allowed:
            say, why = warning, " You allowed this purchase (tax.accept_wash)."
        elif within:
            say, why = warning, f" The plan may defer {given.wash_budget:,f} USD in all (tax.wash_budget)."
        free = given.policy.free_from(one.replaced_on if one.sale in mine else one.sold)
        dollars, shares = from_cents(ceil(one.amount * 100)), plain(from_micros(round(one.quantity * MICRO)))
        details = {"amount": plain(dollars), "quantity": shares, "permanent": one.permanent, "sold": one.sold.isoformat()}
        details |= {"account": one.replacement_account, "acquired": one.replaced_on.isoformat(), "free": free.isoformat()}
        fate = (
            "is lost for good, for no basis counts in that account"
            if one.permanent
            else "moves into the basis of what replaces it"
        )
        if one.sale in mine:
            by = (
                "this plan buys"
                if one.replacement_lot in mine
                else "an open order buys"
                if _open(one)
                else f"{one.replaced_on} brought"
            )
            message = (
                f"Selling {one.symbol} at a loss is a wash sale: {by} {shares} {one.replacement_symbol} in account "
                f"{one.replacement_account}. {dollars:,f} USD of the loss {fate}. Free again on {free}.{why}"
            )
            yield say("wash_sale", message, one.symbol, **details)
        else:
            message = (
                f"Buying {one.replacement_symbol} washes a loss: {shares} of the {one.symbol} sold on {one.sold} in account {one.account} "
                f"are replaced. {dollars:,f} USD of that loss {fate}. Free again on {free}.{why}"
            )
            yield say("wash_buy", message, one.replacement_symbol, **details)


def _open(one: Match) -> bool:
    return one.replacement_lot.startswith(OPEN_ORDER)


def _unknown(given: CheckInput, view: WashView) -> Iterator[Finding]:
    """Orders that may wash a loss which nobody can put a number to."""
    held = {lot.lot: lot.quantity for lot in given.snapshot.account.lots} if view.doubtful else {}
    for order in given.plan.sells:
        doubtful = [one.lot for one in order.lots if one.lot in view.doubtful]
        whole = [one.lot for one in order.lots if one.quantity == held.get(one.lot)]
        for recent in view.taking_away(order.symbol, doubtful, whole) if doubtful else ():
            message = (
                f"Selling {order.symbol} may be a wash sale: {', '.join(doubtful)} may have taken over a loss whose size is not on record, and "
                f"{recent.acquired} brought {plain(from_micros(recent.micros))} {recent.symbol} in account {recent.account}. "
                f"Free again on {recent.free_from}."
            )
            details = {"account": recent.account, "acquired": recent.acquired.isoformat(), "free": recent.free_from.isoformat()}
            yield blocking("wash_sale", message, order.symbol, **details)
    for order in given.plan.buys:
        accepted = order.symbol in given.accept_wash
        say = warning if accepted else blocking
        allowed = " You allowed this purchase (tax.accept_wash)." if accepted else ""
        for one in view.exposed.get(given.groups.of(order.symbol), ()):
            if one.loss is None:
                what = (
                    "an open order sells"
                    if one.what == "open order"
                    else "what was bought is not on record, so it counts as a loss:"
                )
                message = (
                    f"Buying {order.symbol} may wash a loss: {what} {plain(from_micros(one.micros))} {one.symbol} "
                    f"on {one.sold} in account {one.account}. Free again on {one.free_from}.{allowed}"
                )
                details = {"sold": one.sold.isoformat(), "account": one.account, "free": one.free_from.isoformat()}
                yield say("wash_buy", message, order.symbol, **details)
