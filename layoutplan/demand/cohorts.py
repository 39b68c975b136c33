"""Resident children by birth cohort, projected year by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.cards import Outlined


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

    def children(
        self,
        ages: tuple[int, int],
        *,
        year: int,
        migration_rate: float = 0.0,
        born_after: int | None = None,
    ) -> npt.NDArray[np.float64]:
        """Return the children of the given ages in a year, one value per unit.

        A cohort grows by ``migration_rate`` per year from the base year, or from its birth if that is later:
        size × (1 + rate)^(year − max(cohort, base year)).

        Parameters
        ----------
        ages
            First and last age, both inclusive, completed years at the start of the school year.
        year
            School year.
        migration_rate
            Annual net growth of a cohort by migration, as a fraction.
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
        grown = (1.0 + migration_rate) ** (year - np.maximum(cohorts, self.base_year))
        counted = grown if born_after is None else np.where(cohorts > born_after, grown, 0.0)
        return np.asarray((self.sizes[:, start:stop] * counted).sum(axis=1))
