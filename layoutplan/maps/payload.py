"""Everything the page shows, as one JSON-able value: geometry once, figures by variant and year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.maps.geometry import encode_coverage, encode_lines, encode_points
from layoutplan.maps.meta import MapMeta
from layoutplan.texts import LANGUAGES, Language, keys, text

ZONE_FIGURES = (
    "seats",
    "demand",
    "shortfall",
    "surplus",
    "served",
    "unserved",
    "share_within_radius",
    "mean_walk_m",
)
SCHOOL_FIGURES = ("seats", "assigned", "spare")
_TOLERANCE_M = 8.0
_HALF_A_PUPIL = 0.5
_TEXT_SUBJECTS = ("map", "stages", "report.codes")

Frames = Mapping[str, pd.DataFrame]


def make_payload(tables: Frames, *, meta: MapMeta, lang: Language) -> dict[str, Any]:
    """Gather the page's data from result tables and layers; no figure is computed here."""
    style = tomllib.loads((resources.files("layoutplan.maps") / "style.toml").read_text(encoding="utf-8"))
    return {
        "lang": lang,
        "meta": asdict(meta),
        "texts": {language: _texts(language) for language in LANGUAGES},
        "style": style,
        "variants": list(dict.fromkeys(tables["city_balance"]["variant"])),
        "city": _series(
            tables["city_balance"], [*ZONE_FIGURES, "balance", "enrolment"], ["stage"], meta.years
        ),
        "zones": _zones(tables, meta),
        "schools": _schools(tables, meta),
        "flags": _records(tables["flags"]),
        "ledger": _records(tables["ledger"]),
        "hotspots": _hotspots(tables),
        "proposals": _proposals(tables),
        "outcome": _records(tables["siting_outcome"]) if "siting_outcome" in tables else [],
        "unserved": _unserved(tables, meta),
        "ground": _ground(tables),
    }


def _texts(lang: Language) -> dict[str, str]:
    return {
        key.removeprefix("map."): text(key, lang) for subject in _TEXT_SUBJECTS for key in keys(f"{subject}.")
    }


def _series(
    frame: pd.DataFrame, figures: Sequence[str], by: list[str], years: tuple[int, ...]
) -> dict[str, Any]:
    """Return ``{thing: {variant: {figure: [a value a year]}}}`` (things keyed by the columns ``by``)."""
    tree: dict[str, Any] = {}
    present = [figure for figure in figures if figure in frame.columns]
    for (variant, *thing), rows in frame.groupby(["variant", *by], sort=True):
        by_year = rows.set_index("year")[present].reindex(list(years))
        series = {figure: _numbers(by_year[figure]) for figure in present}
        tree.setdefault("|".join(map(str, thing)), {})[variant] = series
    return tree


def _numbers(values: pd.Series) -> list[float | int | None]:
    return [None if pd.isna(value) else _short(float(value)) for value in values]


def _short(value: float) -> float | int:
    """Round to four significant decimals below one, else to one decimal: what a reader can use."""
    rounded = round(value, 4) if abs(value) < 1 else round(value, 1)
    return int(rounded) if float(rounded).is_integer() else rounded


def _zones(tables: Frames, meta: MapMeta) -> list[dict[str, Any]]:
    """Return the areas that carry figures: catchments, and districts for stages without catchments."""
    zones: list[dict[str, Any]] = []
    catchments = tables["catchments"]
    figures = _series(tables["catchment_balance"], ZONE_FIGURES, ["catchment_id"], meta.years)
    serving = tables["catchment_schools"].groupby("catchment_id")["school_id"].agg(list).to_dict()
    for stage in meta.stages:
        own = catchments[catchments["stage"] == stage]
        shapes = encode_coverage(gpd.GeoSeries(own.geometry), tolerance_m=_TOLERANCE_M)
        for (zone_id, row), shape in zip(own.iterrows(), shapes, strict=True):
            zones.append(
                {
                    "id": zone_id,
                    "name": _name(row, zone_id),
                    "stage": stage,
                    "kind": "catchment",
                    "shape": shape,
                    "figures": figures.get(str(zone_id), {}),
                    "schools": serving.get(zone_id, []),
                },
            )
    covered = set(catchments["stage"])
    return zones + _district_zones(tables, meta, [stage for stage in meta.stages if stage not in covered])


def _district_zones(tables: Frames, meta: MapMeta, stages: list[str]) -> list[dict[str, Any]]:
    districts = tables["districts"]
    if districts.empty or not stages:
        return []
    figures = _series(tables["district_balance"], ZONE_FIGURES, ["district_id", "stage"], meta.years)
    shapes = encode_coverage(gpd.GeoSeries(districts.geometry), tolerance_m=_TOLERANCE_M)
    return [
        {
            "id": f"{zone_id}|{stage}",
            "name": _name(row, zone_id),
            "stage": stage,
            "kind": "district",
            "shape": shape,
            "figures": figures.get(f"{zone_id}|{stage}", {}),
            "schools": [],
        }
        for stage in stages
        for (zone_id, row), shape in zip(districts.iterrows(), shapes, strict=True)
    ]


