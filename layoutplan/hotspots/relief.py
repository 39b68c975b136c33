"""Available relief for a hotspot: spare seats, committed schools and projects; and the need in words."""

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
from layoutplan.dictionary.rolls import rolls
from layoutplan.layouts.seats import Seats
from layoutplan.texts import Language, Said, in_both, number, rounded, text
from layoutplan.travel.matrix import WalkMatrix

_WHOLE_SEAT = 1 - 1e-6
_NOT_EXPECTED = ("opened", "cancelled")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class SpareSchool:
    """A school with whole spare seats.

    Attributes
    ----------
    school_id, name
        Id and name.
    seats
        Whole spare seats.
    metres
        Walking metres; nan where only the straight line is known.
    straight_m
        Straight-line metres.
    """

    school_id: str
    name: str
    seats: float
    metres: float
    straight_m: float


@dataclass(frozen=True)
class SpareSeats:
    """Schools of one stage with at least one whole spare counted seat in a year.

    Attributes
    ----------
    schools
        One row per school: ``name``, ``seats`` (spare) and point geometry.
    row_of
        Row of each school of the layout, −1 for those without spare seats.
    """

    schools: gpd.GeoDataFrame
    row_of: npt.NDArray[np.int64]


def spare_seats(balance: Balance, seats: Seats, *, stage: str, year: int) -> SpareSeats:
    """Return the schools with at least one spare seat in the year.

    Parameters
    ----------
    balance
        Evaluation of the layout; ``schools`` has the spare seats.
    seats
        Seats of the layout.
    stage, year
        Stage and year.

    Returns
    -------
    SpareSeats
        Schools in the order of ``seats.schools``.
    """
    rows = balance.schools
    here = rows[(rows["stage"] == stage) & (rows["year"] == year)].set_index("school_id")
    spare = here["spare"].astype(float).reindex(seats.schools.index)
    having = ((seats.counted(stage)[year] > 0) & (spare >= _WHOLE_SEAT)).to_numpy(dtype=bool)
    row_of = np.full(len(having), -1, dtype=np.int64)
    row_of[having] = np.arange(having.sum())
    return SpareSeats(seats.schools.loc[having, ["name", "geometry"]].assign(seats=spare[having]), row_of)


