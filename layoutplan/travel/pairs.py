"""Sparse walking distances from origins to destinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse


@dataclass(frozen=True)
class Pairs:
    """Walking metres of every pair within ``limit_m``, row-compressed by origin.

    Row ``i`` holds destinations ``indices[indptr[i]:indptr[i + 1]]`` with metres at the same places, nearest
    first (ties by destination position). A pair that is not stored is farther than ``limit_m`` or not
    connected. A distance may be 0: that is why this is not a SciPy matrix.

    Attributes
    ----------
    origins, destinations
        Ids, in the order of rows and columns.
    method
        ``network`` (streets) or ``straight`` (straight line × detour factor).
    unsnapped_origins, unsnapped_destinations
        Ids with no street within the snap limit; they have no pairs.
    """

    origins: pd.Index
    destinations: pd.Index
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    metres: npt.NDArray[np.float32]
    limit_m: float
    method: Literal["network", "straight"]
    unsnapped_origins: tuple[str, ...] = ()
    unsnapped_destinations: tuple[str, ...] = ()

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The origin position of every stored pair."""
        return np.repeat(np.arange(len(self.origins)), np.diff(self.indptr))

    def within(self, limit_m: float) -> Pairs:
        """Return the pairs no farther than ``limit_m``."""
        keep = self.metres <= limit_m
        counts = np.bincount(self.rows[keep], minlength=len(self.origins))
        return Pairs(
            origins=self.origins,
            destinations=self.destinations,
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            indices=self.indices[keep],
            metres=self.metres[keep],
            limit_m=min(limit_m, self.limit_m),
            method=self.method,
            unsnapped_origins=self.unsnapped_origins,
            unsnapped_destinations=self.unsnapped_destinations,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return a long frame: ``origin``, ``destination``, ``metres``."""
        return pd.DataFrame(
            {
                "origin": self.origins.to_numpy()[self.rows],
                "destination": self.destinations.to_numpy()[self.indices],
                "metres": self.metres,
            },
        )

    def to_csr(self) -> sparse.csr_array:
        """Return a SciPy array of metres; zero distances are stored explicitly."""
        shape = (len(self.origins), len(self.destinations))
        return sparse.csr_array((self.metres, self.indices, self.indptr), shape=shape)
