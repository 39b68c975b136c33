"""Before a run: the place of its results is checked, every fault at once, and kept for it alone."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from layoutplan.city.tables import resolve
from layoutplan.errors import FaultLog
from layoutplan.plan import Plan
from layoutplan.runs.locks import held, is_lock, lock_file
from layoutplan.runs.ownership import clear_killed, report_run_folder
from layoutplan.runs.pages import report_pages
from layoutplan.runs.write_faults import not_written
from layoutplan.travel.matrix_store import WalkMatrixStore

PAGES: Final = ("index.html", "map.html", "comparison.csv")
"""What stands beside the scenarios of an output folder."""

WALKS: Final = ".cache"
"""Where walking distances are kept between runs, beside the scenarios."""

BASE: Final = "base"
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(1, 10))}
)
_MOST_BYTES: Final = 200  # of a name; file systems take 255, and hidden names beside it are longer


def scenario_folder(output: Path, scenario: str | None) -> Path:
    """Return the folder of a scenario; the plan without a scenario is ``base``."""
    return output / (scenario or BASE)


@contextmanager
def reserved(
    plans: Sequence[Plan], output: Path, *, ledger: Path | None = None, layout_files: Sequence[Path] = ()
) -> Iterator[None]:
    """Keep the run folders of scenarios for this process, after everything in the way was reported.

    What killed runs left in ``output`` is removed, and their last good runs are put back.

    Parameters
    ----------
    plans
        The scenarios chosen, of one plan.
    output
        The folder of all scenarios; made if it does not exist.
    ledger
        An earlier ledger that the run reads, if any.
    layout_files
        Layout files that the run reads.

    Raises
    ------
    InputError
        With everything in the way of any scenario (:func:`report_output`); nothing is changed then.
    """
    log = FaultLog()
    report_output(plans, output, ledger=ledger, layout_files=layout_files, log=log)
    log.raise_if_errors()
    with ExitStack() as locks:
        try:
            output.mkdir(parents=True, exist_ok=True)
            for plan in plans:
                locks.enter_context(held(scenario_folder(output, plan.scenario)))
            clear_killed(output)
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
    """Record everything in the way of writing scenarios to ``output``; nothing is written.

    A run folder must be absent, empty or ours, and must not be or hold the plan, an input or their folders;
    pages beside it and the folder of stored walks must be absent or ours; names must make distinct folders on
    every system.
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
    report_held_inputs(output / WALKS, given, log=log)
    if not WalkMatrixStore(output / WALKS).is_ours():
        log.add("output_not_ours", file=str(output / WALKS), names=WALKS)


def report_held_inputs(folder: Path, given: Mapping[Path, str], *, log: FaultLog) -> None:
    """Record the inputs that a path to be replaced is, or that lie in it: one fault, whatever their number.

    Paths are compared as the file system does: links, ``..`` and case-insensitive names are seen through.
    """
    try:
        place = folder.stat()
    except (OSError, ValueError):
        return  # what does not exist holds nothing
    held_inside = [said for path, said in given.items() if _is_or_holds(place, path)]
    if held_inside:
        names = ", ".join(dict.fromkeys(held_inside))
        log.add("output_holds_input", file=str(folder), names=names)


def given_of(plan: Plan) -> dict[Path, str]:
    """Return the files that a plan reads, the plan itself and its folder, each with how the plan calls it."""
    return _given(plan)


def _given(plan: Plan) -> dict[Path, str]:
    files = [*(table.file for table in plan.tables.values())]
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
    """Say whether a path, as written or where its links lead, is a place or lies in it."""
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
    """Say whether the output folder can be looked at, and record what keeps it from being written to."""
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
    """Record names that can not be folders, and those that are one folder on some systems."""
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
