"""From what a person declares to the reading of the wash-sale rule that holds."""

from __future__ import annotations

from collections.abc import Iterable

from rebalkit.model.identity import IdentityGroups
from rebalkit.model.policy import HoldingMethod, OlderReplacement, WashPolicy
from rebalkit.tax.same_index import SAME_INDEX

__all__ = ["declared_policy"]


def declared_policy(
    identical: Iterable[Iterable[str]] = (),
    *,
    same_index: bool = True,
    older_replacement: OlderReplacement | str = OlderReplacement.COUNT,
    holding: HoldingMethod | str = HoldingMethod.ADDED,
) -> WashPolicy:
    """The reading of the rule in which ``identical`` sets of symbols are one, and with ``same_index`` also the built-in ones.

    Raises:
        ValueError: An unknown reading.
        DataError: What is no symbol.
    """
    built_in = [one.symbols for one in SAME_INDEX] if same_index else []
    groups = IdentityGroups((*identical, *built_in))
    return WashPolicy(groups, OlderReplacement(older_replacement), HoldingMethod(holding))
