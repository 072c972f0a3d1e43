"""The wash-sale ledger where the vectors do not reach: histories that cannot be, transfers, splits, and what records say of themselves."""

from __future__ import annotations

import datetime as dt
import gc
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from oracles import wash_ledger as oracle
from rebalkit.errors import DataError
from rebalkit.model import AccountKind, Action, IdentityGroups, Promise, WashPolicy
from rebalkit.tax.ledger import Ledger, Term, build_ledger
from rebalkit.tax.outlook import beyond_ledger, blockers, effect, exposures
from rebalkit.tax.trades import Trade

KINDS = {"main": AccountKind.TAXABLE, "other": AccountKind.TAXABLE, "ira": AccountKind.IRA, "roth": AccountKind.ROTH}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2024-{text}")


def trade(line: str, **more: Any) -> Trade:
    """``id month-day account action quantity symbol [price [fees]]``, in 2024."""
    name, date, account, action, quantity, symbol, *money = line.split()
    return Trade.of(name, day(date), account, symbol, Action(action), quantity, *money, **more)


def ledger(*trades: Trade | str, groups: list[list[str]] | None = None) -> Ledger:
    return build_ledger(
        [trade(one) if isinstance(one, str) else one for one in trades], KINDS, WashPolicy(IdentityGroups(groups or ()))
    )


def refusal(*trades: Trade | str) -> DataError:
    with pytest.raises(DataError) as caught:
        ledger(*trades)
    return caught.value


BUY = "B1 01-10 main buy 10 VOO 100"


