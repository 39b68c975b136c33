"""The authority's own projection (教育部门自有预测): compared, and followed if the plan says so."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.demand.demand import Demand
from layoutplan.demand.reconcile import scaled
from layoutplan.dictionary import empty_frame, result_table
from layoutplan.errors import FaultLog

_TABLE: Final = "projections"


def check_projections(
    given: pd.DataFrame, *, stages: tuple[str, ...], years: tuple[int, ...], follow: bool, log: FaultLog
) -> None:
    """Record what is wrong with the projection that a plan gives.

    Parameters
    ----------
    given
        Input table ``projections``.
    stages, years
        What the plan covers.
    follow
        Whether the plan follows it (``demand.follow_projection``).
    log
        Receives an error where a stage is stated for the whole city and by district in one year, and where
        the projection to be followed is not given for any stage and year of the plan.
    """
    used = given[given["stage"].isin(stages) & given["year"].isin(years)]
    if follow and used.empty:
        log.add("projection_not_given", table=_TABLE, first=years[0], last=years[-1])
    for (stage, year), rows in used.groupby(["stage", "year"]):
        if rows["area_id"].isna().any() and rows["area_id"].notna().any():
            log.add("projection_twice", table=_TABLE, column="area_id", stage=str(stage), year=int(str(year)))


def with_projection(
    demand: Demand,
    reconciliation: pd.DataFrame,
    given: pd.DataFrame,
    *,
    districts: pd.Series,
    follow: bool,
) -> tuple[Demand, pd.DataFrame]:
    """Put the authority's own projection beside the demand, and scale the demand to it where it is followed.

    The demand of every unit of the city, or of the district that a row names, is multiplied by projected
    pupils ÷ demand there. Between two years that are stated the factor lies on a straight line; before the
    first it starts from 1 in the base year, and after the last it stays. A district without a row, and one
    without demand, keeps its own.

    Parameters
    ----------
    demand, reconciliation
        As :func:`~layoutplan.demand.reconcile` returns them.
    given
        Input table ``projections``.
    districts
        District of each unit, on the units' index.
    follow
        Whether the plan follows the projection.

    Returns
    -------
    demand, table
        The demand, and result table ``reconciliation`` with ``by_authority`` where the projection covers the
        whole city (stated for it, or for every district with units); where it is followed, ``demand`` and
        ``factor`` are those followed.

    Examples
    --------
    >>> units = pd.Index(["U", "V"])
    >>> own = {"primary": pd.DataFrame([[60.0, 60.0, 60.0], [40.0, 40.0, 40.0]], units, [2025, 2026, 2027])}
    >>> demand = Demand(years=(2025, 2026, 2027), children=own, pupils=own)
    >>> given = pd.DataFrame({"area_id": [None], "stage": ["primary"], "year": [2027], "pupils": [120.0]})
    >>> place = pd.Series(None, units, dtype=object)
    >>> told = empty_frame(result_table("reconciliation"))
    >>> followed, table = with_projection(demand, told, given, districts=place, follow=True)
    >>> followed.pupils["primary"].sum().round(9).tolist()
    [100.0, 110.0, 120.0]
    >>> table[["by_residents", "by_authority", "demand"]].iloc[-1].tolist()
    [100.0, 120.0, 120.0]
    """
    years, log, factors, parts = list(demand.years), FaultLog(), {}, []
    if unused := int((~(given["stage"].isin(demand.pupils) & given["year"].isin(years))).sum()):
        log.add(
            "projection_unused", severity="notice", table=_TABLE, count=unused, first=years[0], last=years[-1]
        )
    for stage, pupils in demand.pupils.items():
        own = given[(given["stage"] == stage) & given["year"].isin(years)]
        told = reconciliation[reconciliation["stage"] == stage]
        if own.empty:
            parts.append(told)
            continue
        factor, city = _factors(own, pupils, districts)
        ours = pupils.to_numpy(dtype=float).sum(axis=0)
        theirs = (pupils.to_numpy(dtype=float) * factor).sum(axis=0)
        factors[stage] = factor
        table = _row_per_year(told, stage, years, ours).assign(by_authority=city)
        if follow:
            table = table.assign(demand=theirs, factor=table["factor"].to_numpy() * _ratio(theirs, ours))
        parts.append(table)
        last = int(own["year"].max())
        log.add(
            "projection_followed" if follow else "projection_compared",
            severity="notice",
            table=_TABLE,
            stage=stage,
            year=last,
            ours=float(ours[years.index(last)]),
            theirs=float(theirs[years.index(last)]),
            change=float(_ratio(theirs, ours)[years.index(last)]) - 1.0,
        )
    known = result_table("reconciliation")
    full = [part for part in parts if len(part)]
    found = pd.concat(full, ignore_index=True)[[*known.column_names]] if full else empty_frame(known)
    return scaled(demand, MappingProxyType(factors if follow else {}), log), found


def _factors(
    given: pd.DataFrame, pupils: pd.DataFrame, districts: pd.Series
) -> tuple[FloatArray, FloatArray]:
    """Return the factor of each unit and year, and the whole city's projection by year (nan: not given)."""
    years = np.array([*pupils.columns], dtype=float)
    ours = pupils.to_numpy(dtype=float)
    factor = np.ones_like(ours)
    whole = np.full(len(years), np.nan)
    of_unit = districts.reindex(pupils.index)
    areas = given["area_id"].drop_duplicates()
    for area in areas:
        everywhere = pd.isna(area)
        inside = np.ones(len(ours), bool) if everywhere else (of_unit == area).to_numpy(dtype=bool)
        rows = given[given["area_id"].isna() if everywhere else given["area_id"] == area]
        stated = rows.set_index("year")["pupils"].astype(float).reindex(years).to_numpy()
        here = ours[inside].sum(axis=0)
        known = ~np.isnan(stated) & (here > 0)
        if known.any():
            steps = np.interp(years, years[known], stated[known] / here[known], left=np.nan)
            factor[inside] = _from_the_base_year(steps, years, known)
        if everywhere:
            whole = stated
    named = given["area_id"].dropna().unique()
    if len(named) and set(of_unit.dropna()) <= set(named) and of_unit.notna().all():
        sums = given.dropna(subset="area_id").groupby("year")["pupils"].agg(["sum", "size"])
        complete = sums.loc[sums["size"] == len(named), "sum"].astype(float)
        whole = np.where(np.isnan(whole), complete.reindex(years).to_numpy(dtype=float), whole)
    return factor, whole


def _from_the_base_year(steps: FloatArray, years: FloatArray, known: np.ndarray) -> FloatArray:
    """Return the factors with the years before the first one stated on a line from 1 in the base year."""
    first = int(np.argmax(known))
    before = np.interp(years[:first], [years[0], years[first]], [1.0, steps[first]])
    return np.concatenate([before, steps[first:]])


def _row_per_year(told: pd.DataFrame, stage: str, years: list[int], ours: FloatArray) -> pd.DataFrame:
    """Return the stage's rows of the reconciliation; without any, those of the one estimate there is."""
    if len(told):
        return told
    own = {"stage": stage, "year": years, "by_residents": ours, "factor": 1.0, "demand": ours}
    return pd.DataFrame(own).reindex(columns=[*result_table("reconciliation").column_names])


def _ratio(theirs: FloatArray, ours: FloatArray) -> FloatArray:
    return np.divide(theirs, ours, out=np.ones_like(ours), where=ours > 0)
