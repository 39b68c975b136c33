"""What is at hand for a hotspot: spare seats, schools and projects on the way, and in words what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.balance.model import Balance, Seats
from layoutplan.inputs.city import City
from layoutplan.texts import Language, number, text
from layoutplan.travel.pairs import Pairs

_WHOLE_SEAT = 1 - 1e-6
_NOT_COMING = ("opened", "cancelled")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class SpareSchool:
    """A school with whole spare seats; ``metres`` walked are nan where only ``straight_m`` is known."""

    school_id: str
    name: str
    seats: float
    metres: float
    straight_m: float


def spare_schools(balance: Balance, seats: Seats, *, stage: str, year: int) -> pd.Series:
    """Return the spare seats of the schools that have at least one in the year, by ``school_id``.

    Only schools whose seats serve demand that year are among them.
    """
    judged = balance.schools
    here = judged[(judged["stage"] == stage) & (judged["year"] == year)].set_index("school_id")
    counting = seats.counted(stage)[year] > 0
    spare = here["spare"].astype(float).reindex(seats.schools.index)
    return spare[counting & (spare >= _WHOLE_SEAT)]


def nearest_spare(
    spare: pd.Series, schools: gpd.GeoDataFrame, pairs: Pairs, *, unit_id: str, place: shapely.Point
) -> SpareSchool | None:
    """Return the school with spare seats nearest on foot from a unit.

    If none is in the matrix, the one nearest in a straight line, without walking metres; ``None`` if no
    school has a seat to spare. Ties go to the westernmost school, then the southernmost.
    """
    if spare.empty:
        return None
    points = schools.geometry.reindex(spare.index)
    straight = points.distance(place)
    row = int(pairs.origins.get_indexer(pd.Index([unit_id]))[0])
    reached = slice(pairs.indptr[row], pairs.indptr[row + 1])
    walks = pd.Series(pairs.metres[reached], index=pairs.destinations[pairs.indices[reached]], dtype=float)
    walks = walks[walks.index.isin(spare.index)]
    metres = (straight if walks.empty else walks).round(3)
    places = points.loc[metres.index]
    first = np.lexsort((places.y.to_numpy(), places.x.to_numpy(), metres.to_numpy()))[0]
    school_id = str(metres.index[first])
    return SpareSchool(
        school_id=school_id,
        name=str(schools.loc[school_id, "name"]),
        seats=float(np.floor(spare[school_id] + (1 - _WHOLE_SEAT))),
        metres=math.nan if walks.empty else float(walks[school_id]),
        straight_m=float(straight[school_id]),
    )


@dataclass(frozen=True, slots=True)
class Relief:
    """What is at hand: in one word (``project``, ``spare_seats``, ``nothing``), and in sentences.

    A project on its way comes before spare seats: those are beyond the reach of pupils who have none.
    """

    kind: str
    words: str


def relief(
    shape: shapely.Geometry,
    unserved: pd.Series,
    nearest: SpareSchool | None,
    *,
    city: City,
    seats: Seats,
    stage: str,
    year: int,
    near_m: float,
    min_pupils: float,
    lang: Language,
) -> Relief:
    """Say what is at hand and what is needed.

    Parameters
    ----------
    shape
        The hotspot's polygon.
    unserved
        Its pupils without a seat, by plan year.
    nearest
        As :func:`nearest_spare` returns.
    city, seats
        Projects, and schools with their seats.
    stage, year
        Judged.
    near_m
        Straight metres from the polygon within which a school or project is near.
    min_pupils
        Below this many pupils there is no hotspot any more.
    lang
        Language of the text.
    """
    short = math.ceil(unserved[year] - (1 - _WHOLE_SEAT))
    coming = _on_the_way(shape, city=city, seats=seats, stage=stage, year=year, near_m=near_m, lang=lang)
    sentences = [
        *coming.values(),
        _spare_words(nearest, lang),
        _need_words(unserved, short, year=year, min_pupils=min_pupils, lang=lang),
    ]
    kind = "project" if coming.keys() & {"later", "planned"} else "nothing"
    if kind == "nothing" and nearest is not None and not math.isnan(nearest.metres):
        kind = "spare_seats"
    return Relief(kind=kind, words=("" if lang == "zh" else " ").join(sentences))


def _on_the_way(
    shape: shapely.Geometry,
    *,
    city: City,
    seats: Seats,
    stage: str,
    year: int,
    near_m: float,
    lang: Language,
) -> dict[str, str]:
    """Name the committed schools near that are counted already or open later, and projects not yet sure."""
    by_year = seats.counted(stage)
    first = by_year.gt(0).to_numpy().argmax(axis=1)
    opening = pd.Series(np.array(seats.years)[first], index=by_year.index)
    near = (seats.schools["status"] == "committed") & (seats.schools.distance(shape) <= near_m)
    near &= by_year.gt(0).any(axis=1)
    now = near & (by_year[year] > 0)
    later = near & ~now & (opening > year)
    found = {}
    if now.any():
        total = number(float(by_year.loc[now, year].sum()), lang)
        found["counted"] = text(
            "hotspots.relief.counted", lang, names=_names(seats.schools[now], lang), seats=total
        )
    if later.any():
        names = _names(seats.schools[later], lang)
        found["later"] = text("hotspots.relief.later", lang, names=names, year=int(opening[later].min()))
    planned = _uncertain_projects(shape, city, seats, stage=stage, near_m=near_m)
    if not planned.empty:
        found["planned"] = text("hotspots.relief.planned", lang, names=_names(planned, lang))
    return found


def _uncertain_projects(
    shape: shapely.Geometry, city: City, seats: Seats, *, stage: str, near_m: float
) -> pd.DataFrame:
    """Return new schools of the stage near, in the table of projects, that are not sure enough to count."""
    projects = city.tables["projects"]
    if projects.empty or "geometry" not in projects:
        return projects.iloc[:0]
    brings = projects[[f"seats_{stage}", f"classes_{stage}"]].astype(float).max(axis=1) > 0
    coming = ~projects["state"].isin(_NOT_COMING) & ~projects["project_id"].isin(seats.schools.index)
    near = gpd.GeoSeries(projects["geometry"], crs=city.crs).distance(shape) <= near_m
    uncertain: pd.DataFrame = projects[(projects["kind"] == "new") & brings & coming & near]
    return uncertain


def _names(frame: pd.DataFrame, lang: Language) -> str:
    names = [str(name) for name in frame["name"].iloc[:_NAMED]]
    joined = text("hotspots.relief.comma", lang).join(names)
    more = len(frame) - len(names)
    return joined if more <= 0 else text("hotspots.relief.and_more", lang, names=joined, count=more)


def _spare_words(nearest: SpareSchool | None, lang: Language) -> str:
    if nearest is None:
        return text("hotspots.relief.none_spare", lang)
    known = not math.isnan(nearest.metres)
    return text(
        f"hotspots.relief.{'spare_walk' if known else 'spare_straight'}",
        lang,
        school=nearest.name,
        seats=number(nearest.seats, lang),
        metres=number(nearest.metres if known else nearest.straight_m, lang),
    )


def _need_words(unserved: pd.Series, short: int, *, year: int, min_pupils: float, lang: Language) -> str:
    """Lasting seats, or, where the shortage ends inside the plan, temporary ones."""
    after = unserved[unserved.index > year]
    ended = after[::-1].lt(min_pupils).cumprod().astype(bool)[::-1]
    if ended.any():
        over = int(ended.index[ended][0])
        return text("hotspots.relief.temporary", lang, seats=number(short, lang), year=over)
    return text("hotspots.relief.lasting", lang, seats=number(short, lang))
