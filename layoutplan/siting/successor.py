"""The proposed layout: today's seats, catchments and walks with the chosen schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

from layoutplan.city.city import City
from layoutplan.layouts.layout import Layout, Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.siting.candidates import Candidate, Option
from layoutplan.study import Study
from layoutplan.texts import Language, in_both, text
from layoutplan.travel.matrix import WalkMatrix

PROPOSED: Final = "proposed"
"""Id of the proposed layout."""


@dataclass(frozen=True)
class Chosen:
    """A candidate with its chosen option."""

    candidate: Candidate
    option: Option


def proposed_layout(study: Study, *, chosen: Sequence[Chosen], walks: WalkMatrix) -> Layout:
    """Return today's layout with the chosen schools opened or enlarged from the target year on.

    New schools are public, have status ``proposed`` and no seats before that year; in every stage that it
    teaches, a new school serves the catchment that contains it. With nothing chosen the values equal today's.

    Parameters
    ----------
    study
        Today's layout, the city and the target year.
    chosen
        Candidates with their options.
    walks
        Walks to all schools of the proposed layout.

    Returns
    -------
    Layout
        The successor.
    """
    today, year = study.today, study.target_year
    new = [one for one in chosen if one.candidate.is_new]
    schools = _schools(study.city, today.seats, new, lang=study.lang)
    frames = {
        stage: _frame(frame, schools.index, stage, chosen, year=year)
        for stage, frame in today.seats.seats.items()
    }
    return Layout(
        id=PROPOSED,
        title=in_both(lambda lang: text("siting.layout", lang)),
        seats=replace(today.seats, schools=schools, seats=MappingProxyType(frames)),
        zoning=replace(today.zoning, catchment_schools=_catchment_schools(today.zoning, new)),
        walks=walks,
        lang=study.lang,
    )


def _schools(city: City, seats: Seats, new: Sequence[Chosen], *, lang: Language) -> gpd.GeoDataFrame:
    if not new:
        return seats.schools.copy()
    values = {
        "name": [new_school_name(one, lang) for one in new],
        "school_type": [one.option.school_type for one in new],
        "ownership": "public",
        "district_id": [_district(city, one.candidate) for one in new],
        "status": "proposed",
        "counts": True,
    }
    known = seats.schools.index
    index = pd.Index([one.candidate.school_id for one in new], name=known.name, dtype=known.dtype)
    rows = pd.DataFrame(values, index=index).reindex(columns=seats.schools.columns.drop("geometry"))
    for column, dtype in seats.schools.dtypes.drop("geometry").items():
        rows[column] = rows[column].astype(dtype)
    points = gpd.GeoSeries(
        [Point(one.candidate.x, one.candidate.y) for one in new], index=index, crs=seats.schools.crs
    )
    added = gpd.GeoDataFrame(rows, geometry=points)[[*seats.schools.columns]]
    return gpd.GeoDataFrame(pd.concat([seats.schools, added]), geometry="geometry", crs=seats.schools.crs)


def new_school_name(chosen: Chosen, lang: Language) -> str:
    """Return the working name of a new school: its type and location.

    Parameters
    ----------
    chosen
        The candidate and option.
    lang
        The language.

    Returns
    -------
    str
        The name.
    """
    kind = text(f"stages.type.{chosen.option.school_type}", lang)
    return text("siting.new_name", lang, type=kind, place=chosen.candidate.name)


def _district(city: City, candidate: Candidate) -> str | None:
    """Return the district of a candidate: as stated, otherwise the one that contains it, otherwise none."""
    if candidate.district_id is not None or len(city.districts) == 0:
        return candidate.district_id
    holding = city.districts.index[city.districts.intersects(Point(candidate.x, candidate.y))]
    return str(holding[0]) if len(holding) else None


def _frame(
    frame: pd.DataFrame, schools: pd.Index, stage: str, chosen: Sequence[Chosen], *, year: int
) -> pd.DataFrame:
    """Return the seats of one stage with the proposed ones added from ``year`` on."""
    extended = frame.reindex(schools, fill_value=0.0)
    later = [column for column in extended.columns if int(column) >= year]
    for one in chosen:
        if one.option.seats.get(stage):
            extended.loc[one.candidate.school_id, later] += one.option.seats[stage]
    return extended


def _catchment_schools(zoning: Zoning, new: Sequence[Chosen]) -> pd.DataFrame:
    rows: list[Mapping[str, str]] = []
    for one in new:
        holding = zoning.catchments[zoning.catchments.intersects(Point(one.candidate.x, one.candidate.y))]
        for stage in one.option.seats:
            own = holding.index[holding["stage"] == stage]
            rows += [
                {"catchment_id": str(catchment), "stage": stage, "school_id": one.candidate.school_id}
                for catchment in own[:1]
            ]
    links = zoning.catchment_schools
    if not rows:
        return links.copy()
    return pd.concat([links, pd.DataFrame(rows, columns=[*links.columns])], ignore_index=True)
