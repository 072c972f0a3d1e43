"""What a broker does in a book: it takes orders and cancels them."""

from __future__ import annotations

from decimal import Decimal

from attrs import evolve, frozen

from rebalkit.errors import BrokerError, DataError, RebalkitError
from rebalkit.model import OrderRequest, OrderState
from rebalkit_paper.book import PaperOrder
from rebalkit_paper.fills import fill_first_part
from rebalkit_paper.floor import Floor
from rebalkit_paper.sanity import check_cash

__all__ = ["Action", "Outcome", "done", "find_order", "repeated"]


@frozen
class Action:
    """Something to do in ``account``, which was found to be allowed.

    Attributes:
        account: The account.
        request: The order to place, a sale with its lots; None to cancel one.
        cancel: Id of the order to cancel; None to place one.
    """

    account: str
    request: OrderRequest | None = None
    cancel: str | None = None


@frozen
class Outcome:
    """An action and what it came to, so that doing it again can be compared with the first time.

    Attributes:
        action: What was done.
        order: Id of the order.
        filled: Shares of it filled so far.
        cash: Cash of the account afterwards, settled or not, USD.
    """

    action: Action
    order: str
    filled: Decimal
    cash: Decimal


def find_order(floor: Floor, account: str, order: str) -> PaperOrder:
    """The order called ``order`` in ``account``. Raises BrokerError when there is none."""
    floor.holder(account)
    found = floor.orders.get(order)
    if found is None or found.account != account:
        raise BrokerError(f"there is no order {order!r}", place=f"account {account}", code="no_such_order")
    return found


def done(floor: Floor, action: Action) -> Outcome:
    """Do ``action``; says what it came to.

    Raises:
        RebalkitError: It cannot be done; ``floor`` may be half-changed, and must not be used any more.
    """
    if action.request is not None:
        order = floor.take_order(action.account, action.request)
        fill_first_part(floor, order)
    else:
        assert action.cancel is not None  # one of the two is there
        order = find_order(floor, action.account, action.cancel)
        floor.put_order(evolve(order, state=OrderState.CANCELLED))
    holder = floor.holder(action.account)
    check_cash(holder)
    return Outcome(action, order.order, floor.orders[order.order].filled, holder.settled + holder.unsettled)


def repeated(floor: Floor, outcome: Outcome, place: str) -> None:
    """Do again what was done, to the same end.

    Raises:
        DataError: It ends in another way; the error names ``place``.
    """
    try:
        again = done(floor, outcome.action)
    except (RebalkitError, LookupError) as problem:
        raise DataError(f"order {outcome.order} cannot be repeated: {problem}", place=place, code="bad_log") from problem
    if again != outcome:
        raise DataError(f"order {outcome.order} comes to something else than it did", place=place, code="bad_log")
