"""Column widths of a Word table: no figure and no Latin word is broken, whatever font is substituted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_LETTER: Final = 0.64  # of the font size: a Latin letter or digit of a wide font such as DejaVu Sans
_SLIM: Final = 0.41
_SLIM_LETTERS: Final = frozenset("iljtfrI.,:;'()[]|!- ")
_SIGN: Final = 1.0  # a Chinese letter, and the widest Latin ones
_BROAD: Final = frozenset("mwMW%")
_BOLD: Final = 1.1
_WHOLE_SIGNS: Final = 4  # Chinese letters that stay on one line: a stage, a head with its unit
_PIECES: Final = rf"[^\s\u2e80-\uffef]+|[\u2e80-\uffef]{{1,{_WHOLE_SIGNS}}}"
_EDGES_CM: Final = 0.42  # left and right of a cell's text
_CM_PER_POINT: Final = 2.54 / 72
_LONGEST_FIGURE: Final = 18  # letters; a longer one may break at its spaces
_WIDE_LETTERS: Final = ("W", "F")


def is_figure(words: str) -> bool:
    """Return whether a cell holds a figure, which is right-aligned.

    Parameters
    ----------
    words
        Text of the cell.

    Returns
    -------
    bool
        True for numbers and for a dash.

    Examples
    --------
    >>> [is_figure(words) for words in ("1,230", "–", "≤ 45", "−3 km", "P1", "")]
    [True, True, True, True, False, False]
    """
    return words == "–" or bool(re.match(r"[<>≤≥]?\s?[-−]?\d", words))


def column_widths(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, shares: Sequence[float], total: float, size: float
) -> list[float]:
    """Return column widths that add up to ``total`` and break no figure and no Latin word.

    Parameters
    ----------
    heads
        Texts of the header.
    rows
        Texts by row.
    shares
        Relative widths where every column has room for its longest word.
    total
        Width of the table, cm.
    size
        Font size, points.

    Returns
    -------
    list[float]
        Width of each column, cm.

    Examples
    --------
    >>> [round(one, 2) for one in column_widths(["a", "b"], [["c", "d"]], shares=[3, 1], total=8.0, size=8.5)]
    [6.0, 2.0]
    >>> wide, narrow = column_widths(["a", "Catchments"], [["c", "d"]], shares=[9, 1], total=8.0, size=8.5)
    >>> narrow > 2.0, round(wide + narrow, 6)
    (True, 8.0)
    """
    columns = [[row[place] for row in rows] for place in range(len(heads))]
    longest = [
        max(_longest(head) * _BOLD, *(_longest(words) for words in column), 0.0)
        for head, column in zip(heads, columns, strict=True)
    ]
    least = [_EDGES_CM + _CM_PER_POINT * size * letters for letters in longest]
    if sum(least) >= total:
        return [one * total / sum(least) for one in least]
    widths = [total * share / sum(shares) for share in shares]
    while any(width < one - 1e-9 for width, one in zip(widths, least, strict=True)):
        free = [width > one + 1e-9 for width, one in zip(widths, least, strict=True)]
        lacking = sum(max(0.0, one - width) for width, one in zip(widths, least, strict=True))
        room = sum(width for width, yes in zip(widths, free, strict=True) if yes)
        widths = [
            max(one, width * (1 - lacking / room)) if yes else one
            for width, one, yes in zip(widths, least, free, strict=True)
        ]
    return widths


def _longest(words: str) -> float:
    """Return the length of the longest piece that must not break, in font sizes; a short figure is one."""
    whole = is_figure(words) and len(words) <= _LONGEST_FIGURE and "（" not in words
    pieces = [words] if whole else re.findall(_PIECES, words)
    return max((sum(_width(letter) for letter in piece) for piece in pieces), default=0.0)


def _width(letter: str) -> float:
    wide = letter in _BROAD or unicodedata.east_asian_width(letter) in _WIDE_LETTERS
    return _SIGN if wide else _SLIM if letter in _SLIM_LETTERS else _LETTER
