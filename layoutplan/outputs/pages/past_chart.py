"""Charts of a back-test as inline SVG: what was forecast for each year, and what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from layoutplan.enrolment import METHODS
from layoutplan.outputs.pages.page import both
from layoutplan.outputs.style import load_style
from layoutplan.texts import number

_WIDTH, _HEIGHT = 330.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 8.0, 8.0, 22.0
_TICKS: Final = 4
_ROOM: Final = 0.06  # of the range, above and below
_YEARS_SHOWN: Final = 7
_BAR: Final = 60.0  # width of a weight of 1


def _sheet() -> str:
    ink = load_style().ink
    return f"""
.charts {{ display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; }}
figure {{ margin: 0; }} figcaption {{ font-weight: 600; }}
svg.past {{ width: {_WIDTH:.0f}px; max-width: 100%; height: auto; }}
svg.past text {{ font-size: 10px; fill: #57606a; }}
svg .grid {{ stroke: #d8dee4; stroke-width: 1; }}
svg .band {{ fill: {ink["demand"]}; fill-opacity: .18; }}
svg .forecast {{ fill: {ink["demand"]}; }}
svg .last_value {{ stroke: {ink["quiet"]}; stroke-width: 1.5; fill: none; }}
svg .three_year_mean {{ stroke: #1f4e79; stroke-width: 1.5; fill: none; }}
svg .actual {{ fill: #1b1f24; }} svg .came {{ fill: none; stroke: #1b1f24; stroke-width: 1.2; }}
svg .weight {{ fill: #1f4e79; }} svg .rest {{ fill: #e6e6e6; }}
ul.key {{ list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }}
ul.key svg, td svg {{ vertical-align: middle; }}
tr.outside td {{ background: #fdf1ea; }}
"""


CHART_STYLE: Final = _sheet()


def _mark(kind: str, x: float, y: float) -> str:
    """Return the mark of a figure: what came a dot, ours a diamond, the others a cross and a dash."""
    if kind == "actual":
        return f'<circle class="actual" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
    if kind == "forecast":
        path = f"M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4 -4z"
    elif kind == "three_year_mean":
        path = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"
    else:
        path = f"M{x - 4:.1f} {y:.1f}h8"
    return f'<path class="{kind}" d="{path}"/>'


def chart_key() -> str:
    """Return what the marks of the charts mean: HTML."""
    band = '<rect class="band" x="5" y="1" width="8" height="14"/>'
    marks = [("mark.actual", _mark("actual", 9, 8)), ("mark.band", band)]
    marks += [(f"method.{method}", _mark(method, 9, 8)) for method in METHODS]
    parts = "".join(
        f'<li><svg width="18" height="16" aria-hidden="true">{mark}</svg> {both(f"backtest.{name}")}</li>'
        for name, mark in marks
    )
    return f"<ul class=key>{parts}</ul>"


def past_chart(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Return the chart of one number of years ahead.

    Its words are years and counts alone; a table beside it has the same figures.

    Parameters
    ----------
    rows
        By year: ``year``, ``actual``, ``p10``, ``p90``, and pupils by each method.

    Returns
    -------
    str
        SVG.
    """
    names = ("actual", "p10", "p90", *METHODS)
    figures = np.array([[float(row[name]) for name in names] for row in rows])
    low, high = float(np.nanmin(figures)), float(np.nanmax(figures))
    room = max((high - low) * _ROOM, 1.0)
    low, high = max(low - room, 0.0), high + room
    step = (_WIDTH - _LEFT - _RIGHT) / len(rows)

    def across(at: int) -> float:
        return _LEFT + (at + 0.5) * step

    def up(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_grid(low, high, up)]
    every = max(-(-len(rows) // _YEARS_SHOWN), 1)
    dots = []
    for at, row in enumerate(rows):
        x = across(at)
        if at % every == 0:
            parts.append(
                f'<text x="{x:.1f}" y="{_HEIGHT - 6:.1f}" text-anchor="middle">{int(row["year"])}</text>'
            )
        width = min(step * 0.5, 12.0)
        top, bottom = up(float(row["p90"])), up(float(row["p10"]))
        parts.append(
            f'<rect class="band" x="{x - width / 2:.1f}" y="{top:.1f}" '
            f'width="{width:.1f}" height="{max(bottom - top, 1.0):.1f}"/>'
        )
        parts += [_mark(method, x, up(float(row[method]))) for method in reversed(METHODS)]
        dots.append((x, up(float(row["actual"]))))
    parts += [
        f'<path class="came" d="M{one[0]:.1f} {one[1]:.1f}L{other[0]:.1f} {other[1]:.1f}"/>'
        for (one, other), (row, later) in zip(pairwise(dots), pairwise(rows), strict=True)
        if later["year"] == row["year"] + 1
    ]
    parts += [_mark("actual", x, y) for x, y in dots]
    drawn = "".join(parts)
    return f'<svg class="past" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" aria-hidden="true">{drawn}</svg>'


def _grid(low: float, high: float, up: Callable[[float], float]) -> str:
    """Return lines and counts at round figures."""
    raw = (high - low) / _TICKS
    size = 10.0 ** np.floor(np.log10(max(raw, 1.0)))
    step = float(next(size * factor for factor in (1.0, 2.0, 5.0, 10.0) if size * factor >= raw))
    ticks = np.arange(np.ceil(low / step) * step, high, step)
    return "".join(
        f'<path class="grid" d="M{_LEFT:.0f} {up(tick):.1f}H{_WIDTH - _RIGHT:.0f}"/>'
        f'<text x="{_LEFT - 4:.0f}" y="{up(tick) + 3:.1f}" text-anchor="end">'
        f"{number(float(tick), 'en')}</text>"
        for tick in ticks
    )


def weight_bar(share: float) -> str:
    """Return a bar of a share: SVG.

    Parameters
    ----------
    share
        0 to 1.

    Returns
    -------
    str
        SVG of fixed size.
    """
    return (
        f'<svg width="{_BAR:.0f}" height="10" aria-hidden="true">'
        f'<rect class="rest" width="{_BAR:.0f}" height="10"/>'
        f'<rect class="weight" width="{_BAR * share:.1f}" height="10"/></svg>'
    )
