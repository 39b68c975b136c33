"""Find the hotspots of a year: density clusters of unserved pupils, tested with Gi*, named and ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

from layoutplan.balance.model import Balance, Seats
from layoutplan.config.settings import HotspotSettings
from layoutplan.hotspots.clusters import cluster_pupils
from layoutplan.hotspots.gi_star import false_discovery, gi_star, one_sided_p
from layoutplan.hotspots.model import Hotspots
from layoutplan.hotspots.neighbours import nearest_neighbours
from layoutplan.hotspots.outlines import outline
from layoutplan.hotspots.places import place_name
from layoutplan.hotspots.relief import SpareSchool, nearest_spare, relief_words, spare_schools
from layoutplan.inputs.city import City
from layoutplan.tables import empty_frame, result_table
from layoutplan.texts import Language
from layoutplan.travel.pairs import Pairs

_DUST = 1e-6
"""Pupils: what is left of a sum of fractions is nobody."""


@dataclass(frozen=True)
class _Cluster:
    """One cluster of a stage: its units' rows in ``City.units``, its pupils short in the year."""

    stage: str
    rows: npt.NDArray[np.int64]
    pupils: float
    west: float
    south: float
    hotspot_id: str


@dataclass(frozen=True)
class _Scene:
    """What every hotspot of a run is described with."""

    city: City
    balance: Balance
    seats: Seats
    pairs: Pairs
    settings: HotspotSettings
    areas: pd.DataFrame
    year: int
    lang: Language


def find_hotspots(
    city: City,
    balance: Balance,
    seats: Seats,
    pairs: Pairs,
    settings: HotspotSettings,
    *,
    year: int,
    lang: Language,
) -> Hotspots:
    """Find where pupils without a seat in reach cluster, and how sure that is.

    A hotspot is a density cluster of the unserved pupils of one stage (:func:`cluster_pupils`, radius and
    least pupils from ``settings``), so it holds at least ``settings.min_pupils``. It is ``significant`` if an
    area of it passes the one-sided Gi* test at ``settings.false_discovery_rate`` among all areas of the
    city; a hotspot that is not may still need seats, but stands out less from its surroundings.

    Parameters
    ----------
    city
        Areas for Gi* (k nearest centroids and itself), units for the clusters; metres.
    balance
        ``units`` gives the unserved of every year, ``schools`` the spare seats.
    seats
        The schools judged.
    pairs
        Walks from ``city.units`` to ``seats.schools``.
    settings
        ``[hotspots]`` of the plan.
    year
        The year judged.
    lang
        Language of names and remedies.

    Returns
    -------
    Hotspots
        Ranked over all stages by pupils short; frames with all columns and no rows where nobody is unserved.
    """
    units = {stage: balance.units[balance.units["stage"] == stage] for stage in city.stages}
    lacking = {stage: _by_year(rows, city, "unserved") for stage, rows in units.items()}
    demand = {stage: _by_year(rows, city, "demand")[year] for stage, rows in units.items()}
    clusters = _clusters(city, {stage: frame[year] for stage, frame in lacking.items()}, settings)
    areas = _areas(city, lacking, clusters, settings, year=year)
    scene = _Scene(city, balance, seats, pairs, settings, areas=areas, year=year, lang=lang)
    rows = [
        _describe(
            cluster,
            scene,
            unserved=lacking[cluster.stage].iloc[cluster.rows],
            demand=demand[cluster.stage].iloc[cluster.rows],
        )
        for cluster in clusters
    ]
    return Hotspots(hotspots=_table(rows, city), areas=areas, members=_members(city, clusters))


def _by_year(rows: pd.DataFrame, city: City, column: str) -> pd.DataFrame:
    """Return a column of one stage's ``unit_demand``: units in the city's order × years, no row is 0."""
    wide = rows.pivot_table(index="unit_id", columns="year", values=column, aggfunc="sum")
    wide = wide.reindex(index=city.units.index, columns=list(city.years)).astype(float).fillna(0.0)
    return wide.where(wide > _DUST, 0.0)


