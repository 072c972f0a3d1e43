"""The templates of the pages, with the figures that they can write and the style that they share."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from rebalkit.report import figures
from rebalkit.report.html.compiled import CompiledTemplates
from rebalkit.report.wording import clean

__all__ = ["page_template"]

_FOLDER = Path(__file__).parent


def _tone(value: Decimal | None) -> str:
    """Class of a gain or loss; the sign that is written beside the colour says the same."""
    return "" if not value else "up" if value > 0 else "down"


@cache
def page_template(name: str) -> tuple[Template, str, str]:
    """The template ``name``, the style, and the hash by which the page's policy allows this style and no other."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        bytecode_cache=CompiledTemplates(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for figure in ("day", "dollars", "long_day", "money", "percent", "price", "shares", "signed", "signed_percent"):
        environment.filters[figure] = getattr(figures, figure)
    environment.filters["tone"] = _tone
    environment.filters["clean"] = clean
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template(name), style, f"'sha256-{digest}'"
