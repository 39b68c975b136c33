"""Probability of a hotspot: the unserved pupils of a year over random draws of its demand.

Solving the assignment for every draw would take hours in a large city. Instead the unserved pupils are
grouped into *shortage components*: unserved pupils, the schools within their reach (all full), the pupils
assigned there, the schools within the reach of these, and so on. A component with demand ``D`` and ``U``
unserved pupils has ``S = D − U`` seats and no access to others (it is the source side of a minimum cut). In a
draw with demand ``D'`` it lacks ``max(0, D' − S)`` seats. This is exact while demand in the component only
increases, and a lower bound otherwise, since seats released in one part of it may be out of reach of another.
Units keep their shares of its shortage. Places without unserved pupils in the forecast are not short in any
draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.result import Balance
from layoutplan.outlook.draws import Shocks, draw_demand
from layoutplan.outlook.inputs import places_of, stage_inputs
from layoutplan.study import Study
from layoutplan.travel.matrix import WalkMatrix

_ONE_MORE = 0.5
_DUST = 1e-6


@dataclass(frozen=True)
class DemandDraws:
    """Draws of one stage's demand in one year.

    Attributes
    ----------
    place
        Place of each unit of the city, a row of ``factor``.
    factor
        Demand in each draw as a multiple of the forecast, places × draws.
    reach_m
        Longest placement distance of the stage, walking metres.
    """

    place: IntArray
    factor: FloatArray
    reach_m: float


def draw_factors(study: Study, shocks: Shocks, *, year: int, draws: int) -> dict[str, DemandDraws]:
    """Draw the demand of one year, by stage, as the outlook does (:mod:`layoutplan.outlook.draws`).

    Parameters
    ----------
    study
        Demand, today's layout and the seed.
    shocks
        Distribution of the forecast errors.
    year
        Year of the plan.
    draws
        Number of draws.

    Returns
    -------
    dict
        :class:`DemandDraws` by stage; the factor is 1 where the forecast is 0.
    """
    at = study.years.index(year)
    found = {}
    for stage in study.stages:
        inputs = stage_inputs(stage, study)
        places = places_of(
            inputs, study.profile, delays=len(shocks.delays), reconciliation=study.reconciliation
        )
        expected = places.expected[:, at]
        factor = np.ones((len(expected), draws))
        for rows, values in draw_demand(places, shocks, seed=study.seed, draws=draws):
            base = np.broadcast_to(expected[rows, None], values[:, at].shape)
            np.divide(values[:, at], base, out=factor[rows], where=base > 0)
        found[stage] = DemandDraws(place=inputs.of_unit, factor=factor, reach_m=study.reach_m[stage])
    return found


@dataclass(frozen=True)
class ShortageComponents:
    """Shortage components of one stage and year (see the module docstring).

    Attributes
    ----------
    of_unit
        Component of each unit, −1 for none.
    lacking
        Shortage of each component in a draw as a multiple of that in the forecast, components × draws.
    """

    of_unit: IntArray
    lacking: FloatArray

    def unserved_by_group(self, unserved: FloatArray, group: IntArray, *, groups: int) -> FloatArray:
        """Return the unserved pupils of groups of units in each draw.

        Parameters
        ----------
        unserved
            Pupils short by unit in the forecast, shape ``(units,)``.
        group
            Group of each unit, −1 for none.
        groups
            Number of groups.

        Returns
        -------
        numpy.ndarray
            Pupils, groups × draws.
        """
        short = np.flatnonzero((unserved > 0) & (self.of_unit >= 0) & (group >= 0))
        shares = sparse.csr_array(
            (unserved[short], (group[short], self.of_unit[short])), shape=(groups, len(self.lacking))
        )
        return np.asarray(shares @ self.lacking)


def shortage_components(
    drawn: DemandDraws,
    balance: Balance,
    pairs: WalkMatrix,
    *,
    stage: str,
    year: int,
    demand: FloatArray,
    unserved: FloatArray,
) -> ShortageComponents:
    """Return the shortage components of a stage and year, and their shortage in the draws.

    Parameters
    ----------
    drawn
        Draws of the demand in the year.
    balance
        Evaluation of today's layout: assignment, and marginal value of a seat by school.
    pairs
        Walks from units to schools, metres.
    stage, year
        Stage and year.
    demand, unserved
        Pupils by unit in the year, in the order of ``pairs.origins``.

    Returns
    -------
    ShortageComponents
        Units in the order of ``pairs.origins``.
    """
    of_unit, count = _component_of_units(
        balance, pairs, unserved, stage=stage, year=year, reach_m=drawn.reach_m
    )
    inside = np.flatnonzero(of_unit >= 0)
    by_place = sparse.csr_array(
        (demand[inside], (of_unit[inside], drawn.place[inside])), shape=(count, len(drawn.factor))
    )
    lacking = np.bincount(of_unit[inside], weights=unserved[inside], minlength=count)
    seats = np.bincount(of_unit[inside], weights=demand[inside], minlength=count) - lacking
    short = np.maximum(np.asarray(by_place @ drawn.factor) - seats[:, None], 0.0)
    return ShortageComponents(of_unit=of_unit, lacking=short / np.maximum(lacking, _DUST)[:, None])


def _component_of_units(
    balance: Balance, pairs: WalkMatrix, unserved: FloatArray, *, stage: str, year: int, reach_m: float
) -> tuple[IntArray, int]:
    """Return the shortage component of each unit (−1 for none) and the number of components."""
    binding = _binding_schools(balance, pairs.destinations, stage=stage, year=year)
    placed = balance.assignment
    placed = placed[(placed["stage"] == stage) & (placed["year"] == year)]
    at_binding = binding[pairs.destinations.get_indexer(pd.Index(placed["school_id"]))]
    inside = unserved > _DUST
    inside[pairs.origins.get_indexer(pd.Index(placed["unit_id"]))[at_binding]] = True
    linked = inside[pairs.rows] & binding[pairs.indices] & (pairs.metres <= reach_m)
    units = len(pairs.origins)
    ends, others = pairs.rows[linked], pairs.indices[linked] + units
    size = units + len(binding)
    links = sparse.csr_array((np.ones(len(ends)), (ends, others)), shape=(size, size))
    of_any = connected_components(links, directed=False)[1]
    short = np.unique(of_any[:units][unserved > _DUST])
    at = np.searchsorted(short, of_any[:units])
    known = np.isin(of_any[:units], short)
    return np.where(known, at, -1).astype(np.int64), len(short)


def _binding_schools(balance: Balance, schools: pd.Index, *, stage: str, year: int) -> npt.NDArray[np.bool_]:
    """Return the schools where one more seat would serve one more pupil: those of shortage components."""
    rows = balance.schools
    rows = rows[(rows["stage"] == stage) & (rows["year"] == year)]
    worth = rows.set_index("school_id")["served_per_seat"].astype(float).reindex(schools)
    return np.asarray(worth > _ONE_MORE, dtype=bool)
