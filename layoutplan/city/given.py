"""A table of the plan as it was read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from layoutplan.city.city import Source
from layoutplan.city.placing import PlacedTable
from layoutplan.dictionary import Table
from layoutplan.dictionary.table_log import TableLog


@dataclass(frozen=True)
class GivenTable:
    """A table of the plan whose file could be read.

    Attributes
    ----------
    table
        Its definition in the data dictionary.
    frame
        Checked; index = the reader's row number.
    sound
        Whether its columns have no errors.
    placed
        Its rows with geometries, ``None`` for a table without any.
    source
        Its provenance.
    log
        Log bound to the table and its file.
    suppressed
        Bounds (least, largest) of suppressed counts: column → row label → bounds.
    """

    table: Table
    frame: pd.DataFrame
    sound: bool
    placed: PlacedTable | None
    source: Source
    log: TableLog
    suppressed: Mapping[str, Mapping[object, tuple[float, float]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
