"""The run folder: written to a temporary folder and renamed when complete, so the last good run survives."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.outputs.files import read_ledger
from layoutplan.runs.file_names import MANIFEST, OUTPUTS, SUMMARY
from layoutplan.runs.files import write_files
from layoutplan.runs.locks import held
from layoutplan.runs.manifest import make_manifest
from layoutplan.runs.meter import Advanced, Meter, StageStarted
from layoutplan.runs.ownership import (
    clear_temporary,
    files_of,
    make_temporary,
    previous_of,
    recover,
    remove_run,
    report_run_folder,
)
from layoutplan.runs.reserving import input_paths, report_held_inputs
from layoutplan.runs.run import Run
from layoutplan.runs.stored import RUN_FORMAT
from layoutplan.runs.write_faults import not_written


def write_run(
    run: Run,
    folder: str | Path,
    *,
    outputs: Collection[str] = OUTPUTS,
    started: StageStarted | None = None,
    advanced: Advanced | None = None,
) -> dict[str, Any]:
    """Write the results of a run to a folder.

    Files: ``summary.json``, ``manifest.json``, ``results.gpkg``, ``tables/*.csv``, ``workbook.xlsx``,
    ``map.html``, ``scorecard.html``, ``report.docx``, ``summary.pdf``, ``atlas.pdf``. The same inputs,
    plan and versions give the same bytes, except for the timings in the manifest.

    Parameters
    ----------
    run
        The run.
    folder
        Scenario folder; it is replaced only if it is absent, empty or an unmodified run.
    outputs
        Which files to write besides summary, manifest and tables: ``geopackage``, ``workbook``, ``map``,
        ``scorecard``, ``report``, ``atlas``; default all.
    started
        Called with ``write`` at the start.
    advanced
        Called with the number of files written and their total.

    Returns
    -------
    dict
        The summary.

    Raises
    ------
    InputError
        If the folder cannot be written (no permission, disk full), contains an input of the plan, or must not
        be replaced (see :func:`~layoutplan.runs.ownership.report_run_folder`). It is then left unchanged. If
        there is no output of a name.
    """
    folder, log = Path(folder), FaultLog()
    report_outputs(outputs, log=log)
    report_held_inputs(folder, input_paths(run.plan), log=log)
    log.raise_if_errors()
    if started:
        started("write")
    meter = Meter(advanced=advanced)
    with replacing(folder) as new:
        if not _taken_over(run, folder, new, meter=meter, outputs=outputs):
            write_json(
                {"format": RUN_FORMAT, **write_files(run, new, meter=meter, outputs=outputs)}, new / SUMMARY
            )
            if run.written is not None:
                run.written.record(new, outputs=outputs)
        summary: dict[str, Any] = json.loads((new / SUMMARY).read_bytes())
        manifest = make_manifest(run, writing=meter)
        write_json({"format": RUN_FORMAT, **manifest, "files": files_of(new)}, new / MANIFEST)
    return summary


def _taken_over(run: Run, folder: Path, new: Path, *, meter: Meter, outputs: Collection[str]) -> bool:
    """Take over the files of an equal run, if it was written to the folder; return whether."""
    if run.written is None or not all(one.kept for one in run.reuse.values()):
        return False
    with meter.stage("write.kept"):
        return run.written.take(folder, new, outputs=outputs)


def report_outputs(names: Collection[str], *, log: FaultLog) -> None:
    """Record names that are no file of a run folder.

    Parameters
    ----------
    names
        As ``outputs`` of :func:`write_run`.
    log
        Receives one fault for each.
    """
    for name in names:
        if name not in OUTPUTS:
            log.add("output_unknown", name=name, known=", ".join(OUTPUTS))


def write_json(value: Any, path: Path) -> None:  # noqa: ANN401  any JSON value
    """Write a value as indented JSON, readable by people and suitable for a diff.

    Parameters
    ----------
    value
        Any JSON value.
    path
        The file; replaced if it exists.
    """
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def load_ledger(path: Path) -> pd.DataFrame:
    """Read the ledger of an earlier year, possibly edited by the office.

    Parameters
    ----------
    path
        ``workbook.xlsx`` or ``tables/ledger.csv`` of a stored run.

    Returns
    -------
    DataFrame
        Result table ``ledger``.

    Raises
    ------
    InputError
        If there is no such file, or it is not a ledger.
    """
    return read_ledger(path)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Provide an empty temporary folder that replaces ``folder`` when the block succeeds.

    If the block fails, ``folder`` is unchanged and the temporary folder is removed. A process killed between
    the two renames leaves the old folder as ``<name>.previous``, which the next call restores.

    Parameters
    ----------
    folder
        The folder to replace.

    Yields
    ------
    Path
        The temporary folder, in the same parent folder.

    Raises
    ------
    InputError
        If ``folder`` exists and must not be replaced, another process writes to it, or it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with held(folder):
            try:
                recover(folder)
                clear_temporary(folder)
                _refuse_foreign(folder)
                new = make_temporary(folder)
                yield new
                _refuse_foreign(folder)  # files may have been added in the meantime
                _swap(new, folder)
            finally:
                clear_temporary(folder)
                recover(folder)
    except OSError as error:
        raise not_written(folder, error) from error


def _refuse_foreign(folder: Path) -> None:
    log = FaultLog()
    report_run_folder(folder, log=log)
    log.raise_if_errors()


def _swap(new: Path, folder: Path) -> None:
    """Replace the last run by the new folder; of the last one only files of a run are removed."""
    old = previous_of(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if folder.exists():
        folder.rename(old)
    os.replace(new, folder)  # noqa: PTH105  one call on every platform
    remove_run(old)