@pytest.mark.parametrize(
    ("trades", "code", "place", "reason"),
    [
        pytest.param(
            [BUY, "S1 02-10 main sell 10.5 VOO 90"],
            "oversold", "trade S1 (2024-02-10 sell VOO in account main)", "10.5 shares leave, but account main holds 10",
            id="more than is held",
        ),
        pytest.param(["S1 02-10 main sell 1 VOO 90"], "oversold", "trade S1", "1 shares leave, but account main holds 0", id="nothing held"),
        pytest.param(
            [BUY, "S1 02-10 main sell 4 VOO 90", trade("S2 02-11 main sell 7 VOO 90", lots=[("B1", 7)])],
            "oversold", "trade S2", "7 shares leave, but lot B1 holds 6", id="more than the lot has",
        ),
        pytest.param(
            [BUY, "B2 01-11 main buy 10 VOO 100", trade("S1 02-11 main sell 15 VOO 90", lots=[("B1", 7), ("B1", 8)])],
            "oversold", "trade S1", "8 shares leave, but lot B1 holds 3", id="a lot named twice",
        ),
        pytest.param(
            [BUY, trade("S1 02-10 main sell 1 VOO 90", lots=[("B9", 1)])],
            "unknown_lot", "trade S1", "lot 'B9' is not there at that time", id="no such lot",
        ),
        pytest.param(
            [BUY, trade("S1 02-10 other sell 1 VOO 90", lots=[("B1", 1)])],
            "unknown_lot", "trade S1", "lot 'B1' is not there at that time", id="a lot of another account",
        ),
        pytest.param(
            [BUY, trade("S1 01-10 main sell 1 VOO 90", lots=[("B2", 1)]), "B2 01-10 main buy 1 VOO 100"],
            "unknown_lot", "trade S1", "lot 'B2' is not there at that time", id="a lot bought later",
        ),
        pytest.param(
            [BUY, trade("S1 02-10 main sell 1 VTI 90", lots=[("B1", 1)])],
            "unknown_lot", "trade S1", "lot 'B1'", id="a lot of another symbol",
        ),
        pytest.param(
            [BUY, trade("S1 02-10 main sell 2 VOO 90", lots=[("B1", 1)])],
            "bad_lots", "trade S1", "its lots do not add up to its quantity", id="lots that are too few",
        ),
        pytest.param(
            [BUY, "B2 01-11 main buy 10 VOO 100", trade("S1 02-10 main sell 2 VOO 90", lots=[("B1", 3), ("B2", -1)])],
            "bad_lots", "trade S1", "its lots do not add up to its quantity", id="a lot sold backwards",
        ),
        pytest.param(
            [BUY, "B2 01-11 main buy 10 VOO 100", trade("S1 02-10 main sell 2 VOO 90", lots=[("B1", 2), ("B2", 0)])],
            "bad_lots", "trade S1", "its lots do not add up to its quantity", id="nothing of a lot",
        ),
        pytest.param([BUY, "B1 01-11 main buy 1 VTI 100"], "duplicate_trade", "trade B1 (2024-01-11", "'B1' is used twice", id="an id twice"),
        pytest.param(
            ["B1 01-11 main buy 1 VTI 100", "B2 01-10 main buy 1 VOO 100"],
            "out_of_order", "trade B2", "it comes after a trade of 2024-01-11", id="dates out of order",
        ),
        pytest.param(["B1 01-11 savings buy 1 VTI 100"], "unknown_account", "trade B1", "there is no account 'savings'", id="no account"),
        pytest.param(["B1 01-11 main buy 0 VTI 100"], "bad_trade", "trade B1", "a quantity must be above 0", id="no shares"),
        pytest.param(["B1 01-11 main buy -1 VTI 100"], "bad_trade", "trade B1", "a quantity must be above 0", id="less than no shares"),
        pytest.param(["B1 01-11 main buy 1 VTI -0.01"], "bad_trade", "trade B1", "price and fees 0 or more", id="a price below 0"),
        pytest.param(["B1 01-11 main buy 1 VTI 1 -0.01"], "bad_trade", "trade B1", "price and fees 0 or more", id="fees below 0"),
        pytest.param(["X1 01-11 main split 0 VTI"], "bad_split", "trade X1", "a split needs a ratio above 0", id="a split into nothing"),
        pytest.param(
            [evolve(trade("X1 01-11 main split 2 VTI"), ratio=None)],
            "bad_split", "trade X1", "a split needs a ratio above 0", id="a split without a ratio",
        ),
        pytest.param(
            [BUY, "B2 01-10 other buy 1 VOO 100", "X1 01-11 main split 2 VOO"],
            "unlike_splits", "2024-01-11 split VOO", "account other held shares and has no row for it on that day", id="a split seen by one",
        ),
        pytest.param(
            [BUY, trade("R1 01-11 other receive 10 VOO", transfer_of="D1")],
            "bad_transfer", "trade R1", "there is no delivery 'D1' before it", id="an arrival of nothing",
        ),
        pytest.param(
            [BUY, trade("R1 01-11 other receive 10 VOO", transfer_of="D1"), "D1 01-12 main deliver 10 VOO"],
            "bad_transfer", "trade R1", "there is no delivery 'D1' before it", id="an arrival before the delivery",
        ),
        pytest.param(
            [BUY, "D1 01-11 main deliver 4.5 VOO", trade("R1 01-11 other receive 5 VOO", transfer_of="D1")],
            "bad_transfer", "trade R1", "5 VOO arrive, but 4.5 VOO were sent", id="more arrives than was sent",
        ),
        pytest.param(
            [BUY, "D1 01-11 main deliver 5 VOO", trade("R1 01-11 ira receive 5 VOO", transfer_of="D1")],
            "bad_transfer", "trade R1", "do not keep their basis", id="a transfer into an IRA",
        ),
    ],
)  # fmt: skip
def test_a_history_that_cannot_be_is_refused_and_its_row_named(
    trades: list[Trade | str], code: str, place: str, reason: str
) -> None:
    error = refusal(*trades)
    assert error.code == code
    assert error.place.startswith(place)
    assert reason in error.reason
    assert error.remedy


def test_a_symbol_of_the_group_arrives_as_itself() -> None:
    with pytest.raises(DataError, match="4 IVV arrive, but 4 VOO were sent"):
        ledger(
            BUY, "D1 01-11 main deliver 4 VOO", trade("R1 01-11 other receive 4 IVV", transfer_of="D1"), groups=[["IVV", "VOO"]]
        )


def test_what_a_split_left_over_is_shown_exactly_where_it_has_an_end() -> None:
    error = refusal("B1 01-10 main buy 0.000001 VOO 100", "X1 01-11 main split 0.5 VOO", "S1 01-12 main sell 1 VOO 90")
    assert "holds 0.0000005" in error.reason


def test_trades_of_one_day_need_no_order_of_names_and_none_is_an_empty_ledger() -> None:
    assert ledger().realised == ledger().matches == ledger().open_lots == ()
    assert len(ledger("B2 01-10 main buy 1 VOO 1", BUY, "X 01-11 main split 1 VTI").open_lots) == 2


def test_a_split_recorded_by_every_account_happens_once() -> None:
    found = ledger(
        BUY, "B2 01-10 other buy 4 VOO 100", "X1 01-11 main split 2 VOO", "X2 01-11 other split 2 VOO", "X3 01-11 ira split 2 VOO",
        "X4 01-12 main split 1.5 VOO", "X5 01-12 other split 1.5 VOO", "S1 01-20 main sell 15 VOO 50",
    )  # fmt: skip
    assert {lot.lot: (lot.quantity, lot.basis) for lot in found.open_lots} == {"B1": (15, 500), "B2": (12, 400)}
    (row,) = found.realised
    assert (row.quantity, row.proceeds, row.basis) == (15, 750, 500)


