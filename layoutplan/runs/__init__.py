"""Running a plan: the order of stages, the run folder, comparison. 运行与结果."""

from layoutplan.runs.compare import compare_runs, find_runs
from layoutplan.runs.folder import (
    check_writable,
    load_ledger,
    read_summary,
    read_tables,
    scenario_folder,
    stored_language,
    write_run,
)
from layoutplan.runs.index import write_index
from layoutplan.runs.pipeline import STAGE_NAMES, Run, run_plan
from layoutplan.runs.refusals import check_run, check_scenarios, refuse_run
from layoutplan.runs.results import result_frames, spatial_layers
from layoutplan.runs.triggers import find_triggers, write_triggers
from layoutplan.runs.walks import street_network

__all__ = [
    "STAGE_NAMES",
    "Run",
    "check_run",
    "check_scenarios",
    "check_writable",
    "compare_runs",
    "find_runs",
    "find_triggers",
    "load_ledger",
    "read_summary",
    "read_tables",
    "refuse_run",
    "result_frames",
    "run_plan",
    "scenario_folder",
    "spatial_layers",
    "stored_language",
    "street_network",
    "write_index",
    "write_run",
    "write_triggers",
]
