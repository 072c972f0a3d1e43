"""A match says why it is one."""

from __future__ import annotations

import re

import tax_history
from rebalkit.tax.explain import RULES, explain_match, rules_of


def test_a_purchase_after_the_sale_in_the_same_account() -> None:
    text = """
B1 2024-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
B2 2025-03-10 main buy 4 VOO 470
"""
    (match,) = tax_history.ledger(text).matches
    assert explain_match(match) == (
        "4 sh VOO of lot B1, sold at a loss in main on 2025-03-03 (S1), are replaced by 4 sh VOO of lot B2, acquired on 2025-03-10, "
        "7 days after the sale. The loss of $80.00 is added to the basis of lot B2, whose shares are deemed held "
        "since 2024-01-09. Rules: R1 (26 USC 1091(a)); R2 (26 USC 1091(a); Reg. 1.1091-1(a); Rev. Rul. 66-97, 70-598); "
        "R4 (Reg. 1.1091-1(a), (f); IRS Publication 550); R5 (Reg. 1.1091-1(b)); R6 (Reg. 1.1091-1(c), (d)); "
        "R7 (26 USC 1091(b), (c); Reg. 1.1091-1(c), (d)); R8 (Reg. 1.1091-1(e)); R12 (26 USC 1091(a); Reg. 1.1091-1(c)); "
        "R13 (26 USC 1091(d); Reg. 1.1091-2); R14 (26 USC 1223(3); Reg. 1.1091-1(h) Ex. 3)."
    )


def test_a_purchase_of_an_ira_before_the_sale_of_another_symbol() -> None:
    text = """
B1 2024-01-02 main buy 10 VOO 500
I1 2025-03-02 ira reinvest 0.5 IVV 480
S1 2025-03-03 main sell 10 VOO 480
"""
    (match,) = tax_history.ledger(text, [("VOO", "IVV")]).matches
    words = explain_match(match)
    assert "are replaced by 0.5 sh IVV of lot I1, acquired in ira on 2025-03-02, 1 day before the sale." in words
    assert "The loss of $10.00 is lost for good: ira is an IRA or treated like one, and no basis is raised." in words
    assert [rule.name for rule in rules_of(match)] == [
        "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R10", "R12", "R16", "R17",
    ]  # fmt: skip


def test_a_purchase_on_the_day_of_the_sale() -> None:
    text = """
B1 2024-01-02 main buy 10 VOO 500
S1 2025-03-03 main sell 10 VOO 480
B2 2025-03-03 main buy 10 VOO 480
"""
    (match,) = tax_history.ledger(text).matches
    assert "acquired on the same day, 2025-03-03." in explain_match(match)


def test_every_rule_has_a_source_and_its_own_name() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert re.search(r"USC|Reg\.|Rev\. Rul\.|Publication 550", rule.source)
        assert rule.words.endswith(".")
