"""Hotspots, proposals, and the homes of pupils without a seat."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from layoutplan.maps.frames import Frames, Record, records, series
from layoutplan.maps.geometry import encode_coverage, encode_points, label_points, soft_outlines
from layoutplan.maps.meta import MapMeta

_OUTLINE_REACH_M = 250.0
_HALF_A_PUPIL = 0.5


def hotspot_records(tables: Frames) -> list[Record]:
    """Return the hotspots, each with a calm outline (``shape``) and a place for its rank (``label``)."""
    hotspots = tables["hotspots"]
    if hotspots.empty:
        return []
    outlines = soft_outlines(gpd.GeoSeries(hotspots.geometry), reach_m=_OUTLINE_REACH_M)
    shapes = [encode_coverage(outlines.iloc[[row]], tolerance_m=0.0)[0] for row in range(len(outlines))]
    labels = encode_points(label_points(outlines))
    return [
        {**record, "shape": shape, "label": label}
        for record, shape, label in zip(records(hotspots), shapes, labels, strict=True)
    ]


def proposal_records(tables: Frames) -> list[Record]:
    """Return the proposals with their place (``at``)."""
    proposals = tables.get("proposals")
    if proposals is None or proposals.empty:
        return []
    places = encode_points(gpd.GeoSeries(proposals.geometry))
    return [{**record, "at": place} for record, place in zip(records(proposals), places, strict=True)]


def unserved_homes(tables: Frames, meta: MapMeta) -> list[dict[str, Any]]:
    """Return the units where, in some year, at least half a pupil finds no seat, by stage."""
    units = tables["unit_demand"]
    points = tables["units"]
    short = units[(units["unserved"] > _HALF_A_PUPIL) & units["year"].isin(meta.years)]
    needy = units[units["unit_id"].isin(set(short["unit_id"]))]
    figures = series(needy, ["unserved"], by=["unit_id", "stage"], years=meta.years)
    places = dict(zip(points.index.astype(str), encode_points(gpd.GeoSeries(points.geometry)), strict=True))
    found = []
    for key, variants in figures.items():
        unit_id, stage = key.rsplit("|", 1)
        if any((value or 0) > _HALF_A_PUPIL for one in variants.values() for value in one["unserved"]):
            found.append({"at": places[unit_id], "stage": stage, "figures": variants})
    return found