def test_what_is_bought_after_a_split_of_two_accounts_is_in_new_shares() -> None:
    found = ledger(
        BUY, "B2 01-10 other buy 4 VOO 100", "X1 01-11 main split 2 VOO", "X2 01-11 other split 2 VOO", "B3 01-12 main buy 6 VOO 50",
        trade("S1 01-20 main sell 5 VOO 60", lots=[("B3", 5)]),
    )  # fmt: skip
    assert {lot.lot: (lot.quantity, lot.basis) for lot in found.open_lots} == {"B1": (20, 1000), "B2": (8, 400), "B3": (1, 50)}


def test_a_split_does_not_concern_who_holds_another_symbol_of_the_group() -> None:
    found = ledger(BUY, "B2 01-10 other buy 4 IVV 100", "X1 01-11 main split 2 VOO", groups=[["IVV", "VOO"]])
    assert [(lot.lot, lot.quantity) for lot in found.open_lots] == [("B1", 20), ("B2", 4)]


def test_a_lot_of_another_symbol_of_the_group_cannot_be_sold() -> None:
    with pytest.raises(DataError, match="lot 'B1' is of VOO"):
        ledger(BUY, trade("S1 02-10 main sell 1 IVV 90", lots=[("B1", 1)]), groups=[["IVV", "VOO"]])


def test_an_account_that_sold_everything_needs_no_row_of_a_split() -> None:
    found = ledger(BUY, "B2 01-10 other buy 4 VOO 100", "S1 01-10 other sell 4 VOO 100", "X1 01-11 main split 2 VOO")
    assert [(lot.lot, lot.quantity) for lot in found.open_lots] == [("B1", 20)]


def test_a_share_of_another_symbol_replaces_one_share_as_both_were_on_the_day_of_the_sale() -> None:
    """VOO was split before the sale of IVV: two of its new shares for two of IVV."""
    found = ledger(
        "A1 01-02 main buy 4 IVV 100", "B1 01-20 main buy 1 VOO 100", "X1 01-22 main split 3 VOO", "S1 01-25 main sell 4 IVV 90",
        groups=[["IVV", "VOO"]],
    )  # fmt: skip
    (match,) = found.matches
    assert (match.quantity, match.amount) == (3, 30)
    (lot,) = found.open_lots
    assert (lot.quantity, lot.basis, lot.added) == (3, 130, 30)
    (row,) = found.realised
    assert (row.washed, row.exposed, row.disallowed) == (3, 1, 30)


def test_a_split_of_the_sold_symbol_counts_its_new_shares() -> None:
    found = ledger(
        "A1 01-02 main buy 1 IVV 120", "X1 01-10 main split 4 IVV", "B1 01-20 main buy 3 VOO 30", "S1 01-25 main sell 4 IVV 20",
        "B2 01-26 main buy 3 VOO 20", groups=[["IVV", "VOO"]],
    )  # fmt: skip
    assert [(one.replacement_lot, one.quantity, one.amount) for one in found.matches] == [("B1", 3, 30), ("B2", 1, 10)]
    assert [(lot.lot, lot.quantity, lot.basis) for lot in found.open_lots] == [("B1", 3, 120), ("B2", 1, 30), ("B2", 2, 40)]


def test_a_transfer_keeps_the_parts_of_a_lot_their_basis_and_their_dates() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100", "S1 02-05 main sell 2 VOO 90", "B1 02-10 main buy 5 VOO 95",
        "D1 03-20 main deliver 3 VOO", trade("R1 03-22 other receive 3 VOO", transfer_of="D1"), "S2 06-01 other sell 3 VOO 120",
    )  # fmt: skip
    assert [(row.lot, row.account, row.quantity, row.basis, row.deemed_acquired) for row in found.realised[1:]] == [
        ("B1", "other", 3, 305, day("01-07"))
    ]
    (lot,) = found.open_lots
    assert (lot.lot, lot.account, lot.quantity, lot.basis) == ("B1", "main", 2, 190)


def test_shares_on_the_way_can_be_washed_into() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100", "B1 03-10 main buy 5 VOO 95", trade("D1 03-20 main deliver 5 VOO", lots=[("B1", 5)]),
        "S1 03-21 main sell 2 VOO 90", trade("R1 03-22 other receive 5 VOO", transfer_of="D1"),
    )  # fmt: skip
    assert [(lot.account, lot.quantity, lot.basis) for lot in found.open_lots] == [("other", 2, 210), ("other", 3, 285)]


