"""Headers in several rows, as offices lay them out: a group above, what it counts below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from layoutplan.city.sheet_marks import Merge
from layoutplan.dictionary.scalars import Unreadable, read_number
from layoutplan.dictionary.units import read_measure

Row = Sequence[object]
_MOST: Final = 5


def count_header_rows(
    numbered: Sequence[tuple[int, Row]], head: int, *, merges: Sequence[Merge], stated: int | None
) -> int:
    """Return the number of rows that make up the header.

    Parameters
    ----------
    numbered
        Rows that are not blank, with their numbers in the file.
    head
        Position of the header's first row in ``numbered``.
    merges
        Merged ranges of the sheet.
    stated
        Number that the plan states, or ``None``.

    Returns
    -------
    int
        At least 1; without merged cells 2 where groups stand above a row of texts that fills their blanks.
    """
    last = len(numbered) - 1
    if stated is not None:
        return min(stated, last - head)
    number = numbered[head][0]
    here = [merge for merge in merges if merge.first_row == number]
    depth = max((merge.last_row - merge.first_row + 1 for merge in here), default=1)
    below = numbered[head + 1][1] if head < last else ()
    across = [merge for merge in here if merge.last_column > merge.first_column]
    if any(_texts(below[merge.first_column - 1 : merge.last_column]) for merge in across):
        depth = max(depth, 2)
    if depth == 1 and not across and head + 1 < last and _is_second_row(numbered[head][1], below):
        depth = 2
    if not here:
        return max(1, min(depth, _MOST, last - head))
    under = {column for merge in across for column in range(merge.first_column, merge.last_column + 1)}
    rows = [row for place, row in numbered[head : last + 1] if place < number + depth][:_MOST]
    whole = next((k for k, row in enumerate(rows) if k and not _belongs(row, rows[0], under)), len(rows))
    return max(1, min(whole, last - head))


def _belongs(row: Row, first: Row, under: Collection[int]) -> bool:
    """Return whether a row belongs to the header: it fills groups or blanks of the first, or names units."""
    for column, cell in enumerate(row, start=1):
        blank = column > len(first) or first[column - 1] is None
        unit = isinstance(cell, str) and read_measure(cell) is not None
        if cell is not None and not (blank or unit or column in under):
            return False
    return True


def _texts(cells: Row) -> bool:
    """Return whether some cells are all filled with words, not numbers."""
    return bool(cells) and all(isinstance(cell, str) and not _is_number(cell) for cell in cells)


def _is_number(cell: str) -> bool:
    return not isinstance(read_number(cell, unit="any"), Unreadable)


def _is_second_row(above: Row, below: Row) -> bool:
    """Return whether a row fills exactly the groups of the row above: cells with blanks after them."""
    width = max(len(above), len(below))
    top = [above[place] if place < len(above) else None for place in range(width)]
    low = [below[place] if place < len(below) else None for place in range(width)]
    if None not in top or not _texts([cell for cell in low if cell is not None]):
        return False
    for place in range(width):
        blank = top[place] is None
        of_group = blank or (place + 1 < width and top[place + 1] is None)
        if of_group != (low[place] is not None):
            return False
    return top[0] is not None


def join_header(rows: Sequence[tuple[int, Row]], merges: Sequence[Merge]) -> list[str]:
    """Return one header per column from the rows of a header.

    Parameters
    ----------
    rows
        The header's rows, with their numbers.
    merges
        Merged ranges of the sheet.

    Returns
    -------
    list of str
        ``小学学位数`` from 小学 above 学位数; a unit of its own row stands in brackets.

    Examples
    --------
    >>> join_header([(1, ["名称", "小学", None]), (2, [None, "学位数", "在校生数"])], [])
    ['名称', '小学学位数', '小学在校生数']
    """
    width = max(len(row) for _, row in rows)
    filled = []
    for place, (number, row) in enumerate(rows):
        cells = [_word(row[column]) if column < len(row) else "" for column in range(width)]
        below = [] if place + 1 == len(rows) else list(rows[place + 1][1])
        for column in range(1, width):
            spread = any(
                merge.first_row <= number <= merge.last_row
                and merge.first_column <= column + 1 <= merge.last_column
                and merge.first_column <= column
                for merge in merges
            )
            has_sub = column < len(below) and below[column] is not None
            if not cells[column] and (spread or (not merges and has_sub)):
                cells[column] = cells[column - 1]
        filled.append(cells)
    return [_joined([cells[column] for cells in filled]) for column in range(width)]


def _word(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _joined(parts: Sequence[str]) -> str:
    made = ""
    for part in dict.fromkeys(part for part in parts if part):
        if made and read_measure(part) is not None:
            made += f"({part})" if part[0] not in "(（[" else part
        else:
            latin = bool(made) and (made[-1].isascii() or part[0].isascii())
            made += f" {part}" if latin else part
    return made
