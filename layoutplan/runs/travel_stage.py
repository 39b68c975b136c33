"""Walking settings of a plan: reach by stage, the street network, and the walks of today's layout."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city import City
from layoutplan.dictionary import input_table
from layoutplan.errors import Fault, FaultLog
from layoutplan.layouts import TODAY, Layout, Seats, WalkSettings, Zoning
from layoutplan.layouts.walks import known_walks
from layoutplan.plan import Plan
from layoutplan.texts import in_both, text
from layoutplan.travel import Network, build_network, keep_to_bridges
from layoutplan.travel.matrix_store import WalkMatrixStore


def reach_by_stage(plan: Plan) -> dict[str, float]:
    """Return the longest placement distance of each planned stage: the plan's, otherwise the profile's.

    Parameters
    ----------
    plan
        The plan; the standards of its base year apply.

    Returns
    -------
    dict
        Walking metres by stage.
    """
    standards = plan.profile.at(plan.general.base_year)
    profile_reach = {stage: standards.reach_m(stage) for stage in plan.stages}
    return {**profile_reach, **{str(stage): reach for stage, reach in plan.travel.reach_m.items()}}


def street_network(plan: Plan, city: City) -> Network | None:
    """Build the walking network of the city's roads.

    Railways, rivers and expressways of table ``barriers`` can be crossed only at a bridge, an underpass or a
    crossing.

    Parameters
    ----------
    plan
        The plan; the standards of its base year apply.
    city
        The city, with tables ``roads`` and ``barriers``.

    Returns
    -------
    Network or None
        ``None`` without roads.
    """
    roads = city.tables["roads"]
    if roads.empty:
        return None
    standards = plan.profile.at(plan.general.base_year)
    excluded = plan.travel.exclude_classes or standards.words("walking.excluded_classes")
    if plan.travel.unknown_classes == "leave_out":
        excluded = (*excluded, *unknown_classes(roads, excluded))
    network = build_network(gpd.GeoDataFrame(roads, crs=city.crs), exclude_classes=excluded)
    barriers = city.tables["barriers"]
    if barriers.empty:
        return network
    reach = standards.numbers("walking.crossing_distance") or (
        0.0,
    )  # else only a crossing on the street serves
    return keep_to_bridges(network, gpd.GeoDataFrame(barriers, crs=city.crs), crossing_m=reach[0])


def unknown_classes(roads: pd.DataFrame, excluded: Collection[str]) -> pd.Series[int]:
    """Return the road classes that neither the data dictionary nor the excluded classes know.

    Parameters
    ----------
    roads
        Table ``roads`` with ``road_class``; a road that states whether it is walkable needs no class.
    excluded
        Classes that nobody walks on.

    Returns
    -------
    pandas.Series
        Number of roads by class, in alphabetical order.
    """
    column = input_table("roads").column("road_class")
    known = {name.casefold() for name in (*excluded, *(meant for _, meant in column.choice_aliases))}
    classes = roads["road_class"][roads["walkable"].isna()].dropna().astype(str)
    return classes[~classes.str.casefold().isin(known)].value_counts().sort_index()


def street_notes(plan: Plan, city: City) -> tuple[Fault, ...]:
    """Return what the travel stage says of roads and barriers before any walk is measured.

    Parameters
    ----------
    plan, city
        The plan and its city.

    Returns
    -------
    tuple of Fault
        A warning of unknown road classes, or of barriers that have no effect for want of roads.
    """
    log, roads = FaultLog(), city.tables["roads"]
    count = len(city.tables["barriers"])
    if roads.empty:
        if count:
            log.add(
                "barriers_without_roads",
                severity="warning",
                table="barriers",
                count=count,
                residents=_residents_across(city),
            )
        return log.notes
    standards = plan.profile.at(plan.general.base_year)
    excluded = plan.travel.exclude_classes or standards.words("walking.excluded_classes")
    unknown = unknown_classes(roads, excluded)
    if len(unknown):
        classes = ", ".join(f"{name} ({number})" for name, number in unknown.items())
        walked = plan.travel.unknown_classes == "walk"
        code = "road_classes_unknown" if walked else "road_classes_left_out"
        log.add(code, severity="warning", table="roads", column="road_class", classes=classes)
    return log.notes


def _residents_across(city: City) -> float:
    """Return the residents whose straight line to the nearest school runs over a barrier."""
    barriers = city.tables["barriers"]
    closed = barriers[
        (barriers["kind"] != "crossing") & ~barriers["crossable"].eq(other=True).fillna(value=False)
    ]
    homes, schools = city.units.geometry.to_numpy(), city.schools.geometry.to_numpy()
    schools = schools[~shapely.is_missing(schools)]
    if closed.empty or not len(schools) or not len(homes):
        return 0.0
    lines = shapely.shortest_line(homes, schools[shapely.STRtree(schools).nearest(homes)])
    over, _ = shapely.STRtree(closed["geometry"].to_numpy()).query(lines, predicate="intersects")
    return float(city.units["residents"].iloc[np.unique(over)].sum())


def walk_settings(plan: Plan, city: City, *, store: WalkMatrixStore | None = None) -> WalkSettings:
    """Return how walks are measured: along streets, otherwise straight lines × detour factor.

    Parameters
    ----------
    plan
        The plan; the standards of its base year apply.
    city
        The city.
    store
        Cache of walking distances between runs.

    Returns
    -------
    WalkSettings
        The settings.
    """
    standards = plan.profile.at(plan.general.base_year)
    return WalkSettings(
        network=street_network(plan, city),
        snap_limit_m=plan.travel.snap_limit_m,
        detour_factor=plan.travel.detour_factor or standards.number("walking.detour_factor"),
        store=store,
        gates=city.gates if len(city.gates) else None,
    )


def today_layout(
    plan: Plan,
    city: City,
    seats: Seats,
    zoning: Zoning,
    *,
    walking: WalkSettings,
    reach_m: Mapping[str, float],
) -> Layout:
    """Return today's layout, with all walks that a stage of the run may use.

    Parameters
    ----------
    plan, city
        The plan and its city.
    seats, zoning
        Today's seats and catchments.
    walking
        How walks are measured.
    reach_m
        Longest placement distance by stage, walking metres.

    Returns
    -------
    Layout
        With id :data:`~layoutplan.layouts.TODAY`.
    """
    access_m = {str(stage): metres for stage, metres in plan.access.distance_m.items()}
    needed_m = {
        stage: max(
            reach_m[stage],
            access_m.get(stage, 0.0),
            *(plan.profile.at(year).service_radius_m(stage) for year in city.years),
        )
        for stage in city.stages
    }
    return Layout(
        id=TODAY,
        title=in_both(lambda lang: text("layouts.today", lang)),
        seats=seats,
        zoning=zoning,
        walks=known_walks(city, seats, zoning, needed_m=needed_m, ways=walking),
        lang=plan.general.lang,
    )