def test_a_transfer_takes_what_came_in_first_also_after_a_reverse_split_and_down_to_the_last_millionth() -> None:
    found = ledger(
        "B1 01-02 main buy 5 VOO 10", "B2 01-03 main buy 0.000005 VOO 10", "B3 01-04 main buy 5 VOO 10", "X1 01-05 main split 0.2 VOO",
        "D1 01-06 main deliver 1.000001 VOO", trade("R1 01-07 other receive 1.000001 VOO", transfer_of="D1"),
        "D2 01-08 main deliver 1 VOO", trade("R2 01-09 other receive 1 VOO", transfer_of="D2"),
    )  # fmt: skip
    assert [(lot.lot, lot.account, lot.quantity) for lot in found.open_lots] == [
        ("B1", "other", 1), ("B2", "other", Fraction(1, 10**6)), ("B3", "other", 1),
    ]  # fmt: skip


def test_a_lot_that_comes_back_is_one_lot_again() -> None:
    trades = [
        BUY, "D1 01-20 main deliver 4 VOO", trade("R1 01-21 other receive 4 VOO", transfer_of="D1"), "D2 01-22 other deliver 4 VOO",
        trade("R2 01-23 main receive 4 VOO", transfer_of="D2"), trade("S1 01-25 main sell 10 VOO 110", lots=[("B1", 10)]),
    ]  # fmt: skip
    found = ledger(*trades)
    assert [(row.lot, row.quantity) for row in found.realised] == [("B1", 10)]
    assert found.open_lots == ()


def test_a_transfer_takes_the_last_millionth_of_the_next_lot() -> None:
    found = ledger(
        "B1 01-02 main buy 1 VOO 10", "B2 01-03 main buy 0.000001 VOO 10", "D1 01-06 main deliver 1.000001 VOO",
        trade("R1 01-07 other receive 1.000001 VOO", transfer_of="D1"),
    )  # fmt: skip
    assert [(lot.lot, lot.account) for lot in found.open_lots] == [("B1", "other"), ("B2", "other")]


@pytest.mark.parametrize("away", [3, 2, 5])
def test_a_lot_that_comes_back_keeps_what_it_replaced(away: int) -> None:
    """Of its six shares three have replaced a loss, each part of the journey some of them."""
    found = ledger(
        "A1 01-02 main buy 3 VOO 100", "S1 02-05 main sell 3 VOO 90", "B1 02-10 main buy 6 VOO 95",
        f"D1 03-20 main deliver {away} VOO", trade(f"R1 03-22 other receive {away} VOO", transfer_of="D1"),
        f"D2 03-24 other deliver {away} VOO", trade(f"R2 03-25 main receive {away} VOO", transfer_of="D2"),
    )  # fmt: skip
    assert sum(lot.quantity for lot in found.open_lots if lot.replaced) == 3
    assert sum(lot.basis for lot in found.open_lots if lot.replaced) == 315
    assert sum(lot.quantity for lot in found.open_lots) == 6
    assert sum(lot.basis for lot in found.open_lots) == 600
    assert {(lot.lot, lot.account) for lot in found.open_lots} == {("B1", "main")}


def test_shares_that_came_back_replace_as_one_lot() -> None:
    found = ledger(
        "A1 01-02 main buy 3 VOO 100", "B1 03-10 main buy 5 VOO 95", trade("D1 03-12 main deliver 2 VOO", lots=[("B1", 2)]),
        "S1 03-13 main sell 1 VOO 90", trade("R1 03-14 other receive 2 VOO", transfer_of="D1"), "D2 03-14 other deliver 2 VOO",
        "S2 03-14 main sell 1 VOO 91", trade("R2 03-15 main receive 2 VOO", transfer_of="D2"), "S3 03-16 main sell 1 VOO 92",
    )  # fmt: skip
    assert [(one.sale, one.replacement_lot, one.quantity, one.amount) for one in found.matches] == [
        ("S1", "B1", 1, 10), ("S2", "B1", 1, 9), ("S3", "B1", 1, 8),
    ]  # fmt: skip
    assert sum(lot.quantity for lot in found.open_lots if not lot.replaced) == 2


def test_the_earliest_purchase_replaces_wherever_it_was_moved() -> None:
    found = ledger(
        "B1 05-01 main buy 2 VOO 80", "A1 05-02 main buy 2 VOO 100", trade("D1 05-03 main deliver 2 VOO", lots=[("B1", 2)]),
        trade("R1 05-03 other receive 2 VOO", transfer_of="D1"), "D2 05-04 other deliver 2 VOO",
        trade("R2 05-04 main receive 2 VOO", transfer_of="D2"), trade("S1 05-06 main sell 2 VOO 90", lots=[("A1", 2)]),
    )  # fmt: skip
    assert [(one.replacement_lot, one.quantity) for one in found.matches] == [("B1", 2)]


