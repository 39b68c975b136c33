"""Result tables as CSV that Excel opens with the right encoding and without running formulas."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from layoutplan.outputs.files.digits import DIGITS, to_written_digits

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_QUOTED: Final = frozenset(',"\r\n')
_ROWS_AT_ONCE: Final = 200_000  # rows per block, to bound the memory of large tables
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def write_csv_files(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table to ``folder/<name>.csv``, in UTF-8 with a byte-order mark so that Excel shows Chinese.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; geometry is left to the
    GeoPackage. Numbers keep ten significant digits.

    Parameters
    ----------
    frames
        Tables by name.
    folder
        Folder to write to; created where it is missing.

    Returns
    -------
    list[Path]
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        with path.open("wb") as file:
            _write(pd.DataFrame(frame.drop(columns="geometry", errors="ignore")), file)
        written.append(path)
    return written


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as :func:`write_csv_files` writes it.

    Parameters
    ----------
    frame
        The table, without geometry.

    Returns
    -------
    bytes
        Content of the file.
    """
    file = io.BytesIO()
    _write(frame, file)
    return file.getvalue()


def _write(frame: pd.DataFrame, file: BinaryIO) -> None:
    file.write(_BYTE_ORDER_MARK)
    file.write(",".join(_quoted(str(name)) for name in frame.columns).encode() + b"\n")
    starts = range(0, len(frame) if len(frame.columns) else 0, _ROWS_AT_ONCE)
    file.writelines(_lines(frame.iloc[start : start + _ROWS_AT_ONCE]) for start in starts)


def _lines(rows: pd.DataFrame) -> bytes:
    """Return rows as lines: every column as texts, joined by Arrow, without a loop over cells."""
    cells = [pc.fill_null(_texts(rows.iloc[:, place]), "") for place in range(rows.shape[1])]
    joined = pc.binary_join_element_wise(*cells, _text(","))
    ended = pc.binary_join_element_wise(joined, _text("\n"), _text(""))
    return bytes(memoryview(ended.buffers()[2]))


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _texts(column: pd.Series) -> pa.Array:
    """Return a column as it is written; null where there is nothing."""
    kind = column.dtype
    if pd.api.types.is_integer_dtype(kind):
        whole = column.to_numpy(dtype=np.int64, na_value=0)
        return pa.array(whole, mask=column.isna().to_numpy()).cast(pa.large_string())
    if pd.api.types.is_float_dtype(kind):
        values = to_written_digits(column.to_numpy(dtype=np.float64, na_value=np.nan))
        return pa.array(values, mask=np.isnan(values)).cast(pa.large_string())
    # Texts, truth values and other objects: each distinct value is converted once.
    codes, found = pd.factorize(column)
    words = pa.array([_quoted(_word(value)) for value in found], pa.large_string())
    return words.take(pa.array(codes, mask=codes < 0))


def _word(value: Any) -> str:  # noqa: ANN401  a frame's cell
    """Return a value as text, made harmless where a spreadsheet would take it for a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def _quoted(word: str) -> str:
    """Return a cell, in quotation marks where CSV needs them."""
    return '"{}"'.format(word.replace('"', '""')) if _QUOTED.intersection(word) else word


def read_csv_file(path: Path) -> pd.DataFrame:
    """Read a table that :func:`write_csv_files` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    DataFrame
        Texts without the protecting apostrophe; nullable dtypes.
    """
    frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=True, dtype_backend="numpy_nullable")
    restored = {column: frame[column].map(restore_text) for column in _text_columns(frame)}
    return frame.assign(**restored)


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame.columns if pd.api.types.is_string_dtype(frame[column].dtype)]


def restore_text(value: object) -> object:
    """Remove the apostrophe that keeps a text from acting as a formula.

    Parameters
    ----------
    value
        A cell.

    Returns
    -------
    object
        Any other value unchanged.
    """
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(_FORMULA_STARTS):
        return value[1:]
    return value
