"""The run's tables as one workbook (XLSX)."""

from layoutplan.outputs.workbook.workbook import write_workbook

__all__ = ["write_workbook"]
