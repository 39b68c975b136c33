"""The run folder: written beside, renamed when whole, so that the last good run always survives."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from layoutplan.errors import Fault, InputError
from layoutplan.reports import read_csv_file, read_ledger
from layoutplan.runs.manifest import make_manifest
from layoutplan.runs.meter import Advanced, Meter, StageStarted
from layoutplan.runs.pipeline import Run
from layoutplan.runs.writing import write_files
from layoutplan.texts import Language

_OLD = ".previous"


def scenario_folder(output: Path, scenario: str | None) -> Path:
    """Return the folder of a scenario; the plan without a scenario is ``base``."""
    return output / (scenario or "base")


def write_run(
    run: Run,
    folder: str | Path,
    *,
    started: StageStarted | None = None,
    advanced: Advanced | None = None,
) -> dict[str, Any]:
    """Write everything a run gives to ``folder`` and return its summary.

    Files: ``summary.json``, ``manifest.json``, ``results.gpkg``, ``tables/*.csv``, ``workbook.xlsx``,
    ``map.html``, ``report.docx``, ``atlas.pdf``. The same inputs, plan and versions give the same bytes, but
    for the manifest's timings.

    ``started`` is told ``write``; ``advanced`` how many files are written, and of how many.

    Raises
    ------
    InputError
        If the folder can not be written (no permission, disk full): the last good run is left as it was.
    """
    if started:
        started("write")
    meter = Meter(advanced=advanced)
    with replacing(Path(folder)) as new:
        summary = write_files(run, new, meter=meter)
        write_json(summary, new / "summary.json")
        write_json(make_manifest(run, writing=meter), new / "manifest.json")
    return summary


def write_json(value: Any, path: Path) -> None:  # noqa: ANN401  any JSON value
    """Write JSON that a person can read and a diff can follow."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def check_writable(output: Path) -> None:
    """See that runs can be written to ``output``, before hours are spent on them.

    Raises
    ------
    InputError
        If they can not.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise _not_written(output, error) from error


def stored_language(folder: Path) -> Language:
    """Return the language in which a stored run was written; Chinese where it does not say."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return "en" if manifest["plan"]["plan"]["lang"] == "en" else "zh"
    except (OSError, ValueError, KeyError, TypeError):
        return "zh"


def write_text(content: str, path: Path) -> None:
    """Write a text file in one step: whole, or not at all.

    Raises
    ------
    InputError
        If it can not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, delete=False, encoding="utf-8", newline="\n"
        ) as file:
            file.write(content)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise _not_written(path, error) from error


def load_ledger(path: Path) -> pd.DataFrame:
    """Read an earlier year's ledger, which the office may have edited.

    ``path`` is the ``workbook.xlsx`` or the ``tables/ledger.csv`` of a stored run.

    Raises
    ------
    InputError
        If there is no such file, or it is not a ledger.
    """
    return read_ledger(path)


def read_summary(folder: Path) -> dict[str, Any]:
    """Read the summary of a stored run."""
    recover(folder)
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside ``folder``; when the block ends well it takes the place of ``folder``.

    A block that fails leaves ``folder`` as it was and the new folder removed. A process killed between the
    two renames leaves the old folder under ``<name>.previous``, which :func:`recover` puts back.
    """
    recover(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _not_written(folder, error) from error
    try:
        new.chmod(0o755)
        yield new
        _swap(new, folder)
    except OSError as error:
        raise _not_written(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back the last good run if a kill struck between the two renames."""
    old = folder.with_name(folder.name + _OLD)
    if old.exists() and not folder.exists():
        old.rename(folder)


def _swap(new: Path, folder: Path) -> None:
    old = folder.with_name(folder.name + _OLD)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    os.replace(new, folder)  # noqa: PTH105  one call on every platform
    shutil.rmtree(old, ignore_errors=True)


_REASONS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EROFS: "no_permission",
    errno.EEXIST: "file_in_the_way",
    errno.ENOTDIR: "file_in_the_way",
}


def _not_written(folder: Path, error: OSError) -> InputError:
    """Return the fault in words; the system's own words where we have none."""
    reason = _REASONS.get(error.errno or 0)
    params = {} if reason else {"reason": error.strerror or str(error)}
    fault = Fault(code=f"not_written_{reason}" if reason else "not_written", file=str(folder), params=params)
    return InputError((fault,))


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read every result table of a stored run, by name."""
    return {path.stem: read_csv_file(path) for path in sorted((folder / "tables").glob("*.csv"))}
