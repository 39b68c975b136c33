"""Unit-school pairs with their walking distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.matrix import WalkMatrix


@dataclass(frozen=True)
class Walks:
    """Unit-school pairs with walking distance; parallel arrays, nearest first within a unit.

    Attributes
    ----------
    units
        Position of the unit, ascending.
    schools
        Position of the school.
    metres
        Walking metres.
    """

    units: IntArray
    schools: IntArray
    metres: FloatArray

    def where(self, keep: npt.NDArray[np.bool_] | IntArray) -> Walks:
        """Return a selection of the walks.

        Parameters
        ----------
        keep
            Boolean mask, or positions.

        Returns
        -------
        Walks
            The selected pairs, in the given order.
        """
        return Walks(units=self.units[keep], schools=self.schools[keep], metres=self.metres[keep])


def walks_of(pairs: WalkMatrix) -> Walks:
    """Convert a walk matrix to parallel arrays of pairs.

    Parameters
    ----------
    pairs
        Walking metres from units (origins) to schools (destinations).

    Returns
    -------
    Walks
        All stored pairs, in the order of the matrix.
    """
    return Walks(
        units=pairs.rows,
        schools=pairs.indices.astype(np.int64),
        metres=pairs.metres.astype(np.float64),
    )
