"""Seats by school, stage and year, with the schools that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.errors import Fault


@dataclass(frozen=True)
class Boarding:
    """Who may board where, by stage; a stage that is not there does not board.

    Attributes
    ----------
    beds
        Frames, index ``school_id``, one column a year: beds for pupils of the stage, never more than the
        seats that count. Schools that are not among the rows (proposed ones) have none.
    share
        By year, the share of the pupils of every unit who are old enough to board.
    """

    beds: Mapping[str, pd.DataFrame]
    share: Mapping[str, pd.Series[float]]


@dataclass(frozen=True)
class Seats:
    """Seats by school × stage × year, with the schools that offer them.

    Attributes
    ----------
    schools
        Schools of the city, those its committed projects open, and (in a proposed plan) those proposed:
        index ``school_id``, point geometry, columns ``name``, ``school_type``, ``ownership`` (at the base
        year), ``district_id``, ``status`` (``open``, ``committed``, ``proposed``), ``counts`` (seats serve
        demand, in some year at least). Optional integer columns ``counts_from`` (first year) and
        ``counts_until`` (first year no more), null for no limit: set where a project converts a school.
    seats
        For each stage a frame, index ``school_id`` (the order of ``schools``), one integer column a year:
        all seats, also those that do not count; use :meth:`counted` for seats that serve demand.
    boarding
        Who may board where; ``None``: nobody is placed in a bed.
    """

    years: tuple[int, ...]
    schools: gpd.GeoDataFrame
    seats: Mapping[str, pd.DataFrame]
    boarding: Boarding | None = None
    notes: tuple[Fault, ...] = ()

    def counting(self) -> npt.NDArray[np.bool_]:
        """Return whether each school (rows) counts in each year (columns)."""
        years = np.array(self.years)[None, :]
        counts = np.repeat(self.schools["counts"].to_numpy(dtype=bool)[:, None], len(self.years), axis=1)
        if "counts_from" in self.schools:
            counts &= years >= self.schools["counts_from"].to_numpy(dtype=float, na_value=-np.inf)[:, None]
        if "counts_until" in self.schools:
            counts &= years < self.schools["counts_until"].to_numpy(dtype=float, na_value=np.inf)[:, None]
        return counts

    def counted(self, stage: str) -> pd.DataFrame:
        """Return the seats that serve demand: those of ``seats[stage]`` where the school counts, else 0."""
        return self._counted[stage]

    @cached_property
    def _counted(self) -> Mapping[str, pd.DataFrame]:
        counting = self.counting()
        return {stage: frame.where(counting, 0.0) for stage, frame in self.seats.items()}
