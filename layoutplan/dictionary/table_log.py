"""A fault log bound to one table of one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from layoutplan.errors import FaultLog, Severity


@dataclass(frozen=True, slots=True)
class TableLog:
    """Records faults of one table; columns are named as in the file.

    Attributes
    ----------
    log
        Receives the faults.
    file, table
        File name and table name recorded with each fault.
    """

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
        """Record a fault of this table (see :meth:`FaultLog.add`).

        Parameters
        ----------
        code
            Fault code.
        severity
            Severity of the fault.
        rows
            Labels of the rows.
        column
            Header in the file, ``None`` for the table as a whole.
        **params
            Values for the text of the fault.
        """
        self.log.add(
            code, severity=severity, file=self.file, table=self.table, rows=rows, column=column, **params
        )
