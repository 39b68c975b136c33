"""Resident demand against the seats of the own catchment, and what lies outside catchments.

A stage's demand and seats are divided into *parts*, none twice and none left out:

* each catchment: the demand of its units, and the seats of its schools;
* the rest of each district (and of no district): the demand of units in no catchment of the stage, and the
  seats of schools that serve none.

A stage without catchments (often kindergarten and senior) consists of rests alone, so it is judged by
district, or, without districts, as one. Shortfall and surplus are ``max(0, demand − seats)`` and
``max(0, seats − demand)`` of each part; the city's are the sums over its parts, because a spare seat
elsewhere does not serve a catchment that lacks one. A catchment across a border of districts gives each its
seats, shortfall and surplus in proportion to the demand that lives there. So in each district and in the
city, surplus − shortfall = seats − demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.measures import sums
from layoutplan.city.city import City
from layoutplan.layouts.layout import Layout
from layoutplan.travel.distinct import distinct


@dataclass(frozen=True)
class Pieces:
    """Parts cut along the borders of districts: each piece lies in one part and one of ``districts``.

    The last district stands for none. ``share`` (pieces × years) is the piece's share of its part.
    """

    part: IntArray
    district: IntArray
    share: FloatArray
    districts: int


@dataclass(frozen=True)
class Parts:
    """The parts of one stage: catchments first, then the rests of districts, the last of no district.

    Attributes
    ----------
    catchments
        Ids of the stage's catchments: the first parts, in this order.
    unit_catchment
        The catchment of every unit, a position, −1 for none.
    unit_district
        The district of every unit, a position in ``City.districts``, −1 for none.
    district
        The district of every part, −1 for none: that of a catchment is the one given, else the one where
        most of its residents live.
    demand, seats
        Parts × years.
    schools
        Schools with seats that count, parts × years.
    pieces
        The parts cut along the borders of districts.
    """

    catchments: pd.Index
    unit_catchment: IntArray
    unit_district: IntArray
    district: IntArray
    demand: FloatArray
    seats: FloatArray
    schools: FloatArray
    pieces: Pieces

    @property
    def shortfall(self) -> FloatArray:
        """Seats each part lacks, parts × years."""
        return np.maximum(self.demand - self.seats, 0.0)

    @property
    def surplus(self) -> FloatArray:
        """Seats each part has to spare, parts × years."""
        return np.maximum(self.seats - self.demand, 0.0)

    def by_district(self, values: FloatArray) -> FloatArray:
        """Return a figure of the parts divided over districts × years; the last row is of no district."""
        pieces = self.pieces
        return sums(values[pieces.part] * pieces.share, pieces.district, count=pieces.districts)


def divide(city: City, layout: Layout, *, stage: str, demand: FloatArray, counted: FloatArray) -> Parts:
    """Divide a stage's demand (units × years) and counted seats (schools × years) into parts."""
    catchments = layout.zoning.of_stage(stage).index
    unit_catchment = positions(layout.zoning.held(stage), catchments)
    unit_district = positions(city.units["district_id"], city.districts.index)
    school_district = positions(layout.seats.schools["district_id"], city.districts.index)

    links = school_links(layout, stage, catchments)
    own_demand = sums(demand, unit_catchment, count=len(catchments))
    own_seats, own_schools = _seats_of_catchments(links, counted, own_demand)

    rests = len(city.districts) + 1  # the last is the rest of no district
    free_units = np.where(unit_catchment < 0, unit_district % rests, -1)
    served = np.isin(np.arange(len(layout.seats.schools)), links["school"])
    free_schools = np.where(served, -1, school_district % rests)
    given = layout.zoning.catchments.loc[catchments, "district_id"]
    home = _catchment_districts(city, given, unit_catchment, unit_district)
    return Parts(
        catchments=catchments,
        unit_catchment=unit_catchment,
        unit_district=unit_district,
        district=np.concatenate([home, np.arange(rests - 1), [-1]]),
        demand=np.vstack([own_demand, sums(demand, free_units, count=rests)]),
        seats=np.vstack([own_seats, sums(counted, free_schools, count=rests)]),
        schools=np.vstack([own_schools, sums((counted > 0).astype(float), free_schools, count=rests)]),
        pieces=_cut(own_demand, demand, unit_catchment, unit_district % rests, home % rests, districts=rests),
    )


def school_links(layout: Layout, stage: str, catchments: pd.Index) -> pd.DataFrame:
    """Return positions ``catchment`` and ``school`` of every known link of the stage, each once."""
    rows = layout.zoning.links(stage)
    links = pd.DataFrame(
        {
            "catchment": positions(rows["catchment_id"], catchments),
            "school": positions(rows["school_id"], layout.seats.schools.index),
        },
    )
    return links[(links >= 0).all(axis=1)].drop_duplicates(ignore_index=True)


def _seats_of_catchments(
    links: pd.DataFrame, counted: FloatArray, demand: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return seats and number of schools with seats of every catchment, catchments × years.

    A school that serves several catchments divides its seats in proportion to their demand of the year;
    evenly where none of them has any.
    """
    catchment, school = links["catchment"].to_numpy(), links["school"].to_numpy()
    weight = demand[catchment]
    total = sums(weight, school, count=len(counted))[school]
    partners = np.bincount(school, minlength=len(counted))[school][:, None]
    share = np.divide(
        weight, total, out=np.broadcast_to(1.0 / partners, weight.shape).copy(), where=total > 0
    )
    seats = sums(counted[school] * share, catchment, count=len(demand))
    schools = sums((counted[school] > 0).astype(float), catchment, count=len(demand))
    return seats, schools


def _cut(
    own_demand: FloatArray,
    demand: FloatArray,
    unit_catchment: IntArray,
    unit_district: IntArray,
    home: IntArray,
    *,
    districts: int,
) -> Pieces:
    """Cut catchments along the borders of districts, by the demand in each; the rests are whole.

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
    """Return the district of every catchment: the one stated, else that of most of its residents, else −1."""
    given = positions(stated, city.districts.index)
    known = (unit_catchment >= 0) & (unit_district >= 0)
    residents = np.zeros((len(stated), len(city.districts) + 1))
    sizes = city.units["residents"].to_numpy(dtype=float, na_value=0.0)
    np.add.at(residents, (unit_catchment[known], unit_district[known]), sizes[known])
    most = np.where(residents.sum(axis=1) > 0, residents.argmax(axis=1), -1)
    return np.where(given >= 0, given, most)


def positions(ids: pd.Series, index: pd.Index) -> IntArray:
    """Return the position of every id in an index; −1 for null or unknown."""
    return np.where(ids.isna(), -1, index.get_indexer(pd.Index(ids))).astype(np.int64)
