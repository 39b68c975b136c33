"""Pupils of new dwellings (新建住宅): how estates fill, and how their pupils rise and then fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.city.city import City
from layoutplan.city.estates import homes_of_estates
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Standards


@dataclass(frozen=True)
class Estates:
    """Pupils of the dwellings that are first lived in after the base year.

    Attributes
    ----------
    table
        Input table ``housing``; its rows are the estates (one a phase).
    homes
        Columns ``estate``, ``unit`` (positions), ``share``: where the pupils live
        (:func:`~layoutplan.city.estates.homes_of_estates`).
    dwellings
        Dwellings newly lived in since the base year, estates × years; never falls.
    pupils
        For each stage the pupils of those dwellings, in schools of any ownership, estates × years.
    """

    table: pd.DataFrame
    homes: pd.DataFrame
    dwellings: FloatArray
    pupils: Mapping[str, FloatArray]

    def late(self, stage: str, *, years: int) -> FloatArray:
        """Return the pupils if every estate is lived in so many years later than stated.

        Examples
        --------
        >>> table, homes = pd.DataFrame(index=[0]), pd.DataFrame()
        >>> one = Estates(table, homes, np.array([[0.0, 9.0, 9.0]]), {"primary": np.array([[0.0, 2.0, 3.0]])})
        >>> one.late("primary", years=1).tolist()
        [[0.0, 0.0, 2.0]]
        """
        values = self.pupils[stage]
        shifted = np.zeros_like(values)
        shifted[:, years:] = values[:, : max(values.shape[1] - years, 0)]
        return shifted

    def by_unit(self, values: FloatArray, *, units: int) -> FloatArray:
        """Return a figure of the estates (estates × years) by the unit of their people: units × years."""
        found = np.zeros((units, values.shape[1]))
        share = self.homes["share"].to_numpy(dtype=float)[:, None]
        np.add.at(found, self.homes["unit"].to_numpy(dtype=int), values[self.homes["estate"]] * share)
        return found


def new_estates(city: City, standards: Standards, settings: DemandSettings, *, log: FaultLog) -> Estates:
    """Return the pupils that new dwellings will bring.

    Only dwellings first lived in *after* the base year count: people who live in an estate already are among
    the residents, and their children grow older there. Of an estate with ``U`` dwellings, first lived in in
    year ``t0``, the share lived in ``a`` years later is the profile's ``housing.occupancy_ramp`` (its last
    value holds on); where the table states the occupancy at the base year, the ramp goes on from there. The
    ``ΔU(v)`` dwellings that fill in year ``v`` have in year ``t``

        pupils(s, t) = Σ_v ΔU(v) · y(s) · m(s, t − v)

    with the yield ``y`` of the table (``yield_*``), else the profile's ``housing.pupils_per_dwelling`` ×
    ``housing.yield_factor_*`` of the type, times ``settings.yield_factor``; ``m`` is the profile's
    ``housing.maturity``: it rises while children are born and grow up, and falls when they have left
    (STANDARDS 2.9: H(z,t,s) = Σ U·φ(t − t0)·y).

    Parameters
    ----------
    standards
        Of the base year.

    Returns
    -------
    Estates
        Without rows where no housing table is given. What was assumed or left out is in ``log``.
    """
    table = pd.DataFrame(city.tables["housing"]).reset_index(drop=True)
    homes = homes_of_estates(city)
    years = np.array(city.years)
    if table.empty:
        nothing = np.zeros((0, len(years)))
        pupils: dict[str, FloatArray] = dict.fromkeys(city.stages, nothing)
        return Estates(table, homes, nothing, MappingProxyType(pupils))
    _warn_of_homeless(table, homes, log)
    filling = _newly_occupied(table, years, standards, log)
    yields = dwelling_yields(table, city.stages, standards, log=log)
    age = years[None, :] - years[:, None]  # of dwellings that fill in a year (rows), by year (columns)
    by_stage = {}
    for stage in city.stages:
        maturity = _maturity(standards, stage, age)
        by_stage[stage] = (filling @ maturity) * yields[stage][:, None] * settings.yield_factor
    return Estates(table, homes, filling.cumsum(axis=1), MappingProxyType(by_stage))


def occupancy(table: pd.DataFrame, years: npt.NDArray[np.int_], standards: Standards) -> FloatArray:
    """Return the share of each estate's dwellings lived in at the start of each school year.

    ``years`` are consecutive, the base year first.
    """
    ramp = np.array(standards.numbers("housing.occupancy_ramp") or (1.0,))
    first = table["first_occupancy_year"].to_numpy(dtype=int)
    stated = table["occupancy"].to_numpy(dtype=float, na_value=np.nan)
    age = years[None, :] - first[:, None]
    expected = np.where(age < 0, 0.0, ramp[np.clip(age, 0, len(ramp) - 1)])
    known = ~np.isnan(stated) & (first <= years[0])
    start, end = expected[:, :1], np.full((len(table), 1), ramp[-1])
    left = end - start
    progress = np.divide(expected - start, left, out=np.zeros_like(expected), where=left > 0)
    top = np.maximum(stated[:, None], end)
    return np.where(known[:, None], stated[:, None] + (top - stated[:, None]) * progress, expected)


def _newly_occupied(
    table: pd.DataFrame, years: npt.NDArray[np.int_], standards: Standards, log: FaultLog
) -> FloatArray:
    """Return the dwellings first lived in in each year after the base year (0 in the base year)."""
    early = (table["first_occupancy_year"] > years[0]) & (table["occupancy"].fillna(0.0) > 0)
    if early.any():
        log.add(
            "estate_occupied_early",
            severity="warning",
            table="housing",
            rows=table["housing_id"][early.to_numpy(dtype=bool)],
        )
    if standards.find("housing.occupancy_ramp") is None:
        log.add("occupancy_at_once", severity="notice", table="housing")
    share = occupancy(table, years, standards)
    dwellings = table["dwellings"].to_numpy(dtype=float, na_value=0.0)
    rise = np.maximum(np.diff(share, axis=1, prepend=share[:, :1]), 0.0)
    return np.asarray(rise * dwellings[:, None])


def _maturity(standards: Standards, stage: str, age: npt.NDArray[np.int_]) -> FloatArray:
    """Return the share of the highest yield by years since moving in; 0 before, 1 without a rule."""
    points = standards.pairs("housing.maturity", stage) or ((0.0, 1.0),)
    at, share = zip(*sorted(points), strict=True)
    return np.where(age < 0, 0.0, np.interp(age, at, share))


def dwelling_yields(
    table: pd.DataFrame, stages: tuple[str, ...], standards: Standards, *, log: FaultLog
) -> dict[str, FloatArray]:
    """Return pupils per occupied dwelling at the highest, by stage: one value an estate."""
    kinds = table["housing_type"].fillna("other").astype(str)
    factors = {kind: (*standards.numbers(f"housing.yield_factor_{kind}"), 1.0)[0] for kind in set(kinds)}
    factor = kinds.map(factors).to_numpy(dtype=float)
    found = {}
    for stage in stages:
        stated = table[f"yield_{stage}"].to_numpy(dtype=float, na_value=np.nan)
        ruled = standards.numbers("housing.pupils_per_dwelling", stage)
        open_ = np.isnan(stated)
        if open_.any() and not ruled:
            rows = table["housing_id"][open_]
            log.add("estate_yield_unknown", severity="warning", table="housing", rows=rows, stage=stage)
        found[stage] = np.where(open_, ruled[0] * factor if ruled else 0.0, stated)
    return found


def _warn_of_homeless(table: pd.DataFrame, homes: pd.DataFrame, log: FaultLog) -> None:
    """Warn of estates that are in no unit and have no place: their pupils are left out."""
    lost = ~np.isin(np.arange(len(table)), homes["estate"]) & (table["dwellings"] > 0).to_numpy(dtype=bool)
    if lost.any():
        dwellings = float(table["dwellings"][lost].sum())
        rows = table["housing_id"][lost]
        log.add("estate_without_place", severity="warning", table="housing", rows=rows, dwellings=dwellings)
