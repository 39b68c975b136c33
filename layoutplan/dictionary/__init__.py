"""The data dictionary (数据字典), the table checker and the input templates generated from the dictionary."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.dictionary.check import check_frame, empty_frame
    from layoutplan.dictionary.convert import DTYPES
    from layoutplan.dictionary.keys import check_references
    from layoutplan.dictionary.loader import (
        given_tables,
        input_table,
        input_tables,
        result_table,
        result_tables,
    )
    from layoutplan.dictionary.schema import Column, Table, Words
    from layoutplan.dictionary.stacking import below, constant, stacked
    from layoutplan.dictionary.templates import write_templates

__all__ = [
    "DTYPES",
    "Column",
    "Table",
    "Words",
    "below",
    "check_frame",
    "check_references",
    "constant",
    "empty_frame",
    "given_tables",
    "input_table",
    "input_tables",
    "result_table",
    "result_tables",
    "stacked",
    "write_templates",
]

lazy_package(__name__)
