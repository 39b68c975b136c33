"""Estates and the schools built with them (住宅小区配套学校、三同时)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.demand.estates import dwelling_yields, occupancy
from layoutplan.errors import FaultLog
from layoutplan.rules.rule_inputs import RuleInputs


@dataclass(frozen=True)
class EstateStage:
    """One phase of an estate, with the schools of one stage attached to it.

    Attributes
    ----------
    id
        Id of the estate, with its phase where it has several.
    name
        Name of the estate; its id where it has none.
    position
        Row in the housing table, counted from 0.
    row
        That row, column name to value.
    stage
        Id of the stage.
    attached
        Ids of the schools and projects attached to the estate that teach the stage.
    school_year
        First year in which an attached school has seats; ``None`` if in no year of the plan.
    required
        Public seats that the dwellings need at their highest occupancy within the plan.
    arriving
        Pupils of dwellings occupied after the base year who need a public seat, one value per year.
    """

    id: str
    name: str
    position: int
    row: Mapping[str, Any]
    stage: str
    attached: tuple[str, ...]
    school_year: int | None
    required: float
    arriving: FloatArray

    @property
    def first_year(self) -> int:
        """First year in which people live there."""
        return int(self.row["first_occupancy_year"])

    def without_school(self, years: Sequence[int]) -> BoolArray:
        """Return in which years the estate is inhabited and no attached school has seats.

        Parameters
        ----------
        years
            Years of the plan.

        Returns
        -------
        BoolArray
            One value per year.
        """
        all_years = np.array(years)
        opened = np.inf if self.school_year is None else self.school_year
        return np.asarray((all_years >= self.first_year) & (all_years < opened), dtype=np.bool_)


def estate_stages(inputs: RuleInputs) -> list[EstateStage]:
    """Return each planned stage of every estate phase with a year of first occupancy, by estate id and phase.

    Parameters
    ----------
    inputs
        Study and stage results of the run.

    Returns
    -------
    list[EstateStage]
        One entry per estate phase and stage; empty without such estates.
    """
    housing = pd.DataFrame(inputs.table("housing")).reset_index(drop=True)
    housing = housing[housing["first_occupancy_year"].notna()].sort_values(["housing_id", "phase"])
    if housing.empty:
        return []
    standards, years = inputs.standards, np.array(inputs.city.years)
    yields = dwelling_yields(housing, inputs.city.stages, standards, log=FaultLog())
    lived = occupancy(housing, years, standards).max(axis=1) * housing["dwellings"].to_numpy(float)
    several = housing["housing_id"].duplicated(keep=False).to_numpy(dtype=bool)
    kinds, named = _kinds(inputs), _named(inputs)
    found = []
    positions = housing.index.to_numpy(dtype=int)
    for place, record in enumerate(housing.to_dict("records")):
        row, position = {str(name): value for name, value in record.items()}, int(positions[place])
        own = f"{row['housing_id']}#{row['phase']}" if several[place] else str(row["housing_id"])
        schools = _attached(row, *named)
        for stage in inputs.city.stages:
            attached = tuple(
                school for school in schools if stage in inputs.schooling.taught_by(kinds.get(school))
            )
            opened = [year for one in attached if (year := _first_seats(inputs, one, stage)) is not None]
            public = inputs.demand.public_share.get(stage)
            share = np.ones(len(years)) if public is None else public.to_numpy(dtype=float)
            estates = inputs.demand.estates
            pupils = estates.pupils[stage][position] if estates else np.zeros(len(years))
            found.append(
                EstateStage(
                    id=own,
                    name=str(row["name"]) if pd.notna(row["name"]) else own,
                    position=position,
                    row=row,
                    stage=stage,
                    attached=attached,
                    school_year=min(opened, default=None),
                    required=float(lived[place] * yields[stage][place] * share[-1]),
                    arriving=pupils * share,
                )
            )
    return found


def _kinds(inputs: RuleInputs) -> dict[str, str]:
    """Return the school type of every school and project."""
    projects = inputs.table("projects").set_index("project_id")["school_type"].dropna()
    schools = inputs.seats.schools["school_type"].dropna()
    return {**projects.to_dict(), **schools.to_dict()}


def _named(inputs: RuleInputs) -> tuple[dict[str, list[str]], set[str]]:
    """Return the projects that name each estate, and those cancelled."""
    projects = inputs.table("projects")
    of_estate: dict[str, list[str]] = {}
    for estate, project in zip(projects["housing_id"], projects["project_id"], strict=True):
        if pd.notna(estate):
            of_estate.setdefault(str(estate), []).append(project)
    return of_estate, set(projects.loc[projects["state"] == "cancelled", "project_id"])


def _attached(row: Mapping[str, Any], of_estate: Mapping[str, list[str]], cancelled: set[str]) -> list[str]:
    """Return the schools and projects an estate names, and the projects that name it; none cancelled."""
    named = row["school_ids"] if isinstance(row["school_ids"], (list, tuple)) else ()
    every = dict.fromkeys([*map(str, named), *of_estate.get(row["housing_id"], [])])
    return [one for one in every if one not in cancelled]


def _first_seats(inputs: RuleInputs, school: str, stage: str) -> int | None:
    """Return the first year a school or project has seats of a stage; a project as stated, counted or not."""
    offered = inputs.seats.seats[stage]
    if school in offered.index:
        years = np.flatnonzero(offered.loc[school].to_numpy(dtype=float) > 0)
        if not len(years):
            return None
        first = inputs.city.years[int(years[0])]
        opened = inputs.city.schools["opened_year"].dropna()
        return min(int(opened[school]), first) if school in opened and first == inputs.base_year else first
    opening = inputs.table("projects").set_index("project_id")["opening_year"].dropna()
    return int(opening[school]) if school in opening else None


def homes_by_catchment(inputs: RuleInputs, one: EstateStage) -> dict[str | None, float]:
    """Return the share of an estate's residents in each catchment of the stage.

    Parameters
    ----------
    inputs
        Study and stage results of the run.
    one
        The estate and stage.

    Returns
    -------
    dict[str | None, float]
        Catchment id (``None``: in no catchment) to share; the shares add up to 1. ``{None: 1.0}`` where the
        estate's homes or the catchments of the stage are not known.
    """
    if inputs.demand.estates is None:
        return {None: 1.0}
    homes = inputs.demand.estates.homes
    mine = homes[homes["estate"] == one.position]
    held = inputs.city.unit_catchments
    if mine.empty or one.stage not in held:
        return {None: 1.0}
    names = held[one.stage].iloc[mine["unit"].to_numpy(dtype=int)]
    shares: dict[str | None, float] = {}
    for name, share in zip(names, mine["share"], strict=True):
        key = name if isinstance(name, str) else None
        shares[key] = shares.get(key, 0.0) + float(share)
    return shares
