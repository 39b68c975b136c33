"""Schools, and the projects that change them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from layoutplan.outputs.map.frames import Record, name_of, records, series, short
from layoutplan.outputs.map.geometry import encode_points
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.map.spelling import spelled
from layoutplan.outputs.row_lookup import Frames

SCHOOL_FIGURES = ("seats", "assigned", "spare")
_PROJECT_COLUMNS = ("project_id", "name", "kind", "state", "school_id", "opening_year", "closing_year")


def school_records(tables: Frames, meta: MapMeta) -> tuple[list[Record], list[Record]]:
    """Return the schools as drawn, and in the same order what the scenario says of each.

    Schools: ``id``, ``name``, ``type``, ``ownership``, ``at`` (a point, may be empty), ``pinyin``. What is
    said: ``status``, ``counts``, and ``stages``: the figures by the layouts that have the school, the
    enrolment of the base year, and ``worth``: by layout, what one more seat would do in the target year
    (pupils served, metres saved).

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the stages and years.

    Returns
    -------
    tuple[list[Record], list[Record]]
        Schools as drawn, and what the scenario states of each; lists of equal length.
    """
    schools = tables["schools"]
    balance = tables["school_balance"]
    figures = series(balance, SCHOOL_FIGURES, by=["school_id", "stage"], years=meta.years)
    now = balance[(balance["year"] == meta.base_year) & balance["enrolment"].notna()]
    rolls = zip(now["school_id"], now["stage"], now["enrolment"].astype(float), strict=True)
    enrolled = {f"{school_id}|{stage}": short(pupils) for school_id, stage, pupils in rolls}
    worth = _worth(balance[balance["year"] == meta.target_year])
    drawn: list[Record] = []
    said: list[Record] = []
    places = encode_points(gpd.GeoSeries(schools.geometry))
    for (school_id, row), at in zip(schools.iterrows(), places, strict=True):
        name = name_of(row, school_id)
        kind = {"type": row["school_type"], "ownership": row["ownership"]}
        drawn.append({"id": str(school_id), "name": name, **kind, "at": at, "pinyin": spelled(name)})
        by_stage = {
            stage: {"figures": figures[key], "enrolment": enrolled.get(key), "worth": worth.get(key, {})}
            for stage in meta.stages
            if (key := f"{school_id}|{stage}") in figures
        }
        said.append({"status": row["status"], "counts": bool(row["counts"]), "stages": by_stage})
    return drawn, said


def _worth(balance: pd.DataFrame) -> dict[str, dict[str, list[float | None]]]:
    """Return, by school and stage, ``served_per_seat`` and ``saved_m_per_seat`` of each layout.

    Left out where one more seat does nothing.
    """
    useful = balance[(balance["served_per_seat"] > 0) | (balance["saved_m_per_seat"] > 0)]
    found: dict[str, dict[str, list[float | None]]] = {}
    columns = ("school_id", "stage", "layout", "served_per_seat", "saved_m_per_seat")
    for school_id, stage, layout, served, saved in zip(*(useful[name] for name in columns), strict=True):
        found.setdefault(f"{school_id}|{stage}", {})[str(layout)] = [short(served), short(saved)]
    return found


def project_records(tables: Frames) -> list[Record]:
    """Return the projects that are not cancelled.

    Parameters
    ----------
    tables
        Result tables and layers by name.

    Returns
    -------
    list[Record]
        Empty where the city gives no projects.
    """
    projects = tables.get("projects")
    if projects is None or projects.empty:
        return []
    columns = [column for column in _PROJECT_COLUMNS if column in projects]
    return [record for record in records(projects[columns]) if record["state"] != "cancelled"]
