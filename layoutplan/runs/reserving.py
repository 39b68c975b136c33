"""Check the output location before a run, report every fault at once, and lock it for the run."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from layoutplan.city.several_files import resolve
from layoutplan.errors import FaultLog
from layoutplan.plan import Plan
from layoutplan.runs.locks import held, is_lock, lock_file
from layoutplan.runs.ownership import clean_up_killed_runs, report_run_folder
from layoutplan.runs.pages import report_pages
from layoutplan.runs.stage_store import StageStore
from layoutplan.runs.write_faults import not_written
from layoutplan.travel.matrix_store import WalkMatrixStore

PAGES: Final = ("index.html", "map.html", "comparison.csv")
"""Files of an output folder next to its run folders."""

WALKS: Final = ".cache"
"""Folder of the walking distances kept between runs, next to the run folders."""

RESULTS: Final = ".results"
"""Folder of the stage results kept between runs, next to the run folders."""

BASE: Final = "base"
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))}
)
_MOST_BYTES: Final = 200  # of a name; file systems allow 255, and temporary names are longer


def scenario_folder(output: Path, scenario: str | None) -> Path:
    """Return the folder of a scenario.

    Parameters
    ----------
    output
        Output folder.
    scenario
        Name of the scenario; ``None`` is the plan itself, ``base``.

    Returns
    -------
    Path
        The folder.
    """
    return output / (scenario or BASE)


@contextmanager
def reserved(
    plans: Sequence[Plan], output: Path, *, ledger: Path | None = None, layout_files: Sequence[Path] = ()
) -> Iterator[None]:
    """Lock the run folders of scenarios for this process, after checking the output location.

    Temporary folders of killed runs in ``output`` are removed, and their last runs are restored.

    Parameters
    ----------
    plans
        The scenarios chosen, of one plan.
    output
        Output folder of all scenarios; created if missing.
    ledger
        File with the ledger of an earlier year, if any.
    layout_files
        Layout files that the run reads.

    Raises
    ------
    InputError
        With all faults of all scenarios (:func:`report_output`); nothing is changed then.
    """
    log = FaultLog()
    report_output(plans, output, ledger=ledger, layout_files=layout_files, log=log)
    log.raise_if_errors()
    with ExitStack() as locks:
        try:
            output.mkdir(parents=True, exist_ok=True)
            for plan in plans:
                locks.enter_context(held(scenario_folder(output, plan.scenario)))
            clean_up_killed_runs(output)
        except OSError as error:
            raise not_written(output, error) from error
        yield


def report_output(
    plans: Sequence[Plan],
    output: Path,
    *,
    ledger: Path | None = None,
    layout_files: Sequence[Path] = (),
    log: FaultLog,
) -> None:
    """Record every fault that prevents writing scenarios to ``output``; nothing is written.

    A run folder must be absent, empty or a run of layoutplan, and must not be or contain the plan, an input
    or their folders; pages next to it and the folder of stored walks must be absent or written by layoutplan;
    names must give distinct folders on every operating system.

    Parameters
    ----------
    plans
        The scenarios chosen, of one plan.
    output
        Output folder.
    ledger
        File with the ledger of an earlier year, if any.
    log
        Receives the faults.
    """
    names = [plan.scenario or BASE for plan in plans]
    _report_names(names, [BASE, *plans[0].scenario_names], log=log)
    if not _report_place(output, log=log):
        return
    given = {path: said for plan in plans for path, said in _given(plan).items()}
    given.update({path: str(path) for path in (*layout_files, *([] if ledger is None else [ledger]))})
    for name in names:
        folder = output / name
        before = len(log.errors)
        report_held_inputs(folder, given, log=log)
        if len(log.errors) == before:
            report_run_folder(folder, log=log)
        if not is_lock(lock_file(folder)):
            log.add("output_page_not_ours", file=str(lock_file(folder)))
    for name in PAGES:
        report_held_inputs(output / name, given, log=log)
    report_pages(output, PAGES, log=log)
    stores: dict[str, WalkMatrixStore | StageStore] = {
        WALKS: WalkMatrixStore(output / WALKS),
        RESULTS: StageStore(output / RESULTS),
    }
    for name, store in stores.items():
        report_held_inputs(output / name, given, log=log)
        if not store.is_ours():
            log.add("output_not_ours", file=str(output / name), names=name)


def report_held_inputs(folder: Path, given: Mapping[Path, str], *, log: FaultLog) -> None:
    """Record the inputs that are at or inside a path to be replaced, as one fault.

    Paths are compared as the file system does: links, ``..`` and case-insensitive names are resolved.

    Parameters
    ----------
    folder
        The path to be replaced.
    given
        Input files, each with its name in the plan.
    log
        Receives the fault.
    """
    try:
        place = folder.stat()
    except (OSError, ValueError):
        return  # a missing folder contains nothing
    held_inside = [said for path, said in given.items() if _is_or_holds(place, path)]
    if held_inside:
        names = ", ".join(dict.fromkeys(held_inside))
        log.add("output_holds_input", file=str(folder), names=names)


def input_paths(plan: Plan) -> dict[Path, str]:
    """Return the files that a plan reads, the plan included.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        Path and the name used in the plan.
    """
    return _given(plan)


def _given(plan: Plan) -> dict[Path, str]:
    files = [file for table in plan.tables.values() for file in table.files]
    files += [table.join.file for table in plan.tables.values() if table.join is not None]
    if plan.population.raster is not None:
        files.append(plan.population.raster)
    profiles = [
        Path(name)
        for name in (plan.general.profile, *plan.general.compare_profiles)
        if name.endswith(".toml")
    ]
    given = {resolve(file, plan.folder): file.as_posix() for file in (*files, *profiles)}
    return {plan.path: plan.path.name, **given}


def _is_or_holds(place: os.stat_result, path: Path) -> bool:
    """Return whether a path, as written or resolved, is the place or lies inside it."""
    try:
        ways = {path.absolute(), path.resolve()}
    except (OSError, RuntimeError):
        ways = {path.absolute()}
    for way in ways:
        for above in (way, *way.parents):
            try:
                if os.path.samestat(place, above.stat()):
                    return True
            except (OSError, ValueError):
                continue
    return False


def _report_place(output: Path, *, log: FaultLog) -> bool:
    """Return whether the output folder can be inspected, and record what prevents writing to it."""
    try:
        above = next(
            path for path in (output.absolute(), *output.absolute().parents) if os.path.lexists(path)
        )
        if not above.is_dir():  # a file, or a link that leads nowhere
            log.add("not_written_file_in_the_way", file=str(above))
            return False
        if not os.access(above, os.W_OK | os.X_OK):
            log.add("not_written_no_permission", file=str(above))
            return False
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        log.add("not_written", file=str(output), reason=reason)
        return False
    return True


def _report_names(names: Sequence[str], every: Sequence[str], *, log: FaultLog) -> None:
    """Record names that cannot be folders, and names that denote the same folder on some systems."""
    for name in names:
        stem = name.split(".")[0].strip().casefold()
        odd = name != name.strip() or name.endswith(".") or name in {"", "..", "."}
        if odd or stem in _RESERVED or any(sign in '<>:"/\\|?*\0' for sign in name):
            log.add("output_name_unusable", name=name)
        elif len(name.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
            log.add("output_name_too_long", name=f"{name[:40]}…", most=_MOST_BYTES)
    alike = defaultdict(list)
    for name in dict.fromkeys(every):
        alike[unicodedata.normalize("NFC", name).casefold()].append(name)
    for group in alike.values():
        if len(group) > 1 and set(group) & set(names):
            log.add("output_names_collide", names=", ".join(group))
