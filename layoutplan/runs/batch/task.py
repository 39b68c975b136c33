"""The work on one scenario of a batch, in whatever process it is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from layoutplan.errors import Fault, InputError, NoPlanError
from layoutplan.plan import Plan
from layoutplan.runs.batch.figures import scenario_figures
from layoutplan.runs.identity import digest, identity_of_files, program
from layoutplan.runs.reserving import input_paths
from layoutplan.runs.signed_files import SignedFiles
from layoutplan.runs.stage_store import StageStore
from layoutplan.travel import WalkMatrixStore

ScenarioState = Literal["waiting", "done", "failed"]

_ONE_CORE: Final = "LOKY_MAX_CPU_COUNT"


@dataclass(frozen=True)
class Task:
    """One scenario to be run.

    Attributes
    ----------
    label
        Name of the plan in the table.
    plan
        The plan, one of its scenarios or variations.
    results, walks
        Folders of the stage results and walks kept.
    folder
        Run folder to be written; ``None`` for none.
    layout_files
        Layout files of the planner.
    """

    label: str
    plan: Plan
    results: Path
    walks: Path
    folder: Path | None = None
    layout_files: tuple[Path, ...] = ()

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return self.plan.scenario or "base"

    @property
    def key(self) -> tuple[str, str]:
        """Names of plan and scenario, which identify the task within a batch."""
        return self.label, self.scenario


@dataclass(frozen=True)
class ScenarioOutcome:
    """What became of a scenario.

    Attributes
    ----------
    label, scenario
        Names of the plan and the scenario.
    state
        Whether it was run.
    rows
        Its figures, as :func:`~layoutplan.runs.batch.figures.scenario_figures`.
    faults
        Why it failed.
    seconds
        Time of its stages.
    peak_mib
        Largest memory of its process in any stage, MiB.
    computed
        Names of the stages computed; the others were taken from earlier results.
    known
        Whether the figures are those of an earlier batch.
    """

    label: str
    scenario: str
    state: ScenarioState
    rows: tuple[tuple[Any, ...], ...] = ()
    faults: tuple[Fault, ...] = ()
    seconds: float = 0.0
    peak_mib: float | None = None
    computed: tuple[str, ...] = ()
    known: bool = field(default=False, compare=False)


def run_task(task: Task) -> ScenarioOutcome:
    """Run a scenario and keep its figures; faults of the input are part of the outcome.

    Parameters
    ----------
    task
        The scenario.

    Returns
    -------
    ScenarioOutcome
        Done or failed.
    """
    from layoutplan.runs.consistency import check_consistency  # noqa: PLC0415
    from layoutplan.runs.folder import write_run  # noqa: PLC0415  loads the writers
    from layoutplan.runs.results import result_frames  # noqa: PLC0415
    from layoutplan.runs.run import run_plan  # noqa: PLC0415
    from layoutplan.runs.summary import summarise  # noqa: PLC0415

    try:
        with _on_one_core():
            run = run_plan(
                task.plan,
                layout_files=task.layout_files,
                store=WalkMatrixStore(task.walks),
                results=StageStore(task.results),
            )
            if task.folder is None:
                frames = result_frames(run)
                summary = summarise(run, frames)
                check_consistency(frames, summary)
            else:
                task.folder.parent.mkdir(parents=True, exist_ok=True)
                summary = write_run(run, task.folder)
    except InputError as error:
        return failed(task, error.faults)
    except NoPlanError as error:
        return failed(task, (Fault("batch_no_plan", params={"reason": str(error)}),))
    except MemoryError:
        return failed(task, (Fault("batch_process_ended"),))
    outcome = ScenarioOutcome(
        task.label,
        task.scenario,
        "done",
        rows=tuple(scenario_figures(summary, plan=task.label, scenario=task.scenario)),
        seconds=round(sum(run.seconds.values()), 3),
        peak_mib=max(run.peak_mib.values(), default=None),
        computed=tuple(name for name, one in run.reuse.items() if not one.kept),
    )
    _keep(task, outcome)
    return outcome


def failed(task: Task, faults: tuple[Fault, ...]) -> ScenarioOutcome:
    """Return the outcome of a scenario that could not be run.

    Parameters
    ----------
    task
        The scenario.
    faults
        Why.

    Returns
    -------
    ScenarioOutcome
        With the faults that are errors, each naming the scenario.
    """
    errors = tuple(replace(fault, scenario=task.scenario) for fault in faults if fault.severity == "error")
    return ScenarioOutcome(task.label, task.scenario, "failed", faults=errors)


def known_outcome(task: Task) -> ScenarioOutcome | None:
    """Return the outcome of a scenario that was run before, from the same inputs by the same program.

    Parameters
    ----------
    task
        The scenario.

    Returns
    -------
    ScenarioOutcome or None
        ``None`` if it was not, or if its run folder is to be written.
    """
    data = None if task.folder is not None else SignedFiles(task.results).get(_record(task))
    if data is None:
        return None
    said: Mapping[str, Any] = json.loads(data)
    rows = tuple((task.label, task.scenario, *row) for row in said["rows"])
    return ScenarioOutcome(
        task.label,
        task.scenario,
        "done",
        rows=rows,
        peak_mib=said["peak_mib"],
        seconds=said["seconds"],
        known=True,
    )


def _keep(task: Task, outcome: ScenarioOutcome) -> None:
    said = {
        "rows": [row[2:] for row in outcome.rows],
        "peak_mib": outcome.peak_mib,
        "seconds": outcome.seconds,
    }
    SignedFiles(task.results).put(_record(task), json.dumps(said).encode())


def _record(task: Task) -> str:
    """Return the name of the record of a scenario: a hash of everything that its figures depend on."""
    plan = task.plan
    settings = plan.settings_dict()
    settings["plan"].pop("output", None)
    files = identity_of_files(
        [path for path in input_paths(plan) if path != plan.path] + list(task.layout_files)
    )
    rules = [repr(rule) for profile in (plan.profile, *plan.compared) for rule in profile.rules]
    said = [program(), settings, str(plan.folder), sorted(files.items()), digest("\n".join(rules))]
    return f"scenario-{digest(json.dumps(said, sort_keys=True, default=str))}.entry"


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Let no scenario start processes of its own: the batch has one for each core."""
    before = os.environ.get(_ONE_CORE)
    os.environ[_ONE_CORE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_ONE_CORE]
        else:
            os.environ[_ONE_CORE] = before
