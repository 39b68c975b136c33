"""Run a batch: check every scenario, run what is not known yet, and put all figures into one table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import joblib
import pandas as pd

from layoutplan.cards import Card, Carded
from layoutplan.city.limits import free_memory
from layoutplan.errors import FaultLog, InputError
from layoutplan.plan import Plan, as_plan, load_plan
from layoutplan.runs.batch.executors import Executor, in_processes, in_this_process, on_cluster
from layoutplan.runs.batch.figures import ALL_STAGES
from layoutplan.runs.batch.states import FIGURE_FILE, STATE_FILE, BatchStates, ScenariosAdvanced
from layoutplan.runs.batch.task import Task, known_outcome, run_task
from layoutplan.runs.batch.variations import SettingsGrid, Variation, variations_of
from layoutplan.runs.locks import held
from layoutplan.runs.meter import Meter
from layoutplan.runs.reserving import BASE, RESULTS, WALKS, report_output
from layoutplan.runs.stage_store import StageReuser, StageStore
from layoutplan.runs.stage_values import LazyValues
from layoutplan.runs.study_stages import STUDY_STAGES, compute
from layoutplan.runs.write_faults import not_written
from layoutplan.texts import Language, number, text
from layoutplan.travel import WalkMatrixStore

KeptRuns = Literal["none", "best", "all"]

_LOCK: Final = "batch.new"
"""Takes the place of a scenario's name for the lock of a batch; no scenario name contains a dot."""
_CHECKED: Final = ("read", "check")
_MEMORY_USED: Final = 0.8
_MIB: Final = 1024**2


@dataclass(frozen=True, repr=False)
class Batch(Carded):
    """The results of a batch.

    Attributes
    ----------
    figures
        One row per plan, scenario, layout, stage, year and figure, rounded as printed.
    scenarios
        One row per scenario: ``state`` (done, failed, waiting), ``faults`` in words, ``seconds``,
        ``peak_mib``, ``stages_computed``, ``known`` (figures of an earlier batch), and the settings that
        differ between scenarios, one column per key.
    workers
        Number of processes.
    lang
        Language of texts.
    """

    figures: pd.DataFrame
    scenarios: pd.DataFrame
    workers: int
    lang: Language = "zh"

    def _card(self) -> Card:
        states = self.scenarios["state"].value_counts()
        counts = [f"{text(f'cli.batch.{name}', self.lang)} {count}" for name, count in states.items()]
        target = self.totals()
        header = tuple(str(name) for name in target.columns)
        rows = tuple(
            tuple(
                "" if pd.isna(cell) else number(cell, self.lang) if isinstance(cell, float) else str(cell)
                for cell in row
            )
            for row in target.itertuples(index=False)
        )
        return Card(
            "Batch",
            text("cli.batch.title", self.lang, count=len(self.scenarios)),
            tuple(counts),
            header,
            rows,
        )

    def totals(self) -> pd.DataFrame:
        """Return the figures of the whole plan in the target year, one row per scenario and layout.

        Returns
        -------
        DataFrame
            Columns ``plan``, ``scenario``, ``layout``, then figures: ``unserved``, ``hotspots``, ``flags``,
            ``proposals_cost`` and so on; null where a layout does not have one.
        """
        whole = self.figures[self.figures["stage"] == ALL_STAGES]
        key = ["plan", "scenario", "layout"]
        wide = whole.set_index([*key, "figure"])["value"].unstack("figure")  # noqa: PD010  no figure is there twice
        wide = wide.reindex(columns=list(dict.fromkeys(whole["figure"])))
        order = pd.MultiIndex.from_frame(whole[key].drop_duplicates())
        return wide.reindex(order).reset_index().rename_axis(columns=None)


def batch(
    plan: Plan | str | os.PathLike[str] | Sequence[Plan | str | os.PathLike[str]],
    grid: SettingsGrid | Iterable[Mapping[str, object] | Variation] | str | Path | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    keep: KeptRuns = "none",
    layout_files: Sequence[Path] = (),
    advanced: ScenariosAdvanced | None = None,
) -> Batch:
    """Run many scenarios of one or several plans.

    All inputs are checked before any scenario is run. Stages that scenarios share are computed once. A batch
    that was interrupted or killed goes on where it ended when it is started again. A scenario that fails is
    named with its faults, and the others go on.

    Parameters
    ----------
    plan
        A plan or several (one for each city), or the paths of their files.
    grid
        The scenarios (:func:`~layoutplan.runs.batch.variations_of`); ``None`` for each plan itself and every
        scenario of its file.
    output
        Folder of ``figures.csv``, ``scenarios.csv``, run folders, and results kept for later; default that of
        the first plan.
    workers
        Processes on this machine; default one for each core that its share of the memory suffices for,
        judged by the first scenario. With 1, everything is run in this process.
    scheduler
        Address of a Dask scheduler to run the scenarios on instead.
    keep
        Which run folders are written: ``none``; ``all``; or ``best``: that of the scenario with the fewest
        pupils without a seat in the target year, of equal ones the cheapest.
    layout_files
        Layout files of the planner, evaluated in every scenario.
    advanced
        Progress callback.

    Returns
    -------
    Batch
        Figures and states.

    Raises
    ------
    InputError
        With every fault of the scenarios, of any input, of the output folder or the scheduler; nothing has
        been run then. If another batch writes to the folder.

    Examples
    --------
    ::

        found = lp.batch("plan.toml", {"demand.births_factor": [0.9, 1.0, 1.1], "siting.budget": [2e8, 4e8]})
        found.totals()
    """
    plans = [as_plan(one) for one in ([plan] if isinstance(plan, (Plan, str, os.PathLike)) else plan)]
    variations = None if grid is None else variations_of(grid)
    place = Path(output) if output is not None else plans[0].folder / plans[0].general.output
    tasks = _tasks(plans, variations, place, keep=keep, layout_files=tuple(layout_files))
    with _reserved(tasks, plans, place, keep=keep):
        states = BatchStates(tasks, place, advanced)
        _check(tasks)
        waiting = [task for task in tasks if not states.take(known_outcome(task))]
        states.write()
        done_by = _run(waiting, place, workers=workers, scheduler=scheduler, states=states)
        if keep == "best":
            _write_best(states)
        states.write(figures=True)
        for store in (StageStore(place / RESULTS), WalkMatrixStore(place / WALKS)):
            store.prune()
    return Batch(states.figures(), states.table(), done_by, plans[0].general.lang)


