"""A forecast of enrolment as a value: pupils ahead, what was decided on the way, how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layoutplan.errors import Fault
from layoutplan.forecast.choices import Choices
from layoutplan.forecast.history import Floats, History
from layoutplan.forecast.spread import Spread, band

_GRADE: list[str] = ["stage", "grade"]


@dataclass(frozen=True)
class Forecast:
    """Pupils by place, grade and year after the origin; places sum to the district. Float, not rounded.

    Attributes
    ----------
    history
        What it rests on, mended.
    years
        The years forecast; ``origin`` is the year before the first.
    district_pupils
        grades × years.
    place_pupils
        places × grades × years, the order of ``history.places`` and ``history.grades``. A place without
        pupils at the origin has none.
    raking
        grades × years: what the sum of the places' own forecasts was multiplied by to give the district's.
    ratios
        Log progression ratios of the district, one a grade (0 for entry grades).
    effects
        places × grades: log factors of a place on these ratios; ``credibility`` says, place by place, how
        much of what was seen is believed.
    choices, spread
        What past errors decided, and how wide the bands are.
    notes
        Repairs made and assumptions taken.
    """

    history: History
    years: tuple[int, ...]
    district_pupils: Floats
    place_pupils: Floats
    raking: Floats
    ratios: Floats
    effects: Floats
    credibility: Floats
    choices: Choices
    spread: Spread
    notes: tuple[Fault, ...] = ()

    @property
    def origin(self) -> int:
        """The last year known."""
        return self.history.origin

    @property
    def grades(self) -> pd.DataFrame:
        """Pupils of the district: index stage and grade, a column a year."""
        return pd.DataFrame(self.district_pupils, index=self._grade_index(), columns=[*self.years])

    @property
    def schools(self) -> pd.DataFrame:
        """Pupils by place: index place, stage and grade, a column a year; places open at the origin."""
        open_ = self._open()
        keys = [
            (place, grade.stage, grade.number)
            for place, kept in zip(self.history.places, open_, strict=True)
            if kept
            for grade in self.history.grades
        ]
        values = self.place_pupils[open_].reshape(-1, len(self.years))
        index = pd.MultiIndex.from_tuples(keys, names=["place_id", *_GRADE])
        return pd.DataFrame(values, index=index, columns=[*self.years])

    @property
    def raking_factors(self) -> pd.DataFrame:
        """What the places' own forecasts were multiplied by: index stage and grade, a column a year."""
        return pd.DataFrame(self.raking, index=self._grade_index(), columns=[*self.years])

    def table(self) -> pd.DataFrame:
        """Return the result table ``enrolment_forecast``: places and the district, by stage and year.

        ``raking`` is the district's figure over the sum of the places' own forecasts.
        """
        parts = []
        for stage in self.history.stages:
            rows = self.history.stage_rows(stage)
            total = self.district_pupils[rows].sum(axis=0)
            raking = total / np.nansum(self.district_pupils[rows] / self.raking[rows], axis=0)
            low, high = band(total, self.spread.district)
            parts.append(self._rows("district", "", stage, (total, low, high, raking)))
            pupils = self.place_pupils[:, rows].sum(axis=1)
            taught = self.history.taught[:, rows, -1].any(axis=1) | (pupils.sum(axis=1) > 0)
            low, high = band(pupils, self.spread.of_places(pupils))
            for at in np.flatnonzero(taught & self._open()):
                figures = (pupils[at], low[at], high[at], raking)
                parts.append(self._rows("place", self.history.places[at], stage, figures))
        return pd.concat(parts, ignore_index=True)

    def _rows(self, level: str, place: str, stage: str, figures: tuple[Floats, ...]) -> pd.DataFrame:
        pupils, low, high, raking = figures
        return pd.DataFrame(
            {
                "level": level,
                "place_id": place,
                "stage": stage,
                "year": [*self.years],
                "pupils": pupils,
                "p10": low,
                "p50": pupils,
                "p90": high,
                "raking": raking,
            }
        )

    def _open(self) -> Floats:
        return np.asarray(self.history.taught[:, :, -1].any(axis=1))

    def _grade_index(self) -> pd.MultiIndex:
        keys = [(grade.stage, grade.number) for grade in self.history.grades]
        return pd.MultiIndex.from_tuples(keys, names=_GRADE)
