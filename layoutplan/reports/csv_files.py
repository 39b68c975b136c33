"""Result tables as CSV that Excel opens as it should, and safely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv_files(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table to ``folder/<name>.csv``, in UTF-8 with a mark so that Excel shows Chinese.

    A text that a spreadsheet would take for a formula is written behind an apostrophe; geometry is left to
    the GeoPackage. Numbers keep ten significant digits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        safe = plain.assign(**{column: plain[column].map(_defused) for column in _text_columns(plain)})
        safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%.10g")
        written.append(path)
    return written


def read_csv_file(path: Path) -> pd.DataFrame:
    """Read a table that :func:`write_csv_files` wrote; text comes back as it was."""
    frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=True, dtype_backend="numpy_nullable")
    restored = {column: frame[column].map(restore_text) for column in _text_columns(frame)}
    return frame.assign(**restored)


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame.columns if pd.api.types.is_string_dtype(frame[column].dtype)]


def _defused(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def restore_text(value: object) -> object:
    """Take away the apostrophe that keeps a text from acting as a formula."""
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(_FORMULA_STARTS):
        return value[1:]
    return value
