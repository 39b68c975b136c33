"""Work that the processes of a batch do in tests."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

from layoutplan.runs.batch.task import ScenarioOutcome


def job(name):
    """Return what stands for a task."""
    return SimpleNamespace(label="town", scenario=name, key=("town", name))


def work(task):
    """Return the id of the process as the figure of a task; end the process where the task asks for it."""
    if task.scenario.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.scenario == "lost":
        return ScenarioOutcome(task.label, task.scenario, "failed")
    row = (task.label, task.scenario, "today", "all", 2027, "unserved", float(os.getpid()))
    return ScenarioOutcome(task.label, task.scenario, "done", rows=(row,))
