"""The planned layout: today's seats, catchments and walks with the measures of a plan, year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from layoutplan.city.city import City
from layoutplan.layouts.layout import PROPOSED, Layout, Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.siting.candidates import Candidate
from layoutplan.siting.measures import BuildingPlan, Measure
from layoutplan.study import Study
from layoutplan.texts import Language, in_both, text
from layoutplan.travel.matrix import WalkMatrix


def planned_layout(study: Study, plan: BuildingPlan | None) -> Layout:
    """Return today's layout with the measures of a plan in the years in which each is in force.

    New schools are public, have status ``proposed``, and in every stage that they teach serve the catchment
    that contains them. Seats given up are taken away, and the successor of a school that closes serves its
    catchments. Temporary classes are seats of their school while they last; purchased seats are those of a
    row of their own, status ``purchased``, at the school that sells them. Buses and redrawn places change no
    seats.

    Parameters
    ----------
    study
        Today's layout and the city.
    plan
        The plan; ``None`` for none, with today's values.

    Returns
    -------
    Layout
        The successor, with id :data:`~layoutplan.layouts.layout.PROPOSED`.
    """
    today = study.today
    measures = () if plan is None else plan.measures
    new = [one for one in measures if one.candidate is not None and one.candidate.is_new]
    sold = [one for one in measures if one.kind == "purchase"]
    schools = _schools(study, today.seats, new, sold)
    seats = dict(today.seats.seats)
    frames = {stage: frame.reindex(schools.index, fill_value=0.0).copy() for stage, frame in seats.items()}
    for one in measures:
        _add(frames, one, plan, study=study)
    return Layout(
        id=PROPOSED,
        title=in_both(lambda lang: text("siting.layout", lang)),
        seats=replace(today.seats, schools=schools, seats=MappingProxyType(frames)),
        zoning=replace(today.zoning, catchment_schools=_links(study, measures, plan)),
        walks=_walks(study, schools),
        lang=study.lang,
    )


def purchased_id(school_id: str) -> str:
    """Return the id of the row that holds the seats purchased from a school.

    Parameters
    ----------
    school_id
        The school.
    """
    return f"{school_id}-P"


def _add(
    frames: Mapping[str, pd.DataFrame], measure: Measure, plan: BuildingPlan | None, *, study: Study
) -> None:
    if plan is None or measure.kind in ("redraw", "bus"):
        return
    schools = study.today.seats.schools.index
    if measure.candidate is not None:
        school = measure.candidate.school_id
    elif measure.kind == "purchase":
        school = purchased_id(str(schools[measure.place]))
    else:
        school = str(schools[measure.place])
    for number, stage in enumerate(plan.model.stages):
        for position, year in enumerate(plan.years):
            if measure.lost[number, position] > 0:
                frames[stage].loc[school, year] -= measure.lost[number, position]
            seats = measure.seats[number, position]
            if seats > 0:
                frames[stage].loc[school, year] += seats
                if measure.kind == "purchase":
                    seller = str(schools[measure.place])
                    frames[stage].loc[seller, year] = max(frames[stage].loc[seller, year] - seats, 0.0)


def _schools(study: Study, seats: Seats, new: Sequence[Measure], sold: Sequence[Measure]) -> gpd.GeoDataFrame:
    schools = seats.schools
    sellers = list(dict.fromkeys(str(schools.index[one.place]) for one in sold))
    if not new and not sellers:
        return schools.copy()
    rows = [_new_row(study.city, one, study.lang) for one in new]
    rows += [_sold_row(schools.loc[name], study.lang) for name in sellers]
    names = [one.candidate.school_id for one in new if one.candidate] + [purchased_id(one) for one in sellers]
    index = pd.Index(names, name=schools.index.name, dtype=schools.index.dtype)
    frame = pd.DataFrame(rows, index=index).reindex(columns=schools.columns.drop("geometry"))
    for column, dtype in schools.dtypes.drop("geometry").items():
        frame[column] = frame[column].astype(dtype)
    points = [Point(one.candidate.x, one.candidate.y) for one in new if one.candidate]
    points += [schools.geometry[name] for name in sellers]
    added = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, index=index, crs=schools.crs))
    return gpd.GeoDataFrame(
        pd.concat([schools, added[[*schools.columns]]]), geometry="geometry", crs=schools.crs
    )


def _new_row(city: City, measure: Measure, lang: Language) -> dict[str, object]:
    candidate, option = measure.candidate, measure.option
    if candidate is None or option is None:
        return {}
    return {
        "name": new_school_name(candidate, option.school_type, lang),
        "school_type": option.school_type,
        "ownership": "public",
        "district_id": _district(city, candidate),
        "status": "proposed",
        "counts": True,
    }


def _sold_row(school: pd.Series, lang: Language) -> dict[str, object]:
    """Return the row of the seats that are purchased from a school; they count as public ones."""
    return {
        "name": text("siting.purchased_name", lang, school=str(school["name"])),
        "school_type": school["school_type"],
        "ownership": "public",
        "district_id": school["district_id"],
        "status": "purchased",
        "counts": True,
    }


def new_school_name(candidate: Candidate, school_type: str, lang: Language) -> str:
    """Return the working name of a new school: its type and location.

    Parameters
    ----------
    candidate
        The location.
    school_type
        Its type.
    lang
        The language.
    """
    kind = text(f"stages.type.{school_type}", lang)
    return text("siting.new_name", lang, type=kind, place=candidate.name)


def _district(city: City, candidate: Candidate) -> str | None:
    """Return the district of a candidate: as stated, otherwise the one that contains it, otherwise none."""
    if candidate.district_id is not None or len(city.districts) == 0:
        return candidate.district_id
    holding = city.districts.index[city.districts.intersects(Point(candidate.x, candidate.y))]
    return str(holding[0]) if len(holding) else None


def _links(study: Study, measures: Sequence[Measure], plan: BuildingPlan | None) -> pd.DataFrame:
    """Return the links of today with those of schools that begin to teach a stage, and of successors."""
    zoning = study.today.zoning
    links = zoning.catchment_schools
    rows: list[Mapping[str, str]] = []
    for one in measures:
        if plan is None or one.candidate is None:
            continue
        for number, stage in enumerate(plan.model.stages):
            served = zoning.links(stage)
            if one.seats[number].sum() > 0 and one.candidate.school_id not in set(served["school_id"]):
                own = _holding(zoning, stage, one.candidate)
                rows += [_link(catchment, stage, one.candidate.school_id) for catchment in own[:1]]
            successor = _successor(study, plan, one) if one.lost[number].any() else None
            if successor is not None:
                closing = served.loc[served["school_id"] == one.candidate.school_id, "catchment_id"]
                taken = set(served.loc[served["school_id"] == successor, "catchment_id"])
                rows += [_link(one_, stage, successor) for one_ in closing if one_ not in taken]
    if not rows:
        return links.copy()
    added = pd.DataFrame(rows, columns=[*links.columns]).drop_duplicates()
    return pd.concat([links, added], ignore_index=True)


def _link(catchment: object, stage: str, school_id: str) -> Mapping[str, str]:
    return {"catchment_id": str(catchment), "stage": stage, "school_id": school_id}


def _holding(zoning: Zoning, stage: str, candidate: Candidate) -> pd.Index:
    """Return the catchments of a stage that hold a place."""
    catchments = zoning.catchments
    inside = catchments.intersects(Point(candidate.x, candidate.y)) & (catchments["stage"] == stage)
    found: pd.Index = catchments.index[inside]
    return found


def _successor(study: Study, plan: BuildingPlan, measure: Measure) -> str | None:
    """Return the school that takes the pupils of a closing one; ``None`` where the plan names none."""
    if measure.kind != "close" or measure.option is None or measure.option.successor is None:
        return None
    name = measure.option.successor
    if name in study.today.seats.schools.index:
        return name
    known = [one.school_id for one in plan.model.places.candidates if name in (one.site_id, one.school_id)]
    return known[0] if known else None


def _walks(study: Study, schools: gpd.GeoDataFrame) -> WalkMatrix:
    """Return today's walks with those to the schools added, as far as all walks.

    An added school may be a unit's nearest one beyond its reach.
    """
    walks = study.today.walks
    added = schools.iloc[len(study.today.seats.schools) :]
    if added.empty:
        return walks
    limits = np.full(len(added), walks.limit_m)
    return walks.with_destinations(
        study.walking.pairs(study.city.units.geometry, added.geometry, limit_m=limits)
    )
