"""What is at hand for a hotspot: spare seats, schools and projects on the way, and in words what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.balance.result import Balance
from layoutplan.city.city import City
from layoutplan.layouts.seats import Seats
from layoutplan.texts import Language, Said, in_both, number, text
from layoutplan.travel.matrix import WalkMatrix

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


@dataclass(frozen=True)
class SpareSeats:
    """The schools of one stage that have a whole seat to spare in a year, and whose seats serve demand.

    ``schools`` has a row each (``name``, ``seats`` to spare, point); ``row_of`` is the row of every school of
    the plan, −1 for those without.
    """

    schools: gpd.GeoDataFrame
    row_of: npt.NDArray[np.int64]


def spare_seats(balance: Balance, seats: Seats, *, stage: str, year: int) -> SpareSeats:
    """Return the schools that have at least one seat to spare in the year."""
    judged = balance.schools
    here = judged[(judged["stage"] == stage) & (judged["year"] == year)].set_index("school_id")
    spare = here["spare"].astype(float).reindex(seats.schools.index)
    having = ((seats.counted(stage)[year] > 0) & (spare >= _WHOLE_SEAT)).to_numpy(dtype=bool)
    row_of = np.full(len(having), -1, dtype=np.int64)
    row_of[having] = np.arange(having.sum())
    return SpareSeats(seats.schools.loc[having, ["name", "geometry"]].assign(seats=spare[having]), row_of)


def nearest_spare(
    spare: SpareSeats, pairs: WalkMatrix, *, unit: int, place: shapely.Point
) -> SpareSchool | None:
    """Return the school with spare seats nearest on foot from a unit (its position).

    If none is in the matrix, the one nearest in a straight line, without walking metres; ``None`` if no
    school has a seat to spare. Ties go to the westernmost school, then the southernmost.
    """
    if spare.schools.empty:
        return None
    points = spare.schools.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    straight = np.asarray(shapely.distance(points, place))
    reached = slice(pairs.indptr[unit], pairs.indptr[unit + 1])
    rows, metres = spare.row_of[pairs.indices[reached]], pairs.metres[reached].astype(float)
    rows, metres = rows[rows >= 0], metres[rows >= 0]
    walked = len(rows) > 0
    if not walked:
        rows, metres = np.arange(len(points)), straight
    first = np.lexsort((y[rows], x[rows], np.round(metres, 3)))[0]
    row = int(rows[first])
    school = spare.schools.iloc[row]
    return SpareSchool(
        school_id=str(spare.schools.index[row]),
        name=str(school["name"]),
        seats=float(np.floor(school["seats"] + (1 - _WHOLE_SEAT))),
        metres=float(metres[first]) if walked else math.nan,
        straight_m=float(straight[row]),
    )


@dataclass(frozen=True)
class OnTheWay:
    """What is coming for one stage, anywhere in the city.

    ``schools`` are those committed that bring seats, with ``now`` (their seats in the year judged) and
    ``opening``, the first year with seats; ``projects`` the new schools not sure enough to count.
    """

    schools: gpd.GeoDataFrame
    projects: gpd.GeoDataFrame


def on_the_way(city: City, seats: Seats, *, stage: str, year: int) -> OnTheWay:
    """Return what is coming for a stage."""
    by_year = seats.counted(stage)
    coming = (seats.schools["status"] == "committed") & by_year.gt(0).any(axis=1)
    offered = by_year[coming]
    first = offered.gt(0).to_numpy().argmax(axis=1)
    schools = seats.schools[coming].assign(now=offered[year], opening=np.array(seats.years)[first])
    return OnTheWay(schools=schools, projects=_uncertain_projects(city, seats, stage=stage))


@dataclass(frozen=True, slots=True)
class Relief:
    """What is at hand: in one word (``project``, ``spare_seats``, ``nothing``), and in sentences.

    A project on its way comes before spare seats: those are beyond the reach of pupils who have none.
    """

    kind: str
    words: Said


def relief(
    shape: shapely.Geometry,
    unserved: pd.Series,
    nearest: SpareSchool | None,
    *,
    coming: OnTheWay,
    year: int,
    near_m: float,
    min_pupils: float,
) -> Relief:
    """Say what is at hand and what is needed, in every language.

    Parameters
    ----------
    shape
        The hotspot's polygon.
    unserved
        Its pupils without a seat, by plan year.
    nearest
        As :func:`nearest_spare` returns.
    coming
        As :func:`on_the_way` returns, of the stage and year judged.
    near_m
        Straight metres from the polygon within which a school or project is near.
    min_pupils
        Below this many pupils there is no hotspot any more.
    """
    near = _near(shape, coming, year=year, near_m=near_m)
    kind = "project" if near.later is not None or near.planned is not None else "nothing"
    if kind == "nothing" and nearest is not None and not math.isnan(nearest.metres):
        kind = "spare_seats"
    need = _need(unserved, year=year, min_pupils=min_pupils)

    def say(lang: Language) -> str:
        sentences = [*_near_words(near, lang), _spare_words(nearest, lang), _need_words(need, lang)]
        return ("" if lang == "zh" else " ").join(sentences)

    return Relief(kind=kind, words=in_both(say))


@dataclass(frozen=True, slots=True)
class _Near:
    """What is coming near a hotspot, ``None`` for none: schools counted already or open later, projects."""

    counted: gpd.GeoDataFrame | None
    later: gpd.GeoDataFrame | None
    planned: gpd.GeoDataFrame | None


def _near(shape: shapely.Geometry, coming: OnTheWay, *, year: int, near_m: float) -> _Near:
    schools = _within(coming.schools, shape, near_m)
    counted, later = None, None
    if schools is not None:
        counted = _some(schools[schools["now"] > 0])
        later = _some(schools[(schools["now"] <= 0) & (schools["opening"] > year)])
    return _Near(counted, later, _within(coming.projects, shape, near_m))


def _within(things: gpd.GeoDataFrame, shape: shapely.Geometry, near_m: float) -> gpd.GeoDataFrame | None:
    near = shapely.distance(things.geometry.to_numpy(), shape) <= near_m
    return things[near] if near.any() else None


def _some(things: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    return None if things.empty else things


def _near_words(near: _Near, lang: Language) -> list[str]:
    """Name the committed schools near that are counted already or open later, and projects not yet sure."""
    said = []
    if near.counted is not None:
        total = number(float(near.counted["now"].sum()), lang)
        said.append(text("hotspots.relief.counted", lang, names=_names(near.counted, lang), seats=total))
    if near.later is not None:
        opening = int(near.later["opening"].min())
        said.append(text("hotspots.relief.later", lang, names=_names(near.later, lang), year=opening))
    if near.planned is not None:
        said.append(text("hotspots.relief.planned", lang, names=_names(near.planned, lang)))
    return said


def _uncertain_projects(city: City, seats: Seats, *, stage: str) -> gpd.GeoDataFrame:
    """Return new schools of the stage, in the table of projects, that are not sure enough to count."""
    projects = city.tables["projects"]
    if projects.empty or "geometry" not in projects:
        return gpd.GeoDataFrame(projects.iloc[:0], geometry=gpd.GeoSeries([], crs=city.crs))
    brings = projects[[f"seats_{stage}", f"classes_{stage}"]].astype(float).max(axis=1) > 0
    coming = ~projects["state"].isin(_NOT_COMING) & ~projects["project_id"].isin(seats.schools.index)
    uncertain = projects[(projects["kind"] == "new") & brings & coming]
    return gpd.GeoDataFrame(uncertain, geometry="geometry", crs=city.crs)


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


@dataclass(frozen=True, slots=True)
class _Need:
    """Whole seats needed; ``until`` is the first year from which they are not, ``None`` for never."""

    seats: int
    until: int | None


def _need(unserved: pd.Series, *, year: int, min_pupils: float) -> _Need:
    after = unserved[unserved.index > year]
    ended = after[::-1].lt(min_pupils).cumprod().astype(bool)[::-1]
    until = int(ended.index[ended][0]) if ended.any() else None
    return _Need(seats=math.ceil(unserved[year] - (1 - _WHOLE_SEAT)), until=until)


def _need_words(need: _Need, lang: Language) -> str:
    """Lasting seats, or, where the shortage ends inside the plan, temporary ones."""
    seats = number(need.seats, lang)
    if need.until is None:
        return text("hotspots.relief.lasting", lang, seats=seats)
    return text("hotspots.relief.temporary", lang, seats=seats, year=need.until)
