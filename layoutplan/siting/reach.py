"""One stage in one year: pupils, seats, and the pairs within reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.arcs import Walks, walks_of
from layoutplan.balance.boarding import Beds, BoardingSplit, stage_beds
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.layouts.seats import Seats
from layoutplan.solve import Placement, assign_pupils
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True)
class StageReach:
    """One stage: pupils by unit, seats by place, and the pairs within reach.

    Places are the schools of the layout (in the order of ``Seats.schools``), followed by the candidate
    locations.

    Attributes
    ----------
    stage
        Stage id.
    pupils
        Pupils of each unit, shape (units,).
    seats
        Seats of each place without any proposal, shape (places,); 0 at a candidate location.
    unit, place, metres
        Ends and walking metres of each pair within reach.
    beds
        Beds of the schools in one year; a proposed seat has no bed. ``None``: nobody boards.
    grades
        Bands of grades in one year that some schools do not teach; candidates teach all. ``None``: every
        school teaches all.
    """

    stage: str
    pupils: FloatArray
    seats: FloatArray
    unit: IntArray
    place: IntArray
    metres: FloatArray
    beds: Beds | None = None
    grades: GradeBands | None = None

    def placed(self, seats: FloatArray) -> Placement:
        """Place all pupils in given seats: maximum pupils served, then minimum walking.

        Parameters
        ----------
        seats
            Seats of each place, shape (places,).

        Returns
        -------
        Placement
            ``pupils`` and ``metres`` cover walking pupils only, the other figures all pupils.
        """
        if self.grades is not None:
            return self._placed_by_grade(seats, self.grades)
        split = self._split(seats)
        found = assign_pupils(
            origin=split.unit,
            destination=split.place,
            metres=split.metres,
            pupils=split.pupils,
            seats=split.seats,
        )
        ways = self._ways(len(seats))
        walking, _ = ways.by_way(found.pupils)
        return replace(
            found,
            pupils=walking,
            served=ways.by_unit(found.served),
            unserved=ways.by_unit(found.unserved),
            filled=ways.by_school(found.filled),
            metres=float((walking * self.metres).sum()),
            served_per_seat=found.served_per_seat[: len(seats)],
            saved_m_per_seat=found.saved_m_per_seat[: len(seats)],
        )

    def plain(self) -> StageReach:
        """Return an equivalent problem without beds and grades: pupils and seats are split.

        A band of grades is an origin of its own, and a bed is a seat. The original places come first, with
        their remaining seats; new seats have no bed.
        """
        if self.grades is not None:
            return self._split_by_grade(self.grades)[0].plain()
        return self if self.beds is None else self._split(self.seats)

    def _split_by_grade(self, grades: GradeBands) -> tuple[StageReach, IntArray]:
        """Return the problem with a band of grades as an origin, and the pair that each arc is."""
        origin, pair = grades.pairs(self.unit, self.place)
        split = replace(
            self,
            pupils=grades.pupils(self.pupils[:, None])[:, 0],
            unit=origin,
            place=self.place[pair],
            metres=self.metres[pair],
            beds=grades.split_beds(self.beds),
            grades=None,
        )
        return split, pair

    def _placed_by_grade(self, seats: FloatArray, grades: GradeBands) -> Placement:
        split, pair = self._split_by_grade(grades)
        found = split.placed(seats)
        return replace(
            found,
            pupils=np.asarray(
                np.bincount(pair, weights=found.pupils, minlength=len(self.unit)), dtype=np.float64
            ),
            served=grades.by_unit(found.served),
            unserved=grades.by_unit(found.unserved),
        )

    def _ways(self, places: int) -> BoardingSplit:
        walks = Walks(units=self.unit, schools=self.place, metres=self.metres)
        return BoardingSplit(walks, self.metres, self.beds, units=len(self.pupils), schools=places)

    def _split(self, seats: FloatArray) -> StageReach:
        split = self._ways(len(seats))
        unit, place, _ = split.arcs
        return StageReach(
            stage=self.stage,
            pupils=split.pupils(self.pupils[:, None])[:, 0],
            seats=split.seats(seats[:, None])[:, 0],
            unit=unit,
            place=place,
            metres=split.metres,
        )


def stage_reach(
    stage: str,
    seats: Seats,
    pairs: WalkMatrix,
    *,
    units: gpd.GeoDataFrame,
    pupils: FloatArray,
    counted: FloatArray,
    reach_m: float,
    year: int,
    grades: GradeBands | None = None,
) -> StageReach:
    """Return one stage's pupils, seats that count and pairs within reach in a year, as in the balance.

    Parameters
    ----------
    stage
        Stage id.
    seats
        Seats of a layout, for its beds.
    pairs
        Walks from ``units`` to the schools of ``seats``.
    units
        The city's units.
    pupils
        Pupils of each unit, shape (units,).
    counted
        Seats that count of each school, shape (schools,).
    reach_m
        Longest placement distance, walking metres.
    year
        The year.
    grades
        Bands of grades in that year that some schools do not teach.

    Returns
    -------
    StageReach
        Without candidate locations.
    """
    near = walks_of(pairs.within(reach_m))
    beds = stage_beds(stage, seats, units=units, near=near, farthest_m=reach_m)
    return StageReach(
        stage=stage,
        pupils=pupils,
        seats=counted,
        unit=near.units,
        place=near.schools,
        metres=near.metres,
        beds=None if beds is None else beds.in_year(seats.years.index(year)),
        grades=grades,
    )
