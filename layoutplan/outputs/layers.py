"""The layers of a printed map, extracted from the tables once for all pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.arrays import ObjectArray
from layoutplan.dictionary.rolls import rolls, stage_column
from layoutplan.hotspots import soft_outlines
from layoutplan.layouts import TODAY
from layoutplan.outputs.facts import ReportFacts
from layoutplan.outputs.programme import stands_indicatively
from layoutplan.outputs.row_lookup import Frames
from layoutplan.outputs.strokes import shared_edges
from layoutplan.outputs.style import Style

_HALF_A_PUPIL = 0.5
_RINGED_SEVERITY = 2


@dataclass(frozen=True)
class StageLayers:
    """What one stage shows in the target year; all layers in the city's CRS.

    Attributes
    ----------
    stage
        Id of the stage; empty for all stages.
    zones
        Catchments, or districts: name, demand, seats, shortfall, surplus, fill.
    edges
        Outlines of the zones, shared ones once.
    schools
        Points: name, school_type, seats, counts, committed, flagged.
    unserved
        Homes of pupils without a seat: pupils.
    hotspots, proposals
        As their result tables; of a proposal whether its place is indicative.
    moved
        Cells of units that change catchment, merged by the catchments that they leave and join.
    passing
        Temporary classes and purchased seats of a year, points: kind.
    """

    stage: str
    zones: gpd.GeoDataFrame
    edges: ObjectArray
    schools: gpd.GeoDataFrame
    unserved: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    proposals: gpd.GeoDataFrame
    moved: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    passing: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)

    def within(self, box: shapely.Polygon) -> StageLayers:
        """Return what lies in a rectangle, wholly or in part.

        Parameters
        ----------
        box
            The rectangle, in the city's CRS.

        Returns
        -------
        StageLayers
            The layers, reduced.
        """
        return replace(
            self,
            zones=_within(self.zones, box),
            edges=self.edges[shapely.intersects(self.edges, box)],
            schools=_within(self.schools, box),
            unserved=_within(self.unserved, box),
            hotspots=_within(self.hotspots, box),
            proposals=_within(self.proposals, box),
            moved=_within(self.moved, box),
            passing=_within(self.passing, box),
        )


def _within(frame: gpd.GeoDataFrame, box: shapely.Polygon) -> gpd.GeoDataFrame:
    return frame[shapely.intersects(frame.geometry.to_numpy(), box)] if len(frame) else frame


STREET_RANKS: Final = ("other", "tertiary", "secondary", "primary", "trunk", "motorway")
"""Ranks of streets on paper, in the order in which they are drawn."""


@dataclass(frozen=True)
class GroundLayers:
    """Layers below every map; all in the city's CRS.

    Attributes
    ----------
    districts
        Districts.
    borders
        Outlines of the districts, shared ones once.
    roads, barriers, sites
        As the input tables.
    """

    districts: gpd.GeoDataFrame
    borders: ObjectArray
    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame

    @cached_property
    def streets(self) -> Mapping[str, shapely.STRtree]:
        """The streets by rank, the least first, to be asked for those of a page."""
        ranks = self.roads["road_class"].astype("string").fillna("other").str.removesuffix("_link")
        known = ranks.where(ranks.isin(STREET_RANKS), STREET_RANKS[0]).to_numpy()
        shapes = self.roads.geometry.to_numpy()
        return {rank: shapely.STRtree(shapes[known == rank]) for rank in STREET_RANKS}


def printed_ground(tables: Frames) -> GroundLayers:
    """Return the ground layers; a layer that is not given is empty.

    Parameters
    ----------
    tables
        Result tables and layers by name.

    Returns
    -------
    GroundLayers
        The layers.
    """
    districts = gpd.GeoDataFrame(tables["districts"])
    return GroundLayers(
        districts=districts,
        borders=_edges(districts),
        roads=gpd.GeoDataFrame(tables["roads"]),
        barriers=gpd.GeoDataFrame(tables["barriers"]),
        sites=gpd.GeoDataFrame(tables["sites"]),
    )


def _edges(areas: gpd.GeoDataFrame) -> ObjectArray:
    if len(areas):
        return shared_edges(areas.geometry.to_numpy())
    nothing: ObjectArray = np.zeros(0, dtype=object)
    return nothing


def stage_layers(tables: Frames, stage: str, *, facts: ReportFacts, style: Style) -> StageLayers:
    """Return the layers of one stage in the target year, with committed projects only.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    stage
        Id of the stage.
    facts
        Gives the target year.
    style
        Gives the fill of the zones.

    Returns
    -------
    StageLayers
        The layers.
    """
    hotspots, proposals = tables["hotspots"], _proposals(tables, facts.stages)
    zones = _zones(tables, stage, year=facts.target_year, style=style)
    return StageLayers(
        stage=stage,
        zones=zones,
        edges=_edges(zones),
        schools=_schools(tables, [stage], year=facts.target_year),
        unserved=_unserved(tables, stage, year=facts.target_year),
        hotspots=_outlined(hotspots[hotspots["stage"] == stage]),
        proposals=proposals[rolls(proposals, stage)["seats"] > 0],
    )


def redrawn_layers(
    tables: Frames, stage: str, layout: str, *, facts: ReportFacts, style: Style
) -> StageLayers:
    """Return what a page on redrawn catchments shows: the new ones, schools, and what was moved.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    stage
        Id of the stage.
    layout
        Id of the redrawn layout.
    facts
        Gives the target year.
    style
        Gives the fill of the zones.

    Returns
    -------
    StageLayers
        Without hotspots, proposals and pupils unserved.
    """
    zones = _zones(tables, stage, year=facts.target_year, style=style, layout=layout)
    moved = gpd.GeoDataFrame(tables["moved_areas"])
    none = all_stages(tables, facts=facts)
    return replace(
        none,
        stage=stage,
        zones=zones,
        edges=_edges(zones),
        schools=_schools(tables, [stage], year=facts.target_year),
        proposals=none.proposals.head(0),
        moved=moved[(moved["layout"] == layout) & (moved["stage"] == stage)],
    )


def _outlined(hotspots: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return hotspots with the calm outlines that the page draws too."""
    found = gpd.GeoDataFrame(hotspots, geometry="geometry")
    return found.set_geometry(soft_outlines(found.geometry)) if len(found) else found


