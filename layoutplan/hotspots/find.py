"""Find the hotspots of a year: cluster the pupils short of a seat, test the clusters, name and describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray
from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.hotspots.areas import tested_areas
from layoutplan.hotspots.cells import HotspotCells, make_cells
from layoutplan.hotspots.city_clusters import Cluster, find_clusters
from layoutplan.hotspots.demand_draws import (
    DemandDraws,
    ShortageComponents,
    draw_factors,
    shortage_components,
)
from layoutplan.hotspots.names import place_name
from layoutplan.hotspots.neighbours import nearest_neighbours
from layoutplan.hotspots.outlines import hotspot_outline
from layoutplan.hotspots.relief import (
    PlannedRelief,
    SpareSeats,
    nearest_spare,
    planned_relief,
    relief,
    spare_seats,
)
from layoutplan.hotspots.result import Hotspots
from layoutplan.outlook import expected_shocks
from layoutplan.plan.settings import HotspotSettings
from layoutplan.study import Study
from layoutplan.texts import Language, other_language, rounded
from layoutplan.travel.matrix import WalkMatrix

_DUST = 1e-6
"""Pupils; sums up to this are rounding residues and set to 0."""


@dataclass(frozen=True)
class _StageShortage:
    """Demand and pupils short of one stage (frames, units × years), and its shortage components."""

    demand: pd.DataFrame
    short: pd.DataFrame
    components: ShortageComponents | None


@dataclass(frozen=True)
class _StageData:
    """Data to describe the hotspots of one stage; ``areas`` are the stage's, indexed by ``area_id``."""

    city: City
    cells: HotspotCells
    pairs: WalkMatrix
    settings: HotspotSettings
    shortage: _StageShortage
    areas: pd.DataFrame
    spare: SpareSeats
    planned: PlannedRelief
    year: int
    lang: Language


def find_hotspots(study: Study, balance: Balance) -> Hotspots:
    """Find clusters of pupils short of a seat in the target year, and their significance.

    Pupils short are those of :func:`~layoutplan.balance.pools.pooled_shortage`: they add up to the pupils
    without a seat within reach, and do not depend on which best placement was found. A hotspot is a density
    cluster of the pupils short of one stage (:func:`cluster_pupils`), divided where
    it is too wide (:func:`divide_cluster`); it holds at least ``settings.min_pupils``. It is ``significant``
    if one of its areas passes the one-sided Gi* test of the rate (pupils short ÷ pupils), by permutation, at
    ``settings.false_discovery_rate``, corrected over all areas of the city; a hotspot that is not significant
    may still need seats but differs less from its surroundings. ``years_short`` is the number of plan years
    in which its units together lack ``min_pupils`` seats, ``probability`` the share of the draws in which
    they do.

    Parameters
    ----------
    study
        City, today's layout, ``[hotspots]`` and ``[uncertainty]`` of the plan. Without draws of the demand
        (:mod:`layoutplan.hotspots.demand_draws`) probabilities are null.
    balance
        Evaluation of today's layout: ``units`` has the pupils short of every year, ``schools`` the spare
        seats.

    Returns
    -------
    Hotspots
        By unserved pupils over all stages, numbered within each stage; frames with all columns and no rows
        where no pupil is unserved.
    """
    city, layout, settings, year = study.city, study.today, study.plan.hotspots, study.target_year
    pairs, draws = layout.walks, _draws(study)
    cells = make_cells(city, kind=settings.unit, cell_m=settings.cell_m)
    stages = {
        stage: _stage(stage, city, balance, pairs, drawn=draws.get(stage), year=year) for stage in city.stages
    }
    clusters = find_clusters(city, {stage: one.short[year] for stage, one in stages.items()}, settings)
    areas = _areas(city, cells, stages, clusters, settings, year=year, seed=study.seed)
    stage_data = {
        stage: _StageData(
            city,
            cells,
            pairs,
            settings,
            shortage=one,
            areas=areas[areas["stage"] == stage].set_index("area_id")[["hotspot_id", "z", "significant"]],
            spare=spare_seats(balance, layout.seats, stage=stage, year=year),
            planned=planned_relief(city, layout.seats, stage=stage, year=year),
            year=year,
            lang=study.lang,
        )
        for stage, one in stages.items()
    }
    rows = [_describe(cluster, stage_data[cluster.stage]) for cluster in clusters]
    return Hotspots(
        hotspots=_table(rows, city),
        areas=areas,
        cells=cells.shapes,
        members=_members(city, clusters, {stage: one.short[year] for stage, one in stages.items()}),
    )


