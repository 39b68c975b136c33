"""Every school and project once: surplus rows leave, and what names them names the row that stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from layoutplan.city.lives import report_lives, report_sites, twin_projects, twin_schools
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.schooling import Schooling

_NAMING = ("school_id", "successor_school_id", "former_school_id")


def list_once(
    frames: Mapping[str, pd.DataFrame],
    spatial: Mapping[str, gpd.GeoDataFrame],
    *,
    schooling: Schooling,
    crs: pyproj.CRS,
    logs: Mapping[str, TableLog],
) -> tuple[dict[str, pd.DataFrame], dict[str, gpd.GeoDataFrame]]:
    """Leave out schools and projects that are listed twice, and check the lives of those that stay.

    Parameters
    ----------
    frames
        Sound tables as checked, ids as columns.
    spatial
        The tables with geometries in the working CRS; ``schools`` is among them.
    schooling
        Stages and school types.
    crs
        The working CRS.
    logs
        Logs of ``schools``, ``projects`` and ``sites``.

    Returns
    -------
    tuple of dict
        Both mappings, with the changed tables replaced.
    """
    schools = spatial["schools"]
    surplus = twin_schools(schools, schooling, log=logs["schools"])
    plain, placed = dict(frames), dict(spatial)
    if surplus:
        placed["schools"] = schools = schools[~schools["school_id"].isin(surplus)]
        plain["schools"] = frames["schools"][~frames["schools"]["school_id"].isin(surplus)]
        for name in ("catchments", "projects", "sites"):
            if name in plain:
                plain[name] = _renamed(plain[name], surplus)
            if name in placed:
                placed[name] = gpd.GeoDataFrame(_renamed(placed[name], surplus), crs=crs)
    if "projects" in plain:
        projects = placed.get("projects")
        if projects is None:
            table = plain["projects"].drop(columns="geometry", errors="ignore")
            projects = gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=crs)
        twice = twin_projects(projects, schooling, log=logs["projects"])
        stays = projects[~projects["project_id"].isin(twice)]
        if twice:
            plain["projects"] = plain["projects"][~plain["projects"]["project_id"].isin(twice)]
            if "projects" in placed:
                placed["projects"] = stays
        report_lives(schools, stays, schooling, log=logs["projects"])
    if "sites" in plain and "sites" in placed:
        report_sites(placed["sites"], schools, log=logs["sites"])
    return plain, placed


def _renamed(frame: pd.DataFrame, surplus: Mapping[str, str]) -> pd.DataFrame:
    """Return a table that names the schools which stay instead of the surplus ones."""
    made: dict[str, Any] = {
        name: frame[name].map(lambda school: surplus.get(school, school)) for name in _NAMING if name in frame
    }
    if "school_ids" in frame:
        made["school_ids"] = frame["school_ids"].map(
            lambda listed: tuple(dict.fromkeys(surplus.get(school, school) for school in listed))
        )
    return frame.assign(**made)
