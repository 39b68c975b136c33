"""Seats by school, stage and year, with the schools that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.cards import Outlined
from layoutplan.errors import Fault


@dataclass(frozen=True, repr=False)
class Boarding(Outlined):
    """Beds and boarding pupils by stage; a stage without an entry does not board.

    Attributes
    ----------
    beds
        By stage, a frame with index ``school_id`` and one column per year: beds for pupils of the stage,
        never more than the seats that count. Schools without a row (proposed ones) have none.
    share
        By stage, the share of every unit's pupils who are old enough to board, index year.
    """

    beds: Mapping[str, pd.DataFrame]
    share: Mapping[str, pd.Series[float]]


@dataclass(frozen=True, repr=False)
class Seats(Outlined):
    """Seats by school × stage × year, with the schools that offer them.

    Attributes
    ----------
    years
        Years of the plan, ascending.
    schools
        Schools of the city, those opened by committed projects and, in a proposed layout, proposed ones:
        index ``school_id``, point geometry, columns ``name``, ``school_type``, ``ownership`` (at the base
        year), ``district_id``, ``status`` (``open``, ``committed``, ``proposed``, or ``purchased``: seats
        bought of another school), ``counts`` (seats serve demand, in some year at least). Optional integer
        columns ``counts_from`` (first year) and ``counts_until`` (first year in which it no longer counts),
        null for no limit: set where a project converts a school.
    seats
        By stage, a frame with index ``school_id`` (in the order of ``schools``) and one column per year: all
        seats, including those that do not count; use :meth:`counted` for seats that serve demand.
    boarding
        Beds and boarding pupils; ``None``: no boarding.
    notes
        Warnings and notices about the schools and projects.
    """

    years: tuple[int, ...]
    schools: gpd.GeoDataFrame
    seats: Mapping[str, pd.DataFrame]
    boarding: Boarding | None = None
    notes: tuple[Fault, ...] = ()

    def counting(self) -> npt.NDArray[np.bool_]:
        """Return whether each school counts in each year, shape (schools, years)."""
        years = np.array(self.years)[None, :]
        counts = np.repeat(self.schools["counts"].to_numpy(dtype=bool)[:, None], len(self.years), axis=1)
        if "counts_from" in self.schools:
            counts &= years >= self.schools["counts_from"].to_numpy(dtype=float, na_value=-np.inf)[:, None]
        if "counts_until" in self.schools:
            counts &= years < self.schools["counts_until"].to_numpy(dtype=float, na_value=np.inf)[:, None]
        return counts

    def counted(self, stage: str) -> pd.DataFrame:
        """Return the seats that serve demand: those of ``seats[stage]`` where the school counts, otherwise 0.

        Parameters
        ----------
        stage
            Stage id.

        Returns
        -------
        DataFrame
            Index ``school_id``, one column per year.
        """
        return self._counted[stage]

    @cached_property
    def _counted(self) -> Mapping[str, pd.DataFrame]:
        counting = self.counting()
        return {stage: frame.where(counting, 0.0) for stage, frame in self.seats.items()}