def _draws(study: Study) -> dict[str, DemandDraws]:
    """Draw the target year's demand; empty where the plan or the profile provides no draws."""
    uncertainty, shocks = study.plan.uncertainty, expected_shocks(study)
    count = min(study.plan.hotspots.draws, uncertainty.draws)
    if not uncertainty.enabled or shocks is None or count == 0:
        return {}
    return draw_factors(study, shocks, year=study.target_year, draws=count)


def _stage(
    stage: str, city: City, balance: Balance, pairs: WalkMatrix, *, drawn: DemandDraws | None, year: int
) -> _StageShortage:
    rows = balance.units[balance.units["stage"] == stage]
    demand, unserved, short = (_by_year(rows, city, column) for column in ("demand", "unserved", "short"))
    components = None
    if drawn is not None:
        components = shortage_components(
            drawn,
            balance,
            pairs,
            stage=stage,
            year=year,
            demand=demand[year].to_numpy(),
            unserved=unserved[year].to_numpy(),
        )
    return _StageShortage(demand=demand, short=short, components=components)


def _by_year(rows: pd.DataFrame, city: City, column: str) -> pd.DataFrame:
    """Return a column of one stage's ``unit_demand``: units in the city's order × years, 0 without a row."""
    wide = rows.pivot_table(index="unit_id", columns="year", values=column, aggfunc="sum", observed=True)
    wide = wide.reindex(index=city.units.index, columns=list(city.years)).astype(float).fillna(0.0)
    return wide.where(wide > _DUST, 0.0)


