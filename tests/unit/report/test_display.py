"""What values show in a notebook."""

from __future__ import annotations

from attrs import evolve

import report_samples as samples
from rebalkit.model import AssetClass, Targets


def test_every_value_shows_a_table_with_a_caption() -> None:
    report = samples.blocked()
    assert report.targets is not None
    assert report.plan is not None
    for value in (report, report.plan, report.snapshot, report.snapshot.account, report.targets, samples.account_only()):
        html = value._repr_html_()
        assert html.startswith("<table><caption>")
        assert html.count("<table>") == html.count("</table>")


def test_a_plan_shows_its_orders_and_calls_harvested_losses_gross() -> None:
    html = samples.plan()._repr_html_()
    assert "IVV" in html
    assert "not a return" in html


def test_a_long_list_is_cut_and_says_so() -> None:
    made = samples.plan()
    assert "and 6 more" in evolve(made, orders=made.orders * 2)._repr_html_()


def test_names_are_escaped() -> None:
    report = samples.hostile()
    for value in (report, report.plan, report.snapshot, report.snapshot.account, report.targets):
        assert value is not None
        html = value._repr_html_()
        assert "<script" not in html
        assert "<img" not in html
    assert "&lt;b&gt;" in Targets([AssetClass("<b>", 100, ["IVV"])])._repr_html_()