def test_a_billionth_of_a_dollar_is_a_loss_and_a_millionth_of_a_share_a_lot() -> None:
    found = ledger(
        "A1 01-02 main buy 1.000001 VOO 100", "B1 01-03 main buy 1 VOO 100",
        trade("S1 05-01 main sell 1.000001 VOO 99.999999999", lots=[("A1", "0.000001"), ("B1", 1)]), "B2 05-02 main buy 1 VOO 90",
    )  # fmt: skip
    assert [(row.lot, row.quantity, row.washed) for row in found.realised] == [
        ("A1", Fraction(1, 10**6), Fraction(1, 10**6)), ("B1", 1, 1 - Fraction(1, 10**6)),
    ]  # fmt: skip
    assert sum(row.disallowed for row in found.realised) == Fraction(1, 10**9)


def test_what_was_received_is_sold_by_the_day_on_which_it_was_really_acquired() -> None:
    found = ledger(
        "B1 01-10 main buy 1 VOO 100",
        trade("R1 01-20 main receive 1 VOO 50", acquired=day("01-05")),
        "S1 02-01 main sell 1 VOO 120",
    )
    assert [(row.lot, row.acquired) for row in found.realised] == [("R1", day("01-05"))]


def test_delivered_shares_are_gone_and_their_lots_wash_nothing() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100",
        "B1 02-10 main buy 2 VOO 95",
        trade("D1 02-11 main deliver 2 VOO", lots=[("B1", 2)]),
        "S1 02-12 main sell 2 VOO 90",
    )
    assert found.matches == ()
    assert [(row.sale, row.exposed) for row in found.realised] == [("S1", 2)]


def test_fills_of_a_sell_order_are_one_sale_of_that_day_and_account() -> None:
    """What the second fill sells is not there any more to replace what the first one lost."""
    trades = ["A1 01-02 main buy 1 VOO 100", "B1 02-10 main buy 1 VOO 95"]
    one, other = trade("S1 02-12 main sell 1 VOO 90", order="O"), trade("S2 02-12 main sell 1 VOO 90", order="O")
    assert ledger(*trades, one, other).matches == ()
    assert len(ledger(*trades, one, evolve(other, order="P")).matches) == 1
    assert len(ledger(*trades, one, evolve(other, date=day("02-13"))).matches) == 1
    elsewhere = evolve(other, account="other")
    assert len(ledger(*trades, "C1 02-11 other buy 1 VOO 80", one, elsewhere).matches) == 1


def test_rows_come_in_the_order_of_the_trades_whatever_their_groups() -> None:
    found = ledger(
        "B1 01-02 main buy 2 VTI 100", "B2 01-02 main buy 3 VOO 100", "B3 01-02 main buy 2 VTI 100", "S1 02-12 main sell 1 VOO 90",
        "S2 02-12 main sell 1 VTI 90", "S3 02-12 main sell 1 VOO 90", "C1 02-13 main buy 5 VTI 90", "C2 02-13 main buy 5 VOO 90",
    )  # fmt: skip
    assert [row.sale for row in found.realised] == ["S1", "S2", "S3"]
    assert [one.sale for one in found.matches] == ["S1", "S2", "S3"]
    assert [lot.lot for lot in found.open_lots] == ["B1", "B2", "B3", "C1", "C1", "C2", "C2", "C2"]


PRIMES = [one for one in range(2, 128) if all(one % other for other in range(2, one))]


def chain(links: int, shares: list[int] = PRIMES) -> list[Trade]:
    """Each lot is bought on the day on which the one before is sold at a loss; no quantity divides a fee, so fractions grow."""
    trades: list[Trade] = []
    for number in range(links):
        date = day("01-01") + dt.timedelta(days=number)
        if number:
            before = trades[-1]
            trades.append(Trade.of(f"S{number}", date, "main", "VOO", Action.SELL, before.quantity, "20", "0.07"))
        price = Decimal("33.333333333") - number % 3
        trades.append(Trade.of(f"B{number}", date, "main", "VOO", Action.BUY, shares[number % len(shares)], price, "0.01"))
    return trades


