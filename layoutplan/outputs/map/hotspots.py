"""Hotspots, proposals, and the homes of pupils without a seat."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.hotspots import soft_outlines
from layoutplan.outputs.map.frames import Record, numbers, records, records_in_both
from layoutplan.outputs.map.geometry import encode_points, encode_polygons, label_points
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.row_lookup import Frames

_HALF_A_PUPIL = 0.5


def hotspot_records(tables: Frames, meta: MapMeta) -> list[Record]:
    """Return the hotspots, each with a smoothed outline (``shape``) and a place for its rank (``label``).

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the language of the tables.

    Returns
    -------
    list[Record]
        One record per row of result table ``hotspots``.
    """
    hotspots = tables["hotspots"]
    if hotspots.empty:
        return []
    outlines = soft_outlines(gpd.GeoSeries(hotspots.geometry))
    shapes = encode_polygons(outlines)
    labels = encode_points(label_points(outlines))
    said = records_in_both(records(hotspots), ["remedy"], lang=meta.lang)
    return [
        {**record, "shape": shape, "label": label}
        for record, shape, label in zip(said, shapes, labels, strict=True)
    ]


def proposal_records(tables: Frames, meta: MapMeta) -> list[Record]:
    """Return the proposals with their place (``at``).

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the language of the tables.

    Returns
    -------
    list[Record]
        One record per row of result table ``proposals``; empty without one.
    """
    proposals = tables.get("proposals")
    if proposals is None or proposals.empty:
        return []
    places = encode_points(gpd.GeoSeries(proposals.geometry))
    said = records_in_both(records(proposals), ["land_status", "reason", "rejected"], lang=meta.lang)
    return [{**record, "at": place} for record, place in zip(said, places, strict=True)]


def unserved_homes(tables: Frames, meta: MapMeta) -> Record:
    """Return by stage the units where, in some year, at least half a pupil finds no seat.

    ``at`` holds their points, one after the other as differences; ``pupils`` the pupils of today's layout
    without a seat, unit by unit a value a year; ``others`` by layout those of the units where they differ:
    ``homes`` (their numbers, as differences) and ``pupils``.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the stages and years.

    Returns
    -------
    Record
        Record by stage; stages without unserved pupils are left out.
    """
    units = tables["unit_demand"][["unit_id", "stage", "year", "layout", "short"]]
    points = gpd.GeoSeries(tables["units"].geometry)
    found: Record = {}
    for stage in meta.stages:
        own = units[(units["stage"] == stage) & units["year"].isin(list(meta.years))]
        pupils = {
            str(layout): _unserved(rows, points.index, meta)
            for layout, rows in own.groupby("layout", sort=False, observed=True)
        }
        needy = np.any([(values > _HALF_A_PUPIL).any(axis=1) for values in pupils.values()], axis=0)
        if np.any(needy):
            found[stage] = _homes(points[needy], {name: values[needy] for name, values in pupils.items()})
    return found


def _unserved(rows: pd.DataFrame, units: pd.Index, meta: MapMeta) -> FloatArray:
    """Return pupils without a seat, units × years."""
    values = np.zeros((len(units), len(meta.years)))
    place = units.get_indexer(pd.Index(rows["unit_id"]))
    year = pd.Index(list(meta.years)).get_indexer(pd.Index(rows["year"].astype(int)))
    values[place, year] = rows["short"].to_numpy(dtype=float, na_value=0.0)
    return np.where(values > _HALF_A_PUPIL, values, 0.0)


def _homes(points: gpd.GeoSeries, pupils: Mapping[str, FloatArray]) -> Record:
    """Return one stage's homes; ``pupils`` by layout, the first one today's layout."""
    spots = np.array(encode_points(points), dtype=np.int64)
    (_, today), *others = pupils.items()
    changed = {name: np.flatnonzero((values != today).any(axis=1)) for name, values in others}
    return {
        "at": np.diff(spots, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist(),
        "pupils": numbers(today.ravel()),
        "others": {
            name: {
                "homes": np.diff(changed[name], prepend=0).tolist(),
                "pupils": numbers(values[changed[name]].ravel()),
            }
            for name, values in others
        },
    }
