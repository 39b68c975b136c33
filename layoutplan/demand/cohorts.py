"""Resident children by birth cohort, projected year by year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from layoutplan.cards import Outlined


@dataclass(frozen=True)
class Migration:
    """Net growth of a cohort by people moving in and out, by age.

    Attributes
    ----------
    by_age
        Growth while children go from age ``a`` to ``a + 1``, as a fraction above −1; the last value applies
        to all later ages.
    at_birth
        Residents of age 0 per child in the births table: births are counted elsewhere than where the children
        live, or in other months.

    Examples
    --------
    >>> Migration((0.5, 0.0)).growth(np.array([0, 0, 1]), np.array([1, 2, 4])).tolist()
    [1.5, 1.5, 1.0]
    """

    by_age: tuple[float, ...] = (0.0,)
    at_birth: float = 1.0

    def growth(self, start: npt.NDArray[np.int_], end: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
        """Return the factor by which cohorts grow from one age to another.

        Parameters
        ----------
        start, end
            Ages, ``start ≤ end``; any shape.
        """
        steps = 1.0 + np.array(self.by_age)
        later = max(int(np.max(end, initial=0)) - len(steps), 0)
        grown = np.concatenate([[1.0], np.cumprod(np.concatenate([steps, np.full(later, steps[-1])]))])
        return np.asarray(grown[end] / grown[start])


STILL = Migration()
"""Nobody moves."""


@dataclass(frozen=True, repr=False)
class Cohorts(Outlined):
    """Resident children of each unit by cohort, from which the children of any age and year are computed.

    A cohort is labelled by the school year at whose start it is of age 0, so the children of age ``a`` in
    year ``t`` are the cohort ``t − a``.

    Attributes
    ----------
    base_year
        School year of the given population.
    first
        Cohort of the first column of ``sizes``; the columns are consecutive cohorts.
    sizes
        Children, units × cohorts: at the base year, or at age 0 for cohorts born later.
    """

    base_year: int
    first: int
    sizes: npt.NDArray[np.float64]

    def born_later(self, factor: float, *, youngest: int) -> Cohorts:
        """Return the cohorts with those that births fill multiplied by a factor.

        Parameters
        ----------
        factor
            Residents of age 0 per birth.
        youngest
            Youngest age of the given population: younger cohorts come from births.

        Examples
        --------
        >>> town = Cohorts(base_year=2025, first=2024, sizes=np.array([[30.0, 20.0, 10.0]]))
        >>> town.born_later(1.1, youngest=0).sizes.round(9).tolist()
        [[30.0, 20.0, 11.0]]
        """
        of = self.first + np.arange(self.sizes.shape[1])
        return replace(self, sizes=self.sizes * np.where(of > self.base_year - youngest, factor, 1.0))

    def children(
        self,
        ages: tuple[int, int],
        *,
        year: int,
        migration: Migration = STILL,
        born_after: int | None = None,
    ) -> npt.NDArray[np.float64]:
        """Return the children of the given ages in a year, one value per unit.

        A cohort grows by ``migration`` from its age at the base year, or from age 0 if it is born later.

        Parameters
        ----------
        ages
            First and last age, both inclusive, completed years at the start of the school year.
        year
            School year.
        migration
            Net growth of a cohort, by age.
        born_after
            Count only cohorts later than this year; ``None`` counts all.

        Returns
        -------
        numpy.ndarray
            Children, shape ``(units,)``; not rounded.

        Raises
        ------
        IndexError
            If a required cohort is not available.

        Examples
        --------
        >>> town = Cohorts(base_year=2025, first=2023, sizes=np.array([[30.0, 20.0, 10.0]]))
        >>> town.children((0, 1), year=2025).tolist()  # cohorts 2024 and 2025
        [30.0]
        >>> town.children((1, 2), year=2026).tolist()  # the same children, a year older
        [30.0]
        """
        start, stop = year - ages[1] - self.first, year - ages[0] - self.first + 1
        if start < 0 or stop > self.sizes.shape[1]:
            raise IndexError(f"no cohorts for ages {ages} in {year}")
        cohorts = np.arange(year - ages[1], year - ages[0] + 1)
        grown = migration.growth(np.maximum(self.base_year - cohorts, 0), year - cohorts)
        counted = grown if born_after is None else np.where(cohorts > born_after, grown, 0.0)
        return np.asarray((self.sizes[:, start:stop] * counted).sum(axis=1))
