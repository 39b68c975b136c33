"""OpenStreetMap extracts (.osm.pbf, .osm) as the tables ``roads`` and ``barriers``, read offline.

GDAL reads the file; ``osmconf.ini`` in this folder lists the tags it exports. Ways of an extract meet
only where they share a node, so roads carry ``joined_at = "vertices"``: a bridge without a shared node joins
nothing, tagged or not. Tags: https://wiki.openstreetmap.org/wiki/Key:highway and Key:foot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from layoutplan.city.crs import WGS84, to_degrees
from layoutplan.city.extracts import look_at_extract
from layoutplan.city.gdal import read_layer
from layoutplan.city.guard import one_line
from layoutplan.city.limits import ROWS, within
from layoutplan.city.placing import PlacedTable
from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.table_log import TableLog

OSM_SUFFIXES: Final = (".pbf", ".osm")

_CONFIG: Final = Path(__file__).with_name("osmconf.ini")
_NO_STREET: Final = (
    "abandoned", "bus_guideway", "busway", "construction", "demolished", "dismantled", "emergency_bay",
    "escape", "no", "planned", "platform", "proposed", "raceway", "razed", "rest_area", "services",
    "via_ferrata",
)  # fmt: skip
"""Values of ``highway`` that are not walkable streets: planned, removed, or special facilities."""
_ASKS: Final = ("trunk", "trunk_link")
"""Classes that are walkable only where tagged so: many are urban expressways."""
_FOOT: Final = ("yes", "designated", "permissive", "destination", "customers", "permit")
_NO_FOOT: Final = ("no", "private", "use_sidepath")
_CLOSED: Final = ("no", "private")
_PAVED: Final = ("yes", "both", "left", "right")
_SIDEWALKS: Final = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
_ONE_WAY: Final = ("yes", "true", "1", "-1", "reversible", "alternating")
_LOWEST, _HIGHEST = -10, 10
_MARGIN_KM: Final = 20.0  # exceeds any walk to school
_KM_PER_DEGREE: Final = 111.0

_KINDS: Final = {
    "highway": {
        "motorway": "expressway",
        "motorway_link": "expressway",
        "trunk": "trunk_road",
        "trunk_link": "trunk_road",
        "primary": "trunk_road",
    },
    "railway": dict.fromkeys(("rail", "light_rail", "narrow_gauge", "subway"), "railway"),
    "waterway": dict.fromkeys(("river", "canal"), "river"),
}
"""Barrier kind by tag. OSM's ``primary`` is the main urban road (主干路), which is a trunk road here."""
_CROSSINGS: Final = {
    "highway": ("crossing", "traffic_signals"),
    "railway": ("crossing", "level_crossing"),
}


def read_extract(path: Path, *, log: TableLog) -> RawTable | None:
    """Read the table ``roads`` or ``barriers`` from an extract.

    Roads: every way with a ``highway`` tag that is a street. ``walkable`` is the value of ``foot``, else no
    where ``access`` closes it or where it is a trunk road without a sidewalk, else left to the class.

    Barriers: motorways, trunk and primary roads, railways, rivers and canals, except on bridges and in
    tunnels (pedestrians pass under and over those); and as ``crossing`` the nodes tagged as crossings, level
    crossings or traffic signals.

    Parameters
    ----------
    path
        The extract.
    log
        Log of the table, which determines what is read; receives the fault.

    Returns
    -------
    RawTable or None
        In WGS 84 degrees; row labels are ``w`` or ``n`` and the OSM id. ``None`` after a fault.
    """
    tables = {"roads": _roads, "barriers": _barriers}
    if log.table not in tables:
        log.add("osm_other_table", name=log.table)
        return None
    if not look_at_extract(path, log=log):
        return None
    try:
        frame = tables[log.table](path)
    except pyogrio.errors.FeatureError as error:  # GDAL stopped inside the file: truncated or damaged
        log.add("osm_truncated", reason=one_line(error))
        return None
    if not within(len(frame), ROWS, of="rows", log=log):
        return None
    if frame.empty:
        log.add("no_records")
        return None
    return RawTable(frame=frame, crs=WGS84, encoding="utf-8")


