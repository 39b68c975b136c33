"""What a sheet says beside its values: merged cells, hidden rows and columns, formulas never computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

_BLOCK: Final = 1 << 16
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: first and last row, first and last column, all counted from 1."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class SheetMarks:
    """Marks of one sheet.

    Attributes
    ----------
    merges
        Merged ranges.
    hidden_rows
        Numbers of rows that are hidden, or filtered out of sight.
    hidden_columns
        Ranges of hidden columns: first and last number.
    uncomputed
        References of the first formulas without a stored value; ``uncomputed_count`` counts all.
    """

    merges: list[Merge] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    uncomputed: list[str] = field(default_factory=list)
    uncomputed_count: int = 0


def read_marks(file: IO[bytes]) -> SheetMarks:
    """Read the marks of a sheet.

    Parameters
    ----------
    file
        The XML of the sheet, checked to define no document type.

    Returns
    -------
    SheetMarks
        Whole columns and rows that are merged count as merged; broken references are left out.

    Raises
    ------
    xml.parsers.expat.ExpatError
        If the XML is damaged.
    """
    scan = _Scan()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    while block := file.read(_BLOCK):
        parser.Parse(block, False)  # noqa: FBT003  as the parser names it
    parser.Parse(b"", True)  # noqa: FBT003
    return scan.marks


class _Scan:
    """Handlers of the parser; a cell is judged when it ends."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._cell: dict[str, str] | None = None
        self._formula = self._value = self._inside_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "c":
            self._cell = attributes
            self._formula = self._value = False
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._inside_value = True
        elif tag == "row" and _is_true(attributes.get("hidden")):
            self.marks.hidden_rows.append(int(attributes.get("r", "0")))
        elif tag == "col" and _is_true(attributes.get("hidden")):
            first, last = int(attributes.get("min", "0")), int(attributes.get("max", "0"))
            self.marks.hidden_columns.append((first, last))
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("v", "is"):
            self._inside_value = False
        elif tag == "c" and self._cell is not None:
            text = self._cell.get("t") == "str"  # a text may be empty
            if self._formula and not self._value and not text:
                self.marks.uncomputed_count += 1
                if len(self.marks.uncomputed) < _SHOWN:
                    self.marks.uncomputed.append(self._cell.get("r", "?"))
            self._cell = None

    def text(self, data: str) -> None:
        if self._inside_value and data.strip():
            self._value = True

    def _merge(self, reference: str) -> None:
        try:
            from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415  slow to import

            left, top, right, bottom = range_boundaries(reference)
        except (ValueError, TypeError):
            return
        if None not in (left, top, right, bottom) and (left, top) != (right, bottom):
            self.marks.merges.append(Merge(top, bottom, left, right))


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")
