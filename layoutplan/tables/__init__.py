"""The data dictionary, the one checker, and the templates made from it. 数据字典。"""

from layoutplan.tables.dictionary import (
    STAGES,
    input_table,
    input_tables,
    result_table,
    result_tables,
)
from layoutplan.tables.model import Column, Table, Words

__all__ = [
    "STAGES",
    "Column",
    "Table",
    "Words",
    "input_table",
    "input_tables",
    "result_table",
    "result_tables",
]
