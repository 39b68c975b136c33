"""The data dictionary (数据字典), the one checker, and the templates made from it."""

from layoutplan.tables.check import check_frame, empty_frame
from layoutplan.tables.convert import DTYPES
from layoutplan.tables.dictionary import (
    STAGES,
    input_table,
    input_tables,
    result_table,
    result_tables,
)
from layoutplan.tables.docs import dictionary_markdown
from layoutplan.tables.keys import check_references
from layoutplan.tables.model import Column, Table, Words
from layoutplan.tables.stacking import below, constant, stacked
from layoutplan.tables.templates import write_templates

__all__ = [
    "DTYPES",
    "STAGES",
    "Column",
    "Table",
    "Words",
    "below",
    "check_frame",
    "check_references",
    "constant",
    "dictionary_markdown",
    "empty_frame",
    "input_table",
    "input_tables",
    "result_table",
    "result_tables",
    "stacked",
    "write_templates",
]
