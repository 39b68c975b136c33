"""Resources and targets of the plan: reserved sites, estates, education groups and targets."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.names import word_list
from layoutplan.synthetic.records import BASE_YEAR
from layoutplan.synthetic.schooling import TownSchooling
from layoutplan.synthetic.settlement import ESTATE, FIELD, PARK, RESERVE, RESETTLEMENT
from layoutplan.synthetic.town import Town, random_stream
from layoutplan.synthetic.zones import NEW

_SITE_KINDS: Final = (  # area m², allowed types: about every fifth is too small for its types
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
_PLAN_NAME: Final = "区教育事业发展规划（合成示例）"
_OWN_SCHOOL_DWELLINGS: Final = 1_000
_REZONINGS: Final = (
    ("商业服务业设施用地", 1.0, False),
    ("公园绿地", 0.4, True),
    ("二类居住用地", 0.6, False),
)


def sites_table(town: Town, *, district_ids: list[str]) -> pd.DataFrame:
    """Return table ``sites``: parcels reserved for schools.

    Most are in and around the new estates, as in real plans; the other zones are less likely.

    Parameters
    ----------
    town
        The town.
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    DataFrame
        ``lon`` and ``lat`` hold EPSG:4547 coordinates, metres; areas in m².
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
    table = pd.DataFrame(
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
            "tenure": np.where(use == FIELD, "collective", "state"),
            "education_land": use != PARK,
            "responsible_unit": "区自然资源和规划分局",
        }
    )
    return _with_changes(table)


def _with_changes(sites: pd.DataFrame) -> pd.DataFrame:
    """Add proposed rezonings, with and without the consent of the education office."""
    use = np.full(len(sites), None, dtype=object)
    area, consent = np.full(len(sites), np.nan), np.full(len(sites), None, dtype=object)
    for row, (wanted, share, agreed) in zip((1, 5, 9), _REZONINGS, strict=True):
        if row < len(sites):
            use[row], consent[row] = wanted, agreed
            area[row] = np.rint(sites["area_m2"].iloc[row] * share / 10.0) * 10.0
    return sites.assign(proposed_use=use, rezoned_area_m2=area, consent=consent)


def idle_sites(closed: pd.DataFrame) -> pd.DataFrame:
    """Return rows of table ``sites`` for closed schools with vacant buildings.

    Parameters
    ----------
    closed
        Rows of table ``schools``, EPSG:4547.

    Returns
    -------
    DataFrame
        One row per school; ``lon`` and ``lat`` hold EPSG:4547 coordinates, metres.
    """
    return pd.DataFrame(
        {
            "site_id": [f"DX{number + 1:02d}" for number in range(len(closed))],
            "name": [f"{name}旧址" for name in closed["name"]],
            "district_id": closed["district_id"].to_numpy(),
            "lon": shapely.get_x(closed["geometry"]),
            "lat": shapely.get_y(closed["geometry"]),
            "area_m2": closed["site_area_m2"].to_numpy(),
            "school_types": "kindergarten",
            "status": "idle",
            "available_year": BASE_YEAR + 1,
            "titled": np.arange(len(closed)) % 2 == 0,
            "tenure": "collective",
            "education_land": True,
            "floor_area_m2": closed["floor_area_m2"].to_numpy(),
            "former_school_id": closed["school_id"].to_numpy(),
            "responsible_unit": "区教育局",
        }
    )


def _codes(letter: str, count: int) -> list[str]:
    width = 4 if count > 99 else 2  # noqa: PLR2004
    return [f"{letter}{number + 1:0{width}d}" for number in range(count)]


