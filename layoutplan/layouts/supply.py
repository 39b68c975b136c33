"""Schools and their seats while projects are applied."""

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
    """Schools, their seats and their catchments: an immutable value; each change returns a new one.

    Attributes
    ----------
    schools
        As ``Seats.schools``.
    seats
        By stage, shape (schools, years): the seats that each school offers while it is open.
    closed
        Shape (schools, years): whether the school is closed that year. Closing keeps the seats, so that
        reopening restores them.
    beds
        Shape (schools, years): beds for boarders, at the location where they were built.
    links
        Columns ``catchment_id``, ``stage``, ``school_id``.
    """

    schools: gpd.GeoDataFrame
    seats: Mapping[str, FloatArray]
    closed: BoolArray
    beds: FloatArray
    links: pd.DataFrame

    def row(self, school_id: str) -> int:
        """Return the position of a school.

        Parameters
        ----------
        school_id
            The school.

        Returns
        -------
        int
            Position in ``schools``.
        """
        return int(self.schools.index.get_loc(school_id))

    def of_school(self, school_id: str) -> dict[str, FloatArray]:
        """Return a school's seats by stage and year, as if it were open in all years.

        Parameters
        ----------
        school_id
            The school.

        Returns
        -------
        dict
            By stage, shape (years,).
        """
        return {stage: values[self.row(school_id)] for stage, values in self.seats.items()}

    def is_closed(self, school_id: str) -> BoolArray:
        """Return the years in which a school is closed.

        Parameters
        ----------
        school_id
            The school.

        Returns
        -------
        BoolArray
            Shape (years,).
        """
        return np.asarray(self.closed[self.row(school_id)])

    def offered(self, stage: str) -> FloatArray:
        """Return the seats offered in a stage; 0 where a school is closed.

        Parameters
        ----------
        stage
            Stage id.

        Returns
        -------
        FloatArray
            Shape (schools, years).
        """
        return np.where(self.closed, 0.0, self.seats[stage])

    def with_seats(self, school_id: str, seats: Mapping[str, FloatArray]) -> Supply:
        """Return the supply with the seats of one school replaced.

        Parameters
        ----------
        school_id
            The school.
        seats
            Its seats of every stage, shape (years,) each.

        Returns
        -------
        Supply
            The successor.
        """
        changed = {}
        for stage, values in self.seats.items():
            changed[stage] = values.copy()
            changed[stage][self.row(school_id)] = seats[stage]
        return replace(self, seats=changed)

    def with_closed(self, school_id: str, closed: BoolArray) -> Supply:
        """Return the supply with the closed years of one school replaced.

        Parameters
        ----------
        school_id
            The school.
        closed
            Whether it is closed in each year, shape (years,).

        Returns
        -------
        Supply
            The successor.
        """
        changed = self.closed.copy()
        changed[self.row(school_id)] = closed
        return replace(self, closed=changed)

    def with_beds(self, school_id: str, added: FloatArray) -> Supply:
        """Return the supply with the beds of one school changed.

        Parameters
        ----------
        school_id
            The school.
        added
            Beds added in each year, shape (years,); negative values remove beds. The result is never below
            zero.

        Returns
        -------
        Supply
            The successor.
        """
        changed = self.beds.copy()
        changed[self.row(school_id)] = np.maximum(changed[self.row(school_id)] + added, 0.0)
        return replace(self, beds=changed)

    def with_school(
        self, school: gpd.GeoDataFrame, seats: Mapping[str, FloatArray], links: pd.DataFrame
    ) -> Supply:
        """Return the supply with one more school, open in all years and without beds.

        Parameters
        ----------
        school
            Frame of one row with the columns of ``schools``.
        seats
            Its seats of every stage, shape (years,) each.
        links
            The catchments it serves: ``catchment_id``, ``stage``, ``school_id``.

        Returns
        -------
        Supply
            The successor.
        """
        grown = pd.concat([self.schools, school.astype(self.schools.dtypes.to_dict())])
        return replace(
            self,
            schools=gpd.GeoDataFrame(grown, crs=self.schools.crs),
            seats={stage: np.vstack([values, seats[stage]]) for stage, values in self.seats.items()},
            closed=np.vstack([self.closed, np.zeros(self.closed.shape[1], dtype=np.bool_)]),
            beds=np.vstack([self.beds, np.zeros(self.beds.shape[1])]),
        ).with_links(links)

    def with_links(self, links: pd.DataFrame) -> Supply:
        """Return the supply with more links between schools and catchments.

        Parameters
        ----------
        links
            Columns ``catchment_id``, ``stage``, ``school_id``.

        Returns
        -------
        Supply
            The successor.
        """
        grown = pd.concat([self.links, links[[*self.links.columns]]], ignore_index=True)
        return replace(self, links=grown)

    def with_counting(self, school_id: str, **columns: object) -> Supply:
        """Return the supply with columns of one school replaced that say when it counts.

        Parameters
        ----------
        school_id
            The school.
        **columns
            New values of ``counts``, ``counts_from`` or ``counts_until``.

        Returns
        -------
        Supply
            The successor.
        """
        schools = self.schools.copy()
        for column, value in columns.items():
            schools.loc[school_id, column] = value
        return replace(self, schools=schools)


def standard_class_sizes(profile: Profile, stage: str, years: tuple[int, ...]) -> FloatArray:
    """Return the standard class size of a stage in each year.

    Parameters
    ----------
    profile
        Standards by year.
    stage
        Stage id.
    years
        The years.

    Returns
    -------
    FloatArray
        Pupils per class, shape (years,).
    """
    return np.array([profile.at(year).class_size(stage) for year in years])