@pytest.mark.parametrize("links", [5, 40])
def test_a_chain_is_right_to_a_millionth_and_conserved_exactly_however_long(links: int) -> None:
    trades = chain(links)
    found, slow = build_ledger(trades, KINDS), oracle.Ledger(trades, KINDS)
    close = Fraction(1, 10**6) if links > 5 else Fraction(0)
    rows = slow.realised()
    assert len(rows) == len(found.realised)
    for row in found.realised:
        exact = rows[row.sale, row.lot, row.term.value]
        assert (row.quantity, row.washed, row.exposed, row.proceeds) == tuple(
            exact[name] for name in ("quantity", "washed", "exposed", "proceeds")
        )
        assert abs(row.basis - exact["basis"]) <= close
        assert abs(row.disallowed - exact["disallowed"]) <= close
        assert row.deemed_acquired == exact["deemed_acquired"]
    assert sum((lot.quantity for lot in found.open_lots), Fraction(0)) == sum(one[0] for one in slow.open_lots().values())
    assert (
        abs(sum((lot.basis for lot in found.open_lots), Fraction(0)) - sum(one[1] for one in slow.open_lots().values())) <= close
    )


def test_a_chain_without_an_end_conserves_every_dollar_and_its_fractions_do_not_grow() -> None:
    """A share of each lot is kept, with its part of all the losses before."""
    trades = []
    for one in chain(300, list(range(7, 307))):
        if one.action is Action.SELL:
            lot, micros = f"B{int(one.id[1:]) - 1}", one.micros - 10**6
            trades.append(evolve(one, micros=micros, lots=((lot, micros),)))
        else:
            trades.append(one)
    found = build_ledger(trades, KINDS)
    bought = [one for one in trades if one.action is Action.BUY]
    cost = sum((Fraction(one.micros * one.price, 10**15) + Fraction(one.fees, 10**9) for one in bought), Fraction(0))
    recognised = sum((row.recognised for row in found.realised), Fraction(0))
    proceeds = sum((row.proceeds for row in found.realised), Fraction(0))
    assert recognised == proceeds - cost + sum((lot.basis for lot in found.open_lots), Fraction(0))
    assert max(row.basis.denominator for row in found.realised) < 10**90


def test_a_ledger_prints_in_a_line() -> None:
    assert repr(ledger(BUY)).startswith("Ledger(policy=WashPolicy(")
    assert "Group(" not in repr(ledger(BUY)).replace("IdentityGroups(", "")
    assert "Group object" not in repr(ledger(BUY))
    assert "Trade(" not in repr(ledger(BUY))


def test_the_collector_of_cycles_is_left_as_it_was() -> None:
    assert gc.isenabled()
    ledger(BUY)
    assert gc.isenabled()
    refusal("S1 02-10 main sell 1 VOO 90")
    assert gc.isenabled()
    gc.disable()
    try:
        ledger(BUY)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_records_say_where_and_when() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100 1", "S1 03-05 main sell 2 VOO 90", trade("B1 03-10 other buy 5 IVV 95", order="O1"),
        trade("G1 03-11 main receive 1 VOO 90"), groups=[["IVV", "VOO"]],
    )  # fmt: skip
    (row,) = found.realised
    assert (row.account, row.symbol, row.sold, row.acquired, row.term) == ("main", "VOO", day("03-05"), day("01-02"), Term.SHORT)
    assert (row.gain, row.recognised, row.at_stake) == (-21, 0, 0)
    (match,) = found.matches
    assert (match.symbol, match.replacement_symbol, match.account, match.replacement_account) == ("VOO", "IVV", "main", "other")
    assert (match.sold, match.replaced_on, match.deemed_acquired) == (day("03-05"), day("03-10"), day("01-07"))
    replaced, rest, gift = found.open_lots
    assert (replaced.replaced, replaced.purchase, replaced.acquires, replaced.taxable) == (True, "B1", True, True)
    assert (rest.replaced, rest.basis, rest.added, rest.holding_period_start) == (False, 285, 0, day("03-11"))
    assert (gift.purchase, gift.acquires) == ("G1", False)


def test_the_id_of_an_order_says_nothing_of_another_symbol_or_of_half_a_year_later() -> None:
    """Brokers number orders anew; fills of one order are of one symbol, and no order stays open for so long."""
    sale = trade("S1 03-05 main sell 2 VOO 90", lots=[("A1", 2)])
    other_symbol = ledger(
        trade("A1 03-01 main buy 2 VOO 100", order="1"), trade("B1 03-02 main buy 2 IVV 100", order="1"), sale, groups=[["IVV", "VOO"]]
    )  # fmt: skip
    (match,) = other_symbol.matches
    assert (match.replacement_lot, match.amount) == ("B1", 20)
    early = evolve(trade("A1 01-01 main buy 2 VOO 100", order="1"), date=day("03-02") - dt.timedelta(days=181))
    late = trade("B1 03-02 main buy 2 VOO 100", order="1")
    assert [one.replacement_lot for one in ledger(early, late, sale).matches] == ["B1"]
    in_time = evolve(early, date=day("03-02") - dt.timedelta(days=180))
    assert ledger(in_time, late, sale).matches == ()