def _coordinates(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    return np.column_stack([points.x.to_numpy(), points.y.to_numpy()])


def _members(city: City, clusters: list[Cluster], short: Mapping[str, pd.Series]) -> pd.DataFrame:
    ids = city.units.index.to_numpy()
    frame = pd.DataFrame(
        {
            "unit_id": [unit for cluster in clusters for unit in ids[cluster.rows]],
            "stage": [cluster.stage for cluster in clusters for _ in cluster.rows],
            "hotspot_id": [cluster.hotspot_id for cluster in clusters for _ in cluster.rows],
        },
        dtype=object,
    )
    pupils = [short[cluster.stage].iloc[cluster.rows].to_numpy(dtype=float) for cluster in clusters]
    return frame.assign(pupils=np.concatenate([*pupils, np.zeros(0)]))


def _areas(
    city: City,
    cells: HotspotCells,
    stages: Mapping[str, _StageShortage],
    clusters: list[Cluster],
    settings: HotspotSettings,
    *,
    year: int,
    seed: int,
) -> pd.DataFrame:
    """Return result table ``area_hotspots``: one row per stage and area (or cell)."""
    weights = nearest_neighbours(cells.middles, settings.neighbours)
    parts = []
    for stage, one in stages.items():
        part = tested_areas(
            cells,
            weights,
            settings,
            years=city.years,
            year=year,
            demand=one.demand.to_numpy(),
            short=one.short.to_numpy(),
            components=one.components,
            seed=seed,
        )
        of_stage = [cluster for cluster in clusters if cluster.stage == stage]
        part["hotspot_id"] = _holders(one.short[year].to_numpy(), cells, of_stage)
        parts.append(part.assign(stage=stage, year=year))
    return _typed("area_hotspots", pd.concat(parts, ignore_index=True) if parts else pd.DataFrame())


def _holders(pupils: FloatArray, cells: HotspotCells, clusters: list[Cluster]) -> npt.NDArray[np.object_]:
    """Return, for each cell, the hotspot with most of its unserved pupils; the higher-ranked one in a tie."""
    holder = np.full(len(cells.shapes), None, dtype=object)
    most = np.zeros(len(cells.shapes))
    for cluster in clusters:
        held = np.bincount(cells.of_unit[cluster.rows], weights=pupils[cluster.rows], minlength=len(most))
        more = held > most
        holder[more], most[more] = cluster.hotspot_id, held[more]
    return holder


def _describe(cluster: Cluster, data: _StageData) -> dict[str, Any]:
    """Return a row of result table ``hotspots``."""
    city, settings, year = data.city, data.settings, data.year
    shortage = data.shortage
    short = shortage.short.iloc[cluster.rows]
    homes = city.units.geometry.iloc[cluster.rows]
    held = data.areas.iloc[np.unique(data.cells.of_unit[cluster.rows])]
    own = held.index[held["hotspot_id"].eq(cluster.hotspot_id).fillna(value=False).to_numpy(dtype=bool)]
    shape = hotspot_outline(data.cells.shapes.loc[own], homes, radius_m=settings.cluster_radius_m)
    centre = _centre_unit(homes, short[year])
    nearest = nearest_spare(data.spare, data.pairs, unit=int(cluster.rows[centre]), place=homes.iloc[centre])
    pupils = float(shortage.demand[year].iloc[cluster.rows].sum())
    by_year = short.sum(axis=0)
    years = by_year.index[by_year >= settings.min_pupils - _DUST]
    at_hand = relief(
        shape,
        by_year,
        nearest,
        planned=data.planned,
        year=year,
        near_m=settings.cluster_radius_m,
        min_pupils=settings.min_pupils,
    )
    return {
        "hotspot_id": cluster.hotspot_id,
        "rank": cluster.number,
        "name": place_name(city, short[year], stage=cluster.stage),
        "stage": cluster.stage,
        "year": year,
        "first_year": int(years[0]),
        "last_year": int(years[-1]),
        "years_short": len(years),
        "probability": _probability(cluster, data),
        "pupils_short": cluster.pupils,
        "seats_short": rounded(cluster.pupils),
        "demand": pupils,
        "rate": cluster.pupils / pupils,
        "units": len(cluster.rows),
        "z_max": held["z"].max(),
        "significant": bool(held["significant"].any()),
        "nearest_spare_school_id": nearest.school_id if nearest else None,
        "nearest_spare_school": nearest.name if nearest else None,
        "nearest_spare_seats": nearest.seats if nearest else np.nan,
        "nearest_spare_m": nearest.metres if nearest else np.nan,
        "at_hand": at_hand.kind,
        "remedy": at_hand.words[data.lang],
        "remedy_translated": at_hand.words[other_language(data.lang)],
        "geometry": shape,
    }


def _probability(cluster: Cluster, data: _StageData) -> float:
    """Return the share of the draws in which the hotspot's units lack at least ``min_pupils`` seats."""
    shortage = data.shortage
    if shortage.components is None:
        return np.nan
    group = np.full(len(shortage.short), -1, dtype=np.int64)
    group[cluster.rows] = 0
    lacking = shortage.components.unserved_by_group(shortage.short[data.year].to_numpy(), group, groups=1)
    return float((lacking[0] >= data.settings.min_pupils - _DUST).mean())


def _centre_unit(homes: gpd.GeoSeries, pupils: pd.Series) -> int:
    """Return the position of the unit nearest to the pupils' centroid; the westernmost in a tie."""
    xy = _coordinates(homes)
    mean = np.average(xy, axis=0, weights=pupils.to_numpy())
    metres = np.round(np.hypot(*(xy - mean).T), 3)
    return int(np.lexsort((xy[:, 1], xy[:, 0], metres))[0])


def _table(rows: list[dict[str, Any]], city: City) -> gpd.GeoDataFrame:
    shapes: list[shapely.Geometry] = [row["geometry"] for row in rows]
    frame = _typed("hotspots", pd.DataFrame(rows))
    again = frame.groupby(["stage", "name"], observed=True).cumcount()
    frame["name"] = frame["name"].where(again == 0, frame["name"] + " (" + (again + 1).astype(str) + ")")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=city.crs, index=frame.index))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the columns and types of its result table."""
    table = result_table(name)
    columns = list(table.column_names)
    blank = pd.DataFrame(empty_frame(table)).reindex(columns=columns)
    return blank if frame.empty else frame.reindex(columns=columns).astype(blank.dtypes)
