"""Inputs of the outlook for one stage: places with their demand and seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.catchment_view import Parts, divide
from layoutplan.balance.grade_bands import grade_bands
from layoutplan.balance.measures import sums
from layoutplan.city.city import City
from layoutplan.demand.demand import Demand
from layoutplan.demand.systems import system_share
from layoutplan.outlook.draws import DrawPlaces, EstateShares
from layoutplan.standards.rules import Profile
from layoutplan.study import Study


@dataclass(frozen=True)
class StageInputs:
    """Demand and seats of one stage by place: catchments first, then the remainders of districts.

    Attributes
    ----------
    stage, city, demand
        Stage, city, and demand of all stages.
    parts
        Partition of the stage's demand and seats; its parts are the places.
    of_unit
        Place of each unit, shape ``(units,)``.
    """

    stage: str
    city: City
    demand: Demand
    parts: Parts
    of_unit: IntArray

    @property
    def catchments(self) -> pd.Index:
        """Ids of the catchments, which are the first places."""
        return self.parts.catchments

    def by_place(self, by_unit: pd.DataFrame) -> FloatArray:
        """Aggregate a figure of the units by place.

        Parameters
        ----------
        by_unit
            Units (in the city's order) × years.

        Returns
        -------
        numpy.ndarray
            Places × years.
        """
        return sums(by_unit.to_numpy(dtype=float), self.of_unit, count=len(self.parts.demand))

    def catchment_rows(self) -> pd.DataFrame:
        """Return ``catchment_id``, ``name``, ``district_id`` and ``stage``, one row per catchment."""
        city, ids = self.city, self.city.districts.index.to_numpy(dtype=object)
        district = self.parts.district[: len(self.catchments)]
        return pd.DataFrame(
            {
                "catchment_id": self.catchments,
                "name": city.catchments.loc[self.catchments, "name"].to_numpy(),
                "district_id": [ids[place] if place >= 0 else None for place in district],
                "stage": self.stage,
            },
        )


def stage_inputs(stage: str, study: Study) -> StageInputs:
    """Partition a stage into places, as the balance does (:func:`~layoutplan.balance.catchment_view.divide`).

    Parameters
    ----------
    stage
        Stage.
    study
        Demand, city and today's layout.

    Returns
    -------
    StageInputs
        Partition and the place of each unit.
    """
    city, demand, layout = study.city, study.demand, study.today
    parts = divide(
        city,
        layout,
        stage=stage,
        demand=demand.pupils[stage].to_numpy(dtype=float),
        counted=layout.seats.counted(stage).to_numpy(dtype=float),
        grades=grade_bands(study, layout.seats, stage),
    )
    count, rests = len(parts.catchments), len(city.districts) + 1
    outside = count + parts.unit_district % rests
    of_unit = np.where(parts.unit_catchment >= 0, parts.unit_catchment, outside)
    return StageInputs(stage=stage, city=city, demand=demand, parts=parts, of_unit=of_unit)


def places_of(
    inputs: StageInputs, profile: Profile, *, delays: int, reconciliation: pd.DataFrame | None = None
) -> DrawPlaces:
    """Return the expected demand by place, in the components that the draws perturb.

    Parameters
    ----------
    inputs
        Stage inputs.
    profile
        Stage ages, which determine the number of cohorts born after the base year.
    delays
        Number of possible delays of an estate: 0 to ``delays − 1`` years.
    reconciliation
        Result table of both estimates of the demand; ``None`` where there is only one.

    Returns
    -------
    DrawPlaces
        Catchments first, then the remainders of districts.
    """
    stage, city, demand = inputs.stage, inputs.city, inputs.demand
    estates_here = inputs.by_place(demand.of_estates[stage]) if stage in demand.of_estates else 0.0
    unborn = (
        inputs.by_place(demand.unborn[stage])
        if stage in demand.unborn
        else np.zeros_like(inputs.parts.demand)
    )
    first_age = np.array([profile.at(year).ages(stage)[0] for year in city.years])
    names = [*map(str, inputs.catchments), *(f"rest {name}" for name in [*city.districts.index, ""])]
    return DrawPlaces(
        stage=stage,
        names=tuple(names),
        settled=np.maximum(inputs.parts.demand - unborn - estates_here, 0.0),
        unborn=unborn,
        born_steps=np.maximum(np.array(city.years) - first_age - city.base_year, 0).astype(np.int64),
        estates=_estate_shares(inputs, profile, delays=delays),
        roads=None if reconciliation is None else _roads(stage, city.years, reconciliation),
    )


def _roads(stage: str, years: Sequence[int], reconciliation: pd.DataFrame) -> FloatArray | None:
    """Return the logarithm of both estimates relative to the demand, (2, years); ``None`` without both."""
    own = reconciliation[reconciliation["stage"] == stage].set_index("year").reindex([*years])
    both = own[["by_residents", "by_enrolment"]].to_numpy(dtype=float, na_value=np.nan).T
    demand = own["demand"].to_numpy(dtype=float, na_value=np.nan)
    known = (both > 0).all(axis=0) & (demand > 0)
    if not known.any():
        return None
    return np.asarray(np.log(np.divide(both, demand, out=np.ones_like(both), where=known[None, :])))


def _estate_shares(inputs: StageInputs, profile: Profile, *, delays: int) -> EstateShares | None:
    """Return the estates' pupils who need a counted seat, by place and delay; ``None`` if there are none."""
    estates, stage = inputs.demand.estates, inputs.stage
    if estates is None or estates.homes.empty or not estates.pupils[stage].any():
        return None
    homes, table = estates.homes, estates.table
    of_home = homes["share"].to_numpy(dtype=float)[:, None]
    of_system = system_share(stage, inputs.city, profile)[homes["unit"].to_numpy(dtype=int)]
    estate = homes["estate"].to_numpy(dtype=np.int64)
    whole = sums(np.broadcast_to(of_home, of_system.shape), estate, count=len(table))
    own = sums(of_home * of_system, estate, count=len(table))
    need = inputs.demand.public_share[stage].to_numpy(dtype=float) * np.divide(
        own, whole, out=np.ones_like(own), where=whole > 0
    )
    place = inputs.of_unit[homes["unit"].to_numpy(dtype=int)]
    members = sparse.csr_array(
        (homes["share"].to_numpy(dtype=float), (place, homes["estate"].to_numpy(dtype=int))),
        shape=(len(inputs.parts.demand), len(table)),
    )
    names = table["housing_id"].astype(str) + "/" + table["phase"].fillna("1").astype(str)
    late = tuple(estates.late(stage, years=years) * need for years in range(delays))
    return EstateShares(names=tuple(names), pupils=late, members=members)
