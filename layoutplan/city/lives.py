"""One check of the lives of schools, projects and sites: what happens twice, too late, or in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layoutplan.city.alike import THROW_M, alike, same_name
from layoutplan.city.teaching import stages_of
from layoutplan.dictionary.rolls import by_stage, stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.schooling import Schooling

_SHOWN: Final = 5
_ENLARGES: Final = (
    "expand",
    "add_classes",
    "temporary",
    "split",
    "convert",
    "purchase",
    "attach_kindergarten",
)
_ENDS: Final = ("close", "relocate")
_SITE_OVERLAP: Final = 0.5  # share of the smaller of two sites that makes them one
_SITE_NEAR_M: Final = 20.0
_IN_USE: Final = ("occupied", "idle")


def twin_schools(schools: gpd.GeoDataFrame, schooling: Schooling, *, log: TableLog) -> dict[str, str]:
    """Report schools that are probably listed twice, and return those that certainly are.

    Two rows are probably one school if their names are nearly the same, they lie within a stone's throw
    (:data:`~layoutplan.city.alike.THROW_M`) and they share a stage. They certainly are if the names are the
    same and no seats, enrolment or classes differ.

    Parameters
    ----------
    schools
        Checked table in the working CRS, with ``school_id`` as a column; index = the reader's row numbers.
    schooling
        Stages and school types.
    log
        Receives a warning per kind, with the seats concerned.

    Returns
    -------
    dict of str to str
        Surplus id → id to keep (the first in the order of the rows).
    """
    surplus: dict[str, str] = {}
    certain, probable = [], []
    seats, offered = 0.0, by_stage(schools, "seats", schooling.ids).sum(axis=1)
    stated = ("seats", "enrolment", "classes")
    figures = [stage_column(figure, stage) for figure in stated for stage in schooling.ids]
    for one, other in _near_pairs(schools.geometry):
        first, second = schools.iloc[one], schools.iloc[other]
        if not set(stages_of(first, schooling)) & set(stages_of(second, schooling)):
            continue
        if first["school_id"] in surplus or second["school_id"] in surplus:
            continue
        if same_name(first["name"], second["name"]) and not _differ(first, second, figures):
            surplus[str(second["school_id"])] = str(first["school_id"])
            certain.append(schools.index[other])
            seats += float(offered.iloc[other])
        elif alike(first["name"], second["name"]):
            probable += [schools.index[one], schools.index[other]]
    if certain:
        log.add("school_twice", severity="warning", rows=certain, count=len(certain), seats=seats)
    if probable:
        log.add("school_maybe_twice", severity="warning", rows=dict.fromkeys(probable), metres=THROW_M)
    return surplus


def _near_pairs(shapes: gpd.GeoSeries) -> Iterator[tuple[int, int]]:
    """Yield the positions of the pairs within a stone's throw, in their order."""
    geometry = shapes.to_numpy()
    one, other = shapely.STRtree(geometry).query(geometry, predicate="dwithin", distance=THROW_M)
    order = np.lexsort((other, one))
    yield from ((int(a), int(b)) for a, b in zip(one[order], other[order], strict=True) if a < b)


def _differ(first: pd.Series, second: pd.Series, columns: Iterable[str]) -> bool:
    """Return whether two rows state different figures in any of the columns."""
    return any(
        pd.notna(first[column]) and pd.notna(second[column]) and first[column] != second[column]
        for column in columns
    )


def twin_projects(projects: gpd.GeoDataFrame, schooling: Schooling, *, log: TableLog) -> tuple[str, ...]:
    """Report projects listed twice, and return the surplus ids.

    Two projects are one if they have the same kind, school, opening year and seats, nearly the same name, and
    no two locations farther apart than a stone's throw.

    Parameters
    ----------
    projects
        Checked table in the working CRS, with ``project_id`` as a column.
    schooling
        Stages of the columns.
    log
        Receives a warning.

    Returns
    -------
    tuple of str
        Ids of the later rows, which are left out.
    """
    live = projects[projects["state"] != "cancelled"]
    keys = ["kind", "school_id", "opening_year"]
    figures = [f"{what}_{stage}" for what in ("seats", "classes") for stage in schooling.ids]
    surplus: dict[str, object] = {}
    for _, group in live.groupby(keys, sort=True, dropna=False):
        rows = [(label, row) for label, row in group.iterrows()]
        for place, (_, first) in enumerate(rows):
            for label, second in rows[place + 1 :]:
                known = second["project_id"] in surplus or first["project_id"] in surplus
                if known or _differ(first, second, figures) or not alike(first["name"], second["name"]):
                    continue
                if not _apart(first["geometry"], second["geometry"]):
                    surplus[str(second["project_id"])] = label
    if surplus:
        log.add("project_twice", severity="warning", rows=surplus.values(), projects=_some(surplus))
    return tuple(surplus)


