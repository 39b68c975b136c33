"""Schools and their seats while a plan changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.standards.rules import Profile


@dataclass(frozen=True)
class Supply:
    """Schools, their seats and their catchments: a value; each change makes a new one.

    Attributes
    ----------
    schools
        As ``Seats.schools``.
    seats
        For each stage an array, schools × years: what each school offers while it is open.
    closed
        Schools × years: whether the school teaches nobody that year. Closing keeps the seats, so that
        reopening gives them back.
    beds
        Schools × years: beds for boarders. They stay where they are built.
    links
        Columns ``catchment_id``, ``stage``, ``school_id``.
    """

    schools: gpd.GeoDataFrame
    seats: Mapping[str, FloatArray]
    closed: BoolArray
    beds: FloatArray
    links: pd.DataFrame

    def row(self, school_id: str) -> int:
        """Return the position of a school."""
        return int(self.schools.index.get_loc(school_id))

    def of_school(self, school_id: str) -> dict[str, FloatArray]:
        """Return a school's seats by year for each stage, as if it were open in all of them."""
        return {stage: values[self.row(school_id)] for stage, values in self.seats.items()}

    def is_closed(self, school_id: str) -> BoolArray:
        """Return the years in which a school is closed."""
        return np.asarray(self.closed[self.row(school_id)])

    def offered(self, stage: str) -> FloatArray:
        """Return the seats offered, schools × years: none where a school is closed."""
        return np.where(self.closed, 0.0, self.seats[stage])

    def with_seats(self, school_id: str, seats: Mapping[str, FloatArray]) -> Supply:
        """Return the supply with other seats of one school."""
        changed = {}
        for stage, values in self.seats.items():
            changed[stage] = values.copy()
            changed[stage][self.row(school_id)] = seats[stage]
        return replace(self, seats=changed)

    def with_closed(self, school_id: str, closed: BoolArray) -> Supply:
        """Return the supply with one school closed in these years, and open in the others."""
        changed = self.closed.copy()
        changed[self.row(school_id)] = closed
        return replace(self, closed=changed)

    def with_beds(self, school_id: str, added: FloatArray) -> Supply:
        """Return the supply with more beds at one school (negative: fewer), never below none."""
        changed = self.beds.copy()
        changed[self.row(school_id)] = np.maximum(changed[self.row(school_id)] + added, 0.0)
        return replace(self, beds=changed)

    def with_school(
        self, school: gpd.GeoDataFrame, seats: Mapping[str, FloatArray], links: pd.DataFrame
    ) -> Supply:
        """Return the supply with one more school (a frame of one row)."""
        grown = pd.concat([self.schools, school.astype(self.schools.dtypes.to_dict())])
        return replace(
            self,
            schools=gpd.GeoDataFrame(grown, crs=self.schools.crs),
            seats={stage: np.vstack([values, seats[stage]]) for stage, values in self.seats.items()},
            closed=np.vstack([self.closed, np.zeros(self.closed.shape[1], dtype=np.bool_)]),
            beds=np.vstack([self.beds, np.zeros(self.beds.shape[1])]),
        ).with_links(links)

    def with_links(self, links: pd.DataFrame) -> Supply:
        """Return the supply with more links of schools to catchments."""
        grown = pd.concat([self.links, links[[*self.links.columns]]], ignore_index=True)
        return replace(self, links=grown)

    def with_counting(self, school_id: str, **columns: object) -> Supply:
        """Return the supply with other ``counts…`` columns of one school."""
        schools = self.schools.copy()
        for column, value in columns.items():
            schools.loc[school_id, column] = value
        return replace(self, schools=schools)


def standard_class_sizes(profile: Profile, stage: str, years: tuple[int, ...]) -> FloatArray:
    """Return the standard class size of a stage in each year, pupils a class."""
    return np.array([profile.at(year).class_size(stage) for year in years])
