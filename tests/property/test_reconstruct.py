"""What brokers show of a past tells the planner as much as the whole past would, and where it cannot, it errs on the safe side."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from hypothesis import event, given, settings

from households import Household, households
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.outlook import exposures, recent_lots
from rebalkit.tax.reconstruct import reconstruct

LONG = settings().max_examples >= 1000  # of the profile that is loaded
MANY = settings(max_examples=20_000 if LONG else 300)
ZERO = Fraction(0)


def exposed(household: Household) -> Counter[tuple[object, ...]]:
    """In truth: shares and USD of each group, day and account that a purchase today would wash."""
    found: Counter[tuple[object, ...]] = Counter()
    for sale, (shares, loss) in household.true.exposed(household.as_of).items():
        trade = next(one for one in household.trades if one.id == sale)
        found[household.policy.groups.of(trade.symbol), trade.symbol, trade.account, trade.date, shares, loss] += 1
    return found


@MANY
@given(households())
def test_a_complete_record_tells_the_whole_truth(household: Household) -> None:
    """The same losses at stake, the same shares that would take one away, the same lots with the same basis."""
    as_of, policy, true = household.as_of, household.policy, household.true
    past = reconstruct(household.snapshot, policy)
    assert past.unknown == ()
    assert past.differences == ()
    ledger = build_ledger(past.trades, past.accounts, policy)
    found = Counter((one.group, one.symbol, one.account, one.sold, one.quantity, one.loss) for one in exposures(ledger, as_of))
    assert found == exposed(household)

    recent: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    for lot in recent_lots(ledger, as_of):
        recent[lot.account, lot.symbol, lot.acquired, lot.taxable] += lot.quantity
    fresh: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    lots: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    for share in true.shares:
        if share.held:
            lots[share.account, share.came.symbol, share.acquired, share.basis / true.unit, share.replaces is not None] += (
                true.unit
            )
            if share.replaces is None and as_of - share.acquired <= policy.window:
                fresh[share.account, share.came.symbol, share.acquired, share.account in true.taxable] += true.unit
    assert recent == fresh
    seen: dict[tuple[object, ...], Fraction] = defaultdict(Fraction)
    for lot in ledger.open_lots:
        seen[lot.account, lot.symbol, lot.acquired, lot.basis / lot.quantity, lot.replaced] += lot.quantity
    assert seen == lots
    event(f"at stake: {bool(found)}, taking away: {bool(fresh)}, adjusted: {any(one.replaced for one in ledger.open_lots)}")
