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
        """Return members × years ahead."""
        steps = np.arange(1.0, horizons + 1.0)
        return np.array([np.interp(steps, LEARNT_AT, self.scores[name]) for name in MEMBERS])


PRIOR: Final = Prior(
    MappingProxyType(
        {
            "short": (0.95, 0.93, 0.94, 0.91),
            "long": (0.91, 0.88, 0.89, 0.89),
            "level": (0.93, 0.91, 0.92, 0.89),
            "drift": (0.95, 0.95, 0.99, 0.96),
            "trend": (0.92, 0.91, 0.91, 1.09),
            "three_year_mean": (0.99, 1.00, 1.01, 0.98),
            "last_value": (1.35, 1.41, 1.34, 1.27),
        }
    )
)
"""Learnt on the three data sets of docs/forecast.md (``benchmarks/forecast.py --learn``)."""
