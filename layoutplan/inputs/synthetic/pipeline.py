"""The project pipeline: schools to be built, enlarged, closed or made public, in several states."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.inputs.synthetic.arrays import Flags, Ints
from layoutplan.inputs.synthetic.names import city_name, ordinal, word_list
from layoutplan.inputs.synthetic.placement import nearest_free
from layoutplan.inputs.synthetic.schooling import Schooling
from layoutplan.inputs.synthetic.settlement import ESTATE, RESERVE, RESETTLEMENT
from layoutplan.inputs.synthetic.stages import STAGE_FACTS
from layoutplan.inputs.synthetic.town import Town, random_stream
from layoutplan.inputs.synthetic.zones import NEW
from layoutplan.tables import empty_frame, input_table

_EDGE: Final = 0.3  # how near the heart of the estates without schools a committed project may be
_LARGEST_ENLARGED: Final = 1_200
_MOST_ADDED: Final = 0.5  # seats one project may add, as a share of those the city has
_FIRST_WORD: Final = 40
_FIRST_NUMBER: Final = 21


@cache
def _pattern() -> tuple[dict[str, Any], ...]:
    text = (resources.files("layoutplan.inputs.synthetic") / "pipeline.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["project"])


def projects_table(
    town: Town, schooling: Schooling, *, school_names: tuple[str, ...], district_ids: list[str]
) -> pd.DataFrame:
    """Return table ``projects``: the pattern of ``pipeline.toml``, repeated as often as the city is large.

    Points of new schools are in the columns ``lon`` and ``lat``, in EPSG:4547; a change of a school has none.
    A project is left out where the city has no school of its kind, and a new school that would add more
    than half again to the seats of a small town.
    """
    spots = _spots(town, schooling)
    made = []
    for number in range(town.scale.projects):
        turn, step = divmod(number, len(_pattern()))
        entry = dict(_pattern()[step])
        if "pick" in entry:
            row = _picked(entry.pop("pick"), turn=turn, schools=schooling.schools)
            if row is not None:
                made.append(_change(entry, row=row, schooling=schooling, name=school_names[row]))
        elif _fits_city(entry, schooling.schools):
            made.append(_new(entry, number=number, turn=turn, block=int(spots[number])))
    if not made:  # a small town may have no project
        return empty_frame(input_table("projects"))
    table = pd.DataFrame(made)
    blocks = table.pop("block").to_numpy(dtype=np.int64)
    point = np.round(town.place[blocks], 2)
    width = 4 if len(table) > 99 else 2  # noqa: PLR2004
    table.insert(0, "project_id", [f"X{number + 1:0{width}d}" for number in range(len(table))])
    table["district_id"] = np.array(district_ids)[town.district[blocks]]
    fresh = table["kind"].to_numpy() == "new"
    table["lon"] = np.where(fresh, point[:, 0], np.nan)
    table["lat"] = np.where(fresh, point[:, 1], np.nan)
    table["responsible_unit"] = "区教育局"
    table["due_year"] = table["due_year"].fillna(table["opening_year"])
    whole = ["start_year", "due_year", *(name for name in table.columns if name.startswith("classes_"))]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _spots(town: Town, schooling: Schooling) -> Ints:
    """Choose blocks for new schools: in new quarters, near but not in those without schools, each once."""
    rng = random_stream(town.seed, 41)
    taken = np.zeros(len(town.hot), dtype=np.bool_)
    taken[schooling.schools["block"].to_numpy()] = True
    free: Flags = np.isin(town.settlement.use, (RESERVE, ESTATE, RESETTLEMENT)) & ~taken
    free &= town.hot < _EDGE
    likely = np.where(town.lattice.blocks.zone == NEW, 3.0, 0.3) + 4.0 * (town.hot > 0)
    order = np.argsort(-np.where(free, rng.random(len(free)) ** (1.0 / likely), -1.0), kind="stable")
    return nearest_free(town.place[order[: town.scale.projects]], place=town.place, free=free)


def _new(entry: dict[str, Any], *, number: int, turn: int, block: int) -> dict[str, Any]:
    """Fill in a new school."""
    word = word_list()[(_FIRST_WORD + number) % len(word_list())][0]
    name = entry["name"].format(word=word, city=city_name()[0], number=ordinal(_FIRST_NUMBER + turn))
    blank = {"school_id": None, "due_year": None}
    return {**blank, **entry, "name": name, "ownership": "public", "block": block}


def _fits_city(entry: dict[str, Any], schools: pd.DataFrame) -> bool:
    """Say whether the seats of a new school are in proportion to those the city has."""
    added = {
        stage: entry.get(f"classes_{stage}", 0) * facts.seats_per_class
        for stage, facts in STAGE_FACTS.items()
    }
    return all(seats <= _MOST_ADDED * schools[f"seats_{stage}"].sum() for stage, seats in added.items())


def _picked(pick: str, *, turn: int, schools: pd.DataFrame) -> int | None:
    """Return the school a change is for: the ``turn``-th that fits, or nothing."""
    if pick == "small":
        rows = np.flatnonzero((schools["role"] == "small").to_numpy())
    elif pick == "private kindergarten":
        fits = (schools["school_type"] == "kindergarten") & (schools["ownership"] == "private")
        rows = np.flatnonzero(fits.to_numpy())
    else:
        stage = pick.removeprefix("fullest ")
        plain = (schools["role"] == "") & (schools["ownership"] == "public")
        room = schools[f"seats_{stage}"] <= _LARGEST_ENLARGED
        rows = np.flatnonzero((plain & room & (schools["school_type"] == stage)).to_numpy())
        fullness = (schools[f"enrolment_{stage}"] / schools[f"seats_{stage}"]).to_numpy()[rows]
        rows = rows[np.argsort(-fullness, kind="stable")]
    return int(rows[turn % len(rows)]) if len(rows) else None


def _change(entry: dict[str, Any], *, row: int, schooling: Schooling, name: str) -> dict[str, Any]:
    """Fill in a change of a school; a closed one names who takes its pupils."""
    schools = schooling.schools
    filled = {
        "due_year": None,
        **entry,
        "name": entry["name"].format(school=name),
        "school_id": schools["school_id"].iloc[row],
        "school_type": schools["school_type"].iloc[row],
        "ownership": "public",
        "block": int(schools["block"].iloc[row]),
    }
    if entry["kind"] == "close":
        filled["successor_school_id"] = _successor(schools, row)
    return filled


def _successor(schools: pd.DataFrame, row: int) -> str:
    """Return the nearest other public school that teaches primary pupils and is not small."""
    fits = (schools["seats_primary"] > 0) & (schools["role"] != "small") & (schools["ownership"] == "public")
    apart = np.hypot(schools["x"] - schools["x"].iloc[row], schools["y"] - schools["y"].iloc[row])
    return str(schools.loc[apart.where(fits).idxmin(), "school_id"])