def nearest_spare(
    spare: SpareSeats, pairs: WalkMatrix, *, unit: int, place: shapely.Point
) -> SpareSchool | None:
    """Return the school with spare seats nearest to a unit on foot.

    If the matrix contains no such school for the unit, the school nearest in a straight line is returned,
    without walking metres. Ties are resolved from west to east, then south to north.

    Parameters
    ----------
    spare
        Schools with spare seats.
    pairs
        Walks from units to schools, metres.
    unit
        Position of the unit in ``pairs.origins``.
    place
        Location of the unit, in the CRS of the schools.

    Returns
    -------
    SpareSchool or None
        ``None`` if no school has a spare seat.
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
class PlannedRelief:
    """Committed schools and uncertain projects of one stage, anywhere in the city.

    Attributes
    ----------
    schools
        Committed schools that add seats, with ``now`` (their seats in the year evaluated) and ``opening``
        (first year with seats).
    projects
        New schools among the projects that are not certain enough to count.
    """

    schools: gpd.GeoDataFrame
    projects: gpd.GeoDataFrame


def planned_relief(city: City, seats: Seats, *, stage: str, year: int) -> PlannedRelief:
    """Return the committed schools and uncertain projects of a stage.

    Parameters
    ----------
    city
        Provides the table of projects.
    seats
        Seats of the layout.
    stage, year
        Stage and year evaluated.

    Returns
    -------
    PlannedRelief
        In the city's CRS.
    """
    by_year = seats.counted(stage)
    committed = (seats.schools["status"] == "committed") & by_year.gt(0).any(axis=1)
    offered = by_year[committed]
    first = offered.gt(0).to_numpy().argmax(axis=1)
    schools = seats.schools[committed].assign(now=offered[year], opening=np.array(seats.years)[first])
    return PlannedRelief(schools=schools, projects=_uncertain_projects(city, seats, stage=stage))


@dataclass(frozen=True, slots=True)
class Relief:
    """Available relief: its kind (``project``, ``spare_seats``, ``nothing``), and the text in both languages.

    A project takes precedence over spare seats, which are beyond the reach of the unserved pupils.
    """

    kind: str
    words: Said


def relief(
    shape: shapely.Geometry,
    unserved: pd.Series,
    nearest: SpareSchool | None,
    *,
    planned: PlannedRelief,
    year: int,
    near_m: float,
    min_pupils: float,
) -> Relief:
    """Describe the available relief of a hotspot and the seats it needs, in every language.

    Parameters
    ----------
    shape
        Polygon of the hotspot.
    unserved
        Its unserved pupils by year of the plan.
    nearest
        Result of :func:`nearest_spare`.
    planned
        Result of :func:`planned_relief` for the same stage and year.
    year
        Year evaluated.
    near_m
        Straight-line metres from the polygon within which a school or project is near.
    min_pupils
        Minimum size of a hotspot; the need ends in the year from which fewer pupils remain unserved.

    Returns
    -------
    Relief
        Kind and text.
    """
    near = _near(shape, planned, year=year, near_m=near_m)
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
    """Relief near a hotspot, ``None`` for none: committed schools counted or opening later, and projects."""

    counted: gpd.GeoDataFrame | None
    later: gpd.GeoDataFrame | None
    planned: gpd.GeoDataFrame | None


def _near(shape: shapely.Geometry, planned: PlannedRelief, *, year: int, near_m: float) -> _Near:
    schools = _within(planned.schools, shape, near_m)
    counted, later = None, None
    if schools is not None:
        counted = _some(schools[schools["now"] > 0])
        later = _some(schools[(schools["now"] <= 0) & (schools["opening"] > year)])
    return _Near(counted, later, _within(planned.projects, shape, near_m))


def _within(rows: gpd.GeoDataFrame, shape: shapely.Geometry, near_m: float) -> gpd.GeoDataFrame | None:
    near = shapely.distance(rows.geometry.to_numpy(), shape) <= near_m
    return rows[near] if near.any() else None


def _some(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    return None if rows.empty else rows


def _near_words(near: _Near, lang: Language) -> list[str]:
    """Return sentences on the committed schools nearby, counted or opening later, and uncertain projects."""
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
    """Return the new schools of the stage among the projects that are not certain enough to count."""
    projects = city.tables["projects"]
    if projects.empty or "geometry" not in projects:
        return gpd.GeoDataFrame(projects.iloc[:0], geometry=gpd.GeoSeries([], crs=city.crs))
    brings = (rolls(projects, stage)[["seats", "classes"]] > 0).any(axis=1)
    expected = ~projects["state"].isin(_NOT_EXPECTED) & ~projects["project_id"].isin(seats.schools.index)
    uncertain = projects[(projects["kind"] == "new") & brings & expected]
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
    """Whole seats needed; ``until`` is the first year from which they are not needed, ``None`` for no end."""

    seats: int
    until: int | None


def _need(unserved: pd.Series, *, year: int, min_pupils: float) -> _Need:
    after = unserved[unserved.index > year]
    ended = after[::-1].lt(min_pupils).cumprod().astype(bool)[::-1]
    until = int(ended.index[ended][0]) if ended.any() else None
    return _Need(seats=int(rounded(unserved[year])), until=until)


def _need_words(need: _Need, lang: Language) -> str:
    """Return the sentence on the need: lasting seats, or temporary ones if the shortage ends in the plan."""
    seats = number(need.seats, lang)
    if need.until is None:
        return text("hotspots.relief.lasting", lang, seats=seats)
    return text("hotspots.relief.temporary", lang, seats=seats, year=need.until)