def cut_extracts(
    places: Mapping[str, PlacedTable], *, logs: Mapping[str, TableLog]
) -> dict[str, PlacedTable]:
    """Drop features of extracts that are more than 20 km from the bounding box of the city, with a notice.

    Extracts are available by country and province, not by city. All other tables define the extent of the
    city.

    Parameters
    ----------
    places, logs
        Tables and their logs, by name.

    Returns
    -------
    dict of str to PlacedTable
        Unchanged where there are only extracts, or where an extract has nothing near the city (a fault).
    """
    extracts = [name for name in places if Path(logs[name].file).suffix.lower() in OSM_SUFFIXES]
    boxes = [_box_in_degrees(placed.shapes) for name, placed in places.items() if name not in extracts]
    kept = dict(places)
    if not boxes:
        return kept
    low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
    margin = _MARGIN_KM / _KM_PER_DEGREE / np.array([np.cos(np.radians((low[1] + high[1]) / 2)), 1.0])
    for name in extracts:
        placed, bound = places[name], logs[name]
        box = shapely.box(*(low - margin), *(high + margin))
        near = shapely.intersects(np.asarray(placed.shapes.array), box)
        if not near.any():
            bound.add("extract_elsewhere", kilometres=f"{_MARGIN_KM:g}")
        elif not near.all():
            bound.add(
                "extract_cut",
                severity="notice",
                kilometres=f"{_MARGIN_KM:g}",
                kept=int(near.sum()),
                far=int((~near).sum()),
            )
            kept[name] = replace(placed, frame=placed.frame[near], shapes=placed.shapes[near])
    return kept


def _box_in_degrees(shapes: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Return the bounds of geometries in degrees, as min x, min y, max x, max y.

    The limits are the half-percent quantiles of the rows, so that a misplaced row does not extend the city.
    """
    bounds = shapes.dropna().bounds.to_numpy()
    west_south, east_north = (
        np.quantile(bounds[:, :2], 0.005, axis=0),
        np.quantile(bounds[:, 2:], 0.995, axis=0),
    )
    degrees = to_degrees(shapes.crs)
    return np.concatenate([degrees.transform(*west_south), degrees.transform(*east_north)])


def _roads(path: Path) -> pd.DataFrame:
    ways = _read(path, "lines", "highway IS NOT NULL")
    highway = ways["highway"]
    ways = ways[~(highway.isin(_NO_STREET) | (ways["area"] == "yes"))]
    return _labelled(
        ways,
        "w",
        road_id=ways["osm_id"],
        name=ways["name"],
        road_class=ways["highway"],
        bridge=_stated(ways["bridge"]),
        tunnel=_stated(ways["tunnel"]),
        layer=_layer(ways["layer"]),
        oneway=ways["oneway"].isin(_ONE_WAY),
        walkable=_walkable(ways),
        joined_at="vertices",
    )


def _barriers(path: Path) -> pd.DataFrame:
    kinds = _read(path, "lines", _where({tag: tuple(names) for tag, names in _KINDS.items()}))
    ways = kinds[~(_stated(kinds["bridge"]) | _stated(kinds["tunnel"]))]
    kind = pd.Series(None, index=ways.index, dtype=object)
    for tag, names in _KINDS.items():
        kind = kind.where(kind.notna(), ways[tag].map(names))
    lines = _labelled(ways, "w", barrier_id=ways["osm_id"], name=ways["name"], kind=kind, crossable=False)
    nodes = _read(path, "points", _where(_CROSSINGS))
    points = _labelled(
        nodes, "n", barrier_id=nodes["osm_id"], name=nodes["name"], kind="crossing", crossable=True
    )
    return pd.concat([part for part in (lines, points) if len(part)]) if len(lines) + len(points) else lines


def _read(path: Path, layer: str, where: str) -> gpd.GeoDataFrame:
    return read_layer(path, layer, where=where, most=ROWS + 1, CONFIG_FILE=str(_CONFIG))


def _where(wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Return the SQL condition that a feature has one of the tags."""
    lists = {tag: ", ".join(f"'{name}'" for name in names) for tag, names in wanted.items()}
    return " OR ".join(f"{tag} IN ({names})" for tag, names in lists.items())


def _labelled(found: gpd.GeoDataFrame, prefix: str, **columns: object) -> pd.DataFrame:
    """Return a plain frame labelled by OSM ids."""
    frame = pd.DataFrame(columns, index=found.index)
    frame["geometry"] = np.asarray(found.geometry.array, dtype=object)
    return frame.set_axis(prefix + found["osm_id"].astype(str), axis=0)


def _stated(tag: pd.Series) -> pd.Series:
    """Return where a tag is present and not ``no``."""
    return tag.notna() & (tag != "no")


def _layer(tag: pd.Series) -> pd.Series:
    """Return layers as numbers; null where the tag is not an integer in range."""
    number = pd.to_numeric(tag, errors="coerce")
    return number.where((number % 1 == 0) & number.between(_LOWEST, _HIGHEST))


def _walkable(ways: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return yes, no, or null (decided by the class) for each way."""
    paved = np.column_stack([ways[name].isin(_PAVED) for name in _SIDEWALKS]).any(axis=1)
    said = np.full(len(ways), None, dtype=object)
    said[ways["highway"].isin(_ASKS).to_numpy() & ~paved] = False
    said[ways["access"].isin(_CLOSED).to_numpy()] = False
    said[ways["foot"].isin(_FOOT).to_numpy()] = True
    said[ways["foot"].isin(_NO_FOOT).to_numpy()] = False
    return said
