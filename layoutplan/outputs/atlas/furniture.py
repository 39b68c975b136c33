"""The parts of a printed sheet beside the map: title block, figures, scale bar, north arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, Polygon, Rectangle

from layoutplan.outputs.atlas.label_placement import MM_PER_POINT, wrapped
from layoutplan.outputs.atlas.map_view import View
from layoutplan.outputs.strokes import add
from layoutplan.outputs.style import Style
from layoutplan.texts import Language, text

_LINE: Final = 1.4
_ASCENT: Final = 1.0  # of the type size, from the top of a line to its baseline
_CELL_GAP: Final = 2.0
_BAR_MM: Final = 60.0
_BAR_STEPS: Final = (1, 2, 5)


@dataclass
class SideColumn:
    """Column of text and tables beside a map, filled from the top; ``y`` is the next free height, mm."""

    axes: Axes
    left: float
    right: float
    y: float
    style: Style
    font: FontProperties
    lang: Language

    @property
    def width(self) -> float:
        """Width in mm."""
        return self.right - self.left

    def words(self, words: str, *, size: float, colour: str = "text", after: float = 1.0) -> None:
        """Write a paragraph, broken to the column's width.

        Parameters
        ----------
        words : str
        size : float, points
        colour : name of an ink of the style
        after : space below, mm
        """
        em = size * MM_PER_POINT
        for line in wrapped(words, size=size, width_mm=self.width).split("\n"):
            self.put(line, self.left, self.y - _ASCENT * em, size=size, colour=colour)
            self.y -= em * _LINE
        self.y -= after

    def heading(self, words: str) -> None:
        """Write the heading of a part, underlined by a rule.

        Parameters
        ----------
        words : str
        """
        self.y -= 2.2
        self.words(words, size=9.5, colour="rule", after=0.4)
        self.rule()
        self.y -= 2.0

    def rule(self) -> None:
        """Draw a line across the column."""
        self.axes.plot(
            [self.left, self.right], [self.y, self.y], color=self.style.ink["rule"], linewidth=0.8, zorder=2
        )

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float],
        size: float = 7.0,
        head: bool = True,
        words: int = 1,
    ) -> None:
        """Write rows of short texts: the first ``words`` columns left-aligned, figures right-aligned.

        Parameters
        ----------
        rows : texts by row, the same number of cells in each
        widths : share of the column's width for each cell
        size : float, points
        head : whether the first row is a header
        words : number of left-aligned columns; their cells, and the headers, are broken to their width
        """
        pitch = size * MM_PER_POINT * _LINE
        for place, row in enumerate(rows):
            x, is_head = self.left, head and place == 0
            cells = self._lines(row, widths=widths, size=size, words=len(row) if is_head else words)
            for nth, (lines, share) in enumerate(zip(cells, widths, strict=True)):
                width, right = self.width * share, nth >= words
                for number, line in enumerate(lines):
                    self.put(
                        line,
                        x + width if right else x,
                        self.y - number * pitch,
                        size=size,
                        colour="quiet" if is_head else "text",
                        va="top",
                        ha="right" if right else "left",
                    )
                x += width
            self.y -= self._height(cells, size)

    def row_height(
        self, row: Sequence[str], *, widths: Sequence[float], size: float = 7.0, words: int = 1
    ) -> float:
        """Return the height that a row of a table takes, mm.

        Parameters
        ----------
        row : texts of the row
        widths, size, words : as for :meth:`table`
        """
        return self._height(self._lines(row, widths=widths, size=size, words=words), size)

    def _lines(
        self, row: Sequence[str], *, widths: Sequence[float], size: float, words: int
    ) -> list[list[str]]:
        """Return the lines of each cell; the first ``words`` cells are broken to their width."""
        room = [self.width * share - _CELL_GAP for share in widths]
        return [
            [
                line
                for part in cell.split("\n")
                for line in wrapped(part, size=size, width_mm=wide).split("\n")
            ]
            if nth < words
            else [cell]
            for nth, (cell, wide) in enumerate(zip(row, room, strict=True))
        ]

    @staticmethod
    def _height(cells: Sequence[Sequence[str]], size: float) -> float:
        return max(map(len, cells)) * size * MM_PER_POINT * _LINE + 0.9

    def put(self, words: str, x: float, y: float, *, size: float, colour: str = "text", **how: Any) -> None:  # noqa: ANN401  matplotlib's own keywords
        """Write a text at a place.

        Parameters
        ----------
        words : str
        x, y : place on the page, mm
        size : float, points
        colour : name of an ink of the style
        **how : other keywords of ``Axes.text``
        """
        self.axes.text(
            x,
            y,
            words,
            fontproperties=self.font,
            size=size,
            color=self.style.ink[colour],
            parse_math=False,
            **how,
        )


def draw_scale_bar(
    column: SideColumn, view: View, *, longest_mm: float = _BAR_MM, worded: bool = True
) -> None:
    """Draw a scale bar of round length; ``worded`` states the scale too, which holds where printed at size.

    Parameters
    ----------
    column, view : the column to draw in, and the map's view
    longest_mm : longest bar, mm
    worded : whether the scale is stated in figures
    """
    metres = view.scale / 1000
    longest = longest_mm * metres
    power = 10.0 ** math.floor(math.log10(longest))  # the exponent is negative for plans below one metre
    length = max((step * power for step in _BAR_STEPS if step * power <= longest), default=longest)
    if worded:
        scale = text("atlas.scale", column.lang, scale=f"{view.scale:,}")
        column.words(scale, size=9.0, after=1.0)
    half, x, y = length / metres / 2, column.left, column.y - 4.5
    for place, fill in enumerate((column.style.ink["frame"], "white")):
        add(
            column.axes,
            Rectangle((x + place * half, y), half, 1.5, facecolor=fill, edgecolor="#222222", linewidth=0.6),
        )
    kilometres = length >= 1000  # noqa: PLR2004  metres in a kilometre
    for place in (0, 1, 2):
        amount = length * place / 2
        shown = f"{amount / 1000:g}" if kilometres else f"{amount:g}"
        column.put(shown, x + place * half, y + 2.1, size=6.5, ha="center" if place else "left")
    unit = text("atlas.kilometres" if kilometres else "atlas.metres", column.lang)
    column.put(unit, x + 2 * half + 2.5, y + 0.75, size=6.5, va="center_baseline")
    column.y = y - 3.0


def draw_north(axes: Axes, x: float, y: float, *, style: Style, font: FontProperties, lang: Language) -> None:
    """Draw a north arrow (grid north: the map's own up).

    Parameters
    ----------
    axes, x, y : axes of the page, and the centre of the arrow, mm
    style, font, lang : colours, and font and language of the letter
    """
    ink = style.ink["frame"]
    add(axes, Circle((x, y), 8.2, facecolor="white", edgecolor="none", alpha=0.75, zorder=20))
    for side, fill in ((-1, ink), (1, "white")):
        half = Polygon(
            [(x, y + 5.5), (x + side * 2.6, y - 5), (x, y - 2.8)],
            facecolor=fill,
            edgecolor=ink,
            linewidth=0.6,
        )
        half.set_zorder(21)
        add(axes, half)
    axes.text(
        x,
        y + 5.7,
        text("atlas.north", lang),
        fontproperties=font,
        size=7,
        ha="center",
        va="bottom",
        zorder=21,
    )
