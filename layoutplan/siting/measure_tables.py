"""Result tables of the plan over the years: ``measures``, ``measure_years`` and ``plan_costs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layoutplan.arrays import FloatArray
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.dictionary.rolls import stage_column
from layoutplan.siting.land_status import land_status
from layoutplan.siting.measures import KINDS, NEW, BuildingPlan, Measure
from layoutplan.siting.next_best import NextBest
from layoutplan.siting.service import Service
from layoutplan.standards import Schooling
from layoutplan.texts import Language, text

_FEW: Final = 1e-6


def measures_table(
    plan: BuildingPlan,
    added: Mapping[str, FloatArray],
    beside: Mapping[str, NextBest],
    served: Mapping[str, Service],
) -> gpd.GeoDataFrame:
    """Return result table ``measures``.

    Parameters
    ----------
    plan
        The plan.
    added
        Pupils that each measure adds by year (:func:`~layoutplan.siting.benefit.benefits`).
    beside
        Next best alternative of measures that were compared.
    served
        Whom each measure serves (:func:`~layoutplan.siting.service.services`).

    Returns
    -------
    GeoDataFrame
        Points in the city's CRS; no point for measures of the whole city.
    """
    schooling = plan.model.places.study.city.schooling
    table = result_table("measures", schooling)
    rows = [
        _row(plan, one, added[one.id], beside.get(one.id), served.get(one.id, Service((), None)))
        for one in plan.measures
    ]
    dtypes = empty_frame(table).dtypes
    frame = pd.DataFrame(rows, columns=[*table.column_names]).astype(dtypes.to_dict())
    points = [measure_point(plan, one) for one in plan.measures]
    crs = plan.model.places.study.city.crs
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, index=frame.index, crs=crs), crs=crs)


def measure_point(plan: BuildingPlan, measure: Measure) -> Point | None:
    """Return where a measure is; ``None`` for one of the whole city.

    Parameters
    ----------
    plan
        The plan.
    measure
        The measure.
    """
    if measure.candidate is not None:
        return Point(measure.candidate.x, measure.candidate.y)
    if measure.place < 0:
        return None
    point = plan.model.places.study.today.seats.schools.geometry.iloc[measure.place]
    return Point(point.x, point.y)


def measure_name(plan: BuildingPlan, measure: Measure, lang: Language) -> str:
    """Return what a measure is called: its site or school, or the stage.

    Parameters
    ----------
    plan
        The plan.
    measure
        The measure.
    lang
        The language.
    """
    if measure.candidate is not None:
        return measure.candidate.name
    if measure.place < 0:
        return text(f"stages.{measure.stage}", lang)
    return str(plan.model.places.study.today.seats.schools["name"].iloc[measure.place])


def _row(
    plan: BuildingPlan, one: Measure, added: FloatArray, beside: NextBest | None, served: Service
) -> dict[str, object]:
    years, lang = plan.years, plan.model.places.study.lang
    force = np.flatnonzero(one.in_force)
    paid = np.flatnonzero(one.capital > 0)
    candidate, option = one.candidate, one.option
    study = plan.model.places.study
    schools = study.today.seats.schools.index
    school = candidate.school_id if candidate else (str(schools[one.place]) if one.place >= 0 else None)
    last = years[int(force[-1])]
    pupil_years = float(one.pupils.sum())
    return {
        "measure_id": one.id,
        "kind": one.kind,
        "site_id": candidate.site_id if candidate else None,
        "school_id": school,
        "name": measure_name(plan, one, lang),
        "school_type": option.school_type if option else None,
        "stage": one.stage,
        "land": land_status(study.city, candidate, lang) if candidate else None,
        "serves": text("document.list.items", lang).join(served.areas) or None,
        "catchment_id": served.catchment_id,
        "first_year": years[int(force[0])],
        "last_year": None if one.lasts or last == years[-1] else last,
        "paid_from": years[int(paid[0])] if len(paid) else None,
        "classes": float(_most(one.classes)) if one.classes.any() else None,
        "seats": float(_most(one.net.sum(axis=0))) if one.net.any() else None,
        **stage_cells(plan, "seats", _most(one.net)),
        "capital": float(one.capital.sum()),
        "land_cost": option.land_cost if option else None,
        "running": float(_most(one.running)),
        "discounted": one.discounted,
        "pupil_years": pupil_years,
        "pupils_peak": float(one.pupils.sum(axis=0).max()),
        "added": float(added.sum()),
        "cost_per_pupil_year": one.discounted / pupil_years if pupil_years > _FEW else None,
        "alternative": beside.what(lang) if beside else None,
        "alternative_cost": beside.dearer if beside else None,
        "alternative_unserved": beside.unserved if beside else None,
    }


def _most(values: FloatArray) -> FloatArray:
    """Return the largest values over the last axis, those farthest from 0."""
    at = np.abs(values).argmax(axis=-1, keepdims=True)
    return np.asarray(np.take_along_axis(values, at, axis=-1)[..., 0], dtype=np.float64)


def measure_years_table(plan: BuildingPlan) -> pd.DataFrame:
    """Return result table ``measure_years`` (年度实施计划): each measure in each year in which it acts.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    DataFrame
        By year, then in the order of the measures.
    """
    study = plan.model.places.study
    schooling = study.city.schooling
    rows = [
        {
            "year": year,
            "measure_id": one.id,
            "kind": one.kind,
            "name": measure_name(plan, one, study.lang),
            "classes": float(one.classes[at]),
            "seats": float(one.net[:, at].sum()),
            **stage_cells(plan, "seats", one.net[:, at]),
            "pupils": float(one.pupils[:, at].sum()),
            "capital": float(one.capital[at]),
            "running": float(one.running[at]),
        }
        for at, year in enumerate(plan.years)
        for one in plan.measures
        if one.in_force[at] or one.capital[at] > 0
    ]
    columns = [*result_table("measure_years", schooling).column_names]
    return typed(pd.DataFrame(rows, columns=columns), "measure_years", schooling)


def stage_cells(plan: BuildingPlan, figure: str, amounts: FloatArray) -> dict[str, float]:
    """Return the cells of columns such as ``seats_<stage>``.

    Parameters
    ----------
    plan
        The plan.
    figure
        What is counted.
    amounts
        Of each stage planned, shape (stages,); zero in the others of the school system.
    """
    planned = dict(zip(plan.model.stages, amounts.tolist(), strict=True))
    ids = plan.model.places.study.city.schooling.ids
    return {stage_column(figure, stage): float(planned.get(stage, 0.0)) for stage in ids}


def plan_costs_table(plan: BuildingPlan) -> pd.DataFrame:
    """Return result table ``plan_costs``: money by year and kind, and pupils without a seat.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    DataFrame
        One row per year.
    """
    rows = []
    unserved, stages = plan.found.figures.unserved, len(plan.model.stages)
    for at, year in enumerate(plan.years):
        running = dict.fromkeys(KINDS, 0.0)
        for one in plan.measures:
            running[one.kind] += float(one.running[at])
        built = sum(running[kind] for kind in ("convert", "enlarge", *NEW, "shrink", "close"))
        capital = sum(float(one.capital[at]) for one in plan.measures)
        lost = np.array([unserved[plan.model.market_number(stage, at)] for stage in range(stages)])
        parts = {
            "capital": capital,
            "running": built,
            **{k: running[k] for k in ("temporary", "bus", "purchase")},
        }
        left = {"unserved": float(lost.sum()), **stage_cells(plan, "unserved", lost)}
        rows.append({"year": year, **parts, "total": sum(parts.values()), **left})
    schooling = plan.model.places.study.city.schooling
    columns = [*result_table("plan_costs", schooling).column_names]
    return typed(pd.DataFrame(rows, columns=columns), "plan_costs", schooling)


def typed(frame: pd.DataFrame, name: str, schooling: Schooling | None = None) -> pd.DataFrame:
    """Return a frame with the types of a result table.

    Parameters
    ----------
    frame
        The frame.
    name
        The table.
    schooling
        Stages of a table with a column per stage; ``None``: those of the default system.
    """
    dtypes = empty_frame(result_table(name, schooling)).dtypes
    return frame.astype({column: dtype for column, dtype in dtypes.items() if column in frame})