def test_an_id_that_is_used_again_is_one_order_again() -> None:
    fills = [trade(f"B{number} {date} main buy 2 VOO 100", order="1") for number, date in enumerate(["01-02", "07-01", "07-20"])]
    sale = trade("S1 07-21 main sell 2 VOO 90", lots=[("B1", 2)])
    assert ledger(*fills, sale).matches == ()
    assert len(ledger(*fills[:2], evolve(fills[2], order="2"), sale).matches) == 1


def test_two_accounts_that_split_a_security_differently_on_one_day_are_refused() -> None:
    with pytest.raises(DataError, match="was split otherwise"):
        ledger("A1 01-02 main buy 2 VOO 100", "X1 02-01 main split 2 VOO", "X2 02-01 other split 3 VOO")


def test_exposures_of_one_sale_are_one_and_sales_come_in_order() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100", "A2 01-03 main buy 2 VOO 110", "Z1 01-03 main buy 1 BND 90", "Z2 04-30 main sell 1 BND 80",
        "S1 05-01 main sell 4 VOO 90", groups=[["IVV", "VOO"]],
    )  # fmt: skip
    first, second = exposures(found, day("05-20"))
    assert (first.sale, first.group, first.quantity, first.loss, first.through) == ("Z2", "BND", 1, 10, day("05-30"))
    assert (second.sale, second.group, second.symbol, second.account, second.sold) == ("S1", "IVV", "VOO", "main", day("05-01"))
    assert (second.quantity, second.loss, second.through, second.free_from) == (4, 60, day("05-31"), day("06-01"))
    assert exposures(found, day("04-30")) == (evolve(first),)
    assert [one.sale for one in exposures(found, day("05-31"))] == ["S1"]
    assert exposures(found, day("06-01")) == ()
    assert exposures(found, day("04-29")) == ()


def test_blockers_come_in_the_order_in_which_they_replace() -> None:
    found = ledger(
        "A1 01-02 main buy 2 VOO 100", "Z1 05-01 main buy 1 VTI 90",
        trade("B1 05-01 main buy 1 VOO 100", order="O"), trade("B2 05-02 main buy 1 VOO 100", order="O"),
        "B3 05-01 main receive 1 VOO 90".replace("05-01", "05-02"), "C1 05-03 ira buy 3 IVV 90", groups=[["IVV", "VOO"]],
    )  # fmt: skip
    assert [(one.lot, one.account, one.symbol, one.acquired, one.permanent) for one in blockers(found, "A1", day("05-20"))] == [
        ("B1", "main", "VOO", day("05-01"), False), ("B2", "main", "VOO", day("05-02"), False), ("C1", "ira", "IVV", day("05-03"), True),
    ]  # fmt: skip
    assert [one.lot for one in blockers(found, "B1", day("05-20"))] == ["C1"]
    assert [one.lot for one in blockers(found, "A1", day("05-31"))] == ["B1", "B2", "C1"]
    assert [one.lot for one in blockers(found, "A1", day("06-01"))] == ["B2", "C1"]
    assert [one.lot for one in blockers(found, "A1", day("05-01"))] == ["B1"]


def test_older_shares_block_nothing_where_they_are_ignored() -> None:
    """Bought on an earlier day, that is."""
    trades = [
        trade(f"{name} {date} main buy 1 VOO 100")
        for name, date in [("A", "05-01"), ("L", "05-02"), ("B", "05-02"), ("C", "05-03")]
    ]
    found = build_ledger(trades, KINDS, WashPolicy(older_replacement="ignore"))
    assert [one.lot for one in blockers(found, "L", day("05-10"))] == ["B", "C"]


def test_an_effect_names_what_is_disallowed_more_or_less() -> None:
    history = [
        trade("A1 01-02 main buy 1 VOO 100"), trade("B1 04-30 main buy 1 VOO 80"),
        trade("S1 05-01 main sell 1 VOO 90", order="O", lots=[("A1", 1)]),
    ]  # fmt: skip
    assert effect(history, [], KINDS) == {}
    assert effect(history, [trade("B2 05-02 main buy 1 VOO 90")], KINDS) == {}
    assert effect(history[:1], [*history[1:]], KINDS) == {"S1": 10}
    # The replacement is sold by another fill of the same order, and so was never one.
    assert effect(history, [trade("S2 05-01 main sell 1 VOO 90", order="O", lots=[("B1", 1)])], KINDS) == {"S1": -10}


