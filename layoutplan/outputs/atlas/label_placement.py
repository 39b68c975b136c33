"""Where labels can stand on paper without covering each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MM_PER_POINT: Final = 25.4 / 72
_LINE_HEIGHT: Final = 1.25
_CELL_MM: Final = 12.0  # about half a label
_WIDE, _NARROW = 1.0, 0.56  # of the type size, per character


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper, mm."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Say whether the two share more than an edge."""
        return not (
            self.right <= other.left
            or other.right <= self.left
            or self.top <= other.bottom
            or other.top <= self.bottom
        )

    def inside(self, other: Box) -> bool:
        """Say whether this box lies within the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.bottom >= other.bottom
            and self.top <= other.top
        )


@dataclass
class Placer:
    """Gives each label the first free place around its anchor; what is placed blocks what comes later.

    Coordinates are mm on the page within ``frame``.
    """

    frame: Box
    _taken: dict[tuple[int, int], list[Box]] = field(default_factory=dict)  # by cell of the page

    def block(self, x: float, y: float, radius: float) -> None:
        """Keep labels off a symbol."""
        self._take(Box(x - radius, y - radius, x + radius, y + radius))

    def _take(self, box: Box) -> None:
        for cell in _cells(box):
            self._taken.setdefault(cell, []).append(box)

    def _is_free(self, box: Box) -> bool:
        return not any(box.overlaps(taken) for cell in _cells(box) for taken in self._taken.get(cell, ()))

    def place(
        self, label: str, x: float, y: float, *, size: float, gap: float = 0.0
    ) -> tuple[float, float] | None:
        """Return where the label's centre goes, or ``None`` where every place around is taken.

        Parameters
        ----------
        label
            Text, lines parted by a line feed.
        x, y
            The anchor.
        size
            Type size in points.
        gap
            Distance from the anchor to the label's edge; 0 tries the anchor itself first.
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
    """Return about how wide and high a text is on paper, mm; ``size`` in points.

    Examples
    --------
    >>> [round(value, 1) for value in text_size("学位", 10)]
    [7.1, 4.4]
    """
    lines = label.split("\n")
    em = size * MM_PER_POINT
    width = max(sum(_advance(letter) for letter in line) for line in lines) * em
    return width, len(lines) * em * _LINE_HEIGHT


def _advance(letter: str) -> float:
    return _WIDE if unicodedata.east_asian_width(letter) in "WFA" else _NARROW


def wrapped(words: str, *, size: float, width_mm: float) -> str:
    r"""Break a text into lines no wider than ``width_mm``; Chinese breaks anywhere, Latin between words.

    A closing mark never begins a line.

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
