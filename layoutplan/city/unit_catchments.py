"""Catchments without polygons: each unit names its catchment, or the school that serves it.

The catchment is the union of its units; where units are points, of the places nearest to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.dictionary import empty_frame, input_table
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.schooling import Schooling

_POINT: Final = 0
_SPECK_M2: Final = 10.0
_LEAST_MARGIN_M: Final = 100.0
_MARGIN: Final = 2.0  # of the usual distance between neighbours
_SHOWN: Final = 5
_CANDIDATES: Final = 5_000


@dataclass(frozen=True)
class _Schools:
    """Schools by id and by name, both normalised, and the names of each in the languages given."""

    ids: Mapping[str, str]
    names: Mapping[str, str]
    spellings: Mapping[str, str]
    titles: pd.DataFrame

    def of(self, label: str) -> str | None:
        """Return the id of the school that a label names."""
        key = header_key(label)
        return self.ids.get(key) or self.names.get(key)


def stages_of_units(units: pd.DataFrame, stages: Sequence[str]) -> tuple[str, ...]:
    """Return the stages for which units name their catchment.

    Parameters
    ----------
    units
        Checked table ``units``.
    stages
        Stages to choose from.

    Returns
    -------
    tuple of str
        In the order of the stages.
    """
    columns = {stage: units.get(stage_column("catchment", stage)) for stage in stages}
    return tuple(stage for stage, labels in columns.items() if labels is not None and labels.map(len).any())


def catchments_of_units(
    units: gpd.GeoDataFrame,
    schools: pd.DataFrame,
    given: pd.DataFrame | None,
    *,
    schooling: Schooling,
    log: TableLog,
) -> gpd.GeoDataFrame | None:
    """Return the catchments that the units name.

    Parameters
    ----------
    units
        Checked table ``units`` in the working CRS, with ``catchment_<stage>`` (lists).
    schools
        Checked table ``schools``.
    given
        Checked table ``catchments`` without shapes, or ``None``: its ids are recognised, its columns kept.
    schooling
        Stages of the columns.
    log
        Log of the table ``units``. Errors: names of neither a catchment nor a school, where others of the
        stage are; units at one place in different catchments. Notices: catchments made, units without one.

    Returns
    -------
    geopandas.GeoDataFrame or None
        Input table ``catchments``; ``None`` after an error.
    """
    known = _known_schools(schools)
    territory = _territories(units.geometry)
    records: list[pd.DataFrame] = []
    sound = True
    stages = stages_of_units(units, schooling.ids)
    for stage in stages:
        named = _named(units, stage, known, given, log=log)
        if named is None or not _places_agree(units, named, stage=stage, log=log):
            sound = False
            continue
        records.append(_records(named, territory, stage=stage, schools=known, given=given))
        left = named.index[named.isna()]
        if len(left):
            log.add(
                "units_without_catchment",
                severity="notice",
                rows=left,
                column=stage_column("catchment", stage),
                stage=stage,
            )
    if not sound or not records:
        return None
    made = pd.concat(records, ignore_index=True)
    clash = made["catchment_id"].duplicated(keep=False)
    made.loc[clash, "catchment_id"] += "/" + made.loc[clash, "stage"]
    log.add("catchments_from_units", severity="notice", count=len(made))
    return gpd.GeoDataFrame(made, geometry="geometry", crs=units.crs)


def _known_schools(schools: pd.DataFrame) -> _Schools:
    """Return the schools by id and name; a row without either is a fault of its own table."""
    schools = schools.dropna(subset=["school_id", "name"])
    ids = {header_key(one): one for one in schools["school_id"]}
    named = schools["name"].map(header_key)
    single = ~named.duplicated(keep=False)
    names = dict(zip(named[single], schools["school_id"][single], strict=True))
    spellings = {name: name for name in schools["name"][single].head(_CANDIDATES)}
    titles = schools.set_index("school_id")[["name", "name_en"]]
    return _Schools(ids, names, spellings, titles[~titles.index.duplicated()])


def _named(
    units: pd.DataFrame, stage: str, schools: _Schools, given: pd.DataFrame | None, *, log: TableLog
) -> pd.Series | None:
    """Return for each unit its labels (codes of catchments or ids of schools), ``None`` for no catchment."""
    own = () if given is None else given["catchment_id"][given["stage"] == stage].dropna()
    codes = {header_key(one): one for one in own}
    resolved = units[stage_column("catchment", stage)].map(
        lambda labels: tuple(sorted(_resolved(label, codes, schools) or f"?{label}" for label in labels))
    )
    unknown = sorted({one[1:] for labels in resolved for one in labels if one.startswith("?")})
    if unknown and any(not one.startswith("?") for labels in resolved for one in labels):
        rows = units.index[[any(one.startswith("?") for one in labels) for labels in resolved]]
        offers = {name: nearest(name, schools.spellings) for name in unknown[:_SHOWN]}
        near = [f"“{name}” → “{offer}”" for name, offer in offers.items() if offer]
        log.add(
            "unit_catchment_unknown_near" if near else "unit_catchment_unknown",
            rows=rows,
            column=stage_column("catchment", stage),
            names=quoted(unknown, most=_SHOWN),
            near=", ".join(near),
        )
        return None
    plain = resolved.map(lambda labels: tuple(one.removeprefix("?") for one in labels) or None)
    return plain.where(plain.notna(), None)


def _resolved(label: str, codes: Mapping[str, str], schools: _Schools) -> str | None:
    return codes.get(header_key(label)) or schools.of(label)


def _places_agree(units: gpd.GeoDataFrame, named: pd.Series, *, stage: str, log: TableLog) -> bool:
    """Report units that are the same point but in different catchments."""
    points = units.geometry[units.geometry.geom_type == "Point"]
    frame = pd.DataFrame({"place": points.to_wkb(), "named": named[points.index].map(str)})
    differ = frame.groupby("place")["named"].transform("nunique") > 1
    rows = frame.index[differ]
    if len(rows):
        log.add("unit_catchments_conflict", rows=rows, column=stage_column("catchment", stage))
    return not len(rows)


def _territories(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the area of each unit: its polygon, or for a point the places nearest to it."""
    is_point = shapely.get_type_id(shapes.to_numpy()) == _POINT
    if not is_point.any():
        return shapes
    points = shapes.to_numpy()[is_point]
    distinct = np.unique(shapely.get_coordinates(points), axis=0)
    outline = shapely.convex_hull(shapely.union_all(shapes.to_numpy()))
    outline = shapely.buffer(outline, _margin(distinct))
    if len(distinct) > 1:
        cells = np.asarray(
            shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(distinct), extend_to=outline))
        )
        tree = shapely.STRtree(cells)
        of_point, of_cell = tree.query(points, predicate="intersects")
        first = pd.Series(of_cell, index=of_point).groupby(level=0).first()
        own = shapely.intersection(cells[first.reindex(range(len(points))).to_numpy(dtype=int)], outline)
    else:
        own = np.full(len(points), outline, dtype=object)
    if not is_point.all():
        own = shapely.difference(own, shapely.union_all(shapes.to_numpy()[~is_point]))
    made = shapes.to_numpy().copy()
    made[is_point] = own
    return gpd.GeoSeries(made, index=shapes.index, crs=shapes.crs)


