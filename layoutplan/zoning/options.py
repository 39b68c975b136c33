"""Zonings of the planner's own (划片比选方案), as layouts to be judged beside today's and the program's.

Table ``zonings`` names the units that change; a layer (``zoning_layers``) draws the catchments. An option may
have both: what is named by unit counts before what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city.city import City
from layoutplan.city.point_lookup import polygon_of
from layoutplan.errors import FaultLog
from layoutplan.layouts.layout import TODAY, Layout
from layoutplan.study import Study
from layoutplan.texts import Said
from layoutplan.zoning.outlines import with_outlines
from layoutplan.zoning.successor import REDRAWN

OPTIONS_TABLE: Final = "zonings"
"""Input table of the planner's own zonings, by unit."""
LAYERS_TABLE: Final = "zoning_layers"
"""Input table of the planner's own zonings, as polygons."""

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_RESERVED: Final = (TODAY, "proposed", REDRAWN, f"proposed-{REDRAWN}", "all")


def check_options(city: City) -> None:
    """Check tables ``zonings`` and ``zoning_layers``.

    Parameters
    ----------
    city
        The city, with its tables.

    Raises
    ------
    InputError
        With every zoning whose name can not be used, every catchment of another stage, and every unit in two
        catchments of a layer.
    """
    log = FaultLog()
    for name in (OPTIONS_TABLE, LAYERS_TABLE):
        _report(name, city, log)
    log.raise_if_errors()


def _report(name: str, city: City, log: FaultLog) -> None:
    table = city.tables.get(name)
    if table is None or table.empty:
        return
    wrong = [one for one in table["option_id"].unique() if not _ID.fullmatch(str(one)) or one in _RESERVED]
    if wrong:
        log.add("zonings_id", table=name, rows=wrong, reserved=", ".join(_RESERVED))
    stage_of = city.catchments["stage"]
    known = table["catchment_id"].isin(stage_of.index)
    other = known & (table["catchment_id"].map(stage_of).astype(object) != table["stage"].astype(object))
    for stage, rows in table[other].groupby("stage", sort=True):
        log.add("zonings_stage", table=name, rows=rows["catchment_id"], stage=str(stage))
    if name == LAYERS_TABLE:
        _report_overlaps(table, city, log)


def _report_overlaps(table: pd.DataFrame, city: City, log: FaultLog) -> None:
    """Report units that stand in two catchments of one option and stage."""
    points = city.units.geometry
    for (option, stage), rows in table.groupby(["option_id", "stage"], sort=True):
        tree = shapely.STRtree(np.asarray(points.array, dtype=object))
        _, unit = tree.query(np.asarray(gpd.GeoSeries(rows["geometry"]).array, dtype=object), "contains")
        twice = np.flatnonzero(np.bincount(unit, minlength=len(points)) > 1)
        if len(twice):
            names = points.index[twice]
            log.add("zonings_overlap", table=LAYERS_TABLE, rows=names, option=str(option), stage=str(stage))


def check_names(city: City, layout_ids: Collection[str]) -> None:
    """Check that no layout file has the name of a zoning of table ``zonings``.

    Parameters
    ----------
    city
        The city, with its tables.
    layout_ids
        Ids of the layout files of a run.

    Raises
    ------
    InputError
        With every name that both have.
    """
    log = FaultLog()
    for name in sorted({*_option_ids(city)} & {*layout_ids}):
        log.add("zonings_layout_id", table=OPTIONS_TABLE, id=name)
    log.raise_if_errors()


def _option_ids(city: City) -> list[str]:
    tables = [city.tables.get(name) for name in (OPTIONS_TABLE, LAYERS_TABLE)]
    return sorted({str(one) for table in tables if table is not None for one in table["option_id"]})


def zoning_options(study: Study) -> tuple[Layout, ...]:
    """Return the planner's own zonings as layouts: today's seats and walks, other catchments.

    Parameters
    ----------
    study
        The study, with today's layout.

    Returns
    -------
    tuple of Layout
        By option id; all units of an area named change, and every unit that a polygon of a layer contains.
        Units that neither names stay where they are.

    Raises
    ------
    InputError
        As :func:`check_options`.
    """
    check_options(study.city)
    return tuple(_layout(study, key) for key in _option_ids(study.city))


def _layout(study: Study, key: str) -> Layout:
    drawn, named = (_rows(study.city, table, key) for table in (LAYERS_TABLE, OPTIONS_TABLE))
    titles = pd.concat([drawn["title"], named["title"]]).dropna()
    title = str(titles.iloc[0]) if len(titles) else key
    said: Said = MappingProxyType({"zh": title, "en": title})
    held = study.today.zoning.unit_catchments.copy()
    points, area = study.city.units.geometry, study.city.units["area_id"]
    for stage, own in drawn.groupby("stage", sort=True):
        shapes = gpd.GeoSeries(own["geometry"].array, index=own["catchment_id"], crs=points.crs)
        held[stage] = _changed(held[stage], polygon_of(points, shapes))
    for stage, own in named.groupby("stage", sort=True):
        held[stage] = _changed(held[stage], area.map(own.set_index("unit_id")["catchment_id"]))
    zoning = replace(study.today.zoning, unit_catchments=held)
    return with_outlines(study, replace(study.today, id=key, title=said, zoning=zoning))


def _rows(city: City, name: str, key: str) -> pd.DataFrame:
    table = city.tables.get(name)
    if table is None:
        return pd.DataFrame(columns=["option_id", "title", "stage"], dtype=object)
    return table[table["option_id"] == key]


def _changed(held: pd.Series[Any], goes: pd.Series[Any]) -> pd.Series[Any]:
    return held.astype(object).where(goes.isna(), goes)
