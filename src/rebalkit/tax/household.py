"""From what the accounts recorded to the trades of the ledger, when the record is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import evolve

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction
from rebalkit.money import plain
from rebalkit.tax.trades import Trade

__all__ = ["trades_of"]


def trades_of(transactions: Sequence[Transaction], accounts: Mapping[str, AccountKind]) -> list[Trade]:
    """The trades of a history that begins with the first purchase.

    A trade is named by the lot that it bought, where the record names it, else by its date, kind and place in the record. Shares
    received without a price are those that another of the ``accounts`` delivered before: the earliest delivery of so many shares of the
    symbol from an account that is taxed alike. Where there is none their basis is unknown, and the ledger refuses them.

    Args:
        transactions: What happened, in order of date; of one day in recorded order.
        accounts: The kind of each account.

    Raises:
        DataError: A number finer than the ledger holds.
    """
    named = Counter(one.lot for one in transactions if one.lot is not None and _brings(one))
    trades: list[Trade] = []
    delivered: list[Trade] = []
    for number, one in enumerate(transactions, 1):
        name = f"{one.date} {one.action} {one.symbol} #{number}"
        if one.lot is not None and _brings(one):
            name = _lot(one.account, one.lot, named)
        leaves = one.lot is not None and one.action in (Action.SELL, Action.DELIVER)
        lots = [(_lot(one.account, one.lot, named), one.quantity)] if leaves and one.lot is not None else []
        trade = Trade.of(
            name, one.date, one.account, one.symbol, one.action, one.quantity, one.price or 0, one.fees,
            lots=lots, order=one.order, acquired=one.acquired,
        )  # fmt: skip
        if one.action is Action.DELIVER:
            delivered.append(trade)
        elif one.action is Action.RECEIVE and one.price is None:
            sent = next((other for other in delivered if _arrives_as(other, trade, accounts)), None)
            if sent is not None:
                delivered.remove(sent)
            trade = evolve(trade, transfer_of=sent.id if sent is not None else _nothing(trade))
        trades.append(trade)
    return trades


def _brings(one: Transaction) -> bool:
    return one.action.acquires or one.action is Action.RECEIVE


def _lot(account: str, lot: str, named: Mapping[str, int]) -> str:
    """The name of a lot in the ledger: its own, with its account where several accounts have one of that name."""
    return lot if named[lot] <= 1 else f"{account}/{lot}"


def _arrives_as(sent: Trade, arrived: Trade, accounts: Mapping[str, AccountKind]) -> bool:
    same = sent.symbol == arrived.symbol and sent.micros == arrived.micros and sent.account != arrived.account
    kinds = accounts.get(sent.account), accounts.get(arrived.account)
    return same and kinds[0] is not None and kinds[1] is not None and kinds[0].taxable == kinds[1].taxable


def _nothing(arrived: Trade) -> str:
    return f"of {plain(arrived.quantity)} {arrived.symbol} from another account"
