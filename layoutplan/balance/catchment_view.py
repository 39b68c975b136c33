"""Demand against the seats of the own catchment, and demand and seats outside catchments.

The demand and seats of a stage are partitioned into *parts*:

* each catchment: the demand of its units and the seats of its schools;
* the remainder of each district (and of no district): the demand of units in no catchment of the stage, and
  the seats of schools that serve none.

A stage without catchments (often kindergarten and senior) consists of remainders only, so it is evaluated by
district or, without districts, as a whole. Shortfall and surplus are ``max(0, demand − seats)`` and
``max(0, seats − demand)`` of each part, or, where schools teach some grades only, the
pupils without a seat of their grade and the seats without a pupil; those of the city are sums over its parts,
because a spare seat elsewhere does not serve a catchment that lacks one. The seats, shortfall and surplus of
a catchment that crosses a district boundary are divided in proportion to the demand on either side. Hence, in
each district and in the city, surplus − shortfall = seats − demand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.division import divide_seats
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.balance.measures import sums
from layoutplan.balance.seats_by_grade import GradeLimits, seats_by_grade
from layoutplan.city.city import City
from layoutplan.layouts.layout import Layout
from layoutplan.travel.distinct import distinct


@dataclass(frozen=True)
class Pieces:
    """Intersection of parts and districts: each piece lies in one part and one district.

    Attributes
    ----------
    part
        Part of each piece.
    district
        District of each piece; the last number stands for no district.
    share
        The piece's share of its part, pieces × years.
    districts
        Number of districts, including the one for no district.
    """

    part: IntArray
    district: IntArray
    share: FloatArray
    districts: int


@dataclass(frozen=True)
class Parts:
    """Parts of one stage: catchments first, then the remainders of districts, the last one of no district.

    Attributes
    ----------
    catchments
        Ids of the stage's catchments, which are the first parts, in this order.
    unit_catchment
        Position of each unit's catchment, −1 for none.
    unit_district
        Position of each unit's district in ``City.districts``, −1 for none.
    district
        District of each part, −1 for none; for a catchment the one stated, else the one where most of its
        residents live.
    demand, seats
        Parts × years.
    schools
        Number of schools with counted seats, parts × years.
    pieces
        Intersection of the parts with districts.
    seated
        Pupils with a seat of their grade in their part, parts × years, and ``seats`` are theirs and the spare
        ones; ``None`` where every school teaches all grades.
    limits
        Sets of grades that may lack seats although the part has enough in all; ``None`` as for ``seated``.
    """

    catchments: pd.Index
    unit_catchment: IntArray
    unit_district: IntArray
    district: IntArray
    demand: FloatArray
    seats: FloatArray
    schools: FloatArray
    pieces: Pieces
    seated: FloatArray | None = None
    limits: GradeLimits | None = None

    @property
    def shortfall(self) -> FloatArray:
        """Missing seats, parts × years."""
        return np.maximum(self.demand - (self.seats if self.seated is None else self.seated), 0.0)

    @property
    def surplus(self) -> FloatArray:
        """Spare seats, parts × years."""
        return np.maximum(self.seats - (self.demand if self.seated is None else self.seated), 0.0)

    def by_district(self, values: FloatArray) -> FloatArray:
        """Distribute a figure of the parts over districts.

        Parameters
        ----------
        values
            Parts × years.

        Returns
        -------
        numpy.ndarray
            Districts × years; the last row is that of no district.
        """
        pieces = self.pieces
        return sums(values[pieces.part] * pieces.share, pieces.district, count=pieces.districts)


def divide(
    city: City,
    layout: Layout,
    *,
    stage: str,
    demand: FloatArray,
    counted: FloatArray,
    grades: GradeBands | None = None,
) -> Parts:
    """Partition the demand and the counted seats of a stage.

    A school linked to several catchments divides its seats among them so that as few pupils as possible lack
    one (:func:`~layoutplan.balance.division.divide_seats`).

    Parameters
    ----------
    city
        Units, districts and residents.
    layout
        Catchments, the schools that serve them, and the schools' districts.
    stage
        Stage.
    demand
        Pupils, units × years.
    counted
        Counted seats, schools × years.
    grades
        Bands of grades that some schools do not teach; ``None`` if every school teaches all.

    Returns
    -------
    Parts
        Sums over the parts equal the sums of ``demand`` and ``counted``.
    """
    catchments = layout.zoning.of_stage(stage).index
    unit_catchment = positions(layout.zoning.held(stage), catchments)
    unit_district = positions(city.units["district_id"], city.districts.index)
    school_district = positions(layout.seats.schools["district_id"], city.districts.index)

    links = school_links(layout, stage, catchments)
    own_demand = sums(demand, unit_catchment, count=len(catchments))
    own_seats = divide_seats(links, counted, own_demand)
    offering = (counted[links["school"]] > 0).astype(float)
    own_schools = sums(offering, links["catchment"].to_numpy(), count=len(catchments))

    rests = len(city.districts) + 1  # the last is the remainder of no district
    free_units = np.where(unit_catchment < 0, unit_district % rests, -1)
    served = np.isin(np.arange(len(layout.seats.schools)), links["school"])
    free_schools = np.where(served, -1, school_district % rests)
    given = layout.zoning.catchments.loc[catchments, "district_id"]
    home = _catchment_districts(city, given, unit_catchment, unit_district)
    parts = Parts(
        catchments=catchments,
        unit_catchment=unit_catchment,
        unit_district=unit_district,
        district=np.concatenate([home, np.arange(rests - 1), [-1]]),
        demand=np.vstack([own_demand, sums(demand, free_units, count=rests)]),
        seats=np.vstack([own_seats, sums(counted, free_schools, count=rests)]),
        schools=np.vstack([own_schools, sums((counted > 0).astype(float), free_schools, count=rests)]),
        pieces=_cut(own_demand, demand, unit_catchment, unit_district % rests, home % rests, districts=rests),
    )
    if grades is None:
        return parts
    part_of_unit = np.where(unit_catchment >= 0, unit_catchment, len(catchments) + unit_district % rests)
    free = np.flatnonzero(~served)
    part = np.concatenate([links["catchment"], len(catchments) + school_district[free] % rests])
    ends = (part.astype(np.int64), np.concatenate([links["school"], free]).astype(np.int64))
    found = seats_by_grade(ends, counted, demand, part_of_unit, grades, parts=len(parts.demand))
    return replace(parts, seated=found.seated, seats=found.seats, limits=found.limits)


def school_links(layout: Layout, stage: str, catchments: pd.Index) -> pd.DataFrame:
    """Return the links between catchments and schools of a stage, without duplicates.

    Parameters
    ----------
    layout
        Zoning and schools.
    stage
        Stage.
    catchments
        Ids of the stage's catchments.

    Returns
    -------
    pandas.DataFrame
        Columns ``catchment`` and ``school``, positions; links to unknown ids are omitted.
    """
    rows = layout.zoning.links(stage)
    links = pd.DataFrame(
        {
            "catchment": positions(rows["catchment_id"], catchments),
            "school": positions(rows["school_id"], layout.seats.schools.index),
        },
    )
    return links[(links >= 0).all(axis=1)].drop_duplicates(ignore_index=True)


def _cut(
    own_demand: FloatArray,
    demand: FloatArray,
    unit_catchment: IntArray,
    unit_district: IntArray,
    home: IntArray,
    *,
    districts: int,
) -> Pieces:
    """Split catchments along district boundaries by demand; remainders are whole.

    A catchment without demand lies in its own district (``home``).
    """
    count = len(own_demand)
    inside = unit_catchment >= 0
    of_units = np.where(inside, unit_catchment * districts + unit_district, -1)
    kinds = distinct(np.concatenate([of_units[inside], np.arange(count) * districts + home]))
    part, district = kinds // districts, kinds % districts
    piece = np.where(inside, np.searchsorted(kinds, of_units), -1)
    wanted, whole = sums(demand, piece, count=len(kinds)), own_demand[part]
    at_home = np.broadcast_to((district == home[part])[:, None], whole.shape).astype(float)
    share = np.divide(wanted, whole, out=at_home, where=whole > 0)
    return Pieces(
        part=np.concatenate([part, count + np.arange(districts)]),
        district=np.concatenate([district, np.arange(districts)]),
        share=np.vstack([share, np.ones((districts, demand.shape[1]))]),
        districts=districts,
    )


def _catchment_districts(
    city: City, stated: pd.Series, unit_catchment: IntArray, unit_district: IntArray
) -> IntArray:
    """Return the district of each catchment: the one stated, else that of most of its residents, else −1."""
    given = positions(stated, city.districts.index)
    known = (unit_catchment >= 0) & (unit_district >= 0)
    residents = np.zeros((len(stated), len(city.districts) + 1))
    sizes = city.units["residents"].to_numpy(dtype=float, na_value=0.0)
    np.add.at(residents, (unit_catchment[known], unit_district[known]), sizes[known])
    most = np.where(residents.sum(axis=1) > 0, residents.argmax(axis=1), -1)
    return np.where(given >= 0, given, most)


def positions(ids: pd.Series, index: pd.Index) -> IntArray:
    """Return the position of each id in an index.

    Parameters
    ----------
    ids
        Ids, nulls allowed.
    index
        Unique ids.

    Returns
    -------
    numpy.ndarray
        Shape ``(len(ids),)``; −1 for null or unknown ids.
    """
    return np.where(ids.isna(), -1, index.get_indexer(pd.Index(ids))).astype(np.int64)