def _apart(one: object, other: object) -> bool:
    """Return whether two places are both known and farther apart than a stone's throw."""
    if not isinstance(one, shapely.Geometry) or not isinstance(other, shapely.Geometry):
        return False
    return float(shapely.distance(one, other)) > THROW_M


def _some(ids: Iterable[object]) -> str:
    listed = [*map(str, ids)]
    return ", ".join(listed[:_SHOWN]) + (" …" if len(listed) > _SHOWN else "")


def report_lives(
    schools: gpd.GeoDataFrame, projects: gpd.GeoDataFrame, schooling: Schooling, *, log: TableLog
) -> None:
    """Report schools whose projects contradict each other, or the table of schools.

    Parameters
    ----------
    schools, projects
        Checked tables in the working CRS, ids as columns.
    schooling
        Stages and school types.
    log
        Log of table ``projects``: a circle of successors or a school that succeeds itself is an error;
        a school closed twice or enlarged after closing, a successor that closes too, a new school that is
        listed already, and seats for a stage the school does not teach are warnings.
    """
    live = projects[projects["state"] != "cancelled"]
    _report_successors(live, log=log)
    _report_ends(schools, live, log=log)
    _report_stages(schools, live, schooling, log=log)
    _report_built_already(schools, live, log=log)


def _report_successors(live: pd.DataFrame, *, log: TableLog) -> None:
    closes = live[(live["kind"] == "close") & live["successor_school_id"].notna()]
    own = closes["school_id"] == closes["successor_school_id"]
    if own.any():
        log.add("own_successor", rows=closes.index[own], projects=_some(closes["project_id"][own]))
    after = dict(zip(closes["school_id"][~own], closes["successor_school_id"][~own], strict=True))
    circles = [start for start in after if _returns(start, after)]
    if circles:
        rows = closes.index[closes["school_id"].isin(circles)]
        log.add("successors_in_circle", rows=rows, schools=" → ".join([*map(str, circles), str(circles[0])]))
    ending = dict(zip(closes["school_id"], closes["opening_year"], strict=True))
    gone = [
        label
        for label, row in closes[~own].iterrows()
        if row["school_id"] not in circles
        and _not_after(ending.get(row["successor_school_id"]), row["opening_year"])
    ]
    if gone:
        log.add("successor_closes_too", severity="warning", rows=gone)


def _returns(start: object, after: Mapping[object, object]) -> bool:
    """Return whether following the successors leads back to the start."""
    seen: set[object] = set()
    at: object = after.get(start)
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = after.get(at)
    return False


def _not_after(year: float | None, other: float | None) -> bool:
    """Return whether a year is known and not after another."""
    known = year is not None and other is not None and not pd.isna(year) and not pd.isna(other)
    return known and int(year or 0) <= int(other or 0)


def _report_ends(schools: pd.DataFrame, live: pd.DataFrame, *, log: TableLog) -> None:
    """Report schools that close twice, and changes of schools that are closed by then."""
    closed = schools.set_index("school_id")["closed_year"].dropna()
    again: list[object] = []
    late: list[object] = []
    for school, own in live[live["opening_year"].notna()].groupby("school_id", sort=True):
        ends = own[own["kind"].isin(_ENDS)].sort_values("opening_year", kind="stable")
        back = own["opening_year"][own["kind"] == "reopen"]
        years = [
            *ends["opening_year"].astype(int),
            *([int(closed[school])] if school in closed.index else []),
        ]
        if not years:
            continue
        first = min(years)
        reopened = (back >= first).any()
        if len(years) > 1 and not reopened:
            again += [*ends.index[int(school not in closed.index) :]]
        grows = own["kind"].isin(_ENLARGES) & (own["opening_year"] >= first)
        ends_first = ends["kind"][ends["opening_year"] == first].eq("relocate").any()
        if not reopened and not ends_first:
            late += [*own.index[grows]]
    if again:
        log.add("school_closes_twice", severity="warning", rows=again, projects=_ids(live, again))
    if late:
        log.add("enlarged_after_closing", severity="warning", rows=late, projects=_ids(live, late))


