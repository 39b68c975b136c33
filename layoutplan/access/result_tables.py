"""Convert the access measures to result tables of the data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.access.inequality import gini, mismatch, theil
from layoutplan.access.result import StageAccess
from layoutplan.balance.measures import ratio
from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.city.unnamed import names_of_areas
from layoutplan.dictionary import constant, stacked

_NOBODY: Final = 0.5
"""Areas with fewer pupils without a seat than this are not listed: the number rounds to 0."""


def access_unit_table(measured: Sequence[StageAccess], city: City, *, layout: str) -> pd.DataFrame:
    """Return table ``access``: one row per unit, stage and year.

    Parameters
    ----------
    measured
        Measures, one entry per stage and year.
    city
        Units, districts and areas.
    layout
        Id of the layout, for the column of that name.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; texts are categorical to save memory.
    """
    units = pd.Categorical(city.units.index.astype(object))
    frames = [
        pd.DataFrame(
            {
                "unit_id": units,
                "stage": constant(one.stage, len(units)),
                "year": one.year,
                "demand": one.demand,
                "seated": one.seated,
                "nearest_school_m": one.nearest_m,
                "mean_nearest_m": one.several_m,
                "schools_within_radius": one.schools,
                "access_2sfca": one.two_step,
                "access_e2sfca": one.enhanced,
                "access_3sfca": one.three_step,
            }
        )
        for one in measured
    ]
    return stacked("access", frames, layout=layout, texts="category")


def coverage_table(measured: Sequence[StageAccess], city: City, *, layout: str) -> pd.DataFrame:
    """Return table ``coverage``: the city, then each district, by stage and year.

    Parameters
    ----------
    measured, city, layout
        As in :func:`access_unit_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; shares are null where there is no demand.
    """
    place = pd.Index(city.districts.index).get_indexer(pd.Index(city.units["district_id"]))
    count = len(city.districts)
    frames = []
    for one in measured:
        sums = {
            name: np.append(
                getattr(one, name).sum(),
                np.bincount(place[place >= 0], weights=getattr(one, name)[place >= 0], minlength=count),
            )
            for name in ("demand", "near", "near_circle", "seated")
        }
        frames.append(
            pd.DataFrame(
                {
                    "level": ["city", *["district"] * count],
                    "district_id": [None, *city.districts.index],
                    "name": [city.name, *city.districts.get("name", city.districts.index)],
                    "stage": one.stage,
                    "year": one.year,
                    "radius_m": one.radius_m,
                    **sums,
                    "share_near": ratio(sums["near"], sums["demand"]),
                    "share_near_circle": ratio(sums["near_circle"], sums["demand"]),
                    "share_seated": ratio(sums["seated"], sums["demand"]),
                }
            )
        )
    return stacked("coverage", frames, layout=layout)


def gap_table(measured: Sequence[StageAccess], city: City, *, layout: str) -> pd.DataFrame:
    """Return table ``access_gaps``: areas with pupils without a seat within the radius, largest number first.

    Parameters
    ----------
    measured, city, layout
        As in :func:`access_unit_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table, ranked within a stage and year; texts are categorical to save memory.
    """
    areas, first, of_area = np.unique(
        city.units["area_id"].to_numpy(dtype=object), return_index=True, return_inverse=True
    )
    names = names_of_areas(city).reindex(areas).to_numpy(dtype=object)
    district = city.units["district_id"].to_numpy(dtype=object)[first]
    places = pd.DataFrame(
        {
            "area_id": areas,
            "name": names,
            "district_id": district,
            "district": city.districts.get("name", pd.Series(dtype=object)).reindex(district).to_numpy(),
        },
        dtype="category",
    )
    frames = [_gaps(one, places, of_area.astype(np.int64)) for one in measured]
    return stacked("access_gaps", frames, layout=layout, texts="category")


def _gaps(one: StageAccess, places: pd.DataFrame, of_area: np.ndarray) -> pd.DataFrame:
    """Return the areas of one stage and year with pupils who have no seat within the radius, ranked."""

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(of_area, weights=values, minlength=len(places))

    known = np.isfinite(one.nearest_m)
    walked = total(np.where(known, one.demand * np.nan_to_num(one.nearest_m), 0.0))
    frame = places.assign(
        stage=constant(one.stage, len(places)),
        year=one.year,
        demand=total(one.demand),
        without_school=total(one.demand - one.near),
        without_seat=total(one.demand - one.seated),
        nearest_school_m=ratio(walked, total(np.where(known, one.demand, 0.0))),
    )
    lacking = frame[frame["without_seat"] >= _NOBODY].sort_values(
        ["without_seat", "area_id"], ascending=[False, True], kind="stable"
    )
    return lacking.assign(rank=np.arange(1, len(lacking) + 1))


def inequality_table(
    measured: Sequence[StageAccess], city: City, balance: Balance, *, layout: str
) -> pd.DataFrame:
    """Return table ``access_inequality``: one row per stage and year.

    Parameters
    ----------
    measured, city, layout
        As in :func:`access_unit_table`.
    balance
        Evaluation of the same layout: seats and demand by catchment and district.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table; indices are null where they are not defined.
    """
    district = city.units["district_id"].to_numpy(dtype=object)
    rows: list[dict[str, Any]] = []
    for one in measured:
        uneven = theil(one.enhanced, one.demand, groups=district)
        by, moved = _mismatch(one, balance)
        rows.append(
            {
                "stage": one.stage,
                "year": one.year,
                "demand": one.demand.sum(),
                "mean_access": _mean(one.enhanced, one.demand),
                "gini": gini(one.enhanced, one.demand),
                "theil": uneven.total,
                "theil_between": uneven.between,
                "theil_within": uneven.within,
                "mismatch": moved,
                "mismatch_by": by,
            }
        )
    return stacked("access_inequality", [pd.DataFrame(rows)] if rows else [], layout=layout)


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    return float(np.average(values, weights=weights)) if weights.sum() > 0 else float("nan")


def _mismatch(one: StageAccess, balance: Balance) -> tuple[str | None, float]:
    """Return the areas that the index compares (catchments, else districts), and the index."""
    for kind, frame in (("catchment", balance.catchments), ("district", balance.districts)):
        rows = frame[(frame["stage"] == one.stage) & (frame["year"] == one.year)]
        if len(rows):
            return kind, mismatch(rows["seats"].to_numpy(float), rows["demand"].to_numpy(float))
    return None, float("nan")
