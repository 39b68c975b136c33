"""Result table ``proposals``: schools that the plan builds or enlarges, with reasons."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layoutplan.arrays import FloatArray
from layoutplan.dictionary import result_table
from layoutplan.dictionary.rolls import stage_column
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.siting.land_status import land_status
from layoutplan.siting.measures import BuildingPlan, Measure
from layoutplan.siting.next_best import NextBest
from layoutplan.texts import Language, money, number, other_language, text


def proposals_table(
    plan: BuildingPlan, added: Mapping[str, FloatArray], beside: Mapping[str, NextBest]
) -> gpd.GeoDataFrame:
    """Return result table ``proposals``, those that add most pupil-years first.

    Parameters
    ----------
    plan
        The plan.
    added
        Pupils that each measure adds by year.
    beside
        Next best alternatives.

    Returns
    -------
    GeoDataFrame
        Points in the city's CRS.
    """
    study = plan.model.places.study
    built = sorted(
        (one for one in plan.measures if one.lasts),
        key=lambda one: (-round(float(one.pupils.sum()), 6), one.discounted, one.id),
    )
    rows = [
        _row(plan, one, rank, added[one.id], beside.get(one.id)) for rank, one in enumerate(built, start=1)
    ]
    frame = pd.DataFrame(rows, columns=[*result_table("proposals", study.city.schooling).column_names])
    for column in ("rank", "target_year", "classes"):
        frame[column] = frame[column].astype("Int64")
    amounts = ("seats", *(stage_column("seats", stage) for stage in study.city.schooling.ids))
    for column in (*amounts, "pupils_served", "assigned", "cost", "land_m2", "site_area_m2"):
        frame[column] = frame[column].astype("float64")
    frame["needed_at_horizon"] = frame["needed_at_horizon"].astype("float64")
    points = [Point(one.candidate.x, one.candidate.y) for one in built if one.candidate is not None]
    return gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries(points, index=frame.index, crs=study.city.crs), crs=study.city.crs
    )


def _row(
    plan: BuildingPlan, one: Measure, rank: int, added: FloatArray, beside: NextBest | None
) -> dict[str, object]:
    study = plan.model.places.study
    candidate, option = one.candidate, one.option
    if candidate is None or option is None:
        return {}
    target = plan.years.index(study.target_year)
    lang, other = study.lang, other_language(study.lang)
    seats = dict(zip(plan.model.stages, one.seats.max(axis=1), strict=True))
    return {
        "proposal_id": f"P{rank}",
        "rank": rank,
        "action": "convert" if one.kind == "convert" else "new" if candidate.is_new else "enlarge",
        "site_id": candidate.site_id,
        "school_id": candidate.school_id,
        "name": candidate.name,
        "school_type": option.school_type,
        "target_year": plan.years[one.first_year],
        "classes": round(float(one.classes.max())),
        "seats": float(one.seats.sum(axis=0).max()),
        **{stage_column("seats", stage): seats.get(stage, 0.0) for stage in study.city.schooling.ids},
        "pupils_served": round(float(added[target]), 6),
        "assigned": round(float(one.pupils[:, target].sum()), 6),
        "cost": float(one.capital.sum()) if plan.model.by_cost else None,
        "land_cost": option.land_cost or None,
        "land_m2": option.land_m2 if candidate.is_new else None,
        "site_area_m2": candidate.site_area_m2,
        "needed_at_horizon": round(float(one.pupils[:, -1].sum()), 6),
        "hotspot_id": candidate.hotspot_id,
        "land_status": land_status(study.city, candidate, lang),
        "land_status_translated": land_status(study.city, candidate, other),
        "reason": _reason(plan, one, lang),
        "reason_translated": _reason(plan, one, other),
        "rejected": _rejected(plan, beside, lang),
        "rejected_translated": _rejected(plan, beside, other),
    }


def _reason(plan: BuildingPlan, one: Measure, lang: Language) -> str:
    """Say when it is paid for and opens, whom it places, what it costs and what land it takes."""
    candidate, option = one.candidate, one.option
    if candidate is None or option is None:
        return ""
    currency = plan.model.places.study.profile.currency
    paid = np.flatnonzero(one.capital > 0)
    force = one.in_force
    said = [
        text(
            "siting.reason.opens",
            lang,
            year=plan.years[one.first_year],
            paid=plan.years[int(paid[0])] if len(paid) else plan.years[one.first_year],
        ),
        text(
            "siting.reason.places",
            lang,
            pupils=number(float(one.pupils.sum() / max(force.sum(), 1)), lang),
            last=number(float(one.pupils[:, -1].sum()), lang),
            horizon=plan.years[-1],
        ),
    ]
    if plan.model.by_cost:
        said.append(text("siting.reason.costs", lang, cost=money(one.discounted, currency, lang)))
    said.append(_land(candidate, option, lang))
    return text("siting.sentence_end", lang).join(said)


def _land(candidate: Candidate, option: Option, lang: Language) -> str:
    if candidate.origin == "generated":
        return text("siting.reason.generated", lang)
    has, needs, least = candidate.site_area_m2, option.land_m2, option.least_land_m2
    if has is None or needs is None:
        key, values = "land_unknown", {"needs": needs or 0.0}
    elif has >= needs or least is None:
        key, values = "land_fits", {"needs": needs, "has": has}
    else:
        key, values = "land_tight", {"needs": needs, "least": least, "has": has}
    return text(f"siting.reason.{key}", lang, **{name: number(value, lang) for name, value in values.items()})


def _rejected(plan: BuildingPlan, beside: NextBest | None, lang: Language) -> str:
    """Say what the next best alternative is, and how much worse the whole plan is with it."""
    if beside is None:
        return text("siting.instead.not_computed", lang)
    currency = plan.model.places.study.profile.currency
    what = beside.what(lang)
    if beside.unserved >= 1.0:
        return text("siting.instead.leaves", lang, what=what, pupils=number(beside.unserved, lang))
    if beside.dearer < 0:
        return text("siting.instead.equal", lang, what=what)
    cost = money(beside.dearer, currency, lang) if plan.model.by_cost else number(beside.dearer, lang)
    return text("siting.instead.dearer", lang, what=what, cost=cost)