def housing_table(
    town: Town, schooling: TownSchooling, *, unit_ids: dict[int, str], district_ids: list[str]
) -> pd.DataFrame:
    """Return table ``housing``: the largest estates of the new quarters, occupied or planned.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    unit_ids
        ``unit_id`` by block.
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    DataFrame
        ``lon`` and ``lat`` hold EPSG:4547 coordinates, metres; estates without a primary school within
        walking distance have no ``school_ids``.
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
            "start_year": first - 4,
            "first_occupancy_year": first,
            "completed_year": first - 1,
            "occupancy": np.where(lived, np.round(rng.uniform(0.7, 0.95, len(blocks)), 2), 0.0),
            "unit_id": [unit_ids.get(int(block)) for block in blocks],
            "district_id": np.array(district_ids)[town.district[blocks]],
            "lon": point[:, 0],
            "lat": point[:, 1],
            "school_ids": _attached(town, schooling, blocks=blocks),
            "seats_primary": np.where(dwellings >= _OWN_SCHOOL_DWELLINGS, 0.33 * dwellings, np.nan).round(-1),
            "kindergarten_state": _kindergarten_states(lived, town.hot[blocks]),
            "education_share": lived | (np.arange(len(blocks)) % 3 > 0),
            "responsible_unit": "区住房和城乡建设局",
        }
    )


def _kindergarten_states(lived: Flags, hot: FloatArray) -> npt.NDArray[np.str_]:
    """Return the state of each estate's kindergarten; some in occupied estates are not in use yet."""
    number = np.cumsum(lived) - 1
    waiting = np.array(["idle", "built", "delivered"])[(number // 6) % 3]
    used = np.where(number % 6 == 5, waiting, "opened")  # noqa: PLR2004
    return np.where(lived, np.where(hot > _HOT_CORE, "none", used), "planned")


def _attached(town: Town, schooling: TownSchooling, *, blocks: IntArray) -> list[str | None]:
    """Return the nearest primary school within walking distance of each occupied estate, or ``None``."""
    schools = schooling.schools[schooling.schools["seats_primary"] > 0]
    place: FloatArray = schools[["x", "y"]].to_numpy(dtype=np.float64)
    attached: list[str | None] = []
    for block in blocks:
        apart = np.hypot(*(place - town.place[block]).T)
        nearest = int(np.argmin(apart))
        near = apart[nearest] <= _WALK_M and town.settlement.residents[block] > 0
        attached.append(str(schools["school_id"].iloc[nearest]) if near else None)
    return attached


_GROUP_COLUMNS: Final = (
    *("group_id", "name", "core_school_id", "school_ids", "quality", "kind"),
    *("approved_year", "dissolved_year", "district_id", "grade"),
)
_GROUP_GRADES: Final = ("province", "city", "city", None)  # of quality groups, in turn
# Junior (j) and primary (p) members, the first is the core: members, quality, kind, approved, dissolved.
_FURTHER_GROUPS: Final = (
    ("jj", True, "close", 2021, None),
    ("jp", False, "close", 2022, None),
    ("jp", False, "trusteeship", 2025, None),
    ("jj", False, "loose", 2018, 2023),
)


def groups_table(
    schooling: TownSchooling, *, school_names: tuple[str, ...], district_of: IntArray, district_ids: list[str]
) -> pd.DataFrame:
    """Return table ``groups``: in each district, primary schools with the largest one as core school.

    Cities with enough schools also have groups across stages, a trusteeship and a dissolved group.

    Parameters
    ----------
    schooling
        Schools and catchments.
    school_names
        Names of the schools.
    district_of
        District index of each school.
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    DataFrame
        One row per group.
    """
    schools = schooling.schools
    public = schools["ownership"] == "public"
    fits = (schools["school_type"] == "primary") & public
    rows: list[dict[str, object]] = []
    grouped: list[int] = []
    for number, district_id in enumerate(district_ids):
        members = schools.index[fits & (district_of == number)]
        if len(members) >= 3:  # noqa: PLR2004
            core = int(schools.loc[members, "seats_primary"].idxmax())
            chosen = [core, *[int(row) for row in members if row != core][:4]]
            grouped += chosen
            rows.append(
                {
                    "members": chosen,
                    "quality": number % 2 == 0,
                    "kind": "close" if number % 2 == 0 else "loose",
                    "approved_year": 2019 + number % 5,
                    "district_id": district_id,
                }
            )
    free = schools.index[fits & ~schools.index.isin(grouped)]
    junior = schools.index[(schools["school_type"] == "junior") & public]
    if len(free) >= len(_FURTHER_GROUPS) * 2 and len(junior) >= len(_FURTHER_GROUPS) * 2:
        rows += _further_groups(free, junior, district_of=district_of, district_ids=district_ids)
    for number, row in enumerate(rows):
        chosen = cast("list[int]", row.pop("members"))
        row["group_id"] = f"G{number + 1:02d}"
        row["name"] = f"{school_names[chosen[0]]}教育集团"
        row["grade"] = _GROUP_GRADES[number // 2 % len(_GROUP_GRADES)] if row["quality"] else None
        row["core_school_id"] = schools.loc[chosen[0], "school_id"]
        row["school_ids"] = ";".join(schools.loc[chosen, "school_id"])
    table = pd.DataFrame(rows, columns=[*_GROUP_COLUMNS])
    return table.astype({"approved_year": "Int64", "dissolved_year": "Int64"})


def _further_groups(
    primary: pd.Index, junior: pd.Index, *, district_of: IntArray, district_ids: list[str]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    stock = {"p": list(primary), "j": list(junior)}
    for members, quality, kind, approved, dissolved in _FURTHER_GROUPS:
        chosen = [int(stock[letter].pop(0)) for letter in members]
        rows.append(
            {
                "members": chosen,
                "quality": quality,
                "kind": kind,
                "approved_year": approved,
                "dissolved_year": dissolved,
                "district_id": district_ids[int(district_of[chosen[0]])],
            }
        )
    return rows


# Indicator, stage, district index, years after the base year, target, direction. Some rules have several
# targets: past ones, which show what was achieved, and future ones.
_TARGETS: Final = (
    ("class_size.cap", "primary", None, -2, 50.0, "at_most"),
    ("class_size.cap", "primary", None, 3, 45.0, "at_most"),
    ("class_size.cap", "junior", None, 3, 50.0, "at_most"),
    ("school_size.cap", "primary", None, 2, 2_000.0, "at_most"),
    ("demand.participation", "kindergarten", None, 5, 0.95, "at_least"),
    ("kindergarten.inclusive_share", "kindergarten", None, -1, 0.93, "at_least"),
    ("kindergarten.inclusive_share", "kindergarten", None, 2, 0.95, "at_least"),
    ("catchment.entry_share", "primary", None, 0, 1.0, "at_least"),
    ("catchment.entry_share", "junior", None, 0, 0.95, "at_least"),
    ("catchment.entry_share", "primary", 0, 1, 0.98, "at_least"),
    ("migrants.public_share", "primary", None, 0, 0.9, "at_least"),
    ("equity.composite_cv", "primary", None, 0, 0.4, "at_most"),
    ("equity.composite_cv", "junior", None, 0, 0.3, "at_most"),
    ("quality.coverage", "primary", None, -3, 0.6, "at_least"),
    ("quality.coverage", "primary", None, 2, 1.0, "at_least"),
)


def targets_table(district_ids: list[str]) -> pd.DataFrame:
    """Return table ``targets``: typical targets of such a district, by year.

    Parameters
    ----------
    district_ids
        Ids of the districts, in their order.

    Returns
    -------
    DataFrame
        One row per target.
    """
    rows = [
        (
            *(indicator, stage, None if place is None else district_ids[place]),
            *(BASE_YEAR + years, target, direction, _PLAN_NAME, "区教育局"),
        )
        for indicator, stage, place, years, target, direction in _TARGETS
    ]
    names = ("indicator", "stage", "district_id", "year", "target", "direction", "source", "responsible_unit")
    return pd.DataFrame(rows, columns=[*names])
