"""The picture of drift: one row a class, its distance from the target before and after.

Positions across are percent of the picture's width, heights are pixels, so that it stretches while its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal
from html import escape

from rebalkit.report.figures import percent, shares, signed_percent
from rebalkit.report.parts import ClassRow

__all__ = ["drift_svg"]

_ROW = 44
_REACH = Decimal(44)
_STEPS = [Decimal(step) for step in ("0.05", "0.1", "0.25", "0.5", "1", "2", "5", "10", "25", "50")]
_LONGEST = 26


def drift_svg(classes: Sequence[ClassRow]) -> str:
    """The picture as an SVG element, all text escaped. Empty without classes."""
    if not classes:
        return ""
    drifts = [drift for one in classes for drift in (one.drift, one.after_drift) if drift is not None]
    largest = max(map(abs, drifts))
    step = next((step for step in _STEPS if largest <= 2 * step), _STEPS[-1])
    limit = step * max(1, int((largest / step).to_integral_value(ROUND_CEILING)))
    bottom = _ROW * len(classes) + 6
    return "".join(_parts(classes, limit, step, bottom))


def _parts(classes: Sequence[ClassRow], limit: Decimal, step: Decimal, bottom: int) -> Iterator[str]:
    yield f'<svg class="drift" role="img" width="100%" height="{bottom + 22}" aria-labelledby="drift-title drift-desc">'
    yield '<title id="drift-title">Distance of each class from its target</title>'
    yield f'<desc id="drift-desc">{escape("; ".join(map(_in_words, classes)))}.</desc>'
    ticks = int(limit / step)
    for number in range(-ticks, ticks + 1):
        drift, across = step * number, _across(step * number, limit)
        yield f'<line class="{"zero" if not number else "tick"}" x1="{across}" x2="{across}" y1="0" y2="{bottom}"/>'
        label = "target" if not number else f"{'+' if number > 0 else ''}{shares(drift)}"
        yield f'<text class="axis" x="{across}" y="{bottom + 16}" text-anchor="middle">{label}</text>'
    for number, one in enumerate(classes):
        top = _ROW * number
        name = one.name if len(one.name) <= _LONGEST else f"{one.name[: _LONGEST - 1]}…"
        after = "" if one.after_drift is None else f" → {signed_percent(one.after_drift)}"
        yield f'<text class="name" x="0" y="{top + 15}">{escape(name)}</text>'
        yield f'<text class="figure" x="100%" y="{top + 15}" text-anchor="end">{signed_percent(one.drift)}{after}</text>'
        yield _bar("before", one.drift, limit, top + 22, 14)
        if one.after_drift is not None:
            yield _bar("after", one.after_drift, limit, top + 26, 6)
    yield "</svg>"


def _bar(kind: str, drift: Decimal, limit: Decimal, top: int, height: int) -> str:
    # A drift too small to be seen still leaves a mark.
    across = max(abs(drift) / limit * _REACH, Decimal("0.4"))
    start = Decimal(50) - across if drift < 0 else Decimal(50)
    return f'<rect class="{kind}" x="{start:.2f}%" y="{top}" width="{across:.2f}%" height="{height}"/>'


def _across(drift: Decimal, limit: Decimal) -> str:
    return f"{Decimal(50) + drift / limit * _REACH:.2f}%"


def _in_words(one: ClassRow) -> str:
    after = "" if one.after_drift is None else f", {signed_percent(one.after_drift)} points after the plan"
    return f"{one.name}: target {percent(one.target)} percent, now {signed_percent(one.drift)} points{after}"
