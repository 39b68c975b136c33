"""Births of the whole district by calendar year, as far as they are known or must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from layoutplan.errors import FaultLog

BIRTHS_TABLE: Final = "births"


@dataclass(frozen=True)
class Births:
    """Births by calendar year.

    Attributes
    ----------
    by_year
        Consecutive years known; empty for no births table.
    origin
        Years after it are projections, not records.
    born_before
        Share of a school-year cohort born in the calendar year before, by the profile's cut-off of entry.
    """

    by_year: Mapping[int, float]
    origin: int
    born_before: float

    def of(self, year: int, *, born_before: float) -> float | None:
        """Return the children of one school-year cohort.

        The children of age ``a`` at the start of school year ``t`` are the cohort ``t − a``. After the last
        known year its value is repeated.

        Parameters
        ----------
        year
            Year of the cohort.
        born_before
            Share of the cohort born in the year before.

        Returns
        -------
        float or None
            ``None`` before the first known year.
        """
        known = [self._carried(year - step) for step in ((1, 0) if born_before else (0,))]
        if any(value is None for value in known):
            return None
        *before, same = (value for value in known if value is not None)
        return born_before * sum(before) + (1.0 - born_before) * same

    def until(self, year: int) -> Births:
        """Return the births known in a year.

        Parameters
        ----------
        year
            The year; it becomes the origin.

        Returns
        -------
        Births
            Without later years.
        """
        known = {born: value for born, value in self.by_year.items() if born <= year}
        return replace(self, by_year=known, origin=year)

    def _carried(self, year: int) -> float | None:
        if not self.by_year or year < min(self.by_year):
            return None
        return self.by_year[min(year, max(self.by_year))]


def read_births(
    table: pd.DataFrame, *, origin: int, factor: float, born_before: float, log: FaultLog
) -> Births:
    """Return the births of the district: the sum over areas, gaps filled, projections × ``factor``.

    Parameters
    ----------
    table
        Columns ``year``, ``births`` and, where births are by area, ``area_id``; empty for none.
    origin
        The year of the forecast; the births of later years are the planner's projection, which is noted.
    factor
        Multiplies the births of years after the origin, also those carried on from the last year known.
    born_before
        As of :class:`Births`.

    Raises
    ------
    InputError
        If births are negative or missing, are there twice, or some rows name an area and others none.
    """
    if table.empty:
        log.add("births_none", severity="notice", table=BIRTHS_TABLE)
        return Births({}, origin, born_before)
    year = pd.to_numeric(table["year"], errors="coerce").astype(float)
    births = pd.to_numeric(table["births"], errors="coerce").astype(float)
    area = table["area_id"].fillna("").astype(str) if "area_id" in table else pd.Series("", index=table.index)
    wrong = table.index[~np.isfinite(births) | (births < 0) | year.isna()]
    if len(wrong):
        log.add("births_not_counts", table=BIRTHS_TABLE, rows=wrong, count=len(wrong))
    if (area == "").any() and (area != "").any():
        rows = table.index[area == ""]
        log.add("births_mixed_places", table=BIRTHS_TABLE, column="area_id", rows=rows, by="area_id")
    twice = table.index[pd.DataFrame({"area": area, "year": year}).duplicated(keep=False)]
    if len(twice):
        log.add("births_twice", table=BIRTHS_TABLE, rows=twice)
    log.raise_if_errors()
    counts = pd.DataFrame({"area": area, "year": year.astype(int), "births": births})
    by_area = counts.pivot_table(index="year", columns="area", values="births", aggfunc="sum")
    every = by_area.reindex(range(int(by_area.index.min()), int(by_area.index.max()) + 1))
    filled = every.interpolate(limit_area="inside").bfill().ffill()
    silent = every.index[every.isna().any(axis=1)]
    if len(silent):
        log.add(
            "births_gaps_filled",
            severity="notice",
            table=BIRTHS_TABLE,
            years=", ".join(str(year) for year in silent),
        )
    by_year = _projected(filled.sum(axis=1), origin=origin, factor=factor, log=log)
    return Births(by_year, origin, born_before)


def _projected(totals: pd.Series[float], *, origin: int, factor: float, log: FaultLog) -> Mapping[int, float]:
    """Return the births by year, those of years after the origin × ``factor``."""
    by_year = dict(zip(totals.index.astype(int).tolist(), totals.astype(float).tolist(), strict=True))
    last = max(by_year)
    if last > origin:
        log.add(
            "births_projected",
            severity="notice",
            table=BIRTHS_TABLE,
            first=max(origin + 1, min(by_year)),
            last=last,
            origin=origin,
        )
    elif factor != 1.0:
        by_year |= dict.fromkeys(range(last + 1, origin + 2), by_year[last])
    return {year: value * (factor if year > origin else 1.0) for year, value in by_year.items()}