def all_stages(tables: Frames, *, facts: ReportFacts) -> StageLayers:
    """Return the schools and proposals of all stages, without what differs by stage: for the overview.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    facts
        Gives the stages and the target year.

    Returns
    -------
    StageLayers
        The layers; zones and unserved pupils are empty.
    """
    none = gpd.GeoDataFrame({"name": [], "fill": []}, geometry=[])
    return StageLayers(
        stage="",
        zones=none,
        edges=_edges(none),
        schools=_schools(tables, list(facts.stages), year=facts.target_year),
        unserved=gpd.GeoDataFrame({"pupils": []}, geometry=[]),
        hotspots=gpd.GeoDataFrame(tables["hotspots"], geometry="geometry").head(0),
        proposals=_proposals(tables, facts.stages),
    )


def plan_layers(tables: Frames, year: int, *, facts: ReportFacts) -> StageLayers:
    """Return what a page on one year of the plan shows: schools, what is built by then, and what passes.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    year
        School year.
    facts
        Gives the stages.

    Returns
    -------
    StageLayers
        Of all stages; proposals that are open in the year.
    """
    none, rows = all_stages(tables, facts=facts), tables["measure_years"]
    now = rows[(rows["year"] == year) & rows["kind"].isin(["temporary", "purchase"])]
    measures = gpd.GeoDataFrame(tables["measures"], geometry="geometry")
    return replace(
        none,
        schools=_schools(tables, list(facts.stages), year=year),
        proposals=none.proposals[none.proposals["target_year"] <= year],
        passing=measures[measures["measure_id"].isin(now["measure_id"])][["kind", "geometry"]],
    )


