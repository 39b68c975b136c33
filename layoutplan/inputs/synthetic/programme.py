"""What the plan can draw on: reserved sites, estates, education groups and targets."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely

from layoutplan.inputs.synthetic.arrays import Floats, Ints
from layoutplan.inputs.synthetic.names import word_list
from layoutplan.inputs.synthetic.records import BASE_YEAR
from layoutplan.inputs.synthetic.schooling import Schooling
from layoutplan.inputs.synthetic.settlement import ESTATE, FIELD, PARK, RESERVE, RESETTLEMENT
from layoutplan.inputs.synthetic.town import Town, random_stream
from layoutplan.inputs.synthetic.zones import NEW

_SITE_KINDS: Final = (  # area m², allowed types: every fifth too small for what it is meant for
    (24_600, "primary;nine_year"),
    (31_500, "junior;nine_year"),
    (46_000, "nine_year;junior"),
    (9_300, "primary"),
    (22_400, "primary"),
    (28_800, "junior"),
    (17_200, "primary"),
    (5_600, "kindergarten"),
    (36_000, "primary;junior;nine_year"),
    (8_100, "primary;kindergarten"),
    (27_000, "primary"),
    (52_000, "senior;junior"),
    (12_500, "junior"),
    (20_300, "primary"),
)
_DWELLING_RESIDENTS: Final = 2.7
_TITLED_SHARE, _TALENT_SHARE, _HOT_CORE = 0.7, 0.15, 0.4
_WALK_M: Final = 700.0


def sites_table(town: Town, *, district_ids: list[str]) -> pd.DataFrame:
    """Return table ``sites``: parcels kept for schools, as points in EPSG:4547 with their area.

    Most lie in and around the new estates, as they do in a real plan; one in four is elsewhere.
    """
    rng = random_stream(town.seed, 40)
    count = town.scale.sites
    free = np.isin(town.settlement.use, (RESERVE, FIELD, PARK))
    zone = town.lattice.blocks.zone
    chance = np.where(zone == NEW, 1.0, 0.25) + 4.0 * (town.hot > 0)
    keys = np.where(free, rng.random(len(free)) ** (1.0 / chance), -1.0)
    blocks = np.sort(np.argsort(-keys, kind="stable")[: min(count, int(free.sum()))])
    kinds = [_SITE_KINDS[number % len(_SITE_KINDS)] for number in range(len(blocks))]
    area = np.array([kind[0] for kind in kinds]) * rng.uniform(0.94, 1.06, len(blocks))
    most = shapely.area(town.polygons[blocks]) * 0.9
    beside = town.street_beside(blocks)
    use = town.settlement.use[blocks]
    point = np.round(town.place[blocks], 2)
    return pd.DataFrame(
        {
            "site_id": _codes("D", len(blocks)),
            "name": [f"{road or '规划路'}旁预留地块" for road in beside.zh],
            "district_id": np.array(district_ids)[town.district[blocks]],
            "lon": point[:, 0],
            "lat": point[:, 1],
            "area_m2": np.rint(np.minimum(area, most) / 10.0) * 10.0,
            "school_types": [kind[1] for kind in kinds],
            "status": np.where(
                use == RESERVE, "reserved", np.where(use == FIELD, "unavailable", "available")
            ),
            "available_year": BASE_YEAR + rng.integers(1, 5, len(blocks)),
            "titled": rng.random(len(blocks)) < _TITLED_SHARE,
            "responsible_unit": "区自然资源和规划分局",
        }
    )


def _codes(letter: str, count: int) -> list[str]:
    width = 4 if count > 99 else 2  # noqa: PLR2004
    return [f"{letter}{number + 1:0{width}d}" for number in range(count)]


def housing_table(
    town: Town, schooling: Schooling, *, unit_ids: dict[int, str], district_ids: list[str]
) -> pd.DataFrame:
    """Return table ``housing``: the largest estates of the new quarters, lived in or on the way.

    Estates in the heart of the quarters built without schools have none attached.
    """
    rng = random_stream(town.seed, 42)
    settlement = town.settlement
    young = np.isin(settlement.use, (ESTATE, RESETTLEMENT)) & (town.lattice.blocks.zone == NEW)
    count = max(2, round(2.0 * town.scale.sites))
    order = np.argsort(-np.where(young, settlement.residents * (1.0 + town.hot), -1), kind="stable")
    blocks = np.sort(order[: min(count, int(young.sum()))])
    future = np.sort(np.flatnonzero(settlement.use == RESERVE)[: max(1, count // 4)])
    blocks = np.concatenate([blocks, future])
    lived = settlement.residents[blocks] > 0
    dwellings = np.where(
        lived, settlement.residents[blocks] / _DWELLING_RESIDENTS / 0.82, rng.uniform(400, 1_600, len(blocks))
    )
    first = np.where(lived, rng.integers(2014, 2024, len(blocks)), rng.integers(2026, 2030, len(blocks)))
    kind = np.where(
        settlement.use[blocks] == RESETTLEMENT,
        "resettlement",
        np.where(rng.random(len(blocks)) < _TALENT_SHARE, "talent", "commercial"),
    )
    point = np.round(town.place[blocks], 2)
    names = [
        town.home_names.zh[block] if live else f"{word_list()[(20 + number) % 60][0]}新苑（在建）"
        for number, (block, live) in enumerate(zip(blocks.tolist(), lived.tolist(), strict=True))
    ]
    return pd.DataFrame(
        {
            "housing_id": _codes("H", len(blocks)),
            "name": names,
            "dwellings": np.rint(dwellings).astype(np.int64),
            "housing_type": kind,
            "first_occupancy_year": first,
            "completed_year": first - 1,
            "occupancy": np.where(lived, np.round(rng.uniform(0.7, 0.95, len(blocks)), 2), 0.0),
            "unit_id": [unit_ids.get(int(block)) for block in blocks],
            "district_id": np.array(district_ids)[town.district[blocks]],
            "lon": point[:, 0],
            "lat": point[:, 1],
            "school_ids": _attached(town, schooling, blocks=blocks),
            "kindergarten_state": np.where(
                lived, np.where(town.hot[blocks] > _HOT_CORE, "none", "opened"), "planned"
            ),
        }
    )


def _attached(town: Town, schooling: Schooling, *, blocks: Ints) -> list[str | None]:
    """Return the nearest primary school within a walk of each estate, or nothing."""
    schools = schooling.schools[schooling.schools["seats_primary"] > 0]
    place: Floats = schools[["x", "y"]].to_numpy(dtype=np.float64)
    attached: list[str | None] = []
    for block in blocks:
        apart = np.hypot(*(place - town.place[block]).T)
        nearest = int(np.argmin(apart))
        near = apart[nearest] <= _WALK_M and town.settlement.residents[block] > 0
        attached.append(str(schools["school_id"].iloc[nearest]) if near else None)
    return attached


def groups_table(
    schooling: Schooling, *, school_names: tuple[str, ...], district_of: Ints, district_ids: list[str]
) -> pd.DataFrame:
    """Return table ``groups``: in each district, primary schools led by its largest full-size one."""
    schools = schooling.schools
    fits = (schools["school_type"] == "primary") & (schools["ownership"] == "public")
    rows: list[dict[str, object]] = []
    for number, district_id in enumerate(district_ids):
        members = schools.index[fits & (district_of == number)]
        if len(members) >= 3:  # noqa: PLR2004
            core = schools.loc[members, "seats_primary"].idxmax()
            others = [row for row in members if row != core][:4]
            rows.append(
                {
                    "group_id": f"G{len(rows) + 1:02d}",
                    "name": f"{school_names[core]}教育集团",
                    "core_school_id": schools.loc[core, "school_id"],
                    "school_ids": ";".join(schools.loc[[core, *others], "school_id"]),
                    "quality": number % 2 == 0,
                    "kind": "close" if number % 2 == 0 else "loose",
                    "approved_year": 2019 + number % 5,
                    "district_id": district_id,
                }
            )
    columns = [
        "group_id",
        "name",
        "core_school_id",
        "school_ids",
        "quality",
        "kind",
        "approved_year",
        "district_id",
    ]
    return pd.DataFrame(rows, columns=columns)


def targets_table() -> pd.DataFrame:
    """Return table ``targets``: what such a district promises, by year."""
    source = "区教育事业发展规划（合成示例）"
    return pd.DataFrame(
        [
            ("class_size.cap", "primary", BASE_YEAR + 3, 45.0, "at_most", source),
            ("class_size.cap", "junior", BASE_YEAR + 3, 50.0, "at_most", source),
            ("school_size.cap", "primary", BASE_YEAR + 2, 2_000.0, "at_most", source),
            ("demand.participation", "kindergarten", BASE_YEAR + 5, 0.95, "at_least", source),
        ],
        columns=["indicator", "stage", "year", "target", "direction", "source"],
    )