def _ids(live: pd.DataFrame, rows: Sequence[object]) -> str:
    return _some(live["project_id"][live.index.isin(rows)])


def _report_stages(schools: pd.DataFrame, live: pd.DataFrame, schooling: Schooling, *, log: TableLog) -> None:
    """Report projects with seats for a stage that their school does not teach."""
    known = schools.drop_duplicates("school_id").set_index("school_id")
    wrong: dict[str, list[object]] = {}
    for label, row in live[
        live["kind"].isin((*_ENLARGES, "new", "cut")) & (live["kind"] != "split")
    ].iterrows():
        kind = row["school_type"] if isinstance(row["school_type"], str) else None
        taught: set[str] = set(schooling.taught_by(kind))
        if row["school_id"] in known.index:
            taught |= set(stages_of(known.loc[row["school_id"]], schooling))
        if not taught or row["kind"] == "attach_kindergarten":
            continue
        nursery = {held for one in schooling.types if {*one.stages} & taught for held in one.holds}
        for stage in schooling.ids:
            stated = (row[stage_column(figure, stage)] for figure in ("seats", "classes"))
            if any(pd.notna(value) and value != 0 for value in stated) and stage not in taught | nursery:
                wrong.setdefault(stage, []).append(label)
    for stage, rows in wrong.items():
        log.add(
            "project_stage_not_taught", severity="warning", rows=rows, stage=stage, projects=_ids(live, rows)
        )


def _report_built_already(schools: gpd.GeoDataFrame, live: gpd.GeoDataFrame, *, log: TableLog) -> None:
    """Report new schools that table ``schools`` lists already: their seats would count twice."""
    new = live[(live["kind"] == "new") & live.geometry.notna() & ~live.geometry.is_empty]
    if new.empty:
        return
    tree = shapely.STRtree(schools.geometry.to_numpy())
    one, other = tree.query(new.geometry.to_numpy(), predicate="dwithin", distance=THROW_M)
    rows = [
        new.index[project]
        for project, school in zip(one, other, strict=True)
        if alike(new["name"].iloc[project], schools["name"].iloc[school])
    ]
    if rows:
        rows = [*dict.fromkeys(rows)]
        log.add("project_built_already", severity="warning", rows=rows, projects=_ids(live, rows))


def report_sites(sites: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, *, log: TableLog) -> None:
    """Report sites that are one place, and sites on a school that is not said to leave.

    Parameters
    ----------
    sites, schools
        Checked tables in the working CRS, ids as columns.
    log
        Log of table ``sites``; receives warnings.
    """
    geometry = sites.geometry.to_numpy()
    tree = shapely.STRtree(geometry)
    one, other = tree.query(geometry, predicate="dwithin", distance=_SITE_NEAR_M)
    pairs = [
        (a, b) for a, b in zip(one, other, strict=True) if a < b and _one_place(geometry[a], geometry[b])
    ]
    if pairs:
        rows = sorted({row for pair in pairs for row in pair})
        names = ", ".join(
            f"{sites['site_id'].iloc[a]} + {sites['site_id'].iloc[b]}" for a, b in pairs[:_SHOWN]
        )
        log.add("sites_in_one_place", severity="warning", rows=sites.index[rows], pairs=names)
    free = ~sites["status"].isin(_IN_USE) & sites["former_school_id"].isna()
    stays = schools[schools["closed_year"].isna()]
    at, school = shapely.STRtree(geometry[free.to_numpy()]).query(
        stays.geometry.to_numpy(), predicate="dwithin", distance=_SITE_NEAR_M
    )
    if len(at):
        places = sites.index[free.to_numpy()][sorted(set(school))]
        log.add(
            "site_on_school",
            severity="warning",
            rows=places,
            schools=_some(dict.fromkeys(stays["school_id"].iloc[at])),
        )


def _one_place(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Return whether two sites are the same ground: points close together, or areas mostly shared."""
    least = min(shapely.area(one), shapely.area(other))
    if least <= 0:
        return True
    return bool(shapely.area(shapely.intersection(one, other)) > _SITE_OVERLAP * least)
