"""Children by year of birth cohort, moved forward a year at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Cohorts:
    """Resident children of every unit by cohort; the value from which each year's ages are read.

    A cohort is named by the school year at whose start it is (or was) of age 0, so the children of age
    ``a`` in year ``t`` are the cohort ``t − a``.

    Attributes
    ----------
    base_year
        The school year of the population given.
    first
        The cohort of the first column of ``sizes``; the columns are consecutive cohorts.
    sizes
        Children, units × cohorts: at the base year, or at age 0 for cohorts that come later.
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
        """Return the children of ``ages`` (first, last; both counted) in ``year``, one value a unit.

        A cohort grows by ``migration_rate`` every year after the base year, or after its birth if that is
        later: size × (1 + rate)^(year − max(cohort, base year)). With ``born_after`` only cohorts later than
        that year are counted.

        Raises
        ------
        IndexError
            If a cohort asked for is not held.

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
