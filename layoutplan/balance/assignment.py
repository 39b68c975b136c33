"""The best possible placement of pupils in seats within reach, for one stage and all years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.boarding import Beds, BoardingSplit
from layoutplan.solve.flow import Placement, assign_pupils

NEGLIGIBLE_PUPILS: Final = 1e-6  # what arithmetic leaves behind; no row is written for it


@dataclass(frozen=True)
class PlacedYear:
    """Pupils placed in one year: ``pupils`` of each walk used; ``boarders`` of each way to a bed used.

    The metres of ``ways`` are straight lines.
    """

    walks: Walks
    pupils: FloatArray
    ways: Walks
    boarders: FloatArray


@dataclass(frozen=True)
class StagePlacement:
    """The best placement of one stage in every year.

    Attributes
    ----------
    years
        For each year the walks and ways used and the pupils on them.
    served, boarding
        Units × years: pupils placed, never more than the demand; and those among them who board.
    assigned, boarding_at
        Schools × years: pupils placed there; and those among them who board.
    served_per_seat, saved_m_per_seat
        Schools × years: what one more seat is worth, as :class:`~layoutplan.solve.Placement` says; its beds
        stay as many.
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
    years: npt.NDArray[np.bool_] | None = None,
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
    beds
        Who may board where; nobody if left out.
    years
        Which of them are placed, and returned; all if left out. A school that is closed in these and open in
        another is told what a seat of it would be worth.
    year_placed
        Called when a year is done.
    """
    wanted, offered = demand.max(axis=1, initial=0.0), seats.max(axis=1, initial=0.0)
    keep = (wanted[walks.units] > 0) & (offered[walks.schools] > 0)
    useful = walks.where(keep)
    compared = useful.metres if handicap_m is None else useful.metres + handicap_m[keep]
    if years is not None:
        demand, seats = demand[:, years], seats[:, years]
        beds = None if beds is None else beds.of_years(years)
    split = BoardingSplit(useful, compared, beds, units=len(demand), schools=len(seats))
    found = _years(split, split.pupils(demand), split.seats(seats), year_placed=year_placed)
    one_of = {id(one): _placed(split, one) for one in found}
    placed = [one_of[id(one)] for one in found]
    boarding, boarding_at = _sums([(one.ways, one.boarders) for one in placed], demand, seats)
    served, assigned = _sums([(one.walks, one.pupils) for one in placed], demand, seats)
    served, assigned = served + boarding, assigned + boarding_at
    return StagePlacement(
        years=tuple(placed),
        # What arithmetic leaves behind is neither a pupil unserved nor a seat short.
        served=np.where(np.abs(demand - served) <= NEGLIGIBLE_PUPILS, demand, served),
        boarding=boarding,
        assigned=np.where(np.abs(seats - assigned) <= NEGLIGIBLE_PUPILS, seats, assigned),
        boarding_at=boarding_at,
        served_per_seat=_of_schools([one.served_per_seat for one in found], seats),
        saved_m_per_seat=_of_schools([one.saved_m_per_seat for one in found], seats),
    )


def _years(
    split: BoardingSplit, pupils: FloatArray, seats: FloatArray, *, year_placed: Callable[[], None]
) -> list[Placement]:
    """Place the pupils of the origins in the seats of the destinations, year by year."""
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
    """Return the walks and ways used, and the pupils on each."""
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
    """Return values of destinations, one array a year, for the schools: of their seats without a bed."""
    table = np.zeros_like(seats)
    for year, one in enumerate(values):
        table[:, year] = one[: len(seats)]
    return table
