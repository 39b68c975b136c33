"""Sparse matrix of walking distances from origins to destinations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from layoutplan.cards import Outlined


def compress(
    row: npt.NDArray[np.integer],
    column: npt.NDArray[np.integer],
    metres: npt.NDArray[np.floating],
    *,
    rows: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return pairs in the row-compressed form of :class:`WalkMatrix`, nearest first in each row.

    Parameters
    ----------
    row, column
        Positions of origin and destination, shape (k,).
    metres
        Non-negative walking distances, shape (k,).
    rows
        Number of origins.

    Returns
    -------
    tuple of numpy.ndarray
        ``indptr`` (rows + 1,), ``indices`` (k,) and ``metres`` (k,); ties are ordered by column.
    """
    short = metres.astype(np.float32)
    order = _nearest_first(row, column, short)
    counts = np.bincount(row, minlength=rows)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return indptr, column[order].astype(np.int32), short[order]


def _nearest_first(
    row: npt.NDArray[np.integer], column: npt.NDArray[np.integer], short: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Return the order by row, metres and column: one integer sort, then a second sort of the few ties."""
    # The bit patterns of non-negative floats sort in the order of the floats.
    key = (row.astype(np.uint64) << np.uint64(32)) | (short + np.float32(0.0)).view(np.uint32)
    order = np.argsort(key)
    key = key[order]
    same = key[1:] == key[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    among = order[tied]
    order[tied] = among[np.lexsort((column[among], key[tied]))]
    return order


@dataclass(frozen=True, repr=False)
class WalkMatrix(Outlined):
    """Walking distances between origins and destinations, row-compressed by origin.

    Row ``i`` holds destinations ``indices[indptr[i]:indptr[i + 1]]`` with metres at the same positions,
    nearest first (ties by destination position). A pair that is not stored is farther than the limit or not
    connected. A distance may be 0, which a SciPy sparse matrix would not distinguish from a missing one.

    Attributes
    ----------
    origins, destinations
        Ids, in the order of rows (n) and columns (m).
    indptr, indices, metres
        Row pointers (n + 1,), destination positions (k,) and walking metres (k,).
    limit_m
        Longest walk searched, metres; where destinations have limits of their own, the longest of them.
    method
        ``network`` (streets) or ``straight`` (straight line × detour factor).
    unsnapped_origins, unsnapped_destinations
        Ids with no street within the snap limit; they have no pairs.
    island_origins, island_destinations
        Ids on streets cut off from the larger network: they reach only points on the same streets.
    moved_origins, moved_destinations
        Ids whose nearest street is on an island and that were snapped to the larger network instead.
    detour_factor
        Walking metres per metre of straight line; ``None`` where ``method`` is ``network``.
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
    island_origins: tuple[str, ...] = ()
    island_destinations: tuple[str, ...] = ()
    moved_origins: tuple[str, ...] = ()
    moved_destinations: tuple[str, ...] = ()
    detour_factor: float | None = None

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The origin position of each stored pair, shape (k,)."""
        return np.repeat(np.arange(len(self.origins)), np.diff(self.indptr))

    def keep(self, chosen: npt.NDArray[np.bool_]) -> WalkMatrix:
        """Return the matrix with only the chosen pairs.

        Parameters
        ----------
        chosen
            Mask over the stored pairs (``metres``), shape (k,).

        Returns
        -------
        WalkMatrix
            Same origins and destinations.
        """
        counts = np.bincount(self.rows[chosen], minlength=len(self.origins))
        return replace(
            self,
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            indices=self.indices[chosen],
            metres=self.metres[chosen],
        )

    def to(self, chosen: npt.NDArray[np.bool_]) -> WalkMatrix:
        """Return the matrix with only the chosen destinations, in their order.

        Parameters
        ----------
        chosen
            Mask over ``destinations``, shape (m,).

        Returns
        -------
        WalkMatrix
            Same origins.
        """
        kept = self.keep(chosen[self.indices])
        place = (np.cumsum(chosen) - 1).astype(np.int32)
        names = set(self.destinations[chosen])
        return replace(
            kept,
            destinations=self.destinations[chosen],
            indices=place[kept.indices],
            unsnapped_destinations=tuple(name for name in self.unsnapped_destinations if name in names),
            island_destinations=tuple(name for name in self.island_destinations if name in names),
            moved_destinations=tuple(name for name in self.moved_destinations if name in names),
        )

    def with_destinations(self, extra: WalkMatrix) -> WalkMatrix:
        """Return the matrix with the destinations of ``extra`` appended.

        Parameters
        ----------
        extra
            Walks from the same origins, in the same order; those beyond ``limit_m`` are left out.

        Returns
        -------
        WalkMatrix
            Same origins and limit.

        Raises
        ------
        ValueError
            If the origins differ.
        """
        if not self.origins.equals(extra.origins):
            raise ValueError("the two matrices have different origins")
        near = extra.within(self.limit_m)
        # Both are sorted and the new destinations come last: insertion keeps the order without sorting.
        places = np.searchsorted(_order_key(self), _order_key(near), side="right")
        counts = np.diff(self.indptr) + np.diff(near.indptr)
        unsnapped = {*self.unsnapped_origins, *extra.unsnapped_origins}
        names = pd.Index(extra.destinations, dtype=self.destinations.dtype, name=self.destinations.name)
        return replace(
            self,
            destinations=self.destinations.append(names),
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            indices=np.insert(self.indices, places, near.indices + np.int32(len(self.destinations))),
            metres=np.insert(self.metres, places, near.metres),
            unsnapped_origins=tuple(origin for origin in self.origins if origin in unsnapped),
            unsnapped_destinations=(*self.unsnapped_destinations, *extra.unsnapped_destinations),
        )

    def within(self, limit_m: float) -> WalkMatrix:
        """Return the matrix with only the pairs no farther than a limit.

        Parameters
        ----------
        limit_m
            Longest walk to keep, metres.

        Returns
        -------
        WalkMatrix
            Its ``limit_m`` is the smaller of the two limits.
        """
        return replace(self.keep(self.metres <= limit_m), limit_m=min(limit_m, self.limit_m))

    def nearest(self, among: npt.NDArray[np.bool_] | None = None) -> pd.Series[float]:
        """Return the distance from each origin to its nearest destination.

        Parameters
        ----------
        among
            Mask over ``destinations``, shape (m,); default all.

        Returns
        -------
        pandas.Series
            Metres, indexed by origin; infinite where no destination is within the limit.
        """
        pairs = self if among is None else self.keep(among[self.indices])
        metres = np.full(len(self.origins), np.inf)
        some = np.diff(pairs.indptr) > 0
        metres[some] = pairs.metres[pairs.indptr[:-1][some]]
        return pd.Series(metres, index=self.origins, name="metres")

    def join(self, other: WalkMatrix) -> WalkMatrix:
        """Return the matrix with the destinations of ``other`` appended.

        Parameters
        ----------
        other
            Matrix with the same origins, limit and method, and with other destinations.

        Returns
        -------
        WalkMatrix
            Same origins; the ids of unsnapped, island and moved destinations of both.

        Raises
        ------
        ValueError
            If the origins, the limits, the methods or the detour factors differ, or if a destination is in
            both.
        """
        alike = self.origins.equals(other.origins) and self.method == other.method
        if not alike or self.limit_m != other.limit_m or self.detour_factor != other.detour_factor:
            raise ValueError("joined pairs must have the same origins, limit and method")
        if self.destinations.isin(other.destinations).any():
            raise ValueError("a destination is in both matrices")
        indptr, indices, metres = compress(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.indices, other.indices + len(self.destinations)]),
            np.concatenate([self.metres, other.metres]),
            rows=len(self.origins),
        )
        return replace(
            self,
            destinations=self.destinations.append(other.destinations),
            indptr=indptr,
            indices=indices,
            metres=metres,
            unsnapped_destinations=self.unsnapped_destinations + other.unsnapped_destinations,
            island_destinations=self.island_destinations + other.island_destinations,
            moved_destinations=self.moved_destinations + other.moved_destinations,
        )

    def with_pairs(
        self,
        rows: npt.NDArray[np.integer],
        columns: npt.NDArray[np.integer],
        metres: npt.NDArray[np.float32],
    ) -> WalkMatrix:
        """Return the matrix with further pairs, none of which may be stored yet.

        Parameters
        ----------
        rows, columns
            Positions of origin and destination, shape (k,).
        metres
            Walking distances, shape (k,).

        Returns
        -------
        WalkMatrix
            Same origins and destinations.
        """
        indptr, indices, walked = compress(
            np.concatenate([self.rows, rows]),
            np.concatenate([self.indices, columns]),
            np.concatenate([self.metres, metres]),
            rows=len(self.origins),
        )
        return replace(self, indptr=indptr, indices=indices, metres=walked)

    def to_frame(self) -> pd.DataFrame:
        """Return the stored pairs as a long frame.

        Returns
        -------
        pandas.DataFrame
            Columns ``origin``, ``destination``, ``metres``; one row per pair, nearest first for each origin.
        """
        return pd.DataFrame(
            {
                "origin": self.origins.to_numpy()[self.rows],
                "destination": self.destinations.to_numpy()[self.indices],
                "metres": self.metres,
            },
        )

    def to_csr(self) -> sparse.csr_array:
        """Return the distances as a SciPy array.

        Returns
        -------
        scipy.sparse.csr_array
            Metres, shape (n, m); zero distances are stored explicitly.
        """
        shape = (len(self.origins), len(self.destinations))
        return sparse.csr_array((self.metres, self.indices, self.indptr), shape=shape)


def _order_key(walks: WalkMatrix) -> npt.NDArray[np.int64]:
    """Return integer keys by origin and metres: the bits of non-negative floats sort as the floats do."""
    return (walks.rows << 32) | walks.metres.astype(np.float32).view(np.int32)
