"""One stage in one year as siting sees it: pupils, seats, and who can take which."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.arcs import Walks, walks_of
from layoutplan.balance.boarding import Beds, BoardingSplit, stage_beds
from layoutplan.layouts.seats import Seats
from layoutplan.solve import Placement, assign_pupils
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True)
class StageReach:
    """One stage: pupils by unit, seats by place, and the pairs within reach.

    Places are the schools of the plan (in the order of ``Seats.schools``) and then the candidate sites;
    ``seats`` are those without any proposal, none at a candidate site. ``beds`` are those of one year, of
    the schools; a proposed seat brings no bed. ``None``: nobody boards.
    """

    stage: str
    pupils: FloatArray
    seats: FloatArray
    unit: IntArray
    place: IntArray
    metres: FloatArray
    beds: Beds | None = None

    def placed(self, seats: FloatArray) -> Placement:
        """Place all pupils in ``seats``: the most served, then the least walking.

        ``pupils`` and ``metres`` of the placement are those of the walks, the other figures of all pupils.
        """
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

    def without_beds(self) -> StageReach:
        """Return the same with pupils and seats split so that a bed is a seat like others.

        The units and places stand first, with what is left to them; new seats at a place have no bed.
        """
        return self if self.beds is None else self._split(self.seats)

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
) -> StageReach:
    """Return one stage's pupils, counted seats and pairs within reach in a year, as the balance sees them.

    ``counted`` are the seats of the schools of ``seats``, ``pairs`` go from ``units`` to those schools.
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
    )
