"""Result table ``access_by_place``: access of catchments, districts and the city in every year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from layoutplan.access.decay import gaussian_m
from layoutplan.access.floating import per_pupil, weigh
from layoutplan.arrays import FloatArray
from layoutplan.balance.catchment_view import positions
from layoutplan.balance.grade_bands import grade_bands
from layoutplan.balance.measures import ratio, sums
from layoutplan.dictionary import stacked
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study


def place_table(study: Study, layout: Layout, *, distance_m: Mapping[str, float]) -> pd.DataFrame:
    """Return table ``access_by_place``: the pupil-weighted mean of seats per pupil within reach (E2SFCA).

    One row per place and year, for the catchments of each stage, the districts and the city. Where a year is
    also in table ``access``, the mean equals that of its column ``access_e2sfca`` over the units of the
    place, weighted by their demand.

    Parameters
    ----------
    study
        Provides demand, years, districts and units.
    layout
        Seats, catchments and walks; the walks must extend at least to ``distance_m``.
    distance_m
        Catchment distance of the floating catchment method, walking metres by stage.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; the mean is null where a place has no demand.
    """
    frames = [
        frame
        for stage in study.stages
        for frame in _of_stage(stage, study, layout, distance_m=distance_m[stage])
    ]
    return stacked("access_by_place", frames, layout=layout.id)


def _of_stage(stage: str, study: Study, layout: Layout, *, distance_m: float) -> list[pd.DataFrame]:
    """Return the rows of one stage, one frame each for the city, its districts and its catchments."""
    city, demand, seats = study.city, study.demand, layout.seats
    years = [*demand.years]
    pupils = demand.pupils[stage][years].to_numpy(dtype=float)
    offered = seats.counted(stage)[years].to_numpy(dtype=float)
    homes, wanted = layout.walks.within(distance_m), pupils
    grades = grade_bands(study, seats, stage)
    if grades is not None:
        homes, wanted = grades.split_matrix(homes), grades.pupils(pupils)
    weights = weigh(homes, gaussian_m(distance_m))
    claimed = wanted * (weights @ per_pupil(offered, weights.T @ wanted))
    claimed = claimed if grades is None else grades.by_unit(claimed)
    catchments, held = layout.zoning.of_stage(stage), layout.zoning.held(stage)
    whole = np.zeros(len(city.units), dtype=np.int64)
    levels = (
        ("city", pd.DataFrame({"name": [city.name]}, index=pd.Index([None], dtype=object)), whole),
        ("district", city.districts, positions(city.units["district_id"], city.districts.index)),
        ("catchment", catchments, positions(held, catchments.index)),
    )
    return [
        _rows(
            places,
            years,
            demand=sums(pupils, group, count=len(places)),
            claimed=sums(claimed, group, count=len(places)),
        ).assign(level=level, stage=stage)
        for level, places, group in levels
        if len(places)
    ]


def _rows(places: pd.DataFrame, years: list[int], *, demand: FloatArray, claimed: FloatArray) -> pd.DataFrame:
    """Return one row per place and year from arrays of places × years."""
    names = places.get("name", pd.Series(None, index=places.index, dtype=object)).to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "place_id": np.repeat(places.index.to_numpy(dtype=object), len(years)),
            "name": np.repeat(names, len(years)),
            "year": np.tile(years, len(places)),
            "demand": demand.ravel(),
            "mean_access": ratio(claimed, demand).ravel(),
        }
    )
