"""Pupils of new dwellings (新建住宅): occupancy ramp, pupil yield, and its rise and fall over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.cards import Outlined
from layoutplan.city.city import City
from layoutplan.city.estates import homes_of_estates
from layoutplan.dictionary.rolls import stage_column
from layoutplan.errors import FaultLog
from layoutplan.plan.settings import DemandSettings
from layoutplan.standards.rules import Standards


@dataclass(frozen=True, repr=False)
class Estates(Outlined):
    """Pupils of the dwellings first occupied after the base year.

    Attributes
    ----------
    table
        Input table ``housing``; each row is an estate (one phase).
    homes
        Columns ``estate``, ``unit`` (positions) and ``share``: the units where the pupils live
        (:func:`~layoutplan.city.estates.homes_of_estates`).
    dwellings
        Dwellings newly occupied since the base year, estates × years; never decreases.
    pupils
        For each stage the pupils of these dwellings, in schools of any ownership, estates × years.
    """

    table: pd.DataFrame
    homes: pd.DataFrame
    dwellings: FloatArray
    pupils: Mapping[str, FloatArray]

    def late(self, stage: str, *, years: int) -> FloatArray:
        """Return the pupils of a stage if every estate is occupied later than stated.

        Parameters
        ----------
        stage
            Stage.
        years
            Delay, whole years, 0 or more.

        Returns
        -------
        numpy.ndarray
            Pupils, estates × years: the pupils shifted by the delay, 0 before.

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
        """Distribute a figure of the estates over the units where their residents live.

        Parameters
        ----------
        values
            Estates × years.
        units
            Number of units of the city.

        Returns
        -------
        numpy.ndarray
            Units × years.
        """
        found = np.zeros((units, values.shape[1]))
        share = self.homes["share"].to_numpy(dtype=float)[:, None]
        np.add.at(found, self.homes["unit"].to_numpy(dtype=int), values[self.homes["estate"]] * share)
        return found


def new_estates(city: City, standards: Standards, settings: DemandSettings, *, log: FaultLog) -> Estates:
    """Return the pupils that new dwellings will bring.

    Only dwellings first occupied *after* the base year count: the residents of dwellings occupied earlier are
    in the population already, where their children age. Of an estate with ``U`` dwellings and first occupancy
    in year ``t0``, the share occupied ``a`` years later is the profile's ``housing.occupancy_ramp`` (its last
    value applies to all later years); where the table states the occupancy at the base year, the ramp
    continues from the stated occupancy. The ``ΔU(v)`` dwellings first occupied in year ``v`` have in year
    ``t``

        pupils(s, t) = Σ_v ΔU(v) · y(s) · m(s, t − v)

    where the yield ``y`` is that of the table (``yield_*``), else the profile's
    ``housing.pupils_per_dwelling`` × ``housing.yield_factor_*`` of the housing type, times
    ``settings.yield_factor``; ``m`` is the profile's ``housing.maturity``, which rises while children are
    born and grow up and falls when they have left the stage (STANDARDS 2.9: H(z,t,s) = Σ U·φ(t − t0)·y).

    Parameters
    ----------
    city
        Provides ``tables["housing"]``, units, stages and years.
    standards
        Standards of the base year.
    settings
        ``[demand]`` of the plan: ``yield_factor``.
    log
        Receives a notice or warning for every assumption and omission.

    Returns
    -------
    Estates
        Without rows where no housing table is given.
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
    age = years[None, :] - years[:, None]  # years since occupancy: year of occupancy (rows) × year (columns)
    by_stage = {}
    for stage in city.stages:
        maturity = _maturity(standards, stage, age)
        by_stage[stage] = (filling @ maturity) * yields[stage][:, None] * settings.yield_factor
    return Estates(table, homes, filling.cumsum(axis=1), MappingProxyType(by_stage))


def occupancy(table: pd.DataFrame, years: npt.NDArray[np.int_], standards: Standards) -> FloatArray:
    """Return the occupied share of each estate's dwellings at the start of each school year.

    An estate with a stated occupancy at the base year continues the ramp from it; a stated share above the
    end of the ramp is kept.

    Parameters
    ----------
    table
        Input table ``housing``: ``first_occupancy_year`` and ``occupancy``.
    years
        Consecutive years, the base year first.
    standards
        Provides ``housing.occupancy_ramp``; without it, dwellings are occupied in the first year.

    Returns
    -------
    numpy.ndarray
        Shares, estates × years.
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
    """Return the dwellings first occupied in each year after the base year (0 in the base year)."""
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
    """Return the yield as a share of its maximum by years since occupancy; 0 before, 1 without a rule."""
    points = standards.pairs("housing.maturity", stage) or ((0.0, 1.0),)
    at, share = zip(*sorted(points), strict=True)
    return np.where(age < 0, 0.0, np.interp(age, at, share))


def dwelling_yields(
    table: pd.DataFrame, stages: tuple[str, ...], standards: Standards, *, log: FaultLog
) -> dict[str, FloatArray]:
    """Return the maximum number of pupils per occupied dwelling, by stage.

    Parameters
    ----------
    table
        Input table ``housing``: ``yield_<stage>`` and ``housing_type``.
    stages
        Stages to return.
    standards
        Provides ``housing.pupils_per_dwelling`` and ``housing.yield_factor_<type>``.
    log
        Receives a warning for estates without a yield; they count as 0 pupils.

    Returns
    -------
    dict
        For each stage an array of shape ``(estates,)``.
    """
    kinds = table["housing_type"].fillna("other").astype(str)
    factors = {kind: (*standards.numbers(f"housing.yield_factor_{kind}"), 1.0)[0] for kind in set(kinds)}
    factor = kinds.map(factors).to_numpy(dtype=float)
    found = {}
    for stage in stages:
        stated = table[stage_column("yield", stage)].to_numpy(dtype=float, na_value=np.nan)
        ruled = standards.numbers("housing.pupils_per_dwelling", stage)
        open_ = np.isnan(stated)
        if open_.any() and not ruled:
            rows = table["housing_id"][open_]
            log.add("estate_yield_unknown", severity="warning", table="housing", rows=rows, stage=stage)
        found[stage] = np.where(open_, ruled[0] * factor if ruled else 0.0, stated)
    return found


def _warn_of_homeless(table: pd.DataFrame, homes: pd.DataFrame, log: FaultLog) -> None:
    """Warn of estates that are in no unit and have no location: their pupils are omitted."""
    lost = ~np.isin(np.arange(len(table)), homes["estate"]) & (table["dwellings"] > 0).to_numpy(dtype=bool)
    if lost.any():
        dwellings = float(table["dwellings"][lost].sum())
        rows = table["housing_id"][lost]
        log.add("estate_without_place", severity="warning", table="housing", rows=rows, dwellings=dwellings)