def _coordinates(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    return np.column_stack([points.x.to_numpy(), points.y.to_numpy()])


def _clusters(city: City, lacking: dict[str, pd.Series], settings: HotspotSettings) -> list[_Cluster]:
    """Return the clusters of all stages, most pupils first; ids count within a stage."""
    xy = _coordinates(city.units.geometry)
    found = []
    for stage, pupils in lacking.items():
        labels = cluster_pupils(
            xy, pupils, radius_m=settings.cluster_radius_m, min_pupils=settings.min_pupils
        )
        for label in range(labels.max(initial=-1) + 1):
            rows = np.flatnonzero(labels == label)
            west, south = xy[rows].min(axis=0)
            total = float(pupils.iloc[rows].sum())
            hotspot_id = f"{stage}-{label + 1}"
            found.append(_Cluster(stage, rows, total, west, south, hotspot_id))
    return sorted(found, key=lambda cluster: (-round(cluster.pupils, 6), cluster.west, cluster.south))


def _members(city: City, clusters: list[_Cluster]) -> pd.DataFrame:
    ids = city.units.index.to_numpy()
    return pd.DataFrame(
        {
            "unit_id": [unit for cluster in clusters for unit in ids[cluster.rows]],
            "stage": [cluster.stage for cluster in clusters for _ in cluster.rows],
            "hotspot_id": [cluster.hotspot_id for cluster in clusters for _ in cluster.rows],
        },
        dtype=object,
    )


def _areas(
    city: City,
    lacking: dict[str, pd.DataFrame],
    clusters: list[_Cluster],
    settings: HotspotSettings,
    *,
    year: int,
) -> pd.DataFrame:
    """Return result table ``area_hotspots``: every area and stage."""
    weights = nearest_neighbours(_coordinates(city.areas.geometry.centroid), settings.neighbours)
    area_of = city.units["area_id"].to_numpy()
    parts = []
    for stage, frame in lacking.items():
        unserved = frame[year].groupby(area_of).sum().reindex(city.areas.index).fillna(0.0)
        part = _tested(unserved, weights, rate=settings.false_discovery_rate)
        held = _holders(frame[year], area_of, [cluster for cluster in clusters if cluster.stage == stage])
        part["hotspot_id"] = held.reindex(city.areas.index).to_numpy()
        parts.append(part.assign(stage=stage, year=year))
    return _typed("area_hotspots", pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())


def _tested(unserved: pd.Series, weights: sparse.csr_array, *, rate: float) -> pd.DataFrame:
    z = gi_star(unserved.to_numpy(), weights)
    p = one_sided_p(z)
    q = false_discovery(p)
    return pd.DataFrame(
        {
            "area_id": unserved.index,
            "unserved": unserved.to_numpy(),
            "z": z,
            "p": p,
            "q": q,
            "significant": np.nan_to_num(q, nan=1.0) <= rate,
        },
    )


def _holders(pupils: pd.Series, area_of: npt.NDArray[np.object_], clusters: list[_Cluster]) -> pd.Series:
    """Return for each area the hotspot that holds most of its unserved pupils; the higher rank in a tie."""
    parts = [
        pupils.iloc[cluster.rows].groupby(area_of[cluster.rows]).sum().rename(cluster.hotspot_id)
        for cluster in clusters
    ]
    if not parts:
        return pd.Series(dtype=object)
    return pd.concat(parts, axis=1).fillna(0.0).idxmax(axis=1).astype(object)


def _describe(
    cluster: _Cluster, scene: _Scene, *, unserved: pd.DataFrame, demand: pd.Series
) -> dict[str, Any]:
    """Return a row of result table ``hotspots``, without its rank; both frames hold its units."""
    city, settings, year = scene.city, scene.settings, scene.year
    units = city.units.iloc[cluster.rows]
    tested = scene.areas[scene.areas["stage"] == cluster.stage].set_index("area_id")
    held = tested.loc[units["area_id"].unique()]
    own = held.index[held["hotspot_id"].eq(cluster.hotspot_id).fillna(value=False).to_numpy(dtype=bool)]
    shape = outline(city.areas.geometry.loc[own], units.geometry, radius_m=settings.cluster_radius_m)
    nearest = _nearest_spare(cluster, scene, units, unserved[year])
    by_year = unserved.sum(axis=0)
    short = by_year.index[by_year >= settings.min_pupils - _DUST]
    return {
        "hotspot_id": cluster.hotspot_id,
        "name": place_name(city, unserved[year], stage=cluster.stage, lang=scene.lang),
        "stage": cluster.stage,
        "year": year,
        "first_year": int(short[0]),
        "pupils_short": cluster.pupils,
        "seats_short": float(np.ceil(cluster.pupils - _DUST)),
        "demand": float(demand.sum()),
        "units": len(cluster.rows),
        "z_max": held["z"].max(),
        "significant": bool(held["significant"].any()),
        "nearest_spare_school_id": nearest.school_id if nearest else None,
        "nearest_spare_school": nearest.name if nearest else None,
        "nearest_spare_seats": nearest.seats if nearest else np.nan,
        "nearest_spare_m": nearest.metres if nearest else np.nan,
        "remedy": relief_words(
            shape,
            by_year,
            nearest,
            city=city,
            seats=scene.seats,
            stage=cluster.stage,
            year=year,
            near_m=settings.cluster_radius_m,
            min_pupils=settings.min_pupils,
            lang=scene.lang,
        ),
        "geometry": shape,
    }


def _nearest_spare(
    cluster: _Cluster, scene: _Scene, units: gpd.GeoDataFrame, pupils: pd.Series
) -> SpareSchool | None:
    centre = _centre_unit(units, pupils)
    return nearest_spare(
        spare_schools(scene.balance, scene.seats, stage=cluster.stage, year=scene.year),
        scene.seats.schools,
        scene.pairs,
        unit_id=centre,
        place=units.geometry.loc[centre],
    )


def _centre_unit(units: gpd.GeoDataFrame, pupils: pd.Series) -> str:
    """Return the unit nearest to the pupils' mean place; the westernmost in a tie."""
    xy = _coordinates(units.geometry)
    mean = np.average(xy, axis=0, weights=pupils.to_numpy())
    metres = np.round(np.hypot(*(xy - mean).T), 3)
    return str(units.index[np.lexsort((xy[:, 1], xy[:, 0], metres))[0]])


def _table(rows: list[dict[str, Any]], city: City) -> gpd.GeoDataFrame:
    ranked = [{**row, "rank": place} for place, row in enumerate(rows, start=1)]
    shapes: list[shapely.Geometry] = [row["geometry"] for row in rows]
    frame = _typed("hotspots", pd.DataFrame(ranked))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=city.crs, index=frame.index))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the columns and types of its result table."""
    table = result_table(name)
    columns = list(table.column_names)
    blank = pd.DataFrame(empty_frame(table)).reindex(columns=columns)
    return blank if frame.empty else frame.reindex(columns=columns).astype(blank.dtypes)
