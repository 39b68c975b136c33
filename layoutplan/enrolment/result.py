"""A forecast of enrolment as a value: pupils ahead, what was decided on the way, how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.cards import Outlined
from layoutplan.enrolment.ensemble import Combined
from layoutplan.enrolment.history import History
from layoutplan.enrolment.spread import ErrorSpread, band
from layoutplan.errors import Fault

_GRADE: list[str] = ["stage", "grade"]


@dataclass(frozen=True, repr=False)
class Forecast(Outlined):
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
        pupils at the origin has none, unless it is planned to open.
    raking
        grades × years: what the sum of the places' own forecasts was multiplied by to give the district's.
    effects
        places × grades: log factors of a place on the district's ratios; ``credibility`` says, place by
        place, how much of what was seen is believed.
    combined
        The district's forecast with the weights of its members.
    spread, widened
        How wide the bands are; what the spread of a place is multiplied by, places × years.
    notes
        Repairs made and assumptions taken.
    """

    history: History
    years: tuple[int, ...]
    district_pupils: FloatArray
    place_pupils: FloatArray
    raking: FloatArray
    effects: FloatArray
    credibility: FloatArray
    combined: Combined
    spread: ErrorSpread
    widened: FloatArray
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
        """Pupils by place: index place, stage and grade, a column a year; places open then or later."""
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
        """Return the result table ``enrolment_forecast``: the district and its places, by stage and year.

        ``pupils`` is the median; ``p10`` and ``p90`` are the band about it. ``raking`` is the district's
        figure over the sum of the places' own forecasts.
        """
        parts = []
        for stage in self.history.stages:
            rows = self.history.stage_rows(stage)
            total = self.district_pupils[rows].sum(axis=0)
            own = np.nansum(self.district_pupils[rows] / self.raking[rows], axis=0)
            raking = np.where(own > 0, total / np.where(own > 0, own, 1.0), np.nan)
            parts.append(
                self._rows(
                    "district",
                    [""],
                    stage,
                    pupils=total[None],
                    spread=self.spread.stages[stage].district,
                    raking=raking,
                )
            )
            pupils = self.place_pupils[:, rows].sum(axis=1)
            shown = self.history.taught[:, rows, -1].any(axis=1) | (pupils.sum(axis=1) > 0)
            names = [name for name, kept in zip(self.history.places, shown, strict=True) if kept]
            spread = self.spread.stages[stage].of_places(pupils[shown]) * self.widened[shown]
            parts.append(
                self._rows("place", names, stage, pupils=pupils[shown], spread=spread, raking=raking)
            )
        return pd.concat(parts, ignore_index=True)

    def _rows(
        self,
        level: str,
        names: list[str],
        stage: str,
        *,
        pupils: FloatArray,
        spread: FloatArray | tuple[float, ...],
        raking: FloatArray,
    ) -> pd.DataFrame:
        low, high = band(pupils, spread)
        return pd.DataFrame(
            {
                "level": level,
                "place_id": np.repeat(np.array(names, dtype=object), len(self.years)),
                "stage": stage,
                "year": np.tile(self.years, len(names)),
                "pupils": pupils.ravel(),
                "p10": low.ravel(),
                "p90": high.ravel(),
                "raking": np.tile(raking, len(names)),
            }
        )

    def _open(self) -> BoolArray:
        return np.asarray(
            self.history.taught[:, :, -1].any(axis=1) | (self.place_pupils > 0).any(axis=(1, 2))
        )

    def _grade_index(self) -> pd.MultiIndex:
        keys = [(grade.stage, grade.number) for grade in self.history.grades]
        return pd.MultiIndex.from_tuples(keys, names=_GRADE)
