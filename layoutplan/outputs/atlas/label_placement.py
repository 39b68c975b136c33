"""Placement of labels on paper so that none covers another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MM_PER_POINT: Final = 25.4 / 72
_LINE_HEIGHT: Final = 1.25
_LINE_PITCH: Final = 1.9  # from line to line as drawn, of the type size
_CELL_MM: Final = 12.0  # about half a label
_WIDE, _NARROW = 1.0, 0.56  # of the type size, per character


@dataclass(frozen=True, slots=True)
class Box:
    """Rectangle on the page.

    Attributes
    ----------
    left, bottom, right, top
        Edges, mm.
    """

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Return whether two boxes share more than an edge.

        Parameters
        ----------
        other
            The other box.

        Returns
        -------
        bool
            False for boxes that only touch.
        """
        return not (
            self.right <= other.left
            or other.right <= self.left
            or self.top <= other.bottom
            or other.top <= self.bottom
        )

    def inside(self, other: Box) -> bool:
        """Return whether this box lies within another, edges included.

        Parameters
        ----------
        other
            The other box.

        Returns
        -------
        bool
            True where it does.
        """
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )


@dataclass
class Placer:
    """Places labels greedily: each takes the first free place around its anchor and blocks later ones.

    Coordinates are mm on the page.

    Attributes
    ----------
    frame
        Area that labels must stay in.
    """

    frame: Box
    _taken: dict[tuple[int, int], list[Box]] = field(default_factory=dict)  # by cell of the page

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep labels off a symbol.

        Parameters
        ----------
        x, y
            Centre of the symbol, mm.
        radius
            Half its width, mm.
        """
        self._take(Box(x - radius, y - radius, x + radius, y + radius))

    def _take(self, box: Box) -> None:
        for cell in _cells(box):
            self._taken.setdefault(cell, []).append(box)

    def _is_free(self, box: Box) -> bool:
        return not any(box.overlaps(taken) for cell in _cells(box) for taken in self._taken.get(cell, ()))

    def place(
        self, label: str, x: float, y: float, *, size: float, gap: float = 0.0
    ) -> tuple[float, float] | None:
        """Return where the label's centre goes, or ``None`` where every place around the anchor is taken.

        Parameters
        ----------
        label
            Text; lines are separated by newlines.
        x, y
            The anchor, mm.
        size
            Type size, points.
        gap
            Distance from the anchor to the label's edge, mm; 0 tries the anchor itself first.

        Returns
        -------
        tuple[float, float] | None
            Centre of the label, mm; the place is then taken.
        """
        width, height = text_size(label, size)
        half_w, half_h = width / 2, height / 2
        beside, above = gap + half_w, gap + half_h
        around = [
            (beside, 0.0),
            (-beside, 0.0),
            (0.0, above),
            (0.0, -above),
            (beside, above),
            (-beside, above),
            (beside, -above),
            (-beside, -above),
        ]
        offsets = around if gap else [(0.0, 0.0), *((dx * 0.8, dy * 1.4) for dx, dy in around)]
        for dx, dy in offsets:
            box = Box(x + dx - half_w, y + dy - half_h, x + dx + half_w, y + dy + half_h)
            if box.inside(self.frame) and self._is_free(box):
                self._take(box)
                return x + dx, y + dy
        return None


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    """Return the cells of the page that a box touches."""
    for column in range(int(box.left // _CELL_MM), int(box.right // _CELL_MM) + 1):
        for row in range(int(box.bottom // _CELL_MM), int(box.top // _CELL_MM) + 1):
            yield column, row


def text_size(label: str, size: float) -> tuple[float, float]:
    """Return the approximate width and height of a text on paper, mm.

    Parameters
    ----------
    label
        The text; lines are separated by newlines.
    size
        Type size, points.

    Returns
    -------
    tuple[float, float]
        Estimated from the kind of each character, without measuring the font.

    Examples
    --------
    >>> [round(value, 1) for value in text_size("学位", 10)]
    [7.1, 4.4]
    """
    lines = label.split("\n")
    em = size * MM_PER_POINT
    width = max(sum(_advance(letter) for letter in line) for line in lines) * em
    return width, em * (_LINE_HEIGHT + (len(lines) - 1) * _LINE_PITCH)


def _advance(letter: str) -> float:
    return _WIDE if unicodedata.east_asian_width(letter) in "WFA" else _NARROW


def wrapped(words: str, *, size: float, width_mm: float) -> str:
    r"""Break a text into lines no wider than ``width_mm``; Chinese breaks anywhere, Latin between words.

    Parameters
    ----------
    words
        The text.
    size
        Type size, points.
    width_mm
        Width of a line, mm.

    Returns
    -------
    str
        Lines separated by newlines; a closing punctuation mark never begins a line.

    Examples
    --------
    >>> wrapped("规划学位布局", size=10, width_mm=11)
    '规划学\n位布局'
    >>> wrapped("seats fall short", size=10, width_mm=22)
    'seats fall\nshort'
    """
    limit = width_mm / (size * MM_PER_POINT)
    lines, line, room = [], "", limit
    for piece in _pieces(words):
        need = sum(_advance(letter) for letter in piece.rstrip())
        if line and need > room and piece[:1] not in "，。；：、）”》·":
            lines.append(line.rstrip())
            line, room = "", limit
        line += piece
        room -= sum(_advance(letter) for letter in piece)
    return "\n".join([*lines, line.rstrip()])


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    for letter in words:
        wide = unicodedata.east_asian_width(letter) in "WF"
        if pieces and not wide and pieces[-1][-1] != " " and _narrow(pieces[-1][-1]):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _narrow(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) not in "WF"
