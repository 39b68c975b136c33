"""The best possible placement of pupils in seats within reach, for one stage and all years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.balance.supply import FloatArray
from layoutplan.solve.flow import assign_pupils
from layoutplan.travel.pairs import Pairs

IntArray = npt.NDArray[np.int64]
NEGLIGIBLE_PUPILS: Final = 1e-6  # what arithmetic leaves behind; no row is written for it


@dataclass(frozen=True)
class Walks:
    """Pairs of a unit and a school with their walking metres; nearest first within a unit.

    ``units`` (ascending) and ``schools`` are positions, of the same length as ``metres``.
    """

    units: IntArray
    schools: IntArray
    metres: FloatArray

    def where(self, keep: npt.NDArray[np.bool_]) -> Walks:
        """Return the walks marked."""
        return Walks(units=self.units[keep], schools=self.schools[keep], metres=self.metres[keep])


@dataclass(frozen=True)
class Placed:
    """Pupils placed in one year: ``pupils`` of each walk used, and the walks."""

    walks: Walks
    pupils: FloatArray


@dataclass(frozen=True)
class StagePlacement:
    """The best placement of one stage in every year.

    Attributes
    ----------
    years
        For each year the walks used and the pupils on them.
    served
        Units × years: pupils placed; never more than the demand.
    assigned
        Schools × years: pupils placed there.
    """

    years: tuple[Placed, ...]
    served: FloatArray
    assigned: FloatArray


def walks_of(pairs: Pairs) -> Walks:
    """Return all pairs as walks."""
    return Walks(
        units=pairs.rows,
        schools=pairs.indices.astype(np.int64),
        metres=pairs.metres.astype(np.float64),
    )


def place_stage(demand: FloatArray, seats: FloatArray, walks: Walks) -> StagePlacement:
    """Place the pupils of every year: serve the most, then walk the least.

    Years are placed each on their own; a year with the demand and seats of an earlier one takes over its
    placement.

    Parameters
    ----------
    demand
        Pupils, units × years.
    seats
        Seats that count, schools × years.
    walks
        Pairs within the stage's reach.
    """
    wanted, offered = demand.max(axis=1, initial=0.0), seats.max(axis=1, initial=0.0)
    useful = walks.where((wanted[walks.units] > 0) & (offered[walks.schools] > 0))
    placed: list[Placed] = []
    first_like: dict[bytes, int] = {}
    for year in range(demand.shape[1]):
        same = first_like.setdefault(demand[:, year].tobytes() + seats[:, year].tobytes(), year)
        placed.append(placed[same] if same < year else _place_year(demand[:, year], seats[:, year], useful))
    return _gathered(placed, demand, seats)


def _place_year(demand: FloatArray, seats: FloatArray, walks: Walks) -> Placed:
    """Place one year's pupils."""
    walks = walks.where((demand[walks.units] > 0) & (seats[walks.schools] > 0))
    found = assign_pupils(
        origin=walks.units, destination=walks.schools, metres=walks.metres, pupils=demand, seats=seats
    )
    used = found.pupils > NEGLIGIBLE_PUPILS
    return Placed(walks=walks.where(used), pupils=found.pupils[used])


def _gathered(placed: list[Placed], demand: FloatArray, seats: FloatArray) -> StagePlacement:
    """Sum the pupils placed by unit and by school."""
    served, assigned = np.zeros_like(demand), np.zeros_like(seats)
    for year, one in enumerate(placed):
        served[:, year] = np.bincount(one.walks.units, weights=one.pupils, minlength=len(demand))
        assigned[:, year] = np.bincount(one.walks.schools, weights=one.pupils, minlength=len(seats))
    # What arithmetic leaves behind is neither a pupil unserved nor a seat short.
    served = np.where(np.abs(demand - served) <= NEGLIGIBLE_PUPILS, demand, served)
    assigned = np.where(np.abs(seats - assigned) <= NEGLIGIBLE_PUPILS, seats, assigned)
    return StagePlacement(years=tuple(placed), served=served, assigned=assigned)