def _tasks(
    plans: Sequence[Plan],
    variations: Sequence[Variation] | None,
    output: Path,
    *,
    keep: KeptRuns,
    layout_files: tuple[Path, ...],
) -> list[Task]:
    """Return every scenario as a task, or raise all faults of all of them."""
    log, tasks = FaultLog(), []
    for label, plan in zip(_labels(plans), plans, strict=True):
        folder = output if len(plans) == 1 else output / label
        for scenario in _scenarios(plan, variations, log):
            kept = folder / (scenario.scenario or BASE) if keep == "all" else None
            tasks.append(Task(label, scenario, output / RESULTS, output / WALKS, kept, layout_files))
    log.raise_if_errors()
    return tasks


def _labels(plans: Sequence[Plan]) -> list[str]:
    """Return different names of plans: of the city, otherwise with their number."""
    names = [
        plan.general.title(plan.general.lang) or plan.path.parent.name or plan.path.stem for plan in plans
    ]
    clean = ["".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name) for name in names]
    return (
        clean if len(set(clean)) == len(clean) else [f"{name}_{at}" for at, name in enumerate(clean, start=1)]
    )


def _scenarios(plan: Plan, variations: Sequence[Variation] | None, log: FaultLog) -> Iterator[Plan]:
    if variations is None:
        yield plan
        for name in plan.scenario_names:
            yield load_plan(plan.path, scenario=name)
        return
    for one in variations:
        try:
            base = plan if one.base is None else load_plan(plan.path, scenario=one.base)
            yield (
                base.vary(one.changes, name=one.name, title=one.title)
                if one.changes
                else replace(base, scenario=one.name)
            )
        except InputError as error:
            log.extend(replace(fault, scenario=one.name) for fault in error.faults)


@contextmanager
def _reserved(
    tasks: Sequence[Task], plans: Sequence[Plan], output: Path, *, keep: KeptRuns
) -> Iterator[None]:
    """Check the output folder and lock it for this batch."""
    from layoutplan.runs.ownership import clean_up_killed_runs  # noqa: PLC0415  as below
    from layoutplan.runs.pages import report_pages  # noqa: PLC0415  as below

    log = FaultLog()
    for label, plan in zip(_labels(plans), plans, strict=True):
        own = [task.plan for task in tasks if task.label == label]
        folder = output if len(plans) == 1 else output / label
        report_output(own if keep != "none" else [plan], folder, log=log)
    report_pages(output, (FIGURE_FILE, STATE_FILE), log=log)
    log.raise_if_errors()
    try:
        output.mkdir(parents=True, exist_ok=True)
        with ExitStack() as locks:
            locks.enter_context(held(output / _LOCK))
            for folder in {output, *(task.folder.parent for task in tasks if task.folder is not None)}:
                if folder.is_dir():
                    clean_up_killed_runs(folder)
            yield
    except OSError as error:
        raise not_written(output, error) from error


def _check(tasks: Sequence[Task]) -> None:
    """Read and check the input of every scenario; raise all faults, each once."""
    log = FaultLog()
    stages = [stage for stage in STUDY_STAGES if stage.name in _CHECKED]
    for task in tasks:
        values = LazyValues(
            {"plan": task.plan, "previous_ledger": None, "layout_files": task.layout_files, "store": None}
        )
        try:
            for _ in compute(stages, values, Meter(), reuser=StageReuser(StageStore(task.results), values)):
                pass
        except InputError as error:
            known = [replace(fault, scenario=None) for fault in log]
            log.extend(
                replace(fault, scenario=task.scenario)
                for fault in error.faults
                if fault.severity == "error" and replace(fault, scenario=None) not in known
            )
    log.raise_if_errors()


def _run(
    tasks: Sequence[Task], output: Path, *, workers: int | None, scheduler: str | None, states: BatchStates
) -> int:
    """Run the scenarios that are not known; return the number of processes."""
    if not tasks:
        return 0
    with ExitStack() as cluster:
        run: Executor = in_this_process
        if scheduler is not None:
            run = cluster.enter_context(on_cluster(scheduler, output))
        # The first alone: what it shares with the others is then there for them, and its memory is known.
        first = next(iter(run(tasks[:1])))
        states.take(first)
        states.write()
        count = 1
        if scheduler is None:
            count = workers or _fitting(first.peak_mib)
            run = in_this_process if count == 1 else in_processes(count)
        for outcome in run(tasks[1:]) if tasks[1:] else ():
            states.take(outcome)
            states.write()
    return count


def _fitting(peak_mib: float | None) -> int:
    """Return how many processes of a size the cores and the memory left allow, at least one."""
    left = free_memory()
    cores = int(joblib.cpu_count())
    by_memory = int(_MEMORY_USED * left / _MIB / peak_mib) if left and peak_mib else cores
    return max(1, min(cores, by_memory))


def _write_best(states: BatchStates) -> None:
    task = states.best()
    if task is not None:
        output = task.results.parent
        run_task(replace(task, folder=output / task.scenario))
