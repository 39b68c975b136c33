"""Land of schools (教育用地): what a school needs, as a guide and at least, and what a site really offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from layoutplan.standards import Standards

GUIDE: Final = "land.per_seat"
GUIDE_BY_SIZE: Final = "land.per_seat_by_classes"
LEAST: Final = "land.least_per_seat"


def guide_m2(standards: Standards, seats: Mapping[str, float]) -> float | None:
    """Return the land that the standards advise for a school, m².

    Seats × land per seat of each stage: the figure for the number of classes of the stage
    (``land.per_seat_by_classes``), else the general one (``land.per_seat``).

    Parameters
    ----------
    standards
        The rules in force in one year.
    seats
        Seats of the whole school by stage.

    Returns
    -------
    float | None
        ``None`` where the standards say nothing about one of the stages.

    Examples
    --------
    A primary school of 24 classes: 1,080 × 20.6 m².

    >>> from layoutplan.standards import load_profile
    >>> guide_m2(load_profile("cn-national").at(2025), {"primary": 1080.0})
    22248.0
    """
    total = 0.0
    for stage, count in seats.items():
        if standards.pairs(GUIDE_BY_SIZE, stage):
            classes = round(count / standards.class_size(stage))
            norm = standards.at_classes(GUIDE_BY_SIZE, classes, of=stage)
        elif standards.find(GUIDE, stage) is not None:
            norm = standards.number(GUIDE, stage)
        else:
            return None
        total += count * norm
    return total


def least_m2(standards: Standards, seats: Mapping[str, float]) -> float | None:
    """Return the land below which a school should not be built, m²; the guide where there is no such rule.

    Parameters
    ----------
    standards
        The rules in force in one year.
    seats
        Seats of the whole school by stage.

    Returns
    -------
    float | None
        ``None`` where the standards say nothing about one of the stages.

    Examples
    --------
    >>> from layoutplan.standards import load_profile
    >>> least_m2(load_profile("cn-national").at(2025), {"primary": 1080.0})  # 15 m² each
    16200.0
    """
    total = 0.0
    for stage, count in seats.items():
        if standards.find(LEAST, stage) is not None:
            total += count * standards.number(LEAST, stage)
        else:
            guide = guide_m2(standards, {stage: count})
            if guide is None:
                return None
            total += guide
    return total


def net_areas(sites: pd.DataFrame) -> pd.Series:
    """Return the area of each site that a school can count on, m².

    The stated area, else that of the polygon; less what a proposed rezoning takes (its stated area, else the
    whole site), with consent or without: a school can not count on land that is to become something else.

    Parameters
    ----------
    sites
        Rows of table ``sites`` with geometry in a projected CRS in metres.

    Returns
    -------
    Series
        Index of ``sites``; missing where the area is not known.

    Examples
    --------
    >>> import shapely
    >>> sites = gpd.GeoDataFrame({"area_m2": [9000.0, 9000.0, None], "proposed_use": [None, "商业", None],
    ...     "rezoned_area_m2": [None, 4000.0, None]},
    ...     geometry=[shapely.Point(0, 0), shapely.Point(0, 0), shapely.box(0, 0, 50, 40)])
    >>> net_areas(sites).tolist()
    [9000.0, 5000.0, 2000.0]
    """
    drawn = gpd.GeoSeries(sites["geometry"]).area
    whole = sites["area_m2"].astype(float).where(sites["area_m2"].notna(), drawn.where(drawn > 0))
    stated = sites["rezoned_area_m2"].astype(float)
    taken = stated.where(stated.notna(), whole).where(sites["proposed_use"].notna(), 0.0)
    return (whole - taken).clip(lower=0.0)


def has_tenure(sites: pd.DataFrame) -> pd.Series:
    """Return on which sites a school can be built: state land, or buildings of a former school.

    Collective land must be acquired first. A site that does not state its tenure is taken for state land.

    Parameters
    ----------
    sites
        Rows of table ``sites``.

    Returns
    -------
    Series
        Boolean, index of ``sites``.
    """
    collective = (sites["tenure"] == "collective").fillna(value=False).astype(bool)
    return ~collective | (sites["status"] == "idle").fillna(value=False).astype(bool)


def is_education_land(sites: pd.DataFrame) -> pd.Series:
    """Return which sites are zoned for education; a site that does not state it is not.

    Parameters
    ----------
    sites
        Rows of table ``sites``.

    Returns
    -------
    Series
        Boolean, index of ``sites``.
    """
    return sites["education_land"].fillna(value=False).astype(bool)
