"""A fault log bound to one table of one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from layoutplan.errors import FaultLog, Severity


@dataclass(frozen=True, slots=True)
class TableLog:
    """Records faults of one table; ``columns`` are named as the file names them."""

    log: FaultLog
    file: str
    table: str

    def add(
        self,
        code: str,
        *,
        severity: Severity = "error",
        rows: Iterable[object] = (),
        column: str | None = None,
        **params: object,
    ) -> None:
        """Record a fault of this table (see :meth:`FaultLog.add`)."""
        self.log.add(
            code, severity=severity, file=self.file, table=self.table, rows=rows, column=column, **params
        )
