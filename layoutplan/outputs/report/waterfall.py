"""The waterfall of remedies as bars: the gross shortage, what each group answers, what is left."""

from __future__ import annotations

from typing import Any, Final

import matplotlib as mpl
import pandas as pd
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from layoutplan.outputs.atlas.furniture import SideColumn
from layoutplan.outputs.atlas.paper import blank_page
from layoutplan.outputs.programme import STEPS
from layoutplan.outputs.report.charts import png
from layoutplan.outputs.style import Style
from layoutplan.outputs.wording import whole
from layoutplan.texts import Language, text

_ROW_MM: Final = 5.4
_BAR_MM: Final = 3.6
_LABELS: Final = 0.36
"""Share of the width that the labels have; the numbers beside the bars have a tenth."""
_NUMBERS: Final = 0.10
_PICTURE_WIDE_MM: Final = 160.0
_ROWS: Final = len(STEPS) + 2


def waterfall_picture(row: pd.Series, *, style: Style, font: FontProperties, lang: Language) -> bytes:
    """Return the waterfall of one stage and year as a picture.

    Parameters
    ----------
    row
        A row of :func:`layoutplan.outputs.programme.waterfall`.
    style
        Colours.
    font
        Font of the words.
    lang
        Language of the words.

    Returns
    -------
    bytes
        PNG.
    """
    size = (_PICTURE_WIDE_MM, _ROWS * _ROW_MM + 1.0)
    with mpl.rc_context({"text.parse_math": False}):
        figure, paper = blank_page(size)
        draw_waterfall(SideColumn(paper, 0.5, size[0] - 0.5, size[1] - 0.5, style, font, lang), row)
        return png(figure)


def draw_waterfall(column: SideColumn, row: pd.Series, *, size: float = 8.0) -> None:
    """Draw the waterfall at the column's next free height.

    Parameters
    ----------
    column
        Where to draw; its ``y`` moves below the last bar.
    row
        A row of :func:`layoutplan.outputs.programme.waterfall`.
    size
        Size of the words, points.
    """
    ink, lang = column.style.ink, column.lang
    start = column.left + column.width * _LABELS
    scale = column.width * (1.0 - _LABELS - _NUMBERS) / max(float(row["shortfall"]), 1.0)
    before = float(row["shortfall"])
    bars = [("shortfall", 0.0, before, "demand", whole(before, lang))]
    for step in STEPS:
        after = float(row[step])
        bars.append((step, after, before, "seats", whole(after - before, lang)))
        before = after
    left = float(row["left"])
    bars.append(("left", 0.0, left, "demand", whole(left, lang)))
    for name, low, high, colour, number in bars:
        middle = column.y - _ROW_MM / 2
        at: dict[str, Any] = {"va": "center_baseline", "size": size}
        column.put(text(f"document.waterfall.{name}", lang), column.left, middle, **at)
        column.axes.add_patch(
            Rectangle(
                (start + low * scale, middle - _BAR_MM / 2),
                (high - low) * scale,
                _BAR_MM,
                facecolor=ink[colour],
                edgecolor=ink["quiet"],
                linewidth=0.3,
            )
        )
        column.put(number, start + high * scale + 1.2, middle, **at)
        column.y -= _ROW_MM
    column.y -= 1.5
