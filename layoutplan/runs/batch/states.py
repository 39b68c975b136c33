"""What is known of each scenario of a batch, and the tables that say it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from layoutplan.errors import Fault
from layoutplan.outputs.files.csv_files import csv_bytes
from layoutplan.plan import Plan
from layoutplan.runs.batch.figures import ALL_STAGES, figure_table
from layoutplan.runs.batch.task import ScenarioOutcome, Task
from layoutplan.runs.index import write_own
from layoutplan.texts import Language

ScenariosAdvanced = Callable[[int, int, int], None]
"""Called with the numbers of scenarios done and failed, and their total."""

FIGURE_FILE: Final = "figures.csv"
STATE_FILE: Final = "scenarios.csv"


class BatchStates:
    """What is known of each scenario, and its files."""

    def __init__(self, tasks: Sequence[Task], output: Path, advanced: ScenariosAdvanced | None) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._outcomes: dict[tuple[str, str], ScenarioOutcome] = {}
        self._output, self._advanced = output, advanced
        self._differing = _differing([task.plan for task in tasks])

    def take(self, outcome: ScenarioOutcome | None) -> bool:
        """Add an outcome, if there is one, and report progress.

        Parameters
        ----------
        outcome
            The outcome of a scenario of the batch.

        Returns
        -------
        bool
            Whether there is one.
        """
        if outcome is not None:
            self._outcomes[outcome.label, outcome.scenario] = outcome
        if self._advanced:
            lost = sum(one.state == "failed" for one in self._outcomes.values())
            self._advanced(len(self._outcomes) - lost, lost, len(self._tasks))
        return outcome is not None

    def best(self) -> Task | None:
        """Return the scenario with the fewest pupils without a seat, of equal ones the cheapest."""
        scores = {}
        for key, outcome in self._outcomes.items():
            figures = defaultdict(list)
            for _, _, _, stage, _, figure, value in outcome.rows:
                if stage == ALL_STAGES and value is not None:
                    figures[figure].append(value)
            if figures["unserved"]:
                scores[key] = (min(figures["unserved"]), min(figures["proposals_cost"], default=0.0))
        return self._tasks[min(scores, key=lambda key: scores[key])] if scores else None

    def figures(self) -> pd.DataFrame:
        """Return the figures of the scenarios done, in the order of the batch."""
        found = [self._outcomes[key] for key in self._tasks if key in self._outcomes]
        return figure_table([row for outcome in found for row in outcome.rows])

    def table(self) -> pd.DataFrame:
        """Return the state of every scenario."""
        rows: list[dict[str, Any]] = []
        for key, task in self._tasks.items():
            one = self._outcomes.get(key) or ScenarioOutcome(*key, "waiting")
            lang = task.plan.general.lang
            row: dict[str, Any] = {
                "plan": task.label,
                "scenario": task.scenario,
                "title": task.plan.title,
                "state": one.state,
                "faults": " / ".join(said_fault(fault, lang) for fault in one.faults),
                "seconds": one.seconds,
                "peak_mib": one.peak_mib,
                "stages_computed": len(one.computed),
                "known": one.known,
            }
            rows.append(row | {name: said[len(rows)] for name, said in self._differing.items()})
        return pd.DataFrame(rows)

    def write(self, *, figures: bool = False) -> None:
        """Write the states of all scenarios, and their figures.

        Parameters
        ----------
        figures
            Whether the figures are written too, which takes longer.
        """
        files: dict[str, bytes | None] = {STATE_FILE: csv_bytes(self.table())}
        if figures:
            files[FIGURE_FILE] = csv_bytes(self.figures())
        write_own(self._output, files)


def said_fault(fault: Fault, lang: Language) -> str:
    """Return a fault as one line.

    Parameters
    ----------
    fault
        The fault.
    lang
        Language.

    Returns
    -------
    str
        Place and problem.
    """
    where = replace(fault, scenario=None).place(lang)
    return f"{where}: {fault.what(lang)}" if where else fault.what(lang)


def _differing(plans: Sequence[Plan]) -> dict[str, list[object]]:
    """Return the settings that are not the same in all plans by dotted key: as numbers, else as text."""
    every = [_settings(plan) for plan in plans]
    keys = dict.fromkeys(key for one in every for key in one)
    found = {key: [one.get(key) for one in every] for key in keys}
    told = {key: ["" if value is None else str(value) for value in values] for key, values in found.items()}
    return {
        key: values if all(map(_is_number, values)) else list[object](told[key])
        for key, values in found.items()
        if len(set(told[key])) > 1
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _settings(plan: Plan) -> dict[str, object]:
    said: dict[str, object] = {}
    for section, content in plan.settings_dict().items():
        if section == "override":
            said |= {f"override {one['key']} {one['of']}".strip(): one["value"] for one in content}
        elif section != "tables":
            said |= {f"{section}.{key}": value for key, value in content.items()}
    return said