def _name(row: pd.Series, fallback: object) -> str:
    name = row.get("name")
    return str(fallback) if name is None or pd.isna(name) or not str(name).strip() else str(name)


def _schools(tables: Frames, meta: MapMeta) -> list[dict[str, Any]]:
    schools = tables["schools"]
    balance = tables["school_balance"]
    figures = _series(balance, SCHOOL_FIGURES, ["school_id", "stage"], meta.years)
    now = balance[(balance["year"] == meta.base_year) & balance["enrolment"].notna()]
    rolls = zip(now["school_id"], now["stage"], now["enrolment"].astype(float), strict=True)
    enrolled = {(school_id, stage): _short(pupils) for school_id, stage, pupils in rolls}
    found = []
    for (school_id, row), place in zip(
        schools.iterrows(), encode_points(gpd.GeoSeries(schools.geometry)), strict=True
    ):
        by_stage = {
            stage: {**figures[f"{school_id}|{stage}"], "enrolment": enrolled.get((school_id, stage))}
            for stage in meta.stages
            if f"{school_id}|{stage}" in figures
        }
        found.append(
            {
                "id": school_id,
                "name": _name(row, school_id),
                "type": row["school_type"],
                "ownership": row["ownership"],
                "status": row["status"],
                "counts": bool(row["counts"]),
                "at": place,
                "stages": by_stage,
            },
        )
    return found


def _hotspots(tables: Frames) -> list[dict[str, Any]]:
    hotspots = tables["hotspots"]
    if hotspots.empty:
        return []
    shapes = encode_coverage(gpd.GeoSeries(hotspots.geometry), tolerance_m=_TOLERANCE_M)
    return [{**record, "shape": shape} for record, shape in zip(_records(hotspots), shapes, strict=True)]


def _proposals(tables: Frames) -> list[dict[str, Any]]:
    proposals = tables.get("proposals")
    if proposals is None or proposals.empty:
        return []
    places = encode_points(gpd.GeoSeries(proposals.geometry))
    return [{**record, "at": place} for record, place in zip(_records(proposals), places, strict=True)]


def _unserved(tables: Frames, meta: MapMeta) -> list[dict[str, Any]]:
    """Return the units that lack seats in the base or the target year, with their pupils unserved by year."""
    units = tables["unit_demand"]
    points = tables["units"]
    found = []
    short = units[(units["unserved"] > _HALF_A_PUPIL) & units["year"].isin(meta.years)]
    needy = set(short["unit_id"])
    figures = _series(units[units["unit_id"].isin(needy)], ["unserved"], ["unit_id", "stage"], meta.years)
    places = dict(zip(points.index.astype(str), encode_points(gpd.GeoSeries(points.geometry)), strict=True))
    for key, variants in figures.items():
        unit_id, stage = key.rsplit("|", 1)
        if any((value or 0) > _HALF_A_PUPIL for series in variants.values() for value in series["unserved"]):
            found.append({"at": places[unit_id], "stage": stage, "figures": variants})
    return found


def _ground(tables: Frames) -> dict[str, Any]:
    """Return streets by rank, barriers by kind, the outlines of districts and the reserved sites."""
    roads, barriers, districts, sites = (tables[name] for name in ("roads", "barriers", "districts", "sites"))
    ground: dict[str, Any] = {"roads": {}, "barriers": [], "districts": [], "sites": []}
    if not roads.empty:
        ranks = roads["road_class"].astype("string").fillna("other")
        for rank, lines in gpd.GeoSeries(roads.geometry).groupby(ranks.to_numpy()):
            parts = encode_lines(gpd.GeoSeries(lines), tolerance_m=_TOLERANCE_M / 2)
            ground["roads"][str(rank)] = [path for line in parts for path in line]
    if not barriers.empty:
        edges = gpd.GeoSeries(barriers.geometry)
        lines = edges.where(edges.geom_type.str.contains("Line"), edges.boundary)
        walls = encode_lines(gpd.GeoSeries(lines), tolerance_m=_TOLERANCE_M / 2)
        kinds = barriers["kind"].astype("string").fillna("")
        ground["barriers"] = [{"kind": kind, "lines": line} for kind, line in zip(kinds, walls, strict=True)]
    if not districts.empty:
        shapes = encode_coverage(gpd.GeoSeries(districts.geometry), tolerance_m=_TOLERANCE_M)
        ground["districts"] = [
            {"name": _name(row, key), "shape": shape}
            for (key, row), shape in zip(districts.iterrows(), shapes, strict=True)
        ]
    if not sites.empty:
        places = encode_points(gpd.GeoSeries(sites.geometry.representative_point()))
        ground["sites"] = [
            {"name": _name(row, key), "at": place, "area_m2": _numbers(pd.Series([row.get("area_m2")]))[0]}
            for (key, row), place in zip(sites.iterrows(), places, strict=True)
        ]
    return ground


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [{name: _cell(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _cell(value: Any) -> Any:  # noqa: ANN401  a frame's cell
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _short(float(value))
    return str(value)
