"""The page: one file that holds everything it needs and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from rebalkit._version import __version__
from rebalkit.model.reports import Report
from rebalkit.report import figures
from rebalkit.report.drift_svg import drift_svg
from rebalkit.report.files import write_whole
from rebalkit.report.html.compiled import CompiledTemplates
from rebalkit.report.promised import PROMISED, PROMISED_TITLE
from rebalkit.report.view import view_of

__all__ = ["HtmlReporter", "render_html"]

_FOLDER = Path(__file__).parent


def _tone(value: Decimal | None) -> str:
    """Class of a gain or loss; the sign that is written beside the colour says the same."""
    return "" if not value else "up" if value > 0 else "down"


@cache
def _page() -> tuple[Template, str, str]:
    """The template, the style, and the hash by which the page's policy allows this style and no other."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        bytecode_cache=CompiledTemplates(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("day", "dollars", "long_day", "money", "percent", "price", "shares", "signed", "signed_percent"):
        environment.filters[name] = getattr(figures, name)
    environment.filters["tone"] = _tone
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("report.html.j2"), style, f"'sha256-{digest}'"


def render_html(report: Report) -> str:
    """``report`` as one HTML page: no script, nothing remote, readable on paper and on a telephone."""
    template, style, style_hash = _page()
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
