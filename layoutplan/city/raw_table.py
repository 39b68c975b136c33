"""A table as read from its file, before it is checked against the data dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyproj

from layoutplan.dictionary.merged import MergedCells

FIRST_ROW: Final = 2
"""Row number of the first record in a file without row numbers: the header counts as row 1."""


@dataclass(frozen=True)
class RawTable:
    """Values as read.

    Attributes
    ----------
    frame
        One row per record, columns as named in the file, plus ``geometry`` (Shapely objects) if the file has
        geometries. The index is the reader's row number: header is row 1, the first record usually row 2.
    crs
        Coordinate system that the file states for ``geometry``, or ``None``.
    crs_assumed
        True where the file format prescribes the system but the file itself does not state it (GeoJSON).
    encoding
        Encoding of the text, empty where the format prescribes it.
    merged
        Merged cells of a sheet.
    """

    frame: pd.DataFrame
    crs: pyproj.CRS | None = None
    crs_assumed: bool = False
    encoding: str = ""
    merged: tuple[MergedCells, ...] = ()

    @property
    def has_shapes(self) -> bool:
        """Whether the table has geometry."""
        return "geometry" in self.frame.columns
