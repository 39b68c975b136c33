"""How far off each member was in other districts, as a share of the mean of all: what weights start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.enrolment.members import MEMBERS

LEARNT_AT: Final = (1, 2, 3, 5)
"""Years ahead at which the prior was learnt; between them it is interpolated, beyond five held."""


@dataclass(frozen=True)
class Prior:
    """Mean absolute error of each member over the mean of all, at the years of :data:`LEARNT_AT`."""

    scores: Mapping[str, tuple[float, ...]]

    def of(self, horizons: int) -> FloatArray:
        """Return the prior scores of all members, interpolated between the tabulated horizons.

        Parameters
        ----------
        horizons
            Number of years.

        Returns
        -------
        FloatArray
            Members × years.
        """
        steps = np.arange(1.0, horizons + 1.0)
        return np.array([np.interp(steps, LEARNT_AT, self.scores[name]) for name in MEMBERS])


PRIOR: Final = Prior(
    MappingProxyType(
        {
            "long": (0.85, 0.82, 0.83, 0.84),
            "steady": (0.87, 0.86, 0.87, 0.85),
            "drift": (0.90, 0.90, 0.95, 0.90),
            "trend": (0.87, 0.86, 0.85, 0.97),
            "total": (1.31, 1.31, 1.28, 1.28),
            "three_year_mean": (0.91, 0.91, 0.93, 0.91),
            "last_value": (1.29, 1.33, 1.29, 1.26),
        }
    )
)
"""Learnt on the three data sets of docs/forecast.md (``benchmarks/forecast.py --learn``)."""
