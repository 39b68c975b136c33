"""The run's tables as one workbook (XLSX)."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.workbook.workbook import write_workbook

__all__ = ["write_workbook"]

lazy_package(__name__)
