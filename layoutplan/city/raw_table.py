"""A table as its file gives it, before the data dictionary has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyproj

FIRST_ROW: Final = 2
"""Number of the first record in a file without rows of its own: a person counts the header as row 1."""


@dataclass(frozen=True)
class RawTable:
    """Values as read.

    Attributes
    ----------
    frame
        One row a record, columns as the file names them, plus ``geometry`` (Shapely objects) if the file has
        shapes. The index is the reader's row number: header is row 1, the first record usually row 2.
    crs
        Coordinate system the file states for ``geometry``, or ``None``.
    crs_assumed
        True where the file format prescribes the system but the file itself does not state it (GeoJSON).
    encoding
        Encoding of the text, empty where the format prescribes it.
    """

    frame: pd.DataFrame
    crs: pyproj.CRS | None = None
    crs_assumed: bool = False
    encoding: str = ""

    @property
    def has_shapes(self) -> bool:
        """Say whether the table has geometry."""
        return "geometry" in self.frame.columns
