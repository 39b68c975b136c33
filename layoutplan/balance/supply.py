"""Schools and their seats while projects are applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.standards.model import Profile

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Supply:
    """Schools, their seats and their catchments: a value; each change makes a new one.

    Attributes
    ----------
    schools
        As ``Seats.schools``.
    seats
        For each stage an array, schools × years.
    links
        Columns ``catchment_id``, ``stage``, ``school_id``.
    """

    schools: gpd.GeoDataFrame
    seats: Mapping[str, FloatArray]
    links: pd.DataFrame

    def row(self, school_id: str) -> int:
        """Return the position of a school."""
        return int(self.schools.index.get_loc(school_id))

    def of_school(self, school_id: str) -> dict[str, FloatArray]:
        """Return a school's seats by year for each stage."""
        return {stage: values[self.row(school_id)] for stage, values in self.seats.items()}

    def with_seats(self, school_id: str, seats: Mapping[str, FloatArray]) -> Supply:
        """Return the supply with other seats of one school."""
        changed = {}
        for stage, values in self.seats.items():
            changed[stage] = values.copy()
            changed[stage][self.row(school_id)] = seats[stage]
        return Supply(schools=self.schools, seats=changed, links=self.links)

    def with_school(
        self, school: gpd.GeoDataFrame, seats: Mapping[str, FloatArray], links: pd.DataFrame
    ) -> Supply:
        """Return the supply with one more school (a frame of one row)."""
        grown = pd.concat([self.schools, school.astype(self.schools.dtypes.to_dict())])
        return Supply(
            schools=gpd.GeoDataFrame(grown, crs=self.schools.crs),
            seats={stage: np.vstack([values, seats[stage]]) for stage, values in self.seats.items()},
            links=self.links,
        ).with_links(links)

    def with_links(self, links: pd.DataFrame) -> Supply:
        """Return the supply with more links of schools to catchments."""
        grown = pd.concat([self.links, links[[*self.links.columns]]], ignore_index=True)
        return Supply(schools=self.schools, seats=self.seats, links=grown)

    def with_counting(self, school_id: str, **columns: object) -> Supply:
        """Return the supply with other ``counts…`` columns of one school."""
        schools = self.schools.copy()
        for column, value in columns.items():
            schools.loc[school_id, column] = value
        return Supply(schools=schools, seats=self.seats, links=self.links)


def class_sizes(profile: Profile, stage: str, years: tuple[int, ...]) -> FloatArray:
    """Return the standard class size of a stage in each year, pupils a class."""
    return np.array([profile.at(year).class_size(stage) for year in years])
