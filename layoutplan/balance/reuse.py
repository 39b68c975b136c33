"""Reuse of today's placement in the years in which a layout does not differ from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.assignment import PlacedYear, StagePlacement
from layoutplan.balance.stage_balance import StageTask
from layoutplan.solve.flow import seat_values

Years = npt.NDArray[np.bool_]
PlacedStages = dict[str, tuple[StageTask, StagePlacement]]
"""Placement problem and its solution, by stage."""


def known_years(task: StageTask, earlier: StageTask) -> Years:
    """Return the years whose problem equals one solved earlier: same pupils, seats and walks.

    Schools that only this layout has must follow all others and have no seats in such a year. With boarding,
    or schools that teach some grades of the stage only, no year is reused.

    Parameters
    ----------
    task
        Stage of the layout to evaluate.
    earlier
        The same stage of the layout already placed.

    Returns
    -------
    numpy.ndarray
        Boolean, shape ``(years,)``.
    """
    old = len(earlier.counted)
    before = task.near.schools < old
    alike = (
        task.beds is None
        and earlier.beds is None
        and task.grades is None
        and earlier.grades is None
        and task.pupils.shape == earlier.pupils.shape
        and len(task.counted) >= old
        and all(
            np.array_equal(mine[before], other)
            for mine, other in (
                (task.near.units, earlier.near.units),
                (task.near.schools, earlier.near.schools),
                (task.near.metres, earlier.near.metres),
                (task.handicap_m, earlier.handicap_m),
            )
        )
    )
    if not alike:
        return np.zeros(task.pupils.shape[1], dtype=bool)
    differs = (task.pupils != earlier.pupils).any(axis=0)
    differs |= (task.counted[:old] != earlier.counted).any(axis=0) | (task.counted[old:] != 0).any(axis=0)
    same: Years = ~differs
    return same


def with_known(
    placement: StagePlacement, earlier: StagePlacement, known: Years, *, task: StageTask
) -> StagePlacement:
    """Combine new and reused years into the placement of all years of a stage.

    The value of a seat at schools that the earlier layout lacks is computed for the reused years.

    Parameters
    ----------
    placement
        Placement of the years that are not known.
    earlier
        Placement of all years of the earlier layout.
    known
        Boolean mask of the years to reuse.
    task
        Stage of the layout to evaluate.

    Returns
    -------
    StagePlacement
        All years.
    """
    since = iter(placement.years)
    years: list[PlacedYear] = [
        before if taken else next(since) for before, taken in zip(earlier.years, known, strict=True)
    ]

    def joined(mine: FloatArray, other: FloatArray) -> FloatArray:
        table = np.zeros((len(mine), len(known)))
        table[:, ~known] = mine
        table[: len(other), known] = other[:, known]
        return table

    found = StagePlacement(
        years=tuple(years),
        served=joined(placement.served, earlier.served),
        boarding=joined(placement.boarding, earlier.boarding),
        assigned=joined(placement.assigned, earlier.assigned),
        boarding_at=joined(placement.boarding_at, earlier.boarding_at),
        served_per_seat=joined(placement.served_per_seat, earlier.served_per_seat),
        saved_m_per_seat=joined(placement.saved_m_per_seat, earlier.saved_m_per_seat),
    )
    old = len(earlier.assigned)
    if len(task.counted) > old:
        _value_new_schools(found, known, task=task, old=old)
    return found


def _value_new_schools(found: StagePlacement, known: Years, *, task: StageTask, old: int) -> None:
    """Compute the value of a seat, in the known years, at schools that the earlier layout lacks."""
    near, schools = task.near, len(task.counted)
    compared = near.metres + task.handicap_m
    arcs = near.units * schools + near.schools
    order = np.argsort(arcs)
    for year in np.flatnonzero(known):
        used = found.years[year]
        flows = np.zeros(len(arcs))
        flows[order[np.searchsorted(arcs, used.walks.units * schools + used.walks.schools, sorter=order)]] = (
            used.pupils
        )
        values = seat_values(
            origin=near.units,
            destination=near.schools,
            metres=compared,
            flows=flows,
            pupils=task.pupils[:, year],
            served_per_seat=found.served_per_seat[:, year],
            saved_m_per_seat=found.saved_m_per_seat[:, year],
        )
        for table, value in zip((found.served_per_seat, found.saved_m_per_seat), values, strict=True):
            table[old:, year] = value[old:]
