"""Rows that a plan does not use are said with their number."""

import pandas as pd

from layoutplan.city.left_out import report_left_out
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog


def test_rows_of_other_years_and_stages_are_said():
    log = FaultLog()
    frames = {
        "enrolment_history": pd.DataFrame({"year": [2024, 2025, 2026, 2031], "stage": ["primary"] * 4}),
        "catchments": pd.DataFrame({"stage": ["primary", "junior", "junior"]}),
        "projects": pd.DataFrame(
            {"opening_year": [2027, 2040, 2019, None], "closing_year": [None, None, 2024, None]},
            dtype="Int64",
        ),
    }
    logs = {name: TableLog(log, f"{name}.csv", name) for name in frames}
    report_left_out(frames, stages=["primary"], years=range(2025, 2031), logs=logs)
    assert {fault.code: (fault.severity, fault.params["count"]) for fault in log} == {
        "history_after_base": ("warning", 2),
        "rows_of_other_stages": ("notice", 2),
        "projects_outside_plan": ("notice", 2),
    }
