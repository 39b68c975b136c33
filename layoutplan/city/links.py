"""Links between tables: schools to catchments, rows to districts, stages to the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.city.point_lookup import place_points, polygon_of
from layoutplan.city.teaching import stages_of, teaches
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.schooling import Schooling


def link_schools(
    catchments: gpd.GeoDataFrame,
    schools: gpd.GeoDataFrame,
    *,
    stages: Sequence[str],
    schooling: Schooling,
    ownership: Collection[str],
    log: TableLog,
) -> pd.DataFrame:
    """Return which schools serve which catchments.

    For each stage the links stated in the tables ``catchments`` (school_ids) and ``schools``
    (catchment_<stage>) are combined; where neither states any, the schools of the stage inside a catchment
    serve it.

    Parameters
    ----------
    catchments, schools
        Checked tables in the working CRS; ids are columns, the index is the reader's row number.
    stages
        Planned stages.
    schooling
        Stages and school types.
    ownership
        Ownership types whose seats count: only their schools are linked by location, or reported if unlinked.
    log
        Log of the table ``catchments``: links to a school that does not teach the stage (error), catchments
        without a school (warning), schools without a catchment that do not close (notice).

    Returns
    -------
    pandas.DataFrame
        ``catchment_id``, ``stage``, ``school_id``; distinct and sorted, stages in the order of ``stages``.
    """
    links = []
    for stage in stages:
        own = catchments[catchments["stage"] == stage]
        if own.empty:
            continue
        taught = teaches(schools, stage, schooling)
        counted = taught & schools["ownership"].fillna("public").isin(ownership)
        stated = _stated_links(own, schools, stage)
        pairs = stated if len(stated) else _links_by_place(own, schools[counted])
        pairs = pairs[pairs["school_id"].isin(schools["school_id"])]  # unknown ids have already been reported
        wrong = sorted(set(pairs["school_id"]) - set(schools["school_id"][taught]))
        if wrong:
            log.add("school_teaches_other_stage", stage=stage, schools=", ".join(wrong[:5]))
        _report_unlinked(own, schools[counted], pairs, stage=stage, log=log)
        links.append(pairs.assign(stage=stage))
    columns = ["catchment_id", "stage", "school_id"]
    if not links:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    together = pd.concat(links)[columns].drop_duplicates()
    order = {stage: place for place, stage in enumerate(stages)}
    return together.sort_values(
        columns, key=lambda column: column.map(order) if column.name == "stage" else column
    ).reset_index(drop=True)


def _stated_links(own: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, stage: str) -> pd.DataFrame:
    pairs = [
        (catchment, school)
        for catchment, named in zip(own["catchment_id"], own["school_ids"], strict=True)
        for school in _listed(named)
    ]
    known = set(own["catchment_id"])
    pairs += [
        (catchment, school)
        for school, named in zip(schools["school_id"], schools[stage_column("catchment", stage)], strict=True)
        for catchment in _listed(named)
        if catchment in known
    ]
    return pd.DataFrame(pairs, columns=["catchment_id", "school_id"], dtype=object)


def _listed(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _links_by_place(own: gpd.GeoDataFrame, schools: gpd.GeoDataFrame) -> pd.DataFrame:
    held = polygon_of(place_points(schools.geometry), own.set_index("catchment_id").geometry)
    frame = pd.DataFrame({"catchment_id": held.to_numpy(), "school_id": schools["school_id"].to_numpy()})
    return frame.dropna()


def _report_unlinked(
    own: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, pairs: pd.DataFrame, *, stage: str, log: TableLog
) -> None:
    empty = ~own["catchment_id"].isin(pairs["catchment_id"])
    if empty.any():
        names = own["catchment_id"][empty]
        log.add(
            "catchment_without_school",
            severity="warning",
            rows=own.index[empty],
            stage=stage,
            catchments=", ".join(names[:5]),
        )
    stays = schools["closed_year"].isna()  # a school that closes needs no catchment
    free = schools["school_id"][stays & ~schools["school_id"].isin(pairs["school_id"])]
    if len(free):
        log.add(
            "school_without_catchment",
            severity="notice",
            stage=stage,
            count=len(free),
            schools=", ".join(free[:5]),
        )


def split_districts(districts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split districts into those that partition the plan area and school districts (学区).

    School districts group catchments and overlap the others. The first result holds the rows of any other
    kind (all rows if there is no other kind), without those that contain another of them (``parent_id``):
    each place is in at most one.

    Parameters
    ----------
    districts
        Polygons, index ``district_id``, columns ``kind`` and ``parent_id``.

    Returns
    -------
    tuple of geopandas.GeoDataFrame
        Districts and school districts, index ``district_id``.
    """
    grouping = districts["kind"].fillna("") == "school_district"
    groups = districts[grouping]
    dividing = districts[~grouping] if (~grouping).any() else districts
    contains = dividing.index.isin(dividing["parent_id"].dropna())
    return dividing[~contains], groups


