"""The best possible placement of pupils in seats within reach, for one stage and all years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.balance.supply import FloatArray
from layoutplan.solve.flow import Placement, assign_pupils
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
    served_per_seat, saved_m_per_seat
        Schools × years: what one more seat is worth, as :class:`~layoutplan.solve.Placement` says.
    """

    years: tuple[Placed, ...]
    served: FloatArray
    assigned: FloatArray
    served_per_seat: FloatArray
    saved_m_per_seat: FloatArray


def walks_of(pairs: Pairs) -> Walks:
    """Return all pairs as walks."""
    return Walks(
        units=pairs.rows,
        schools=pairs.indices.astype(np.int64),
        metres=pairs.metres.astype(np.float64),
    )


def place_stage(
    demand: FloatArray,
    seats: FloatArray,
    walks: Walks,
    *,
    handicap_m: FloatArray | None = None,
    year_placed: Callable[[], None] = lambda: None,
) -> StagePlacement:
    """Place the pupils of every year: serve the most, then walk the least.

    Years are placed each on their own; a year with the demand and seats of an earlier one takes over its
    placement, and the others begin with the prices of the year before, which saves most of the time.

    Parameters
    ----------
    demand
        Pupils, units × years.
    seats
        Seats that count, schools × years.
    walks
        Pairs within the stage's reach.
    handicap_m
        Metres added to each walk when walks are compared, not when they are reported; none if left out.
    year_placed
        Called when a year is done.
    """
    wanted, offered = demand.max(axis=1, initial=0.0), seats.max(axis=1, initial=0.0)
    keep = (wanted[walks.units] > 0) & (offered[walks.schools] > 0)
    useful = walks.where(keep)
    compared = useful.metres if handicap_m is None else useful.metres + handicap_m[keep]
    more, saved = np.zeros_like(seats), np.zeros_like(seats)
    placed: list[Placed] = []
    first_like: dict[bytes, int] = {}
    before: Placement | None = None
    for year in range(demand.shape[1]):
        same = first_like.setdefault(demand[:, year].tobytes() + seats[:, year].tobytes(), year)
        if same < year:
            placed.append(placed[same])
            more[:, year], saved[:, year] = more[:, same], saved[:, same]
            year_placed()
            continue
        before = assign_pupils(
            origin=useful.units,
            destination=useful.schools,
            metres=compared,
            pupils=demand[:, year],
            seats=seats[:, year],
            like=before,
        )
        used = before.pupils > NEGLIGIBLE_PUPILS
        placed.append(Placed(walks=useful.where(used), pupils=before.pupils[used]))
        more[:, year], saved[:, year] = before.served_per_seat, before.saved_m_per_seat
        year_placed()
    served, assigned = _gathered(placed, demand, seats)
    return StagePlacement(
        years=tuple(placed),
        served=served,
        assigned=assigned,
        served_per_seat=more,
        saved_m_per_seat=saved,
    )


def _gathered(placed: list[Placed], demand: FloatArray, seats: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the pupils placed by unit and by school, by year."""
    served, assigned = np.zeros_like(demand), np.zeros_like(seats)
    for year, one in enumerate(placed):
        served[:, year] = np.bincount(one.walks.units, weights=one.pupils, minlength=len(demand))
        assigned[:, year] = np.bincount(one.walks.schools, weights=one.pupils, minlength=len(seats))
    # What arithmetic leaves behind is neither a pupil unserved nor a seat short.
    served = np.where(np.abs(demand - served) <= NEGLIGIBLE_PUPILS, demand, served)
    assigned = np.where(np.abs(seats - assigned) <= NEGLIGIBLE_PUPILS, seats, assigned)
    return served, assigned
