"""The run folder: written beside, renamed when whole, so that the last good run always survives."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan.errors import FaultLog
from layoutplan.outputs.files import read_ledger
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
from layoutplan.runs.reserving import given_of, report_held_inputs
from layoutplan.runs.run import Run
from layoutplan.runs.stored import MANIFEST, RUN_FORMAT, SUMMARY
from layoutplan.runs.write_faults import not_written


def write_run(
    run: Run,
    folder: str | Path,
    *,
    started: StageStarted | None = None,
    advanced: Advanced | None = None,
) -> dict[str, Any]:
    """Write everything a run gives to ``folder`` and return its summary.

    Files: ``summary.json``, ``manifest.json``, ``results.gpkg``, ``tables/*.csv``, ``workbook.xlsx``,
    ``map.html``, ``scorecard.html``, ``report.docx``, ``atlas.pdf``. The same inputs, plan and versions give
    the same bytes, but for the manifest's timings.

    ``started`` is told ``write``; ``advanced`` how many files are written, and of how many.

    Raises
    ------
    InputError
        If the folder can not be written (no permission, disk full), holds an input of the plan, or is not
        ours to replace (see :func:`~layoutplan.runs.ownership.report_run_folder`): it is left as it was.
    """
    folder, log = Path(folder), FaultLog()
    report_held_inputs(folder, given_of(run.plan), log=log)
    log.raise_if_errors()
    if started:
        started("write")
    meter = Meter(advanced=advanced)
    with replacing(folder) as new:
        summary = {"format": RUN_FORMAT, **write_files(run, new, meter=meter)}
        write_json(summary, new / SUMMARY)
        manifest = make_manifest(run, writing=meter)
        write_json({"format": RUN_FORMAT, **manifest, "files": files_of(new)}, new / MANIFEST)
    return summary


def write_json(value: Any, path: Path) -> None:  # noqa: ANN401  any JSON value
    """Write JSON that a person can read and a diff can follow."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def load_ledger(path: Path) -> pd.DataFrame:
    """Read an earlier year's ledger, which the office may have edited.

    ``path`` is the ``workbook.xlsx`` or the ``tables/ledger.csv`` of a stored run.

    Raises
    ------
    InputError
        If there is no such file, or it is not a ledger.
    """
    return read_ledger(path)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; when the block ends well it takes the place of ``folder``.

    A block that fails leaves ``folder`` as it was and the new folder removed. A process killed between the
    two renames leaves the old folder under ``<name>.previous``, which the next one puts back.

    Raises
    ------
    InputError
        If ``folder`` is there and not ours, another process is writing to it, or it can not be written.
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
                _refuse_foreign(folder)  # what came there while the new one was written
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
    """Put a whole folder in the place of the last one; only files of a run are removed."""
    old = previous_of(folder)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if folder.exists():
        folder.rename(old)
    os.replace(new, folder)  # noqa: PTH105  one call on every platform
    remove_run(old)
