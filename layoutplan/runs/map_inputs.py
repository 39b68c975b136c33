"""Input of the map: tables, layers and facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from layoutplan.layouts import Layout
from layoutplan.outputs.map import MapMeta, Tiles
from layoutplan.plan.settings import PlanSettings
from layoutplan.runs.manifest import run_id
from layoutplan.texts import LANGUAGES
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.zoning import moved_areas, moved_cells

if TYPE_CHECKING:
    from layoutplan.runs.record import RunRecord

_MAPPED_INPUTS = ("roads", "barriers", "sites")


def map_frames(run: RunRecord, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the result tables and the city's layers by name.

    Parameters
    ----------
    run
        The run.
    frames
        Its result tables.

    Returns
    -------
    dict
        Layers are GeoDataFrames in the city's CRS.
    """
    city = run.city
    layers: dict[str, pd.DataFrame] = {
        "schools": all_schools(run.layouts),
        "catchments": city.catchments,
        "catchment_schools": _all_links(run.layouts),
        "areas": city.areas,
        "units": city.units,
        "districts": city.districts,
        "projects": city.tables["projects"],
        "walks": _walks(all_walks(run.layouts)),
    }
    if run.proposal:
        layers["placed_in_new"] = _placed_in_new(frames, run.proposal.layout.id)
    others = _layout_catchments(run.layouts)
    if others is not None:
        layers["layout_catchments"] = others
    if run.redraws:
        layers["moved_areas"] = moved_areas(run.study, run.redraws)
        layers["moved_cells"] = moved_cells(run.study, run.redraws)
    for name in _MAPPED_INPUTS:
        table = city.tables[name]
        layers[name] = (
            table
            if isinstance(table, gpd.GeoDataFrame)
            else gpd.GeoDataFrame(table, geometry=[], crs=city.crs)
        )
    return {**frames, **layers}


def _placed_in_new(frames: Mapping[str, pd.DataFrame], proposed: str) -> pd.DataFrame:
    """Return whom the best assignment places in the proposed new schools, in the last year of the plan."""
    placed, proposals = frames["assignment"], frames["proposals"]
    new = set(proposals.loc[proposals["action"] == "new", "school_id"])
    last = placed["year"] == placed["year"].max()
    return pd.DataFrame(placed[(placed["layout"] == proposed) & last & placed["school_id"].isin(new)])


def all_schools(layouts: Sequence[Layout]) -> gpd.GeoDataFrame:
    """Return the schools of all layouts, each once: those of the first, then those that others add.

    Parameters
    ----------
    layouts
        At least one layout.

    Returns
    -------
    GeoDataFrame
        As ``Seats.schools``.
    """
    found = layouts[0].seats.schools
    for layout in layouts[1:]:
        schools = layout.seats.schools
        new = schools[~schools.index.isin(found.index)]
        if len(new):
            found = gpd.GeoDataFrame(pd.concat([found, new]), geometry="geometry", crs=found.crs)
    return found


def all_walks(layouts: Sequence[Layout]) -> WalkMatrix:
    """Return the walks to the schools of all layouts, in the order of :func:`all_schools`.

    Parameters
    ----------
    layouts
        At least one layout, all with the same units.

    Returns
    -------
    WalkMatrix
        Metres from units to schools.
    """
    found = layouts[0].walks
    for layout in layouts[1:]:
        new = ~layout.walks.destinations.isin(found.destinations)
        if new.any():
            found = found.with_destinations(layout.walks.to(new))
    return found


def _layout_catchments(layouts: Sequence[Layout]) -> gpd.GeoDataFrame | None:
    """Return the catchments of layouts that draw others than the first one, with column ``layout``."""
    first = layouts[0].zoning.catchments
    others = [
        one.zoning.catchments.reset_index().assign(layout=one.id)
        for one in layouts[1:]
        if one.zoning.catchments is not first
    ]
    if not others:
        return None
    return gpd.GeoDataFrame(pd.concat(others, ignore_index=True), geometry="geometry", crs=first.crs)


def _all_links(layouts: Sequence[Layout]) -> pd.DataFrame:
    """Return which schools serve which catchments, by layout."""
    links = [layout.zoning.catchment_schools.assign(layout=layout.id) for layout in layouts]
    return pd.concat(links, ignore_index=True).drop_duplicates(ignore_index=True)


def _walks(pairs: WalkMatrix) -> pd.DataFrame:
    """Return the walks for the page's what-if function: ``unit_id``, ``school_id``, ``metres``."""
    # Categorical: a large city has tens of millions of walks, but few units and schools.
    units, schools = pd.Index(pairs.origins.astype(object)), pd.Index(pairs.destinations.astype(object))
    return pd.DataFrame(
        {
            "unit_id": pd.Categorical.from_codes(pairs.rows, categories=units),
            "school_id": pd.Categorical.from_codes(pairs.indices, categories=schools),
            "metres": pairs.metres,
        }
    )


def _tiles(plan: PlanSettings) -> Tiles | None:
    if not plan.tiles:
        return None
    return Tiles(address=plan.tiles, attribution=plan.tiles_attribution, datum=plan.tiles_datum)


def map_meta(run: RunRecord, *, scorecard: str = "") -> MapMeta:
    """Return the facts for the map's title, legend and small print.

    Parameters
    ----------
    run
        The run.
    scorecard
        Address of the scorecard page relative to the map; empty for none.

    Returns
    -------
    MapMeta
        The facts.
    """
    plan, city = run.plan, run.city
    standards = plan.profile.at(city.base_year)
    return MapMeta(
        title=plan.general.title("zh") or city.name,
        title_en=plan.general.title("en") or city.name,
        scenario=plan.scenario or "base",
        stages=city.stages,
        years=city.years,
        base_year=city.base_year,
        target_year=plan.general.target,
        profile_zh=plan.profile.name_zh,
        profile_en=plan.profile.name_en,
        currency=plan.profile.currency,
        walking=run.study.today.walks.method,
        service_radius_m={stage: standards.service_radius_m(stage) for stage in city.stages},
        reach_m={stage: run.study.reach_m[stage] for stage in run.city.stages},
        sources=tuple(dict.fromkeys(source.file for source in run.sources)),
        notes={lang: tuple(dict.fromkeys(note.what(lang) for note in run.notes)) for lang in LANGUAGES},
        scenario_title=plan.title,
        run_id=run_id(run),
        lang=plan.general.lang,
        review_number=plan.general.review_number,
        scorecard=scorecard,
        version=metadata.version("layoutplan"),
        tiles=_tiles(plan.general),
    )
