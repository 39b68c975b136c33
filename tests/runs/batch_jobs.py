"""Work that the processes of a batch do in tests."""

from __future__ import annotations

import os
import signal
import sys
from types import SimpleNamespace

import layoutplan as lp
from layoutplan.runs.batch import executors, task
from layoutplan.runs.batch.task import ScenarioOutcome


def listed(*names):
    return [{"name": name, "siting.budget": 1e6 * at} for at, name in enumerate(names, start=1)]


def job(name):
    """Return what stands for a task."""
    return SimpleNamespace(label="town", scenario=name, key=("town", name))


def work(one):
    """Return the id of the process as the figure of a scenario; end the process where it asks for it."""
    if one.scenario.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if one.scenario == "lost":
        return ScenarioOutcome(one.label, one.scenario, "failed")
    row = (one.label, one.scenario, "today", "all", 2027, "unserved", float(os.getpid()))
    return ScenarioOutcome(one.label, one.scenario, "done", rows=(row,))


def work_and_keep(one):
    """Do the work of a scenario and keep its figures for a later batch."""
    found = work(one)
    task._keep(one, found)
    return found


if __name__ == "__main__":  # a batch that is killed at the scenario that asks for it
    executors.run_task = work_and_keep
    lp.batch(sys.argv[1], listed(*sys.argv[2:]), workers=1)
