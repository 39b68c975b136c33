"""Projects in several states: schools built, enlarged, moved, split, closed or converted to public."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.arrays import IntArray
from layoutplan.dictionary import empty_frame, input_table
from layoutplan.dictionary.rolls import stage_column
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.names import city_name, ordinal, word_list
from layoutplan.synthetic.placement import nearest_free
from layoutplan.synthetic.records import BASE_YEAR
from layoutplan.synthetic.schooling import TownSchooling
from layoutplan.synthetic.settlement import ESTATE, RESERVE, RESETTLEMENT
from layoutplan.synthetic.stages import STAGE_FACTS
from layoutplan.synthetic.town import Town, random_stream
from layoutplan.synthetic.zones import NEW

_EDGE: Final = 0.3  # largest ``hot`` value of a committed project's location
_LARGEST_ENLARGED: Final = 1_200
_MOST_ADDED: Final = 0.5  # seats one project may add, as a share of those the city has
_FIRST_WORD: Final = 40
_FIRST_NUMBER: Final = 21
_GATES: Final = ("procedures_complete", "construction_accepted", "title_clear")
_PAID: Final = {"approved": 0.03, "started": 0.22, "continued": 0.55, "handed_over": 0.9, "opened": 1.0}
_BLANK: Final[dict[str, Any]] = {
    "school_id": None,
    "due_year": None,
    "programme": None,
    "successor_school_id": None,
    "accepted": None,
    "paid_share": None,
    "accelerated": False,
    "setting": None,
    "unsafe_cleared_m2": None,
    "of_estate": False,
    "into_new_school": False,
}
_PROMISE: Final = f"{BASE_YEAR}年区政府实事项目"
_BESIDE_M: Final = 40.0
_PLACED_KINDS: Final = ("new", "relocate", "split")


@cache
def _pattern() -> tuple[dict[str, Any], ...]:
    text = (resources.files("layoutplan.synthetic") / "projects.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["project"])


def projects_table(
    town: Town,
    schooling: TownSchooling,
    *,
    school_names: tuple[str, ...],
    district_ids: list[str],
    housing: pd.DataFrame,
) -> pd.DataFrame:
    """Return table ``projects``: the pattern of ``projects.toml``, repeated by the size of the city.

    A project is omitted where the city has no school of its kind, and a new school where it would add more
    than half of the existing seats of a stage.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    school_names
        Names of the schools.
    district_ids
        Ids of the districts, in their order.
    housing
        Table ``housing``: schools of estates are located there and refer to it.

    Returns
    -------
    DataFrame
        ``lon`` and ``lat`` hold EPSG:4547 coordinates, metres, for new, moved and split schools, else NaN.
    """
    spots = _spots(town, schooling)
    made = []
    for number in range(town.scale.projects):
        turn, step = divmod(number, len(_pattern()))
        entry = dict(_pattern()[step])
        if entry.pop("once", False) and turn:
            continue
        block = int(spots[number])
        if "pick" in entry:
            row = _picked(entry.pop("pick"), turn=turn, schools=schooling.schools)
            if row is not None:
                made.append(_change(entry, row=row, schooling=schooling, name=school_names[row], block=block))
        elif _fits_city(entry, schooling.schools):
            made.append(_new(entry, number=number, turn=turn, block=block))
    if not made:  # a small town may have no project
        return empty_frame(input_table("projects"))
    table = pd.DataFrame(made)
    blocks = table.pop("block").to_numpy(dtype=np.int64)
    point = np.round(town.place[blocks], 2)
    width = 4 if len(table) > 99 else 2  # noqa: PLR2004
    table.insert(0, "project_id", [f"X{number + 1:0{width}d}" for number in range(len(table))])
    table["district_id"] = np.array(district_ids)[town.district[blocks]]
    placed = table["kind"].isin(_PLACED_KINDS).to_numpy()
    table["lon"] = np.where(placed, point[:, 0], np.nan)
    table["lat"] = np.where(placed, point[:, 1], np.nan)
    table["responsible_unit"] = "区教育局"
    table["due_year"] = table["due_year"].astype("Int64").fillna(table["opening_year"].astype("Int64"))
    table = _of_estates(_with_progress(table), housing)
    years = ("start_year", "due_year", "handed_over_year", "closing_year", "boarding_beds")
    whole = [*(name for name in table if str(name).startswith("classes_")), *years]
    return table.astype({name: "Int64" for name in whole if name in table})


def _with_progress(table: pd.DataFrame) -> pd.DataFrame:
    """Return projects with amounts paid, the three acceptance conditions, and their programme."""
    share = table.pop("paid_share").astype(float).fillna(table["state"].map(_PAID)).fillna(0.0)
    accepted = table.pop("accepted")
    gates = {
        gate: pd.Series([one[number] if isinstance(one, list) else None for one in accepted], dtype=object)
        for number, gate in enumerate(_GATES)
    }
    promised = table["kind"].isin(("new", "expand")) & table["state"].isin(("started", "continued"))
    fresh = table["project_id"][(table["kind"] == "new") & (table["school_type"] == "nine_year")]
    into_new = table.pop("into_new_school")
    return table.assign(
        paid=(table["cost"] * share).round(-4),
        programme=table["programme"].where(~promised, _PROMISE),
        successor_school_id=table["successor_school_id"].where(
            ~into_new, fresh.iloc[0] if len(fresh) else None
        ),
        **gates,
    )


def _of_estates(table: pd.DataFrame, housing: pd.DataFrame) -> pd.DataFrame:
    """Locate the schools of estates: kindergartens in occupied estates, primary schools in planned ones."""
    wanted = table.pop("of_estate")
    lived = housing["occupancy"] > 0
    table = table.assign(housing_id=pd.Series(None, index=table.index, dtype=object))
    for kind, stock in (("kindergarten", housing[lived]), ("primary", housing[~lived])):
        rows = table.index[wanted & (table["school_type"] == kind)][: len(stock)]
        homes = stock.iloc[: len(rows)]
        table.loc[rows, "housing_id"] = homes["housing_id"].to_numpy()
        for name in ("lon", "lat"):
            table.loc[rows, name] = homes[name].to_numpy() + _BESIDE_M
        table.loc[rows, "district_id"] = homes["district_id"].to_numpy()
    return table


def with_own_schools(housing: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Return table ``housing`` with the projects that build an estate's school added to its schools.

    Parameters
    ----------
    housing
        Table ``housing``.
    projects
        Table ``projects``.

    Returns
    -------
    DataFrame
        A new table.
    """
    of_estate = projects.dropna(subset="housing_id").set_index("housing_id")["project_id"]
    added = housing["housing_id"].map(of_estate.to_dict())
    both = zip(housing["school_ids"], added, strict=True)
    named = [";".join(one for one in pair if isinstance(one, str)) or None for pair in both]
    return housing.assign(school_ids=pd.Series(named, index=housing.index, dtype=object))


