"""Births of each unit by calendar year: recorded, assumed by the plan, or extrapolated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.city.city import City
from layoutplan.errors import FaultLog, InputError
from layoutplan.plan.settings import DemandSettings


def births_by_unit(
    city: City,
    settings: DemandSettings,
    *,
    years: Sequence[int],
    young_children: pd.Series[float],
    log: FaultLog,
) -> pd.DataFrame:
    """Return the births of each unit (rows, as in ``city.units``) by calendar year (columns ``years``).

    For each unit and year the first available source applies:

    1. the births table, given by area, district or for the whole city, and distributed over the units of a
       place in proportion to ``young_children`` (to residents where a place has no young children); units
       outside all places of the table have no value from this source;
    2. after the base year, ``settings.births_per_year`` of the whole city, distributed over all units by
       ``young_children`` (residents where the city has none);
    3. the latest earlier year of the table, else its earliest later year;
    4. ``young_children`` itself, that is, constant births.

    Births after the base year are then multiplied by ``settings.births_factor``. Each assumption is recorded
    as a notice.

    Parameters
    ----------
    city
        Provides ``tables["births"]``, units, areas and the base year.
    settings
        ``[demand]`` of the plan: ``births_per_year`` and ``births_factor``.
    years
        Consecutive calendar years, at least one.
    young_children
        Children per single year of young age, by unit, in the order of ``city.units``.
    log
        Receives notices and warnings.

    Returns
    -------
    pandas.DataFrame
        Births, units × years; floats, without nulls.

    Raises
    ------
    InputError
        If the rows of the births table refer to different kinds of places.
    """
    weights = _weights(city, young_children)
    later = np.array([year > city.base_year for year in years], dtype=bool)
    known = _recorded(city, weights, log)
    births = known.reindex(columns=[*years])
    ahead = [year for year in map(int, known.columns) if year > city.base_year]
    if ahead:
        log.add("births_after_base", severity="notice", table="births", first=min(ahead), last=max(ahead))
    if settings.births_per_year is not None and later.any():
        everywhere = settings.births_per_year * weights / weights.sum()
        births = _fill(births, everywhere, only=later)
        log.add("births_per_year", severity="notice", table="births", births=settings.births_per_year)
    births = _carry_on(births, known, log)
    births = _assume(births, young_children, log)
    return births.mul(np.where(later, settings.births_factor, 1.0), axis=1)


def recorded_births(city: City) -> pd.DataFrame:
    """Return the births table by unit, without any assumption.

    Parameters
    ----------
    city
        Provides ``tables["births"]``, units and areas.

    Returns
    -------
    pandas.DataFrame
        Units × years of the table; null where it has no figure for the unit's place. No columns where the
        table is empty or its rows refer to different kinds of places.
    """
    quiet = FaultLog()
    try:
        return _recorded(city, pd.Series(city.units["residents"].fillna(0.0), dtype=float), quiet)
    except InputError:
        return pd.DataFrame(index=city.units.index, dtype=float)


def _weights(city: City, young_children: pd.Series[float]) -> pd.Series[float]:
    """Return the weights that distribute births over units: young children, else residents, else equal."""
    residents = pd.Series(city.units["residents"].fillna(0.0), dtype=float)
    for size in (young_children, residents):
        if size.sum() > 0:
            return size
    return residents + 1.0


def _recorded(city: City, weights: pd.Series[float], log: FaultLog) -> pd.DataFrame:
    """Return the births table distributed over units: units × years of the table; null where it has none."""
    table, units = city.tables["births"], city.units
    if table.empty:
        return pd.DataFrame(index=units.index, dtype=float)
    level = births_level(city, log)
    everywhere = pd.Series("", index=units.index)
    place = {"area": units["area_id"], "district": units["district_id"], "city": everywhere}[level]
    rows = pd.DataFrame(
        {
            "place": table["area_id"].fillna("").astype(str).to_numpy(),
            "year": table["year"].to_numpy(dtype=int),
            "births": table["births"].to_numpy(dtype=float),
        },
    )
    by_place = rows.pivot_table(index="place", columns="year", values="births", aggfunc="sum")
    homeless = by_place.index[~by_place.index.isin(place.dropna())]
    if len(homeless):
        lost = float(by_place.loc[homeless].sum().sum())
        log.add("births_without_units", severity="warning", table="births", rows=homeless, births=lost)
    by_unit = by_place.reindex(place.fillna("").to_numpy()).set_axis(units.index)
    return by_unit.mul(_shares_within(place, weights, units["residents"]), axis=0)


def births_level(city: City, log: FaultLog) -> str:
    """Return the kind of place that the births table refers to.

    Parameters
    ----------
    city
        Provides ``tables["births"]`` (not empty) and the ids of its areas.
    log
        Receives the fault that is raised.

    Returns
    -------
    str
        ``area``, ``district``, or ``city`` where no place is named.

    Raises
    ------
    InputError
        If rows refer to places of different kinds, which could count births twice.
    """
    place = city.tables["births"]["area_id"]
    level = pd.Series("city", index=place.index)
    level[place.notna()] = "district"
    level[place.isin(city.areas.index)] = "area"
    kinds = level.unique()
    if len(kinds) > 1:
        rows = level.index[level != level.mode()[0]]
        log.add("births_mixed_places", table="births", column="area_id", rows=rows, by="area_id")
        log.raise_if_errors()
    return str(kinds[0])


def _shares_within(
    place: pd.Series[str], weights: pd.Series[float], residents: pd.Series[float]
) -> pd.Series[float]:
    """Return each unit's share of its place: by weight, else by residents, else equal."""
    shares = pd.Series(np.nan, index=weights.index)
    for size in (weights, residents.astype(float).fillna(0.0), pd.Series(1.0, index=weights.index)):
        total = size.groupby(place).transform("sum")
        shares = shares.fillna((size / total).where(total > 0))
    return shares


def _fill(births: pd.DataFrame, value: pd.Series[float], *, only: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return births with nulls replaced by the unit's value, in the selected years only."""
    filled = np.where(births.isna().to_numpy() & only, value.to_numpy()[:, None], births.to_numpy())
    return pd.DataFrame(filled, index=births.index, columns=births.columns)


def _carry_on(births: pd.DataFrame, known: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """Fill nulls with the unit's latest earlier known year, else its earliest later year."""
    if known.columns.empty or not births.isna().any(axis=None):
        return births
    years = births.columns.union(known.columns)
    carried = known.reindex(columns=years).ffill(axis=1).bfill(axis=1)[births.columns]
    filled = births.isna() & carried.notna()
    if filled.any(axis=None):
        silent = births.columns[filled.any()]
        log.add(
            "births_carried_on",
            severity="notice",
            table="births",
            first=silent[0],
            last=silent[-1],
            known=known.columns.max(),
        )
    return births.fillna(carried)


def _assume(births: pd.DataFrame, young_children: pd.Series[float], log: FaultLog) -> pd.DataFrame:
    """Fill the remaining nulls with the current number of young children."""
    silent = births.columns[births.isna().any()]
    if silent.empty:
        return births
    log.add(
        "births_assumed",
        severity="notice",
        table="births",
        births=float(young_children.sum()),
        first=silent[0],
        last=silent[-1],
    )
    return _fill(births, young_children, only=np.ones(births.shape[1], dtype=bool))
