"""The tax year as one HTML page, in the style of the other reports."""

from __future__ import annotations

from rebalkit._version import __version__
from rebalkit.report.html.template import page_template
from rebalkit.report.tax_report import BASIS_DIFFERS, DIFFERENCES, TaxReport
from rebalkit.tax.ledger import Term

__all__ = ["render_tax_year"]


def render_tax_year(report: TaxReport) -> str:
    """``report`` as a page: no script, nothing remote, readable on paper and on a telephone."""
    template, style, style_hash = page_template("tax.html.j2")
    return template.render(
        report=report,
        short=report.year.part(Term.SHORT),
        long=report.year.part(Term.LONG),
        explanations=report.explanations,
        rules=report.rules,
        differences=DIFFERENCES,
        basis_differs=BASIS_DIFFERS if any("1e" in row.differs for row in report.year.rows) else "",
        style=style,  # Goes into the page as it is: it is the packaged style sheet.
        style_hash=style_hash,
        version=__version__,
    )