def _spots(town: Town, schooling: TownSchooling) -> IntArray:
    """Select distinct blocks for new schools, in new quarters near those without schools."""
    rng = random_stream(town.seed, 41)
    taken = np.zeros(len(town.hot), dtype=np.bool_)
    taken[schooling.schools["block"].to_numpy()] = True
    free: Flags = np.isin(town.settlement.use, (RESERVE, ESTATE, RESETTLEMENT)) & ~taken
    free &= town.hot < _EDGE
    likely = np.where(town.lattice.blocks.zone == NEW, 3.0, 0.3) + 4.0 * (town.hot > 0)
    order = np.argsort(-np.where(free, rng.random(len(free)) ** (1.0 / likely), -1.0), kind="stable")
    return nearest_free(town.place[order[: town.scale.projects]], place=town.place, free=free)


def _new(entry: dict[str, Any], *, number: int, turn: int, block: int) -> dict[str, Any]:
    """Return the row of a new school."""
    word = word_list()[(_FIRST_WORD + number) % len(word_list())][0]
    name = entry["name"].format(word=word, city=city_name()[0], number=ordinal(_FIRST_NUMBER + turn))
    return {**_BLANK, **entry, "name": name, "ownership": "public", "block": block}


def _fits_city(entry: dict[str, Any], schools: pd.DataFrame) -> bool:
    """Return whether the seats of a new school are in proportion to the city's."""
    added = {
        stage: entry.get(stage_column("classes", stage), 0) * facts.seats_per_class
        for stage, facts in STAGE_FACTS.items()
    }
    return all(
        seats <= _MOST_ADDED * schools[stage_column("seats", stage)].sum() for stage, seats in added.items()
    )


def _picked(pick: str, *, turn: int, schools: pd.DataFrame) -> int | None:
    """Return the school that a change applies to: the ``turn``-th that fits, or ``None``."""
    if pick in {"small", "second small"}:
        rows = np.flatnonzero((schools["role"] == "small").to_numpy())
        rows = rows[1:] if pick == "second small" else rows
    elif pick == "special":
        rows = np.flatnonzero((schools["school_type"] == "special").to_numpy())
    elif pick.startswith(("private ", "last private ")):
        kind = pick.rsplit(maxsplit=1)[-1]
        fits = (schools["school_type"] == kind) & (schools["ownership"] == "private")
        rows = np.flatnonzero(fits.to_numpy())
        rows = rows[::-1] if pick.startswith("last") else rows
    elif pick == "plain primary":
        fits = (schools["school_type"] == "primary") & (schools["ownership"] == "public")
        rows = np.flatnonzero((fits & (schools["role"] == "")).to_numpy())[::-1]
    else:
        stage = pick.rsplit(maxsplit=1)[-1]
        plain = (schools["role"] == "") & (schools["ownership"] == "public")
        room = schools[stage_column("seats", stage)] <= _LARGEST_ENLARGED
        rows = np.flatnonzero((plain & room & (schools["school_type"] == stage)).to_numpy())
        fullness = (
            schools[stage_column("enrolment", stage)] / schools[stage_column("seats", stage)]
        ).to_numpy()[rows]
        rows = rows[np.argsort(-fullness, kind="stable")]
        rows = rows[1:] if pick.startswith("second") else rows
    return int(rows[turn % len(rows)]) if len(rows) else None


def _change(
    entry: dict[str, Any], *, row: int, schooling: TownSchooling, name: str, block: int
) -> dict[str, Any]:
    """Return the row of a change of a school; a closed school names its successor.

    ``block`` is the new location of a moved school.
    """
    schools = schooling.schools
    filled = {
        **_BLANK,
        **entry,
        "name": entry["name"].format(school=name),
        "school_id": schools["school_id"].iloc[row],
        "school_type": schools["school_type"].iloc[row],
        "ownership": "public",
        "block": block if entry["kind"] in _PLACED_KINDS else int(schools["block"].iloc[row]),
    }
    if entry["kind"] == "close" and filled["school_type"] == "primary":
        filled["successor_school_id"] = _successor(schools, row)
    return filled


def _successor(schools: pd.DataFrame, row: int) -> str:
    """Return the nearest other public school with primary seats that is not small."""
    fits = (schools["seats_primary"] > 0) & (schools["role"] != "small") & (schools["ownership"] == "public")
    apart = np.hypot(schools["x"] - schools["x"].iloc[row], schools["y"] - schools["y"].iloc[row])
    return str(schools.loc[apart.where(fits).idxmin(), "school_id"])
