"""The wash-sale vectors as files of a person: read from transactions.csv, each must come to the same rows of Form 8949."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from rebalkit.model import IdentityGroups, WashPolicy
from rebalkit.pipeline.books import Books, open_books
from rebalkit.registry import Registry
from rebalkit.tax.cents import nearest_cent

VECTORS = {path.stem: path for path in sorted((Path(__file__).parents[2] / "vectors" / "ledger").glob("*.json"))}
ACTIONS = {"drip": "reinvest"}
HEADER = ("account", "date", "action", "symbol", "quantity", "price", "fees", "order", "lot", "acquired")


def sound() -> list[str]:
    return [name for name, path in VECTORS.items() if "error" not in json.loads(path.read_text())["expected"]]


def books(data: dict[str, Any], folder: Path) -> Books:
    """The vector as a file: a sale of several lots is one order with a row, and a part of the fees, for each."""
    path = folder / "transactions.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for one in data["trades"]:
            action = ACTIONS.get(one["side"], one["side"])
            parts = one.get("lots") or [{"lot": "" if action == "sell" else one["id"], "quantity": one["quantity"]}]
            for part in parts:
                fees = Decimal(one["fees"]) * Decimal(part["quantity"]) / Decimal(one["quantity"])
                order = one.get("order") or (one["id"] if len(parts) > 1 else "")
                writer.writerow([
                    one["account"], one["date"], action, one["symbol"], part["quantity"], one["price"], f"{fees:f}", order,
                    part["lot"], one.get("acquired", ""),
                ])  # fmt: skip
    policy = WashPolicy(IdentityGroups(tuple(tuple(group) for group in data["groups"])), **data.get("policy", {}))
    kinds = {"spouse": "spouse_taxable"}
    given = [f"{one['id']}:{kinds.get(one['kind'], one['kind'])}={path}" for one in data["accounts"]]
    return open_books(Registry.load(plugins=False), given, policy, dt.date(2030, 1, 2))


@pytest.mark.parametrize("name", sound())
def test_a_vector_read_from_a_file_comes_to_its_rows(name: str, tmp_path: Path) -> None:
    data = json.loads(VECTORS[name].read_text())
    found = books(data, tmp_path)
    days = {one["id"]: one["date"] for one in data["trades"]}
    expected: dict[tuple[str, str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 5)
    for one in data["expected"]["realized"]:
        figures = [Fraction(one[key]) for key in ("proceeds", "basis", "disallowed", "permanent", "recognized")]
        key = (days[one["trade"]], one["lot"], one["term"])
        expected[key] = [before + more for before, more in zip(expected[key], figures, strict=True)]
    rows = [row for year in found.years for row in found.rows(year)]
    ours: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 5)
    for row in rows:
        key = (row.sold.isoformat(), row.lot, row.term.value)
        figure = (row.proceeds, row.basis, row.adjustment, row.permanent, row.gain)
        ours[key] = [before + more for before, more in zip(ours[key], figure, strict=True)]
    assert ours.keys() == expected.keys()
    for key, exact in expected.items():
        for cents, amount in zip(ours[key], exact, strict=True):
            assert abs(Fraction(cents) - amount) <= Fraction("0.02"), key
            assert amount * 100 % 1 or cents == Fraction(nearest_cent(amount), 100), key
