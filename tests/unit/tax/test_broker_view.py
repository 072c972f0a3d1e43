"""What a broker knows of shares that came from another account: what the transfer statement says, and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

import pytest
from attrs import evolve

import tax_history
from rebalkit.errors import DataError
from rebalkit.model.accounts import AccountKind
from rebalkit.tax import broker_view
from rebalkit.tax.broker_view import broker_disallowed, broker_rows
from rebalkit.tax.ledger import RealisedRow, build_ledger
from rebalkit.tax.trades import Trade

KINDS = {**tax_history.KINDS, "third": AccountKind.TAXABLE}


def moved(text: str, **deliveries: str) -> list[Trade]:
    """The trades of ``text``, each arrival (by its id) as that of a delivery."""
    return [evolve(one, transfer_of=deliveries.get(one.id)) for one in tax_history.trades(text)]


def rows(trades: Iterable[Trade], account: str) -> list[RealisedRow]:
    return list(broker_rows(list(trades), KINDS)[account])


def test_basis_and_dates_come_along_and_the_purchases_of_the_other_account_do_not() -> None:
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400 3.00
D1 2025-01-02 main deliver 6 VOO 0
R1 2025-01-03 other receive 6 VOO 0
S1 2025-03-03 other sell 6 VOO 350
B2 2025-03-10 main buy 2 VOO 350
""",
        R1="D1",
    )
    (row,) = rows(trades, "other")
    assert (row.lot, row.term, row.basis, row.disallowed) == ("B1", "long", Fraction("2401.8"), 0)
    assert broker_disallowed(trades, KINDS) == {"S1": 0}
    (ours,) = build_ledger(trades, KINDS).realised
    assert (ours.basis, ours.disallowed) == (row.basis, Fraction("100.6"))


def test_a_wash_sale_that_the_sender_knew_is_in_the_basis_and_the_term() -> None:
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400
S1 2025-01-20 main sell 10 VOO 390
B2 2025-01-21 main buy 10 VOO 380
D1 2025-02-03 main deliver 10 VOO 0
R1 2025-02-03 other receive 10 VOO 0
S2 2025-06-02 other sell 10 VOO 500
""",
        R1="D1",
    )
    (row,) = rows(trades, "other")
    assert (row.lot, row.term, row.basis) == ("B2", "long", 3900)


def test_shares_that_moved_twice() -> None:
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400
B2 2024-01-03 main buy 5 VOO 410
D1 2024-02-01 main deliver 12 VOO 0
R1 2024-02-01 other receive 12 VOO 0
D2 2024-03-01 other deliver 11 VOO 0
R2 2024-03-01 third receive 11 VOO 0
S1 2024-06-03 third sell 11 VOO 420
S2 2024-06-03 other sell 1 VOO 420
S3 2024-06-03 main sell 3 VOO 420
""",
        R1="D1", R2="D2",
    )  # fmt: skip
    assert [(row.lot, row.quantity, row.basis) for row in rows(trades, "third")] == [("B1", 10, 4000), ("B2", 1, 410)]
    assert [(row.lot, row.basis) for row in rows(trades, "other")] == [("B2", 410)]
    assert [(row.lot, row.basis) for row in rows(trades, "main")] == [("B2", 1230)]


def test_a_transfer_is_no_purchase_and_washes_nothing() -> None:
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400
B2 2024-01-02 other buy 10 VOO 400
D1 2025-02-03 main deliver 10 VOO 0
S1 2025-02-03 other sell 10 VOO 390
R1 2025-02-03 other receive 10 VOO 0
""",
        R1="D1",
    )
    assert broker_disallowed(trades, KINDS) == {"S1": 0}


def test_an_arrival_that_nobody_sent_is_refused_by_name() -> None:
    trades = moved("R1 2025-01-03 other receive 6 VOO 0", R1="D9")
    with pytest.raises(DataError, match=r"trade R1.*there is no delivery 'D9'"):
        broker_rows(trades, KINDS)


def test_a_lot_that_comes_in_two_parts() -> None:
    """Sold by its name, the part that came first goes first; both are told as the lot they were."""
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400
D1 2025-01-02 main deliver 4 VOO 0 B1
R1 2025-01-02 other receive 4 VOO 0
D2 2025-02-03 main deliver 6 VOO 0 B1
R2 2025-02-03 other receive 6 VOO 0
S1 2025-03-03 other sell 10 VOO 410
""",
        R1="D1", R2="D2",
    )  # fmt: skip
    named = [*trades[:-1], evolve(trades[-1], lots=(("B1", 10_000_000),))]
    for one in (trades, named):
        found = rows(one, "other")
        assert {row.lot for row in found} == {"B1"}
        assert [sum(getattr(row, of) for row in found) for of in ("quantity", "basis", "gain")] == [10, 4000, 100]


def test_a_lot_that_goes_and_comes_back() -> None:
    trades = moved(
        """
B1 2024-01-02 main buy 10 VOO 400
D1 2025-01-02 main deliver 10 VOO 0
R1 2025-01-02 other receive 10 VOO 0
D2 2025-02-03 other deliver 10 VOO 0
R2 2025-02-03 main receive 10 VOO 0
S1 2025-03-03 main sell 10 VOO 410 B1
""",
        R1="D1", R2="D2",
    )  # fmt: skip
    (row,) = rows(trades, "main")
    (ours,) = build_ledger(trades, KINDS).realised
    assert (row.lot, row.term, row.basis) == (ours.lot, ours.term, ours.basis) == ("B1", "long", 4000)


def test_many_transfers_there_and_back_take_no_more_than_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """One ledger for each transfer, not one for each way through them."""
    text, deliveries = ["B1 2024-01-02 main buy 10 VOO 400"], {}
    for number in range(40):
        day = dt.date(2024, 2, 1) + dt.timedelta(days=number)
        there, back = ("main", "other")[:: 1 if number % 2 == 0 else -1]
        text += [f"D{number} {day} {there} deliver 10 VOO 0", f"R{number} {day} {back} receive 10 VOO 0"]
        deliveries[f"R{number}"] = f"D{number}"
    built = []
    monkeypatch.setattr(broker_view, "build_ledger", lambda *given: built.append(1) or build_ledger(*given))
    trades = moved("\n".join([*text, "S1 2025-03-03 main sell 10 VOO 410"]), **deliveries)
    (row,) = rows(trades, "main")
    assert (row.lot, row.basis, row.term) == ("B1", 4000, "long")
    assert len(built) <= 40 + len(KINDS)
