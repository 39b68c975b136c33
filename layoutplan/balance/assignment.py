"""Optimal assignment of pupils to seats within reach, for one stage and all years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.boarding import Beds, BoardingSplit
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.solve.flow import Placement, assign_pupils

NEGLIGIBLE_PUPILS: Final = 1e-6  # rounding residue of the solver; flows up to this are dropped


@dataclass(frozen=True)
class PlacedYear:
    """Pupils placed in one year.

    Attributes
    ----------
    walks, pupils
        The walks used and the pupils on each.
    ways, boarders
        The unit-school pairs used by boarders (straight-line metres) and the boarders on each.
    """

    walks: Walks
    pupils: FloatArray
    ways: Walks
    boarders: FloatArray


@dataclass(frozen=True)
class StagePlacement:
    """Optimal placement of one stage in every year.

    Attributes
    ----------
    years
        For each year the pairs used and the pupils on them.
    served, boarding
        Units × years: pupils placed, at most the demand; and the boarders among them.
    assigned, boarding_at
        Schools × years: pupils placed at the school; and the boarders among them.
    served_per_seat, saved_m_per_seat
        Schools × years: marginal value of one more seat, as defined in :class:`~layoutplan.solve.Placement`,
        with the number of beds unchanged.
    """

    years: tuple[PlacedYear, ...]
    served: FloatArray
    boarding: FloatArray
    assigned: FloatArray
    boarding_at: FloatArray
    served_per_seat: FloatArray
    saved_m_per_seat: FloatArray


def place_stage(
    demand: FloatArray,
    seats: FloatArray,
    walks: Walks,
    *,
    handicap_m: FloatArray | None = None,
    beds: Beds | None = None,
    grades: GradeBands | None = None,
    years: npt.NDArray[np.bool_] | None = None,
    year_placed: Callable[[], None] = lambda: None,
) -> StagePlacement:
    """Place the pupils of every year: maximise the pupils served, then minimise the distance walked.

    Each year is a separate transport problem. A year with the same demand and seats as an earlier year reuses
    its placement; the others start from the dual prices of the previous year, which saves most of the time.

    Parameters
    ----------
    demand
        Pupils, units × years.
    seats
        Counted seats, schools × years.
    walks
        Pairs within the stage's reach.
    handicap_m
        Metres added to each walk for comparison but not for reporting, one per walk; none if omitted.
    beds
        Beds and eligibility for boarding; no boarding if omitted.
    grades
        Bands of grades that some schools do not teach; every school teaches all grades if omitted.
    years
        Boolean mask of the years to place and return; all if omitted. The value of a seat is also computed
        for schools that have no seats in these years but do in others.
    year_placed
        Called after each year.

    Returns
    -------
    StagePlacement
        For the selected years only. Differences of up to 1e-6 pupils between ``served`` and the demand, and
        between ``assigned`` and the seats, are set to 0.

    Raises
    ------
    DefectError
        If the solver fails or receives invalid amounts.
    """
    if grades is not None:
        split_walks, of = grades.split_walks(walks)
        found = place_stage(
            grades.pupils(demand),
            seats,
            split_walks,
            handicap_m=None if handicap_m is None else handicap_m[of],
            beds=grades.split_beds(beds),
            years=years,
            year_placed=year_placed,
        )
        return _of_all_grades(found, grades)
    wanted, offered = demand.max(axis=1, initial=0.0), seats.max(axis=1, initial=0.0)
    keep = (wanted[walks.units] > 0) & (offered[walks.schools] > 0)
    useful = walks.where(keep)
    compared = useful.metres if handicap_m is None else useful.metres + handicap_m[keep]
    if years is not None:
        demand, seats = demand[:, years], seats[:, years]
        beds = None if beds is None else beds.of_years(years)
    split = BoardingSplit(useful, compared, beds, units=len(demand), schools=len(seats))
    solved = _years(split, split.pupils(demand), split.seats(seats), year_placed=year_placed)
    one_of = {id(one): _placed(split, one) for one in solved}
    placed = [one_of[id(one)] for one in solved]
    boarding, boarding_at = _sums([(one.ways, one.boarders) for one in placed], demand, seats)
    served, assigned = _sums([(one.walks, one.pupils) for one in placed], demand, seats)
    served, assigned = served + boarding, assigned + boarding_at
    return StagePlacement(
        years=tuple(placed),
        # A rounding residue is neither an unserved pupil nor a spare seat.
        served=np.where(np.abs(demand - served) <= NEGLIGIBLE_PUPILS, demand, served),
        boarding=boarding,
        assigned=np.where(np.abs(seats - assigned) <= NEGLIGIBLE_PUPILS, seats, assigned),
        boarding_at=boarding_at,
        served_per_seat=_of_schools([one.served_per_seat for one in solved], seats),
        saved_m_per_seat=_of_schools([one.saved_m_per_seat for one in solved], seats),
    )


def _of_all_grades(found: StagePlacement, grades: GradeBands) -> StagePlacement:
    """Return the placement of bands of grades as that of the units' pupils."""
    years = []
    for one in found.years:
        walks, pupils = grades.joined(one.walks, one.pupils)
        ways, boarders = grades.joined(one.ways, one.boarders)
        years.append(PlacedYear(walks=walks, pupils=pupils, ways=ways, boarders=boarders))
    return replace(
        found,
        years=tuple(years),
        served=grades.by_unit(found.served),
        boarding=grades.by_unit(found.boarding),
    )


def _years(
    split: BoardingSplit, pupils: FloatArray, seats: FloatArray, *, year_placed: Callable[[], None]
) -> list[Placement]:
    """Solve the transport problem of each year, reusing the result of identical years."""
    origin, destination, _ = split.arcs
    found: list[Placement] = []
    first_like: dict[bytes, int] = {}
    before: Placement | None = None
    for year in range(pupils.shape[1]):
        same = first_like.setdefault(pupils[:, year].tobytes() + seats[:, year].tobytes(), year)
        if same < year:
            found.append(found[same])
        else:
            before = assign_pupils(
                origin=origin,
                destination=destination,
                metres=split.metres,
                pupils=pupils[:, year],
                seats=seats[:, year],
                like=before,
            )
            found.append(before)
        year_placed()
    return found


def _placed(split: BoardingSplit, placement: Placement) -> PlacedYear:
    """Return the walks and boarding pairs used, and the pupils on each."""
    walking, boarding = split.by_way(placement.pupils)
    ways = split.walks.where(np.zeros(0, np.int64)) if split.beds is None else split.beds.ways
    used, taken = walking > NEGLIGIBLE_PUPILS, boarding > NEGLIGIBLE_PUPILS
    return PlacedYear(
        walks=split.walks.where(used),
        pupils=walking[used],
        ways=ways.where(taken),
        boarders=boarding[taken],
    )


def _sums(
    placed: list[tuple[Walks, FloatArray]], demand: FloatArray, seats: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the pupils placed by unit and by school, by year."""
    by_unit, by_school = np.zeros_like(demand), np.zeros_like(seats)
    for year, (walks, pupils) in enumerate(placed):
        by_unit[:, year] = np.bincount(walks.units, weights=pupils, minlength=len(demand))
        by_school[:, year] = np.bincount(walks.schools, weights=pupils, minlength=len(seats))
    return by_unit, by_school


def _of_schools(values: list[FloatArray], seats: FloatArray) -> FloatArray:
    """Return a value of the destinations by school, schools × years: that of the seats without a bed."""
    table = np.zeros_like(seats)
    for year, one in enumerate(values):
        table[:, year] = one[: len(seats)]
    return table
