"""Past enrolment as an array: place × grade × year, every grade in its place on the ladder of ages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray

NOBODY: Final = 1e-9
"""Pupils; so many or fewer are nobody, a difference of so many is none: the package's one threshold."""


@dataclass(frozen=True, slots=True, order=True)
class Grade:
    """One rung of the ladder: pupils of a grade are nominally of one age at the start of the school year."""

    age: int
    stage: str
    number: int


@dataclass(frozen=True)
class History:
    """Pupils by place, grade and school year, checked and mended.

    Attributes
    ----------
    places
        Ids of schools (or areas, where counts are not by school), sorted.
    grades
        Rungs of the ladder, youngest first.
    years
        Consecutive school years; the last is the origin of a forecast.
    counts
        places × grades × years; nan where the place does not teach the grade, 0 where nobody came.
    from_home
        Stages whose first grade children enter from home rather than from the stage below.
    estimates
        As :attr:`estimated`; ``None`` for no estimate.
    """

    places: tuple[str, ...]
    grades: tuple[Grade, ...]
    years: tuple[int, ...]
    counts: FloatArray
    from_home: tuple[str, ...]
    estimates: BoolArray | None = None

    @property
    def estimated(self) -> BoolArray:
        """Which counts are not counts but estimates: places × grades × years."""
        return np.zeros(self.counts.shape, dtype=bool) if self.estimates is None else self.estimates

    @property
    def origin(self) -> int:
        """The last year known."""
        return self.years[-1]

    @cached_property
    def totals(self) -> FloatArray:
        """Pupils of the whole district, grades × years; nan for a year in which nobody reports the grade."""
        known = ~np.isnan(self.counts).all(axis=0)
        return np.where(known, np.nansum(self.counts, axis=0), np.nan)

    @cached_property
    def taught(self) -> BoolArray:
        """Whether a place teaches a grade, and when: places × grades × years."""
        return ~np.isnan(self.counts)

    @cached_property
    def typical_size(self) -> float:
        """Mean pupils of a grade in a place where there are any; the yardstick of what is small."""
        some = self.counts[self.taught & (np.nan_to_num(self.counts) > 0)]
        return float(some.mean()) if some.size else 1.0

    @cached_property
    def climbs(self) -> tuple[int, ...]:
        """Grades whose pupils come from the grade below in the same place: same stage, one year younger."""
        return tuple(place for place in range(1, len(self.grades)) if self._follows(place, same_stage=True))

    @cached_property
    def entries(self) -> tuple[int, ...]:
        """The other grades: those where a stage begins, or whose grade below nobody reports."""
        return tuple(place for place in range(len(self.grades)) if place not in self.climbs)

    @cached_property
    def rises(self) -> tuple[int, ...]:
        """Grades whose pupils may have been a grade lower in the same place, of that stage or the one before.

        The stages ``from_home`` are entered from home.
        """
        onward = {place for place in self.entries if self.grades[place].stage not in self.from_home}
        return tuple(sorted({*self.climbs, *(place for place in onward if self.feeder(place) is not None)}))

    def feeder(self, grade: int) -> int | None:
        """Return the grade from which the pupils of a grade come.

        Parameters
        ----------
        grade
            Position of the grade.

        Returns
        -------
        int or None
            Position of the feeding grade; ``None`` if there is none.
        """
        return grade - 1 if grade > 0 and self._follows(grade, same_stage=False) else None

    def until(self, year: int) -> History:
        """Return the history known in a year; places and grades are unchanged.

        Parameters
        ----------
        year
            One of ``years``.

        Returns
        -------
        History
            Without later years.
        """
        kept = self.years.index(year) + 1
        return replace(
            self,
            years=self.years[:kept],
            counts=self.counts[:, :, :kept],
            estimates=None if self.estimates is None else self.estimates[:, :, :kept],
        )

    def stage_rows(self, stage: str) -> list[int]:
        """Return the positions of the grades of a stage.

        Parameters
        ----------
        stage
            The stage.

        Returns
        -------
        list of int
            Ascending; empty if the stage has no grades.
        """
        return [place for place, grade in enumerate(self.grades) if grade.stage == stage]

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages with grades, youngest first."""
        return tuple(dict.fromkeys(grade.stage for grade in self.grades))

    def _follows(self, grade: int, *, same_stage: bool) -> bool:
        below, here = self.grades[grade - 1], self.grades[grade]
        return below.age + 1 == here.age and (below.stage == here.stage or not same_stage)