def _margin(points: np.ndarray) -> float:
    """Return how far the outermost units reach: twice the usual distance to the nearest neighbour, metres."""
    if len(points) < 2:  # noqa: PLR2004  one point has no neighbour
        return _LEAST_MARGIN_M
    made = np.asarray(shapely.points(points), dtype=object)
    _, away = shapely.STRtree(made).query_nearest(
        made, exclusive=True, return_distance=True, all_matches=False
    )
    return max(_LEAST_MARGIN_M, _MARGIN * float(np.median(away)))


def _records(
    named: pd.Series,
    territory: gpd.GeoSeries,
    *,
    stage: str,
    schools: _Schools,
    given: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return one row of table ``catchments`` for each catchment of a stage."""
    table = input_table("catchments")
    own = None if given is None else given[given["stage"] == stage].set_index("catchment_id")
    rows, shapes = [], []
    for labels, units in _groups(named):
        row: dict[str, object] = {"catchment_id": "+".join(labels), "stage": stage}
        if own is not None and len(labels) == 1 and labels[0] in own.index:
            known = own.loc[labels[0]].drop("stage").dropna()
            row |= {str(name): value for name, value in known.items()}
        else:
            named_schools = tuple(one for one in labels if schools.ids.get(header_key(one)) == one)
            row["school_ids"] = named_schools
            row |= _titles(named_schools, schools) if len(named_schools) == len(labels) else {}
        rows.append(row)
        shapes.append(_without_specks(shapely.union_all(territory[units].to_numpy())))
    frame = empty_frame(table).reindex(range(len(rows)))
    for name in table.column_names:
        null: object = () if table.column(name).dtype == "list" else None
        values = pd.Series([row.get(name, null) for row in rows], dtype=object)
        frame[name] = values if frame[name].dtype == object else values.astype(frame[name].dtype)
    return frame.assign(geometry=np.asarray(shapes, dtype=object))


def _titles(school_ids: Sequence[str], schools: _Schools) -> dict[str, object]:
    """Return the names of a catchment that only its schools name, in each language in which all have one."""
    found = schools.titles.loc[list(school_ids)]
    return {str(name): " / ".join(found[name]) for name in found if found[name].notna().all()}


def _without_specks(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape without the tiny holes that rounded coordinates leave between neighbouring units."""
    parts = [
        shapely.Polygon(
            part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > _SPECK_M2]
        )
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _groups(named: pd.Series) -> Iterable[tuple[Sequence[str], pd.Index]]:
    """Yield the labels of each catchment, sorted, with its units."""
    by_labels: dict[tuple[str, ...], list[object]] = {}
    for unit, labels in named.items():
        if labels is not None:
            by_labels.setdefault(labels, []).append(unit)
    for labels in sorted(by_labels):
        yield labels, pd.Index(by_labels[labels])
