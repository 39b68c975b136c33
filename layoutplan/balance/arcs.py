"""Pairs of a unit and a school."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True)
class Walks:
    """Pairs of a unit and a school with their walking metres; nearest first within a unit.

    ``units`` (ascending) and ``schools`` are positions, of the same length as ``metres``.
    """

    units: IntArray
    schools: IntArray
    metres: FloatArray

    def where(self, keep: npt.NDArray[np.bool_] | IntArray) -> Walks:
        """Return the walks marked, or those at these positions."""
        return Walks(units=self.units[keep], schools=self.schools[keep], metres=self.metres[keep])


def walks_of(pairs: WalkMatrix) -> Walks:
    """Return all pairs as walks."""
    return Walks(
        units=pairs.rows,
        schools=pairs.indices.astype(np.int64),
        metres=pairs.metres.astype(np.float64),
    )
