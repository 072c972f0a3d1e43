from __future__ import annotations

import pytest

from rebalkit.model import Reason
from rebalkit.model.reasons import explain


@pytest.mark.parametrize(
    ("losing", "loss", "others", "words"),
    [
        (0, "0.00", 5, "5 lots of IVV"),
        (0, "0.00", 1, "1 lot of IVV"),
        (1, "-20.00", 0, "1 losing lot ($20.00) of IVV"),
        (21, "-20.00", 1, "21 losing lots ($20.00) and 1 other of IVV"),
        (2, "-20.00", 11, "2 losing lots ($20.00) and 11 others of IVV"),
    ],
)
def test_counts_are_said_as_a_person_would(losing: int, loss: str, others: int, words: str) -> None:
    reason = Reason("being_bought", {"losing_lots": losing, "loss": loss, "gaining_lots": others, "bought": "IVV"})
    assert explain(reason, "IVV") == f"Kept: {words}, for IVV is being bought."


def test_one_lot_is_sold_in_the_singular() -> None:
    assert (
        explain(Reason("harvest_loss", {"lots": 1, "loss": "-1454.98"}), "IWB")
        == "Sell 1 lot of IWB to take a loss of $1,454.98."
    )
