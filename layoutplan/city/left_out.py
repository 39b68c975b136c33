"""Rows that a plan does not use: said, with their number, so that no figure goes missing in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from layoutplan.dictionary.table_log import TableLog


def report_left_out(
    frames: Mapping[str, pd.DataFrame],
    *,
    stages: Sequence[str],
    years: Sequence[int],
    logs: Mapping[str, TableLog],
) -> None:
    """Report rows of years and stages that the plan does not use.

    Parameters
    ----------
    frames
        Sound tables as checked.
    stages
        Planned stages; empty if not known.
    years
        Years of the plan, the base year first.
    logs
        Log of every table; past enrolment after the base year is a warning, rows of stages that are not
        planned and projects that end before the plan or begin after it are notices.
    """
    history = frames.get("enrolment_history")
    if history is not None:
        later = history["year"] > years[0]
        if later.any():
            logs["enrolment_history"].add(
                "history_after_base",
                severity="warning",
                rows=history.index[later],
                count=int(later.sum()),
                first=int(history["year"][later].min()),
                last=int(history["year"][later].max()),
                base=years[0],
            )
    for name in ("catchments", "enrolment_history", "classes"):
        frame = frames.get(name)
        if frame is None or "stage" not in frame or not stages:
            continue
        other = frame["stage"].notna() & ~frame["stage"].isin(stages)
        if other.any():
            logs[name].add(
                "rows_of_other_stages",
                severity="notice",
                count=int(other.sum()),
                stages=", ".join(sorted(frame["stage"][other].unique())),
            )
    projects = frames.get("projects")
    if projects is not None:
        opening = projects["opening_year"].astype(float)
        closing = projects["closing_year"].astype(float)
        outside = (opening > years[-1]) | (closing <= years[0])
        if outside.any():
            logs["projects"].add(
                "projects_outside_plan",
                severity="notice",
                rows=projects.index[outside],
                count=int(outside.sum()),
                first=years[0],
                last=years[-1],
            )
