"""Run a plan (运行与结果): the stages in order, the run folder, comparison of stored runs."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.runs.changes import find_triggers, write_triggers
    from layoutplan.runs.compare import compare_runs, find_runs
    from layoutplan.runs.evaluation import Evaluation
    from layoutplan.runs.folder import load_ledger, write_run
    from layoutplan.runs.index import write_index, write_table
    from layoutplan.runs.map_view import MapView
    from layoutplan.runs.pages import report_pages, write_files_of_ours
    from layoutplan.runs.refusals import check_run, check_scenarios, refuse_run
    from layoutplan.runs.reserving import report_output, reserved, scenario_folder
    from layoutplan.runs.results import result_frames, spatial_layers
    from layoutplan.runs.run import Run, run_plan
    from layoutplan.runs.stage_store import StageStore
    from layoutplan.runs.stages import RUN_STAGES, read_layout, stage_names
    from layoutplan.runs.stored import read_manifest, read_stored
    from layoutplan.runs.study_stages import make_study
    from layoutplan.runs.travel_stage import street_network

__all__ = [
    "RUN_STAGES",
    "Evaluation",
    "MapView",
    "Run",
    "StageStore",
    "check_run",
    "check_scenarios",
    "compare_runs",
    "find_runs",
    "find_triggers",
    "load_ledger",
    "make_study",
    "read_layout",
    "read_manifest",
    "read_stored",
    "refuse_run",
    "report_output",
    "report_pages",
    "reserved",
    "result_frames",
    "run_plan",
    "scenario_folder",
    "spatial_layers",
    "stage_names",
    "street_network",
    "write_files_of_ours",
    "write_index",
    "write_run",
    "write_table",
    "write_triggers",
]

lazy_package(__name__)
