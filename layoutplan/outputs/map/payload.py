"""The payload of the map page: what is drawn once, and what each scenario states of it."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from importlib import resources
from typing import Any

import geopandas as gpd

from layoutplan.outputs.layout_titles import listed_layouts
from layoutplan.outputs.map.frames import Record, records, records_in_both, series
from layoutplan.outputs.map.geometry import encode_points
from layoutplan.outputs.map.ground import ground_layers
from layoutplan.outputs.map.hotspots import hotspot_records, proposal_records, unserved_homes
from layoutplan.outputs.map.interning import Interner
from layoutplan.outputs.map.measures import measure_records, plan_year_records, waterfalls
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.map.outlook import late_schools, total_bands
from layoutplan.outputs.map.schools import project_records, school_records
from layoutplan.outputs.map.spelling import spelled
from layoutplan.outputs.map.switching import reach_groups
from layoutplan.outputs.map.tiles import drawn_in
from layoutplan.outputs.map.zones import ZONE_FIGURES, move_records, with_access, zone_records
from layoutplan.outputs.names import OtherNames, in_both_languages, with_own_names
from layoutplan.outputs.row_lookup import Frames
from layoutplan.rules import remedies
from layoutplan.texts import LANGUAGES, Language, keys, text

PAGE_FORMAT = 12
_CITY_FIGURES = (*ZONE_FIGURES, "balance", "enrolment")
_TEXT_SUBJECTS = ("map", "stages", "report.codes", "siting.remedy", "document.currency")

_TEXTS = ("siting.new_name", *(f"document.figure.money_{step}" for step in ("plain", "middle", "large")))


def make_payload(tables: Frames, *, meta: MapMeta, lang: Language) -> dict[str, Any]:
    """Collect the page's data from result tables and layers; no figure is computed here.

    ``zones`` and ``schools`` are what is drawn; in a scenario, ``zones`` and ``schools`` are pairs of an
    index in those lists and what the scenario states of it. Places are longitude and latitude in the datum of
    the basemap, WGS 84 without one. ``names`` are the pairs of a Chinese and an English name.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Facts of the map.
    lang
        Language the page opens in.

    Returns
    -------
    dict[str, Any]
        A value that JSON can hold, with one scenario.
    """
    if meta.tiles:
        tables = drawn_in(tables, meta.tiles.datum)
    names = OtherNames(tables.values(), lang=meta.lang)
    shapes, zones, schools = Interner(), Interner(), Interner()
    drawn_zones, said_of_zones = zone_records(tables, meta, shapes)
    drawn_schools, said_of_schools = school_records(tables, meta)
    scenario: Record = {
        "meta": with_own_names(names, asdict(meta)),
        "layouts": [asdict(layout) for layout in listed_layouts(tables)],
        "answers": records_in_both(records(tables["answers"]), ["answer"], lang=meta.lang),
        "city": series(
            with_access(tables["city_balance"], tables, level="city", key=None),
            _CITY_FIGURES,
            by=["stage"],
            years=meta.years,
        ),
        "risks": records_in_both(records(tables["risks"]), ["risk"], lang=meta.lang),
        "waterfalls": waterfalls(tables, meta),
        "plan_years": plan_year_records(tables),
        "measures": measure_records(tables, meta),
        "bands": {key.removeprefix("|"): of for key, of in total_bands(tables, meta, level="city").items()},
        "late": late_schools(tables, meta),
        "zones": [[zones.add(zone), said] for zone, said in zip(drawn_zones, said_of_zones, strict=True)],
        "schools": [
            [schools.add(school), said] for school, said in zip(drawn_schools, said_of_schools, strict=True)
        ],
        "flags": records(tables["flags"]),
        "ledger": with_own_names(names, _ledger(tables, meta)),
        "projects": project_records(tables),
        "hotspots": hotspot_records(tables, meta),
        "proposals": proposal_records(tables, meta),
        "outcome": records_in_both(records(tables["siting_outcome"]), ["message", "unit"], lang=meta.lang)
        if "siting_outcome" in tables
        else [],
        "moves": move_records(tables),
        "redraws": records_in_both(records(tables["zoning_outcome"]), ["message"], lang=meta.lang)
        if "zoning_outcome" in tables
        else [],
        "unserved": unserved_homes(tables, meta),
        "groups": reach_groups(tables, meta),
    }
    ground, estates = ground_layers(tables), _estates(tables)
    named = [zones.values, schools.values, ground, scenario, [{"name": name} for name, *_ in estates]]
    return {
        "format": PAGE_FORMAT,
        "lang": lang,
        "names": in_both_languages(names, named),
        "texts": page_texts(),
        "style": page_style(),
        "shapes": shapes.values,
        "zones": zones.values,
        "schools": schools.values,
        "estates": estates,
        "ground": ground,
        "scenarios": [scenario],
    }


def _ledger(tables: Frames, meta: MapMeta) -> list[Record]:
    """Return the cases, each with what would clear it by language; of a cleared one as the table has it."""
    ledger, flags = tables["ledger"], tables["flags"]
    said = {lang: remedies(ledger, flags, lang=lang) for lang in LANGUAGES}
    return [
        {
            **record,
            "remedy": {meta.lang: record["remedy"]}
            | {lang: said[lang][at] for lang in LANGUAGES if said[lang][at]},
        }
        for at, record in enumerate(records(ledger))
    ]


def page_texts() -> dict[str, dict[str, str]]:
    """Return every text of the page by language and key."""
    return {language: _texts(language) for language in LANGUAGES}


def _texts(lang: Language) -> dict[str, str]:
    wanted = [key for subject in _TEXT_SUBJECTS for key in keys(f"{subject}.")]
    return {key.removeprefix("map."): text(key, lang) for key in (*wanted, *_TEXTS)}


def page_style() -> dict[str, Any]:
    """Return the colours and breaks of the map."""
    return tomllib.loads((resources.files("layoutplan.outputs") / "style.toml").read_text(encoding="utf-8"))


def _estates(tables: Frames) -> list[list[Any]]:
    """Return name, place and spelling of every named residential unit, for the search."""
    units = tables["units"]
    if "name" not in units:
        return []
    named = units[units["name"].notna()].drop_duplicates("name")
    places = encode_points(gpd.GeoSeries(named.geometry))
    return [
        [str(name), *place, spelled(str(name))]
        for name, place in zip(named["name"], places, strict=True)
        if place
    ]
