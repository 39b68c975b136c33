"""Zones of the map: catchments, and districts for stages without catchments."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from layoutplan.outputs.map.frames import Record, name_of, records, series
from layoutplan.outputs.map.geometry import encode_coverage, encode_points, label_points
from layoutplan.outputs.map.interning import Interner
from layoutplan.outputs.map.measures import zone_remedies
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.map.outlook import basis_records, catchment_bands, peak_records, total_bands
from layoutplan.outputs.map.spelling import spelled
from layoutplan.outputs.row_lookup import Frames

ZONE_FIGURES = (
    "seats",
    "demand",
    "shortfall",
    "surplus",
    "served",
    "unserved",
    "share_within_radius",
    "share_within_circle",
    "mean_walk_m",
    "mean_access",
)
_MOVE = ("layout", "stage", "from_id", "to_id")
_OF_UNIT = ("name", "pupils", "walk_before_m", "walk_m")


def zone_records(tables: Frames, meta: MapMeta, shapes: Interner) -> tuple[list[Record], list[Record]]:
    """Return the areas as drawn, and in the same order what the scenario says of each.

    Areas: ``id``, ``name``, ``stage``, ``kind`` (``catchment``, ``district``), ``shape`` (a place in
    ``shapes``), ``label`` (a point), ``pinyin``. What is said: ``figures`` by layout, ``schools`` (ids),
    and where the run has them ``bands``, ``peak`` and ``bases``.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the stages and years.
    shapes
        Collects the outlines.

    Returns
    -------
    tuple[list[Record], list[Record]]
        Areas as drawn, and what the scenario states of each; lists of equal length.
    """
    drawn: list[Record] = []
    said: list[Record] = []
    catchments = tables["catchments"]
    versions = _versions(tables)
    balance = with_access(tables["catchment_balance"], tables, level="catchment", key="catchment_id")
    figures = series(balance, ZONE_FIGURES, by=["catchment_id"], years=meta.years)
    bands, peaks = catchment_bands(tables, meta), peak_records(tables, meta)
    bases, remedies = basis_records(tables, meta), zone_remedies(tables, meta)
    for stage in meta.stages:
        own = versions[versions["stage"] == stage]
        drawn += _drawn(own, stage, "catchment", shapes)
        for zone_id, row in own.iterrows():
            by_layout = figures.get(str(zone_id), {})
            today = row["layouts"][0] == row["first"]
            said.append(
                {
                    "figures": {key: by_layout[key] for key in row["layouts"] if key in by_layout},
                    "schools": list(row["schools"]),
                    "bands": bands.get(str(zone_id), {}) if today else {},
                    "peak": peaks.get(str(zone_id), {}) if today else {},
                    **({"bases": bases[str(zone_id)]} if today and str(zone_id) in bases else {}),
                    **({"remedies": remedies[str(zone_id)]} if today and str(zone_id) in remedies else {}),
                }
            )
    covered = set(catchments["stage"])
    for stage in meta.stages:
        if stage not in covered:
            of_stage = _district_zones(tables, meta, stage, shapes)
            drawn += of_stage[0]
            said += of_stage[1]
    return drawn, said


def _versions(tables: Frames) -> gpd.GeoDataFrame:
    """Return each catchment once for every outline, set of schools and name that layouts draw it with.

    Columns ``stage``, ``name``, ``schools``, ``layouts`` (those that draw it so, in order) and ``first``, the
    first layout of all; index ``catchment_id``. Table ``layout_catchments`` holds the catchments of layouts
    that draw others than the first one.
    """
    known = gpd.GeoDataFrame(tables["catchments"], crs=_crs(tables["catchments"]))
    layouts = [str(one) for one in tables["layouts"]["layout"]]
    other = tables.get("layout_catchments")
    links = tables["catchment_schools"]
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for layout in layouts:
        frame = known
        if other is not None and (other["layout"] == layout).any():
            frame = gpd.GeoDataFrame(
                other[other["layout"] == layout].set_index("catchment_id"), crs=known.crs
            )
        own = links[links["layout"] == layout] if "layout" in links else links
        serving = own.groupby("catchment_id")["school_id"].agg(list).to_dict()
        for zone_id, row in frame.iterrows():
            schools = tuple(str(one) for one in serving.get(zone_id, []))
            key = (zone_id, row["stage"], row.geometry.wkb)
            found = rows.setdefault(
                key,
                {
                    "catchment_id": zone_id,
                    "stage": row["stage"],
                    "name": row.get("name"),
                    "schools": [],
                    "layouts": [],
                    "first": layouts[0],
                    "geometry": row.geometry,
                },
            )
            found["layouts"].append(layout)
            found["schools"] += [one for one in schools if one not in found["schools"]]
    columns = ["catchment_id", "stage", "name", "schools", "layouts", "first", "geometry"]
    frame = pd.DataFrame([*rows.values()], columns=columns).set_index("catchment_id")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=known.crs)


def move_records(tables: Frames) -> list[Record]:
    """Return the units that change catchment, merged by the catchments they leave and join.

    Parameters
    ----------
    tables
        Layers by name; ``moved_areas`` and ``moved_cells`` are there where catchments were redrawn.

    Returns
    -------
    list[Record]
        Rows of ``moved_areas`` with their ``shape`` and ``moved``: their units, most pupils first, each with
        ``id``, ``name``, ``pupils``, ``walk_before_m``, ``walk_m`` and ``shape``.
    """
    moved = tables.get("moved_areas")
    if moved is None or moved.empty:
        return []
    areas = gpd.GeoDataFrame(moved)
    outlines = encode_coverage(gpd.GeoSeries(areas.geometry))
    units = _moved_units(gpd.GeoDataFrame(tables["moved_cells"]))
    return [
        {**record, "shape": shape, "moved": units[tuple(record[name] for name in _MOVE)]}
        for record, shape in zip(records(areas), outlines, strict=True)
    ]


def _moved_units(moved: gpd.GeoDataFrame) -> dict[tuple[Any, ...], list[Record]]:
    """Return the units of each move, most pupils first."""
    ranked = moved.sort_values(["pupils", "unit_id"], ascending=[False, True], ignore_index=True)
    found: dict[tuple[Any, ...], list[Record]] = {}
    shapes = encode_coverage(gpd.GeoSeries(ranked.geometry))
    for record, shape in zip(records(ranked), shapes, strict=True):
        unit = {"id": record["unit_id"], **{name: record[name] for name in _OF_UNIT}, "shape": shape}
        found.setdefault(tuple(record[name] for name in _MOVE), []).append(unit)
    return found


def _district_zones(
    tables: Frames, meta: MapMeta, stage: str, shapes: Interner
) -> tuple[list[Record], list[Record]]:
    districts = tables["districts"]
    if districts.empty:
        return [], []
    balance = with_access(tables["district_balance"], tables, level="district", key="district_id")
    figures = series(balance[balance["stage"] == stage], ZONE_FIGURES, by=["district_id"], years=meta.years)
    homes = tables["schools"]["district_id"]
    bands = total_bands(tables, meta, level="district")
    drawn = _drawn(gpd.GeoDataFrame(districts, crs=_crs(districts)), stage, "district", shapes)
    said = [
        {
            "figures": figures.get(str(key), {}),
            "schools": [str(school) for school in homes.index[homes == key]],
            "bands": bands.get(f"{key}|{stage}", {}),
            "peak": {},
        }
        for key in districts.index
    ]
    return drawn, said


def with_access(balance: pd.DataFrame, tables: Frames, *, level: str, key: str | None) -> pd.DataFrame:
    """Return a balance table with column ``mean_access`` of table ``access_by_place``, row by row.

    Parameters
    ----------
    balance
        A balance table.
    tables
        Result tables by name.
    level
        Level of the access table: ``city``, ``district``, ``catchment``.
    key
        The balance's column of the place; ``None`` for the city.

    Returns
    -------
    DataFrame
        A copy, in the same order.
    """
    access = tables["access_by_place"]
    own = access.loc[access["level"] == level, ["layout", "place_id", "stage", "year", "mean_access"]]
    by = ["layout", *([key] if key else []), "stage", "year"]
    own = own.rename(columns={"place_id": key}) if key else own.drop(columns="place_id")
    return pd.DataFrame(balance).merge(own, on=by, how="left", validate="one_to_one")


def _drawn(areas: gpd.GeoDataFrame, stage: str, kind: str, shapes: Interner) -> list[Record]:
    if areas.empty:
        return []
    outlines = encode_coverage(gpd.GeoSeries(areas.geometry))
    labels = encode_points(label_points(gpd.GeoSeries(areas.geometry)))
    found: list[Record] = []
    for (key, row), shape, label in zip(areas.iterrows(), outlines, labels, strict=True):
        name = name_of(row, key)
        record: dict[str, Any] = {"id": str(key), "name": name, "stage": stage, "kind": kind}
        found.append({**record, "shape": shapes.add(shape), "label": label, "pinyin": spelled(name)})
    return found


def _crs(frame: pd.DataFrame) -> Any:  # noqa: ANN401  whatever geopandas holds
    return getattr(frame, "crs", None)
