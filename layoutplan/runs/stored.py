"""Read stored runs: typed values, or a fault that names the file and the problem.

The files may be of an earlier version, truncated or edited by hand; nothing in them is trusted.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import PROPOSED, TODAY
from layoutplan.outputs.files.csv_files import restore_text
from layoutplan.runs.batch.figures import cost_per_pupil_placed
from layoutplan.runs.file_names import MANIFEST, MAP, SUMMARY
from layoutplan.texts import LANGUAGES, Language, text

RUN_FORMAT: Final = 2
"""Format of the run folder; runs of the first versions state none and are format 1."""

FIGURES: Final = ("demand", "seats", "balance", "shortfall", "unserved", "share_within_radius", "mean_walk_m")
"""Figures of the summary that are compared, by stage."""

_FIRST_COLUMN: Final = "variant"
_FIRST_LAYOUTS: Final = {"baseline": TODAY, "proposed": PROPOSED}
"""Format 1 calls column ``layout`` so, and knows these two layouts by these ids."""

_MOST_BYTES: Final = {SUMMARY: 2**26, MANIFEST: 2**28, MAP: 2**30, ".csv": 2**31}
_LONGEST: Final = 60
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

Word = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", max_length=300)]
YearKey = Annotated[int, Field(ge=1950, le=2300)]
StageKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]  # of any profile
LayoutId = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]
Figure = float | None
Model = TypeVar("Model", bound="_Stored")


class _Stored(BaseModel):
    """Frozen; unknown keys are ignored, since other versions may have more."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    format: Annotated[int, Field(ge=1)] = 1


class Proposals(BaseModel):
    """The summary's figures of the proposals."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    count: Annotated[int, Field(ge=0)]
    seats: Figure
    cost: Figure
    pupils_served: Figure = None

    @property
    def cost_per_pupil_placed(self) -> Figure:
        """Cost of the proposals over the pupils they place; ``None`` without either, or without proposals."""
        return cost_per_pupil_placed(self.count, self.cost, self.pupils_served)


class StoredOutlook(BaseModel):
    """The summary's demand bands of the whole city; empty where a run has none."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    bands: Mapping[Word, Mapping[str, Mapping[str, Figure]]] = {}


class HotspotCount(BaseModel):
    """The summary's figures of the hotspots."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    count: Annotated[int, Field(ge=0)]


class StoredLayout(BaseModel):
    """What the summary says of a layout; the first is today's."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    id: LayoutId
    title: Mapping[Language, Word]
    proposals: bool

    @model_validator(mode="after")
    def _title_is_whole(self) -> StoredLayout:
        if missing := [lang for lang in LANGUAGES if lang not in self.title]:
            raise LookupError(f"layouts.{self.id}.title.{missing[0]}")
        return self