def district_of(frame: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return the district of every row: as stated, else the one that contains it.

    Parameters
    ----------
    frame
        Geometries in the CRS of ``districts``, with or without ``district_id``; a stated district that is not
        among ``districts`` is ignored.
    districts
        Polygons, index ``district_id``.

    Returns
    -------
    pandas.Series
        ``district_id`` on the index of ``frame``; ``None`` where there is none.
    """
    found = polygon_of(place_points(frame.geometry), districts.geometry).to_numpy()
    if "district_id" in frame:
        stated = frame["district_id"].to_numpy(dtype=object)
        found = np.where(frame["district_id"].isin(districts.index).to_numpy(), stated, found)
    return pd.Series(found, index=frame.index, dtype=object, name="district_id")


def plan_stages(
    asked: Sequence[str],
    stated: Collection[str],
    schools: pd.DataFrame,
    *,
    schooling: Schooling,
    log: TableLog,
) -> tuple[str, ...]:
    """Return the stages to plan: those requested that a school teaches, or that the plan itself names.

    Parameters
    ----------
    asked
        The plan's stages, youngest first: those it names, else those of the profile.
    stated
        Stages that the plan names, empty if it names none.
    schools
        Checked table, with ``school_type``, seats and classes.
    schooling
        Stages and school types.
    log
        Receives a notice or warning for a stage without schools, an error if no stage remains.

    Returns
    -------
    tuple of str
        In the order of ``asked``.
    """
    taught = {stage for stage in asked if teaches(schools, stage, schooling).any()}
    kept = tuple(stage for stage in asked if stage in taught or stage in stated)
    for stage in asked:
        if stage not in kept:
            log.add("stage_without_schools", severity="notice", stage=stage)
        elif stage not in taught:
            log.add("stated_stage_without_schools", severity="warning", stage=stage)
    if not kept:
        log.add("no_stage")
    return kept


def report_seatless(
    schools: pd.DataFrame,
    *,
    stages: Sequence[str],
    schooling: Schooling,
    ownership: Collection[str],
    log: TableLog,
) -> None:
    """Report schools whose seats count but are unknown: no seats or classes in any planned stage.

    Parameters
    ----------
    schools
        Checked table; the index holds the reader's row numbers.
    stages
        Planned stages.
    schooling
        Stages and school types.
    ownership
        Ownership types whose seats count.
    log
        Receives at most one fault.
    """
    counted = schools["ownership"].fillna("public").isin(ownership)
    silent = []
    for row, school in schools[counted].iterrows():
        taught = [stage for stage in stages_of(school, schooling) if stage in stages]
        known = any(pd.notna(school[f"{what}_{stage}"]) for stage in taught for what in ("seats", "classes"))
        if taught and not known:
            silent.append(row)
    if silent:
        log.add("school_seats_unknown", rows=silent)


def named_by_schools(
    catchments: gpd.GeoDataFrame, links: pd.DataFrame, schools: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Return the catchments, those without a name called by their schools: readers know no numbers.

    Parameters
    ----------
    catchments
        Rows of table ``catchments``.
    links
        Schools of each catchment, as ``City.catchment_schools``.
    schools
        Rows of table ``schools``.

    Returns
    -------
    GeoDataFrame
        A new frame. A name that two catchments of a stage would share has the id behind it; a catchment
        without a school, or with schools without a name, stays as it is.
    """
    unnamed = catchments["name"].isna()
    if not unnamed.any():
        return catchments
    titles = schools.set_index("school_id")
    filled = {name: _of_schools(catchments, links, titles[name]) for name in ("name", "name_en")}
    names = catchments["name"].where(~unnamed, filled["name"])
    shared = pd.DataFrame({"name": names, "stage": catchments["stage"]}).duplicated(keep=False)
    ids = [
        f" ({one})" if twice else "" for one, twice in zip(catchments["catchment_id"], shared, strict=True)
    ]
    found = {}
    for name, called in filled.items():
        words = [None if pd.isna(one) else f"{one}{more}" for one, more in zip(called, ids, strict=True)]
        own = pd.Series(words, index=catchments.index, dtype=object)
        found[name] = catchments[name].astype(object).where(~unnamed, own).astype(catchments[name].dtype)
    return catchments.assign(**found)


def _of_schools(catchments: gpd.GeoDataFrame, links: pd.DataFrame, titles: pd.Series) -> pd.Series:
    """Return the names of each catchment's schools as one; null where it has none with a name."""
    known = links.assign(title=links["school_id"].map(titles)).dropna(subset="title")
    joined = known.groupby(["catchment_id", "stage"], sort=False)["title"].agg(
        lambda names: " / ".join(dict.fromkeys(names))
    )
    keys = pd.MultiIndex.from_frame(catchments[["catchment_id", "stage"]])
    return pd.Series(joined.reindex(keys).to_numpy(dtype=object), index=catchments.index, dtype=object)