def _proposals(tables: Frames, stages: Sequence[str]) -> gpd.GeoDataFrame:
    frame = tables.get("proposals")
    if frame is None or frame.empty:
        names = [stage_column("seats", stage) for stage in stages]
        columns = ["proposal_id", "rank", "action", "name", "school_type", "target_year", "classes", "seats"]
        return gpd.GeoDataFrame({name: [] for name in [*columns, "cost", *names, "indicative"]}, geometry=[])
    known = frame.assign(indicative=stands_indicatively(tables, frame))
    return gpd.GeoDataFrame(known, geometry="geometry").sort_values("rank")


def _zones(tables: Frames, stage: str, *, year: int, style: Style, layout: str = TODAY) -> gpd.GeoDataFrame:
    """Return the catchments of the stage, or the districts where it has none, each with its fill."""
    catchments = _catchments(tables, layout)
    own = catchments[catchments["stage"] == stage]
    if own.empty:
        own, name, key = gpd.GeoDataFrame(tables["districts"]), "district_balance", "district_id"
    else:
        name, key = "catchment_balance", "catchment_id"
    figures = tables[name]
    rows = figures[
        (figures["layout"] == layout) & (figures["year"] == year) & (figures["stage"] == stage)
    ].set_index(key)
    chosen = rows[["demand", "seats", "shortfall", "surplus"]].reindex(own.index).astype(float)
    fills = [
        style.zone_colour(demand, seats)
        for demand, seats in zip(chosen["demand"], chosen["seats"], strict=True)
    ]
    return gpd.GeoDataFrame(
        chosen.assign(name=_names(own), fill=fills), geometry=own.geometry, index=own.index, crs=own.crs
    )


def _catchments(tables: Frames, layout: str) -> gpd.GeoDataFrame:
    """Return the catchments as a layout draws them."""
    known, other = gpd.GeoDataFrame(tables["catchments"]), tables.get("layout_catchments")
    if other is None or not (other["layout"] == layout).any():
        return known
    own = other[other["layout"] == layout].set_index("catchment_id")
    return gpd.GeoDataFrame(own, geometry="geometry", crs=known.crs)


def _names(frame: pd.DataFrame) -> pd.Series:
    ids = pd.Series(frame.index.astype("string"), index=frame.index)
    return frame["name"].astype("string").fillna(ids) if "name" in frame else ids


def _schools(tables: Frames, stages: list[str], *, year: int) -> gpd.GeoDataFrame:
    places = gpd.GeoDataFrame(tables["schools"])
    balance = tables["school_balance"]
    rows = balance[(balance["layout"] == TODAY) & (balance["year"] == year) & balance["stage"].isin(stages)]
    open_here = rows[rows["seats"] > 0]
    seats = open_here.groupby("school_id")["seats"].sum()
    known = places[places.index.isin(seats.index)]
    flags = tables["flags"]
    severe = flags[(flags["severity"] >= _RINGED_SEVERITY) & (flags["rule"] != "over_capacity")]
    flagged = severe[severe["stage"].isna() | severe["stage"].isin(stages)]["school_id"]
    return gpd.GeoDataFrame(
        {
            "name": _names(known),
            "school_type": known["school_type"],
            "seats": seats.reindex(known.index).astype(float),
            "counts": known["counts"].astype(bool),
            "committed": known["status"] == "committed",
            "flagged": np.isin(known.index.astype(str), flagged.astype(str).unique()),
        },
        geometry=known.geometry,
        crs=places.crs,
    ).sort_values("seats", ascending=False, kind="stable")


def _unserved(tables: Frames, stage: str, *, year: int) -> gpd.GeoDataFrame:
    units, places = tables["unit_demand"], gpd.GeoDataFrame(tables["units"])
    rows = units[
        (units["layout"] == TODAY)
        & (units["year"] == year)
        & (units["stage"] == stage)
        & (units["short"] > _HALF_A_PUPIL)
    ]
    return gpd.GeoDataFrame(
        {"pupils": rows["short"].to_numpy(dtype=float)},
        geometry=places.geometry.reindex(rows["unit_id"]).to_numpy(),
        crs=places.crs,
    )
