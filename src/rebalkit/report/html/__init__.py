"""The page: one file that holds everything it needs and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rebalkit._version import __version__
from rebalkit.model.reports import Report
from rebalkit.report.drift_svg import drift_svg
from rebalkit.report.files import write_whole
from rebalkit.report.html.template import page_template
from rebalkit.report.promised import PROMISED, PROMISED_TITLE
from rebalkit.report.view import view_of

__all__ = ["HtmlReporter", "render_html"]


def render_html(report: Report) -> str:
    """``report`` as one HTML page: no script, nothing remote, readable on paper and on a telephone."""
    template, style, style_hash = page_template("report.html.j2")
    view = view_of(report)
    return template.render(
        view=view,
        # Both go into the page as they are, for they are made here: the packaged style sheet, and the picture, which escapes
        # every name in it.
        style=style,
        drift=drift_svg(view.classes),
        promised_title=PROMISED_TITLE,
        promised=PROMISED,
        style_hash=style_hash,
        version=__version__,
    )


class HtmlReporter:
    """Writes ``report.html``."""

    def render(self, report: Report, into: Path) -> Sequence[Path]:
        """Write the page into the folder ``into``."""
        return [write_whole(into / "report.html", render_html(report))]
