"""The feeder map (对口升学): which catchments of the next stage the leavers of a catchment go to."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.zones import Zones


@dataclass(frozen=True)
class Fed:
    """Zones that the feeder map names for units.

    Attributes
    ----------
    row
        Units: row of ``allowed``, −1 where the map says nothing.
    allowed
        Lower catchments × zones.
    """

    row: IntArray
    allowed: BoolArray

    def permits(self, unit: IntArray, zone: IntArray) -> BoolArray:
        """Return which assignments the map names, or says nothing of.

        Parameters
        ----------
        unit, zone
            Positions.

        Returns
        -------
        array of bool
            One mark an assignment.
        """
        row = self.row[unit]
        return np.asarray((row < 0) | self.allowed[row, zone])


def feeder_links(catchments: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the feeder map of catchments.

    Parameters
    ----------
    catchments
        Catchments, with ``feeds_catchment_ids``.

    Returns
    -------
    DataFrame
        Columns ``catchment_id``, ``stage``, ``to_id`` and ``to_stage``, one row a link; links to catchments
        that do not exist, or of the same stage, are left out.
    """
    columns = ["catchment_id", "stage", "to_id", "to_stage"]
    if "feeds_catchment_ids" not in catchments:
        return pd.DataFrame(columns=columns, dtype=object)
    stage = catchments["stage"]
    rows = [
        (str(key), str(stage[key]), str(to), str(stage[to]))
        for key, named in catchments["feeds_catchment_ids"].items()
        if isinstance(named, tuple | list)
        for to in named
        if to in stage.index and stage[to] != stage[key]
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def fed_zones(study: Study, zones: Zones, held: pd.DataFrame) -> Fed | None:
    """Return which zones the feeder map names for each unit, by its catchment of the stage below.

    Parameters
    ----------
    study
        The feeder map.
    zones
        Zones of the upper stage; a new one is named where the one that held its school is.
    held
        Units × stages: catchments.

    Returns
    -------
    Fed or None
        ``None`` without a feeder map for the stage. It says nothing of catchments all of whose targets
        close.
    """
    links = feeder_links(study.city.catchments)
    links = links[links["to_stage"] == zones.stage]
    if links.empty:
        return None
    places: dict[str, list[int]] = {}
    for place, zone in enumerate(zones.zones):
        places.setdefault(zone.parent or zone.catchment_id, []).append(place)
    lower = {
        str(key): np.unique([at for to in group["to_id"] for at in places.get(to, [])]).astype(np.int64)
        for key, group in links.groupby("catchment_id", sort=True)
    }
    known = [key for key, found in lower.items() if len(found)]
    allowed = np.zeros((len(known), len(zones.zones)), dtype=bool)
    for place, key in enumerate(known):
        allowed[place, lower[key]] = True
    row = np.full(len(zones.today), -1, dtype=np.int64)
    for stage in links["stage"].unique():
        at = pd.Index(known, dtype=object).get_indexer(pd.Index(held[stage].astype(object)))
        row = np.where(at >= 0, at, row)
    return Fed(row, allowed)


def feeder_rows(study: Study, old: Layout, new: Layout, *, year: int) -> list[dict[str, object]]:
    """Return table ``zoning_feeders``: what pupils of a catchment go on to, before and after.

    Parameters
    ----------
    study
        The feeder map and the pupils.
    old, new
        Layouts before and after.
    year
        School year of the pupils.

    Returns
    -------
    list of dict
        One row a pair of a catchment and one of the next stage that share units, before or after, with the
        pupils of the lower stage; none without a feeder map.
    """
    links = feeder_links(new.zoning.catchments)
    rows: list[dict[str, object]] = []
    for (stage, upper), group in links.groupby(["stage", "to_stage"], sort=True):
        pupils = study.demand.pupils[str(stage)][year].to_numpy(dtype=float)
        shared = [_shared(layout, str(stage), str(upper), pupils) for layout in (old, new)]
        named = set(zip(group["catchment_id"], group["to_id"], strict=True))
        stating = {one for one, _ in named}
        names = {**_names(old), **_names(new)}
        rows += [
            {
                "layout": new.id,
                "stage": str(stage),
                "catchment_id": pair[0],
                "name": names[pair[0]],
                "to_stage": str(upper),
                "to_id": pair[1],
                "to_name": names[pair[1]],
                "year": year,
                "named": pair in named,
                "pupils_before": shared[0].get(pair, 0.0),
                "pupils": shared[1].get(pair, 0.0),
            }
            for pair in sorted({*shared[0], *shared[1]})
            if pair[0] in stating
        ]
    return rows


def _names(layout: Layout) -> dict[str, str]:
    return {str(key): str(name) for key, name in layout.zoning.catchments["name"].items()}


def _shared(layout: Layout, stage: str, upper: str, pupils: FloatArray) -> dict[tuple[str, str], float]:
    """Return the pupils of each pair of catchments that share units."""
    frame = pd.DataFrame(
        {
            "one": layout.zoning.held(stage).to_numpy(dtype=object),
            "other": layout.zoning.held(upper).to_numpy(dtype=object),
            "pupils": pupils,
        }
    ).dropna(subset=["one", "other"])
    found = frame.groupby(["one", "other"], sort=True, as_index=False)["pupils"].sum()
    pairs = zip(found["one"].astype(str), found["other"].astype(str), strict=True)
    return dict(zip(pairs, found["pupils"].tolist(), strict=True))
