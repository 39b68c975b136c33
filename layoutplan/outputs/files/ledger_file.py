"""A ledger that an office has edited, read back: the workbook's sheet or the CSV, in either language."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from layoutplan.city.readers import read_table
from layoutplan.city.workbooks import WORKBOOK_SUFFIXES, sheet_names
from layoutplan.dictionary import check_frame, empty_frame, result_table
from layoutplan.dictionary.headers import match_headers
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import Fault, FaultLog, InputError
from layoutplan.outputs.files.csv_files import restore_text
from layoutplan.outputs.words import code_of
from layoutplan.plan import TableSettings
from layoutplan.texts import LANGUAGES

_CODED: Final = ("rule", "stage", "status")
_NEEDED: Final = ("case_id", "opened", "closed")
_NO_ROWS: Final = "no_records"


def read_ledger(path: Path) -> pd.DataFrame:
    """Read a ledger as it was written or edited: what the office wrote is kept, words become codes again.

    Parameters
    ----------
    path
        ``workbook.xlsx`` of a run (the ledger's sheet is found by its name in either language), a workbook
        with one sheet, or ``tables/ledger.csv``; a CSV saved again by Excel may be in GBK.

    Returns
    -------
    pandas.DataFrame
        Result table ``ledger``.

    Raises
    ------
    InputError
        If there is no such file, it is no ledger, or a cell can not be what its column says (a year that is
        no year), or it is damaged: all faults at once, with their rows.
    """
    try:
        return _read(path)
    except InputError:
        raise
    except Exception as error:
        # Files edited by other programs can fail in ways that no reader anticipates.
        raise InputError((Fault(code="ledger_unreadable", file=str(path)),)) from error


def _read(path: Path) -> pd.DataFrame:
    log = FaultLog()
    table = result_table("ledger")
    sheet = _ledger_sheet(path) if path.suffix.lower() in WORKBOOK_SUFFIXES else None
    settings = TableSettings(file=path, sheet=sheet)
    raw = read_table(path, settings, log=TableLog(log, file=str(path), table=table.name))
    if {fault.code for fault in log.errors} == {_NO_ROWS}:
        return empty_frame(table)
    log.raise_if_errors()
    cells = pd.DataFrame() if raw is None else raw.frame.map(restore_text)
    _refuse_other_tables(cells, path, log=log)
    frame = check_frame(cells, table, file=str(path), log=log)
    log.raise_if_errors()
    coded = {name: _codes(frame, name) for name in _CODED}
    ledger = pd.DataFrame(frame.assign(**coded)).reset_index(drop=True)
    ledger.attrs["file"] = str(path)  # named in later faults about its cases
    return ledger


def _codes(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column with codes for words; the id of a case holds the code that a word may stand for."""
    pairs = zip(frame[name], frame["case_id"], strict=True)
    codes = [code_of("ledger", name, word, beside=case) for word, case in pairs]
    return pd.Series(codes, index=frame.index, dtype=object)


def _refuse_other_tables(cells: pd.DataFrame, path: Path, *, log: FaultLog) -> None:
    """Report a table that lacks what makes a ledger; without its year of clearing a case would come back."""
    table = result_table("ledger")
    silent = TableLog(FaultLog(), file=str(path), table=table.name)
    matches = match_headers([str(name) for name in cells.columns], table, columns={}, log=silent)
    missing = [name for name in _NEEDED if name not in matches]
    if missing:
        log.add("not_a_ledger", file=str(path), missing=", ".join(missing))
        log.raise_if_errors()


def _ledger_sheet(path: Path) -> str | None:
    """Return the name of the ledger's sheet; ``None`` leaves it to the reader, which says what is wrong."""
    titles = {result_table("ledger").title.of(lang) for lang in LANGUAGES}
    silent = TableLog(FaultLog(), file=str(path), table="ledger")
    return next((name for name in sheet_names(path, log=silent) if name.strip() in titles), None)