def promise(
    name: str, shares: str, loss: str, account: str = "main", sold: str = "03-05", group: tuple[str, ...] = ("IVV", "VOO")
) -> Promise:
    on = day(sold)
    return Promise(
        name, group, account, on, on + dt.timedelta(days=30), on + dt.timedelta(days=31), Decimal(shares), Decimal(loss), "plan"
    )


def test_of_a_promise_the_ledger_knows_the_shares_that_it_saw_lose() -> None:
    """Of 10 shares 4 lose: 1 of them is washed, 3 are exposed; the other 6 gain by the record."""
    found = ledger(
        "A1 01-02 main buy 4 VOO 100", "A2 01-03 main buy 6 VOO 80", "S1 03-05 main sell 10 VOO 90", "B1 03-10 other buy 1 VOO 95",
    )  # fmt: skip
    assert beyond_ledger([promise("p", "4", "40")], found) == ()
    (rest,) = beyond_ledger([promise("p", "10", "100")], found)
    assert (rest.quantity, rest.loss, rest.promise) == (6, 60, "p")
    first, second = promise("first", "3", "30"), promise("second", "3", "30")
    (left,) = beyond_ledger([first, second], found)
    assert (left.promise, left.quantity, left.loss) == ("second", 2, 20)
    third = promise("third", "1.5", "15")
    assert [(one.promise, one.quantity) for one in beyond_ledger([first, second, third], found)] == [
        ("second", 2),
        ("third", Decimal("1.5")),
    ]


@pytest.mark.parametrize("other", [{"account": "other"}, {"sold": "03-06"}, {"group": ("AAA", "BBB")}])
def test_a_promise_of_another_sale_stays_as_it_is(other: dict[str, Any]) -> None:
    found = ledger("A1 01-02 main buy 4 VOO 100", "S1 03-05 main sell 4 VOO 90")
    made = promise("p", "4", "40", **other)
    assert beyond_ledger([made], found) == (made,)
    assert beyond_ledger([promise("p", "4", "40")], found) == ()


def test_a_loss_that_was_washed_whole_is_known_to_the_ledger() -> None:
    found = ledger("A1 01-02 main buy 4 VOO 100", "S1 03-05 main sell 4 VOO 90", "B1 03-06 main buy 4 VOO 90")
    assert beyond_ledger([promise("p", "4", "40")], found) == ()


def test_what_was_acquired_earlier_replaces_first_although_it_is_recorded_later() -> None:
    """A lot without its purchase on record is put in after the splits, with the day on which it was really acquired."""
    found = ledger(
        "A 01-10 main buy 10 VOO 100",
        "B 05-10 other buy 4 VOO 80",
        trade("C 05-12 other buy 4 VOO 85", acquired=day("05-05")),
        "S 05-20 main sell 10 VOO 90",
    )
    assert [(one.replacement_lot, one.quantity, one.replaced_on) for one in found.matches] == [
        ("C", 4, day("05-05")), ("B", 4, day("05-10")),
    ]  # fmt: skip


def test_a_part_that_moves_does_not_bring_back_what_is_before_the_window() -> None:
    """The second sale of a day looks at no earlier acquisitions than the first, wherever a transfer put them."""
    found = ledger(
        "OLD 01-02 main buy 10 VOO 100",
        "A 01-10 other buy 2 VOO 100",
        "X 01-12 main buy 3 VOO 100",
        "B 05-01 ira buy 1 VOO 80",
        "S1 05-20 other sell 1 VOO 90",
        "D 05-20 main deliver 5 VOO",
        trade("R 05-20 other receive 5 VOO", transfer_of="D"),
        "S2 05-20 other sell 1 VOO 90",
    )
    assert [(one.sale, one.replacement_lot) for one in found.matches] == [("S1", "B")]


def test_a_lot_that_is_recorded_late_and_sold_hides_no_other() -> None:
    found = ledger(
        "A 01-10 main buy 10 VOO 100",
        "B 05-10 other buy 4 VOO 80",
        trade("C 05-12 other buy 4 VOO 85", acquired=day("05-05")),
        trade("X 05-13 other sell 4 VOO 90", lots=[("C", 4)]),
        "S 05-20 main sell 10 VOO 90",
    )
    assert [(one.sale, one.replacement_lot, one.quantity) for one in found.matches] == [("S", "B", 4)]