class StoredAnswer(BaseModel):
    """What the summary answers for a stage."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    said: Mapping[Language, str]


class Summary(_Stored):
    """The figures of ``summary.json`` that are read back; the file has more."""

    scenario: Annotated[Word, Field(min_length=1)]
    base_year: YearKey
    target_year: YearKey
    stages: tuple[StageKey, ...]
    layouts: Annotated[tuple[StoredLayout, ...], Field(min_length=1)]
    answers: tuple[StoredAnswer, ...] = ()
    stages_by_year: Mapping[LayoutId, Mapping[StageKey, Mapping[str, Mapping[str, Figure]]]]
    proposals: Proposals | None
    hotspots: HotspotCount
    flags: Mapping[Word, Annotated[int, Field(ge=0)]]
    outlook: StoredOutlook = StoredOutlook()

    @model_validator(mode="after")
    def _target_year_is_whole(self) -> Summary:
        for layout in [one.id for one in self.layouts]:
            stages = self.stages_by_year.get(layout, {})
            for stage in self.stages:
                figures = stages.get(stage, {}).get(str(self.target_year), {})
                for name in FIGURES:
                    if name not in figures:
                        place = f"stages_by_year.{layout}.{stage}.{self.target_year}.{name}"
                        raise LookupError(place)
        return self


class Manifest(_Stored):
    """The values of ``manifest.json`` that are read back; the file has more."""

    run_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    scenario: Annotated[Word, Field(min_length=1)]
    plan: Mapping[str, Any]
    files: Mapping[str, str] = {}

    @property
    def lang(self) -> Language:
        """Language in which the run was written; Chinese where not stated."""
        section = self.plan.get("plan")
        return "en" if isinstance(section, dict) and section.get("lang") == "en" else "zh"


@dataclass(frozen=True)
class StoredRun:
    """A run folder with a valid summary and manifest."""

    folder: Path
    summary: Summary
    manifest: Manifest


def read_stored(folder: Path, *, log: FaultLog) -> StoredRun | None:
    """Read the summary and manifest of a run folder.

    Parameters
    ----------
    folder
        The run folder.
    log
        Receives the faults.

    Returns
    -------
    StoredRun or None
        ``None`` with any fault.
    """
    if not any(os.path.lexists(folder / name) for name in (SUMMARY, MANIFEST)):
        log.add("not_a_run", file=str(folder))
        return None
    summary = _read_json(folder / SUMMARY, Summary, log=log)
    manifest = read_manifest(folder, log=log)
    if summary is None or manifest is None:
        return None
    return StoredRun(folder=folder, summary=summary, manifest=manifest)


def read_manifest(folder: Path, *, log: FaultLog) -> Manifest | None:
    """Read the manifest of a run folder.

    Parameters
    ----------
    folder
        The run folder.
    log
        Receives a fault if it is missing or invalid.

    Returns
    -------
    Manifest or None
        ``None`` with a fault.
    """
    return _read_json(folder / MANIFEST, Manifest, log=log)


def read_stored_map(folder: Path, *, log: FaultLog) -> str | None:
    """Read the map page of a stored run as text, whose content must not be trusted.

    Parameters
    ----------
    folder
        The run folder.
    log
        Receives a fault if the page is missing or not UTF-8.

    Returns
    -------
    str or None
        ``None`` with a fault.
    """
    data = _read_bytes(folder / MAP, _MOST_BYTES[MAP], log=log)
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        log.add("stored_not_text", file=str(folder / MAP))
        return None


def read_stored_tables(
    folder: Path, columns: Mapping[str, Sequence[str]], *, log: FaultLog
) -> dict[str, pd.DataFrame]:
    """Read tables of a stored run with the data types of the data dictionary.

    Parameters
    ----------
    folder
        The run folder.
    columns
        Columns needed, by table name.
    log
        Receives the faults of tables that cannot be read.

    Returns
    -------
    dict
        The readable tables by name.
    """
    found = {}
    for name, needed in columns.items():
        frame = _read_table(folder / "tables" / f"{name}.csv", name, needed, log=log)
        if frame is not None:
            found[name] = frame
    return found


def _read_bytes(path: Path, most: int, *, log: FaultLog) -> bytes | None:
    """Read a regular file of limited size."""
    try:
        if not path.is_file():
            log.add("stored_missing", file=str(path))
        elif path.stat().st_size > most:
            log.add("stored_too_large", file=str(path), most=f"{most / 2**20:,.0f}")
        else:
            return path.read_bytes()
    except (OSError, ValueError) as error:
        log.add("broken_run", file=str(path), reason=getattr(error, "strerror", None) or str(error))
    return None


def _read_json(path: Path, model: type[Model], *, log: FaultLog) -> Model | None:
    data = _read_bytes(path, _MOST_BYTES[path.name], log=log)
    if data is None:
        return None
    try:
        read = model.model_validate_json(_as_of_now(data.removeprefix(_BYTE_ORDER_MARK)), strict=True)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in detail["loc"])
        if detail["type"] == "json_invalid":
            log.add("stored_not_json", file=str(path))
        else:
            code = "stored_key_missing" if detail["type"] == "missing" else "stored_key_wrong"
            log.add(code, file=str(path), key=_short(place) or "{}")
        return None
    except LookupError as error:
        log.add("stored_key_missing", file=str(path), key=_short(str(error.args[0])))
        return None
    if read.format > RUN_FORMAT:
        log.add("stored_newer", file=str(path), format=read.format, known=RUN_FORMAT)
        return None
    return read


def _as_of_now(data: bytes) -> bytes:
    """Return a summary of format 1 with the keys of this version; anything else as it is."""
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        return data  # its reader says what is wrong with it
    if not isinstance(read, dict) or "format" in read or not isinstance(read.get("stages_by_year"), dict):
        return data
    layouts = {_FIRST_LAYOUTS.get(name, name): of for name, of in read["stages_by_year"].items()}
    titles = {TODAY: "layouts.today", PROPOSED: "siting.layout"}
    listed = [
        {"id": name, "title": {lang: text(key, lang) for lang in LANGUAGES}, "proposals": name == PROPOSED}
        for name, key in titles.items()
        if name in layouts
    ]
    return json.dumps({**read, "stages_by_year": layouts, "layouts": listed}).encode()


def _read_table(path: Path, name: str, needed: Sequence[str], *, log: FaultLog) -> pd.DataFrame | None:
    """Read columns of a table; return ``None``, with a fault, if one is missing or has an invalid value."""
    cells = _read_cells(path, name, log=log)
    if cells is None:
        return None
    if missing := [column for column in needed if column not in cells.columns]:
        log.add("stored_column_missing", file=str(path), table=name, columns=", ".join(missing))
        return None
    table = result_table(name)
    kinds = empty_frame(table).dtypes
    read: dict[str, pd.Series] = {}
    for column in needed:
        values = _converted(cells[column], str(kinds[column]))
        if values is None:
            log.add("stored_value_wrong", file=str(path), table=name, column=column)
        else:
            read[column] = values
    frame = pd.DataFrame(read, index=cells.index)
    key = [*table.key]
    if len(read) == len(needed) and key and set(key) <= set(needed) and frame.duplicated(key).any():
        log.add("stored_key_twice", file=str(path), table=name, column=", ".join(key))
        return None
    return frame if len(read) == len(needed) else None


def _read_cells(path: Path, name: str, *, log: FaultLog) -> pd.DataFrame | None:
    """Read the cells of a table as text."""
    if _too_large(path, log=log):
        return None
    try:
        cells = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False, na_values=[""])
    except (OSError, ValueError, OverflowError, MemoryError, csv.Error):
        cells = None
    if cells is None or not isinstance(cells.index, pd.RangeIndex):  # or rows longer than the header
        log.add("stored_no_table", file=str(path), table=name)
        return None
    if _FIRST_COLUMN in cells and "layout" not in cells:
        cells = cells.rename(columns={_FIRST_COLUMN: "layout"})
        cells["layout"] = cells["layout"].replace(_FIRST_LAYOUTS)
    return cells


def _too_large(path: Path, *, log: FaultLog) -> bool:
    """Record a fault if a table is not a regular file or too large."""
    most = _MOST_BYTES[".csv"]
    try:
        if not path.is_file():
            log.add("stored_missing", file=str(path))
            return True
        if path.stat().st_size > most:
            log.add("stored_too_large", file=str(path), most=f"{most / 2**20:,.0f}")
            return True
    except (OSError, ValueError) as error:
        log.add("broken_run", file=str(path), reason=getattr(error, "strerror", None) or str(error))
        return True
    return False


def _converted(cells: pd.Series, kind: str) -> pd.Series | None:
    """Return the cells of a column as values of its type; ``None`` if one is invalid."""
    if kind not in ("Int64", "float64"):
        return pd.Series(cells.map(restore_text, na_action="ignore").astype("string"))
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    if (numbers.isna() & cells.notna()).any() or numbers.abs().gt(_LARGEST).any():
        return None
    if kind == "float64":
        return numbers.astype("Float64")
    return None if (numbers.dropna() % 1 != 0).any() else numbers.astype("Int64")


_LARGEST: Final = 1e15
"""Upper limit of any count, year or amount; integers up to here are exact in a float."""


def _short(words: str) -> str:
    """Return a text shortened, without control characters."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in words)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
