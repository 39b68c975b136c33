"""The files of a run folder and their writers."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from joblib.externals.loky.backend.reduction import dump

from layoutplan.layouts import TODAY
from layoutplan.outputs.atlas import write_atlas
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.files import write_csv_files, write_geopackage
from layoutplan.outputs.map import render_map
from layoutplan.outputs.pages import render_scorecard
from layoutplan.outputs.report import write_document, write_summary_page
from layoutplan.outputs.workbook import write_workbook
from layoutplan.runs.consistency import check_consistency
from layoutplan.runs.file_names import OUTPUTS, SCORECARD
from layoutplan.runs.map_inputs import map_frames, map_meta
from layoutplan.runs.meter import Meter
from layoutplan.runs.report_facts import report_facts
from layoutplan.runs.results import other_names, result_frames, spatial_layers
from layoutplan.runs.summary import summarise
from layoutplan.second_process import LARGE_UNITS, SecondProcess
from layoutplan.texts import Language

if TYPE_CHECKING:
    from layoutplan.runs.record import RunRecord

_HANDED_ON: Final = "printed.pickle"
"""Temporary file that passes the printed pages' input to the second process."""
_NOT_PRINTED: Final = ("assignment", "walks", "access", "areas", "area_bases", "area_hotspots")
"""Tables of walks, units and areas that no printed page uses."""
_ONLY_IN_TABLES: Final = ("assignment", "access", "access_gaps")
"""Long tables that this process writes as CSV only."""
_UNITS_MAPPED: Final = ["unit_id", "stage", "year", "layout", "demand", "short"]
"""What the map shows of the units' demand."""


def write_files(
    run: RunRecord, folder: Path, *, meter: Meter, outputs: Collection[str] = OUTPUTS
) -> dict[str, Any]:
    """Write every file of a run folder except summary and manifest.

    For a large city ``report.docx`` and ``atlas.pdf`` are drawn in a second process in parallel; the bytes
    are the same.

    Parameters
    ----------
    run
        The run.
    folder
        An existing folder.
    meter
        Receives time and memory of each file, including those of the second process, and reports progress as
        number of files written and total.
    outputs
        Names of the files to write besides the tables.

    Returns
    -------
    dict
        The summary.
    """
    lang, second_process = run.plan.general.lang, SecondProcess(__name__)
    printing = [name for name in ("report", "atlas") if name in outputs]
    large = bool(printing) and len(run.city.units) >= LARGE_UNITS
    if large:
        second_process.start()
    try:
        with meter.stage("write.gather"):
            frames = result_frames(run)
            summary = summarise(run, frames)
            check_consistency(frames, summary)
            layers, facts = map_frames(run, frames), report_facts(run)
        others = second_process if large else None
        printed = _printing(others, layers, folder, printing, summary=summary, facts=facts, lang=lang)
        card = SCORECARD if "scorecard" in outputs else ""
        every = _writers(run, frames, layers, summary=summary, facts=facts, folder=folder, card=card)
        writers = {name: write for name, write in every.items() if name == "tables" or name in outputs}
        for done, (name, write) in enumerate(writers.items()):
            meter.advance(done, len(writers) + 1)
            with meter.stage(f"write.{name}"):
                write()
        meter.advance(len(writers), len(writers) + 1)
        meter.add(printed())
    finally:
        # If another file could not be written, the printed pages are not needed.
        second_process.stop()
        (folder / _HANDED_ON).unlink(missing_ok=True)
    return summary


def _writers(
    run: RunRecord,
    frames: dict[str, pd.DataFrame],
    layers: dict[str, pd.DataFrame],
    *,
    summary: Mapping[str, Any],
    facts: ReportFacts,
    folder: Path,
    card: str,
) -> dict[str, Callable[[], object]]:
    """Return the writer of each file that is not printed, by name, in order; tables must be first."""
    lang, most_rows = run.plan.general.lang, run.plan.general.workbook_rows
    named = {**summary, "name": facts.names[lang]}

    def write_tables() -> None:
        write_csv_files(frames, folder / "tables")
        # The other files use little of the long tables: release their memory.
        units = frames["unit_demand"]
        layers["unit_demand"] = units[_UNITS_MAPPED].copy()
        frames["unit_demand"] = units[units["year"].isin([facts.base_year, facts.target_year])]
        for shown in (frames, layers):
            for name in _ONLY_IN_TABLES:
                del shown[name]

    return {
        "tables": write_tables,
        "geopackage": lambda: write_geopackage(spatial_layers(run, frames), folder / "results.gpkg"),
        "workbook": lambda: write_workbook(
            frames,
            folder / "workbook.xlsx",
            summary=named,
            lang=lang,
            schooling=run.city.schooling,
            most_rows=most_rows,
        ),
        "map": lambda: _write_page(
            render_map(layers, meta=map_meta(run, scorecard=card), lang=lang), folder / "map.html"
        ),
        "scorecard": lambda: _write_page(
            render_scorecard(
                frames["scorecard"],
                facts=facts,
                lang=lang,
                names=other_names(run),
                schooling=run.city.schooling,
            ),
            folder / SCORECARD,
        ),
    }


def _write_page(page: str, path: Path) -> None:
    path.write_text(page, encoding="utf-8", newline="\n")


def _printed(layers: Mapping[str, pd.DataFrame], facts: ReportFacts) -> dict[str, pd.DataFrame]:
    """Return what is printed: of long tables today's plan in the target year, of streets the lines."""

    def shown(name: str) -> pd.DataFrame:
        rows = layers[name]
        return rows[(rows["year"] == facts.target_year) & (rows["layout"] == TODAY)]

    return {
        **{name: layers[name] for name in layers if name not in _NOT_PRINTED},
        "unit_demand": shown("unit_demand"),
        "access_gaps": shown("access_gaps"),
        "roads": layers["roads"][["road_class", "geometry"]],
    }


def _printing(
    second_process: SecondProcess | None,
    layers: Mapping[str, pd.DataFrame],
    folder: Path,
    names: Sequence[str],
    *,
    summary: Mapping[str, Any],
    facts: ReportFacts,
    lang: Language,
) -> Callable[[], Meter]:
    """Start printing, in the second process if there is one, and return a function that waits for its end.

    The input is passed in a file, so that it uses no memory here.
    """
    if not names:
        return Meter
    printed = _printed(layers, facts), folder, names, summary, facts, lang
    if second_process is None:
        return partial(_print, *printed)
    path = folder / _HANDED_ON
    with path.open("wb") as file:
        dump(printed, file)  # loky's pickler handles what pickle cannot
    return second_process.begin(_print_handed_on, path)


def _print_handed_on(path: Path) -> Meter:
    with path.open("rb") as file:
        printed = pickle.load(file)  # noqa: S301  written by this run
    return _print(*printed)


def _print(  # noqa: PLR0917  called in another process
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    names: Sequence[str],
    summary: Mapping[str, Any],
    facts: ReportFacts,
    lang: Language,
) -> Meter:
    """Write the printed files and return their time and memory."""
    meter = Meter()
    if "report" in names:
        with meter.stage("write.report"):
            write_document(tables, folder / "report.docx", summary=summary, facts=facts, lang=lang)
            write_summary_page(tables, folder / "summary.pdf", facts=facts, lang=lang)
            gc.collect()  # the parts of a document reference each other
    if "atlas" in names:
        with meter.stage("write.atlas"):
            write_atlas(tables, folder / "atlas.pdf", facts=facts, lang=lang)
    return meter
