"""The ground of the map: streets by rank, river and railway, boundary, districts, reserved sites."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.outputs.map.frames import Record, name_of, numbers
from layoutplan.outputs.map.geometry import (
    SIMPLIFY_TOLERANCE_M,
    Path,
    encode_coverage,
    encode_lines,
    encode_points,
    label_points,
)
from layoutplan.outputs.row_lookup import Frames

_NAMED_CLASSES = ("motorway", "expressway", "trunk", "primary", "secondary", "tertiary")
_SHORTEST_NAMED_M = 500.0


def ground_layers(tables: Frames) -> Record:
    """Return every ground layer of the page; a layer that the city does not have is empty.

    Parameters
    ----------
    tables
        Result tables and layers by name.

    Returns
    -------
    Record
        Layer by name, encoded.
    """
    return {
        "boundary": _boundary(tables),
        "roads": _streets(tables["roads"]),
        "names": _street_names(tables["roads"]),
        "barriers": _barriers(tables["barriers"]),
        "districts": _districts(tables["districts"]),
        "sites": _sites(tables["sites"]),
    }


def _boundary(tables: Frames) -> list[Path]:
    """Return the outer edge of what the plan covers."""
    areas = tables["districts"] if not tables["districts"].empty else tables["catchments"]
    if areas.empty:
        return []
    whole = shapely.union_all(gpd.GeoSeries(areas.geometry).buffer(1.0).to_numpy())
    edges = gpd.GeoSeries([shapely.boundary(whole)], crs=areas.crs)
    return encode_lines(edges, tolerance_m=SIMPLIFY_TOLERANCE_M)[0]


def _streets(roads: pd.DataFrame) -> dict[str, Record]:
    """Return lines by road class, pieces that continue each other joined.

    A city has hundreds of thousands: the steps of a class are one list, ``points`` says how many points each
    line has.
    """
    if roads.empty:
        return {}
    found: dict[str, Record] = {}
    ranks = roads["road_class"].astype("string").fillna("other").str.lower()
    for rank, lines in gpd.GeoSeries(roads.geometry).groupby(ranks.to_numpy()):
        joined = gpd.GeoSeries([_joined(lines)], crs=roads.crs)
        paths = encode_lines(joined, tolerance_m=SIMPLIFY_TOLERANCE_M / 2)[0]
        found[str(rank)] = {
            "steps": [step for path in paths for step in path],
            "points": [len(path) // 2 for path in paths],
        }
    return found


def _joined(lines: gpd.GeoSeries) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.force_2d(lines.to_numpy()))
    known = parts[shapely.get_num_points(parts) > 1]
    merged: shapely.Geometry = shapely.line_merge(shapely.MultiLineString(list(known)))
    return merged


def _street_names(roads: pd.DataFrame) -> list[Record]:
    """Return one label a named main street: the middle of its longest stretch, turned along it."""
    if roads.empty or roads["name"].isna().all():
        return []
    ranks = roads["road_class"].astype("string").fillna("").str.lower()
    main = roads[ranks.isin(_NAMED_CLASSES) & roads["name"].notna()].assign(rank=ranks)
    said: list[Record] = []
    stretches: list[shapely.Geometry] = []
    for name, rows in main.groupby("name", sort=True):
        parts = shapely.get_parts([_joined(gpd.GeoSeries(rows.geometry))])
        stretch = parts[int(np.argmax(shapely.length(parts)))]
        if stretch.length >= _SHORTEST_NAMED_M:
            said.append({"name": str(name), "rank": str(rows["rank"].mode().iloc[0])})
            stretches.append(stretch)
    places, turns = _along(gpd.GeoSeries(stretches, crs=roads.crs))
    return [{**of, "at": at, "turn": turn} for of, at, turn in zip(said, places, turns, strict=True)]


def _along(stretches: gpd.GeoSeries) -> tuple[list[Path], list[int]]:
    """Return the point in the middle of each line and the turn of a text along it, degrees clockwise."""
    lines = stretches.to_numpy()
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    first = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.45, normalized=True))
    last = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.55, normalized=True))
    turn = -np.degrees(np.arctan2(last[:, 1] - first[:, 1], last[:, 0] - first[:, 0]))
    upright = np.rint((turn + 90) % 180 - 90).astype(int).tolist()
    return encode_points(gpd.GeoSeries(middle, crs=stretches.crs)), upright


def _barriers(barriers: pd.DataFrame) -> list[Record]:
    barriers = barriers[barriers["kind"] != "crossing"]
    if barriers.empty:
        return []
    edges = gpd.GeoSeries(barriers.geometry)
    lines = edges.where(edges.geom_type.str.contains("Line"), edges.boundary)
    walls = encode_lines(gpd.GeoSeries(lines), tolerance_m=SIMPLIFY_TOLERANCE_M / 2)
    kinds = barriers["kind"].astype("string").fillna("")
    return [{"kind": kind, "lines": line} for kind, line in zip(kinds, walls, strict=True)]


def _districts(districts: pd.DataFrame) -> list[Record]:
    if districts.empty:
        return []
    edges = gpd.GeoSeries(districts.geometry)
    labels = encode_points(label_points(edges))
    return [
        {"name": name_of(row, key), "shape": shape, "label": label}
        for (key, row), shape, label in zip(districts.iterrows(), encode_coverage(edges), labels, strict=True)
    ]


def _sites(sites: pd.DataFrame) -> list[Record]:
    if sites.empty:
        return []
    places = encode_points(gpd.GeoSeries(sites.geometry.representative_point()))
    areas = (
        numbers(sites["area_m2"].to_numpy(dtype=float, na_value=math.nan))
        if "area_m2" in sites
        else [None] * len(sites)
    )
    return [
        {"name": name_of(row, key), "at": place, "area_m2": area, "status": row.get("status")}
        for (key, row), place, area in zip(sites.iterrows(), places, areas, strict=True)
    ]
