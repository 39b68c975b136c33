"""The redrawn layout: the same seats and walks, other catchments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.layouts.layout import TODAY, Layout, Zoning
from layoutplan.study import Study
from layoutplan.texts import in_both, text
from layoutplan.zoning.division import Division
from layoutplan.zoning.polygons import redrawn_outlines

REDRAWN: Final = "redrawn"
"""Id of today's layout with catchments redrawn; of another layout it follows that layout's id."""

_FEEDS: Final = "feeds_catchment_ids"


def redrawn_layout(study: Study, layout: Layout, divisions: Sequence[Division]) -> Layout:
    """Return the layout with the catchments of the divided stages.

    Parameters
    ----------
    study
        Cells of the units.
    layout
        The layout whose catchments were divided.
    divisions
        Stages divided; other stages keep their catchments.

    Returns
    -------
    Layout
        With id ``redrawn``, or the layout's own followed by it. Links of schools that are closed in the years
        divided stay, as long as their catchment does.
    """
    zoning = layout.zoning
    for division in divisions:
        zoning = _with_stage(study, zoning, division, layout)
    today = layout.id == TODAY
    title = in_both(
        lambda lang: (
            text("zoning.layout", lang)
            if today
            else text("zoning.layout_of", lang, layout=layout.title[lang])
        )
    )
    return replace(layout, id=REDRAWN if today else f"{layout.id}-{REDRAWN}", title=title, zoning=zoning)


def _with_stage(study: Study, zoning: Zoning, division: Division, layout: Layout) -> Zoning:
    zones = division.problem.zones
    ids = np.array([zone.catchment_id for zone in zones.zones], dtype=object)
    held = zoning.unit_catchments.copy()
    held[zones.stage] = ids[division.zone]
    return Zoning(
        catchments=_catchments(study, zoning, division, layout),
        unit_catchments=held,
        catchment_schools=_links(zoning, division, layout),
    )


def _catchments(study: Study, zoning: Zoning, division: Division, layout: Layout) -> gpd.GeoDataFrame:
    zones = division.problem.zones
    known = zoning.catchments
    rows: list[Mapping[str, object]] = []
    for zone in zones.zones:
        if zone.catchment_id in known.index:
            continue
        school = layout.seats.schools.iloc[zone.schools[0]]
        rows.append(
            {
                **dict.fromkeys(known.columns.drop("geometry")),
                "stage": zones.stage,
                "name": zone.name,
                "district_id": school["district_id"],
                **({_FEEDS: known.loc[zone.parent, _FEEDS]} if _FEEDS in known and zone.parent else {}),
            }
        )
    ids = [zone.catchment_id for zone in zones.zones]
    old = np.array(
        [known.geometry[key] if key in known.index else shapely.Polygon() for key in ids], dtype=object
    )
    changed = division.zone != zones.today
    outlines = redrawn_outlines(old, study.adjacency.cells, zone=division.zone, moved=changed)
    new_ids = [zone.catchment_id for zone in zones.zones if zone.catchment_id not in known.index]
    added = pd.DataFrame(rows, index=pd.Index(new_ids, name=known.index.name, dtype=object))
    plain = pd.DataFrame(known.drop(columns="geometry"))
    frame = pd.concat([plain, added[[*plain.columns]]]) if rows else plain
    frame = frame.drop(index=[key for key in zones.closing if key in frame.index])
    shapes = known.geometry.reindex(frame.index)
    shapes.loc[ids] = gpd.GeoSeries(outlines, index=ids, crs=known.crs)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=known.crs), crs=known.crs)


def _links(zoning: Zoning, division: Division, layout: Layout) -> pd.DataFrame:
    """Return the links: a school with a catchment of its own leaves the one that held it."""
    zones, links = division.problem.zones, zoning.catchment_schools
    names = layout.seats.schools.index
    new = [
        {"catchment_id": zone.catchment_id, "stage": zones.stage, "school_id": str(names[school])}
        for zone in zones.zones
        if zone.is_new
        for school in zone.schools
    ]
    left = {
        (zone.parent, str(names[school])) for zone in zones.zones if zone.is_new for school in zone.schools
    }
    own = links["stage"] == zones.stage
    gone = own & links["catchment_id"].isin(zones.closing)
    gone |= own & np.array(
        [pair in left for pair in zip(links["catchment_id"], links["school_id"], strict=True)], dtype=bool
    )
    kept = links[~gone]
    if not new:
        return kept.reset_index(drop=True)
    return pd.concat([kept, pd.DataFrame(new, columns=[*links.columns])], ignore_index=True)
